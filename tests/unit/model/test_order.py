"""Orders: which version is newer, and what is a purchase."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.order import Buyer, OrderChange, OrderState, epoch_ms, revision, seen_at
from tests.support.samples import ADA_ID, a_kept_order, an_order, at, seconds

MONDAY, TUESDAY = at("2026-11-16T10:00:00"), at("2026-11-17T10:00:00")
PAID, CANCELLED = OrderState.PAID, OrderState.CANCELLED

moments = st.datetimes(datetime(1971, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda it: it - timedelta(microseconds=it.microsecond % 1000)
)
revisions = st.tuples(moments, st.none() | moments, st.sampled_from(OrderState), st.integers(0, 10**15))


# ---- Revisions -------------------------------------------------------------------------------------------------------


def test_the_shops_time_of_change_goes_first() -> None:
    earlier = revision(MONDAY, TUESDAY, CANCELLED, 5990)

    assert earlier < revision(TUESDAY, None, OrderState.PENDING, 0)


def test_then_comes_the_time_of_delivery() -> None:
    earlier = revision(MONDAY, MONDAY, CANCELLED, 5990)

    assert earlier < revision(MONDAY, TUESDAY, OrderState.PENDING, 0)


def test_a_state_that_the_shop_still_answers_with_later_is_newer_than_deliveries_before() -> None:
    delivered = revision(MONDAY, MONDAY + timedelta(seconds=1), CANCELLED, 5990)
    answered = seen_at(revision(MONDAY, None, PAID, 0), MONDAY + timedelta(minutes=5))

    assert delivered < answered < revision(MONDAY + timedelta(seconds=1), None, OrderState.PENDING, 0)


def test_then_the_state_that_can_only_come_later() -> None:
    lifecycle = ["unknown", "pending", "authorized", "partially_paid", "paid", "voided", "cancelled", "deleted"]
    written = [revision(MONDAY, None, OrderState(state), 0) for state in lifecycle]

    assert all(before < after for before, after in pairwise(written))


def test_then_more_money_returned() -> None:
    assert revision(MONDAY, None, PAID, 999) < revision(MONDAY, None, PAID, 1000)


def test_a_revision_is_written_so_that_it_sorts_as_text() -> None:
    assert revision(at("2026-11-16T10:00:00.250"), MONDAY, PAID, 5990) == (
        "01794823200250.01794823200000.4.0000000000005990"
    )
    assert revision(MONDAY, None, PAID, 0) == "01794823200000.00000000000000.4.0000000000000000"


@given(one=revisions, other=revisions)
def test_revisions_sort_as_what_they_are_made_of(
    one: tuple[datetime, datetime | None, OrderState, int], other: tuple[datetime, datetime | None, OrderState, int]
) -> None:
    def rank(of: tuple[datetime, datetime | None, OrderState, int]) -> tuple[datetime, datetime, int, int]:
        return (of[0], of[1] or at("1970-01-01"), list(OrderState).index(of[2]), of[3])

    assert (revision(*one) < revision(*other)) == (rank(one) < rank(other))


def test_times_are_taken_to_the_millisecond_below() -> None:
    assert epoch_ms(at("2026-11-16T10:00:00.999999")) == 1_794_823_200_999
    assert epoch_ms(at("2026-11-16T11:00:00+01:00")) == 1_794_823_200_000


# ---- Content ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"placed_at": MONDAY},
        {"total": 1},
        {"currency": "USD"},
        {"state": CANCELLED},
        {"number": "#1"},
        {"refunds": {"r1": 1}},
        {"test": True},
        {"buyer": Buyer("7", "ada@example.com", None)},
        {"buyer": Buyer(None, "bob@example.com", None)},
        {"buyer": Buyer(None, "ada@example.com", "Ada")},
        {"products": ("SKU-1",)},
    ],
    ids=[
        "placed_at",
        "total",
        "currency",
        "state",
        "number",
        "refunds",
        "test",
        "customer_id",
        "email",
        "name",
        "products",
    ],
)
def test_any_other_content_has_another_digest(changes: dict[str, object]) -> None:
    order = an_order()

    assert replace(order, **changes).digest != order.digest  # type: ignore[arg-type]


def test_a_digest_depends_on_neither_the_revision_nor_the_order_of_refunds() -> None:
    order = an_order(refunds={"r1": 1, "r2": 2})

    assert replace(order, revision="later", refunds={"r2": 2, "r1": 1}).digest == order.digest
    assert len(order.digest) == 16


def test_an_order_without_products_has_the_digest_it_had_before_there_were_any() -> None:
    assert an_order().digest == "d2e9f517fae4963c"


def test_an_orders_customer_is_who_it_names() -> None:
    assert an_order().customer == ADA_ID
    assert an_order(email=None, customer_id="7").customer == "customer-7"
    assert an_order("1001", email=None).customer == "unidentified-1001"


# ---- Purchases -------------------------------------------------------------------------------------------------------


def test_a_paid_order_is_a_purchase() -> None:
    assert a_kept_order().is_purchase_in("EUR")


@pytest.mark.parametrize("state", [state for state in OrderState if state is not PAID])
def test_an_order_in_any_other_state_is_none(state: OrderState) -> None:
    assert not a_kept_order(state=state).is_purchase_in("EUR")


def test_a_test_order_is_no_purchase() -> None:
    assert not a_kept_order(test=True).is_purchase_in("EUR")


def test_an_order_that_moved_is_no_purchase_of_this_customer() -> None:
    assert not a_kept_order(moved_to="customer-7").is_purchase_in("EUR")


def test_an_order_of_which_only_a_refund_is_known_is_no_purchase() -> None:
    assert not a_kept_order(placed=None).is_purchase_in("EUR")


def test_an_order_in_another_currency_is_no_purchase_in_this_one() -> None:
    assert not a_kept_order().is_purchase_in("USD")


@pytest.mark.parametrize(
    ("total", "refunded", "purchase", "spent"),
    [
        (1000, 0, True, 1000),
        (1000, 999, True, 1),
        (1000, 1000, False, 0),
        (1000, 1001, False, 0),
        (0, 0, True, 0),
        (0, 1, False, 0),
    ],
)
def test_an_order_fully_refunded_is_none_and_a_free_one_is(
    total: int, refunded: int, purchase: bool, spent: int
) -> None:
    order = a_kept_order(total=total, refunded=refunded)

    assert (order.is_purchase_in("EUR"), order.spent) == (purchase, spent)


def test_a_change_tells_when_the_order_was_placed_before_and_after() -> None:
    before, after = a_kept_order(placed="2026-01-10"), a_kept_order(placed="2026-02-10")

    assert OrderChange(before, after).placed_at == (seconds("2026-01-10"), seconds("2026-02-10"))
    assert OrderChange(None, after).placed_at == (None, seconds("2026-02-10"))
