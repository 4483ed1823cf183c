"""A shop's whole history, imported: rows a second, units a row, and memory that does not grow with the file."""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.place import CREDENTIALS, Place
from laurel.http import orders_in
from laurel.imports.columns import Kind
from laurel.imports.cutting import Cutting
from laurel.imports.run import Import
from laurel.imports.work import ImportWorker
from laurel.model.account import Store
from laurel.model.job import job_id
from laurel.model.order import Order
from laurel.scoring import work
from laurel.store import keys
from laurel.store.contacts import Contacts
from laurel.store.dynamodb import attributes, create_client, pages
from laurel.store.imports import Imports
from laurel.store.ledger import Ledger
from laurel.store.workspace import Workspace

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

METERED = 1_000
KILLS = 3
MEMORY_LIMIT = 1.2
"""How much more memory the rest of a file may take than its first tenth."""

_BLOCK = 1 << 20
_MIB = 1 << 20
_ORDERS_OF_A_CUSTOMER = 3
_SINCE = datetime(2021, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Imported:
    """An import of so many rows. Memory is the process's at its highest, in MiB."""

    rows: int
    mebibytes: float
    cut: float
    worked: float
    early: float
    late: float
    kept: int
    changes: int
    writes: float
    reads: float

    @property
    def rate(self) -> float:
        """Rows a second, from the first chunk to the last."""
        return self.rows / self.worked


class _Killed(BaseException):
    """What a worker that is killed would not see."""


class _Mortal(Ledger):
    """A Ledger whose worker is killed when the time comes."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        super().__init__(client, table)
        self.left: int | None = None

    def record_order(self, store: Store, order: Order, owner: str | None, seen: int | None = None) -> bool:
        """As any Ledger does, until it is enough."""
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:
                raise _Killed
        return super().record_order(store, order, owner, seen)


class _Folder:
    """Files of a folder of this machine, in the place of a bucket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, key: str) -> Path:
        return self._folder / key.replace("/", "_")

    def stat(self, key: str) -> tuple[int, str]:
        return self.path(key).stat().st_size, "etag"

    def read(self, key: str, etag: str, start: int, end: int) -> bytes:
        del etag
        with self.path(key).open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def blocks(self, key: str, etag: str, start: int) -> Iterator[bytes]:
        del etag
        with self.path(key).open("rb") as file:
            file.seek(start)
            yield from iter(lambda: file.read(_BLOCK), b"")

    def write(self, key: str, content: bytes) -> None:
        self.path(key).write_bytes(content)

    def join(self, parts: str, key: str, header: bytes) -> None:
        raise NotImplementedError("every row is good")

    def delete(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)


