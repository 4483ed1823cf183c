"""Jobs on the scores of an audience, started and followed; and how its scores are spread."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from laurel.http import jobs_out
from laurel.http.app import App, lambda_handler
from laurel.http.cursor import Pages
from laurel.http.parameters import limit_parameter
from laurel.model.account import Audience
from laurel.model.errors import InvalidInput, NotFound
from laurel.model.job import Job, JobKind
from laurel.scoring.criteria import criteria_of
from laurel.scoring.distribution import current
from laurel.scoring.jobs import start
from laurel.settings import settings
from laurel.store.jobs import Jobs
from laurel.store.process import dynamodb
from laurel.store.queue import JobQueue, sqs
from laurel.store.score_lists import ScoreLists
from laurel.store.scoring_rules import encode_rule
from laurel.store.snapshots import Snapshots
from laurel.store.workspace import Workspace

_PAGE = 50
_SHOWN = timedelta(days=89)
_MOST_SHOWN = timedelta(days=366)
_LARGEST_RULES = 200_000
"""Bytes of draft rules; the job they are kept in may have 400 KB."""

app = App(dynamodb)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_jobs = Jobs(dynamodb(), settings().workspace_table)
_snapshots = Snapshots(dynamodb(), settings().workspace_table)
_lists = ScoreLists(dynamodb(), settings().contacts_table)


@app.post("/audiences/{audience}/scores/bulk")
def change_in_bulk(audience: str) -> dict[str, Any]:
    from laurel.http.jobs_in import BulkChange, asked_in_bulk  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic

    asked, contacts = asked_in_bulk(read(BulkChange, app.json_body()))
    within = _audience(audience)
    if asked["query"] is not None:
        criteria_of(_workspace, within, asked["query"], datetime.now(UTC))
    return _started(within, JobKind.BULK, asked, contacts)


@app.post("/audiences/{audience}/scores/verify")
def verify_all(audience: str) -> dict[str, Any]:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.scoring_in import ScoreVerification  # noqa: PLC0415, reads need no pydantic

    wanted = read(ScoreVerification, app.json_body() if app.request.body() else {})
    return _started(_audience(audience), JobKind.VERIFY, {"repair": wanted.repair})


@app.post("/audiences/{audience}/back-tests")
def back_test(audience: str) -> dict[str, Any]:
    from laurel.http.jobs_in import BackTestNew, draft_rules  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic

    wanted = read(BackTestNew, app.json_body())
    rules = [encode_rule(rule) for rule in draft_rules(wanted)]
    if len(json.dumps(rules, ensure_ascii=False).encode()) > _LARGEST_RULES:
        raise InvalidInput.at("/rules", f"All rules together have more than {_LARGEST_RULES} bytes.")
    asked = {"rules": rules, "threshold": wanted.threshold, "days": wanted.days}
    return _started(_audience(audience), JobKind.BACK_TEST, asked)


@app.get("/audiences/{audience}/jobs")
def list_jobs(audience: str) -> dict[str, Any]:
    within = _audience(audience)
    pages = Pages(_workspace.cursor_key(within.account_id), f"jobs in {within.id}")
    position = pages.position(app.query("cursor"))
    limit = limit_parameter(app, _PAGE)
    found, last = _jobs.jobs(within.account_id, within.id, limit, position["job"] if position else None)
    return jobs_out.jobs(found, pages.cursor({"job": last} if last else None))


@app.get("/audiences/{audience}/jobs/{job}")
def get_job(audience: str, job: str) -> dict[str, Any]:
    within = _audience(audience)
    found = _jobs.job(within.account_id, within.id, job)
    if found is None:
        raise NotFound("job", job)
    return jobs_out.job(found)


@app.get("/audiences/{audience}/scores/distribution")
def get_distribution(audience: str) -> dict[str, Any]:
    found, live = current(_lists, _snapshots, _audience(audience), datetime.now(UTC))
    return jobs_out.distribution(found, live=live)


@app.get("/audiences/{audience}/scores/snapshots")
def list_snapshots(audience: str) -> dict[str, Any]:
    within = _audience(audience)
    last = _day("to") or datetime.now(UTC).date()
    first = _day("from") or last - _SHOWN
    if not timedelta(0) <= last - first <= _MOST_SHOWN:
        raise InvalidInput(f"from is a day before to, and {_MOST_SHOWN.days} days before it at most.")
    return jobs_out.snapshots(_snapshots.between(within.account_id, within.id, first, last))


def _started(
    audience: Audience, kind: JobKind, asked: Mapping[str, Any], contacts: Sequence[str] | None = None
) -> dict[str, Any]:
    queue = JobQueue(sqs(), settings().jobs_queue_url)
    by = app.request.claims.get("email")
    job: Job = start(_jobs, queue, audience, kind, asked, datetime.now(UTC), by, contacts)
    return jobs_out.job(job)


def _day(name: str) -> date | None:
    value = app.query(name)
    if value is None:
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise InvalidInput(f"{name} is a day such as 2026-11-22; {value!r} is not.") from None


def _audience(audience_id: str) -> Audience:
    return _workspace.existing_audience(app.caller.account_id, audience_id)


handler = lambda_handler(app)
