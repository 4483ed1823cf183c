"""Queue of uploads: cut each file into chunks, and queue them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from laurel.imports.cutting import Cutting
from laurel.imports.run import place_of
from laurel.scoring.work import MOST_RECEIVES
from laurel.settings import settings
from laurel.store.import_files import ImportFiles, s3
from laurel.store.imports import Imports
from laurel.store.process import dynamodb
from laurel.store.queue import ImportQueue, sqs
from laurel.telemetry import count, entry_point, logger

_cutting = Cutting(
    Imports(dynamodb(), settings().workspace_table),
    ImportFiles(s3(), settings().imports_bucket),
    ImportQueue(sqs(), settings().imports_queue_url),
)


@entry_point
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Cut the files that each message tells of; what failed comes again, and at last goes to the dead letters."""
    failed = [record["messageId"] for record in event["Records"] if not _cut(record)]
    count("ImportFilesFailed", len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _cut(record: Mapping[str, Any]) -> bool:
    """False if the message is to come again."""
    try:
        now = datetime.now(UTC)
        # S3 sends a message without records when it is told where to send them.
        for upload in json.loads(record["body"]).get("Records", []):
            place = place_of(unquote_plus(upload["s3"]["object"]["key"]))
            if place is None:
                logger.error("import_of_nobody")
                continue
            if int(record["attributes"]["ApproximateReceiveCount"]) >= MOST_RECEIVES:
                # Not tried once more: a cutter that was killed each time could never say so.
                _cutting.give_up(*place, now)
                logger.error("import_given_up", account_id=place[0], import_id=place[2])
                return False
            outcome = _cutting.cut(*place, now)
            count(f"ImportFiles{outcome.capitalize()}")
    except Exception:  # noqa: BLE001, whatever failed, only this message comes again
        logger.exception("import_cut_failed", message_id=record["messageId"])
        return False
    return True
