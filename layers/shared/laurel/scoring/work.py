"""Work off a job, a chunk at a time.

Whatever a job does to scores it does under a name of its own, so that doing it again changes nothing; and what it found
so far is kept in one write together with the place where to go on. So a chunk may be delivered twice, be killed at any
moment, or run beside itself: of two workers the slower one finds the job written by another, and leaves it to that one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from laurel.model.account import Audience
from laurel.model.errors import InvalidInput, LaurelError, NotFound
from laurel.model.job import Job, JobKind, JobState

CHUNK = timedelta(seconds=40)
"""After this time a worker leaves the rest to the next message."""

MOST_RECEIVES = 5
"""The last time that a message is received its job is given up."""

GAVE_UP = "The job failed again and again. What it had done by then stays done."

_SAVED_EVERY = timedelta(seconds=2)
_THREADS = 8


class Impossible(LaurelError):
    """What a job asks for cannot be done; the sentence is for whoever asked."""


class Task(Protocol):
    """One kind of job."""

    def step(self, audience: Audience, job: Job) -> Job:
        """Do a part that takes a few seconds at most.

        Returns the job with its new place and progress or, at the end, with state and result; with a ``pause`` if that
        is to be saved before the next part is done. Raises ``Impossible``.
        """
        ...


class JobBook(Protocol):
    """Keeps jobs; ``save`` returns None if somebody else wrote the job since it was read."""

    def job(self, account_id: str, audience_id: str, job_id: str) -> Job | None: ...
    def save(self, job: Job) -> Job | None: ...


class AudienceDirectory(Protocol):
    """Finds an account's audiences."""

    def audience(self, account_id: str, audience_id: str) -> Audience | None: ...


class Chunk(StrEnum):
    """What became of a chunk of work."""

    FINISHED = "finished"
    GOES_ON = "goes_on"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Rest:
    """The job goes on after a time."""

    after: timedelta


class Worker:
    """Works off jobs. ``ended`` is told of each that has come to its end."""

    def __init__(
        self,
        jobs: JobBook,
        audiences: AudienceDirectory,
        tasks: Mapping[JobKind, Task],
        now: Callable[[], datetime],
        ended: Callable[[Job], None] = lambda _: None,
    ) -> None:
        self._jobs = jobs
        self._audiences = audiences
        self._tasks = tasks
        self._now = now
        self._ended = ended

    def work(self, account_id: str, audience_id: str, job_id: str) -> Chunk | Rest:
        """Do a chunk of a job. ``DROPPED`` if there is nothing to do, or another worker is at it."""
        job = self._jobs.job(account_id, audience_id, job_id)
        if job is None or (job.is_finished and not job.gave_up):
            return Chunk.DROPPED
        current: Job | None = replace(job, state=JobState.RUNNING, error=None, gave_up=False)
        until = self._now() + CHUNK
        while current:
            current = self._until_saved(current, until)
            if current and current.is_finished:
                self._ended(current)
                return Chunk.FINISHED
            if current and current.pause:
                return Rest(current.pause)
            if current and self._now() >= until:
                return Chunk.GOES_ON
        return Chunk.DROPPED

    def give_up(self, account_id: str, audience_id: str, job_id: str) -> None:
        """Mark a job as failed unless it is finished. A new message has it go on from where it was."""
        job = self._jobs.job(account_id, audience_id, job_id)
        if job and not job.is_finished:
            self._jobs.save(replace(job, state=JobState.FAILED, error=GAVE_UP, gave_up=True, updated_at=self._now()))

    def _until_saved(self, job: Job, until: datetime) -> Job | None:
        """Take steps for a little while, then save; None if another worker did."""
        audience = self._audiences.audience(job.account_id, job.audience_id)
        if audience is None:
            return self._jobs.save(_impossible(job, "There is no such audience any more.", self._now()))
        save_at = min(self._now() + _SAVED_EVERY, until)
        try:
            job = self._tasks[job.kind].step(audience, replace(job, pause=None))
            while not job.is_finished and job.pause is None and self._now() < save_at:
                job = self._tasks[job.kind].step(audience, job)
        except (Impossible, InvalidInput, NotFound) as reason:
            job = _impossible(job, str(reason), self._now())
        return self._jobs.save(replace(job, updated_at=self._now()))


def _impossible(job: Job, reason: str, now: datetime) -> Job:
    return replace(job, state=JobState.FAILED, error=reason, place=None, updated_at=now)


def finished(job: Job, result: Mapping[str, object]) -> Job:
    """The job, done."""
    total = job.done if job.total is None else job.total
    return replace(job, state=JobState.DONE, place=None, result=result, done=total, total=total)


def at_once[T, R](act: Callable[[T], R], things: Sequence[T]) -> list[R]:
    """Results of doing something with several things at the same time, in their order; the first error ends it."""
    with ThreadPoolExecutor(min(_THREADS, len(things) or 1)) as pool:
        return list(pool.map(act, things))
