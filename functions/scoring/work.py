"""Queue of jobs: do one chunk of a job, and queue the next."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from laurel.automation.silence import TellOfSilence
from laurel.leaderboard.batch import Batch
from laurel.leaderboard.project import Projector
from laurel.model.job import JobKind, JobState
from laurel.scoring.backtest import BackTest
from laurel.scoring.bulk import Bulk, Decay, Expiry
from laurel.scoring.criteria import criteria_of
from laurel.scoring.snapshot import TakeSnapshot
from laurel.scoring.verify_all import VerifyAll
from laurel.scoring.work import MOST_RECEIVES, Chunk, Rest, Task, Worker, at_once
from laurel.settings import settings
from laurel.store.contacts import Contacts
from laurel.store.jobs import Jobs
from laurel.store.ledger import Ledger
from laurel.store.process import dynamodb
from laurel.store.pulses import KeptPulses
from laurel.store.queue import JobQueue, sqs
from laurel.store.rankings import Rankings
from laurel.store.rates import RateTables
from laurel.store.rebuilds import Rebuilds
from laurel.store.score_lists import ScoreLists
from laurel.store.score_search import ScoreSearch
from laurel.store.scores import Scores
from laurel.store.scoring_rules import decode_rule
from laurel.store.signals import Signals
from laurel.store.snapshots import Snapshots
from laurel.store.workspace import RememberedStores, Workspace
from laurel.telemetry import count, entry_point, logger, snapshot_tampered
from laurel.workspace.rebuild import RebuildStore

if TYPE_CHECKING:
    from laurel.alerts.work import WatchLoyalty
    from laurel.automation.conditions import Conditions
    from laurel.automation.inclusion import DryRun, Everyone, Include
    from laurel.model.account import Audience, Store
    from laurel.model.job import Job
    from laurel.reconciliation.work import Reconcile
    from laurel.rewards.work import GiveAwards
    from laurel.shops.shop import Shop, ShopCredentials
    from laurel.store.board_snapshots import RememberedSnapshots
    from laurel.store.runs import Runs

_SHOP_SECONDS = 30
"""What one request to a shop may take: a chunk of 40 seconds and a step after it end within the function's time."""

_now = partial(datetime.now, UTC)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_jobs = Jobs(dynamodb(), settings().workspace_table)
_scores = Scores(dynamodb(), settings().contacts_table)
_lists = ScoreLists(dynamodb(), settings().contacts_table)
_search = ScoreSearch(dynamodb(), settings().contacts_table, settings().rankings_table)
_ledger = Ledger(dynamodb(), settings().ledger_table)
_boards = Rankings(dynamodb(), settings().rankings_table)
_contacts = Contacts(dynamodb(), settings().contacts_table)
_pulses = KeptPulses(dynamodb(), settings().contacts_table)
_signals = Signals(dynamodb(), settings().contacts_table)
_projector = Projector(
    _ledger,
    _boards,
    RememberedStores(_workspace),
    RateTables(dynamodb(), settings().workspace_table),
)
_rebuilds = Rebuilds(dynamodb(), settings().ledger_table, settings().rankings_table)
_batch = Batch(_projector, at_once)
_queue = JobQueue(sqs(), settings().jobs_queue_url)


@cache
def _reconcile() -> Reconcile:
    """Made with the first such job: it imports all that webhooks take."""
    from laurel.ingestion.record import Recorder  # noqa: PLC0415, see above
    from laurel.privacy.late import DiscreetShelf  # noqa: PLC0415, as above
    from laurel.reconciliation.boards import CompareBoards  # noqa: PLC0415, as above
    from laurel.reconciliation.shop import CompareShop  # noqa: PLC0415, as above
    from laurel.reconciliation.work import Reconcile  # noqa: PLC0415, as above
    from laurel.store.reconciliation_records import ReconciliationRecords  # noqa: PLC0415, as above
    from laurel.store.reconciliations import Reconciliations  # noqa: PLC0415, as above
    from laurel.store.secrets import ssm  # noqa: PLC0415, as above
    from laurel.store.shop_accesses import KeptShopAccesses  # noqa: PLC0415, as above
    from laurel.store.unreadable import Unreadable  # noqa: PLC0415, as above

    client, workspace_table = dynamodb(), settings().workspace_table
    records = ReconciliationRecords(client, settings().ledger_table, settings().rankings_table)
    accesses = KeptShopAccesses(client, workspace_table, ssm, settings().shop_parameters)
    recorder = Recorder(_ledger, _contacts, _workspace)
    unreadable = DiscreetShelf(Unreadable(client, settings().ledger_table), _contacts)
    return Reconcile(
        _workspace,
        Reconciliations(client, workspace_table),
        CompareShop(accesses, _open_shop, records, recorder, unreadable, _now),
        CompareBoards(records, _boards, _batch, _now),
        _now,
    )


def _open_shop(_store: Store, credentials: ShopCredentials) -> Shop:
    from laurel.shops.connect import open_shop  # noqa: PLC0415, as above
    from laurel.store.shop_http import Patience, ShopHttp  # noqa: PLC0415, as above

    return open_shop(ShopHttp(Patience(whole=_SHOP_SECONDS), local=settings().local_shops), credentials)


@cache
def _everyone() -> Everyone:
    """Made with the first such job."""
    from laurel.automation.existing import Meeting  # noqa: PLC0415, few jobs are about automations
    from laurel.automation.inclusion import Everyone  # noqa: PLC0415, as above
    from laurel.store.alerts import Alerts  # noqa: PLC0415, as above

    alerts = Alerts(dynamodb(), settings().workspace_table)
    return Everyone(_lists, _contacts, Meeting(_workspace, _remembered(), alerts, _search, _pulses))