class _History:
    """An import of made-up orders of one store, on a client that nobody meters unless he says so."""

    def __init__(self, place: Place, client: DynamoDBClient, folder: Path) -> None:
        self._store = place.store
        self._client, self._ledger_table = client, place.tables.ledger
        self._files = _Folder(folder)
        self._book = Imports(client, place.tables.workspace)
        self._cutting = Cutting(self._book, self._files, self)
        self.ledger = _Mortal(client, place.tables.ledger)
        self.chunks: list[int] = []
        self._worker = ImportWorker(
            self._book,
            self._files,
            Workspace(client, place.tables.workspace),
            self.ledger,
            Contacts(client, place.tables.contacts),
            lambda: orders_in,
            lambda: datetime.now(UTC),
        )

    def send(self, it: Import, numbers: Sequence[int]) -> None:
        """As the queue does."""
        del it
        self.chunks += numbers

    def upload(self, rows: int, first: int = 0) -> tuple[Import, float]:
        """A new import, and the MiB of its file."""
        now = datetime.now(UTC)
        store = self._store
        it = Import(store.account_id, store.id, job_id(now), Kind.ORDERS, "history.csv", now, {})
        self._book.create(it)
        path = self._files.path(it.upload)
        with path.open("w", encoding="utf-8") as file:
            file.write("id,number,placed_at,total,status,email,first_name,last_name,product\n")
            file.writelines(_rows(first, rows))
        return it, path.stat().st_size / _MIB

    def cut(self, it: Import) -> float:
        """Have the file cut; seconds."""
        began = time.perf_counter()
        self._cutting.cut(it.account_id, it.store_id, it.id, datetime.now(UTC))
        return time.perf_counter() - began

    def work(self, it: Import, number: int) -> None:
        """Have a chunk worked on."""
        self._worker.work(it.account_id, it.store_id, it.id, number)

    def check(self, it: Import, rows: int) -> None:
        """Raise unless every row was counted once."""
        done = self._book.existing(it.account_id, it.store_id, it.id)
        if done is None or done.state != "done" or done.counts.accepted + done.counts.unchanged != rows:
            raise RuntimeError(f"{rows} rows: {done}")

    def kept(self) -> tuple[int, int]:
        """Orders that are kept, and the writes that changed them."""
        locators = pages(
            self._client,
            TableName=self._ledger_table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes(
                {":pk": keys.store_orders(self._store.account_id, self._store.id), ":prefix": keys.locator("")}
            ),
            ProjectionExpression="sk",
        )
        orders = sum(1 for _ in locators)
        scan = self._client.get_paginator("scan")
        answers = scan.paginate(TableName=self._ledger_table, ProjectionExpression="changes")
        return orders, sum(int(item["changes"]["N"]) for answer in answers for item in answer["Items"] if item)


def measure(place: Place, rows: int) -> Imported:
    """Import so many rows, with workers killed three times; then a thousand more, one by one, to count their units."""
    client = create_client(endpoint_url=place.client.meta.endpoint_url, **CREDENTIALS)
    chance = random.Random(rows)  # noqa: S311, no secret depends on it
    with tempfile.TemporaryDirectory() as folder:
        history = _History(place, client, Path(folder))
        it, mebibytes = history.upload(rows)
        cut = history.cut(it)
        fatal = set(chance.sample(history.chunks, min(KILLS, len(history.chunks))))
        tenth = max(len(history.chunks) // 10, 1)
        early = late = 0.0
        began = time.perf_counter()
        for number in history.chunks:
            if number in fatal:
                history.ledger.left = chance.randint(1, 200)
                try:
                    history.work(it, number)
                except _Killed:
                    history.ledger.left = None
            history.work(it, number)
            if number < tenth:
                early = max(early, _memory())
            else:
                late = max(late, _memory())
        worked = time.perf_counter() - began
        history.check(it, rows)
        kept, changes = history.kept()
        writes, reads = _units(_History(place, place.client, Path(folder)), place, rows)
    return Imported(rows, mebibytes, cut, worked, early, late, kept, changes, writes, reads)


def _units(history: _History, place: Place, first: int) -> tuple[float, float]:
    """Write and read units of a further row."""
    it, _ = history.upload(METERED, first)
    history.cut(it)
    threads, work._THREADS = work._THREADS, 1  # noqa: SLF001, the meter follows one thread at a time
    try:
        with place.meter.uses() as uses:
            for number in history.chunks:
                history.work(it, number)
    finally:
        work._THREADS = threads  # noqa: SLF001, as above
    history.check(it, METERED)
    return sum(use.writes for use in uses) / METERED, sum(use.reads for use in uses) / METERED


def _rows(first: int, count: int) -> Iterator[str]:
    for number in range(first, first + count):
        at = (_SINCE + timedelta(minutes=number % 2_500_000)).isoformat()
        who, total = f"{number // _ORDERS_OF_A_CUSTOMER:07}", f"{number % 200 + 1}.{number % 100:02}"
        buyer = f"{who}.a.lindqvist@mail.example.com,Francesca,Li{who}"
        yield f"{number},#{number},{at},{total},paid,{buyer},SKU-{number % 500}\n"


def _memory() -> float:
    """MiB that the process has in memory just now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MIB
