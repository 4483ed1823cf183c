"""Start erasures: when an owner asks for one, and for what platforms have asked."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from laurel.ingestion.events import PrivacyRequestKind
from laurel.model.account import Store, StoreState
from laurel.model.errors import Conflict
from laurel.model.job import job_id
from laurel.model.privacy import Erasure, ErasureKind, ErasureReason, RequestState

_NAME = 7


class Queue(Protocol):
    """Has an erasure taken up."""

    def send(self, account_id: str, erasure_id: str) -> None: ...


class ErasureBook(Protocol):
    """Keeps erasures; ``save`` returns None if it is there already."""

    def erasure(self, account_id: str, erasure_id: str) -> Erasure | None: ...
    def save(self, erasure: Erasure) -> Erasure | None: ...


class StoreBook(Protocol):
    """Finds stores."""

    def store(self, account_id: str, store_id: str) -> Store | None: ...


class RequestList(Protocol):
    """Lists what a platform has asked of a store."""

    def privacy_requests(self, store: Store) -> list[dict[str, Any]]: ...


class Owners(Protocol):
    """Tells whose orders these are, a hundred at most."""

    def owners_of(self, store: Store, order_ids: Sequence[str]) -> dict[str, str]: ...


class RequestBook(Protocol):
    """Keeps platforms' requests, and how far they are."""

    def request(self, account_id: str, store_id: str, request_id: str) -> dict[str, Any] | None: ...
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


def erase_person(
    book: ErasureBook, queue: Queue, account_id: str, audience_id: str, customer: str, now: datetime
) -> Erasure:
    """Start the erasure of a person that the owner asked for."""
    erasure = Erasure(
        account_id=account_id,
        id=job_id(now),
        kind=ErasureKind.PERSON,
        reason=ErasureReason.OWNER,
        audience_id=audience_id,
        created_at=now,
        updated_at=now,
        customers=(customer,),
    )
    return _started(book, queue, erasure)


def erase_store(book: ErasureBook, queue: Queue, store: Store, now: datetime) -> Erasure:
    """Start the erasure of a store that the owner asked for. Raises ``Conflict`` unless it is disconnected."""
    if store.state is not StoreState.DISCONNECTED:
        raise Conflict("Disconnect the store first: what is erased with it cannot be brought back.")
    erasure = Erasure(
        account_id=store.account_id,
        id=job_id(now),
        kind=ErasureKind.STORE,
        reason=ErasureReason.OWNER,
        audience_id=store.audience_id,
        created_at=now,
        updated_at=now,
        store_id=store.id,
    )
    return _started(book, queue, erasure)


def handed_out(listed: RequestList, requests: RequestBook, stores: Sequence[Store], customer: str) -> None:
    """What is kept of a customer was handed out: platforms' requests for it are done."""
    for store in stores:
        for request in listed.privacy_requests(store):
            if request.get("state") == RequestState.READY and customer in request.get("customers", ()):
                requests.move_request(store.account_id, store.id, request["id"], RequestState.DONE)


class Clerk:
    """Looks after what platforms have asked."""

    def __init__(
        self, book: ErasureBook, queue: Queue, stores: StoreBook, owners: Owners, requests: RequestBook
    ) -> None:
        self._book = book
        self._queue = queue
        self._stores = stores
        self._owners = owners
        self._requests = requests

    def look_after(self, account_id: str, store_id: str, request_id: str, now: datetime) -> RequestState | None:
        """Do what a request asks; its state then, or None if it is gone, or waits for its store to be disconnected.

        However often this is done, a request starts one erasure, whose id is made of the request's.
        """
        request = self._requests.request(account_id, store_id, request_id)
        store = self._stores.store(account_id, store_id)
        if request is None or store is None or request.get("state") == RequestState.RUNNING:
            return None
        kind = PrivacyRequestKind(request["kind"])
        if kind is PrivacyRequestKind.STORE_ERASURE and store.state is not StoreState.DISCONNECTED:
            return None
        customers = self._customers(store, request)
        if kind is PrivacyRequestKind.CUSTOMER_DATA:
            self._requests.move_request(account_id, store_id, request_id, RequestState.READY, customers=customers)
            return RequestState.READY
        if kind is PrivacyRequestKind.CUSTOMER_ERASURE and not customers:
            self._requests.move_request(account_id, store_id, request_id, RequestState.DONE)
            return RequestState.DONE
        whole = kind is PrivacyRequestKind.STORE_ERASURE
        erasure = Erasure(
            account_id=account_id,
            id=_erasure_id(store_id, request_id, request),
            kind=ErasureKind.STORE if whole else ErasureKind.PERSON,
            reason=ErasureReason.PLATFORM,
            audience_id=store.audience_id,
            created_at=now,
            updated_at=now,
            customers=() if whole else customers,
            store_id=store_id,
            request=request_id,
        )
        started = _started(self._book, self._queue, erasure)
        self._requests.move_request(account_id, store_id, request_id, RequestState.RUNNING, erasure_id=started.id)
        return RequestState.RUNNING

    def _customers(self, store: Store, request: Mapping[str, Any]) -> tuple[str, ...]:
        """Whom a request is about: those it names, and those whose orders it names."""
        orders = request.get("orders", [])
        named = set(request.get("customers", []))
        for start in range(0, len(orders), 100):
            named |= set(self._owners.owners_of(store, orders[start : start + 100]).values())
        return tuple(sorted(named))


def _started(book: ErasureBook, queue: Queue, erasure: Erasure) -> Erasure:
    """Keep and queue an erasure. One whose message is lost is queued again when somebody looks for what is due."""
    kept = book.save(erasure) or book.erasure(erasure.account_id, erasure.id) or erasure
    queue.send(kept.account_id, kept.id)
    return kept


def _erasure_id(store_id: str, request_id: str, request: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(f"{store_id}#{request_id}".encode()).digest()
    name = base64.b32encode(digest).decode().lower()[:_NAME]
    return job_id(datetime.fromtimestamp(request["received_at"], UTC), name)
