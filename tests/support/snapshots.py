"""Snapshots of a store's boards as they are now, without waiting for their hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from laurel.leaderboard.snapshot import take
from laurel.model.ranking import Metric
from laurel.store.board_snapshots import BoardSnapshots
from laurel.store.rankings import Rankings
from laurel.store.seal import Seal
from laurel.store.workspace import Workspace
from tests.support.seals import SNAPSHOT_KEY, FakeKMS

if TYPE_CHECKING:
    from datetime import datetime

    from laurel.model.snapshot import Snapshot
    from tests.support.client import Tenant
    from tests.support.tables import Database

_MOST = 5_000


def snapshot(database: Database, tenant: Tenant, store_id: str, period: str, at: datetime, *, closed: bool) -> Snapshot:
    """Take and keep a snapshot of a period, as if it were ``at`` that time."""
    store: Any = Workspace(database.client, database.tables.workspace).store(tenant.account_id, store_id)
    rankings = Rankings(database.client, database.tables.rankings)
    rows = rankings.top_customers(store, period, Metric.TOTAL_SPENT, _MOST).standings
    taken = take(store, period, [(row.customer, row.figures) for row in rows], at, at, closed=closed)
    assert BoardSnapshots(database.client, database.tables.workspace, Seal(FakeKMS, SNAPSHOT_KEY)).keep(taken)
    return taken
