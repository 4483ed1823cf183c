"""Automations: made, read, changed, paused, tried out; and the log of their runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from laurel.automation.activation import inclusion_of, new_inclusion
from laurel.http import automations_out
from laurel.http.app import App, lambda_handler
from laurel.http.cursor import Pages
from laurel.http.exchange import Response, json_response
from laurel.http.parameters import limit_parameter
from laurel.http.versions import etag, require_match
from laurel.model.account import Audience, Store
from laurel.model.automation import MOST_AUTOMATIONS, Automation, Run
from laurel.model.automation_state import GuardReport
from laurel.model.contact import Contact, ContactRef
from laurel.model.errors import Conflict, NotFound, VersionMismatch
from laurel.model.job import JobKind
from laurel.scoring.work import at_once
from laurel.settings import settings
from laurel.store.automation_items import encode_automation
from laurel.store.automations import Automations
from laurel.store.contacts import Contacts
from laurel.store.jobs import Jobs
from laurel.store.process import dynamodb
from laurel.store.queue import AutomationQueue, JobQueue, sqs
from laurel.store.runs import Runs
from laurel.store.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from laurel.http.automations_out import Activity

_PAGE = 50
_OF_LATE = timedelta(days=30)
_REFERRING = ("trigger", "conditions", "steps", "hysteresis", "include_existing")

app = App(dynamodb)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_automations = Automations(dynamodb(), settings().workspace_table)
_jobs = Jobs(dynamodb(), settings().workspace_table)
_contacts = Contacts(dynamodb(), settings().contacts_table)
_runs = Runs(dynamodb(), settings().contacts_table)


@app.get("/audiences/{audience}/automations")
def list_automations(audience: str) -> dict[str, Any]:
    within = _audience(audience)
    found = _in_order(within)
    stores, reports = _stores(within), _automations.reports(within.account_id, within.id)
    since = datetime.now(UTC) - _OF_LATE
    activities = at_once(lambda it: _activity(it, since), found)
    shown = zip(found, activities, strict=True)
    return {"automations": [_shown(it, stores, reports.get(it.id), activity) for it, activity in shown]}


@app.post("/audiences/{audience}/automations")
def create_automation(audience: str) -> Response:
    from laurel.http.automation_drafts_in import automation_of  # noqa: PLC0415, reads need no pydantic
    from laurel.http.automations_in import AutomationIn  # noqa: PLC0415, as above
    from laurel.http.schemas import read  # noqa: PLC0415, as above

    body = read(AutomationIn, app.json_body())
    within, now = _audience(audience), datetime.now(UTC)
    if len(_automations.automations(within.account_id, within.id)) >= MOST_AUTOMATIONS:
        raise Conflict(
            f"This audience has {MOST_AUTOMATIONS} automations, which is as many as it may have. Delete one."
        )
    stores = _stores(within)
    wanted = automation_of(body, within, stores, now, _person())
    _require_sense(within, wanted, stores)
    return _saved(wanted, stores, status=201)


@app.get("/audiences/{audience}/automations/{automation}")
def get_automation(audience: str, automation: str) -> Response:
    within = _audience(audience)
    return _versioned(_automation(within, automation), _stores(within))


@app.patch("/audiences/{audience}/automations/{automation}")
def change_automation(audience: str, automation: str) -> Response:
    from laurel.http.automation_drafts_in import changed  # noqa: PLC0415, reads need no pydantic
    from laurel.http.automations_in import AutomationChange  # noqa: PLC0415, as above
    from laurel.http.schemas import read  # noqa: PLC0415, as above

    body = read(AutomationChange, app.json_body())
    within = _audience(audience)
    known = _automation(within, automation)
    require_match(app, known.version)
    stores = _stores(within)
    wanted = changed(known, body, stores, datetime.now(UTC))
    enabled = wanted.enabled and not known.enabled
    if enabled or any(getattr(body, name) is not None for name in _REFERRING):
        _require_sense(within, wanted, stores)
    if enabled:
        _queue().release(within.account_id, within.id, known.id)
    return _saved(wanted, stores, asked=bool(body.include_existing))


@app.delete("/audiences/{audience}/automations/{automation}")
def delete_automation(audience: str, automation: str) -> dict[str, Any]:
    within = _audience(audience)
    known = _automation(within, automation)
    require_match(app, known.version)
    shown = _in_full(known, _stores(within))
    _queue().release(within.account_id, within.id, known.id)
    if not _automations.delete(known):
        raise VersionMismatch
    return shown


@app.post("/audiences/{audience}/automations/dry-runs")
def start_dry_run(audience: str) -> dict[str, Any]:
    from laurel.http import jobs_out  # noqa: PLC0415, nothing else here answers with a job
    from laurel.http.automation_drafts_in import automation_of  # noqa: PLC0415, reads need no pydantic
    from laurel.http.automations_in import DryRunNew  # noqa: PLC0415, as above
    from laurel.http.schemas import read  # noqa: PLC0415, as above
    from laurel.scoring.jobs import start  # noqa: PLC0415, few requests start a job

    body = read(DryRunNew, app.json_body())
    within, now = _audience(audience), datetime.now(UTC)
    if body.draft is None:
        tried = _automation(within, body.automation or "")
    else:
        stores = _stores(within)
        tried = automation_of(body.draft, within, stores, now, _person(), "/draft")
        _require_sense(within, tried, stores, "/draft")
    asked = {"automation": body.automation, "name": tried.name, "kept": encode_automation(tried)}
    job = start(_jobs, _job_queue(), within, JobKind.DRY_RUN, asked, now, _person())
    return jobs_out.job(job)


@app.get("/audiences/{audience}/automations/dry-runs/{job}")
def get_dry_run(audience: str, job: str) -> dict[str, Any]:
    within = _audience(audience)
    found = _jobs.job(within.account_id, within.id, job)
    if found is None or found.kind is not JobKind.DRY_RUN:
        raise NotFound("dry run", job)
    result = found.result or {"touched_contacts": [], "refused_contacts": []}
    named = [*result["touched_contacts"], *(contact for contact, _ in result["refused_contacts"])]
    return automations_out.dry_run(found, _contacts.contacts(within.account_id, within.id, named))


@app.get("/audiences/{audience}/automations/{automation}/runs")
def list_runs(audience: str, automation: str) -> dict[str, Any]:
    within = _audience(audience)
    pages = Pages(_workspace.cursor_key(app.caller.account_id), f"runs of {automation} in {within.id}")
    position = pages.position(app.query("cursor"))
    limit = limit_parameter(app, _PAGE)
    known = _automation(within, automation)
    after = position["place"] if position else None
    found, last = _runs.runs_of_automation(within.account_id, within.id, known.id, limit, after)
    return automations_out.runs(found, _people(within, found), pages.cursor({"place": last} if last else None))


@app.get("/audiences/{audience}/contacts/{contact}/automation-runs")
def list_contact_runs(audience: str, contact: str) -> dict[str, Any]:
    within = _audience(audience)
    pages = Pages(_workspace.cursor_key(app.caller.account_id), f"automation runs for {contact} in {within.id}")
    position = pages.position(app.query("cursor"))
    limit = limit_parameter(app, _PAGE)
    known = _contact(within, contact)
    places = sorted(((_place(run), run) for run in _runs.runs_of(_ref(within, known.id))), key=lambda it: it[0])
    rest = [run for place, run in reversed(places) if position is None or place < position["place"]]
    page = rest[:limit]
    following = {"place": _place(page[-1])} if len(rest) > limit else None
    return automations_out.runs(page, {known.id: known}, pages.cursor(following))


@app.get("/audiences/{audience}/contacts/{contact}/automation-runs/{run}")
def get_run(audience: str, contact: str, run: str) -> dict[str, Any]:
    within = _audience(audience)
    known = _contact(within, contact)
    found = _runs.run(_ref(within, known.id), run)
    if found is None:
        raise NotFound("run", run)
    return automations_out.detail(found, known)


def _saved(wanted: Automation, stores: Mapping[str, Store], status: int = 200, *, asked: bool = True) -> Response:
    """Keep an automation. The job that includes those who meet its trigger begins first, and waits until it is kept."""
    inclusion = new_inclusion(wanted, datetime.now(UTC), _person()) if asked else None
    if inclusion:
        job = _jobs.save(inclusion) or inclusion
        _job_queue().send(job.account_id, job.audience_id, job.id)
    if not _automations.save(wanted):
        raise VersionMismatch
    return _versioned(replace(wanted, version=wanted.version + 1), stores, status)


def _versioned(it: Automation, stores: Mapping[str, Store], status: int = 200) -> Response:
    return json_response(status, _in_full(it, stores), headers=etag(it.version))


def _in_full(it: Automation, stores: Mapping[str, Store]) -> dict[str, Any]:
    report = _automations.reports(it.account_id, it.audience_id).get(it.id)
    return _shown(it, stores, report, _activity(it, datetime.now(UTC) - _OF_LATE))


def _shown(
    it: Automation, stores: Mapping[str, Store], report: GuardReport | None, activity: Activity
) -> dict[str, Any]:
    return automations_out.automation(it, stores, report, activity, inclusion_of(it))


def _activity(it: Automation, since: datetime) -> Activity:
    whose = it.account_id, it.audience_id, it.id
    last = _runs.last_began(*whose)
    return automations_out.Activity(last, _runs.count_since(*whose, since) if last else 0)


def _in_order(within: Audience) -> list[Automation]:
    found = _automations.automations(within.account_id, within.id)
    return sorted(found, key=lambda it: (it.created_at or within.created_at, it.id))


def _automation(within: Audience, automation_id: str) -> Automation:
    found = _automations.automation(within.account_id, within.id, automation_id)
    if found is None:
        raise NotFound("automation", automation_id)
    return found


def _require_sense(within: Audience, wanted: Automation, stores: Mapping[str, Store], pointer: str = "") -> None:
    from laurel.automation.references import Surroundings, require_sense  # noqa: PLC0415, changes only
    from laurel.store.programmes import Programmes  # noqa: PLC0415, as above
    from laurel.store.templates import Templates  # noqa: PLC0415, as above

    templates = Templates(dynamodb(), settings().workspace_table).heads(within.account_id)
    programmes = Programmes(dynamodb(), settings().workspace_table).programmes(within.account_id, within.id)
    names = {it.id for it in templates}, {it.id for it in programmes}
    known = Surroundings(stores, *names, local=settings().local_shops)
    require_sense(wanted, known, pointer)


def _stores(within: Audience) -> dict[str, Store]:
    return {it.id: it for it in _workspace.stores(within.account_id) if it.audience_id == within.id}


def _people(within: Audience, found: Iterable[Run]) -> dict[str, Contact]:
    return _contacts.contacts(within.account_id, within.id, [run.ref.contact for run in found])


def _contact(within: Audience, contact_id: str) -> Contact:
    found = _contacts.contact(within.account_id, within.id, contact_id)
    if found is None:
        raise NotFound("contact", contact_id)
    return found


def _ref(within: Audience, contact: str) -> ContactRef:
    return ContactRef(within.account_id, within.id, contact)


def _place(run: Run) -> str:
    return f"{run.started_at.isoformat(timespec='milliseconds')} {run.id}"


def _audience(audience_id: str) -> Audience:
    return _workspace.existing_audience(app.caller.account_id, audience_id)


@cache
def _queue() -> AutomationQueue:
    return AutomationQueue(sqs(), settings().automations_queue_url)


@cache
def _job_queue() -> JobQueue:
    return JobQueue(sqs(), settings().jobs_queue_url)


def _person() -> str | None:
    """Who signed in, if the token says so."""
    return app.request.claims.get("email")


handler = lambda_handler(app)
