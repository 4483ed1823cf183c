"""The rows of a piece of a file, each with its number, and the rows of one order together."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from laurel.imports.columns import Columns, Kind, Origin
from laurel.imports.cut import LONGEST_ROW, Piece, row_ends
from laurel.imports.faults import Fault
from laurel.imports.layout import BYTE_ORDER_MARK, Encoding, Format, Layout

Cells = Mapping[str, str]
Bytes = Callable[[int, int], bytes]
"""Reads a file from a byte to before another; less where the file ends."""

_AHEAD = 1 << 16
_NULL = "\x00"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by heading, or what its line of JSON holds."""

    number: int
    value: Any


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one order, which shops write one for each line of it; or the row of one contact."""

    rows: tuple[Row, ...]

    @property
    def number(self) -> int:
        """Number of the first row, which describes the order."""
        return self.rows[0].number

    @property
    def value(self) -> Any:
        """What the first row holds."""
        return self.rows[0].value


@dataclass(frozen=True, slots=True)
class Blank:
    """A row that holds nothing."""

    number: int


Line = Row | Fault | Blank


def groups_in(read: Bytes, piece: Piece, layout: Layout) -> Iterator[Group | Fault | Blank]:
    """What a piece holds.

    Its first rows are left to the piece before if they go on with an order that begins there; for the same reason its
    last order may reach beyond it. Whether a row goes on with an order shows beside the row right before it.
    """
    lines = _lines(read(piece.start, piece.end), piece.rows + 1, layout)
    columns = layout.columns
    if columns is None or columns.kind is not Kind.ORDERS:
        return (Group((line,)) if isinstance(line, Row) else line for line in lines)
    return _orders(read, piece, layout, columns, lines)


def _orders(
    read: Bytes, piece: Piece, layout: Layout, columns: Columns, lines: Iterator[Line]
) -> Iterator[Group | Fault | Blank]:
    last = _last_before(read, piece, layout)
    present: list[Row] = []
    number = piece.rows + 1
    for line in lines:
        number = (line.row if isinstance(line, Fault) else line.number) + 1
        if isinstance(line, Row) and last and continues(line.value, last, columns):
            present += [line] if present else []
        else:
            if present:
                yield Group(tuple(present))
            present = [line] if isinstance(line, Row) else []
            if not isinstance(line, Row):
                yield line
        last = line.value if isinstance(line, Row) else None
    if present:
        for row in _lines_after(read, piece.end, number, layout):
            if not isinstance(row, Row) or not continues(row.value, present[-1].value, columns):
                break
            present.append(row)
        yield Group(tuple(present))


def continues(row: Cells, previous: Cells, columns: Columns) -> bool:
    """True if a row is one more line of the order that the row before it belongs to."""
    if columns.origin is Origin.SHOPIFY:
        name = columns.heading("number") if "number" in columns.headings else columns.heading("id")
        return row.get(name, "") == previous.get(name, "") != "" and not row.get(columns.heading("total"), "").strip()
    id_, updated_at = columns.heading("id"), columns.heading("updated_at")
    if row.get(updated_at, "").strip() not in ("", previous.get(updated_at, "").strip()):
        return False  # the same order, as it was at another time
    return row.get(id_, "").strip() == previous.get(id_, "").strip() != ""


def _last_before(read: Bytes, piece: Piece, layout: Layout) -> Cells | None:
    """The cells of the row before a piece; None before the first, and for one that cannot be read."""
    if piece.before == 0:
        return None  # the headings
    lines = list(_lines(read(piece.before, piece.start), piece.rows, layout))
    return lines[-1].value if isinstance(lines[-1], Row) else None


def _lines_after(read: Bytes, place: int, number: int, layout: Layout) -> Iterator[Line]:
    """The rows from a place on, read a little at a time."""
    while True:
        size = _AHEAD
        while True:
            data = read(place, place + size)
            final = len(data) < size
            ends = list(row_ends(data, layout.mark, final=final))
            if ends or final or size > LONGEST_ROW:
                break
            size *= 4
        if not ends:
            return
        yield from _lines(data[: ends[-1]], number, layout)
        number += len(ends)
        place += ends[-1]


def _lines(data: bytes, first: int, layout: Layout) -> Iterator[Line]:
    start = 0
    for number, end in enumerate(row_ends(data, layout.mark, final=True), first):
        content = data[start:end]
        start = end
        if number == 1:
            content = content.removeprefix(BYTE_ORDER_MARK)
        if number >= layout.first_row:
            yield _line(content, number, layout)


def _line(content: bytes, number: int, layout: Layout) -> Line:
    try:
        text = content.decode(layout.encoding)
    except UnicodeDecodeError:
        name = "UTF-8" if layout.encoding is Encoding.UTF_8 else "Windows-1252"
        return Fault(number, "", f"This row is not written in {name}.")
    if not text.strip():
        return Blank(number)
    if _NULL in text:
        return Fault(number, "", "This row holds null characters.")
    return _object(text, number) if layout.format is Format.NDJSON else _cells(text, number, layout)


def _object(text: str, number: int) -> Line:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return Fault(number, "", "This line is not JSON.")
    return Row(number, value) if isinstance(value, dict) else Fault(number, "", "This line is not a JSON object.")


def _cells(text: str, number: int, layout: Layout) -> Line:
    try:
        (cells,) = csv.reader(io.StringIO(text, newline=""), delimiter=layout.separator, strict=True)
    except (csv.Error, ValueError):
        return Fault(number, "", "The quotes of this row are not closed, or stand where none may.")
    while len(cells) > len(layout.headings) and not cells[-1].strip():
        cells.pop()
    if not any(cell.strip() for cell in cells):
        return Blank(number)
    if len(cells) != len(layout.headings):
        return Fault(number, "", f"This row has {len(cells)} fields, but there are {len(layout.headings)} headings.")
    return Row(number, dict(zip(layout.headings, cells, strict=True)))
