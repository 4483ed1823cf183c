"""Files cut into chunks at the ends of rows, while they stream past: memory does not grow with the file.

A line break inside quotes ends no row. Outside quotes their number up to there is even, whatever stands between them,
so counting them is enough; a quote that is written twice inside quotes counts twice.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

CHUNK = 1 << 20
"""Bytes after which a chunk ends with the next row."""

LONGEST_ROW = 1 << 20
"""Bytes of a row; a quote that is never closed would make one of the rest of the file."""

_QUOTE, _BREAK = b'"', b"\n"


class TooLongRow(Exception):
    """A row does not end; ``offset`` is where it begins, in bytes."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"The row that begins at byte {offset} has no end. Is a quote not closed?")
        self.offset = offset


@dataclass(slots=True)
class Cutter:
    """Cuts a stream. What it holds between two blocks is all it needs to go on, also in another process.

    ``position`` is the first byte not seen yet, ``start`` where the present chunk begins, ``row`` where the present row
    does (all in bytes), ``rows`` the number of rows that ended before ``start``, ``open_rows`` of those since.
    """

    quoted: bool
    """True for CSV; a line of JSON ends with the line."""
    chunk: int = CHUNK
    position: int = 0
    start: int = 0
    row: int = 0
    rows: int = 0
    open_rows: int = 0
    inside: bool = field(default=False)

    def feed(self, block: bytes) -> Iterator[tuple[int, int, int]]:
        """Chunks that end in a block, as (first byte, byte after the last, rows before it). Raises ``TooLongRow``."""
        seen = 0
        while (end := block.find(_BREAK, seen)) >= 0:
            if self.quoted and block.count(_QUOTE, seen, end) % 2:
                self.inside = not self.inside
            seen = end + 1
            if self.inside:
                continue
            self.row = self.position + seen
            self.open_rows += 1
            if self.row - self.start >= self.chunk:
                yield self._ended()
        if self.quoted and block.count(_QUOTE, seen) % 2:
            self.inside = not self.inside
        self.position += len(block)
        if self.position - self.row > LONGEST_ROW:
            raise TooLongRow(self.row)

    def close(self) -> Iterator[tuple[int, int, int]]:
        """The last chunk, once the stream has ended. Raises ``TooLongRow`` if it ended inside quotes."""
        if self.inside:
            raise TooLongRow(self.row)
        if self.position > self.row:
            self.row, self.open_rows = self.position, self.open_rows + 1
        if self.row > self.start:
            yield self._ended()

    def _ended(self) -> tuple[int, int, int]:
        chunk = (self.start, self.row, self.rows)
        self.start, self.rows, self.open_rows = self.row, self.rows + self.open_rows, 0
        return chunk


def is_utf8(blocks: Iterable[bytes]) -> bool:
    """True if all blocks together are valid UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in blocks:
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
