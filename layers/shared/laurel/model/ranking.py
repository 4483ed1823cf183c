"""Ranking rows: a customer's figures in one period, and the keys that put them in order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_SECONDS = 10**11
_AVERAGE_SCALE = 10**6


class Metric(StrEnum):
    """What a board is ranked by."""

    ORDERS_COUNT = "orders_count"
    AVERAGE_ORDER_VALUE = "average_order_value"
    TOTAL_SPENT = "total_spent"


class BoardView(StrEnum):
    """A board as of now, or as it was closed when its period was over."""

    NOW = "now"
    CLOSED = "closed"


def average_micros(total_spent: int, orders_count: int) -> int:
    """Average in millionths of a minor unit, rounded half up; 0 without purchases."""
    if not orders_count:
        return 0
    return (2 * total_spent * _AVERAGE_SCALE + orders_count) // (2 * orders_count)


@dataclass(frozen=True, slots=True)
class Figures:
    """The three metrics of a customer in a period. Money in minor units, ``last_order_at`` in epoch seconds."""

    orders_count: int
    total_spent: int
    last_order_at: int

    def value(self, metric: Metric) -> int:
        """The exact value that decides the rank: purchases, minor units, or millionths of a minor unit."""
        if metric is Metric.ORDERS_COUNT:
            return self.orders_count
        if metric is Metric.TOTAL_SPENT:
            return self.total_spent
        return average_micros(self.total_spent, self.orders_count)

    def rank_key(self, metric: Metric) -> int:
        """Index key: the value, then the last order's second, so that ties list the most recent buyer first."""
        return self.value(metric) * _SECONDS + self.last_order_at


NO_FIGURES = Figures(0, 0, 0)
"""Those of no purchases."""


def least_purchases(metric: Metric, minimum: int) -> int:
    """How many purchases bring a customer onto a board, where the one of averages asks for a ``minimum``."""
    return minimum if metric is Metric.AVERAGE_ORDER_VALUE else 1


def value_of_key(rank_key: int) -> int:
    """The metric's exact value that an index key repeats."""
    return rank_key // _SECONDS


def last_order_of_key(rank_key: int) -> int:
    """The last order's epoch second that an index key repeats."""
    return rank_key % _SECONDS


def lowest_key_above(value: int) -> int:
    """The smallest index key that ranks strictly better than a value."""
    return (value + 1) * _SECONDS


@dataclass(frozen=True, slots=True)
class RankingRow:
    """What ``leaderboard.project`` writes for a customer and period.

    ``boards`` are the metrics whose index shows the row: none without purchases, not the average under the store's
    minimum.
    """

    period: str
    customer: str
    figures: Figures
    name: str | None
    email: str | None
    version: int
    boards: frozenset[Metric]


@dataclass(frozen=True, slots=True)
class Standing:
    """A row as one index shows it."""

    customer: str
    figures: Figures
    name: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A standing with its rank: standard competition rank (1 2 2 4) on the exact value."""

    rank: int
    standing: Standing
