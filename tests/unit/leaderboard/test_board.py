"""Boards as a reader sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.leaderboard import board
from laurel.leaderboard.board import (
    BoardPage,
    board_store,
    read_board,
    read_figures,
    read_place,
    resolve_period,
)
from laurel.model.account import StoreState
from laurel.model.errors import InvalidCursor, InvalidInput, NoConnectedStore, NotFound, StoreDisconnected
from laurel.model.period import TimeFrame
from laurel.model.ranking import Figures, Metric, Ranked
from tests.support.fakes import FakeBoards, FakeStores
from tests.support.samples import ACCOUNT, NOW, STORE, a_store

COUNT, SPENT, AVERAGE = Metric.ORDERS_COUNT, Metric.TOTAL_SPENT, Metric.AVERAGE_ORDER_VALUE
SHOP = a_store()
NOVEMBER = SHOP.calendar.period("2026-11")


def shown(rows: list[Ranked]) -> list[tuple[int, str]]:
    return [(row.rank, row.standing.customer) for row in rows]


def pages(boards: FakeBoards, metric: Metric, limit: int) -> list[BoardPage]:
    """A whole board, page by page."""
    read = [read_board(boards, SHOP, NOVEMBER, metric, limit)]
    while cursor := read[-1].next_cursor:
        read.append(read_board(boards, SHOP, NOVEMBER, metric, limit, cursor))
    return read


# ---- Pages -----------------------------------------------------------------------------------------------------------


def test_customers_of_equal_value_share_a_rank_and_the_next_one_skips_it() -> None:
    boards = FakeBoards("2026-11", [("a", 1, 400, 1), ("b", 1, 300, 4), ("c", 1, 300, 3), ("d", 1, 200, 1)])

    (page,) = pages(boards, SPENT, 10)

    assert shown(page.rows) == [(1, "a"), (2, "b"), (2, "c"), (4, "d")]
    assert (page.period, page.metric, page.next_cursor) == (NOVEMBER, SPENT, None)


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_ranks_are_the_same_however_long_pages_are(limit: int) -> None:
    boards = FakeBoards("2026-11", [("a", 1, 400, 1), ("b", 1, 300, 4), ("c", 1, 300, 3), ("d", 1, 200, 1)])

    assert [it for page in pages(boards, SPENT, limit) for it in shown(page.rows)] == [
        (1, "a"),
        (2, "b"),
        (2, "c"),
        (4, "d"),
    ]


def test_a_tie_over_three_pages_keeps_its_rank_and_the_next_one_its_place() -> None:
    boards = FakeBoards(
        "2026-11", [("a", 1, 300, 9), *(("bcde"[it], 1, 200, 8 - it) for it in range(4)), ("f", 1, 1, 1)]
    )

    assert [shown(page.rows) for page in pages(boards, SPENT, 2)] == [
        [(1, "a"), (2, "b")],
        [(2, "c"), (2, "d")],
        [(2, "e"), (6, "f")],
    ]


def test_ties_are_listed_by_the_most_recent_order_then_by_customer() -> None:
    # Given an index that leaves open who comes first of two with the same value and second
    boards = FakeBoards("2026-11", [("a", 1, 300, 5), ("z", 1, 300, 5), ("m", 1, 300, 9), ("b", 1, 300, 5)])

    (page,) = pages(boards, SPENT, 10)

    assert shown(page.rows) == [(1, "m"), (1, "a"), (1, "b"), (1, "z")]


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (COUNT, [(1, "often"), (2, "much"), (2, "once")]),
        (SPENT, [(1, "much"), (2, "once"), (3, "often")]),
        (AVERAGE, [(1, "much"), (2, "once"), (3, "often")]),
    ],
)
def test_a_board_is_ranked_by_its_metric(metric: Metric, expected: list[tuple[int, str]]) -> None:
    boards = FakeBoards("2026-11", [("often", 5, 500, 1), ("much", 1, 9000, 9), ("once", 1, 800, 1)])

    assert shown(read_board(boards, SHOP, NOVEMBER, metric, 10).rows) == expected


def test_a_cursor_stays_with_the_period_of_its_first_page() -> None:
    # Given a first page of the month to date, read right before midnight
    boards = FakeBoards("2026-11", [("a", 1, 400, 1), ("b", 1, 300, 1), ("c", 1, 200, 1)])
    midnight = NOVEMBER.end
    assert midnight
    before = resolve_period(SHOP, TimeFrame.MONTH_TO_DATE, None, midnight - timedelta(seconds=1))
    first = read_board(boards, SHOP, before, SPENT, 2)

    # When the next one is read right after it
    after = resolve_period(SHOP, TimeFrame.MONTH_TO_DATE, None, midnight)
    assert after.id == "2026-12"
    second = read_board(boards, SHOP, after, SPENT, 2, first.next_cursor)

    # Then it is still November's
    assert second.period == NOVEMBER
    assert shown(second.rows) == [(3, "c")]


def test_a_cursor_of_another_metric_or_kind_of_period_is_refused() -> None:
    boards = FakeBoards("2026-11", [("a", 1, 400, 1), ("b", 1, 300, 1)])
    cursor = read_board(boards, SHOP, NOVEMBER, SPENT, 1).next_cursor

    with pytest.raises(InvalidCursor):
        read_board(boards, SHOP, NOVEMBER, COUNT, 1, cursor)
    with pytest.raises(InvalidCursor):
        read_board(boards, SHOP, SHOP.calendar.period("2026"), SPENT, 1, cursor)


def test_an_empty_board_is_one_empty_page() -> None:
    (page,) = pages(FakeBoards("2026-11", []), SPENT, 10)

    assert (page.rows, page.next_cursor) == ([], None)


customers = st.lists(
    st.tuples(
        st.sampled_from("abcdefghij"), st.integers(1, 3), st.sampled_from([100, 200, 300]), st.sampled_from([1, 2, 3])
    ),
    unique_by=lambda it: it[0],
)


@given(rows=customers, metric=st.sampled_from(Metric), limit=st.integers(1, 4))
def test_a_rank_is_one_more_than_the_number_of_better_customers(
    rows: list[tuple[str, int, int, int]], metric: Metric, limit: int
) -> None:
    boards = FakeBoards("2026-11", rows)
    values = {it.customer: it.figures.value(metric) for it in boards.standings.values()}

    read = [it for page in pages(boards, metric, limit) for it in shown(page.rows)]

    assert {customer: rank for rank, customer in read} == {
        customer: 1 + sum(other > value for other in values.values()) for customer, value in values.items()
    }


# ---- One customer's place --------------------------------------------------------------------------------------------


def test_a_place_is_shown_between_its_neighbours() -> None:
    rows = [(f"c{number:02}", 1, 1000 - number, 1) for number in range(20)]
    boards = FakeBoards("2026-11", rows)

    place = read_place(boards, SHOP, NOVEMBER, SPENT, "c09")

    assert shown(place.above) == [(5, "c04"), (6, "c05"), (7, "c06"), (8, "c07"), (9, "c08")]
    assert shown([place.customer]) == [(10, "c09")]
    assert shown(place.below) == [(11, "c10"), (12, "c11"), (13, "c12"), (14, "c13"), (15, "c14")]


def test_neighbours_that_tie_share_a_rank() -> None:
    boards = FakeBoards(
        "2026-11",
        [("a", 1, 500, 1), ("b", 1, 400, 3), ("c", 1, 400, 2), ("d", 1, 400, 1), ("e", 1, 300, 2), ("f", 1, 300, 1)],
    )

    place = read_place(boards, SHOP, NOVEMBER, SPENT, "c")

    assert [*shown(place.above), *shown([place.customer]), *shown(place.below)] == [
        (1, "a"),
        (2, "b"),
        (2, "c"),
        (2, "d"),
        (5, "e"),
        (5, "f"),
    ]


def test_each_distinct_value_around_takes_one_short_count() -> None:
    boards = FakeBoards("2026-11", [(f"c{number}", 1, 1000 - number // 2, number) for number in range(11)])

    read_place(boards, SHOP, NOVEMBER, SPENT, "c5")

    assert boards.counts == 5


def test_the_gap_leads_to_the_next_better_value_past_those_who_tie() -> None:
    boards = FakeBoards("2026-11", [("a", 1, 500, 1), ("b", 1, 400, 3), ("c", 1, 400, 2)])

    place = read_place(boards, SHOP, NOVEMBER, SPENT, "c")

    assert place.next_better
    assert place.next_better.figures == Figures(1, 500, 1)
    assert read_place(boards, SHOP, NOVEMBER, SPENT, "a").next_better is None


def test_who_is_not_on_the_board_has_no_place() -> None:
    boards = FakeBoards("2026-11", [("a", 1, 500, 1)], hidden=frozenset({AVERAGE}))

    with pytest.raises(
        NotFound, match=r"^There is no customer on the total_spent board of 2026-11 'nobody' in this account\.$"
    ):
        read_place(boards, SHOP, NOVEMBER, SPENT, "nobody")
    with pytest.raises(NotFound):
        read_place(boards, SHOP, NOVEMBER, AVERAGE, "a")


@given(rows=customers.filter(len), metric=st.sampled_from(Metric), data=st.data())
def test_a_place_agrees_with_the_board(
    rows: list[tuple[str, int, int, int]], metric: Metric, data: st.DataObject
) -> None:
    boards = FakeBoards("2026-11", rows)
    customer = data.draw(st.sampled_from(sorted(boards.standings)))
    ranks = {name: rank for rank, name in shown(read_board(boards, SHOP, NOVEMBER, metric, 100).rows)}

    place = read_place(boards, SHOP, NOVEMBER, metric, customer)

    for row in (*place.above, place.customer, *place.below):
        assert row.rank == ranks[row.standing.customer]


# ---- Figures of a profile --------------------------------------------------------------------------------------------


def test_a_profile_shows_the_rank_on_each_board_that_shows_the_customer() -> None:
    boards = FakeBoards("2026-11", [("a", 1, 500, 1), ("b", 3, 400, 3), ("c", 3, 300, 2)], hidden=frozenset({AVERAGE}))

    figures = read_figures(boards, SHOP, NOVEMBER, "c")

    assert figures.figures == Figures(3, 300, 2)
    assert figures.ranks == {COUNT: 1, SPENT: 3}


def test_a_profile_without_purchases_shows_none() -> None:
    figures = read_figures(FakeBoards("2026-11", []), SHOP, NOVEMBER, "a")

    assert (figures.figures, figures.ranks) == (None, {})


def test_a_rank_far_down_is_not_counted_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "RANKS_COUNTED", 3)
    boards = FakeBoards("2026-11", [(f"c{number}", 1, 1000 - number, 1) for number in range(5)])

    ranks = [read_figures(boards, SHOP, NOVEMBER, f"c{number}").ranks[SPENT] for number in range(5)]

    assert ranks == [1, 2, 3, None, None]


# ---- Which store, which period ---------------------------------------------------------------------------------------


def test_the_board_of_a_connected_store_is_shown() -> None:
    assert board_store(FakeStores(SHOP), ACCOUNT, STORE) == SHOP


def test_without_a_connected_store_one_is_told_how_to_connect_it() -> None:
    gone = replace(SHOP, state=StoreState.DISCONNECTED)

    for directory in (FakeStores(), FakeStores(gone), FakeStores(replace(SHOP, account_id="another"))):
        with pytest.raises(NoConnectedStore, match=r"Connect one with POST /v1/stores"):
            board_store(directory, ACCOUNT, STORE)


def test_a_disconnected_store_among_others_shows_no_board() -> None:
    directory = FakeStores(replace(SHOP, state=StoreState.DISCONNECTED), replace(SHOP, id="other"))

    with pytest.raises(StoreDisconnected, match=r"PATCH /v1/stores/storeaaaaaaa"):
        board_store(directory, ACCOUNT, STORE)


def test_an_unknown_store_among_others_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"^There is no store 'unknown' in this account\.$"):
        board_store(FakeStores(SHOP), ACCOUNT, "unknown")


def test_a_named_period_or_the_time_frames_is_meant() -> None:
    assert resolve_period(SHOP, None, "2026-W47", NOW).id == "2026-W47"
    assert resolve_period(SHOP, TimeFrame.LAST_YEAR, None, NOW).id == "2025"
    assert resolve_period(SHOP, None, None, NOW).id == "2026-11"
    with pytest.raises(InvalidInput):
        resolve_period(SHOP, None, "", NOW)
