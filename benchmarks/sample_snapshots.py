"""Snapshots of the samples' store, as DynamoDB has them: of a thousand customers, of whichever period is asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, cast

from benchmarks import samples
from laurel.leaderboard.snapshot import take
from laurel.model.identity import contact_id
from laurel.model.ranking import Figures
from laurel.store import keys
from laurel.store.board_snapshots import BoardSnapshots
from laurel.store.dynamodb import Item
from laurel.store.seal import Seal
from tests.support.seals import FakeKMS

CUSTOMERS = 1_000
_TAKEN_AT = datetime(2026, 11, 1, tzinfo=UTC)


def partition() -> str:
    """Partition key of the store's snapshots."""
    return keys.board_snapshots(samples.ACCOUNT, samples.STORE.id)


def found(key: Item) -> Item | None:
    """The closing snapshot that a GetItem finds; None elsewhere."""
    period, _, moment = key["sk"]["S"].partition(keys.SEPARATOR)
    return closing(period) if key["pk"]["S"] == partition() and moment == keys.CLOSED else None


def last(partition_key: str, up_to: str) -> Item | None:
    """The last snapshot that a Query up to a sort key finds; None elsewhere."""
    return closing(keys.split(up_to)[0]) if partition_key == partition() else None


@cache
def closing(period: str) -> Item:
    """The closing snapshot of a period. The samples' first customers are on it, in another order."""
    rows = [
        (contact_id(f"{number}.{samples.EMAIL}"), Figures(1 + number % 40, 1_000 + 97 * number, 1_790_000_000))
        for number in range(CUSTOMERS)
    ]
    table = samples.Table()
    snapshot = take(samples.STORE, period, rows, _TAKEN_AT, _TAKEN_AT, closed=True)
    BoardSnapshots(cast("Any", table), "", Seal(FakeKMS, "key")).keep(snapshot)
    return table.items[0]
