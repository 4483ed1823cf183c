"""One import: what was asked for, how far it is, and where its files are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from laurel.imports.columns import Kind
from laurel.imports.cut import Piece
from laurel.imports.layout import Encoding, Told
from laurel.imports.values import DateOrder, Decimals

KEPT = timedelta(days=90)
MOST_BYTES = 1 << 30
"""Bytes of a file: some seven million rows."""

UPLOADS, REJECTED = "uploads", "rejected"


class FileGone(Exception):
    """A file is not there, or not the one that was begun with."""


class ImportState(StrEnum):
    """Where an import is in its life. ``waiting`` is for the file; the last three are final."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of a file, by what became of them. What was read is all of them together."""

    accepted: int = 0
    unchanged: int = 0
    rejected: int = 0
    empty: int = 0

    @property
    def read(self) -> int:
        """All rows."""
        return self.accepted + self.unchanged + self.rejected + self.empty


@dataclass(frozen=True, slots=True)
class Import:
    """One file of a store.

    ``asked`` holds what was said of the file, beside its kind. ``etag`` is of the file that was begun with, ``place``
    where cutting it goes on, ``layout`` what was found out of it once it is cut, into ``chunks`` with ``rows`` rows.
    ``gave_up`` is set if it failed again and again, not because of the file. ``updated_at`` is when rows were last
    counted.
    """

    account_id: str
    store_id: str
    id: str
    kind: Kind
    file_name: str
    created_at: datetime
    asked: Mapping[str, Any]
    dry_run: bool = False
    by: str | None = None
    state: ImportState = ImportState.WAITING
    started_at: datetime | None = None
    updated_at: datetime | None = None
    finished_at: datetime | None = None
    etag: str | None = None
    place: Mapping[str, Any] | None = None
    layout: Mapping[str, Any] | None = None
    rows: int | None = None
    chunks: int | None = None
    queued: bool = False
    chunks_done: int = 0
    counts: Counts = Counts()
    error: str | None = None
    gave_up: bool = False

    @property
    def is_over(self) -> bool:
        """True once nothing is left to do, or nothing can be done."""
        return self.state in (ImportState.DONE, ImportState.CANCELLED) or (
            self.state is ImportState.FAILED and not self.gave_up
        )

    @property
    def is_complete(self) -> bool:
        """True once every row was worked on."""
        return self.chunks is not None and self.chunks_done >= self.chunks

    @property
    def told(self) -> Told:
        """What whoever sent the file says of it."""
        asked = self.asked
        return Told(
            self.kind,
            asked.get("mapping"),
            asked.get("separator"),
            Encoding(asked["encoding"]) if asked.get("encoding") else None,
            Decimals(asked["decimals"]) if asked.get("decimals") else None,
            DateOrder(asked["date_order"]) if asked.get("date_order") else None,
        )

    @property
    def upload(self) -> str:
        """Where its file is uploaded."""
        return upload_of(self.account_id, self.store_id, self.id)

    @property
    def rejected_rows(self) -> str:
        """Where the file of its rejected rows is, once it is over."""
        return f"{self._parts}.csv"

    @property
    def parts(self) -> str:
        """Where the rejected rows of its chunks are, chunk by chunk."""
        return f"{self._parts}/"

    def part(self, chunk: int) -> str:
        """Where the rejected rows of a chunk are."""
        return f"{self._parts}/{chunk:08}.csv"

    @property
    def _parts(self) -> str:
        return f"{REJECTED}/{self.account_id}/{self.store_id}/{self.id}"

    def rate(self) -> float | None:
        """Rows a second so far; None while nobody can tell."""
        if self.started_at is None or self.updated_at is None or self.updated_at <= self.started_at:
            return None
        return self.counts.read / (self.updated_at - self.started_at).total_seconds() or None

    def time_left(self) -> timedelta | None:
        """How long it will take if it goes on like this; None while nobody can tell, and once it is over."""
        rate = self.rate()
        if rate is None or self.rows is None or self.state is not ImportState.RUNNING:
            return None
        return timedelta(seconds=max(self.rows - self.counts.read, 0) / rate)


def upload_of(account_id: str, store_id: str, import_id: str) -> str:
    """Where the file of an import is uploaded."""
    return f"{UPLOADS}/{account_id}/{store_id}/{import_id}"


def place_of(upload: str) -> tuple[str, str, str] | None:
    """Account, store and import that a file was uploaded for; None if it is no upload."""
    steps = upload.split("/")
    return (steps[1], steps[2], steps[3]) if len(steps) == 4 and steps[0] == UPLOADS else None  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that one worker takes on at a time."""

    number: int
    piece: Piece
    done: bool = False
