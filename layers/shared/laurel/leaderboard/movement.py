"""Movement: how the ranks of a board compare with those of an earlier snapshot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from laurel.model.account import Store
from laurel.model.correction import instant_of
from laurel.model.errors import SnapshotTampered
from laurel.model.period import ALL, Period
from laurel.model.ranking import Figures, Metric, Ranked, least_purchases
from laurel.model.snapshot import Snapshot

SETTLED = timedelta(hours=24)
"""How old the snapshot is that a running board is compared with."""


class MovementKind(StrEnum):
    """Where a customer comes from.

    ``new``: the first purchase ever is within the period. ``back``: bought before, and was not on the board.
    """

    UP = "up"
    DOWN = "down"
    SAME = "same"
    NEW = "new"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Movement:
    """Without a ``previous_rank`` a customer who moved up was on the board, beyond the ranks that a snapshot lists."""

    kind: MovementKind
    previous_rank: int | None = None
    by: int | None = None


class SnapshotShelf(Protocol):
    """Finds snapshots; ``before`` the last one of a running period that is no younger than an instant."""

    def closed(self, store: Store, period: str, *, verified: bool = True) -> Snapshot | None: ...
    def latest(self, store: Store, period: str) -> Snapshot | None: ...
    def before(self, store: Store, period: str, instant: datetime) -> Snapshot | None: ...


@dataclass(frozen=True, slots=True)
class ReadableSnapshots:
    """Snapshots of which one that was tampered with is told, and counts as none.

    For what cannot be shown without them, that is if they are ``needed``, it is raised as well.
    """

    shelf: SnapshotShelf
    tell: Callable[[SnapshotTampered], None]
    needed: bool = False

    def closed(self, store: Store, period: str, *, verified: bool = True) -> Snapshot | None:
        """As of the shelf."""
        return self._readable(lambda: self.shelf.closed(store, period, verified=verified))

    def latest(self, store: Store, period: str) -> Snapshot | None:
        """As of the shelf."""
        return self._readable(lambda: self.shelf.latest(store, period))

    def before(self, store: Store, period: str, instant: datetime) -> Snapshot | None:
        """As of the shelf."""
        return self._readable(lambda: self.shelf.before(store, period, instant))

    def _readable(self, read: Callable[[], Snapshot | None]) -> Snapshot | None:
        try:
            return read()
        except SnapshotTampered as error:
            self.tell(error)
            if self.needed:
                raise
            return None


class RowReader(Protocol):
    """Reads figures by (period, customer); those without purchases are left out."""

    def figures_at(self, store: Store, wanted: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], Figures]: ...


def is_over(period: Period, now: datetime) -> bool:
    """True for a period that has ended."""
    return period.end is not None and period.end <= now


def baseline(snapshots: SnapshotShelf, store: Store, period: Period, now: datetime) -> Snapshot | None:
    """What a board is compared with.

    A running one with itself a day ago or, if it is not as old, with the closing one of the period before; a closed one
    with the closing one of the period before.
    """
    earlier = None if is_over(period, now) else snapshots.before(store, period.id, now - SETTLED)
    if earlier or period.start is None:
        return earlier
    return snapshots.closed(store, store.calendar.previous(period).id, verified=False)


def movements(
    rows: RowReader, store: Store, period: Period, metric: Metric, board: Sequence[Ranked], since: Snapshot
) -> dict[str, Movement]:
    """Movement of each customer on a board since a snapshot of it, or of the one of the period before."""
    found: dict[str, Movement] = {}
    unlisted: list[Ranked] = []
    for row in board:
        before = since.rank_of(row.standing.customer, metric)
        if before is None:
            unlisted.append(row)
        else:
            found[row.standing.customer] = moved(before, row.rank)
    return found | _unlisted(rows, store, period, metric, unlisted, since)


def moved(before: int, after: int) -> Movement:
    """Movement between two ranks."""
    if after == before:
        return Movement(MovementKind.SAME, before, 0)
    return Movement(MovementKind.UP if after < before else MovementKind.DOWN, before, abs(after - before))


def _unlisted(
    rows: RowReader, store: Store, period: Period, metric: Metric, board: Sequence[Ranked], since: Snapshot
) -> dict[str, Movement]:
    """Movement of who was not among the first 1,000."""
    customers = [row.standing.customer for row in board]
    elsewhere = not since.lists_all(metric) and since.period != period.id
    wanted = [(ALL, customer) for customer in customers if period.id != ALL]
    wanted += [(since.period, customer) for customer in customers if elsewhere]
    figures = rows.figures_at(store, wanted) if wanted else {}
    found: dict[str, Movement] = {}
    for row in board:
        customer, now = row.standing.customer, row.standing.figures
        if _was_beyond(now, figures.get((since.period, customer)), store, period, metric, since):
            found[customer] = Movement(MovementKind.UP)
        else:
            ever = now if period.id == ALL else figures.get((ALL, customer), now)
            first = ever.orders_count <= now.orders_count
            found[customer] = Movement(MovementKind.NEW if first else MovementKind.BACK)
    return found


def _was_beyond(
    now: Figures, then: Figures | None, store: Store, period: Period, metric: Metric, since: Snapshot
) -> bool:
    """True for who was on the board, beyond the first 1,000.

    Of a period before, the figures in it tell. Of the same period it is so unless the last purchase was the one that
    brought the customer onto the board.
    """
    if since.lists_all(metric):
        return False
    least = least_purchases(metric, store.minimum_purchases)
    if since.period != period.id:
        return then is not None and then.orders_count >= least
    bought_since = instant_of(now.last_order_at) >= since.taken_at
    return now.orders_count - bought_since >= least
