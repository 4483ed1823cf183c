"""Carry out erasures, a step at a time; each step is counted before it is taken, and kept with what it counted.

So a worker may be killed at any moment: what was counted is not counted again, and what was removed is found gone. Of
two workers the slower one finds the erasure written by another, and leaves it to that one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from laurel.model.account import Store
from laurel.model.contact import ContactRef
from laurel.model.privacy import SETTLING, Erasure, ErasureKind, ErasureState, RequestState, added
from laurel.privacy.person import Forgetter
from laurel.privacy.shop import ShopForgetter

CHUNK = timedelta(seconds=40)
"""After this time a worker leaves the rest to the next message."""

MOST_RECEIVES = 5
"""The last time that a message is received its erasure is marked as failed. It stays due, and is begun again."""


class ErasureBook(Protocol):
    """Keeps erasures; ``save`` returns None if somebody else wrote it since it was read."""

    def erasure(self, account_id: str, erasure_id: str) -> Erasure | None: ...
    def save(self, erasure: Erasure) -> Erasure | None: ...


class StoreBook(Protocol):
    """Lists an account's stores."""

    def stores(self, account_id: str) -> list[Store]: ...


class RequestBook(Protocol):
    """Says how far a platform's request is."""

    def move_request(
        self,
        account_id: str,
        store_id: str,
        request_id: str,
        state: RequestState,
        *,
        erasure_id: str | None = None,
        customers: Sequence[str] | None = None,
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Again:
    """The erasure is to be taken up again, after a time."""

    after: timedelta = timedelta(0)


class Eraser:
    """Works off erasures."""

    def __init__(
        self,
        book: ErasureBook,
        stores: StoreBook,
        requests: RequestBook,
        people: Forgetter,
        shops: ShopForgetter,
        now: Callable[[], datetime],
    ) -> None:
        self._book = book
        self._stores = stores
        self._requests = requests
        self._people = people
        self._shops = shops
        self._now = now

    def work(self, account_id: str, erasure_id: str) -> Again | None:
        """Do a chunk of an erasure. None if there is nothing left to do, or another worker is at it."""
        erasure = self._book.erasure(account_id, erasure_id)
        until = self._now() + CHUNK
        while erasure and not erasure.is_done:
            if erasure.settled_at and self._now() < erasure.settled_at:
                return Again(erasure.settled_at - self._now())
            step = self._step(erasure)
            erasure = self._book.save(replace(step, updated_at=self._now()))
            if erasure and erasure.is_done and erasure.request and erasure.store_id:
                self._requests.move_request(account_id, erasure.store_id, erasure.request, RequestState.DONE)
            if erasure and not erasure.is_done and self._now() >= until:
                return Again()
        return None

    def give_up(self, account_id: str, erasure_id: str) -> None:
        """Mark an erasure as failed unless it is done. It stays due."""
        erasure = self._book.erasure(account_id, erasure_id)
        if erasure and not erasure.is_done:
            self._book.save(replace(erasure, state=ErasureState.FAILED, updated_at=self._now()))

    def _step(self, erasure: Erasure) -> Erasure:
        running = replace(erasure, state=ErasureState.SETTLING if erasure.settled_at else ErasureState.RUNNING)
        if erasure.kind is ErasureKind.STORE:
            step, finished = self._shops.step(running, self._now())
            return self._shop_passed(step) if finished else step
        return self._person(running)

    def _person(self, erasure: Erasure) -> Erasure:
        """Count what there is of the next customer, or remove it if that is done."""
        place = erasure.place or {"customer": 0, "counted": False}
        if place["customer"] == len(erasure.customers):
            return self._passed(erasure)
        ref = ContactRef(erasure.account_id, erasure.audience_id, erasure.customers[place["customer"]])
        stores = self._scope(erasure, ref)
        before = erasure.created_at if erasure.settled_at else None
        found = self._people.find(ref, stores, before)
        if not place["counted"]:
            return replace(erasure, removed=added(erasure.removed, found.counts), place={**place, "counted": True})
        self._people.forget(ref, found, erasure.created_at, self._now(), before)
        if found.in_use and erasure.settled_at:
            # A job under way holds somebody's place in a list. It goes on soon, and is looked at again then.
            return replace(erasure, place=None, settled_at=self._now() + SETTLING)
        return replace(erasure, place={"customer": place["customer"] + 1, "counted": False})

    def _scope(self, erasure: Erasure, ref: ContactRef) -> Sequence[Store]:
        """The audience's stores; for who is known by a shop's own id, the shop of the request alone."""
        stores = [it for it in self._stores.stores(erasure.account_id) if it.audience_id == erasure.audience_id]
        if erasure.store_id and not ref.is_contact:
            return [store for store in stores if store.id == erasure.store_id]
        return stores

    def _shop_passed(self, erasure: Erasure) -> Erasure:
        """As ``_passed``; the second time needs to know between which times orders were placed."""
        left = dict(erasure.place or {})
        if erasure.settled_at and left.pop("in_use", False):
            return replace(erasure, place=left, settled_at=self._now() + SETTLING)
        passed = self._passed(erasure)
        return passed if passed.is_done else replace(passed, place={**left, "in_use": False})

    def _passed(self, erasure: Erasure) -> Erasure:
        """The end of the first or the second time."""
        now = self._now()
        if erasure.settled_at:
            return replace(erasure, state=ErasureState.DONE, place=None, finished_at=now)
        return replace(erasure, state=ErasureState.SETTLING, place=None, settled_at=now + SETTLING)
