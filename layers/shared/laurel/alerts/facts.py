"""What is known of one customer on a day on which their loyalty is looked at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from laurel.model.account import Store
from laurel.model.alert import Reason
from laurel.model.order import LedgerOrder, OrderState
from laurel.model.period import Calendar
from laurel.model.ranking import Metric

_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order that was paid: what was not sent back of it, in minor units of the store's currency.

    ``day`` is the store's.
    """

    at: datetime
    spent: int
    day: date


@dataclass(frozen=True, slots=True)
class Closings:
    """A customer's rank at the last two closings of the watched board, the later of which was ``closed_at``.

    ``unlisted`` is the best rank that somebody may have who is not listed, ``size`` how many customers the board had
    at the closing before. ``rank_now`` is the rank on the running board, if that is old enough to say anything.
    """

    metric: Metric
    period_before: str
    period: str
    closed_at: datetime
    rank_before: int | None
    rank: int | None
    unlisted: int
    size: int
    rank_now: int | None = None


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """One change of the contact's score, None for no score. ``seq`` puts changes in order."""

    at: datetime
    seq: int
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """A customer of a store: purchases, oldest first, and what else is known of them.

    ``changes`` are those of the score in the last days, in their order, ``score`` is what it is now.
    """

    calendar: Calendar
    purchases: Sequence[Purchase]
    closings: Closings | None = None
    score: int | None = None
    changes: Sequence[ScoreChange] = ()

    def spent(self, since: datetime, until: datetime) -> int:
        """What was spent from one instant until before another."""
        first = bisect_left(self.purchases, since, key=lambda it: it.at)
        last = bisect_left(self.purchases, until, key=lambda it: it.at)
        return sum(it.spent for it in self.purchases[first:last])

    def carts(self, since: datetime, until: datetime) -> list[int]:
        """What was spent on each day with purchases, from one instant until before another, and not sent back."""
        carts = dict[date, int]()
        for it in self.purchases:
            if since <= it.at < until and it.spent:
                carts[it.day] = carts.get(it.day, 0) + it.spent
        return list(carts.values())

    def days(self, now: datetime) -> list[date]:
        """The store's days with purchases up to ``now``, oldest first, each once."""
        return sorted({it.day for it in self.purchases if it.at <= now})

    def worth(self, now: datetime) -> int:
        """What was spent in the year before."""
        return self.spent(now - _YEAR, now)


@dataclass(frozen=True, slots=True)
class Fall:
    """Loyalty that was lost, why, and since when."""

    reason: Reason
    fell_at: datetime


def purchases_of(store: Store, orders: Iterable[LedgerOrder]) -> list[Purchase]:
    """The paid orders among a customer's, oldest first; what was sent back as a whole shows that they were there."""
    found: list[Purchase] = []
    for order in orders:
        counts = order.currency == store.currency or order.rate is not None
        if order.placed_at is not None and order.is_live and order.state is OrderState.PAID and counts:
            at = datetime.fromtimestamp(order.placed_at, UTC)
            found.append(Purchase(at, order.spent_in(store.currency), store.calendar.day_of(at)))
    return sorted(found, key=lambda it: it.at)
