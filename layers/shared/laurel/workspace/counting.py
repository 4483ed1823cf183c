"""How a store's orders are counted, and the rebuild that a change of it begins.

The change and the rebuild that it needs are one write of the store. From then on whoever projects a customer does so
the new way, and the rebuild's job comes to all who were projected before; while it is under way the store says so. A
change in between begins a job that also does what the one before it has left.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from laurel.model.account import Audience, Store
from laurel.model.errors import Conflict
from laurel.model.job import Job, JobKind
from laurel.model.rates import Rates
from laurel.model.rebuild import Rebuild

if TYPE_CHECKING:
    from laurel.scoring.jobs import JobShelf, Queue

MOST_CALENDARS = 50
"""Other calendars that a store may have had."""


class StoreList(Protocol):
    """Lists an account's stores."""

    def stores(self, account_id: str) -> list[Store]: ...


def counted_anew(before: Store, after: Store, job: str) -> Store:
    """``after``, with the rebuild that the change from ``before`` needs, if any.

    Raises ``Conflict`` if the store has had too many calendars.
    """
    minimums = before.minimum_purchases, after.minimum_purchases
    everything = after.calendar != before.calendar
    if not everything and minimums[0] == minimums[1]:
        return after
    changed = (min(minimums), max(minimums)) if minimums[0] != minimums[1] else None
    return _due(before, after, Rebuild(job, everything=everything, minimums=changed))


def rebuilt(store: Store, job: str) -> Store:
    """The store with a rebuild of everything."""
    return _due(store, store, Rebuild(job, everything=True))


def with_rates(store: Store, rates: Rates, job: str) -> tuple[Store, Rates]:
    """The store with another table of rates, the table with its revision, and the rebuild that it needs."""
    due = _due(store, store, Rebuild(job, rates=True))
    revision = due.calendar_revision
    return (
        replace(due, rates_revision=revision, rate_currencies=rates.currencies),
        replace(rates, revision=revision),
    )


def begin(shelf: JobShelf, queue: Queue, store: Store, now: datetime, by: str | None = None) -> Job:
    """Start the job of the store's rebuild, or have it go on; to be called once the store is saved.

    However often it is called, the job is there once. If this never happens, ``resume`` does it.
    """
    if store.rebuild is None:
        raise ValueError("nothing to rebuild")
    wanted = Job.of_store(store, store.rebuild.job, JobKind.REBUILD, now, by)
    job = shelf.save(wanted) or shelf.job(wanted.account_id, wanted.audience_id, wanted.id) or wanted
    queue.send(job.account_id, job.audience_id, job.id)
    return job


def resume(stores: StoreList, shelf: JobShelf, queue: Queue, audience: Audience, now: datetime) -> int:
    """Have unfinished rebuilds of an audience's stores go on, in case one was lost; returns how many."""
    due = [it for it in stores.stores(audience.account_id) if it.audience_id == audience.id and it.rebuild]
    for store in due:
        begin(shelf, queue, store, now)
    return len(due)


def _due(before: Store, after: Store, rebuild: Rebuild) -> Store:
    past = tuple(dict.fromkeys(it for it in before.calendars if it != after.calendar))
    if len(past) > MOST_CALENDARS:
        raise Conflict(
            f"The store has had {MOST_CALENDARS} other calendars. It can go back to one of those, but not to another."
        )
    revision = before.calendar_revision + 1
    joined = rebuild.joined(before.rebuild)
    return replace(after, past_calendars=past, calendar_revision=revision, rebuild=joined)
