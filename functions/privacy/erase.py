"""Queue of erasures: do a chunk of one, and queue what is left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from laurel.leaderboard.project import Projector
from laurel.privacy.person import Forgetter
from laurel.privacy.shop import ShopForgetter
from laurel.privacy.work import MOST_RECEIVES, Eraser
from laurel.settings import settings
from laurel.store.erasures import Erasures
from laurel.store.forgetting import Forgetting
from laurel.store.ledger import Ledger
from laurel.store.process import dynamodb
from laurel.store.queue import ErasureQueue, sqs
from laurel.store.rankings import Rankings
from laurel.store.rates import RateTables
from laurel.store.secrets import ssm
from laurel.store.shop_accesses import KeptShopAccesses
from laurel.store.traces import Traces
from laurel.store.workspace import RememberedStores, Workspace
from laurel.telemetry import count, entry_point, logger

_workspace = Workspace(dynamodb(), settings().workspace_table)
_traces = Traces(dynamodb(), settings().workspace_table)
_forgetting = Forgetting(dynamodb(), settings().ledger_table, settings().contacts_table, settings().rankings_table)
_projector = Projector(
    Ledger(dynamodb(), settings().ledger_table),
    Rankings(dynamodb(), settings().rankings_table),
    RememberedStores(_workspace),
    RateTables(dynamodb(), settings().workspace_table),
)
_accesses = KeptShopAccesses(dynamodb(), settings().workspace_table, ssm, settings().shop_parameters)
_people = Forgetter(_forgetting, _traces, _projector)
_eraser = Eraser(
    Erasures(dynamodb(), settings().workspace_table),
    _workspace,
    _traces,
    _people,
    ShopForgetter(_workspace, _forgetting, _traces, _people, _accesses),
    partial(datetime.now, UTC),
)
_queue = ErasureQueue(sqs(), settings().erasures_queue_url)


@entry_point
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Do a chunk of each message's erasure; those that failed come again, and at last go to the dead letters."""
    failed = [record["messageId"] for record in event["Records"] if not _work(record)]
    count("ErasureChunksFailed", len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _work(record: Mapping[str, Any]) -> bool:
    """False if the message is to come again."""
    try:
        body = json.loads(record["body"])
        account_id, erasure_id = body["account"], body["erasure"]
        if int(record["attributes"]["ApproximateReceiveCount"]) >= MOST_RECEIVES:
            _eraser.give_up(account_id, erasure_id)
            logger.error("erasure_given_up", account_id=account_id, erasure=erasure_id)
            return False
        again = _eraser.work(account_id, erasure_id)
        if again:
            _queue.send(account_id, erasure_id, again.after)
    except Exception:  # noqa: BLE001, whatever failed, only this message comes again
        logger.exception("erasure_chunk_failed", message_id=record["messageId"])
        return False
    count("ErasureChunksDone")
    return True
