"""What a page of a board costs to read, however many rows the board has."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import samples
from benchmarks.place import Place
from laurel.leaderboard.board import read_board
from laurel.model.identity import contact_id
from laurel.model.ranking import Figures, Metric, RankingRow
from laurel.store.rankings import row_item

PAGE = 50
LIMIT = 1.5
NEXT_PRICE = 2.0
_PERIOD = "2026-W47"
_LONGEST_NAME, _LONGEST_EMAIL = 80, 254


@dataclass(frozen=True, slots=True)
class BoardRead:
    """Read units of a first page, and of one from the middle, at a number of rows; milliseconds of the first page."""

    rows: int
    metric: Metric
    first: float
    later: float
    milliseconds: float


def measure(place: Place, sizes: tuple[int, ...]) -> Iterator[BoardRead]:
    """Fill one board up to each size in turn and read a page of it by each metric."""
    filled = 0
    for size in sizes:
        place.put(
            place.tables.rankings,
            (row_item(place.store, row(_PERIOD, number)) for number in range(filled, size)),
        )
        filled = size
        for metric in Metric:
            yield _read(place, size, metric)


def longest(place: Place, metric: Metric, units: float) -> int:
    """Bytes that name and e-mail address may have together, in all rows of a page, for it to cost no more units."""
    low, high = 0, _LONGEST_NAME + _LONGEST_EMAIL
    while low < high:
        middle = (low + high + 1) // 2
        email = min(middle, _LONGEST_EMAIL)
        rows = (
            RankingRow(
                "2026-W01",
                contact_id(str(number)),
                _figures(number),
                "n" * (middle - email),
                "e" * email,
                10**12 + 1,
                frozenset(Metric),
            )
            for number in range(PAGE)
        )
        place.put(place.tables.rankings, (row_item(place.store, row) for row in rows))
        with place.meter.uses() as uses:
            place.rankings.top_customers(place.store, "2026-W01", metric, PAGE)
        low, high = (middle, high) if uses[0].reads <= units else (low, middle - 1)
    return low


def name_and_email(number: int) -> tuple[str, str]:
    """A customer of realistic lengths, never twice the same."""
    return f"{samples.NAME[:-7]}{number:07d}", f"{number:07d}.{samples.EMAIL[8:]}"


def row(period: str, number: int, figures: Figures | None = None) -> RankingRow:
    """Such a customer's row, on all three boards, with figures of their own unless others are given."""
    name, email = name_and_email(number)
    figures = figures or _figures(number)
    return RankingRow(period, contact_id(email), figures, name, email, 10**12 + 1, frozenset(Metric))


def _figures(number: int) -> Figures:
    return Figures(1 + number % 40, 1_000 + number * 7_919 % 500_000, 1_795_000_000 + number * 31 % 600_000)


def _read(place: Place, rows: int, metric: Metric) -> BoardRead:
    period = place.store.calendar.period(_PERIOD)
    with place.meter.uses() as uses:
        page = read_board(place.rankings, place.store, period, metric, PAGE)
        later = read_board(place.rankings, place.store, period, metric, PAGE, page.next_cursor)
    if len(page.rows) != PAGE or len(later.rows) != PAGE:
        raise RuntimeError(f"the board of {rows} rows has no two pages")
    start = time.perf_counter()
    for _ in range(20):
        read_board(place.rankings, place.store, period, metric, PAGE)
    milliseconds = (time.perf_counter() - start) / 20 * 1000
    return BoardRead(rows, metric, uses[0].reads, uses[1].reads, milliseconds)
