"""Who is watched: the first of a board at its last closings. What a closing showed was kept as a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from laurel.alerts.facts import Closings
from laurel.model.account import Store
from laurel.model.alert import MOST_WATCHED, Watch
from laurel.model.period import PeriodKind
from laurel.model.ranking import Metric
from laurel.model.snapshot import FIRST, Snapshot

CLOSINGS = {PeriodKind.WEEK: 13, PeriodKind.MONTH: 6, PeriodKind.QUARTER: 4, PeriodKind.YEAR: 2}
"""Whoever was among the first at one of so many closings is watched: who stays away is on none after a while."""


class Boards(Protocol):
    """Reads snapshots of boards."""

    def closed(self, store: Store, period: str, *, verified: bool = True) -> Snapshot | None: ...
    def latest(self, store: Store, period: str) -> Snapshot | None: ...


@dataclass(frozen=True, slots=True)
class WatchedBoard:
    """A board as it was at its last closings, the last one first, and as it is.

    ``snapshots`` are by period, None for a closing that was not kept. ``running`` is None while the period is young.
    """

    metric: Metric
    closed_at: datetime
    snapshots: Sequence[tuple[str, Snapshot | None]]
    running: Snapshot | None

    def customers(self, first: int) -> list[str]:
        """Who was among the first so many at any closing, best first: as many as are watched at most."""
        best: dict[str, int] = {}
        for _, snapshot in self.snapshots:
            for row in snapshot.ranked(self.metric) if snapshot else ():
                if row.rank > first:
                    break
                customer = row.standing.customer
                best[customer] = min(best.get(customer, row.rank), row.rank)
        return sorted(best, key=lambda it: (best[it], it))[:MOST_WATCHED]

    def closings(self, customer: str) -> Closings | None:
        """A customer's ranks at the last two closings; None unless both were kept."""
        (period, last), (period_before, earlier) = self.snapshots[:2]
        if last is None or earlier is None:
            return None
        return Closings(
            metric=self.metric,
            period_before=period_before,
            period=period,
            closed_at=self.closed_at,
            rank_before=earlier.rank_of(customer, self.metric),
            rank=last.rank_of(customer, self.metric),
            unlisted=min(last.size(self.metric), FIRST) + 1,
            size=earlier.size(self.metric),
            rank_now=self.running.rank_of(customer, self.metric) if self.running else None,
        )


def watched_board(boards: Boards, store: Store, watch: Watch, now: datetime) -> WatchedBoard:
    """The board that is watched in a store."""
    present = past = store.calendar.running(watch.period, now)
    snapshots = []
    for _ in range(CLOSINGS[watch.period]):
        past = store.calendar.previous(past)
        snapshots.append((past.id, boards.closed(store, past.id, verified=False)))
    latest = boards.latest(store, present.id) if present.is_half_over(now) else None
    return WatchedBoard(watch.metric, present.bounds[0], snapshots, latest)
