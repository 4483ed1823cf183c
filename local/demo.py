"""A year of plausible orders for the demo store, the same for the same seed and end.

Few customers buy often and many once (purchases follow Zipf's law, roughly), December and the days after the middle of
November are busy, Sundays and evenings busier than Mondays and mornings. Some orders are refunded, some cancelled, a
few are of guests without an address, and the youngest are still waiting for their payment. Addresses are of domains
that are reserved for examples.
"""

import bisect
import itertools
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.demo_people import PLACES, Person, people

type Order = dict[str, Any]
"""An order in the shape of ``POST /stores/{store}/orders``."""

CURRENCY = "EUR"
TIME_ZONE = "Europe/Berlin"
ORDERS = 2_500
CUSTOMERS = 400
DAYS = 365
FIRST_NUMBER = 10_001

SKEW = 0.9
HEAD = 12
"""Zipf's law: customer n buys in proportion to 1 / (n + HEAD)^SKEW. Without a HEAD the first would buy every day."""
MONTHS = (0.85, 0.8, 0.9, 0.9, 1.0, 0.9, 0.8, 0.8, 0.95, 1.05, 1.4, 1.9)
WEEKDAYS = (0.95, 0.9, 0.95, 1.0, 1.05, 1.1, 1.25)
HOURS = (3, 1, 1, 1, 1, 2, 4, 7, 9, 11, 12, 12, 13, 12, 11, 11, 12, 13, 15, 18, 20, 18, 12, 7)
SALE_WEEK = (20, 30)
"""Days of November on which everything is cheaper."""
ENDINGS = (0, 50, 90, 95, 99)
"""Cents that prices end with."""

GUESTS = 0.03
WITHOUT_ADDRESS = 0.02
TESTS = 0.004
SETTLING = timedelta(days=3)
"""How long a payment may take."""
WAITING = {"paid": 85.0, "pending": 12.0, "authorized": 3.0}
"""Shares of what the youngest orders are."""
FATES = {"paid": 90.5, "partially_refunded": 4.5, "cancelled": 2.5, "refunded": 2.0, "voided": 0.5}
"""Shares of what becomes of orders."""
PARTS_RETURNED = (0.2, 0.25, 0.5)


@dataclass(frozen=True, slots=True)
class Customer:
    """One who buys, with the basket that is usual for them and how often they buy."""

    id: str
    person: Person
    basket: float
    weight: float
    since: datetime


def orders(seed: int, until: datetime) -> list[Order]:
    """All orders of the year before ``until``, oldest first, each as it stands at ``until``."""
    chance = random.Random(seed)  # noqa: S311 - no secret depends on it
    customers = _customers(chance, until)
    weights = list(itertools.accumulate(customer.weight for customer in customers))
    made = []
    for number, placed_at in enumerate(_times(chance, until), FIRST_NUMBER):
        customer = customers[bisect.bisect(weights, chance.random() * weights[-1])]
        made.append(_order(chance, number, customer, placed_at, until))
    return made


def purchases(made: Sequence[Order]) -> Counter[str]:
    """How many purchases each e-mail address has: paid orders that were not given back in full."""
    return Counter(
        order["customer"]["email"]
        for order in made
        if order["customer"].get("email") and not order["test"] and _counts(order)
    )


def batches(made: Sequence[Order], size: int) -> Iterator[Sequence[Order]]:
    """The orders in pieces of ``size``."""
    return itertools.batched(made, size, strict=False)


def _counts(order: Order) -> bool:
    return order["status"] in {"paid", "partially_refunded"} and order["refunded"] != order["total"]


def _customers(chance: random.Random, until: datetime) -> list[Customer]:
    made = []
    for rank, person in enumerate(people(chance, CUSTOMERS), 1):
        since = until - timedelta(days=chance.uniform(1, 3 * DAYS))
        basket = chance.lognormvariate(3.9, 0.45)
        made.append(Customer(f"C-{1000 + rank}", person, basket, (rank + HEAD) ** -SKEW, since))
    return made


def _times(chance: random.Random, until: datetime) -> list[datetime]:
    """When orders are placed, up to ``until``, in UTC."""
    days = [until - timedelta(days=back) for back in range(DAYS)]
    busy = [MONTHS[day.month - 1] * WEEKDAYS[day.weekday()] * (1.6 if _in_sale(day) else 1.0) for day in days]
    times: list[datetime] = []
    while len(times) < ORDERS:
        (day,) = chance.choices(days, busy)
        (hour,) = chance.choices(range(24), HOURS)
        at = day.replace(hour=hour, minute=chance.randrange(60), second=chance.randrange(60), microsecond=0)
        if at < until:
            times.append(at)
    return sorted(times)


def _in_sale(day: datetime) -> bool:
    return (day.month, SALE_WEEK[0] <= day.day <= SALE_WEEK[1]) == (11, True)


def _order(chance: random.Random, number: int, customer: Customer, placed_at: datetime, until: datetime) -> Order:
    euros = max(5, round(customer.basket * chance.lognormvariate(0, 0.35) * (0.85 if _in_sale(placed_at) else 1)))
    cents = euros * 100 + chance.choice(ENDINGS)
    status, refunded, updated_at = _fate(chance, cents, placed_at, until)
    return {
        "id": f"demo-{number}",
        "number": f"#{number}",
        "placed_at": _text(placed_at),
        "updated_at": _text(updated_at),
        "status": status,
        "currency": CURRENCY,
        "total": _money(cents),
        "refunded": _money(refunded),
        "test": chance.random() < TESTS,
        "customer": _buyer(chance, customer),
    }


def _fate(chance: random.Random, cents: int, placed_at: datetime, until: datetime) -> tuple[str, int, datetime]:
    """What became of an order by ``until``: its status, the cents given back, and when it last changed."""
    waiting, status = _pick(chance, WAITING), _pick(chance, FATES)
    returned = round(cents * chance.choice(PARTS_RETURNED))
    changed_at = placed_at + timedelta(days=chance.uniform(0.1, 20))
    if until - placed_at < SETTLING and waiting != "paid":
        return waiting, 0, placed_at
    if changed_at > until or status == "paid":
        return "paid", 0, min(placed_at + timedelta(minutes=chance.uniform(0, 3)), until)
    return status, {"partially_refunded": returned, "voided": 0}.get(status, cents), changed_at


def _pick(chance: random.Random, shares: dict[str, float]) -> str:
    (picked,) = chance.choices(list(shares), list(shares.values()))
    return picked


def _buyer(chance: random.Random, customer: Customer) -> dict[str, Any]:
    person = customer.person
    known: dict[str, Any] = {"first_name": person.first_name, "last_name": person.last_name}
    roll = chance.random()
    if roll < GUESTS:
        return {}
    if roll < GUESTS + WITHOUT_ADDRESS:
        return {"id": customer.id, **known}
    consent = {"status": person.consent, "at": _text(customer.since)}
    locale = PLACES[person.place].locale
    return {"id": customer.id, "email": person.email, **known, "locale": locale, "consent": consent}


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
