"""A shop's whole history, imported: rows a second, units a row, memory that does not grow with the file, and boards."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from botocore.config import Config

from benchmarks.import_file import Folder, Rows
from benchmarks.import_workers import Team, command
from benchmarks.place import CREDENTIALS, Place
from laurel.http import orders_in
from laurel.imports.columns import Kind
from laurel.imports.cutting import Cutting
from laurel.imports.run import Import
from laurel.imports.work import ImportWorker
from laurel.leaderboard.batch import Batch
from laurel.leaderboard.project import Projector
from laurel.model.account import Audience
from laurel.model.job import Job, JobKind, job_id
from laurel.scoring import work
from laurel.store import dynamodb, keys
from laurel.store.contacts import Contacts
from laurel.store.dynamodb import Item, attributes
from laurel.store.imports import Imports
from laurel.store.ledger import Ledger
from laurel.store.rankings import Rankings
from laurel.store.rates import RateTables
from laurel.store.rebuilds import Rebuilds
from laurel.store.workspace import RememberedStores, Workspace
from laurel.workspace import counting, stores
from laurel.workspace.rebuild import RebuildStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

METERED = 200
MEMORY_LIMIT = 1.2
"""How much more memory a worker may take for the rest of a file than for its first tenth."""
PUT_THREADS = 8

_PUTS = 4_000
_PAGE = 2_000
_LOCATOR = keys.locator("")
_NOBODY = 5_000_000
"""A customer who has no order in the file."""


@dataclass(frozen=True, slots=True)
class Puts:
    """Single items put on condition that they are not there, by one process: how many a second, and its time for each.

    ``seconds`` is processor time.
    """

    rate: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Imported:
    """An import of so many rows.

    Memory is of a worker, in MiB, ``seconds`` its processor time for a row, ``projecting`` how long all boards took.
    ``wrong`` rows of boards are not as they should be. ``units`` are (what, writes, reads) of a row.
    """

    rows: int
    mebibytes: float
    cut: float
    worked: float
    seconds: float
    kills: int
    unchanged: int
    early: float
    late: float
    kept: int
    changes: int
    projecting: float
    board_rows: int
    wrong: int
    puts: tuple[Puts, Puts]
    units: tuple[tuple[str, float, float], ...]

    @property
    def rate(self) -> float:
        """Rows a second, from the first chunk to the last."""
        return self.rows / self.worked

    @property
    def put_rate(self) -> float:
        """Bare puts a second, before and after the import."""
        return sum(it.rate for it in self.puts) / len(self.puts)


class _History:
    """An import of made-up orders of one store."""

    def __init__(self, place: Place, client: DynamoDBClient, folder: Path, rows: Rows) -> None:
        self._store, self._rows = place.store, rows
        self._client, self._tables = client, place.tables
        self._folder, self._files = folder, Folder(folder)
        self._book = Imports(client, place.tables.workspace)
        self._workspace = Workspace(client, place.tables.workspace)
        self._ledger = Ledger(client, place.tables.ledger)
        self.chunks: list[int] = []
        now = datetime.now(UTC)
        self._it = Import(self._store.account_id, self._store.id, job_id(now), Kind.ORDERS, "history.csv", now, {})
        self._book.create(self._it)
        self.mebibytes = rows.write(self._files.path(self._it.upload))

    def send(self, it: Import, numbers: Sequence[int]) -> None:
        """As the queue does."""
        del it
        self.chunks += numbers

    def cut(self) -> float:
        """Have the file cut; seconds."""
        began = time.perf_counter()
        it = self._it
        Cutting(self._book, self._files, self).cut(it.account_id, it.store_id, it.id, datetime.now(UTC))
        return time.perf_counter() - began

    def work_here(self) -> None:
        """Have all chunks worked on in this process."""
        contacts = Contacts(self._client, self._tables.contacts)
        worker = ImportWorker(
            self._book,
            self._files,
            self._workspace,
            self._ledger,
            contacts,
            lambda: orders_in,
            lambda: datetime.now(UTC),
        )
        for number in self.chunks:
            worker.work(self._it.account_id, self._it.store_id, self._it.id, number)
        self.unchanged()

    def team(self) -> Team:
        """Processes that work on the chunks."""
        it, tables, endpoint = self._it, self._tables, self._client.meta.endpoint_url
        place = (tables.ledger, tables.contacts, tables.workspace, it.account_id, it.store_id, it.id)
        return Team(command("benchmarks.child.import_chunks", endpoint, str(self._folder), *place), self.chunks)

    def unchanged(self) -> int:
        """Rows that a killed worker had recorded. Raises unless every row was counted once."""
        done = self._book.existing(self._it.account_id, self._it.store_id, self._it.id)
        rows = self._rows.count
        if done is None or done.state != "done" or done.counts.accepted + done.counts.unchanged != rows:
            raise RuntimeError(f"{rows} rows: {done}")
        return done.counts.unchanged

    def kept(self) -> tuple[int, int]:
        """Orders that are kept, and the writes that changed them."""
        orders = changes = 0
        for item in self._scan("ledger", "sk, changes"):
            orders += item["sk"]["S"].startswith(_LOCATOR)
            changes += int(item["changes"]["N"]) if "changes" in item else 0
        return orders, changes

    def project(self) -> float:
        """Have all boards counted, as a rebuild does; seconds."""
        began = time.perf_counter()
        store = stores.change(
            self._workspace, self._store.account_id, self._store.id, lambda it: counting.rebuilt(it, "history")
        )
        if store.rebuild is None:
            raise RuntimeError("no rebuild")
        now = datetime.now(UTC)
        rates = RateTables(self._client, self._tables.workspace)
        rankings = Rankings(self._client, self._tables.rankings)
        projector = Projector(self._ledger, rankings, RememberedStores(self._workspace), rates)
        walk = Rebuilds(self._client, self._tables.ledger, self._tables.rankings)
        task = RebuildStore(self._workspace, walk, Batch(projector, work.at_once), lambda: now)
        audience = Audience(store.account_id, store.audience_id, "Customers", 1, now)
        asked = {"store": store.id}
        job = Job(store.account_id, store.audience_id, store.rebuild.job, JobKind.REBUILD, now, now, asked)
        while not job.is_finished:
            job = task.step(audience, job)
        return time.perf_counter() - began

    def boards(self) -> tuple[int, int]:
        """Rows of all boards, and how many are missing, too many, or differ from a recount of the file."""
        expected = self._rows.boards(self._store.currency, self._store.calendar.time_zone)
        found = wrong = 0
        for item in self._scan("rankings", "pk, sk, orders_count, total_spent"):
            if "orders_count" in item and (count := int(item["orders_count"]["N"])):
                place = item["pk"]["S"].split("#")[2], item["sk"]["S"]
                found += 1
                wrong += expected.pop(place, None) != (count, int(item["total_spent"]["N"]))
        return found, wrong + len(expected)

    def _scan(self, table: str, attributes_wanted: str) -> Iterator[Item]:
        scan = self._client.get_paginator("scan")
        name = getattr(self._tables, table)
        paging: Any = {"PageSize": _PAGE}
        for answer in scan.paginate(TableName=name, ProjectionExpression=attributes_wanted, PaginationConfig=paging):
            yield from answer["Items"]


def measure(place: Place, rows: int) -> Imported:
    """Import so many rows, with workers killed; project them; then import a few more to count their units."""
    client = _patient_client(place)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        history = _History(place, client, folder, Rows(0, rows))
        cut = history.cut()
        before = _puts(place, client, "before")
        team = history.team()
        worked = team.work()
        unchanged = history.unchanged()
        after = _puts(place, client, "after")
        kept, changes = history.kept()
        projecting = history.project()
        board_rows, wrong = history.boards()
        return Imported(
            rows=rows,
            mebibytes=history.mebibytes,
            cut=cut,
            worked=worked,
            seconds=team.seconds / max(team.whole * rows / len(history.chunks), 1),
            kills=team.kills,
            unchanged=unchanged,
            early=team.early,
            late=team.late,
            kept=kept,
            changes=changes,
            projecting=projecting,
            board_rows=board_rows,
            wrong=wrong,
            puts=(before, after),
            units=tuple(_units(place, folder, rows)),
        )


def _patient_client(place: Place) -> DynamoDBClient:
    """A client that nobody meters, for a database that may be busy with other things."""
    patient = Config(read_timeout=120)
    with patch.object(dynamodb, "_CONFIG", dynamodb._CONFIG.merge(patient)):  # noqa: SLF001, functions are in a hurry
        return dynamodb.create_client(endpoint_url=place.client.meta.endpoint_url, **CREDENTIALS)


def _puts(place: Place, client: DynamoDBClient, name: str) -> Puts:
    """Put items as big as an order, one by one, on condition that they are not there."""

    def put(number: int) -> None:
        key = {"pk": f"puts#{name}#{number // 3}", "sk": f"order#{number:08}"}
        client.put_item(
            TableName=place.tables.ledger,
            Item=attributes(key | {"content": "x" * 250}),
            ConditionExpression="attribute_not_exists(pk)",
        )

    began, time_before = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(PUT_THREADS) as pool:
        list(pool.map(put, range(_PUTS)))
    return Puts(_PUTS / (time.perf_counter() - began), (time.process_time() - time_before) / _PUTS)


def _units(place: Place, folder: Path, first: int) -> Iterator[tuple[str, float, float]]:
    """Write and read units of further rows, among them their part of what a chunk costs."""
    week = timedelta(days=7)
    for what, rows in (
        ("of a new customer", Rows(first, METERED, 1, _NOBODY)),
        ("of a known customer, an earlier order", Rows(first + METERED, METERED, 1, _NOBODY, -week)),
        ("of a known customer, a later order", Rows(first + 2 * METERED, METERED, 1, _NOBODY, week)),
    ):
        history = _History(place, place.client, folder, rows)
        history.cut()
        threads, work._THREADS = work._THREADS, 1  # noqa: SLF001, the meter follows one thread at a time
        try:
            with place.meter.uses() as uses:
                history.work_here()
        finally:
            work._THREADS = threads  # noqa: SLF001, as above
        yield what, sum(use.writes for use in uses) / METERED, sum(use.reads for use in uses) / METERED
