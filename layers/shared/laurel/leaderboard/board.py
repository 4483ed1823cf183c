"""Boards as a reader sees them: ranks, ties, gaps and pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Protocol

from laurel.leaderboard.estimate import RANKS_COUNTED, estimated_rank
from laurel.model.account import Store
from laurel.model.errors import InvalidCursor, NoConnectedStore, NotFound, StoreDisconnected
from laurel.model.period import Period, TimeFrame
from laurel.model.ranking import Figures, Metric, Ranked, Standing
from laurel.model.snapshot import Snapshot

NEIGHBOURS = 5


class StandingsPage(Protocol):
    """Standings in rank order, and the key to go on from."""

    @property
    def standings(self) -> list[Standing]: ...
    @property
    def last_key(self) -> dict[str, str] | None: ...


class Boards(Protocol):
    """Ranked reads of one store's rows."""

    def top_customers(
        self, store: Store, period: str, metric: Metric, limit: int, after: dict[str, str] | None = None
    ) -> StandingsPage: ...
    def neighbours(
        self, store: Store, period: str, metric: Metric, customer: Standing, count: int
    ) -> tuple[list[Standing], list[Standing]]: ...
    def count(
        self,
        store: Store,
        period: str,
        metric: Metric,
        above: int,
        up_to: int | None = None,
        at_most: int | None = None,
    ) -> int: ...
    def next_better(self, store: Store, period: str, metric: Metric, value: int) -> Standing | None: ...
    def standing(self, store: Store, period: str, customer: str) -> tuple[Standing, frozenset[Metric]] | None: ...


class Months(Protocol):
    """Reads a customer's figures in many periods at once."""

    def figures_in(self, store: Store, periods: Sequence[str], customer: str) -> Mapping[str, Figures]: ...


class LastSnapshots(Protocol):
    """Finds the last snapshot of a period."""

    def latest(self, store: Store, period: str) -> Snapshot | None: ...


class StoreDirectory(Protocol):
    """Finds an account's stores."""

    def store(self, account_id: str, store_id: str) -> Store | None: ...
    def stores(self, account_id: str) -> list[Store]: ...


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One page of a board; ``next_cursor`` holds what the next page needs, None at the end."""

    period: Period
    metric: Metric
    rows: list[Ranked]
    next_cursor: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Place:
    """A customer's place.

    Up to five rows on either side, and the exact distance to the next better value (None at the top). Ranks that are
    not ``exact`` are estimates; how they differ from each other is exact.
    """

    period: Period
    metric: Metric
    customer: Ranked
    above: list[Ranked]
    below: list[Ranked]
    next_better: Standing | None
    exact: bool = True


def board_store(directory: StoreDirectory, account_id: str, store_id: str) -> Store:
    """The connected store whose board is asked for.

    Raises ``NoConnectedStore`` if the account has none at all, ``StoreDisconnected`` or ``NotFound`` if it has others.
    """
    store = directory.store(account_id, store_id)
    if store and store.shows_boards:
        return store
    if not any(other.shows_boards for other in directory.stores(account_id)):
        raise NoConnectedStore
    if store:
        raise StoreDisconnected(store_id)
    raise NotFound("store", store_id)


def resolve_period(store: Store, frame: TimeFrame | None, period: str | None, now: datetime) -> Period:
    """The period a request means: a named one, else the time frame's at ``now``. Raises ``InvalidInput``."""
    if period is not None:
        return store.calendar.period(period)
    return store.calendar.period_of_frame(frame or TimeFrame.MONTH_TO_DATE, now)


def read_board(
    boards: Boards,
    store: Store,
    period: Period,
    metric: Metric,
    limit: int,
    cursor: Mapping[str, str] | None = None,
) -> BoardPage:
    """One page of a board, best first.

    A cursor stays with the period of its first page, so that a reader who pages over midnight is not moved to another
    board; one of another metric or kind of period raises ``InvalidCursor``.
    """
    position, last_rank, last_value, after = 0, 0, -1, None
    if cursor:
        if cursor["metric"] != metric.value or "rank_key" not in cursor:
            raise InvalidCursor
        first = store.calendar.period(cursor["period"])
        if first.kind is not period.kind:
            raise InvalidCursor
        period = first
        position, last_rank, last_value = int(cursor["position"]), int(cursor["rank"]), int(cursor["value"])
        after = {"customer": cursor["customer"], "rank_key": cursor["rank_key"]}
    page = boards.top_customers(store, period.id, metric, limit, after)
    rows: list[Ranked] = []
    for standing in page.standings:
        position += 1
        value = standing.figures.value(metric)
        if value != last_value:
            last_rank, last_value = position, value
        rows.append(Ranked(last_rank, standing))
    next_cursor = page.last_key and {
        **page.last_key,
        "metric": metric.value,
        "period": period.id,
        "position": str(position),
        "rank": str(last_rank),
        "value": str(last_value),
    }
    return BoardPage(period, metric, _ties_in_order(rows), next_cursor)


