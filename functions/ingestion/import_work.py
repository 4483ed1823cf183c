"""Queue of imports: record what the rows of each chunk tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from laurel.imports.intake import Shapes
from laurel.imports.work import ImportWorker
from laurel.scoring.work import MOST_RECEIVES
from laurel.settings import settings
from laurel.store.contacts import Contacts
from laurel.store.import_files import ImportFiles, s3
from laurel.store.imports import Imports
from laurel.store.ledger import Ledger
from laurel.store.process import dynamodb
from laurel.store.workspace import Workspace
from laurel.telemetry import count, entry_point, logger


def _shapes() -> Shapes:
    from laurel.http import orders_in  # noqa: PLC0415, brings pydantic, which only rows need

    return orders_in


_worker = ImportWorker(
    Imports(dynamodb(), settings().workspace_table),
    ImportFiles(s3(), settings().imports_bucket),
    Workspace(dynamodb(), settings().workspace_table),
    Ledger(dynamodb(), settings().ledger_table),
    Contacts(dynamodb(), settings().contacts_table),
    _shapes,
    partial(datetime.now, UTC),
)


@entry_point
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Work on each message's chunk; those that failed come again, and at last go to the dead letters."""
    failed = [record["messageId"] for record in event["Records"] if not _work(record)]
    count("ImportChunksFailed", len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _work(record: Mapping[str, Any]) -> bool:
    """False if the message is to come again."""
    try:
        body = json.loads(record["body"])
        place = body["account"], body["store"], body["import"]
        if int(record["attributes"]["ApproximateReceiveCount"]) >= MOST_RECEIVES:
            # Not tried once more: a worker that was killed each time could never say so.
            _worker.give_up(*place)
            logger.error("import_chunk_given_up", account_id=place[0], import_id=place[2], chunk=body["chunk"])
            return False
        if body["chunk"] is None:
            _worker.conclude(*place)
            return True
        worked = _worker.work(*place, body["chunk"])
    except Exception:  # noqa: BLE001, whatever failed, only this message comes again
        logger.exception("import_chunk_failed", message_id=record["messageId"])
        return False
    count(f"ImportChunks{worked.capitalize()}")
    return True
