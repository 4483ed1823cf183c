"""Start the day's look at an audience's customers."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from laurel.model.account import Audience
from laurel.model.job import Job, JobKind, job_id


class Queue(Protocol):
    """Has the next chunk of a job done."""

    def send(self, account_id: str, audience_id: str, job_id: str) -> None: ...


class JobShelf(Protocol):
    """Keeps jobs; ``save`` returns None if it is there already."""

    def job(self, account_id: str, audience_id: str, job_id: str) -> Job | None: ...
    def save(self, job: Job) -> Job | None: ...


def begin_alerts(shelf: JobShelf, queue: Queue, audience: Audience, now: datetime) -> int:
    """Start the day's job of an audience unless it is finished; how many were queued.

    However often a day is begun, its job is there once. Days that were missed need no making up: alerts are opened by
    what is known on the day of the look.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    id_ = job_id(midnight, JobKind.ALERTS.value)
    wanted = Job(audience.account_id, audience.id, id_, JobKind.ALERTS, created_at=now, updated_at=now)
    job = shelf.save(wanted) or shelf.job(audience.account_id, audience.id, id_)
    if job is None or job.is_finished:
        return 0
    queue.send(job.account_id, job.audience_id, job.id)
    return 1
