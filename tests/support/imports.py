"""A shop's history imported in this process: files in memory, a queue that is a list, workers that can be killed."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from laurel.http import orders_in
from laurel.imports.columns import Kind
from laurel.imports.cut import CHUNK
from laurel.imports.cutting import Cut, Cutting
from laurel.imports.run import FileGone, Import
from laurel.imports.work import ImportWorker, Worked
from laurel.model.identity import contact_id
from laurel.model.job import job_id
from laurel.model.order import CustomerRef
from laurel.store.contacts import Contacts
from laurel.store.imports import Imports
from laurel.store.ledger import Ledger
from laurel.store.workspace import Workspace

if TYPE_CHECKING:
    from laurel.model.account import Store
    from laurel.model.contact import Contact
    from tests.support.tables import Database

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
HEAD = "id,placed_at,total,status,email,tags\n"


def an_import(**changes: Any) -> Import:
    """An import of orders that waits for its file."""
    it = Import("accountaaaaa", "storeaaaaaaa", job_id(NOW), Kind.ORDERS, "history.csv", NOW, {})
    return replace(it, **changes)


class Killed(BaseException):
    """What a worker that is killed would not see."""


class MemoryFiles:
    """Files by key; ``before`` is told of every operation, and may kill whoever asked for it."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.before: Callable[[str], None] = lambda operation: None
        self.block = 100

    def stat(self, key: str) -> tuple[int, str]:
        if key not in self.files:
            raise FileGone
        return len(self.files[key]), self._etag(key)

    def read(self, key: str, etag: str, start: int, end: int) -> bytes:
        self.before("read")
        return self._content(key, etag)[start:end]

    def blocks(self, key: str, etag: str, start: int) -> Iterator[bytes]:
        content = self._content(key, etag)
        for place in range(start, len(content), self.block):
            self.before("block")
            yield content[place : place + self.block]

    def write(self, key: str, content: bytes) -> None:
        self.before("write")
        self.files[key] = content

    def delete(self, key: str) -> None:
        self.before("delete")
        self.files.pop(key, None)

    def join(self, parts: str, key: str, header: bytes) -> None:
        self.before("join")
        self.files[key] = header + b"".join(self.files[part] for part in sorted(self.files) if part.startswith(parts))

    def _content(self, key: str, etag: str) -> bytes:
        if key not in self.files or self._etag(key) != etag:
            raise FileGone
        return self.files[key]

    def _etag(self, key: str) -> str:
        return hashlib.sha256(self.files[key]).hexdigest()


class ImportPlace:
    """Where a store's files are imported."""

    def __init__(self, database: Database, store: Store, *, chunk: int = CHUNK) -> None:
        client, tables = database
        self.store = store
        self.files = MemoryFiles()
        self.queue: list[int] = []
        self.book = Imports(client, tables.workspace)
        self.ledger = Ledger(client, tables.ledger)
        self.contacts = Contacts(client, tables.contacts)
        self.workspace = Workspace(client, tables.workspace)
        self.now = NOW
        self.workspace.save_store(store)
        self.cutting = Cutting(self.book, self.files, self, chunk)
        self.worker = ImportWorker(
            self.book, self.files, self.workspace, self.ledger, self.contacts, lambda: orders_in, lambda: self.now
        )

    def send(self, it: Import, numbers: Sequence[int]) -> None:
        """As the queue does."""
        del it
        self.queue += numbers

    def upload(self, content: bytes, kind: Kind = Kind.ORDERS, *, dry_run: bool = False, **asked: Any) -> Import:
        """A new import, and its file."""
        store = {"account_id": self.store.account_id, "store_id": self.store.id}
        it = an_import(**store, id=job_id(self.now), kind=kind, created_at=self.now, asked=asked, dry_run=dry_run)
        self.book.create(it)
        self.files.files[it.upload] = content
        return it

    def cut(self, it: Import) -> Cut:
        """Have the file cut."""
        return self.cutting.cut(it.account_id, it.store_id, it.id, self.now)

    def work(self, it: Import, number: int) -> Worked:
        """Have a chunk worked on."""
        return self.worker.work(it.account_id, it.store_id, it.id, number)

    def look(self, it: Import) -> Import:
        """The import as it is now."""
        found = self.book.existing(it.account_id, it.store_id, it.id)
        assert found
        return found

    def whole(self, content: bytes, kind: Kind = Kind.ORDERS, *, dry_run: bool = False, **asked: Any) -> Import:
        """The import of a file, when all is done."""
        it = self.upload(content, kind, dry_run=dry_run, **asked)
        self.cut(it)
        while self.queue:
            self.work(it, self.queue.pop(0))
        return self.look(it)

    def rejected(self, it: Import) -> list[tuple[int, str, str]]:
        """What the file of rejected rows says."""
        if it.rejected_rows not in self.files.files:
            return []
        rows = csv.reader(io.StringIO(self.files.files[it.rejected_rows].decode(), newline=""))
        assert next(rows) == ["row", "column", "reason"]
        return [(int(row), column, reason) for row, column, reason in rows]


def orders(count: int, people: int = 7) -> bytes:
    """So many paid orders of so many people, a day apart."""
    first = datetime.fromisoformat("2025-10-01T12:00:00+02:00")
    rows = [
        f"{number},{(first + timedelta(days=number % 400)).isoformat()},{number % 90 + 1}.05,paid,"
        f"p{number % people}@example.com,vip\n"
        for number in range(count)
    ]
    return (HEAD + "".join(rows)).encode()


def kept(place: ImportPlace) -> list[tuple[str, int, int]]:
    """Every order of the store, with the number of times that it was written."""
    store = place.store
    customers = place.ledger.customers_of(store)
    refs = [CustomerRef(store.account_id, store.audience_id, store.id, customer) for customer in sorted(customers)]
    return sorted((it.id, it.total, it.changes) for ref in refs for it in place.ledger.orders_of(ref))


def person(place: ImportPlace, email: str) -> Contact:
    """The contact with this address."""
    found = place.contacts.contact(place.store.account_id, place.store.audience_id, contact_id(email))
    assert found
    return found
