"""Queue of automations: take runs further, and have those taken up that were held."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from laurel.automation.outside import Told
from laurel.automation.outward import Outward
from laurel.automation.run import Runner, Went
from laurel.automation.steps import Steps
from laurel.model.contact import ContactRef
from laurel.settings import settings
from laurel.store.automations import Automations
from laurel.store.awards import Awards
from laurel.store.contacts import Contacts
from laurel.store.event_bus import EventBus, events
from laurel.store.held_runs import HeldRuns
from laurel.store.process import dynamodb
from laurel.store.queue import AutomationQueue, sqs
from laurel.store.runs import Runs
from laurel.store.schedules import RunWaits, Schedules, scheduler
from laurel.store.scores import Scores
from laurel.store.signing_secrets import SigningSecretBook
from laurel.store.workspace import Workspace
from laurel.telemetry import count, entry_point, logger

if TYPE_CHECKING:
    from laurel.automation.outside import WebhookAnswer
    from laurel.automation.posting import DeskMailer, PostedTeam
    from laurel.model.account import Account
    from laurel.model.message import Message
    from laurel.store.outgoing import Webhooks

_THREADS = 5

_now = partial(datetime.now, UTC)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_contacts = Contacts(dynamodb(), settings().contacts_table)
_queue = AutomationQueue(sqs(), settings().automations_queue_url)


@cache
def _mailer() -> DeskMailer:
    from laurel.automation.posting import DeskMailer  # noqa: PLC0415, few steps send mail, which brings much
    from laurel.store.mail_desk import mail_desk  # noqa: PLC0415, as above

    return DeskMailer(mail_desk(settings()))


@cache
def _team() -> PostedTeam:
    from laurel.automation.posting import PostedTeam  # noqa: PLC0415, few steps send mail, which brings much
    from laurel.store.mail_desk import team_post  # noqa: PLC0415, as above

    return PostedTeam(team_post(settings()))


@cache
def _webhooks() -> Webhooks:
    from laurel.store.outgoing import Webhooks  # noqa: PLC0415, few steps call webhooks

    return Webhooks(local=settings().local_shops)


class _Mailer:
    """Sends messages."""

    def send(
        self, ref: ContactRef, template_id: str, store_id: str | None, coupon: str | None, key: str, now: datetime
    ) -> Message:
        return _mailer().send(ref, template_id, store_id, coupon, key, now)


class _Team:
    """Mails teams."""

    def send(self, account: Account, key: str, subject: str, text: str, now: datetime) -> Told:
        return _team().send(account, key, subject, text, now)


class _Web:
    """Sends webhooks."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> WebhookAnswer:
        return _webhooks().post(url, headers, body)


_runner = Runner(
    Runs(dynamodb(), settings().contacts_table),
    HeldRuns(dynamodb(), settings().contacts_table),
    Automations(dynamodb(), settings().workspace_table),
    _contacts,
    RunWaits(
        _queue,
        Schedules(scheduler, settings().schedule_group, settings().scheduler_role, settings().automations_queue_arn),
    ),
    Steps(
        _contacts,
        _workspace,
        Scores(dynamodb(), settings().contacts_table),
        _Mailer(),
        Awards(dynamodb(), settings().workspace_table, settings().contacts_table),
        Outward(
            _workspace,
            _Team(),
            _Web(),
            SigningSecretBook(dynamodb(), settings().workspace_table),
            EventBus(events, settings().event_bus),
        ),
    ).do,
    _now,
)


@entry_point
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Take each message's run further; those that failed come again, and at last go to the dead letters."""
    records = event["Records"]
    with ThreadPoolExecutor(_THREADS) as pool:
        went = list(pool.map(_take_up, records))
    for outcome in Went:
        count(f"Runs{outcome.title()}", sum(it is outcome for it in went))
    failed = [record["messageId"] for record, it in zip(records, went, strict=True) if it is None]
    count("RunsNotTaken", len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _take_up(record: Mapping[str, Any]) -> Went | None:
    """What came of a message, None if it is to come again. Counts nothing: counters are for one thread."""
    try:
        body = json.loads(record["body"])
        if "automation" in body:
            return _released(body["account"], body["audience"], body["automation"])
        went = _runner.go_on(ContactRef(body["account"], body["audience"], body["contact"]), body["run"])
    except Exception:  # noqa: BLE001, whatever failed, only this message comes again
        logger.exception("run_not_taken", message_id=record["messageId"])
        return None
    if went in (Went.FAILED, Went.STOPPED):
        logger.info("run_ended", account_id=body["account"], run=body["run"], went=went.value)
    return went


def _released(account_id: str, audience_id: str, automation_id: str) -> Went:
    if _runner.release(_queue, account_id, audience_id, automation_id):
        _queue.release(account_id, audience_id, automation_id)
    logger.info("runs_released", account_id=account_id, automation_id=automation_id)
    return Went.NOTHING
