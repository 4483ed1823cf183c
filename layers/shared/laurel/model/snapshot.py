"""Snapshots: what a store's boards of one period showed at one time, kept for good or for some days, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from laurel.model.ranking import Figures, Metric, Ranked, Standing, least_purchases

FIRST = 1_000
"""Customers of each board that a snapshot lists."""

QUANTILES = 101
"""Values that say how a metric is spread: the lowest, 99 between, the highest."""


class SnapshotKind(StrEnum):
    """Taken when a period was over, or in an hour of a running one."""

    CLOSED = "closed"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The three boards of a store and period, as one pass over its rows found them. It names nobody.

    ``taken_at`` is when the pass began, ``hour`` the instant it was due at: a local hour of the store's or, if it is
    the ``closed`` one, the period's end. ``customers`` are all with purchases, ``average_customers`` those with at
    least ``minimum_purchases``, whom alone the board of averages shows. ``total_spent`` is in minor units of
    ``currency``.

    ``quantiles`` are exact values by metric, lowest to highest: the one at i has i hundredths of the others at or
    before it. Without customers there are none. ``rows`` are everyone among the first 1,000 of any of the boards.
    """

    account_id: str
    store_id: str
    period: str
    taken_at: datetime
    hour: datetime
    closed: bool
    currency: str
    minimum_purchases: int
    calendar_revision: int
    customers: int
    average_customers: int
    orders_count: int
    total_spent: int
    quantiles: Mapping[Metric, tuple[int, ...]]
    rows: tuple[tuple[str, Figures], ...]
    _ranked: dict[Metric, tuple[list[Ranked], dict[str, int]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _figures: dict[str, Figures] = field(default_factory=dict, init=False, repr=False, compare=False)

    def size(self, metric: Metric) -> int:
        """How many customers the board showed."""
        return self.average_customers if metric is Metric.AVERAGE_ORDER_VALUE else self.customers

    def lists_all(self, metric: Metric) -> bool:
        """True if the board had no more customers than are listed."""
        return self.size(metric) <= FIRST

    def ranked(self, metric: Metric) -> list[Ranked]:
        """The first 1,000 of a board, in its order; standings without names."""
        return self._board(metric)[0]

    def rank_of(self, customer: str, metric: Metric) -> int | None:
        """A customer's rank, or None for who was not among the first 1,000 of this board."""
        return self._board(metric)[1].get(customer)

    def figures_of(self, customer: str) -> Figures | None:
        """A customer's figures, or None for who was not among the first 1,000 of any board."""
        if not self._figures:
            self._figures.update(self.rows)
        return self._figures.get(customer)

    def _board(self, metric: Metric) -> tuple[list[Ranked], dict[str, int]]:
        if metric not in self._ranked:
            least = least_purchases(metric, self.minimum_purchases)
            shown = [row for row in self.rows if row[1].orders_count >= least]
            board = ranked(sorted(shown, key=lambda row: place(row[0], row[1], metric))[:FIRST], metric)
            self._ranked[metric] = board, {row.standing.customer: row.rank for row in board}
        return self._ranked[metric]


def place(customer: str, figures: Figures, metric: Metric) -> tuple[int, str]:
    """What sorts customers as a board does: best first, then the latest order, then the customer's id."""
    return -figures.rank_key(metric), customer


def ranked(rows: list[tuple[str, Figures]], metric: Metric) -> list[Ranked]:
    """Customers in a board's order, from its beginning, with their ranks."""
    found: list[Ranked] = []
    last_rank, last_value = 0, -1
    for position, (customer, figures) in enumerate(rows, 1):
        value = figures.value(metric)
        if value != last_value:
            last_rank, last_value = position, value
        found.append(Ranked(last_rank, Standing(customer, figures, None, None)))
    return found
