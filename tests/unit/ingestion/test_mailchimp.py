"""Reading what Mailchimp's clients send, whatever it is."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.http.mailchimp_fields import selected, wants
from laurel.http.mailchimp_out import amount
from laurel.ingestion.mailchimp import (
    CustomerNews,
    KeptOrder,
    customer_news,
    order_report,
    says_the_same,
    store_news,
)
from laurel.model.errors import InvalidInput
from laurel.model.identity import contact_id
from laurel.model.money import exponent, minor_units
from laurel.model.order import LedgerOrder, Order, OrderState, next_revision, revision
from tests.support import mailchimp

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def read(body: Any, kept: KeptOrder | None = None, **more: Any) -> Order:
    report, _ = order_report(body, NOW, lambda _: None, kept, **more)
    return report.order


def kept_as(order: Order) -> KeptOrder:
    """An order as it would be kept."""
    ledger = LedgerOrder(
        id=order.id,
        customer=order.customer,
        placed_at=int(order.placed_at.timestamp()),
        total=order.total,
        refunded=sum(order.refunds.values()),
        currency=order.currency,
        state=order.state,
        test=order.test,
        changes=1,
        number=order.number,
        name=order.buyer.name,
        email=order.buyer.email,
        products=order.products,
        customer_id=order.buyer.customer_id,
    )
    return KeptOrder(ledger, order.revision, order.refunds)


@given(st.dictionaries(st.sampled_from([*mailchimp.order(), "cancelled_at_foreign"]), JSON, max_size=3), st.booleans())
def test_whatever_an_order_looks_like_it_is_read_or_refused(changes: dict[str, Any], partial: bool) -> None:
    body = mailchimp.order()
    kept = kept_as(read(body))

    with suppress(InvalidInput):
        order = read(body | changes, kept, order_id="o1", partial=partial)

        assert order.total >= 0
        assert 0 <= sum(order.refunds.values()) <= order.total
        assert order.revision


@given(JSON)
def test_what_is_no_order_store_or_customer_is_refused(body: Any) -> None:
    for reader in (
        lambda: read(body),
        lambda: customer_news(body, NOW),
        lambda: store_news(body, new=True),
    ):
        with pytest.raises(InvalidInput):
            reader()


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(mailchimp.order(), JSON)))
def test_a_patch_is_read_or_refused(body: dict[str, Any]) -> None:
    kept = kept_as(read(mailchimp.order()))

    with suppress(InvalidInput):
        assert read(body, kept, order_id="o1", partial=True).id == "o1"


def test_a_patch_of_nothing_says_the_same() -> None:
    first = read(mailchimp.order())

    again = read({}, kept_as(first), order_id="o1", partial=True)

    assert says_the_same(again, kept_as(first))
    assert again.revision > first.revision


def test_another_currency_needs_another_total() -> None:
    kept = kept_as(read(mailchimp.order()))

    with pytest.raises(InvalidInput) as refused:
        read({"currency_code": "JPY"}, kept, order_id="o1", partial=True)

    assert [fault.pointer for fault in refused.value.errors] == ["/order_total"]
    assert read({"currency_code": "JPY", "order_total": 59.5}, kept, order_id="o1", partial=True).total == 60


@pytest.mark.parametrize("changes", [
    {"placed_at": None}, {"state": OrderState.DELETED}, {"is_erased": True},
])  # fmt: skip
def test_what_does_not_stand_is_never_the_same(changes: Any) -> None:
    order = read(mailchimp.order())
    kept = kept_as(order)

    gone = replace(kept, order=replace(kept.order, **changes))

    assert kept.stands
    assert not gone.stands
    assert not says_the_same(order, gone)


def test_a_customer_without_an_address_is_an_id() -> None:
    assert customer_news({"id": 7, "opt_in_status": True}, NOW) == CustomerNews("7", None)


def test_what_is_known_of_a_customer_is_told_with_what_is_new() -> None:
    news = customer_news({"first_name": "Ada"}, NOW, "c1", "ada@example.com", partial=True)

    assert news.person
    assert (news.person.contact_id, news.person.first_name) == (contact_id("ada@example.com"), "Ada")


@given(st.integers(1, 50), st.sampled_from(list(OrderState)), st.integers(0, 10**6))
def test_each_next_revision_is_later(steps: int, state: OrderState, refunded: int) -> None:
    before = revision(NOW, NOW, OrderState.DELETED, 10**9)
    for _ in range(steps):
        after = next_revision(before, state, refunded)

        assert before < after < revision(NOW.replace(year=2027), None, OrderState.PENDING, 0)
        before = after


@given(st.integers(0, 10**15), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_an_amount_is_shown_as_it_is_kept(minor: int, currency: str) -> None:
    shown = amount(minor, currency)

    assert minor_units(f"{shown:.{exponent(currency)}f}", currency) == minor


@given(JSON, st.text(max_size=20), st.text(max_size=20))
def test_any_part_may_be_asked_for(answer: Any, fields: str, exclude: str) -> None:
    selected(answer, {"fields": fields, "exclude_fields": exclude})


def test_parts() -> None:
    answer = {"orders": [{"id": 1, "customer": {"id": 2, "name": "x"}}], "total_items": 1}

    assert selected(answer, {}) == answer
    assert selected(answer, {"fields": "orders"}) == {"orders": answer["orders"]}
    assert selected(answer, {"fields": " orders.customer.id , total_items"}) == {
        "orders": [{"customer": {"id": 2}}],
        "total_items": 1,
    }
    assert selected(answer, {"exclude_fields": "orders.customer.name,total_items"}) == {
        "orders": [{"id": 1, "customer": {"id": 2}}]
    }
    assert selected(answer, {"fields": "orders", "exclude_fields": "orders.id"}) == {
        "orders": [{"customer": {"id": 2, "name": "x"}}]
    }
    assert wants({}, "total_items")
    assert not wants({"fields": "orders.id"}, "total_items")
