"""How a file is written: its encoding, its separator, and which column holds what, found out from its first rows."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from laurel.imports.columns import Columns, Kind, UnknownColumns, mapped, recognised
from laurel.imports.values import DateOrder, Decimals, date_order_of, decimals_of

SAMPLE = 1 << 18
"""Bytes of a file from which its layout is found out."""

MOST_COLUMNS = 500

_SEPARATORS = (",", ";", "\t", "|")
_AMOUNTS = ("total", "refunded")
_TIMES = ("placed_at", "updated_at", "paid_at", "cancelled_at", "consent_at", "created_at")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")


class Format(StrEnum):
    """A table with headings, or one JSON object a line."""

    CSV = "csv"
    NDJSON = "ndjson"


class Encoding(StrEnum):
    """How characters are written."""

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


def found_out(sample: bytes, told: Told, *, utf8: bool) -> Layout:
    """The layout of a file that begins with ``sample``; ``utf8`` says whether all of it is that.

    Raises ``UnusableFile``.
    """
    if any(sample.startswith(mark) for mark in _OTHER_MARKS):
        raise UnusableFile("This is no text file in UTF-8 or Windows-1252. Export it as CSV, in UTF-8.")
    encoding = told.encoding or (Encoding.UTF_8 if utf8 else Encoding.WINDOWS_1252)
    text = sample.removeprefix(_BYTE_ORDER_MARK).decode(encoding, errors="replace")
    if "\x00" in text:
        raise UnusableFile("This is no text file: it holds null characters. Export it as CSV, in UTF-8.")
    if text.lstrip()[:1] == "{":
        return Layout(Format.NDJSON, encoding, "", (), None, None, None)
    lines = text.splitlines(keepends=True)
    if not lines or not lines[0].strip():
        raise UnusableFile("The file has no headings in its first line.")
    separator = told.separator or _separator(lines[0])
    rows = list(csv.reader(_complete(lines), delimiter=separator))
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


def _complete(lines: Sequence[str]) -> Sequence[str]:
    """All lines but the last, which the sample may have cut; all if there is no other."""
    return lines[:-1] if len(lines) > 1 and not lines[-1].endswith(("\n", "\r")) else lines


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
