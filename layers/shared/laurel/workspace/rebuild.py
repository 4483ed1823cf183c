"""The job of a rebuild: every customer of a store projected again.

Whoever projects a customer after the store was changed does so the new way; the job comes to all who were projected
before. It ends early if another rebuild, which does what this one has left, has begun.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from laurel.leaderboard.batch import Changes, Outcome
from laurel.leaderboard.project import Projection
from laurel.model.account import Audience, Store
from laurel.model.errors import Busy
from laurel.model.job import Job
from laurel.model.order import CustomerRef
from laurel.model.rebuild import Rebuild
from laurel.scoring.work import Impossible, at_once, finished

AT_ONCE = 100
"""Orders of a step."""

_ATTEMPTS = 8


class OrdersPage(Protocol):
    """Owners of a store's next orders, how many orders these are, and the last one's id (None at the end)."""

    @property
    def owners(self) -> list[str]: ...
    @property
    def orders(self) -> int: ...
    @property
    def last(self) -> str | None: ...


class Walk(Protocol):
    """Walks along a store's orders, and knows whose customers are done."""

    def page(self, store: Store, after: str | None, limit: int) -> OrdersPage: ...
    def count(self, store: Store, after: str | None) -> tuple[int, str | None]: ...
    def marked(self, store: Store, job: str, customers: Collection[str]) -> set[str]: ...
    def mark(self, store: Store, job: str, customer: str, now: datetime) -> None: ...


class Customers(Protocol):
    """Projects customers, under the store as it is at the end of it."""

    def project(
        self, batch: Mapping[CustomerRef, Changes], now: datetime, scope: Rebuild
    ) -> Mapping[CustomerRef, Outcome]: ...


class StoreShelf(Protocol):
    """Keeps stores; ``save_store`` returns False if another writer was faster."""

    def store(self, account_id: str, store_id: str) -> Store | None: ...
    def save_store(self, store: Store) -> bool: ...


class RebuildStore:
    """Walks along a store's orders and projects whoever they belong to.

    Customers with several orders are marked, so that they are projected once.
    """

    def __init__(self, stores: StoreShelf, walk: Walk, customers: Customers, now: Callable[[], datetime]) -> None:
        self._stores = stores
        self._walk = walk
        self._customers = customers
        self._now = now

    def step(self, audience: Audience, job: Job) -> Job:
        """Count a page of orders or, once all are counted, project the customers of the next hundred."""
        store = self._stores.store(audience.account_id, job.input["store"])
        if store is None:
            raise Impossible("There is no such store any more.")
        place = job.place or {"counting": True, "after": None, "total": 0, "customers": 0, "rows": 0, "converted": 0}
        if store.rebuild is None or store.rebuild.job != job.id:
            return _ended(job, place, superseded=store.rebuild is not None)
        return self._count(store, job, place) if place["counting"] else self._project(store, store.rebuild, job, place)

    def _count(self, store: Store, job: Job, place: Mapping[str, Any]) -> Job:
        counted, last = self._walk.count(store, place["after"])
        total = place["total"] + counted
        place = {**place, "counting": last is not None, "after": last, "total": total}
        return replace(job, place=place, total=None if last else total)

    def _project(self, store: Store, rebuild: Rebuild, job: Job, place: Mapping[str, Any]) -> Job:
        page = self._walk.page(store, place["after"], AT_ONCE)
        done_before = self._walk.marked(store, job.id, page.owners)
        refs = [
            CustomerRef(store.account_id, store.audience_id, store.id, owner)
            for owner in page.owners
            if owner not in done_before
        ]
        outcomes = self._customers.project(dict.fromkeys(refs), self._now(), rebuild)
        projections = list(_projections(refs, outcomes))
        seen_again = [ref.customer for ref, it in zip(refs, projections, strict=True) if it.orders > 1]
        at_once(lambda customer: self._walk.mark(store, job.id, customer, self._now()), seen_again)
        place = {
            **place,
            "after": page.last,
            "customers": place["customers"] + len(projections),
            "rows": place["rows"] + sum(it.written for it in projections),
            "converted": place["converted"] + sum(it.converted for it in projections),
        }
        done = job.done + page.orders
        job = replace(job, place=place, done=done, total=max(place["total"], done))
        if page.last is not None:
            return job
        return _ended(job, place, superseded=not self._complete(store, job))

    def _complete(self, store: Store, job: Job) -> bool:
        """Have the store say that its boards are complete; False if another rebuild has begun."""
        for _ in range(_ATTEMPTS):
            if store.rebuild is None or store.rebuild.job != job.id:
                return False
            if self._stores.save_store(replace(store, rebuild=None)):
                return True
            current = self._stores.store(store.account_id, store.id)
            if current is None:
                return False
            store = current
        raise Busy(f"Store {store.id!r}")


def _projections(refs: Sequence[CustomerRef], outcomes: Mapping[CustomerRef, Outcome]) -> Iterator[Projection]:
    """All customers' projections; raises the first error."""
    for ref in refs:
        outcome = outcomes[ref]
        if isinstance(outcome, Exception):
            raise outcome
        yield outcome


def _ended(job: Job, place: Mapping[str, Any], *, superseded: bool) -> Job:
    result = {name: place[name] for name in ("customers", "rows", "converted")}
    return finished(job, {**result, "superseded": superseded})
