"""Work on the chunks of an import.

Whatever a chunk records is a fact under a name of its own, so recording it again changes nothing; and a chunk is
counted in one write with the mark that it is done. So it may come twice, be killed at any moment, or run beside itself.
What a worker had recorded before it was killed, the next one finds there: those rows are counted as unchanged.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Protocol

from laurel.imports.columns import Kind
from laurel.imports.cutting import GAVE_UP, REPLACED
from laurel.imports.faults import Fault
from laurel.imports.intake import Intake, ManyPeople, Nothing, Shapes, Taken
from laurel.imports.layout import from_json
from laurel.imports.rows import groups_in
from laurel.imports.run import Chunk, Counts, FileGone, Import, upload_of
from laurel.ingestion.record import ManyFacts
from laurel.model.account import Store

HEADER = b"row,column,reason\r\n"
"""First line of the file of rejected rows."""

_NO_STORE = "The store is gone or disconnected. What was recorded by then stays."


class ChunkFiles(Protocol):
    """Holds the files. ``read`` raises ``FileGone`` for a file of another etag."""

    def read(self, key: str, etag: str, start: int, end: int) -> bytes: ...
    def write(self, key: str, content: bytes) -> None: ...
    def join(self, parts: str, key: str, header: bytes) -> None: ...
    def delete(self, key: str) -> None: ...


class ChunkBook(Protocol):
    """Keeps imports. ``close_chunk`` counts a chunk once, and returns False if that was done before."""

    def existing(self, account_id: str, store_id: str, import_id: str) -> Import | None: ...
    def chunk(self, it: Import, number: int) -> Chunk | None: ...
    def close_chunk(self, it: Import, number: int, counts: Counts, now: datetime) -> bool: ...
    def finish(self, it: Import, now: datetime) -> None: ...
    def fail(self, it: Import, error: str, now: datetime, *, gave_up: bool = False) -> None: ...


class StoreDirectory(Protocol):
    """Finds stores."""

    def store(self, account_id: str, store_id: str) -> Store | None: ...


class Worked(StrEnum):
    """What became of a chunk."""

    COUNTED = "counted"
    DROPPED = "dropped"


class ImportWorker:
    """Works on chunks."""

    def __init__(
        self,
        book: ChunkBook,
        files: ChunkFiles,
        stores: StoreDirectory,
        facts: ManyFacts,
        people: ManyPeople,
        shapes: Callable[[], Shapes],
        now: Callable[[], datetime],
    ) -> None:
        self._book = book
        self._files = files
        self._stores = stores
        self._facts = facts
        self._people = people
        self._shapes = shapes
        self._now = now

    def work(self, account_id: str, store_id: str, import_id: str, number: int) -> Worked:
        """Work on a chunk. ``DROPPED`` if that is done, or the import is over."""
        it = self._book.existing(account_id, store_id, import_id)
        if it is None or it.is_over:
            if it is None:
                # The store was erased, and the import with it.
                self._files.delete(upload_of(account_id, store_id, import_id))
            return Worked.DROPPED
        chunk = self._book.chunk(it, number)
        if chunk is None:
            return Worked.DROPPED
        if chunk.done:
            self._settle(it)
            return Worked.DROPPED
        store = self._stores.store(account_id, store_id)
        if store is None or not store.is_connected:
            self._give_back(it, _NO_STORE)
            return Worked.DROPPED
        try:
            taken = self._take(it, store, chunk)
        except FileGone:
            self._give_back(it, REPLACED)
            return Worked.DROPPED
        if taken.faults:
            self._files.write(it.part(number), _written(taken.faults))
        counted = self._book.close_chunk(it, number, taken.counts, self._now())
        if fresh := self._book.existing(account_id, store_id, import_id):
            self._settle(fresh)
        return Worked.COUNTED if counted else Worked.DROPPED

    def conclude(self, account_id: str, store_id: str, import_id: str) -> None:
        """Put together the rejected rows of an import that is over, and give its file away."""
        it = self._book.existing(account_id, store_id, import_id)
        if it and it.is_over:
            self._settle(it)

    def give_up(self, account_id: str, store_id: str, import_id: str) -> None:
        """Mark an import as failed unless it is over. Other chunks go on, and this one if it comes again."""
        it = self._book.existing(account_id, store_id, import_id)
        if it and not it.is_over:
            self._book.fail(it, GAVE_UP, self._now(), gave_up=True)

    def _take(self, it: Import, store: Store, chunk: Chunk) -> Taken:
        layout = from_json(it.layout or {})
        read = partial(self._files.read, it.upload, it.etag or "")
        nothing = Nothing()
        facts, people = (nothing, nothing) if it.dry_run else (self._facts, self._people)
        intake = Intake(facts, people, self._shapes(), store, layout, it.created_at)
        take = intake.orders if it.kind is Kind.ORDERS else intake.contacts
        return take(groups_in(read, chunk.piece, layout), self._now())

    def _settle(self, it: Import) -> None:
        """What is left to do once an import is complete, or over before that."""
        if not (it.is_complete or it.is_over):
            return
        if it.counts.rejected:
            self._files.join(it.parts, it.rejected_rows, HEADER)
        self._files.delete(it.upload)
        if not it.is_over:
            self._book.finish(it, self._now())

    def _give_back(self, it: Import, error: str) -> None:
        self._book.fail(it, error, self._now())
        self.conclude(it.account_id, it.store_id, it.id)


def _written(faults: Sequence[Fault]) -> bytes:
    """Faults as lines of CSV, in the order of their rows."""
    out = io.StringIO()
    lines = sorted(faults, key=lambda fault: fault.row)
    csv.writer(out).writerows((it.row, _inert(it.column), it.reason) for it in lines)
    return out.getvalue().encode()


def _inert(heading: str) -> str:
    """A heading of the file's own that no spreadsheet runs as a formula."""
    return f"'{heading}" if heading.startswith(("=", "+", "-", "@", "\t", "\r")) else heading
