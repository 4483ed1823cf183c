"""Why a customer's rank is what it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.leaderboard.closed import Stand
from laurel.leaderboard.effects import FiguresDifference
from laurel.leaderboard.explain import OVERTAKERS, Explainer, Explanation, Overtaker
from laurel.leaderboard.movement import Movement, MovementKind
from laurel.model.correction import OrderEffect, OrderEffectKind
from laurel.model.errors import NotFound
from laurel.model.order import CustomerRef, LedgerOrder, OrderState
from laurel.model.period import Period
from laurel.model.ranking import Figures, Metric
from tests.support.samples import NOW, a_kept_order, at
from tests.support.shelves import SHOP, Boards, Shelf, spending
from tests.unit.leaderboard.test_closed import History

SPENT = Metric.TOTAL_SPENT
NOVEMBER, OCTOBER = (SHOP.calendar.period(it) for it in ("2026-11", "2026-10"))
THEN = NOW - timedelta(hours=25)
PLACED = OrderEffectKind.PLACED


class Orders:
    """A customer's orders."""

    def __init__(self, *orders: LedgerOrder) -> None:
        self._orders = orders

    def orders_of(self, ref: CustomerRef) -> Iterator[LedgerOrder]:
        del ref
        return iter(self._orders)


def explain(
    boards: Boards,
    shelf: Shelf,
    customer: str = "me",
    orders: Orders | None = None,
    history: History | None = None,
    period: Period = NOVEMBER,
) -> Explanation:
    explainer = Explainer(boards, orders or Orders(), history or History(), shelf)
    return explainer.explain(SHOP, period, SPENT, customer, NOW)


def test_who_passed_and_who_was_passed_adds_up() -> None:
    shelf = Shelf()
    shelf.take("2026-11", spending({"a": 900, "b": 800, "me": 700, "c": 600, "d": 500}), THEN)
    now = spending({"a": 900, "b": 100, "me": 750, "c": 950, "d": 760, "e": 800})
    boards = Boards({"2026-11": now, "all": now}, named={"b", "c", "me"})

    found = explain(boards, shelf)

    assert (found.then, found.now, found.exact) == (
        Stand(3, Figures(1, 700, 0)),
        Stand(5, Figures(1, 750, 0)),
        True,
    )
    assert found.movement == Movement(MovementKind.DOWN, 3, 2)
    assert found.passed_by
    assert found.passed
    assert found.passed_by.customers == [
        Overtaker("c", "C", "c@example.com", 4, 1),
        Overtaker("e", None, None, None, 3),
        Overtaker("d", None, None, 5, 4),
    ]
    assert found.passed.customers == [Overtaker("b", "B", "b@example.com", 2, 6)]
    assert 3 + found.passed_by.count - found.passed.count == 5
    assert (found.name, found.email) == ("ME", "me@example.com")


@given(
    then=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 6)),
    now=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 6)),
    mine=st.tuples(st.integers(0, 6), st.integers(0, 6)),
)
def test_the_numbers_always_add_up(then: dict[str, int], now: dict[str, int], mine: tuple[int, int]) -> None:
    shelf = Shelf()
    shelf.take("2026-11", spending(then | {"me": mine[0]}), THEN)
    present = spending(now | {"me": mine[1]})

    found = explain(Boards({"2026-11": present, "all": present}), shelf)

    assert found.then
    assert found.then.rank
    assert found.passed_by
    assert found.passed
    assert found.now.rank == 1 + sum(value > mine[1] for value in now.values())
    assert found.then.rank + found.passed_by.count - found.passed.count == found.now.rank
    assert {it.customer for it in found.passed_by.customers} == {
        it for it, value in now.items() if value > mine[1] and not then.get(it, -1) > mine[0]
    }


def test_ones_own_orders_and_refunds_since_then() -> None:
    shelf = Shelf()
    shelf.take("2026-11", {"me": Figures(3, 9_000, 0)}, THEN)
    boards = Boards({"2026-11": {"me": Figures(3, 9_490, 1)}})
    orders = Orders(
        a_kept_order("old", placed="2026-11-02T10:00:00", refunded=500),
        a_kept_order("new", placed="2026-11-22T09:00:00", total=2_000, refunded=10),
        a_kept_order("off", placed="2026-11-22T09:30:00", state=OrderState.CANCELLED),
        a_kept_order("other", placed="2026-10-22T09:00:00"),
        a_kept_order("nowhere", placed=None),
    )
    placed = at("2026-11-02T10:00:00")
    refund = OrderEffect("old", placed, at("2026-11-22T08:00:00"), 1_000, 500)
    cancelled = OrderEffect("gone", placed, at("2026-11-22T10:00:00"), 1_000, None)
    counted = OrderEffect("new", at("2026-11-22T09:00:00"), at("2026-11-22T09:10:00"), 2_000, 1_990)

    found = explain(boards, shelf, orders=orders, history=History({"me": [refund, counted, cancelled]}))

    new = OrderEffect("new", at("2026-11-22T09:00:00"), at("2026-11-22T09:00:00"), None, 1_990)
    assert found.effects == [cancelled, new, refund]
    assert found.effects_count == 3
    assert found.difference == FiguresDifference(0, 490)
    assert found.unlisted is None


