"""What the steps of automations tell others: the team, a server of the merchant's, the event bus."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Protocol

from laurel.automation import team_note
from laurel.automation.outside import EventBus, TeamBusy, TeamMailer, WebhookFault, WebhookSender
from laurel.automation.signing import SigningSecrets, signed
from laurel.automation.task import Did, Outcome, Task
from laurel.model.account import Account

EVENT_TYPE = "automation.step"

RETRIES = (
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
)
"""After what time a step is tried again that did not work out; after the last it has failed."""

_NEVER = frozenset({WebhookFault.NOT_HTTPS, WebhookFault.NOT_AN_ADDRESS})


class Accounts(Protocol):
    """Finds accounts."""

    def existing_account(self, account_id: str) -> Account: ...


class Secrets(Protocol):
    """What accounts sign with."""

    def made(self, account_id: str, now: datetime) -> SigningSecrets: ...


@dataclass(frozen=True, slots=True)
class Outward:
    """Does the steps that go out."""

    accounts: Accounts
    team: TeamMailer
    webhooks: WebhookSender
    secrets: Secrets
    bus: EventBus

    def notify_team(self, task: Task) -> Did:
        """Mail the users of the account, each once."""
        account = self.accounts.existing_account(task.run.ref.account_id)
        subject, text = team_note.words(account, task.run, task.contact, task.step.settings.get("note"))
        try:
            told = self.team.send(account, task.key, subject, text, task.now)
        except TeamBusy:
            return _again(task, {"problem": "mail-busy"})
        if told.why:
            return Did(Outcome.REFUSED, {"problem": told.why.replace("_", "-")})
        return Did(Outcome.DONE, {"users": told.users})

    def call_webhook(self, task: Task) -> Did:
        """Send a signed webhook (Standard Webhooks 1.0); its id is the step's, however often it is sent."""
        body = json.dumps(_said(task), ensure_ascii=False).encode()
        secrets = self.secrets.made(task.run.ref.account_id, task.now).valid(task.now)
        answer = self.webhooks.post(task.step.settings["url"], signed(secrets, task.key, task.now, body), body)
        status = {"status": answer.status} if answer.status else {}
        if answer.fault is None:
            return Did(Outcome.DONE, status)
        detail = {**status, "problem": answer.fault.value}
        if answer.fault in _NEVER or answer.status == HTTPStatus.GONE:
            return Did(Outcome.FAILED, detail)
        return _again(task, detail)

    def put_event(self, task: Task) -> Did:
        """Put an event on the bus; like the webhook, but that it names nobody."""
        said = _said(task)["data"]
        contact = {"id": said["contact"]["id"]}
        self.bus.put(task.step.settings["name"], {**said, "id": task.key, "contact": contact})
        return Did(Outcome.DONE)


def _again(task: Task, detail: dict[str, Any]) -> Did:
    if task.attempts < len(RETRIES):
        return Did(Outcome.RETRIED, detail, RETRIES[task.attempts])
    return Did(Outcome.FAILED, detail)


def _said(task: Task) -> dict[str, Any]:
    """What is told of a step, as JSON can hold it."""
    run, contact = task.run, task.contact
    return {
        "type": EVENT_TYPE,
        "timestamp": task.now.isoformat(timespec="seconds"),
        "data": {
            "account": run.ref.account_id,
            "audience": run.ref.audience_id,
            "automation": {"id": run.automation_id, "name": run.automation_name},
            "run": run.id,
            "step": run.step,
            "cause": dict(run.cause),
            "contact": {
                "id": contact.id,
                "email": contact.email,
                "first_name": contact.first_name,
                "last_name": contact.last_name,
                "locale": contact.locale,
                "status": contact.status.value,
                "tags": list(contact.tags),
            },
        },
    }
