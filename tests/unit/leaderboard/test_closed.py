"""Boards as they were closed, and what has changed of them since."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pytest

from laurel.leaderboard.board import read_board
from laurel.leaderboard.closed import BoardChange, ExplainedChange, Stand, read_changes, read_closed
from laurel.leaderboard.effects import FiguresDifference
from laurel.model.correction import OrderEffect
from laurel.model.errors import InvalidCursor, NoClosingSnapshot
from laurel.model.order import CustomerRef
from laurel.model.ranking import Figures, Metric
from tests.support.samples import at
from tests.support.shelves import SHOP, Boards, Shelf, spending

OCTOBER, NOVEMBER = (SHOP.calendar.period(it) for it in ("2026-10", "2026-11"))
COUNT, SPENT = Metric.ORDERS_COUNT, Metric.TOTAL_SPENT
CLOSED, LATER, PLACED = at("2026-11-01T00:05:00"), at("2026-11-03T10:00:00"), at("2026-10-20T10:00:00")


@dataclass(slots=True)
class History:
    """Corrections by customer."""

    kept: dict[str, list[OrderEffect]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def corrections_since(self, ref: CustomerRef, instant: datetime) -> list[OrderEffect]:
        self.asked.append(ref.customer)
        return [effect for effect in self.kept.get(ref.customer, []) if effect.at >= instant]


def refund(amount: int, of: int = 300, told: datetime = LATER, placed: datetime = PLACED) -> OrderEffect:
    return OrderEffect("r1", placed, told, of, of - amount)


# ---- As closed -------------------------------------------------------------------------------------------------------


def test_a_board_as_closed_has_the_ranks_and_figures_of_then_and_the_names_of_now() -> None:
    shelf = Shelf()
    snapshot = shelf.close("2026-10", spending({"a": 400, "b": 300, "gone": 200}), CLOSED)
    boards = Boards({"2026-10": spending({"a": 1}), "all": {}}, named={"a", "b"})

    page = read_closed(shelf, boards, SHOP, OCTOBER, SPENT, 10)

    assert [(row.rank, row.standing.customer, row.standing.figures.total_spent) for row in page.rows] == [
        (1, "a", 400),
        (2, "b", 300),
        (3, "gone", 200),
    ]
    assert [row.standing.email for row in page.rows] == ["a@example.com", "b@example.com", None]
    assert (page.snapshot, page.next_cursor) == (snapshot, None)


def test_pages_as_closed_make_up_the_whole_and_stay_with_their_period() -> None:
    shelf = Shelf()
    shelf.close("2026-10", spending((f"c{n}", 100 - n // 2) for n in range(7)), CLOSED)
    whole = read_closed(shelf, Boards({}), SHOP, OCTOBER, SPENT, 100).rows
    paged, cursor = [], None
    while True:
        # The time frame means another period by now
        page = read_closed(shelf, Boards({}), SHOP, OCTOBER if cursor is None else NOVEMBER, SPENT, 3, cursor)
        paged += page.rows
        if not (cursor := page.next_cursor):
            break

    assert paged == whole


def test_a_cursor_as_closed_is_good_for_its_own_list_only() -> None:
    shelf = Shelf()
    rows = spending((f"c{n}", 100 - n) for n in range(4))
    shelf.close("2026-10", rows, CLOSED)
    boards = Boards({"2026-10": rows})
    closed = read_closed(shelf, boards, SHOP, OCTOBER, SPENT, 2).next_cursor
    now = read_board(boards, SHOP, OCTOBER, SPENT, 2).next_cursor

    with pytest.raises(InvalidCursor):
        read_closed(shelf, boards, SHOP, OCTOBER, COUNT, 2, closed)
    with pytest.raises(InvalidCursor):
        read_closed(shelf, boards, SHOP, SHOP.calendar.period("2026"), SPENT, 2, closed)
    with pytest.raises(InvalidCursor):
        read_closed(shelf, boards, SHOP, OCTOBER, SPENT, 2, now)
    with pytest.raises(InvalidCursor):
        read_board(boards, SHOP, OCTOBER, SPENT, 2, closed)


def test_a_period_without_a_closing_snapshot_cannot_be_shown_as_closed() -> None:
    shelf = Shelf()
    shelf.take("2026-11", spending({"a": 1}), LATER)

    with pytest.raises(NoClosingSnapshot, match="2026-11"):
        read_closed(shelf, Boards({}), SHOP, NOVEMBER, SPENT, 10)
    with pytest.raises(NoClosingSnapshot):
        read_changes(Boards({}), History(), shelf, SHOP, NOVEMBER, SPENT, 10)


# ---- What changed ----------------------------------------------------------------------------------------------------


def test_a_late_refund_is_told_with_those_it_moved() -> None:
    # Given a refund of b's after the close, which let c pass
    shelf, history = Shelf(), History({"b": [refund(200)]})
    shelf.close("2026-10", spending({"a": 400, "b": 300, "c": 200}), CLOSED)
    boards = Boards({"2026-10": spending({"a": 400, "b": 100, "c": 200})}, named={"b"})

    page = read_changes(boards, history, shelf, SHOP, OCTOBER, SPENT, 10)

    figures = {amount: Figures(1, amount, 0) for amount in (100, 200, 300)}
    assert page.changes == [
        ExplainedChange(
            BoardChange("b", Stand(2, figures[300]), Stand(3, figures[100]), own=True),
            "B",
            "b@example.com",
            [refund(200)],
            None,
        ),
        ExplainedChange(
            BoardChange("c", Stand(3, figures[200]), Stand(2, figures[200]), own=False), None, None, [], None
        ),
    ]
    assert history.asked == ["b"]


def test_only_what_was_told_after_the_close_and_is_of_the_period_counts_and_the_rest_is_said() -> None:
    before = refund(1, told=at("2026-10-30T00:00:00"))
    other = refund(2, placed=at("2026-11-02T00:00:00"))
    shelf, history = Shelf(), History({"a": [before, other, refund(50)]})
    shelf.close("2026-10", spending({"a": 400}), CLOSED)

    (change,) = read_changes(
        Boards({"2026-10": spending({"a": 300})}), history, shelf, SHOP, OCTOBER, SPENT, 10
    ).changes

    assert change.effects == [refund(50)]
    assert change.unlisted == FiguresDifference(0, -50)


def test_who_left_the_board_and_who_came_late() -> None:
    shelf = Shelf()
    shelf.close("2026-10", spending({"a": 400}), CLOSED)
    late = OrderEffect("1", PLACED, LATER, None, 300)
    history = History({"a": [OrderEffect("2", PLACED, LATER, 400, None)], "late": [late]})

    found = read_changes(Boards({"2026-10": spending({"late": 300})}), history, shelf, SHOP, OCTOBER, SPENT, 10).changes

    assert [(it.change.customer, it.change.then.rank, it.change.now.rank, it.unlisted) for it in found] == [
        ("a", 1, None, None),
        ("late", None, 1, None),
    ]
    assert found[0].change.now.figures is None


def test_nothing_changed() -> None:
    shelf = Shelf()
    rows = spending((f"c{n:04}", 5000 - n // 3) for n in range(1500))
    shelf.close("2026-10", rows, CLOSED)

    assert read_changes(Boards({"2026-10": rows}), History(), shelf, SHOP, OCTOBER, SPENT, 10).changes == []


def test_beyond_the_first_thousand_a_change_is_a_customers_own_if_the_value_says_so() -> None:
    # Given that c0005 fell behind, c1400 spent more, and c1000 came up without doing anything
    rows = spending((f"c{n:04}", 5000 - n) for n in range(1500))
    shelf = Shelf()
    shelf.close("2026-10", rows, CLOSED)
    now = rows | spending({"c0005": 1, "c1400": 4999})
    boards = Boards({"2026-10": now | {"c0006": rows["c0006"], "c0007": Figures(1, 1, 0)}})

    page = read_changes(boards, History(), shelf, SHOP, OCTOBER, SPENT, 1000)

    own = {it.change.customer for it in page.changes if it.change.own}
    assert own == {"c0005", "c0007", "c1400"}
    moved = {it.change.customer: it for it in page.changes if not it.change.own}
    assert moved["c1000"].change.then == Stand(None, None)
    assert moved["c1000"].change.now.rank == 1000
    assert all(it.effects == [] for it in moved.values())


def test_pages_of_changes_make_up_the_whole() -> None:
    shelf = Shelf()
    rows = spending((f"c{n:02}", 1000 - 10 * n) for n in range(20))
    shelf.close("2026-10", rows, CLOSED)
    boards = Boards({"2026-10": rows | spending({"c07": 5, "c03": 7})})
    whole = read_changes(boards, History(), shelf, SHOP, OCTOBER, SPENT, 100).changes

    paged: list[ExplainedChange] = []
    position = None
    while True:
        page = read_changes(boards, History(), shelf, SHOP, OCTOBER, SPENT, 4, position)
        paged += page.changes
        if not (position := page.next_position):
            break

    assert paged == whole
    assert len(whole) == 17
