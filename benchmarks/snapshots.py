"""What a snapshot of a store's boards costs, from 1,000 to 100,000 customers, beside ways that are not taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.board_reads import row
from benchmarks.place import Place
from laurel.leaderboard.refresh import Refresher
from laurel.leaderboard.snapshot import take
from laurel.model.ranking import Metric
from laurel.model.snapshot import Snapshot
from laurel.store import keys
from laurel.store.board_snapshots import BoardSnapshots
from laurel.store.dynamodb import attributes, pages
from laurel.store.rankings import row_item
from laurel.store.refreshes import Refreshes
from laurel.store.seal import Seal
from laurel.store.workspace import Workspace
from tests.support.seals import SNAPSHOT_KEY, FakeKMS

SIZES = (1_000, 10_000, 100_000)
READS_LIMIT = 0.6
"""Read units, of those that reading the three indexes takes."""
CPU_LIMIT = 5.0
"""CPU time, of what reading the same pages and counting takes."""

_PERIOD = "all"
_NOW = datetime(2026, 11, 22, 12, 5, tzinfo=UTC)
_TIMES = 3
_PAGE = 2_000
_IDLE = 25
"""More write units than an hour takes of a store that has nobody, and fewer than the closes of weeks."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One snapshot: units of its pass over the rows, and of the other ways; units of all that is done with it.

    ``stored`` are bytes of its item, and CPU times are of the pass and of one that only counts.
    """

    customers: int
    reads: float
    reads_of_one_index: float
    reads_of_indexes: float
    whole_reads: float
    whole_writes: float
    stored: int
    cpu: float
    cpu_of_counting: float


class _Worker:
    """Refreshes the place's store, hour by hour."""

    def __init__(self, place: Place) -> None:
        workspace = Workspace(place.client, place.tables.workspace)
        shelf = BoardSnapshots(place.client, place.tables.workspace, Seal(FakeKMS, SNAPSHOT_KEY))
        progress = Refreshes(place.client, place.tables.workspace)
        self.now = _NOW
        self._place = place
        self._refresher = Refresher(workspace, place.rankings, shelf, progress, (), lambda: self.now)

    def hour(self) -> tuple[float, float]:
        """Read and write units of an hour's refresh."""
        self.now += timedelta(hours=1)
        with self._place.meter.uses() as uses:
            done = self._refresher.refresh(self._place.store.account_id, self._place.store.id)
        if done.failed or done.goes_on:
            raise RuntimeError(f"a refresh came to no end: {done}")
        return sum(use.reads for use in uses), sum(use.writes for use in uses)


def measure(place: Place, sizes: tuple[int, ...] = SIZES) -> Iterator[Taken]:
    """Fill one board up to each size in turn, from nobody, and refresh the store."""
    worker = _Worker(place)
    while worker.hour()[1] > _IDLE:  # closes since the store was connected
        pass
    filled = 0
    for size in (0, *sizes):
        place.put(
            place.tables.rankings, (row_item(place.store, row(_PERIOD, number)) for number in range(filled, size))
        )
        filled = size
        worker.hour()  # the next one reads this one as well, as the one that was told before
        yield _taken(place, worker, size)


def _taken(place: Place, worker: _Worker, size: int) -> Taken:
    whole_reads, whole_writes = worker.hour()
    with place.meter.uses() as reading:
        _take(place)
    by_index = {metric: _index(place, metric) for metric in Metric}
    return Taken(
        size,
        sum(use.reads for use in reading),
        by_index[Metric.TOTAL_SPENT],
        sum(by_index.values()),
        whole_reads,
        whole_writes,
        _stored(place, worker.now.replace(minute=0)),
        _cpu(lambda: _take(place)),
        _cpu(lambda: _table(place)),
    )


def _take(place: Place) -> Snapshot:
    rows = place.rankings.all_figures(place.store, _PERIOD)
    return take(place.store, _PERIOD, rows, _NOW, _NOW, closed=False)


def _cpu(work: Callable[[], object]) -> float:
    """Seconds of processor time, of some times the least."""
    times = []
    for _ in range(_TIMES):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def _index(place: Place, metric: Metric) -> float:
    """Read units of an index of the whole board."""
    with place.meter.uses() as uses:
        list(pages(place.client, each_page=_PAGE, **_board(place), IndexName=f"by_{metric.value}"))
    return sum(use.reads for use in uses)


def _table(place: Place) -> int:
    """Rows of the whole board, and nothing done with them."""
    wanted = "sk, orders_count, total_spent, last_order_at, rank_total_spent"
    return len(list(pages(place.client, each_page=_PAGE, **_board(place), ProjectionExpression=wanted)))


def _board(place: Place) -> dict[str, Any]:
    pk = keys.board(place.store.account_id, place.store.id, _PERIOD)
    return {
        "TableName": place.tables.rankings,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": attributes({":pk": pk}),
    }


def _stored(place: Place, hour: datetime) -> int:
    """Bytes of the snapshot's content as it is kept."""
    sk = keys.running_snapshot(_PERIOD, int(hour.timestamp() * 1000))
    pk = keys.board_snapshots(place.store.account_id, place.store.id)
    answer = place.client.get_item(TableName=place.tables.workspace, Key=attributes({"pk": pk, "sk": sk}))
    return len(answer["Item"]["content"]["S"])
