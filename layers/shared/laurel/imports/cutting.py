"""Cut an uploaded file into chunks and queue them.

Nothing is recorded before all of the file was seen: how it is written shows at its end only. Chunks and where to go on
are kept now and then, so a cutter that was killed is followed by one that goes on from there; two that run beside
each other make the same chunks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from laurel.imports.cut import CHUNK, Cutter, TooLongLine, Utf8
from laurel.imports.layout import SAMPLE, Layout, UnusableFile, as_json, found_out
from laurel.imports.run import MOST_BYTES, Chunk, FileGone, Import, ImportState, upload_of
from laurel.scoring.work import at_once

GAVE_UP = "The import failed again and again. What it recorded stays; whoever runs Laurel can have it go on."
REPLACED = "The file was replaced while it was read. Start another import."

_KEPT_EVERY = 64
"""Chunks after which the place is kept."""


class CutFiles(Protocol):
    """Holds the files. What names an etag raises ``FileGone`` for any other file."""

    def stat(self, key: str) -> tuple[int, str]: ...
    def read(self, key: str, etag: str, start: int, end: int) -> bytes: ...
    def blocks(self, key: str, etag: str, start: int) -> Iterator[bytes]: ...
    def delete(self, key: str) -> None: ...


class CutBook(Protocol):
    """Keeps imports. ``begin`` returns None if the import is over."""

    def existing(self, account_id: str, store_id: str, import_id: str) -> Import | None: ...
    def begin(self, it: Import, etag: str, now: datetime) -> Import | None: ...
    def add_chunk(self, it: Import, chunk: Chunk) -> None: ...
    def keep_place(self, it: Import, place: Mapping[str, Any]) -> None: ...
    def keep_layout(self, it: Import, layout: Mapping[str, Any], chunks: int, rows: int) -> None: ...
    def mark_queued(self, it: Import) -> None: ...
    def fail(self, it: Import, error: str, now: datetime, *, gave_up: bool = False) -> None: ...


class ChunkQueue(Protocol):
    """Has chunks worked on."""

    def send(self, it: Import, numbers: Sequence[int]) -> None: ...


class Cut(StrEnum):
    """What became of a file that was to be cut."""

    QUEUED = "queued"
    REFUSED = "refused"
    DROPPED = "dropped"


class Cutting:
    """Cuts files."""

    def __init__(self, book: CutBook, files: CutFiles, queue: ChunkQueue, chunk: int = CHUNK) -> None:
        """``chunk`` is the least number of bytes of a chunk, the last one apart."""
        self._book = book
        self._files = files
        self._queue = queue
        self._chunk = chunk

    def cut(self, account_id: str, store_id: str, import_id: str, now: datetime) -> Cut:
        """Cut the file of an import. ``DROPPED`` if that is done, or nobody wants it."""
        found = self._book.existing(account_id, store_id, import_id)
        if found is None or found.is_over:
            # Of an import that nobody waits for, nothing may be left lying.
            self._files.delete(upload_of(account_id, store_id, import_id))
            return Cut.DROPPED
        if found.queued:
            return Cut.DROPPED
        try:
            it = self._begun(found, now)
            if it is None:
                return Cut.DROPPED
            it = it if it.chunks is not None else self._cut(it)
        except (UnusableFile, TooLongLine, FileGone) as error:
            self._book.fail(found, REPLACED if isinstance(error, FileGone) else str(error), now)
            self._files.delete(found.upload)
            return Cut.REFUSED
        self._queue.send(it, range(it.chunks or 0))
        self._book.mark_queued(it)
        return Cut.QUEUED

    def give_up(self, account_id: str, store_id: str, import_id: str, now: datetime) -> None:
        """Mark an import as failed unless it is over. A new message has it go on from where it was."""
        found = self._book.existing(account_id, store_id, import_id)
        if found and not found.is_over:
            self._book.fail(found, GAVE_UP, now, gave_up=True)

    def _begun(self, found: Import, now: datetime) -> Import | None:
        size, etag = self._files.stat(found.upload)
        if size > MOST_BYTES:
            raise UnusableFile(f"The file has more than {MOST_BYTES} bytes. Split it, with the headings in each part.")
        if found.etag not in (None, etag):
            raise FileGone
        return self._book.begin(found, etag, now)

    def _cut(self, it: Import) -> Import:
        etag = it.etag or ""
        sample = self._files.read(it.upload, etag, 0, SAMPLE)
        looks = Utf8()
        looks.feed(sample)
        layout = found_out(sample, it.told, utf8=looks.valid)
        place = it.place or {"cutter": {}, "utf8": True, "chunks": 0}
        cutter = Cutter(layout.mark, **{"chunk": self._chunk} | place["cutter"])
        utf8, number, kept = Utf8(), int(place["chunks"]), int(place["chunks"])
        utf8.valid = place["utf8"]
        for block in self._files.blocks(it.upload, etag, cutter.row):
            utf8.feed(block)
            number = self._add(it, number, [Chunk(at, piece) for at, piece in enumerate(cutter.feed(block), number)])
            if number - kept >= _KEPT_EVERY:
                self._book.keep_place(it, {"cutter": cutter.state, "utf8": utf8.valid, "chunks": number})
                kept = number
        utf8.feed(b"", final=True)
        number = self._add(it, number, [Chunk(at, piece) for at, piece in enumerate(cutter.close(), number)])
        layout = found_out(sample, it.told, utf8=utf8.valid)
        self._book.keep_layout(it, as_json(layout), number, _rows(cutter, layout))
        return self._existing(it)

    def _add(self, it: Import, number: int, chunks: Sequence[Chunk]) -> int:
        at_once(lambda chunk: self._book.add_chunk(it, chunk), chunks)
        return number + len(chunks)

    def _existing(self, it: Import) -> Import:
        found = self._book.existing(it.account_id, it.store_id, it.id)
        if found is None or found.state is ImportState.CANCELLED:
            raise FileGone
        return found


def _rows(cutter: Cutter, layout: Layout) -> int:
    """Rows after the headings."""
    return cutter.rows - layout.first_row + 1
