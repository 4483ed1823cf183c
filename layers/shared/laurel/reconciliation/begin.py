"""Begin reconciliations: when somebody asks for one, and every day for all connected stores."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Protocol

from laurel.model.account import Audience, Store, StoreState
from laurel.model.errors import StoreDisconnected, StorePaused
from laurel.model.job import Job, JobKind, job_id
from laurel.model.reconciliation import Reconciled, Reconciliation

if TYPE_CHECKING:
    from laurel.scoring.jobs import JobShelf, Queue

OVERDUE = timedelta(days=2)
"""A connected store that was not reconciled for so long is reported."""

DAILY_AT = time(0, 30)
"""When the daily schedule runs (UTC), as the template says."""

_NAME_LENGTH = 8


class Runs(Protocol):
    """Keeps runs, newest first; ``begin`` leaves one alone that is there already."""

    def begin(self, run: Reconciliation) -> None: ...
    def runs(self, store: Store, at_most: int) -> Sequence[Reconciliation]: ...
    def reconciled(self, store: Store) -> Reconciled: ...


class StoreList(Protocol):
    """Lists an account's stores."""

    def stores(self, account_id: str) -> list[Store]: ...


def begin(runs: Runs, shelf: JobShelf, queue: Queue, store: Store, now: datetime, by: str | None = None) -> Job:
    """Begin a reconciliation that somebody asked for; one that is under way goes on instead.

    Raises ``StorePaused`` and ``StoreDisconnected``.
    """
    if store.state is StoreState.PAUSED:
        raise StorePaused(store.id)
    if not store.is_connected:
        raise StoreDisconnected(store.id)
    for last in runs.runs(store, 1):
        known = shelf.job(store.account_id, store.audience_id, last.id)
        if last.finished_at is None and known and not known.is_finished:
            queue.send(known.account_id, known.audience_id, known.id)
            return known
    return _begin(runs, shelf, queue, store, job_id(now), now, by)


def begin_daily(
    stores: StoreList, runs: Runs, shelf: JobShelf, queue: Queue, audience: Audience, now: datetime
) -> tuple[int, int]:
    """Begin the day's reconciliations of an audience's connected stores unless they are finished.

    However often a day is begun, each is there once. Returns how many were queued, and how many stores were not
    reconciled for two days.
    """
    due = [it for it in stores.stores(audience.account_id) if it.audience_id == audience.id and it.is_connected]
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    queued = 0
    for store in due:
        id_ = job_id(midnight, _name(store.id))
        known = shelf.job(audience.account_id, audience.id, id_)
        if known is None or not known.is_finished:
            _begin(runs, shelf, queue, store, id_, now)
            queued += 1
    return queued, sum(is_overdue(runs.reconciled(store), store, now) for store in due)


def is_overdue(reconciled: Reconciled, store: Store, now: datetime) -> bool:
    """True for a store that was not reconciled for two days."""
    return now - max(reconciled.finished_at or store.created_at, store.created_at) > OVERDUE


def next_at(store: Store, now: datetime) -> datetime | None:
    """When the store is reconciled next by itself, if it is."""
    if not store.is_connected:
        return None
    today = datetime.combine(now.date(), DAILY_AT, now.tzinfo)
    return today if now < today else today + timedelta(days=1)


def _begin(
    runs: Runs, shelf: JobShelf, queue: Queue, store: Store, id_: str, now: datetime, by: str | None = None
) -> Job:
    """The run is kept first: a job that is there has one to write into."""
    runs.begin(Reconciliation(store.account_id, store.audience_id, store.id, id_, began_at=now, by=by))
    wanted = Job.of_store(store, id_, JobKind.RECONCILIATION, now, by)
    job = shelf.save(wanted) or shelf.job(wanted.account_id, wanted.audience_id, wanted.id) or wanted
    queue.send(job.account_id, job.audience_id, job.id)
    return job


def _name(store_id: str) -> str:
    """Tells a store's daily job from those of the audience's other stores; ids of jobs have few letters."""
    return base64.b32encode(hashlib.sha256(store_id.encode()).digest()).decode().lower()[:_NAME_LENGTH]
