"""POST an activity of a contact, and say that a machine did it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.http.app import App, lambda_handler
from laurel.http.orders_in import activity_report
from laurel.http.schemas import JudgementIn, read
from laurel.ingestion.record import judge, record_activity
from laurel.model.contact import ContactRef
from laurel.settings import settings
from laurel.store.contacts import Contacts
from laurel.store.evidence import Evidence
from laurel.store.ledger import Ledger
from laurel.store.process import dynamodb
from laurel.store.workspace import Workspace
from laurel.telemetry import count

app = App(dynamodb)
_ledger = Ledger(dynamodb(), settings().ledger_table)
_evidence = Evidence(dynamodb(), settings().ledger_table)
_contacts = Contacts(dynamodb(), settings().contacts_table)
_workspace = Workspace(dynamodb(), settings().workspace_table)


@app.post("/audiences/{audience}/activities")
def record(audience: str) -> dict[str, Any]:
    account_id = app.caller.account_id
    _workspace.existing_audience(account_id, audience)
    report = activity_report(app.json_body())
    outcome = record_activity(_ledger, _evidence, _contacts, account_id, audience, report, datetime.now(UTC))
    count(f"Activities{outcome.capitalize()}")
    return {"outcome": outcome.value}


@app.post("/audiences/{audience}/contacts/{contact}/activities/{activity}/judgement")
def judge_activity(audience: str, contact: str, activity: str) -> dict[str, Any]:
    judgement = read(JudgementIn, app.json_body())
    outcome = judge(_evidence, ContactRef(app.caller.account_id, audience, contact), activity, judgement.reason)
    count(f"Judgements{outcome.capitalize()}")
    return {"outcome": outcome.value}


handler = lambda_handler(app)
