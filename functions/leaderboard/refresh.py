"""Every quarter of an hour, five minutes into it: have the snapshots taken that stores are due by their own clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.leaderboard.refresh import FannedOut, fan_out
from laurel.scoring.work import at_once
from laurel.settings import settings
from laurel.store.process import dynamodb
from laurel.store.queue import SnapshotQueue, sqs
from laurel.store.refreshes import Refreshes
from laurel.store.workspace import Workspace
from laurel.telemetry import count, entry_point, logger

_workspace = Workspace(dynamodb(), settings().workspace_table)
_refreshes = Refreshes(dynamodb(), settings().workspace_table)
_queue = SnapshotQueue(sqs(), settings().snapshots_queue_url)


class RefreshFailed(Exception):
    """Some accounts' stores could not be looked at."""


@entry_point
def handler(_event: dict[str, Any], _context: Any) -> None:
    """Queue what is due. Raises ``RefreshFailed``, so that Lambda tries again; what was queued already does no harm."""
    now = datetime.now(UTC)
    accounts = sorted({account_id for account_id, _ in _workspace.all_audiences()})
    done = [it for it in at_once(lambda account_id: _fan_out(account_id, now), accounts) if it]
    count("StoresRefreshed", sum(it.queued for it in done))
    count("SnapshotsLate", sum(it.late for it in done))
    failed = len(accounts) - len(done)
    if failed:
        raise RefreshFailed(f"{failed} accounts")


def _fan_out(account_id: str, now: datetime) -> FannedOut | None:
    try:
        return fan_out(_workspace, _refreshes, _queue, account_id, now)
    except Exception:  # noqa: BLE001, whatever failed, others' stores are refreshed
        logger.exception("refresh_failed", account_id=account_id)
        return None