def read_place(
    boards: Boards,
    store: Store,
    period: Period,
    metric: Metric,
    customer: str,
    snapshots: LastSnapshots | None = None,
) -> Place:
    """Where one customer stands. Raises ``NotFound`` if the board does not show them.

    Ranks beyond ``RANKS_COUNTED`` are estimates, if there is a snapshot.
    """
    found = boards.standing(store, period.id, customer)
    if found is None or metric not in found[1]:
        raise NotFound(f"customer on the {metric.value} board of {period.id}", customer)
    standing, _ = found
    above, below = boards.neighbours(store, period.id, metric, standing, NEIGHBOURS)
    around = [*above, standing, *below]
    ranks, exact = _ranks(boards, store, period.id, metric, around, snapshots)
    ranked = [Ranked(ranks[row.figures.value(metric)], row) for row in around]
    return Place(
        period,
        metric,
        customer=ranked[len(above)],
        above=ranked[: len(above)],
        below=ranked[len(above) + 1 :],
        next_better=boards.next_better(store, period.id, metric, standing.figures.value(metric)),
        exact=exact,
    )


def rank_of_value(
    boards: Boards, store: Store, period: str, metric: Metric, value: int, snapshots: LastSnapshots | None
) -> tuple[int | None, bool]:
    """The rank of a value on a board, and whether it is exact; None beyond ``RANKS_COUNTED`` without a snapshot."""
    better = boards.count(store, period, metric, value, at_most=RANKS_COUNTED)
    if better < RANKS_COUNTED:
        return better + 1, True
    snapshot = snapshots.latest(store, period) if snapshots else None
    if snapshot is None or not snapshot.quantiles.get(metric):
        return None, False
    return estimated_rank(snapshot, metric, value), False


@dataclass(frozen=True, slots=True)
class CustomerFigures:
    """A customer's figures in one store and period, with the rank on each board that shows them.

    A rank beyond ``RANKS_COUNTED`` is not counted out: it is ``estimated``, or None.
    """

    store: Store
    period: Period
    figures: Figures | None
    ranks: Mapping[Metric, int | None]
    months: tuple[tuple[str, Figures | None], ...] = ()
    """Months asked for besides, oldest first, None for those without purchases."""
    estimated: frozenset[Metric] = frozenset()


def read_figures(
    boards: Boards, store: Store, period: Period, customer: str, snapshots: LastSnapshots | None = None
) -> CustomerFigures:
    """What one store knows of a customer; ``figures`` is None without purchases in the period.

    With snapshots, ranks beyond ``RANKS_COUNTED`` are estimated.
    """
    found = boards.standing(store, period.id, customer)
    if found is None:
        return CustomerFigures(store, period, None, {})
    standing, shown = found
    ranks = {
        metric: rank_of_value(boards, store, period.id, metric, standing.figures.value(metric), snapshots)
        for metric in Metric
        if metric in shown
    }
    return CustomerFigures(
        store,
        period,
        standing.figures,
        {metric: rank for metric, (rank, _) in ranks.items()},
        estimated=frozenset(metric for metric, (rank, exact) in ranks.items() if rank and not exact),
    )


def read_months(rows: Months, figures: CustomerFigures, customer: str, months: int, now: datetime) -> CustomerFigures:
    """The same figures with those of so many months besides, that of ``now`` last."""
    wanted = figures.store.calendar.months_until(now, months)
    found = rows.figures_in(figures.store, wanted, customer) if wanted else {}
    return replace(figures, months=tuple((month, found.get(month)) for month in wanted))


def _ranks(
    boards: Boards,
    store: Store,
    period: str,
    metric: Metric,
    standings: Collection[Standing],
    snapshots: LastSnapshots | None,
) -> tuple[dict[int, int], bool]:
    """Rank of each distinct value: one count above the best, then one short count a value; and whether all are exact.

    The best one's is an estimate, where there is a snapshot to estimate by, if too many are above it.
    """
    values = sorted({standing.figures.value(metric) for standing in standings}, reverse=True)
    first, exact = rank_of_value(boards, store, period, metric, values[0], snapshots)
    ranks = {values[0]: first or boards.count(store, period, metric, values[0]) + 1}
    for better, value in pairwise(values):
        ranks[value] = ranks[better] + boards.count(store, period, metric, value, up_to=better)
    return ranks, exact or first is None


def _ties_in_order(rows: Sequence[Ranked]) -> list[Ranked]:
    """Rows of equal rank and last order sorted by customer, which the index leaves open."""
    return sorted(rows, key=lambda row: (row.rank, -row.standing.figures.last_order_at, row.standing.customer))
