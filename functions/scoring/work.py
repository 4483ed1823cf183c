"""Queue of jobs: do one chunk of a job, and queue the next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from laurel.leaderboard.batch import Batch
from laurel.leaderboard.project import Projector
from laurel.model.job import JobKind
from laurel.scoring.backtest import BackTest
from laurel.scoring.bulk import Bulk, Decay, Expiry
from laurel.scoring.criteria import criteria_of
from laurel.scoring.snapshot import TakeSnapshot
from laurel.scoring.verify_all import VerifyAll
from laurel.scoring.work import MOST_RECEIVES, Chunk, Rest, Worker, at_once
from laurel.settings import settings
from laurel.store.jobs import Jobs
from laurel.store.ledger import Ledger
from laurel.store.process import dynamodb
from laurel.store.queue import JobQueue, sqs
from laurel.store.rankings import Rankings
from laurel.store.rates import RateTables
from laurel.store.rebuilds import Rebuilds
from laurel.store.score_lists import ScoreLists
from laurel.store.score_search import ScoreSearch
from laurel.store.scores import Scores
from laurel.store.scoring_rules import decode_rule
from laurel.store.snapshots import Snapshots
from laurel.store.workspace import RememberedStores, Workspace
from laurel.telemetry import count, entry_point, logger
from laurel.workspace.rebuild import RebuildStore

_now = partial(datetime.now, UTC)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_jobs = Jobs(dynamodb(), settings().workspace_table)
_scores = Scores(dynamodb(), settings().contacts_table)
_lists = ScoreLists(dynamodb(), settings().contacts_table)
_search = ScoreSearch(dynamodb(), settings().contacts_table, settings().rankings_table)
_ledger = Ledger(dynamodb(), settings().ledger_table)
_projector = Projector(
    _ledger,
    Rankings(dynamodb(), settings().rankings_table),
    RememberedStores(_workspace),
    RateTables(dynamodb(), settings().workspace_table),
)
_rebuilds = Rebuilds(dynamodb(), settings().ledger_table, settings().rankings_table)
_queue = JobQueue(sqs(), settings().jobs_queue_url)
_worker = Worker(
    _jobs,
    _workspace,
    {
        JobKind.BULK: Bulk(_jobs, _search, _scores, partial(criteria_of, _workspace)),
        JobKind.VERIFY: VerifyAll(_lists, _scores),
        JobKind.BACK_TEST: BackTest(_lists, _scores, _ledger, _workspace, decode_rule),
        JobKind.SNAPSHOT: TakeSnapshot(_lists, Snapshots(dynamodb(), settings().workspace_table), _now),
        JobKind.EXPIRY: Expiry(_lists, _scores),
        JobKind.DECAY: Decay(_lists, _scores),
        JobKind.REBUILD: RebuildStore(_workspace, _rebuilds, Batch(_projector, at_once), _now),
    },
    _now,
)


@entry_point
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Do a chunk of each message's job; those that failed come again, and at last go to the dead letters."""
    failed = [record["messageId"] for record in event["Records"] if not _work(record)]
    count("JobChunksFailed", len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _work(record: Mapping[str, Any]) -> bool:
    """False if the message is to come again."""
    try:
        body = json.loads(record["body"])
        job = body["account"], body["audience"], body["job"]
        if int(record["attributes"]["ApproximateReceiveCount"]) >= MOST_RECEIVES:
            # Not tried once more: a worker that was killed each time could never say so.
            _worker.give_up(*job)
            logger.error("job_given_up", account_id=job[0], job=job[2])
            return False
        chunk = _worker.work(*job)
        if isinstance(chunk, Rest):
            _queue.send(*job, chunk.after)
        elif chunk is Chunk.GOES_ON:
            _queue.send(*job)
    except Exception:  # noqa: BLE001, whatever failed, only this message comes again
        logger.exception("job_chunk_failed", message_id=record["messageId"])
        return False
    count("JobChunksRested" if isinstance(chunk, Rest) else f"JobChunks{chunk.title().replace('_', '')}")
    return True
