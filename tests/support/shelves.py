"""Rows and snapshots of a store in memory, for what is told from both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from laurel.leaderboard.snapshot import take
from laurel.model.ranking import Figures, Metric, Standing
from laurel.model.snapshot import Snapshot
from tests.support.fakes import FakeBoards, FakePage
from tests.support.samples import a_store

if TYPE_CHECKING:
    from laurel.model.account import Store

SHOP = a_store()
type Rows = Mapping[str, Figures]


@dataclass(slots=True)
class Shelf:
    """Snapshots by period: closing ones, and those of running periods, oldest first."""

    closing: dict[str, Snapshot] = field(default_factory=dict)
    running: dict[str, list[Snapshot]] = field(default_factory=dict)

    def close(self, period: str, rows: Rows, at: datetime, store: Store = SHOP) -> Snapshot:
        """Take the closing snapshot of a period."""
        self.closing[period] = take(store, period, rows.items(), at, at, closed=True)
        return self.closing[period]

    def take(self, period: str, rows: Rows, at: datetime, store: Store = SHOP) -> Snapshot:
        """Take a snapshot of a running period."""
        snapshot = take(store, period, rows.items(), at, at - timedelta(minutes=5), closed=False)
        self.running.setdefault(period, []).append(snapshot)
        return snapshot

    def closed(self, store: Store, period: str, *, verified: bool = True) -> Snapshot | None:
        del store, verified
        return self.closing.get(period)

    def latest(self, store: Store, period: str) -> Snapshot | None:
        return self.closed(store, period) or next(reversed(self.running.get(period, [])), None)

    def before(self, store: Store, period: str, instant: datetime) -> Snapshot | None:
        del store
        return next((it for it in reversed(self.running.get(period, [])) if it.hour <= instant), None)


class Boards(FakeBoards):
    """Boards of several periods, with the names of those in ``named``."""

    def __init__(self, rows: Mapping[str, Rows], named: Collection[str] = (), minimum_purchases: int = 1) -> None:
        super().__init__("", ())
        self.rows = rows
        self.named = named
        self.minimum_purchases = minimum_purchases
        self.asked: list[tuple[str, str]] = []

    def top_customers(
        self, store: Store, period: str, metric: Metric, limit: int, after: dict[str, str] | None = None
    ) -> FakePage:
        self._turn_to(period, metric)
        return super().top_customers(store, period, metric, limit, after)

    def count(
        self,
        store: Store,
        period: str,
        metric: Metric,
        above: int,
        up_to: int | None = None,
        at_most: int | None = None,
    ) -> int:
        self._turn_to(period, metric)
        return super().count(store, period, metric, above, up_to, at_most)

    def standing(self, store: Store, period: str, customer: str) -> tuple[Standing, frozenset[Metric]] | None:
        del store
        if (figures := self.rows.get(period, {}).get(customer)) is None:
            return None
        shown = set(Metric)
        if figures.orders_count < self.minimum_purchases:
            shown.discard(Metric.AVERAGE_ORDER_VALUE)
        return self._standing(customer, figures), frozenset(shown)

    def figures_at(self, store: Store, wanted: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], Figures]:
        del store
        self.asked += wanted
        return {at: found for at in wanted if (found := self.rows.get(at[0], {}).get(at[1]))}

    def names_of(self, store: Store, customers: Collection[str]) -> Mapping[str, tuple[str | None, str | None]]:
        del store
        return {it: (it.upper(), f"{it}@example.com") for it in customers if it in self.named}

    def _turn_to(self, period: str, metric: Metric) -> None:
        least = self.minimum_purchases if metric is Metric.AVERAGE_ORDER_VALUE else 1
        self.period = period
        self.standings = {
            customer: self._standing(customer, figures)
            for customer, figures in self.rows.get(period, {}).items()
            if figures.orders_count >= least
        }

    def _standing(self, customer: str, figures: Figures) -> Standing:
        name, email = self.names_of(SHOP, [customer]).get(customer, (None, None))
        return Standing(customer, figures, name, email)


def spending(
    amounts: Mapping[str, int] | Iterable[tuple[str, int]], orders: int = 1, last: int = 0
) -> dict[str, Figures]:
    """Rows of who spent what."""
    return {customer: Figures(orders, amount, last) for customer, amount in dict(amounts).items()}
