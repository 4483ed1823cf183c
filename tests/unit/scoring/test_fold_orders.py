"""What orders that are cancelled, refunded or amended take back of a score: what they gave, and no more."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from laurel.model.scoring import HIGHEST_SCORE, ORDER_PLACED, EffectKind, ScoreState
from laurel.scoring.fold import Folded
from tests.support.folding import EXPIRY, TEN_FOR_ORDERS, TWO_A_UNIT, folded, then
from tests.support.samples import NOW
from tests.support.steps import (
    ADD,
    PER_UNIT,
    REMOVE,
    SET,
    SUBTRACT,
    a_rule,
    amended,
    bought,
    by_hand,
    cancelled,
    did,
    given,
)

# ---- Orders taken back -----------------------------------------------------------------------------------------------


def test_a_cancelled_order_takes_back_what_it_gave() -> None:
    rules = [TEN_FOR_ORDERS, TWO_A_UNIT]

    result = then(folded(bought(), rules=rules), cancelled(), rules=rules)

    assert given(result) == [10, 200, -10, -200]
    assert all(entry.corrects for entry in result.entries[2:])
    assert result.state.points == 0


def test_points_the_cap_took_are_not_taken_back() -> None:
    state = ScoreState(points=HIGHEST_SCORE - 4)

    result = then(folded(bought(), rules=[TEN_FOR_ORDERS], state=state), cancelled(), rules=[TEN_FOR_ORDERS])

    assert given(result) == [4, -4]
    assert result.state == ScoreState(points=HIGHEST_SCORE - 4, seq=2)


def test_an_order_that_gave_nothing_gives_nothing_back() -> None:
    state = ScoreState(points=HIGHEST_SCORE)

    result = then(folded(bought(), rules=[TEN_FOR_ORDERS], state=state), cancelled(), rules=[TEN_FOR_ORDERS])

    assert given(result) == [0]


def test_taking_back_stops_at_zero_and_is_done_with() -> None:
    # Given an order's points, most of which are gone
    before = folded(bought(), by_hand(SUBTRACT, 7), rules=[TEN_FOR_ORDERS])

    # When the order is cancelled, the three that are left go
    result = then(before, cancelled(), rules=[TEN_FOR_ORDERS])
    assert given(result)[-1] == -3
    assert result.entries[-1].asked == -10

    # And later points are not touched by what could not be taken
    later = then(result, by_hand(ADD, 20, "c2"), cancelled(cause=4), rules=[TEN_FOR_ORDERS])
    assert later.state.points == 20


def test_points_that_an_order_took_are_given_back() -> None:
    rule = a_rule(10, activity=ORDER_PLACED, kind=SUBTRACT)
    before = folded(bought(), rules=[rule], state=ScoreState(points=4))
    assert before.state.points == 0

    result = then(before, cancelled(), rules=[rule])

    assert given(result) == [-4, 4]


@pytest.mark.parametrize(("kind", "left"), [(SET, 30), (REMOVE, None)])
def test_nothing_is_taken_back_of_what_came_before_a_set_or_a_remove(kind: EffectKind, left: int | None) -> None:
    before = folded(bought(), by_hand(kind, 30), rules=[TEN_FOR_ORDERS])

    result = then(before, cancelled(), rules=[TEN_FOR_ORDERS])

    assert result.state.points == left
    assert len(result.entries) == 2


def test_what_came_after_a_set_is_taken_back() -> None:
    before = folded(by_hand(SET, 30), bought(), rules=[TEN_FOR_ORDERS])

    assert then(before, cancelled(), rules=[TEN_FOR_ORDERS]).state.points == 30


@pytest.mark.parametrize("kind", [SET, REMOVE])
def test_a_rule_that_sets_or_removes_gives_nothing_that_could_be_taken_back(kind: EffectKind) -> None:
    rule = a_rule(7, activity=ORDER_PLACED, kind=kind)
    before = folded(bought(), rules=[rule], state=ScoreState(points=3))

    assert then(before, cancelled(), rules=[rule]) == before


def test_a_reset_leaves_nothing_to_take_back() -> None:
    before = folded(bought(), rules=[TEN_FOR_ORDERS])
    fresh = Folded(ScoreState(points=50, seq=1, epoch=2), before.entries)

    assert then(fresh, cancelled(), rules=[TEN_FOR_ORDERS]).state.points == 50


def test_only_the_orders_own_points_are_taken_back() -> None:
    before = folded(bought("1"), bought("2"), bought("2", 3, when=NOW), did(), rules=[TEN_FOR_ORDERS, a_rule(5)])

    result = then(before, cancelled("2"), rules=[])

    assert given(result) == [10, 10, 10, 5, -10]


def test_cancelled_then_paid_again_then_cancelled_again() -> None:
    before = folded(bought(cause=1), rules=[TEN_FOR_ORDERS])
    before = then(before, cancelled(cause=2), rules=[TEN_FOR_ORDERS])
    before = then(before, bought(cause=3), rules=[TEN_FOR_ORDERS])
    assert before.state.points == 10

    result = then(before, cancelled(cause=4), rules=[TEN_FOR_ORDERS])

    assert given(result) == [10, -10, 10, -10]


def test_a_cancellation_that_comes_again_after_the_order_was_paid_again_takes_nothing() -> None:
    # Given an order that was there before the rule was, cancelled to no effect, and paid again
    before = folded(bought(cause=3), rules=[TEN_FOR_ORDERS])

    # When the cancellation is delivered once more
    result = then(before, cancelled(cause=2), rules=[TEN_FOR_ORDERS])

    # Then it finds what it found the first time: nothing
    assert result == before


def test_a_cancellation_sent_again_days_late_takes_back_what_came_before_it() -> None:
    # Given an order whose cancellation was given up while the payment after it was not
    before = folded(bought(cause=1), bought(cause=3), rules=[TEN_FOR_ORDERS])

    result = then(before, cancelled(cause=2), rules=[TEN_FOR_ORDERS])

    assert given(result) == [10, 10, -10]


def test_an_expiry_after_the_order_was_paid_again_is_no_matter_of_the_cancellation_before() -> None:
    before = folded(bought(cause=3), rules=[TEN_FOR_ORDERS])
    before = then(before, EXPIRY, rules=[TEN_FOR_ORDERS])

    assert then(before, cancelled(cause=2), rules=[TEN_FOR_ORDERS]) == before


# ---- Amounts that change ---------------------------------------------------------------------------------------------


def test_partial_refunds_take_back_whole_units_of_what_is_no_longer_spent() -> None:
    before = folded(bought(amount="100"), rules=[TWO_A_UNIT])

    result = then(before, amended("100", "70.50"), rules=[TWO_A_UNIT])
    result = then(result, amended("70.50", "0.99", cause=3), rules=[TWO_A_UNIT])

    assert given(result) == [200, -60, -140]
    assert result.state.points == 0


def test_parts_and_whole_together_take_back_exactly_what_was_given() -> None:
    before = then(folded(bought(amount="100"), rules=[TWO_A_UNIT]), amended("100", "40"), rules=[TWO_A_UNIT])

    result = then(before, cancelled(cause=3), rules=[TWO_A_UNIT])

    assert given(result) == [200, -120, -80]


def test_points_for_the_order_as_such_do_not_depend_on_its_amount() -> None:
    before = folded(bought(amount="100"), rules=[TEN_FOR_ORDERS])

    assert then(before, amended("100", "40"), rules=[TEN_FOR_ORDERS]) == before


def test_an_amount_that_grows_earns_the_difference() -> None:
    before = folded(bought(amount="100"), rules=[TWO_A_UNIT])

    result = then(before, amended("100", "110"), rules=[TWO_A_UNIT])
    assert given(result) == [200, 20]

    assert then(result, cancelled(cause=3), rules=[TWO_A_UNIT]).state.points == 0


def test_a_partial_refund_takes_only_what_is_left_of_points_the_cap_took() -> None:
    # Given an order of 100 that could give no more than 9 of 200 points
    state = ScoreState(points=HIGHEST_SCORE - 9)
    before = folded(bought(amount="100"), rules=[TWO_A_UNIT], state=state)

    # Then 60 left of it would still have given those 9
    before = then(before, amended("100", "60"), rules=[TWO_A_UNIT])
    assert given(before) == [9]

    # But 3 would not
    before = then(before, amended("60", "3", cause=3), rules=[TWO_A_UNIT])
    assert given(before) == [9, -3]


def test_what_the_cap_took_of_a_growing_amount_is_not_taken_back() -> None:
    # Given an order at the cap, whose amount grew without giving anything
    state = ScoreState(points=HIGHEST_SCORE - 9)
    before = then(
        folded(bought(amount="100"), rules=[TWO_A_UNIT], state=state), amended("100", "120"), rules=[TWO_A_UNIT]
    )
    assert given(before) == [9, 0]

    # When it is cancelled
    result = then(before, cancelled(cause=3), rules=[TWO_A_UNIT])

    # Then the 9 points go that it gave
    assert given(result) == [9, 0, -9]


def test_the_points_per_unit_are_those_of_the_latest_purchase() -> None:
    # Given an order that was cancelled and paid again after its rule had become more generous
    more = a_rule(3, "per unit", activity=ORDER_PLACED, kind=PER_UNIT)
    before = then(folded(bought(amount="10"), rules=[TWO_A_UNIT]), cancelled(), rules=[TWO_A_UNIT])
    before = then(before, bought(amount="10", cause=3), rules=[more])
    assert before.state.points == 30

    # When half is refunded
    result = then(before, amended("10", "5", cause=4), rules=[more])

    # Then three points a unit are left
    assert result.state.points == 15


@for_all(
    start=st.integers(0, 300) | st.integers(HIGHEST_SCORE - 300, HIGHEST_SCORE),
    amounts=st.lists(st.integers(0, 120), min_size=1, max_size=6),
)
def test_a_refund_takes_back_exactly_the_points_its_order_gave(start: int, amounts: list[int]) -> None:
    # Given an order whose amount goes up and down
    result = folded(bought(amount=str(amounts[0])), rules=[TWO_A_UNIT], state=ScoreState(points=start))
    for cause, (before, after) in enumerate(pairwise(amounts), start=2):
        if before != after:
            result = then(result, amended(str(before), str(after), cause=cause), rules=[TWO_A_UNIT])
    assert result.state.points is not None
    assert start <= result.state.points <= start + 2 * max(amounts)

    # When it is fully refunded, nothing of it is left
    assert then(result, cancelled(cause=99), rules=[TWO_A_UNIT]).state.points == start
