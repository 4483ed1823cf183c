"""Queue of snapshots: take those that a store is due, and tell them to those who act on them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from laurel.automation.moves import SignalMoves
from laurel.leaderboard.refresh import Refresher
from laurel.model.errors import SnapshotTampered
from laurel.rewards.closing import BeginAtClose
from laurel.settings import settings
from laurel.store.automations import Automations
from laurel.store.board_snapshots import BoardSnapshots
from laurel.store.contacts import Contacts
from laurel.store.jobs import Jobs
from laurel.store.process import dynamodb
from laurel.store.programmes import Programmes
from laurel.store.queue import JobQueue, SnapshotQueue, sqs
from laurel.store.rankings import Rankings
from laurel.store.refreshes import Refreshes
from laurel.store.seal import Seal, kms
from laurel.store.signals import Signals
from laurel.store.workspace import Workspace
from laurel.telemetry import count, entry_point, logger

_programmes = Programmes(dynamodb(), settings().workspace_table)
_jobs = Jobs(dynamodb(), settings().workspace_table)
_refresher = Refresher(
    Workspace(dynamodb(), settings().workspace_table),
    Rankings(dynamodb(), settings().rankings_table),
    BoardSnapshots(dynamodb(), settings().workspace_table, Seal(kms, settings().snapshot_key)),
    Refreshes(dynamodb(), settings().workspace_table),
    (
        SignalMoves(
            Automations(dynamodb(), settings().workspace_table),
            Contacts(dynamodb(), settings().contacts_table),
            Signals(dynamodb(), settings().contacts_table),
        ),
        BeginAtClose(_programmes, _jobs, JobQueue(sqs(), settings().jobs_queue_url)),
    ),
    partial(datetime.now, UTC),
)
_queue = SnapshotQueue(sqs(), settings().snapshots_queue_url)


@entry_point
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Do what each message's store is due; those that failed come again, and at last go to the dead letters."""
    failed = [record["messageId"] for record in event["Records"] if not _work(record)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _work(record: Mapping[str, Any]) -> bool:
    """False if the message is to come again."""
    try:
        body = json.loads(record["body"])
        account_id, store_id = body["account"], body["store"]
        done = _refresher.refresh(account_id, store_id)
        if done.goes_on:
            _queue.send(account_id, store_id)
    except Exception:  # noqa: BLE001, whatever failed, only this message comes again
        logger.exception("snapshots_failed", message_id=record["messageId"])
        return False
    count("SnapshotsTaken", done.taken)
    count("SnapshotsFailed", len(done.failed))
    count("SnapshotsTampered", sum(isinstance(error, SnapshotTampered) for error in done.failed))
    for error in done.failed:
        logger.error("snapshot_failed", account_id=account_id, store_id=store_id, exc_info=error)
    return not done.failed
