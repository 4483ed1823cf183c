"""What each committed change of an order means for scores."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.order import LedgerOrder, OrderChange, OrderState
from laurel.model.scoring import ORDER_PLACED, ORDER_REFUNDED, Correction, EffectKind, ScoreState, Step, Trigger
from laurel.scoring.fold import fold
from laurel.scoring.orders import steps_of_order
from tests.support.samples import NOW, a_kept_order, a_store, at
from tests.support.steps import PER_UNIT, a_rule

SHOP = a_store()
SUBJECT = "order:storeaaaaaaa:1001"
PENDING, CANCELLED, DELETED = OrderState.PENDING, OrderState.CANCELLED, OrderState.DELETED


def steps(after: LedgerOrder, before: LedgerOrder | None = None, **store: Any) -> list[Step]:
    return steps_of_order(OrderChange(before, after), a_store(**store), NOW)


def placed(cause: str = "1", **changes: Any) -> Trigger:
    """The trigger that an order of 59.90 makes."""
    amount = changes.pop("amount", Decimal("59.90"))
    total = changes.pop("total", Decimal("59.90"))
    properties = {"store": SHOP.id, "order": "1001", "amount": amount, "total": total, "currency": "EUR"}
    when = changes.pop("when", at("2026-11-20T10:00:00"))
    return Trigger(SUBJECT, cause, ORDER_PLACED, when, properties | changes, amount)


def gone(cause: str = "2") -> Correction:
    return Correction(SUBJECT, cause, at("2026-11-20T10:00:00"), NOW, ORDER_PLACED, "no_longer_a_purchase")


def amended(before: str, after: str, cause: str = "2") -> Correction:
    amounts = (Decimal(before), Decimal(after))
    return Correction(SUBJECT, cause, at("2026-11-20T10:00:00"), NOW, ORDER_PLACED, "amount_changed", amounts)


def refunded(amount: str, left: str, cause: str = "2") -> Trigger:
    properties = placed(amount=Decimal(left)).properties
    return Trigger(
        SUBJECT, cause, ORDER_REFUNDED, NOW, {**properties, "amount": Decimal(amount)}, amount=Decimal(amount)
    )


def test_a_paid_order_triggers() -> None:
    assert steps(a_kept_order()) == [placed()]


def test_it_triggers_with_its_products() -> None:
    bought = ("7", "TEA-1", "Tea strainer")

    assert steps(a_kept_order(products=bought)) == [placed(product=bought)]


def test_it_triggers_with_its_number_and_with_what_is_left_of_it() -> None:
    order = a_kept_order(number="#1001", refunded=1000, changes=4)

    assert steps(order) == [placed("4", amount=Decimal("49.90"), number="#1001")]


@pytest.mark.parametrize(("currency", "total", "amount"), [("JPY", 5990, "5990"), ("KWD", 5990, "5.990")])
def test_amounts_are_in_major_units_of_the_stores_currency(currency: str, total: int, amount: str) -> None:
    (step,) = steps(a_kept_order(currency=currency, total=total), currency=currency)

    assert isinstance(step, Trigger)
    assert step.amount == Decimal(amount)


NO_PURCHASE = {
    "not paid": {"state": PENDING},
    "cancelled": {"state": CANCELLED},
    "deleted": {"state": DELETED},
    "a test": {"test": True},
    "moved away": {"moved_to": "bob"},
    "fully refunded": {"refunded": 5990},
    "of another currency": {"currency": "USD"},
    "known by a refund alone": {"placed": None},
}


@pytest.mark.parametrize("what", NO_PURCHASE)
def test_what_is_no_purchase_does_not_trigger(what: str) -> None:
    assert steps(a_kept_order(**NO_PURCHASE[what])) == []


@pytest.mark.parametrize("what", NO_PURCHASE)
def test_what_is_no_longer_a_purchase_is_taken_back(what: str) -> None:
    correction, *rest = steps(a_kept_order(changes=2, **NO_PURCHASE[what]), a_kept_order())

    assert correction == gone()
    assert [step.cause for step in rest] == (["2"] if what == "fully refunded" else [])


@pytest.mark.parametrize("what", NO_PURCHASE)
def test_what_becomes_a_purchase_triggers_then(what: str) -> None:
    assert steps(a_kept_order(changes=2), a_kept_order(**NO_PURCHASE[what])) == [placed("2")]


def test_a_partial_refund_changes_the_amount_and_is_an_activity_of_its_own() -> None:
    after = a_kept_order(refunded=1990, changes=2)

    assert steps(after, a_kept_order()) == [amended("59.90", "40.00"), refunded("19.90", "40.00")]


def test_a_full_refund_takes_all_back_and_is_an_activity_of_its_own() -> None:
    after = a_kept_order(refunded=5990, changes=2)

    assert steps(after, a_kept_order()) == [gone(), refunded("59.90", "0.00")]


def test_a_refund_of_what_is_no_purchase_is_nothing() -> None:
    before = a_kept_order(state=PENDING)

    assert steps(a_kept_order(state=PENDING, refunded=1000, changes=2), before) == []


def test_a_refund_that_is_lifted_gives_the_amount_back() -> None:
    before, after = a_kept_order(refunded=1990), a_kept_order(changes=2)

    assert steps(after, before) == [amended("40.00", "59.90")]


def test_another_total_changes_the_amount() -> None:
    assert steps(a_kept_order(total=7000, changes=2), a_kept_order()) == [amended("59.90", "70.00")]


def test_another_time_takes_the_order_back_and_places_it_again() -> None:
    after = a_kept_order(placed="2026-11-21T10:00:00", changes=2)

    assert steps(after, a_kept_order()) == [gone(), placed("2", when=at("2026-11-21T10:00:00"))]


def test_another_time_and_a_refund_at_once() -> None:
    after = a_kept_order(placed="2026-11-21T10:00:00", refunded=1990, changes=2)

    taken, again, refund = steps(after, a_kept_order())

    assert taken == gone()
    assert again == placed("2", when=at("2026-11-21T10:00:00"), amount=Decimal("40.00"))
    assert refund == refunded("19.90", "40.00")


@pytest.mark.parametrize("same", [{}, {"name": "Ada"}, {"number": "#7"}, {"email": "x@example.com"}])
def test_what_changes_nothing_of_the_purchase_is_nothing(same: dict[str, Any]) -> None:
    assert steps(a_kept_order(changes=2, **same), a_kept_order()) == []


def dollars(cause: int, rate: str | None = "0.5", **changes: Any) -> LedgerOrder:
    return a_kept_order(currency="USD", rate=rate, changes=cause, **changes)


def test_an_order_in_another_currency_earns_once_it_has_a_rate() -> None:
    converted = {"amount": Decimal("29.95"), "total": Decimal("29.95"), "currency": "USD"}

    assert steps(dollars(1, None)) == []
    assert steps(dollars(2), dollars(1, None)) == [placed("2", **converted)]
    assert steps(dollars(3), dollars(2)) == []


def test_another_rate_changes_the_amount_and_none_takes_it_back() -> None:
    assert steps(dollars(2, "0.25"), dollars(1)) == [amended("29.95", "14.98")]
    assert steps(dollars(2, None), dollars(1)) == [gone()]


def test_refunds_in_another_currency_are_converted_at_the_orders_rate() -> None:
    correction, back = steps(dollars(2, refunded=1001), dollars(1))

    assert correction == amended("29.95", "24.95")  # 49.89 at 0.5, rounded half up
    assert isinstance(back, Trigger)
    assert (back.name, back.amount) == (ORDER_REFUNDED, Decimal("5.01"))


def test_a_move_between_customers_is_one_step_for_each() -> None:
    # Given Ada's order that turns out to be Bob's
    marked = a_kept_order(moved_to="bob", changes=2)
    moved = a_kept_order(customer="bob", changes=3)

    # Then Ada's score gives it back and Bob's gets it
    assert steps(marked, a_kept_order()) == [gone()]
    assert steps(moved) == [placed("3")]

    # And should it come back, both once more
    back = a_kept_order(changes=4)
    assert steps(a_kept_order(customer="bob", moved_to="ada", changes=4), moved) == [gone("4")]
    assert steps(back, marked) == [placed("4")]


versions = st.builds(
    a_kept_order,
    total=st.integers(0, 3000),
    refunded=st.integers(0, 3000),
    state=st.sampled_from([OrderState.PAID, OrderState.PAID, CANCELLED, PENDING]),
    placed=st.sampled_from(["2026-11-20T10:00:00", "2026-11-21T10:00:00"]),
    test=st.sampled_from([False, False, False, True]),
    currency=st.sampled_from(["EUR", "EUR", "EUR", "USD"]),
)


@given(st.lists(versions, min_size=1, max_size=8))
def test_whatever_becomes_of_an_order_its_points_are_those_of_its_last_state(orders: list[LedgerOrder]) -> None:
    # Given two points for each euro that is spent, ten for the order as such, and room for all of them
    rules = [a_rule(2, "unit", kind=PER_UNIT, activity=ORDER_PLACED), a_rule(10, "order", activity=ORDER_PLACED)]
    numbered = [
        a_kept_order(
            placed=None,
            **{name: getattr(order, name) for name in ("placed_at", "total", "refunded", "state", "test", "currency")},
            changes=number,
        )
        for number, order in enumerate(orders, start=1)
    ]
    state, entries = ScoreState(points=5000), []

    # When its changes are scored one after the other
    for before, after in pairwise([None, *numbered]):
        assert after
        for step in steps_of_order(OrderChange(before, after), SHOP, NOW):
            result = fold(state, [step], rules, entries)
            state, entries = result.state, [*entries, *result.entries]

    # Then nothing but its last state counts
    last = numbered[-1]
    points = 10 + 2 * (last.spent // 100) if last.is_purchase_in("EUR") else 0
    assert state.points == 5000 + points
    assert all(entry.kind in (EffectKind.ADD, EffectKind.ADD_PER_UNIT, EffectKind.SUBTRACT) for entry in entries)