def test_what_effects_do_not_account_for_is_said() -> None:
    shelf = Shelf()
    shelf.take("2026-11", {"me": Figures(1, 100, 0)}, THEN)

    found = explain(Boards({"2026-11": {"me": Figures(3, 700, 0)}}), shelf)

    assert (found.difference, found.unlisted) == (FiguresDifference(2, 600), FiguresDifference(2, 600))


def test_compared_with_the_period_before_all_orders_of_this_one_are_told() -> None:
    shelf = Shelf()
    shelf.close("2026-09", spending({"a": 900, "me": 100}), at("2026-10-01T00:05:00"))
    rows = spending({"me": 300, "a": 50})
    orders = Orders(
        a_kept_order("1", placed="2026-10-02T10:00:00", total=100),
        a_kept_order("2", placed="2026-10-01T10:00:00", total=200),
        a_kept_order("3", placed="2026-11-01T10:00:00", total=200),
    )

    found = explain(Boards({"2026-10": rows, "all": rows}), shelf, orders=orders, period=OCTOBER)

    assert [(it.order_id, it.kind, it.total_spent) for it in found.effects] == [("1", PLACED, 100), ("2", PLACED, 200)]
    assert (found.difference, found.unlisted) == (None, None)
    assert found.movement == Movement(MovementKind.UP, 2, 1)
    assert found.passed
    assert [it.customer for it in found.passed.customers] == ["a"]


def test_without_a_snapshot_there_is_no_then() -> None:
    rows = spending({"a": 900, "me": 100})

    found = explain(Boards({"2026-11": rows}), Shelf(), orders=Orders(a_kept_order("1", total=100)))

    assert (found.since, found.then, found.movement, found.passed_by, found.passed) == (None,) * 5
    assert found.now.rank == 2
    assert [it.order_id for it in found.effects] == ["1"]


def test_who_left_the_board_is_explained_and_who_was_never_there_is_not_found() -> None:
    shelf = Shelf()
    shelf.take("2026-11", spending({"me": 100}), THEN)
    boards = Boards({"2026-11": {}})
    gone = OrderEffect("1", at("2026-11-02T10:00:00"), NOW, 100, None)

    found = explain(boards, shelf, history=History({"me": [gone]}))

    assert (found.then, found.now, found.movement) == (Stand(1, Figures(1, 100, 0)), Stand(None, None), None)
    assert (found.effects, found.difference, found.unlisted) == ([gone], FiguresDifference(-1, -100), None)
    with pytest.raises(NotFound):
        explain(boards, shelf, "nobody")


def test_who_is_new_is_ahead_of_nobody_from_then() -> None:
    shelf = Shelf()
    shelf.take("2026-11", spending({"a": 100}), THEN)
    now = spending({"a": 100, "me": 200})

    found = explain(Boards({"2026-11": now, "all": now}), shelf)

    assert found.movement == Movement(MovementKind.NEW)
    assert found.then == Stand(None, None)
    assert found.difference == FiguresDifference(1, 200)
    assert (found.passed_by, found.passed) == (None, None)


def test_beyond_the_first_thousand_nobody_is_counted() -> None:
    crowd = spending((f"c{number:04}", 5_000 - number) for number in range(1_200))
    shelf = Shelf()
    shelf.take("2026-11", crowd, THEN)
    now = crowd | spending({"c1100": 4_990})

    found = explain(Boards({"2026-11": now, "all": now}), shelf, "c1150")
    risen = explain(Boards({"2026-11": now, "all": now}), shelf, "c1100")

    assert (found.now.rank, found.exact, found.then) == (1_151, True, Stand(None, None))
    assert (found.difference, found.passed_by, found.passed) == (None, None, None)
    assert (risen.movement, risen.now.rank, risen.passed) == (Movement(MovementKind.UP), 11, None)


def test_twenty_of_those_who_passed_are_named() -> None:
    crowd = {f"c{number:02}": number for number in range(50)}
    shelf = Shelf()
    shelf.take("2026-11", spending(crowd | {"me": 100}), THEN)
    now = spending({who: value + 200 for who, value in crowd.items()} | {"me": 100})

    found = explain(Boards({"2026-11": now, "all": now}), shelf)

    assert found.passed_by
    assert found.passed_by.count == 50
    assert [it.rank_now for it in found.passed_by.customers] == list(range(1, OVERTAKERS + 1))
