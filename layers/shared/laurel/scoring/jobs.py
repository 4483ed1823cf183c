"""Start jobs: when somebody asks for one, and every day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from laurel.model.account import Audience
from laurel.model.job import KEPT, Job, JobKind, JobState, job_id
from laurel.scoring.bulk import midnight
from laurel.scoring.work import finished

_NOT_QUEUED = "The job could not be queued. Start it again."


class Queue(Protocol):
    """Has the next chunk of a job done."""

    def send(self, account_id: str, audience_id: str, job_id: str) -> None: ...


class JobShelf(Protocol):
    """Keeps jobs; ``save`` returns None if it is there already, or somebody else wrote it since it was read."""

    def job(self, account_id: str, audience_id: str, job_id: str) -> Job | None: ...
    def save(self, job: Job) -> Job | None: ...


class ContactShelf(JobShelf, Protocol):
    """Keeps whom jobs are about besides."""

    def save_contacts(self, job: Job, contacts: Sequence[str]) -> bool: ...


def start(
    shelf: ContactShelf,
    queue: Queue,
    audience: Audience,
    kind: JobKind,
    asked: Mapping[str, Any],
    now: datetime,
    by: str | None = None,
    contacts: Sequence[str] | None = None,
) -> Job:
    """Start a job that somebody asked for; ``contacts`` are the ids of those it is about, if they are named."""
    job = _job(audience, kind, job_id(now), now, asked, by)
    if contacts is not None:
        shelf.save_contacts(job, contacts)
        job = replace(job, total=len(contacts))
    job = shelf.save(job) or job
    try:
        queue.send(job.account_id, job.audience_id, job.id)
    except Exception:
        shelf.save(replace(job, state=JobState.FAILED, error=_NOT_QUEUED))
        raise
    return job


def start_daily(shelf: JobShelf, queue: Queue, audience: Audience, now: datetime) -> int:
    """Start a day's jobs of an audience unless they are finished; returns how many were queued.

    Their ids are made of the day, or the month: however often a day is started, each job is there once.
    """
    today = now.date()
    jobs = [
        daily(audience, JobKind.SNAPSHOT, today, now, {"day": today.isoformat()}),
        daily(audience, JobKind.EXPIRY, today, now, _days_to_expire(shelf, audience, today)),
        _decay(audience, today.replace(day=1), now),
    ]
    return queue_unfinished(shelf, queue, jobs)


def queue_unfinished(shelf: JobShelf, queue: Queue, jobs: Iterable[Job]) -> int:
    """Keep jobs that are not there yet, and queue those that are not finished; returns how many were queued.

    One that was queued before is queued again, in case its message never arrived.
    """
    queued = 0
    for wanted in jobs:
        job = shelf.save(wanted) or shelf.job(wanted.account_id, wanted.audience_id, wanted.id)
        if job and not job.is_finished:
            queue.send(job.account_id, job.audience_id, job.id)
            queued += 1
    return queued


def daily(audience: Audience, kind: JobKind, day: date, now: datetime, asked: Mapping[str, Any]) -> Job:
    """The one job of a kind that an audience has on a day."""
    return _job(audience, kind, _id(kind, day), now, asked)


def first_unfinished(shelf: JobShelf, audience: Audience, kind: JobKind, since: date, today: date) -> date | None:
    """The day after the last one before ``today`` whose job is done; None if that of no day from ``since`` on is."""
    day = today
    while day > since:
        before = day - timedelta(days=1)
        done = shelf.job(audience.account_id, audience.id, _id(kind, before))
        if done and done.state is JobState.DONE:
            return day
        day = before
    return None


def _decay(audience: Audience, month: date, now: datetime) -> Job:
    """The month's fall, settled on the first day of the month on which the schedule runs.

    Without a decay the job is done before it begins: a decay set later in the month holds from the next one on. The
    same goes for an audience that is younger than the month.
    """
    percent = audience.monthly_decay if audience.created_at < midnight(month) else 0
    job = daily(audience, JobKind.DECAY, month, now, {"month": month.isoformat(), "percent": percent})
    return job if percent else finished(job, {"changed": 0})


def _days_to_expire(shelf: JobShelf, audience: Audience, today: date) -> dict[str, str]:
    """From the day after the last one that was finished, or the audience's first, to today."""
    created = audience.created_at.date()
    known = first_unfinished(shelf, audience, JobKind.EXPIRY, max(created, today - KEPT), today)
    first = known or min(created, today)
    return {"first": first.isoformat(), "last": today.isoformat()}


def _id(kind: JobKind, day: date) -> str:
    return job_id(midnight(day), kind.value)


def _job(
    audience: Audience, kind: JobKind, id_: str, now: datetime, asked: Mapping[str, Any], by: str | None = None
) -> Job:
    return Job(audience.account_id, audience.id, id_, kind, created_at=now, updated_at=now, input=asked, by=by)
