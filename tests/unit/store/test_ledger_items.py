"""An order's item, read back and out of a stream."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.order import CustomerRef, LedgerOrder, OrderChange, OrderState, revision
from laurel.store.ledger_items import content, decode_order, following, is_newer, order_change
from tests.support.samples import ADA_ID, a_kept_order, an_order, at

KEY: Any = {"pk": {"S": f"accountaaaaa#audienceaaaa#{ADA_ID}"}, "sk": {"S": "order#storeaaaaaaa#1001"}}
ITEM: Any = {
    **KEY,
    "placed_at": {"N": "1795168800"},
    "total": {"N": "5990"},
    "currency": {"S": "EUR"},
    "state": {"S": "paid"},
    "email": {"S": "ada@example.com"},
    "changes": {"N": "1"},
}


def test_an_item_is_read_as_an_order() -> None:
    assert decode_order(ITEM) == a_kept_order()


def test_an_item_of_a_notice_alone_is_an_order_nobody_described() -> None:
    item = {**KEY, "notice#r1": {"N": "300"}, "changes": {"N": "1"}}

    assert decode_order(item) == LedgerOrder(
        id="1001",
        customer=ADA_ID,
        placed_at=None,
        total=0,
        refunded=300,
        currency="",
        state=OrderState.UNKNOWN,
        test=False,
        changes=1,
    )


def test_refunds_are_added_up_each_id_once_the_orders_own_word_first() -> None:
    item = {
        **ITEM,
        "notice#r1": {"N": "300"},
        "notice#r2": {"N": "50"},
        "refunds": {"M": {"r1": {"N": "250"}, "r3": {"N": "7"}}},
    }

    assert decode_order(item).refunded == 307


def test_products_are_read_as_they_were_written() -> None:
    written = content(an_order(products=("7000000000001", "TEA-1", "Tea strainer")))

    assert decode_order({**KEY, "products": written["products"]}).products == (
        "7000000000001",
        "TEA-1",
        "Tea strainer",
    )


def test_what_an_order_leaves_out_is_removed() -> None:
    written = content(an_order())

    assert {name for name, value in written.items() if value is None} == {
        "number",
        "refunds",
        "test",
        "name",
        "customer_id",
        "products",
    }
    assert written["placed_at"] == {"N": "1795168800"}


# ---- What is newer ---------------------------------------------------------------------------------------------------

SAME = an_order()


@pytest.mark.parametrize(
    ("kept", "newer"),
    [
        ({}, True),
        ({"notice#r1": {"N": "1"}}, True),
        ({"revision": {"S": "0"}, "digest": {"S": "x"}}, True),
        ({"revision": {"S": SAME.revision}, "digest": {"S": "x"}}, True),
        ({"revision": {"S": SAME.revision}, "digest": {"S": SAME.digest}}, False),
        ({"revision": {"S": SAME.revision + "1"}, "digest": {"S": "x"}}, False),
    ],
    ids=["nothing kept", "a notice", "older", "the same time", "the same", "newer"],
)
def test_a_version_is_newer_by_its_revision_or_of_the_same_with_other_content(kept: Any, newer: bool) -> None:
    assert is_newer(SAME, kept) is newer


@given(
    refunded=st.integers(0, 10**15),
    state=st.sampled_from([state for state in OrderState if state is not OrderState.DELETED]),
    triggered=st.sampled_from([None, at("2026-11-16T10:00:01")]),
)
def test_a_deletion_without_time_comes_right_after_the_present_state(
    refunded: int, state: OrderState, triggered: Any
) -> None:
    present = revision(at("2026-11-16T10:00:00"), triggered, state, refunded)

    deleted = following(present)

    assert present < deleted < revision(at("2026-11-16T10:00:00.001"), None, OrderState.UNKNOWN, 0)


def test_a_deletion_of_an_unknown_order_comes_before_all_that_is_ever_told_of_it() -> None:
    assert following(None) < revision(at("1971-01-01"), None, OrderState.PENDING, 0)


# ---- Streams ---------------------------------------------------------------------------------------------------------


TOLD = {"ApproximateCreationDateTime": 1_795_312_579}


def test_a_stream_record_tells_whose_order_changed_and_how() -> None:
    before = {**ITEM, "total": {"N": "1000"}}
    after = {**ITEM, "changes": {"N": "2"}}

    assert order_change({"Keys": KEY, "OldImage": before, "NewImage": after, **TOLD}) == (
        CustomerRef("accountaaaaa", "audienceaaaa", "storeaaaaaaa", ADA_ID),
        OrderChange(a_kept_order(total=1000), a_kept_order(changes=2), at("2026-11-22T01:56:19")),
    )
    assert order_change({"Keys": KEY, "NewImage": after, **TOLD})[1].before is None


def test_ids_in_a_stream_record_are_unescaped() -> None:
    key = {"pk": {"S": "a#b#customer-7%23"}, "sk": {"S": "order#s#1%25"}}

    ref, change = order_change({"Keys": key, "NewImage": {**ITEM, **key}, **TOLD})

    assert (ref.customer, change.after.customer, change.after.id) == ("customer-7#", "customer-7#", "1%")
