"""Chunks end where rows end, whatever the rows hold and however the stream is cut into blocks."""

from __future__ import annotations

import csv
import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.imports import cut
from laurel.imports.cut import Cutter, Piece, TooLongLine, Utf8, row_ends

CELL = st.text(alphabet=st.sampled_from('ab",;\n\r é'), max_size=8)
TABLE = st.lists(st.lists(CELL, min_size=2, max_size=3), max_size=30)
LOOSE = st.text(alphabet=st.sampled_from('ab",\n'), max_size=60)
"""Text in which quotes stand anywhere."""


def written(table: list[list[str]], quoting: int = csv.QUOTE_ALL) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=quoting).writerows(table)  # type: ignore[arg-type]
    return out.getvalue().encode()


def cut_up(content: bytes, size: int, chunk: int, separator: bytes | None = b",") -> list[Piece]:
    cutter = Cutter(separator, chunk)
    found = [it for start in range(0, len(content), size) for it in cutter.feed(content[start : start + size])]
    return [*found, *cutter.close()]


def parsed(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@given(TABLE, st.integers(1, 40), st.integers(1, 60), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
def test_chunks_together_are_the_file_and_each_is_whole_rows(
    table: list[list[str]], size: int, chunk: int, quoting: int
) -> None:
    content = written(table, quoting)

    pieces = cut_up(content, size, chunk)

    assert b"".join(content[it.start : it.end] for it in pieces) == content
    rows = [parsed(content[it.start : it.end]) for it in pieces]
    assert [row for some in rows for row in some] == table
    assert [it.rows for it in pieces] == [sum(map(len, rows[:index])) for index in range(len(rows))]
    for index, it in enumerate(pieces[1:], 1):
        assert parsed(content[it.before : it.start]) == [rows[index - 1][-1]]


@given(TABLE, st.integers(1, 40), st.integers(0, 400))
def test_a_cutter_goes_on_where_another_has_stopped(table: list[list[str]], size: int, stop: int) -> None:
    content = written(table)
    first = Cutter(b",", chunk=20)
    begun = [
        it for start in range(0, min(stop, len(content)), size) for it in first.feed(content[start : start + size])
    ]
    second = Cutter(b",", **first.state)

    rest = content[second.row :]
    ended = [it for start in range(0, len(rest), size) for it in second.feed(rest[start : start + size])]

    assert [*begun, *ended, *second.close()] == cut_up(content, size, 20)


@given(LOOSE)
def test_quotes_count_where_python_has_them_count(text: str) -> None:
    content = text.encode()

    ends = list(row_ends(content, b",", final=False))

    closed = content[: ends[-1]] if ends else b""
    starts = [0, *ends]
    each = [parsed(content[start:end]) for start, end in itertools.pairwise(starts)]
    assert all(len(rows) == 1 for rows in each)
    assert [row for rows in each for row in rows] == parsed(closed)


@given(LOOSE, st.integers(1, 9), st.integers(1, 30))
def test_a_quote_that_is_not_closed_spoils_one_line_however_the_file_is_cut(text: str, size: int, chunk: int) -> None:
    content = text.encode()

    pieces = cut_up(content, size, chunk)

    within = [[it.start + end for end in row_ends(content[it.start : it.end], b",", final=True)] for it in pieces]
    assert [end for some in within for end in some] == list(row_ends(content, b",", final=True))


def test_a_line_of_json_ends_with_the_line() -> None:
    content = b'{"a": "\\""}\n{"b": 1}'

    assert cut_up(content, 3, 1, None) == [Piece(0, 12, 0, 0), Piece(12, 20, 1, 0)]


def test_the_lines_after_a_quote_that_is_not_closed_are_rows_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "LONGEST_ROW", 50)
    content = b'a,b\n"' + b"x,y\n" * 40 + b'c,"d"\n'

    ends = [it.end for it in cut_up(content, 7, 1)]

    assert ends[:3] == [4, 9, 13], "the row would be closed too far away"
    assert ends[-1] == len(content)


def test_a_line_without_an_end_is_told_with_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "LONGEST_ROW", 50)

    with pytest.raises(TooLongLine, match="Row 2 is longer"):
        cut_up(b"a,b\n" + b"x" * 60, 7, 1000)


@given(st.text(max_size=40), st.integers(1, 5))
def test_utf_8_is_known_however_it_is_cut(text: str, size: int) -> None:
    content = text.encode(errors="replace")
    looked = Utf8()

    for start in range(0, len(content), size):
        looked.feed(content[start : start + size])
    looked.feed(b"", final=True)

    assert looked.valid


@pytest.mark.parametrize("content", ["Müller".encode("cp1252"), "é".encode()[:1]])
def test_what_is_not_utf_8(content: bytes) -> None:
    looked = Utf8()
    looked.feed(content)
    looked.feed(b"", final=True)

    assert not looked.valid
