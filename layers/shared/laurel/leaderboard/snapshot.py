"""Take a snapshot: all three boards of a period from one pass over its rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from laurel.model.account import Store
from laurel.model.ranking import Figures, Metric, least_purchases
from laurel.model.snapshot import FIRST, QUANTILES, Snapshot, place

_HELD = 4 * FIRST


def take(
    store: Store,
    period: str,
    rows: Iterable[tuple[str, Figures]],
    taken_at: datetime,
    hour: datetime,
    *,
    closed: bool,
) -> Snapshot:
    """What the boards of a period show, of rows in any order. Of customers in the millions it holds three numbers."""
    spread = {metric: array("q") for metric in Metric}
    first = {metric: _First(metric) for metric in Metric}
    least = {metric: least_purchases(metric, store.minimum_purchases) for metric in Metric}
    for customer, figures in rows:
        for metric in Metric:
            if figures.orders_count >= least[metric]:
                spread[metric].append(figures.value(metric))
                first[metric].add(customer, figures)
    listed = dict(row for board in first.values() for row in board.rows())
    return Snapshot(
        account_id=store.account_id,
        store_id=store.id,
        period=period,
        taken_at=taken_at,
        hour=hour,
        closed=closed,
        currency=store.currency,
        minimum_purchases=store.minimum_purchases,
        calendar_revision=store.calendar_revision,
        customers=len(spread[Metric.TOTAL_SPENT]),
        average_customers=len(spread[Metric.AVERAGE_ORDER_VALUE]),
        orders_count=sum(spread[Metric.ORDERS_COUNT]),
        total_spent=sum(spread[Metric.TOTAL_SPENT]),
        quantiles={metric: _quantiles(values) for metric, values in spread.items()},
        rows=tuple(sorted(listed.items())),
    )


def _quantiles(values: Iterable[int]) -> tuple[int, ...]:
    ordered = sorted(values)
    if not ordered:
        return ()
    return tuple(ordered[at * (len(ordered) - 1) // (QUANTILES - 1)] for at in range(QUANTILES))


@dataclass(slots=True)
class _First:
    """The first 1,000 of a board, of customers as they come. Some more are held, so that few are sorted."""

    metric: Metric
    last: tuple[int, str] | None = None
    held: list[tuple[tuple[int, str], Figures]] = field(default_factory=list)

    def add(self, customer: str, figures: Figures) -> None:
        at = place(customer, figures, self.metric)
        if self.last is None or at < self.last:
            self.held.append((at, figures))
            if len(self.held) == _HELD:
                self._drop_others()

    def rows(self) -> list[tuple[str, Figures]]:
        self._drop_others()
        return [(customer, figures) for (_, customer), figures in self.held]

    def _drop_others(self) -> None:
        self.held.sort(key=lambda it: it[0])
        del self.held[FIRST:]
        if len(self.held) == FIRST:
            self.last = self.held[-1][0]
