"""Chunks end where rows end, whatever the rows hold and however the stream is cut into blocks."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.imports import cut
from laurel.imports.cut import Cutter, TooLongRow, is_utf8

CELL = st.text(alphabet=st.sampled_from('ab",;\n\r é'), max_size=8)
TABLE = st.lists(st.lists(CELL, min_size=2, max_size=3), max_size=30)


def written(table: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(table)
    return out.getvalue().encode()


def cut_up(content: bytes, size: int, chunk: int, *, quoted: bool = True) -> list[tuple[int, int, int]]:
    cutter = Cutter(quoted, chunk)
    found = [it for start in range(0, len(content), size) for it in cutter.feed(content[start : start + size])]
    return [*found, *cutter.close()]


def parsed(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@given(TABLE, st.integers(1, 40), st.integers(1, 60))
def test_chunks_together_are_the_file_and_each_is_whole_rows(table: list[list[str]], size: int, chunk: int) -> None:
    content = written(table)

    chunks = cut_up(content, size, chunk)

    assert b"".join(content[start:end] for start, end, _ in chunks) == content
    rows = [parsed(content[start:end]) for start, end, _ in chunks]
    assert [row for some in rows for row in some] == table
    assert [before for _, _, before in chunks] == [sum(map(len, rows[:index])) for index in range(len(rows))]


@given(TABLE, st.integers(1, 40), st.integers(0, 400))
def test_a_cutter_goes_on_where_another_has_stopped(table: list[list[str]], size: int, stop: int) -> None:
    content = written(table)
    first = Cutter(quoted=True, chunk=20)
    begun = [
        it for start in range(0, min(stop, len(content)), size) for it in first.feed(content[start : start + size])
    ]
    second = Cutter(True, 20, first.position, first.start, first.row, first.rows, first.open_rows, first.inside)

    rest = content[second.position :]
    ended = [it for start in range(0, len(rest), size) for it in second.feed(rest[start : start + size])]

    assert [*begun, *ended, *second.close()] == cut_up(content, size, 20)


def test_a_line_of_json_ends_with_the_line() -> None:
    content = b'{"a": "\\""}\n{"b": 1}'

    assert cut_up(content, 3, 1, quoted=False) == [(0, 12, 0), (12, 20, 1)]


@pytest.mark.parametrize(
    ("content", "offset"), [(b'a,"b\nc,d\n', 0), (b'a,b\n"' + b"x\n" * 40, 4)], ids=["at the end", "too long"]
)
def test_a_quote_that_is_never_closed_is_told_with_its_place(
    content: bytes, offset: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cut, "LONGEST_ROW", 50)

    with pytest.raises(TooLongRow) as told:
        cut_up(content, 7, 1000)

    assert told.value.offset == offset


@given(st.text(max_size=40), st.integers(1, 5))
def test_utf_8_is_known_however_it_is_cut(text: str, size: int) -> None:
    content = text.encode(errors="replace")

    assert is_utf8(content[start : start + size] for start in range(0, len(content), size))


@pytest.mark.parametrize("content", ["Müller".encode("cp1252"), "é".encode()[:1]])
def test_what_is_not_utf_8(content: bytes) -> None:
    assert not is_utf8([content])
