"""Why a customer's rank is what it is: rank then and now, the customer's own orders, and who passed whom.

A rank is one more than the number of customers who are strictly better. So between two boards it grows by those who
are better now and were not then, and falls by those who were better then and are not now: the numbers add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from laurel.leaderboard.board import rank_of_value, read_board
from laurel.leaderboard.closed import BoardRows, Stand
from laurel.leaderboard.effects import (
    CorrectionHistory,
    FiguresDifference,
    OrderHistory,
    corrections,
    known_difference,
    left_over,
    placements,
    ref_of,
)
from laurel.leaderboard.movement import Movement, SnapshotShelf, baseline, movements
from laurel.model.account import Store
from laurel.model.correction import OrderEffect
from laurel.model.errors import NotFound
from laurel.model.period import Period
from laurel.model.ranking import Metric, Ranked, Standing
from laurel.model.snapshot import FIRST, Snapshot

OVERTAKERS = 20
EFFECTS = 100


@dataclass(frozen=True, slots=True)
class Overtaker:
    """Somebody who passed the customer, or whom the customer passed; a rank beyond the first 1,000 is None."""

    customer: str
    name: str | None
    email: str | None
    rank_then: int | None
    rank_now: int | None


@dataclass(frozen=True, slots=True)
class Overtakings:
    """How many, and the first of them."""

    count: int
    customers: list[Overtaker]


@dataclass(frozen=True, slots=True)
class Explanation:
    """``then`` is None without a snapshot to compare with.

    ``difference`` is None unless both figures are of this period and known, ``unlisted`` what of it the effects do not
    account for. ``passed_by`` and ``passed`` are None unless both ranks are within the first 1,000.
    """

    customer: str
    name: str | None
    email: str | None
    since: Snapshot | None
    then: Stand | None
    now: Stand
    exact: bool
    movement: Movement | None
    effects: list[OrderEffect]
    effects_count: int
    difference: FiguresDifference | None
    unlisted: FiguresDifference | None
    passed_by: Overtakings | None = None
    passed: Overtakings | None = None


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains ranks, from what it reads."""

    rows: BoardRows
    orders: OrderHistory
    corrections: CorrectionHistory
    snapshots: SnapshotShelf

    def explain(self, store: Store, period: Period, metric: Metric, customer: str, now: datetime) -> Explanation:
        """Explain a rank. Raises ``NotFound`` for who is on neither board, as far as the earlier one is listed."""
        since = baseline(self.snapshots, store, period, now)
        then = Stand(since.rank_of(customer, metric), since.figures_of(customer)) if since else None
        found = self.rows.standing(store, period.id, customer)
        standing = found[0] if found and metric in found[1] else None
        if standing is None and not (then and then.rank):
            raise NotFound(f"customer on the {metric.value} board of {period.id}", customer)
        board = read_board(self.rows, store, period, metric, FIRST).rows
        ranks = {row.standing.customer: row.rank for row in board}
        rank, exact = ranks.get(customer), True
        if standing and rank is None:
            rank, exact = rank_of_value(
                self.rows, store, period.id, metric, standing.figures.value(metric), self.snapshots
            )
        movement = None
        if since and standing and rank:
            movement = movements(self.rows, store, period, metric, [Ranked(rank, standing)], since)[customer]
        same = since if since and since.period == period.id else None
        effects = self._effects(store, period, customer, same)
        figures = found[0].figures if found else None
        whole = known_difference(same, then.figures, figures) if same and then else None
        explanation = Explanation(
            customer=customer,
            name=found[0].name if found else None,
            email=found[0].email if found else None,
            since=since,
            then=then,
            now=Stand(rank, figures),
            exact=exact,
            movement=movement,
            effects=effects[:EFFECTS],
            effects_count=len(effects),
            difference=whole,
            unlisted=left_over(whole, effects),
        )
        if since and then and then.rank and customer in ranks:
            return _with_overtakings(explanation, self.rows, store, metric, since, then.rank, board)
        return explanation

    def _effects(self, store: Store, period: Period, customer: str, same: Snapshot | None) -> list[OrderEffect]:
        """Newest first: since a snapshot of the period what was placed, and what changed of older orders; else all."""
        since = same.taken_at if same else None
        effects = placements(self.orders.orders_of(ref_of(store, customer)), store, period, since)
        if since:
            changed = corrections(self.corrections, store, customer, period, since)
            effects += [effect for effect in changed if effect.placed_at < since]
        return sorted(effects, key=lambda effect: (effect.at, effect.order_id), reverse=True)


def _with_overtakings(
    explanation: Explanation,
    rows: BoardRows,
    store: Store,
    metric: Metric,
    since: Snapshot,
    rank_then: int,
    board: list[Ranked],
) -> Explanation:
    standings = {row.standing.customer: row.standing for row in board}
    now = {row.standing.customer: row.rank for row in board}
    then = {row.standing.customer: row.rank for row in since.ranked(metric)}
    ahead_now = {customer for customer, rank in now.items() if rank < now[explanation.customer]}
    ahead_then = {customer for customer, rank in then.items() if rank < rank_then}

    def overtakings(customers: set[str]) -> Overtakings:
        best = sorted(customers, key=lambda it: (now.get(it, FIRST + 1), then.get(it, FIRST + 1), it))[:OVERTAKERS]
        names = _names(rows, store, best, standings)
        shown = [Overtaker(it, *names.get(it, (None, None)), then.get(it), now.get(it)) for it in best]
        return Overtakings(len(customers), shown)

    return replace(
        explanation, passed_by=overtakings(ahead_now - ahead_then), passed=overtakings(ahead_then - ahead_now)
    )


def _names(
    rows: BoardRows, store: Store, customers: list[str], standings: Mapping[str, Standing]
) -> Mapping[str, tuple[str | None, str | None]]:
    """Names of customers, those on the board without another read."""
    known = {it: (standings[it].name, standings[it].email) for it in customers if it in standings}
    if others := [it for it in customers if it not in known]:
        known |= rows.names_of(store, others)
    return known
