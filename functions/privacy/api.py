"""Hand out what is known of a person, forget people and stores, and show what was removed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.http import privacy_out
from laurel.http.app import App, lambda_handler
from laurel.http.cursor import Pages
from laurel.http.parameters import limit_parameter
from laurel.model.account import Audience, Store
from laurel.model.contact import ContactRef
from laurel.model.errors import NotFound
from laurel.privacy.export import read_page
from laurel.privacy.requests import erase_person, erase_store, handed_out
from laurel.settings import settings
from laurel.store.erasures import Erasures
from laurel.store.person_records import PersonRecords
from laurel.store.process import dynamodb
from laurel.store.queue import ErasureQueue, sqs
from laurel.store.traces import Traces
from laurel.store.workspace import Workspace
from laurel.telemetry import count
from laurel.workspace.stores import existing

_PAGE = 50

app = App(dynamodb)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_erasures = Erasures(dynamodb(), settings().workspace_table)
_traces = Traces(dynamodb(), settings().workspace_table)
_records = PersonRecords(dynamodb(), settings().ledger_table, settings().contacts_table, settings().workspace_table)


@app.post("/audiences/{audience}/contacts/{contact}/export")
def export_person(audience: str, contact: str) -> dict[str, Any]:
    within = _audience(audience)
    ref = ContactRef(within.account_id, within.id, contact)
    pages = Pages(_workspace.cursor_key(within.account_id), f"export of {within.id} {contact}")
    position = pages.position(app.query("cursor"))
    stores = _stores(within)
    page = read_page(_records, ref, stores, position)
    if not page.records and position is None:
        raise NotFound("contact or customer", contact)
    if page.position is None:
        handed_out(_workspace, _traces, stores, contact)
        count("PeopleExported")
    return privacy_out.export(ref, page, datetime.now(UTC), pages.cursor(page.position))


@app.post("/audiences/{audience}/contacts/{contact}/erasure")
def erase(audience: str, contact: str) -> dict[str, Any]:
    within = _audience(audience)
    ref = ContactRef(within.account_id, within.id, contact)
    if next(_records.records(ref, None), None) is None:
        raise NotFound("contact or customer", contact)
    erasure = erase_person(_erasures, _queue(), within.account_id, within.id, contact, datetime.now(UTC))
    return privacy_out.erasure(erasure)


@app.post("/stores/{store}/erasure")
def erase_shop(store: str) -> dict[str, Any]:
    found = existing(_workspace, app.caller.account_id, store)
    return privacy_out.erasure(erase_store(_erasures, _queue(), found, datetime.now(UTC)))


@app.get("/erasures")
def list_erasures() -> dict[str, Any]:
    account_id = app.caller.account_id
    pages = Pages(_workspace.cursor_key(account_id), "erasures")
    position = pages.position(app.query("cursor"))
    found, last = _erasures.erasures(account_id, limit_parameter(app, _PAGE), position["erasure"] if position else None)
    return privacy_out.erasures(found, pages.cursor({"erasure": last} if last else None))


@app.get("/erasures/{erasure}")
def get_erasure(erasure: str) -> dict[str, Any]:
    found = _erasures.erasure(app.caller.account_id, erasure)
    if found is None:
        raise NotFound("erasure", erasure)
    return privacy_out.erasure(found)


def _audience(audience_id: str) -> Audience:
    return _workspace.existing_audience(app.caller.account_id, audience_id)


def _stores(within: Audience) -> list[Store]:
    return [store for store in _workspace.stores(within.account_id) if store.audience_id == within.id]


def _queue() -> ErasureQueue:
    return ErasureQueue(sqs(), settings().erasures_queue_url)


handler = lambda_handler(app)
