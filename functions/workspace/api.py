"""Account, audiences, stores, contacts and the API's own description."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from laurel.http import answers, counting_out, cursor
from laurel.http.app import App, lambda_handler
from laurel.http.exchange import Response
from laurel.http.parameters import enum_parameter, limit_parameter, number_parameter
from laurel.leaderboard.board import read_figures, read_months
from laurel.messaging.unsubscribe import token
from laurel.model.account import Account, Audience, Role, Store, StoreState
from laurel.model.contact import Contact, ContactRef
from laurel.model.errors import NotFound
from laurel.model.identity import new_id
from laurel.model.job import Job, job_id
from laurel.model.period import TimeFrame
from laurel.model.setaside import SetAside, SetAsideReason, UnreadableDelivery
from laurel.settings import settings
from laurel.store.contacts import Contacts
from laurel.store.jobs import Jobs
from laurel.store.ledger import Ledger
from laurel.store.link_keys import LinkKeys
from laurel.store.process import dynamodb
from laurel.store.rankings import Rankings
from laurel.store.rates import RateTables
from laurel.store.reconciliations import Reconciliations
from laurel.store.unreadable import Unreadable
from laurel.store.workspace import Workspace
from laurel.workspace import counting, stores

if TYPE_CHECKING:
    from laurel.automation.signing import SigningSecrets
    from laurel.leaderboard.movement import ReadableSnapshots
    from laurel.store.signing_secrets import SigningSecretBook

_PAGE = 50
_COUNTED = 1000
_MONTHS = 24
_RUNS = 5
_MOST_RUNS = 30
_CLEARED_BY_NULL = frozenset({"postal_address", "sender_name", "sender_address", "quiet_hours", "daily_messages"})

app = App(dynamodb)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_link_keys = LinkKeys(dynamodb(), settings().workspace_table)
_rankings = Rankings(dynamodb(), settings().rankings_table)
_ledger = Ledger(dynamodb(), settings().ledger_table)
_unreadable = Unreadable(dynamodb(), settings().ledger_table)
_rate_tables = RateTables(dynamodb(), settings().workspace_table)
_jobs = Jobs(dynamodb(), settings().workspace_table)
_reconciliations = Reconciliations(dynamodb(), settings().workspace_table)
_contacts = Contacts(dynamodb(), settings().contacts_table)


@app.get("/account")
def get_account() -> dict[str, Any]:
    return answers.account(_account())


@app.patch("/account")
def change_account() -> dict[str, Any]:
    from laurel.http.account_in import AccountChange  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, as above

    sent = read(AccountChange, app.json_body()).model_dump(exclude_unset=True)
    changes = {name: value for name, value in sent.items() if value is not None or name in _CLEARED_BY_NULL}
    if changes:
        _workspace.change_account(_account().id, changes)
    return answers.account(_account())


@app.get("/account/signing-secret")
def get_signing_secret() -> dict[str, Any]:
    return _signing(lambda book, now: book.made(_account().id, now))


@app.post("/account/signing-secret")
def rotate_signing_secret() -> dict[str, Any]:
    return _signing(lambda book, now: book.rotate(_account().id, now))


@app.get("/audiences")
def list_audiences() -> dict[str, Any]:
    return {"audiences": [answers.audience(audience) for audience in _workspace.audiences(app.caller.account_id)]}


@app.post("/audiences")
def create_audience() -> dict[str, Any]:
    from laurel.http.schemas import AudienceNew, read  # noqa: PLC0415, reads need no pydantic

    name = read(AudienceNew, app.json_body()).name
    audience = Audience(app.caller.account_id, new_id(), name, score_epoch=1, created_at=datetime.now(UTC))
    _workspace.save_audience(audience)
    return answers.audience(audience)


@app.get("/audiences/{audience}")
def get_audience(audience: str) -> dict[str, Any]:
    return answers.audience(_audience(audience))


@app.patch("/audiences/{audience}")
def change_audience(audience: str) -> dict[str, Any]:
    from laurel.http.schemas import AudienceNew, read  # noqa: PLC0415, reads need no pydantic

    name = read(AudienceNew, app.json_body()).name
    known = _audience(audience)
    _workspace.rename_audience(known.account_id, known.id, name)
    return answers.audience(replace(known, name=name))


@app.get("/stores")
def list_stores() -> dict[str, Any]:
    return {"stores": [_shown(store) for store in _workspace.stores(app.caller.account_id)]}


@app.post("/stores")
def connect_store() -> dict[str, Any]:
    from laurel.http.schemas import StoreNew, read  # noqa: PLC0415, reads need no pydantic

    wanted = read(StoreNew, app.json_body()).model_dump()
    wanted["first_day_of_week"] = answers.WEEKDAYS.index(wanted["first_day_of_week"]) + 1
    store = stores.connect(_workspace, app.caller.account_id, stores.StorePlan(**wanted), datetime.now(UTC))
    return _connected(store)


@app.get("/stores/{store}")
def get_store(store: str) -> dict[str, Any]:
    from laurel.http import reconciliation_out, shop_credentials_out  # noqa: PLC0415, few requests need them
    from laurel.store.shop_accesses import ShownShopAccesses  # noqa: PLC0415, as above

    found = _store(store)
    last = next(iter(_reconciliations.runs(found, 1)), None)
    access = ShownShopAccesses(dynamodb(), settings().workspace_table).access(found)
    counts = {reason.value: len(_set_aside(found, reason, _COUNTED + 1)) for reason in SetAsideReason}
    return {
        **_shown(found),
        "set_aside": {
            reason: {"count": min(counted, _COUNTED), "more": counted > _COUNTED} for reason, counted in counts.items()
        },
        "privacy_requests": [answers.privacy_request(kept) for kept in _workspace.privacy_requests(found)],
        "reconciliation": reconciliation_out.summary(last),
        "shop_access": shop_credentials_out.state(access),
    }


@app.patch("/stores/{store}")
def change_store(store: str) -> dict[str, Any]:
    from laurel.http.schemas import StoreChange, read  # noqa: PLC0415, reads need no pydantic

    sent = read(StoreChange, app.json_body()).model_dump(exclude_unset=True)
    wanted = {name: value for name, value in sent.items() if value is not None or name == "shop_domain"}
    if "state" in wanted:
        wanted["state"] = StoreState(wanted["state"])
    if "first_day_of_week" in wanted:
        wanted["first_day_of_week"] = answers.WEEKDAYS.index(wanted["first_day_of_week"]) + 1
    job = job_id(datetime.now(UTC))
    changed = _changed(store, lambda known: stores.edited(known, wanted, job))
    if changed.rebuild and changed.rebuild.job == job:
        _begin(changed)
    return _shown(changed)


@app.delete("/stores/{store}")
def disconnect_store(store: str) -> dict[str, Any]:
    return _shown(_changed(store, lambda known: replace(known, state=StoreState.DISCONNECTED)))


@app.post("/stores/{store}/secret")
def rotate_secret(store: str) -> dict[str, Any]:
    from laurel.http.schemas import SecretRotation, read  # noqa: PLC0415, reads need no pydantic

    secret = read(SecretRotation, app.json_body() if app.request.body() else {}).secret
    now = datetime.now(UTC)
    return _connected(_changed(store, lambda known: stores.rotated(known, secret, now)))


@app.post("/stores/{store}/rebuild")
def rebuild_store(store: str) -> dict[str, Any]:
    from laurel.http import jobs_out  # noqa: PLC0415, nothing else here answers with a job

    job = job_id(datetime.now(UTC))
    return jobs_out.job(_begin(_changed(store, lambda known: counting.rebuilt(known, job))))


@app.post("/stores/{store}/reconciliation")
def reconcile_store(store: str) -> dict[str, Any]:
    from laurel.http import reconciliation_out  # noqa: PLC0415, few requests are about reconciliations
    from laurel.reconciliation.begin import begin  # noqa: PLC0415, as above
    from laurel.store.queue import JobQueue, sqs  # noqa: PLC0415, as above

    found = _store(store)
    queue = JobQueue(sqs(), settings().jobs_queue_url)
    job = begin(_reconciliations, _jobs, queue, found, datetime.now(UTC), app.request.claims.get("email"))
    run = _reconciliations.run(found, job.id)
    if run is None:
        raise NotFound("reconciliation", job.id)
    return reconciliation_out.run(found, run, job)


@app.get("/stores/{store}/reconciliation")
def get_reconciliation(store: str) -> dict[str, Any]:
    from laurel.http import reconciliation_out  # noqa: PLC0415, few requests are about reconciliations
    from laurel.reconciliation.begin import next_at  # noqa: PLC0415, as above

    found = _store(store)
    runs = [
        reconciliation_out.run(found, it, None if it.finished_at else _jobs.job(it.account_id, it.audience_id, it.id))
        for it in _reconciliations.runs(found, limit_parameter(app, _RUNS, _MOST_RUNS))
    ]
    reconciled = _reconciliations.reconciled(found)
    return reconciliation_out.reconciliation(found, reconciled, runs, next_at(found, datetime.now(UTC)))


@app.get("/stores/{store}/rates")
def get_rates(store: str) -> dict[str, Any]:
    found = _store(store)
    declared = _rate_tables.rates(found)
    return {**counting_out.rates(found, declared), **counting_out.rebuilding(found, _jobs)}


@app.put("/stores/{store}/rates")
def replace_rates(store: str) -> dict[str, Any]:
    from laurel.http.rates_in import asked_rates  # noqa: PLC0415, reads need no pydantic

    wanted = asked_rates(app.request, _store(store).currency)
    job = job_id(datetime.now(UTC))
    changed = stores.declare(_workspace, _rate_tables, app.caller.account_id, store, wanted, job)
    if changed.rebuild and changed.rebuild.job == job:
        _begin(changed)
    return {**counting_out.rates(changed, wanted), **counting_out.rebuilding(changed, _jobs)}


@app.get("/stores/{store}/set-aside")
def list_set_aside(store: str) -> dict[str, Any]:
    found = _store(store)
    wanted = enum_parameter(app, "reason", SetAsideReason)
    limit = limit_parameter(app, _PAGE)
    entries = [
        entry for reason in SetAsideReason if wanted in (None, reason) for entry in _set_aside(found, reason, limit)
    ]
    return {"entries": [answers.set_aside(entry, found.currency) for entry in entries[:limit]]}


@app.get("/audiences/{audience}/contacts/{contact}")
def get_contact(audience: str, contact: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    within = _audience(audience)
    found = _contact(within, contact)
    frame = enum_parameter(app, "time_frame", TimeFrame) or TimeFrame.ALL_TIME
    months = number_parameter(app, "months", 0, 0, _MONTHS)
    figures = [
        read_months(
            _rankings,
            read_figures(_rankings, store, store.calendar.period_of_frame(frame, now), found.id, _snapshots()),
            found.id,
            months,
            now,
        )
        for store in _workspace.stores(app.caller.account_id)
        if store.audience_id == within.id
    ]
    rebuilds = {it.store.id: counting_out.rebuilding(it.store, _jobs) for it in figures}
    told = answers.contact(found, within, figures, _unsubscribe_url(within, found), rebuilds)
    return {**told, "tier": _tier(within, found, {it.store.id: it.store for it in figures}, now)}


@app.get("/audiences/{audience}/contacts/{contact}/timeline")
def get_timeline(audience: str, contact: str) -> dict[str, Any]:
    from laurel.http import timeline_out  # noqa: PLC0415, only a timeline needs it
    from laurel.store.awards import Awards  # noqa: PLC0415, as above
    from laurel.store.messages import Messages  # noqa: PLC0415, as above
    from laurel.store.runs import Runs  # noqa: PLC0415, as above
    from laurel.workspace.timeline import Histories, read_timeline  # noqa: PLC0415, as above

    account_id = app.caller.account_id
    cursor_key = _workspace.cursor_key(account_id)
    found = _contact(_audience(audience), contact)
    after = app.query("cursor")
    client, table = dynamodb(), settings().contacts_table
    awards = Awards(client, settings().workspace_table, table)
    page = read_timeline(
        Histories(_ledger, _contacts, Messages(client, table), Runs(client, table), awards),
        ContactRef(account_id, audience, found.id),
        limit_parameter(app, _PAGE),
        cursor.decode(after, cursor_key) if after else None,
    )
    has_awards = any(entry.kind == "reward" for entry in page.entries)
    programmes = {it.id: it for it in awards.programmes(account_id, audience)} if has_awards else {}
    return {
        "entries": [timeline_out.entry(it, programmes) for it in page.entries],
        "truncated": page.truncated,
        "next_cursor": cursor.encode(page.next_cursor, cursor_key) if page.next_cursor else None,
    }


@app.get("/openapi.json")
def get_openapi() -> Response:
    return Response(200, "application/json", _openapi())


@cache
def _openapi() -> str:
    return Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")


def _account() -> Account:
    return _workspace.existing_account(app.caller.account_id)


def _signing(ask: Callable[[SigningSecretBook, datetime], SigningSecrets]) -> dict[str, Any]:
    from laurel.http.signing_out import signing_secret  # noqa: PLC0415, few requests are about it
    from laurel.store.signing_secrets import SigningSecretBook  # noqa: PLC0415, as above

    now = datetime.now(UTC)
    return signing_secret(ask(SigningSecretBook(dynamodb(), settings().workspace_table), now), now)


def _audience(audience_id: str) -> Audience:
    return _workspace.existing_audience(app.caller.account_id, audience_id)


def _store(store_id: str) -> Store:
    return stores.existing(_workspace, app.caller.account_id, store_id)


def _set_aside(store: Store, reason: SetAsideReason, at_most: int) -> Sequence[SetAside | UnreadableDelivery]:
    if reason is SetAsideReason.UNREADABLE:
        return _unreadable.of_store(store, at_most)
    return _rankings.set_aside(store, reason, at_most)


def _shown(store: Store) -> dict[str, Any]:
    return {**answers.store(store, _api_url()), **counting_out.rebuilding(store, _jobs)}


def _connected(store: Store) -> dict[str, Any]:
    return {**answers.connected_store(store, _api_url()), **counting_out.rebuilding(store, _jobs)}


def _begin(store: Store) -> Job:
    from laurel.store.queue import JobQueue, sqs  # noqa: PLC0415, few requests begin a job

    queue = JobQueue(sqs(), settings().jobs_queue_url)
    return counting.begin(_jobs, queue, store, datetime.now(UTC), app.request.claims.get("email"))


def _changed(store_id: str, change: stores.Change) -> Store:
    return stores.change(_workspace, app.caller.account_id, store_id, change)


def _contact(audience: Audience, contact_id: str) -> Contact:
    contact = _contacts.contact(audience.account_id, audience.id, contact_id)
    if contact is None:
        raise NotFound("contact", contact_id)
    return contact


@cache
def _snapshots() -> ReadableSnapshots:
    from laurel.leaderboard.movement import ReadableSnapshots  # noqa: PLC0415, only profiles look at boards' past
    from laurel.store.board_snapshots import BoardSnapshots, RememberedSnapshots  # noqa: PLC0415, as above
    from laurel.telemetry import snapshot_tampered  # noqa: PLC0415, as above

    remembered = RememberedSnapshots(BoardSnapshots(dynamodb(), settings().workspace_table))
    return ReadableSnapshots(remembered, snapshot_tampered)


def _tier(audience: Audience, contact: Contact, stores: Mapping[str, Store], now: datetime) -> dict[str, Any] | None:
    from laurel.http import rewards_out  # noqa: PLC0415, only profiles tell tiers
    from laurel.rewards.tiers import tiers_of  # noqa: PLC0415, as above
    from laurel.store.score_search import ScoreSearch  # noqa: PLC0415, as above
    from laurel.store.tiers import TierBook  # noqa: PLC0415, as above

    search = ScoreSearch(dynamodb(), settings().contacts_table, settings().rankings_table)
    tiers = TierBook(dynamodb(), settings().workspace_table).tiers(audience.account_id, audience.id)
    tier = tiers_of(tiers, search, audience, stores.get, [contact.id], now).get(contact.id)
    return rewards_out.tier(tier) if tier else None


def _unsubscribe_url(audience: Audience, contact: Contact) -> str | None:
    """Whoever has the address can use it, so it is for those who may write to contacts."""
    if not app.caller.role.includes(Role.MARKETER):
        return None
    ref = ContactRef(audience.account_id, audience.id, contact.id)
    return f"{_api_url()}/unsubscribe/{token(_link_keys.made(audience.account_id), ref)}"


def _api_url() -> str:
    return settings().public_api_url.format(api_id=app.request.api_id, stage=app.request.stage)


handler = lambda_handler(app)
