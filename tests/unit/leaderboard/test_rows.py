"""A ranking row is a pure function of the customer's orders."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from laurel.leaderboard.rows import (
    calendar_revision_of,
    empty_row,
    periods_at,
    periods_of,
    rows_of,
    version_of,
)
from laurel.model.order import LedgerOrder, OrderState
from laurel.model.ranking import Figures, RankingRow
from tests.support.samples import ADA_ID, a_kept_order, a_store, seconds

NOVEMBER = seconds("2026-11-20T10:00:00")


def test_the_version_counts_all_changes_below_the_calendars_revision() -> None:
    orders = [a_kept_order("1", changes=3), a_kept_order("2", changes=4, moved_to="customer-7")]

    assert version_of(a_store(), orders) == 1_000_000_000_007
    assert version_of(a_store(calendar_revision=2), orders[:1]) == 2_000_000_000_003
    assert calendar_revision_of(2_000_000_000_003) == 2


def test_a_newer_calendar_outranks_any_number_of_changes() -> None:
    many = [a_kept_order(changes=999_999_999_999)]

    assert version_of(a_store(calendar_revision=2), []) > version_of(a_store(calendar_revision=1), many)


def test_periods_are_those_of_the_stores_calendar() -> None:
    calendar = a_store().calendar

    assert periods_at(calendar, NOVEMBER) == ("2026-W47", "2026-11", "2026-Q4", "2026", "all")
    assert periods_of(calendar, [NOVEMBER, None, seconds("2026-12-01T12:00:00")]) == {
        "2026-W47",
        "2026-11",
        "2026-W49",
        "2026-12",
        "2026-Q4",
        "2026",
        "all",
    }
    assert periods_of(calendar, [None]) == set()


def test_name_and_address_are_those_of_the_latest_order_that_has_them() -> None:
    orders = [
        a_kept_order("1", placed="2026-11-01", name="Ada Byron", email="ada@example.com"),
        a_kept_order("2", placed="2026-11-03", name=None, email=None),
        a_kept_order("3", placed="2026-11-02", name="Ada King", email=None),
        a_kept_order("4", placed="2026-11-04", name="Nobody", test=True),
        a_kept_order("5", placed="2026-11-05", name="Somebody Else", moved_to="customer-7"),
        a_kept_order("6", placed="2026-11-06", name="Gone", state=OrderState.DELETED),
    ]

    (row,) = rows_of(a_store(), ADA_ID, orders, ["2026-11"])

    assert (row.name, row.email) == ("Ada King", "ada@example.com")


def test_a_customer_who_is_not_ranked_keeps_figures_but_no_board() -> None:
    (row,) = rows_of(a_store(), ADA_ID, [a_kept_order()], ["2026-11"], ranked=False)

    assert row == RankingRow(
        "2026-11",
        ADA_ID,
        Figures(1, 5990, NOVEMBER),
        None,
        "ada@example.com",
        1_000_000_000_001,
        frozenset(),
    )


def test_an_empty_row_shows_nothing_anywhere() -> None:
    row = empty_row("2026-11", ADA_ID, 7)

    assert (row.figures, row.boards, row.version, row.name, row.email) == (Figures(0, 0, 0), frozenset(), 7, None, None)


orders = st.lists(
    st.builds(
        a_kept_order,
        st.sampled_from("abcdef"),
        placed=st.sampled_from(["2026-10-31T23:30:00", "2026-11-20", "2026-11-21"]),
        total=st.sampled_from([0, 100, 1000]),
        refunded=st.sampled_from([0, 100]),
        state=st.sampled_from([OrderState.PAID, OrderState.PENDING]),
        changes=st.integers(1, 9),
    ),
    unique_by=lambda order: order.id,
)


@given(orders=orders, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_orders_makes_no_difference(orders: list[LedgerOrder], shuffled: object) -> None:
    again = list(orders)
    shuffled.shuffle(again)  # type: ignore[attr-defined]
    periods = ["2026-10", "2026-11", "all"]

    assert [(it.period, it.figures, it.version, it.boards) for it in rows_of(a_store(), ADA_ID, orders, periods)] == [
        (it.period, it.figures, it.version, it.boards) for it in rows_of(a_store(), ADA_ID, again, periods)
    ]


@given(orders=orders)
def test_months_add_up_to_all_time(orders: list[LedgerOrder]) -> None:
    october, november, always = (
        row.figures for row in rows_of(a_store(), ADA_ID, orders, ["2026-10", "2026-11", "all"])
    )

    assert october.orders_count + november.orders_count == always.orders_count
    assert october.total_spent + november.total_spent == always.total_spent
    assert max(october.last_order_at, november.last_order_at) == always.last_order_at
