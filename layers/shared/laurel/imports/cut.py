"""Files cut into chunks at the ends of rows, while they stream past: memory does not grow with the file.

A line break inside quotes ends no row. As in Python's own reader of CSV, quotes count where a field begins with one;
one in the middle of a field is a character like any other.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

CHUNK = 1 << 17
"""Bytes after which a chunk ends with the next row: what a worker takes on at a time, some thousand rows."""

LONGEST_ROW = 1 << 20
"""Bytes of a row. A quote that is not closed within them is a fault of its line alone, not of all that follow."""

_QUOTE, _BREAK = b'"', b"\n"


class TooLongLine(Exception):
    """A line has no end; ``row`` is its number."""

    def __init__(self, row: int) -> None:
        super().__init__(f"Row {row} is longer than {LONGEST_ROW} bytes. Is this a table, or one JSON object a line?")


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole rows of a file: from byte ``start`` to before ``end``, after ``rows`` others.

    ``before`` is where the row before them begins: whoever reads a piece may have to know whether it goes on.
    """

    start: int
    end: int
    rows: int
    before: int


def row_ends(data: bytes | bytearray, separator: bytes | None, *, final: bool) -> Iterator[int]:
    """Where the rows of ``data`` end, which begins with a row.

    ``separator`` is what stands between fields, None for lines of JSON. What may go on after the data is left out,
    unless they are ``final``. A row that is not closed ends with its first line.
    """
    row = 0
    while row < len(data):
        first = data.find(_BREAK, row) + 1
        end = first if separator is None else _row_end(data, row, first, separator)
        if not end and not final and len(data) - row <= LONGEST_ROW:
            return
        if end == 0 and final:
            end = len(data)
        if end is None or not 0 < end - row <= LONGEST_ROW:
            end = first or (len(data) if final else 0)
        if not end:
            return
        yield end
        row = end


def _row_end(data: bytes | bytearray, row: int, first: int, separator: bytes) -> int | None:
    """Where the row ends that begins at ``row``, its first line before ``first``.

    0 if the data end before it does, None if they end inside quotes.
    """
    if data.find(_QUOTE, row, first or len(data)) < 0:
        return first
    place = row
    while True:
        # A field begins.
        if data[place : place + 1] == _QUOTE:
            place = _closed(data, place + 1)
            if not place:
                return None
        line = data.find(_BREAK, place) + 1
        next_field = data.find(separator, place, line or len(data)) + 1
        if not next_field:
            return line
        place = next_field


def _closed(data: bytes | bytearray, place: int) -> int:
    """After the quote that closes a field whose content begins at ``place``; 0 if there is none."""
    while (quote := data.find(_QUOTE, place)) >= 0:
        if data[quote + 1 : quote + 2] != _QUOTE:
            return quote + 1
        place = quote + 2
    return 0


@dataclass(slots=True)
class Cutter:
    """Cuts a stream. ``state`` is all that another one needs to go on, with the bytes from ``row`` on.

    ``start`` is where the present chunk begins, ``row`` where the present row does, ``previous`` where the row before
    it did, ``before`` where the last row before the chunk did, all in bytes; ``rows`` is the number of rows that ended
    before ``start``, ``open_rows`` of those since.
    """

    separator: bytes | None
    chunk: int = CHUNK
    start: int = 0
    row: int = 0
    previous: int = 0
    before: int = 0
    rows: int = 0
    open_rows: int = 0
    _rest: bytes = field(default=b"", repr=False)

    def feed(self, block: bytes) -> Iterator[Piece]:
        """Chunks that end in a block. Raises ``TooLongLine``."""
        yield from self._cut(self._rest + block, final=False)
        if len(self._rest) > LONGEST_ROW:
            raise TooLongLine(self.rows + self.open_rows + 1)

    def close(self) -> Iterator[Piece]:
        """The last chunks, once the stream has ended."""
        yield from self._cut(self._rest, final=True)
        if self.row > self.start:
            yield self._ended()

    @property
    def state(self) -> dict[str, Any]:
        """Numbers to make another one from."""
        return {name: value for name, value in asdict(self).items() if name not in ("separator", "_rest")}

    def _cut(self, data: bytes, *, final: bool) -> Iterator[Piece]:
        origin, done = self.row, 0
        for end in row_ends(data, self.separator, final=final):
            done = end
            self.previous, self.row = self.row, origin + end
            self.open_rows += 1
            if self.row - self.start >= self.chunk:
                yield self._ended()
        self._rest = data[done:]

    def _ended(self) -> Piece:
        piece = Piece(self.start, self.row, self.rows, self.before)
        self.start, self.rows, self.open_rows = self.row, self.rows + self.open_rows, 0
        self.before = self.previous
        return piece


class Utf8:
    """Finds out whether a stream is UTF-8."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.valid = True

    def feed(self, block: bytes, *, final: bool = False) -> None:
        """Look at a block."""
        if self.valid:
            try:
                self._decoder.decode(block, final=final)
            except UnicodeDecodeError:
                self.valid = False
