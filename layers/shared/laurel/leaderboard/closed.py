"""Boards as they were closed, and what has changed of them since."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from laurel.leaderboard.board import Boards, read_board
from laurel.leaderboard.effects import CorrectionHistory, FiguresDifference, corrections, known_difference, left_over
from laurel.leaderboard.movement import RowReader, SnapshotShelf
from laurel.model.account import Store
from laurel.model.correction import OrderEffect
from laurel.model.errors import InvalidCursor, NoClosingSnapshot
from laurel.model.period import Period
from laurel.model.ranking import Figures, Metric, Ranked, Standing, least_purchases
from laurel.model.snapshot import FIRST, Snapshot

_CURSOR = ("metric", "period", "offset")


class Names(Protocol):
    """Name and address of customers, as they are now; those without purchases are left out."""

    def names_of(self, store: Store, customers: Collection[str]) -> Mapping[str, tuple[str | None, str | None]]: ...


class BoardRows(RowReader, Boards, Names, Protocol):
    """All that is read of rows."""


@dataclass(frozen=True, slots=True)
class ClosedPage:
    """A page of a board as it was closed, with names as they are now."""

    snapshot: Snapshot
    rows: list[Ranked]
    next_cursor: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Stand:
    """A customer's rank and figures at a time; None is what is not known, or what there is none of."""

    rank: int | None
    figures: Figures | None


@dataclass(frozen=True, slots=True)
class BoardChange:
    """A customer whose rank or figures changed after the close.

    ``own`` tells that the figures did. Of who was not among the first 1,000 then it is told by the value, which is
    better now than any could have been that was not listed.
    """

    customer: str
    then: Stand
    now: Stand
    own: bool

    @property
    def position(self) -> tuple[int, int, str]:
        """Sorts changes: those of the customer's own figures first, then by the better of the two ranks."""
        return not self.own, min(rank for rank in (self.then.rank, self.now.rank) if rank), self.customer


@dataclass(frozen=True, slots=True)
class ExplainedChange:
    """A change with the late orders and refunds that made it, and what they leave unexplained."""

    change: BoardChange
    name: str | None
    email: str | None
    effects: list[OrderEffect]
    unlisted: FiguresDifference | None


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """A page of what changed after the close."""

    snapshot: Snapshot
    changes: list[ExplainedChange]
    next_position: dict[str, str] | None


def closing_snapshot(snapshots: SnapshotShelf, store: Store, period: Period) -> Snapshot:
    """The verified snapshot of a period's close. Raises ``NoClosingSnapshot`` or ``SnapshotTampered``."""
    if snapshot := snapshots.closed(store, period.id):
        return snapshot
    raise NoClosingSnapshot(period.id)


def read_closed(
    snapshots: SnapshotShelf,
    names: Names,
    store: Store,
    period: Period,
    metric: Metric,
    limit: int,
    cursor: Mapping[str, str] | None = None,
) -> ClosedPage:
    """A page of a board as it was closed. Raises as ``closing_snapshot``; ``InvalidCursor`` for another board's."""
    offset = 0
    if cursor:
        if set(cursor) != set(_CURSOR) or cursor["metric"] != metric.value:
            raise InvalidCursor
        first = store.calendar.period(cursor["period"])
        if first.kind is not period.kind:
            raise InvalidCursor
        period, offset = first, int(cursor["offset"])
    snapshot = closing_snapshot(snapshots, store, period)
    board = snapshot.ranked(metric)
    page = board[offset : offset + limit]
    known = names.names_of(store, [row.standing.customer for row in page])
    rows = [Ranked(row.rank, _named(row.standing, known)) for row in page]
    end = offset + limit
    position = dict(zip(_CURSOR, (metric.value, period.id, str(end)), strict=True)) if end < len(board) else None
    return ClosedPage(snapshot, rows, position)


def read_changes(
    rows: BoardRows,
    history: CorrectionHistory,
    snapshots: SnapshotShelf,
    store: Store,
    period: Period,
    metric: Metric,
    limit: int,
    after: Mapping[str, str] | None = None,
) -> ChangesPage:
    """A page of what differs between a board as closed and as of now, within the first 1,000 of either.

    Raises as ``closing_snapshot``.
    """
    snapshot = closing_snapshot(snapshots, store, period)
    board = read_board(rows, store, period, metric, FIRST).rows
    found = sorted(_changes(rows, store, period, metric, snapshot, board), key=lambda change: change.position)
    if after:
        last = int(after["others"]), int(after["rank"]), after["customer"]
        found = [change for change in found if change.position > last]
    page = found[:limit]
    names = rows.names_of(store, [change.customer for change in page])
    explained = [_explained(history, store, period, snapshot, change, names) for change in page]
    position = None
    if len(found) > limit:
        others, rank, customer = page[-1].position
        position = {"others": str(int(others)), "rank": str(rank), "customer": customer}
    return ChangesPage(snapshot, explained, position)


def _changes(
    rows: RowReader, store: Store, period: Period, metric: Metric, snapshot: Snapshot, board: list[Ranked]
) -> list[BoardChange]:
    listed = snapshot.ranked(metric)
    past_last, present_last = (_last(ranked, metric, store) for ranked in (listed, board))
    then = {row.standing.customer: Stand(row.rank, row.standing.figures) for row in listed}
    now = {row.standing.customer: Stand(row.rank, row.standing.figures) for row in board}
    gone = [(period.id, customer) for customer in then if customer not in now]
    figures = rows.figures_at(store, gone) if gone else {}
    now |= {customer: present_last.stand(figures.get((period.id, customer)), metric) for _, customer in gone}
    found: list[BoardChange] = []
    for customer, present in now.items():
        past = then.get(customer) or past_last.stand(snapshot.figures_of(customer), metric)
        if past.figures:
            own = past.figures != present.figures
        elif snapshot.lists_all(metric):
            own = True
        else:
            own = present.figures is not None and present.figures.value(metric) > past_last.value
            past = past if own else Stand(past_last.stand(present.figures, metric).rank, None)
        if own or past.rank != present.rank:
            found.append(BoardChange(customer, past, present, own))
    return found


@dataclass(frozen=True, slots=True)
class _Last:
    """The last rank of those listed: who has its value has it, too, whether listed or not."""

    rank: int | None
    value: int
    least: int

    def stand(self, figures: Figures | None, metric: Metric) -> Stand:
        tied = figures is not None and figures.orders_count >= self.least and figures.value(metric) == self.value
        return Stand(self.rank if tied else None, figures)


def _last(board: list[Ranked], metric: Metric, store: Store) -> _Last:
    least = least_purchases(metric, store.minimum_purchases)
    return _Last(board[-1].rank, board[-1].standing.figures.value(metric), least) if board else _Last(None, -1, least)


def _explained(
    history: CorrectionHistory,
    store: Store,
    period: Period,
    snapshot: Snapshot,
    change: BoardChange,
    names: Mapping[str, tuple[str | None, str | None]],
) -> ExplainedChange:
    effects: list[OrderEffect] = []
    unlisted = None
    if change.own:
        effects = corrections(history, store, change.customer, period, snapshot.taken_at)
        unlisted = left_over(known_difference(snapshot, change.then.figures, change.now.figures), effects)
    return ExplainedChange(change, *names.get(change.customer, (None, None)), effects, unlisted)


def _named(standing: Standing, known: Mapping[str, tuple[str | None, str | None]]) -> Standing:
    return Standing(standing.customer, standing.figures, *known.get(standing.customer, (None, None)))
