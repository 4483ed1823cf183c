"""What one further order costs for customers with very many orders, beside an ordinary one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from benchmarks.place import Place, ledger_item, paid_order
from laurel.model.account import HOUSE_ACCOUNT_ORDERS
from laurel.model.identity import contact_id
from laurel.model.order import Buyer, Order, OrderChange
from laurel.model.ranking import Metric
from laurel.store.ledger_items import decode_order

ORDINARY = 5
_ROUNDS = 5
SIZES = (ORDINARY, 1_000, HOUSE_ACCOUNT_ORDERS - 1 - _ROUNDS, 50_000)
_NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Further:
    """Units and CPU time of one further order's projection, as a ratio to the ordinary customer's."""

    orders: int
    state: str
    reads: float
    writes: float
    seconds: float
    ratio: float
    ranked: bool


def measure(place: Place, sizes: tuple[int, ...] = SIZES) -> Iterator[Further]:
    """Further orders of each customer, one of each in turn, so that all see the same machine."""
    for size in sizes:
        place.put(place.tables.ledger, (ledger_item(place.store, _order(size, number)) for number in range(size)))
    crowd = [_Customer(place, size) for size in sizes]
    firsts = [customer.further() for customer in crowd]
    rounds = [[customer.further() for customer in crowd] for _ in range(_ROUNDS)]
    ordinary = median(round_[0].seconds for round_ in rounds)
    for customer, first, *later in zip(crowd, firsts, *rounds, strict=True):
        if customer.over_limit:
            yield customer.summed("set aside by this order", [first], ordinary)
        yield customer.summed("set aside before" if customer.over_limit else "ranked", later, ordinary)


@dataclass(frozen=True, slots=True)
class _Once:
    orders: int
    reads: float
    writes: float
    seconds: float


class _Customer:
    def __init__(self, place: Place, size: int) -> None:
        self._place = place
        self._size = size
        self._made = size
        self._ref = place.ref(contact_id(_email(size)))
        self._projector = place.projector()

    @property
    def over_limit(self) -> bool:
        return self._size > HOUSE_ACCOUNT_ORDERS

    def further(self) -> _Once:
        """Record an order and project it."""
        order = _order(self._size, self._made)
        self._place.ledger.record_order(self._place.store, order, None)
        self._made += 1
        change = OrderChange(None, decode_order(ledger_item(self._place.store, order)))
        with self._place.meter.uses() as uses:
            start = time.process_time()
            self._projector.project(self._ref, [change], _NOW)
            seconds = time.process_time() - start
        return _Once(self._made, sum(use.reads for use in uses), sum(use.writes for use in uses), seconds)

    def summed(self, state: str, times: list[_Once], ordinary: float) -> Further:
        """Medians, and whether the all-time board shows the customer."""
        found = self._place.rankings.standing(self._place.store, "all", self._ref.customer)
        seconds = median(once.seconds for once in times)
        return Further(
            times[-1].orders,
            state,
            median(once.reads for once in times),
            median(once.writes for once in times),
            seconds,
            seconds / ordinary,
            found is not None and Metric.TOTAL_SPENT in found[1],
        )


def _email(size: int) -> str:
    return f"customer.of.{size}.orders@mail.example.com"


def _order(size: int, number: int) -> Order:
    """Order ``number`` of the customer who has ``size``: two years of them, and further ones a second apart."""
    minutes = 2 * 365 * 24 * 60
    before = timedelta(minutes=minutes / size * (size - number)) if number < size else timedelta(seconds=size - number)
    placed_at = _NOW - before
    buyer = Buyer(str(size), _email(size), "Francesca Lindqvist")
    return paid_order(f"{size}-{number:06d}", number, buyer, placed_at)