@cache
def _conditions() -> Conditions:
    from laurel.automation.conditions import Conditions  # noqa: PLC0415, few jobs are about automations

    return Conditions(_workspace, _boards)


@cache
def _runs() -> Runs:
    from laurel.store.runs import Runs  # noqa: PLC0415, few jobs are about automations

    return Runs(dynamodb(), settings().contacts_table)


@cache
def _dry_run() -> DryRun:
    from laurel.automation.inclusion import DryRun  # noqa: PLC0415, few jobs are about automations
    from laurel.store.automation_items import decode_automation  # noqa: PLC0415, as above

    return DryRun(_everyone(), _conditions(), _runs(), decode_automation, _now)


@cache
def _include() -> Include:
    from laurel.automation.inclusion import Include  # noqa: PLC0415, few jobs are about automations
    from laurel.automation.react import Reactor  # noqa: PLC0415, as above
    from laurel.store.automations import Automations  # noqa: PLC0415, as above

    automations = Automations(dynamodb(), settings().workspace_table)
    return Include(_everyone(), automations, Reactor(_runs(), _contacts, _conditions()), _runs(), _now)


@cache
def _awards() -> GiveAwards:
    """Made with the first such job: it imports the template engine."""
    from laurel.rewards.tell import Tell  # noqa: PLC0415, see above
    from laurel.rewards.work import GiveAwards, Sources  # noqa: PLC0415, as above
    from laurel.store.awards import Awards  # noqa: PLC0415, as above
    from laurel.store.board_snapshots import BoardSnapshots  # noqa: PLC0415, as above
    from laurel.store.mail_desk import mail_desk  # noqa: PLC0415, as above
    from laurel.store.seal import Seal, kms  # noqa: PLC0415, as above
    from laurel.store.tiers import TierBook  # noqa: PLC0415, as above

    client, table = dynamodb(), settings().workspace_table
    book = Awards(client, table, settings().contacts_table)
    closed = BoardSnapshots(client, table, Seal(kms, settings().snapshot_key))
    places = Sources(_jobs, _workspace, _boards, closed, TierBook(client, table), _search)
    return GiveAwards(book, places, Tell(mail_desk(settings()), book), _now)


@cache
def _watch() -> WatchLoyalty:
    """Made with the first such job: it imports all that mail takes."""
    from laurel.alerts.digest import MailDigest  # noqa: PLC0415, see above
    from laurel.alerts.work import Sources, WatchLoyalty  # noqa: PLC0415, as above
    from laurel.leaderboard.movement import ReadableSnapshots  # noqa: PLC0415, as above
    from laurel.store.alert_rules import KeptAlertRules  # noqa: PLC0415, as above
    from laurel.store.alerts import Alerts  # noqa: PLC0415, as above
    from laurel.store.mail_desk import team_post  # noqa: PLC0415, as above

    client, table = dynamodb(), settings().workspace_table
    alerts, rules = Alerts(client, table), KeptAlertRules(client, table)
    digest = MailDigest(alerts, rules, _workspace, _contacts, team_post(settings()), settings().dashboard_url)
    sources = Sources(_workspace, ReadableSnapshots(_remembered(), snapshot_tampered), _ledger, _scores)
    return WatchLoyalty(sources, rules, alerts, _signals, digest, _now)


@cache
def _remembered() -> RememberedSnapshots:
    from laurel.store.board_snapshots import BoardSnapshots, RememberedSnapshots  # noqa: PLC0415, few jobs read any

    return RememberedSnapshots(BoardSnapshots(dynamodb(), settings().workspace_table))


class _Late:
    """A kind of job whose workings are made with the first such job: few processes do them all."""

    def __init__(self, make: Callable[[], Task]) -> None:
        self._make = make

    def step(self, audience: Audience, job: Job) -> Job:
        return self._make().step(audience, job)


def _ended(job: Job) -> None:
    """Count what reconciliations, awards and looks at loyalty came to."""
    result = job.result or {}
    if job.kind is JobKind.ALERTS:
        count("AlertsOpened", int(result.get("opened", 0)))
        count("AlertsResolved", int(result.get("resolved", 0)))
        count("AlertDigestsNotMailed", int(result.get("mail") in ("no_sender", "sending_stopped", "nobody")))
    if job.kind is JobKind.AWARD:
        count("AwardsGiven", int(result.get("given", 0)))
        count("AwardsRefused", sum(result.get("refused", {}).values()))
    if job.kind is not JobKind.RECONCILIATION:
        return
    found = {name: int(result.get(name, 0)) for name in ("missing", "outdated", "rows")}
    count("ReconciliationDifferences", sum(found.values()))
    count("ReconciliationOrdersMissing", found["missing"])
    count("ReconciliationOrdersOutdated", found["outdated"])
    count("ReconciliationRowsWrong", found["rows"])
    count("ReconciliationRepaired", int(result.get("repaired", 0)))
    count("ShopCredentialsRefused", int(result.get("shop") == "refused"))
    count("ReconciliationsFailed", int(job.state is JobState.FAILED))
    logger.info("reconciled", account_id=job.account_id, job=job.id, state=job.state.value, found=dict(result))


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
        JobKind.SILENCE: TellOfSilence(_pulses, _signals),
        JobKind.REBUILD: RebuildStore(_workspace, _rebuilds, _batch, _now),
        JobKind.RECONCILIATION: _Late(_reconcile),
        JobKind.ALERTS: _Late(_watch),
        JobKind.AWARD: _Late(_awards),
        JobKind.DRY_RUN: _Late(_dry_run),
        JobKind.INCLUSION: _Late(_include),
    },
    _now,
    _ended,
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
