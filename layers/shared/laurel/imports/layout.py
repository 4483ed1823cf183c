"""How a file is written: its encoding, its separator, and which column holds what, found out from its first rows."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from laurel.imports.columns import Columns, Kind, Origin, UnknownColumns, mapped, recognised
from laurel.imports.cut import row_ends
from laurel.imports.values import DateOrder, Decimals, date_order_of, decimals_of

SAMPLE = 1 << 18
"""Bytes of a file from which its layout is found out."""

MOST_COLUMNS = 500

_SEPARATORS = (",", ";", "\t", "|")
_AMOUNTS = ("total", "refunded")
_TIMES = ("placed_at", "updated_at", "paid_at", "cancelled_at", "consent_at", "created_at")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")


class Format(StrEnum):
    """A table with headings, or one JSON object a line."""

    CSV = "csv"
    NDJSON = "ndjson"


class Encoding(StrEnum):
    """How characters are written. Signs of tables and line breaks are the same bytes in both."""

    UTF_8 = "utf-8"
    WINDOWS_1252 = "windows-1252"


class UnusableFile(Exception):
    """A file of which no row can be read; ``str`` says why, for people."""


@dataclass(frozen=True, slots=True)
class Told:
    """What whoever sent the file says of it; None for what is to be found out."""

    kind: Kind
    mapping: Mapping[str, str] | None = None
    separator: str | None = None
    encoding: Encoding | None = None
    decimals: Decimals | None = None
    date_order: DateOrder | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """All that is needed to read any row of the file. ``headings`` and ``columns`` are empty and None for JSON."""

    format: Format
    encoding: Encoding
    separator: str
    headings: tuple[str, ...]
    columns: Columns | None
    decimals: Decimals | None
    date_order: DateOrder | None

    @property
    def mark(self) -> bytes | None:
        """The separator as it stands in the file, None for JSON."""
        return self.separator.encode() or None

    @property
    def first_row(self) -> int:
        """Number of the first row that holds anything: headings are row 1."""
        return 2 if self.format is Format.CSV else 1


def as_json(layout: Layout) -> dict[str, Any]:
    """A layout as JSON can hold it."""
    return asdict(layout)


def from_json(kept: Mapping[str, Any]) -> Layout:
    """The layout that ``as_json`` was given."""
    columns = None
    if found := kept["columns"]:
        columns = Columns(Kind(found["kind"]), found["origin"] and Origin(found["origin"]), found["headings"])
    return Layout(
        Format(kept["format"]),
        Encoding(kept["encoding"]),
        kept["separator"],
        tuple(kept["headings"]),
        columns,
        kept["decimals"] and Decimals(kept["decimals"]),
        kept["date_order"] and DateOrder(kept["date_order"]),
    )


def found_out(sample: bytes, told: Told, *, utf8: bool) -> Layout:
    """The layout of a file that begins with ``sample``; ``utf8`` says whether all of it is that.

    Raises ``UnusableFile``.
    """
    if any(sample.startswith(mark) for mark in _OTHER_MARKS):
        raise UnusableFile("This is no text file in UTF-8 or Windows-1252. Export it as CSV, in UTF-8.")
    encoding = told.encoding or (Encoding.UTF_8 if utf8 else Encoding.WINDOWS_1252)
    content = sample.removeprefix(BYTE_ORDER_MARK)
    text = content.decode(encoding, errors="replace")
    if "\x00" in text:
        raise UnusableFile("This is no text file: it holds null characters. Export it as CSV, in UTF-8.")
    if text.lstrip()[:1] == "{":
        return Layout(Format.NDJSON, encoding, "", (), None, None, None)
    line = text.partition("\n")[0]
    if not line.strip():
        raise UnusableFile("The file has no headings in its first line.")
    if "\r" in line.rstrip("\r"):
        raise UnusableFile("Lines end with a carriage return alone. Save the file with line feeds, as CSV in UTF-8.")
    separator = told.separator or _separator(line)
    rows = _rows(content, encoding, separator, final=len(sample) < SAMPLE)
    headings = tuple(heading.strip() for heading in rows[0])
    columns = _columns(headings, told)
    body = rows[1:]
    return Layout(
        Format.CSV,
        encoding,
        separator,
        headings,
        columns,
        told.decimals or decimals_of(_values(columns, headings, body, _AMOUNTS)),
        told.date_order or date_order_of(_values(columns, headings, body, _TIMES)),
    )


def _separator(heading: str) -> str:
    """The one that makes most columns of the headings."""
    return max(_SEPARATORS, key=lambda it: len(next(csv.reader([heading], delimiter=it))))


def _rows(content: bytes, encoding: Encoding, separator: str, *, final: bool) -> list[list[str]]:
    """The rows of a sample, without one that it cuts, unless it is all there is."""
    ends = list(row_ends(content, separator.encode(), final=final)) or [len(content)]
    each = (content[start:end].decode(encoding, errors="replace") for start, end in pairwise([0, *ends]))
    return [row for text in each for row in csv.reader(text.splitlines(keepends=True), delimiter=separator)]


def _columns(headings: Sequence[str], told: Told) -> Columns:
    if len(headings) > MOST_COLUMNS:
        raise UnusableFile(f"The file has {len(headings)} columns; {MOST_COLUMNS} are as many as it may have.")
    used = set((told.mapping or {}).values())
    doubled = next((it for it in headings if it and headings.count(it) > 1 and (it in used or not used)), None)
    try:
        columns = mapped(told.kind, headings, told.mapping) if told.mapping else recognised(told.kind, headings)
    except UnknownColumns as error:
        raise UnusableFile(str(error)) from None
    if doubled is not None and doubled in columns.headings.values():
        raise UnusableFile(f"The file has more than one column {doubled[:100]!r}. Rename all but the one that counts.")
    return columns


def _values(
    columns: Columns, headings: Sequence[str], rows: Sequence[Sequence[str]], fields: Sequence[str]
) -> list[str]:
    places = [headings.index(columns.headings[field]) for field in fields if field in columns.headings]
    return [row[place] for row in rows for place in places if place < len(row) and row[place].strip()]
