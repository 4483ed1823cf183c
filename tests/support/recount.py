"""The rules of the numbers once more, in the plainest way: a shop's orders as they stand, counted one by one.

Shares nothing with the product but the words: periods come from the standard library's calendar, averages are
fractions.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

Revision = tuple[int, int, int, int]
DELETED = 7
_LIFECYCLE = ("unknown", "pending", "authorized", "partially_paid", "paid", "voided", "cancelled", "deleted")
METRICS = ("orders_count", "total_spent", "average_order_value")


@dataclass(frozen=True)
class Version:
    """An order as the shop described it once. Money in minor units, times in epoch seconds."""

    id: str
    updated_at: int
    placed_at: int
    total: int
    currency: str
    state: str
    test: bool
    refunds: tuple[tuple[str, int], ...]
    email: str | None
    customer_id: str | None

    @property
    def revision(self) -> Revision:
        return (self.updated_at * 1000, 0, _LIFECYCLE.index(self.state), sum(dict(self.refunds).values()))

    @property
    def customer(self) -> str:
        if self.email:
            return hashlib.sha256(self.email.encode()).hexdigest()[:32]
        return f"customer-{self.customer_id}" if self.customer_id else f"unidentified-{self.id}"


@dataclass
class _Order:
    version: Version | None = None
    revision: Revision = (-1, 0, 0, 0)
    deleted: bool = False
    notices: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Purchase:
    """A paid order. ``counts`` is what it comes to in the shop's currency, None if it is in another without a rate."""

    order: str
    customer: str
    placed_at: int
    spent: int
    currency: str
    counts: int | None

    @property
    def is_identified(self) -> bool:
        return not self.customer.startswith("unidentified-")


@dataclass(frozen=True)
class Row:
    """A customer in a period."""

    orders_count: int
    total_spent: int
    last_order_at: int

    def value(self, metric: str) -> Fraction:
        if metric == "average_order_value":
            return Fraction(self.total_spent, self.orders_count)
        return Fraction(self.orders_count if metric == "orders_count" else self.total_spent)


@dataclass
class Shop:
    """Hears the same facts as Laurel, one after the other.

    ``rates`` are of major units, by currency and month; all currencies have two decimals.
    """

    currency: str
    time_zone: str
    minimum_purchases: int
    orders: dict[str, _Order] = field(default_factory=lambda: defaultdict(_Order))
    first_day_of_week: int = 1
    rates: dict[tuple[str, str], Fraction] = field(default_factory=dict)

    def describe(self, version: Version) -> None:
        order = self.orders[version.id]
        same = order.version == version and not order.deleted
        if version.revision > order.revision or (version.revision == order.revision and not same):
            order.version, order.revision, order.deleted = version, version.revision, False

    def refund(self, order_id: str, refund_id: str, amount: int) -> None:
        self.orders[order_id].notices[refund_id] = amount

    def delete(self, order_id: str, at: int | None) -> None:
        order = self.orders[order_id]
        if at is None:
            if not order.deleted:
                updated, triggered, _, refunded = order.revision if order.revision[0] >= 0 else (0, 0, 0, 0)
                order.revision, order.deleted = (updated, triggered + 1, DELETED, refunded), True
        elif (revision := (at * 1000, at * 1000, DELETED, 0)) > order.revision:
            order.revision, order.deleted = revision, True

    def purchases(self) -> Iterator[Purchase]:
        """Every paid order, in whatever currency and by whomever."""
        for id_, order in self.orders.items():
            version = order.version
            if version is None or order.deleted or version.test or version.state != "paid":
                continue
            refunded = sum({**order.notices, **dict(version.refunds)}.values())
            if refunded and refunded >= version.total:
                continue
            spent = version.total - refunded
            counts = self._counts(spent, version)
            yield Purchase(id_, version.customer, version.placed_at, spent, version.currency, counts)

    def _counts(self, spent: int, version: Version) -> int | None:
        if version.currency == self.currency:
            return spent
        rate = self.rates.get((version.currency, f"{self._day(version.placed_at):%Y-%m}"))
        return None if rate is None else int(spent * rate + Fraction(1, 2))

    def rows(self, left_out: Collection[str] = ()) -> dict[tuple[str, str], Row]:
        """Figures by (period, customer), customers left out apart."""
        counted: dict[tuple[str, str], list[Purchase]] = defaultdict(list)
        for purchase in self.purchases():
            if purchase.counts is not None and purchase.is_identified and purchase.customer not in left_out:
                for period in self.periods(purchase.placed_at):
                    counted[period, purchase.customer].append(purchase)
        return {
            place: Row(len(them), sum(it.counts or 0 for it in them), max(it.placed_at for it in them))
            for place, them in counted.items()
        }

    def board(self, rows: Mapping[tuple[str, str], Row], period: str, metric: str) -> list[tuple[int, str]]:
        """Ranks and customers, ties by most recent order, then customer."""
        least = self.minimum_purchases if metric == "average_order_value" else 1
        shown = {it: row for (of, it), row in rows.items() if of == period and row.orders_count >= least}
        ranked = [
            (1 + sum(other.value(metric) > row.value(metric) for other in shown.values()), -row.last_order_at, customer)
            for customer, row in shown.items()
        ]
        return [(rank, customer) for rank, _, customer in sorted(ranked)]

    def set_aside(self, reason: str) -> dict[str, tuple[str, str, int]]:
        """Orders in another currency (``unconverted``) or of nobody known, as customer, currency and spent by order."""
        return {
            it.order: (it.customer, it.currency, it.spent)
            for it in self.purchases()
            if (it.counts is None if reason == "unconverted" else it.counts is not None and not it.is_identified)
        }

    def periods(self, instant: int) -> tuple[str, ...]:
        day = self._day(instant)
        fourth = day + timedelta(days=3 - (day.isoweekday() - self.first_day_of_week) % 7)
        week = 1 + (fourth - date(fourth.year, 1, 1)).days // 7
        quarter = {1: 1, 2: 1, 3: 1, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3, 10: 4, 11: 4, 12: 4}[day.month]
        return (f"{fourth.year}-W{week:02}", f"{day:%Y-%m}", f"{day.year}-Q{quarter}", f"{day.year}", "all")

    def _day(self, instant: int) -> date:
        return datetime.fromtimestamp(instant, ZoneInfo(self.time_zone)).date()
