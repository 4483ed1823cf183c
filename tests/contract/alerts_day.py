"""What is looked for, told and done about customers who slip away, in a day."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from laurel.alerts.begin import begin_alerts
from laurel.model.alert import Alert, AlertKind, AlertState, Lateness
from laurel.model.identity import contact_id
from laurel.model.job import JobKind, job_id
from laurel.store.alert_rules import KeptAlertRules
from laurel.store.alerts import Alerts
from laurel.store.jobs import Jobs
from laurel.store.queue import JobQueue, sqs
from laurel.store.workspace import Workspace
from tests.support.functions import JOBS_QUEUE_URL

if TYPE_CHECKING:
    from tests.support.tables import Database

EMAIL = "late@example.com"


class Asks(Protocol):
    """Sends requests to the functions."""

    @property
    def account(self) -> str: ...
    @property
    def audience(self) -> str: ...
    def ask(self, method: str, resource: str, **request: Any) -> dict[str, Any]: ...
    def change(self, method: str, resource: str, **request: Any) -> dict[str, Any]: ...
    def work(self) -> None: ...
    def verify(self, domain: str) -> None: ...


def alerts_of_a_day(merchant: Asks, database: Database, store: str) -> None:
    """Alerts about a contact and about a buyer known by number only; a look at both, of which the team gets mail."""
    client, tables = database
    alerts, now = Alerts(client, tables.workspace), datetime.now(UTC).replace(microsecond=0)
    for customer in (contact_id(EMAIL), "customer-77"):
        reason = Lateness((now - timedelta(days=45)).date(), 6, 30, 43)
        alert = Alert(
            merchant.account, merchant.audience, store, AlertKind.OVERDUE, customer, AlertState.OPEN, reason, now, now,
            1, "EUR",
        )  # fmt: skip
        assert alerts.save(alert, now)
    path = {"audience": merchant.audience}
    person = {"id": "late", "name": "form.submitted", "occurred_at": now.isoformat(), "contact": {"email": EMAIL}}
    merchant.ask("POST", "/audiences/{audience}/activities", path=path, body=person)
    points = {"effect": "set", "points": 500}
    kim = {**path, "contact": contact_id(EMAIL)}
    merchant.ask("POST", "/audiences/{audience}/contacts/{contact}/score", path=kim, body=points)
    rules = "/audiences/{audience}/alert-rules"
    merchant.ask("GET", rules, path=path)
    seen = {"If-Match": "*", "Idempotency-Key": "rules"}
    merchant.ask("PUT", rules, path=path, body={"digest": "daily"}, headers=seen)
    merchant.ask("GET", "/audiences/{audience}/alerts", path=path)
    sender = json.loads(merchant.ask("POST", "/senders", body={"domain": "alerts.example"})["body"])["id"]
    merchant.verify("alerts.example")
    merchant.ask("GET", "/senders/{sender}", path={"sender": sender})
    merchant.ask("PATCH", "/account", body={"sender_address": "hello@alerts.example"})
    merchant.ask("GET", "/users")  # whoever asks is on the list from then on
    audience = Workspace(client, tables.workspace).existing_audience(merchant.account, merchant.audience)
    KeptAlertRules(client, tables.workspace).mailed(merchant.account, merchant.audience, now - timedelta(days=2))
    jobs = Jobs(client, tables.workspace)
    yesterday = now - timedelta(days=1)
    assert begin_alerts(jobs, JobQueue(sqs(), JOBS_QUEUE_URL), audience, yesterday) == 1
    merchant.work()
    midnight = yesterday.replace(hour=0, minute=0, second=0)
    job = jobs.job(merchant.account, merchant.audience, job_id(midnight, JobKind.ALERTS.value))
    assert job
    assert (job.result or {})["mail"] == "sent"
    settled = {**path, "alert": alerts.listed(merchant.account, merchant.audience, AlertState.OPEN, 1)[0][0].id}
    merchant.change("PATCH", "/audiences/{audience}/alerts/{alert}", path=settled, body={"state": "resolved"})
