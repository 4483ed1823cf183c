"""How ranks compare with those of an earlier snapshot."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.leaderboard.board import read_board
from laurel.leaderboard.movement import Movement, MovementKind, ReadableSnapshots, baseline, is_over, movements
from laurel.model.account import Store
from laurel.model.errors import SnapshotTampered
from laurel.model.period import Period
from laurel.model.ranking import Figures, Metric
from laurel.model.snapshot import Snapshot
from tests.support.samples import NOW, a_store, at, seconds
from tests.support.shelves import SHOP, Boards, Shelf, spending

COUNT, SPENT, AVERAGE = Metric.ORDERS_COUNT, Metric.TOTAL_SPENT, Metric.AVERAGE_ORDER_VALUE
NOVEMBER, OCTOBER, EVER = (SHOP.calendar.period(it) for it in ("2026-11", "2026-10", "all"))
UP, DOWN, SAME, NEW, BACK = MovementKind
DAY = timedelta(days=1)


def moved(boards: Boards, since: Snapshot, period: Period = NOVEMBER, metric: Metric = SPENT) -> dict[str, Movement]:
    """Movement of a whole board."""
    page = read_board(boards, SHOP, period, metric, 5000)
    return movements(boards, SHOP, period, metric, page.rows, since)


# ---- What is compared ------------------------------------------------------------------------------------------------


def test_a_running_board_is_compared_with_itself_a_day_ago() -> None:
    shelf = Shelf()
    shelf.close("2026-10", {}, at("2026-11-01T00:05:00"))
    shelf.take("2026-11", {}, NOW - DAY - timedelta(hours=2))
    day_ago = shelf.take("2026-11", {}, NOW - DAY)
    shelf.take("2026-11", {}, NOW - timedelta(hours=1))

    assert baseline(shelf, SHOP, NOVEMBER, NOW) is day_ago


def test_a_board_in_its_first_day_is_compared_with_the_period_before() -> None:
    shelf = Shelf()
    october = shelf.close("2026-10", {}, at("2026-11-01T00:05:00"))
    shelf.take("2026-11", {}, NOW - timedelta(hours=23))

    assert baseline(shelf, SHOP, NOVEMBER, NOW) is october


def test_a_closed_board_is_compared_with_the_period_before() -> None:
    shelf = Shelf()
    shelf.take("2026-10", {}, at("2026-10-30T00:05:00"))
    september = shelf.close("2026-09", {}, at("2026-10-01T00:05:00"))

    assert baseline(shelf, SHOP, OCTOBER, NOW) is september
    assert is_over(OCTOBER, NOW)
    assert not is_over(NOVEMBER, NOW)
    assert not is_over(EVER, NOW)


def test_there_is_nothing_before_all_time_nor_before_the_first_snapshot() -> None:
    assert baseline(Shelf(), SHOP, EVER, NOW) is None
    assert baseline(Shelf(), SHOP, NOVEMBER, NOW) is None
    assert baseline(Shelf(), SHOP, OCTOBER, NOW) is None


def test_a_snapshot_that_was_tampered_with_is_told_and_counts_as_none() -> None:
    class Tampered(Shelf):
        def closed(self, store: Store, period: str, *, verified: bool = True) -> Snapshot | None:
            del verified
            raise SnapshotTampered(store.id, period)

    told: list[SnapshotTampered] = []
    readable = ReadableSnapshots(Tampered(), told.append)

    assert baseline(readable, SHOP, OCTOBER, NOW) is None
    assert readable.latest(SHOP, "2026-10") is None
    assert readable.before(SHOP, "2026-10", NOW) is None
    assert len(told) == 2

    needed = ReadableSnapshots(Tampered(), told.append, needed=True)
    with pytest.raises(SnapshotTampered):
        needed.closed(SHOP, "2026-10")
    assert len(told) == 3


# ---- Movement --------------------------------------------------------------------------------------------------------


def test_up_down_and_same() -> None:
    since = Shelf().take("2026-11", spending({"a": 400, "b": 300, "c": 200}), NOW - DAY)
    boards = Boards({"2026-11": spending({"a": 400, "b": 450, "c": 200})})

    assert moved(boards, since) == {
        "a": Movement(DOWN, 1, 1),
        "b": Movement(UP, 2, 1),
        "c": Movement(SAME, 3, 0),
    }
    assert boards.asked == []


def test_who_bought_for_the_first_time_is_new_and_who_bought_before_is_back() -> None:
    since = Shelf().take("2026-11", spending({"a": 400}), NOW - DAY)
    november = spending({"a": 400, "first": 300, "again": 200})
    ever = spending({"a": 400, "first": 300}) | spending({"again": 900}, orders=3)

    found = moved(Boards({"2026-11": november, "all": ever}), since)

    assert (found["first"], found["again"]) == (Movement(NEW), Movement(BACK))


def test_on_the_board_of_all_time_everybody_who_was_not_there_is_new() -> None:
    since = Shelf().take("all", spending({"a": 400}), NOW - DAY)
    boards = Boards({"all": spending({"a": 400, "b": 100})})

    assert moved(boards, since, EVER) == {"a": Movement(SAME, 1, 0), "b": Movement(NEW)}
    assert boards.asked == []


def crowd(count: int = 1200) -> dict[str, Figures]:
    return spending({f"c{number:04}": 100_000 - number for number in range(count)}, last=seconds("2026-10-20"))


def test_from_beyond_the_first_thousand_one_comes_up() -> None:
    # Given a board of a day ago with more customers than its snapshot lists
    since = Shelf().take("2026-11", crowd(), NOW - DAY)
    bought = seconds("2026-11-22T11:00:00")
    now = crowd() | {
        "c1100": Figures(2, 200_000, bought),  # was there
        "first": Figures(1, 200_001, bought),  # the only purchase is of today
        "again": Figures(1, 200_002, bought),
    }
    ever = now | {"again": Figures(5, 900_000, bought)}

    found = moved(Boards({"2026-11": now, "all": ever}), since)

    assert found["c1100"] == Movement(UP)
    assert (found["first"], found["again"]) == (Movement(NEW), Movement(BACK))
    assert found["c0000"] == Movement(DOWN, 1, 3)
    assert found["c1050"] == Movement(UP)


def test_the_figures_in_the_period_before_tell_who_was_beyond_its_first_thousand() -> None:
    since = Shelf().close("2026-10", crowd(), at("2026-11-01T00:05:00"))
    november = spending({"c1100": 500, "back": 400, "first": 300})
    ever = november | spending({"c1100": 900, "back": 900}, orders=2)

    found = moved(Boards({"2026-10": crowd(), "2026-11": november, "all": ever}), since)

    assert found == {"c1100": Movement(UP), "back": Movement(BACK), "first": Movement(NEW)}


def test_a_board_of_averages_is_of_those_with_enough_purchases() -> None:
    shop = a_store(minimum_purchases=2)
    few = {f"c{number:04}": Figures(2, 100_000 - number, 0) for number in range(1100)}
    since = Shelf().close("2026-10", few | {"one": Figures(1, 9, 0)}, at("2026-11-01T00:05:00"), shop)
    november = {"one": Figures(2, 900, 0), "c1050": Figures(2, 800, 0)}
    boards = Boards({"2026-10": few | {"one": Figures(1, 9, 0)}, "2026-11": november, "all": november}, (), 2)

    page = read_board(boards, shop, NOVEMBER, AVERAGE, 10)

    assert movements(boards, shop, NOVEMBER, AVERAGE, page.rows, since) == {
        "one": Movement(NEW),
        "c1050": Movement(UP),
    }


@pytest.mark.parametrize("metric", Metric)
@given(
    then=st.dictionaries(st.sampled_from("abcdefghij"), st.tuples(st.integers(1, 3), st.integers(0, 9))),
    now=st.dictionaries(st.sampled_from("abcdefghij"), st.tuples(st.integers(1, 3), st.integers(0, 9))),
)
def test_movement_equals_a_recount(
    metric: Metric, then: dict[str, tuple[int, int]], now: dict[str, tuple[int, int]]
) -> None:
    past, present = ({who: Figures(*values, 0) for who, values in them.items()} for them in (then, now))
    since = Shelf().take("2026-11", past, NOW - DAY)

    found = moved(Boards({"2026-11": present, "all": present}), since, metric=metric)

    def rank(rows: dict[str, Figures], who: str) -> int:
        return 1 + sum(other.value(metric) > rows[who].value(metric) for other in rows.values())

    assert set(found) == set(present)
    for who, movement in found.items():
        if who not in past:
            assert movement == Movement(NEW)
        else:
            difference = rank(past, who) - rank(present, who)
            kind = UP if difference > 0 else DOWN if difference < 0 else SAME
            assert movement == Movement(kind, rank(past, who), abs(difference))
