from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from laurel.ingestion import shopify
from laurel.ingestion.events import (
    Event,
    Ignored,
    OrderReport,
    PrivacyRequest,
    PrivacyRequestKind,
    Uninstalled,
)
from laurel.model.contact import Consent, ConsentSource, ConsentStatus, Person
from laurel.model.errors import InvalidInput
from laurel.model.identity import contact_id
from laurel.model.order import Buyer, Deletion, Order, OrderState, Refund
from tests.support.webhook_events import body_of, load

MISSING = object()


def deliver(topic: str, body: dict[str, Any], **headers: str) -> Event:
    named = {f"x-shopify-{name.replace('_', '-')}": value for name, value in headers.items()}
    return shopify.read({"x-shopify-topic": topic, **named}, body)


def report(body: dict[str, Any], **headers: str) -> OrderReport:
    event = deliver("orders/updated", body, **headers)
    assert isinstance(event, OrderReport)
    return event


def order(body: dict[str, Any], **headers: str) -> Order:
    return report(body, **headers).order


def paid(**changes: object) -> dict[str, Any]:
    body = body_of("webhooks-shopify-orders-paid") | changes
    return {name: value for name, value in body.items() if value is not MISSING}


def sale(total: str, current: str, *refunds: dict[str, Any], **changes: object) -> dict[str, Any]:
    """A paid order of a shop whose prices exclude tax."""
    changes = {"taxes_included": False, "financial_status": "paid"} | changes
    return paid(total_price=total, current_total_price=current, total_price_set=None, refunds=list(refunds), **changes)


def refund(
    id_: int = 1,
    *,
    lines: tuple[tuple[str, str], ...] = (),
    money: tuple[str, ...] = (),
    restock_type: str = "no_restock",
    of_return: object = None,
    **changes: object,
) -> dict[str, Any]:
    """A refund of lines (subtotal, tax) with successful refund transactions."""
    return {
        "id": id_,
        "order_id": 5678901234567,
        "return": of_return,
        "refund_line_items": [
            {"subtotal": float(subtotal), "total_tax": float(tax), "restock_type": restock_type}
            for subtotal, tax in lines
        ],
        "refund_shipping_lines": [],
        "order_adjustments": [],
        "transactions": [{"kind": "refund", "status": "success", "amount": amount} for amount in money],
        **changes,
    }


def spent(body: dict[str, Any]) -> tuple[int, int]:
    """Total and what is left of it."""
    read = order(body)
    return read.total, read.total - sum(read.refunds.values())


def at_fault(body: dict[str, Any], topic: str = "orders/updated") -> str:
    with pytest.raises(InvalidInput) as refusal:
        deliver(topic, body)
    (fault,) = refusal.value.errors
    return fault.pointer


# ---- Samples


def test_an_order_in_full() -> None:
    event = load("webhooks-shopify-orders-create")
    updated_at = datetime(2026, 11, 20, 17, 4, 13, tzinfo=UTC)

    read = shopify.read(event["headers"], body_of("webhooks-shopify-orders-create"))

    assert read == OrderReport(
        Order(
            id="5678901234567",
            number="#1001",
            placed_at=datetime(2026, 11, 20, 17, 4, 10, tzinfo=UTC),
            total=8990,
            currency="EUR",
            state=OrderState.PENDING,
            revision="01795194253000.01795194253512.1.0000000000000000",
            refunds={},
            test=False,
            buyer=Buyer("7113546989767", "mara.lindqvist@example.com", "Mara Lindqvist"),
            products=(
                "7000000000001",
                "ASSA-1",
                "Assam second flush",
                "7000000000002",
                "TEA -1",
                "Tea strainer",
            ),
        ),
        Person(
            email="mara.lindqvist@example.com",
            seen_at=updated_at,
            first_name="Mara",
            last_name="Lindqvist",
            locale="de-DE",
            tags=("tea club", "wholesale"),
            consent=Consent(ConsentStatus.SUBSCRIBED, datetime(2026, 5, 4, 7, 30, tzinfo=UTC)),
            consent_source=ConsentSource.ORDER,
        ),
    )


@pytest.mark.parametrize(
    ("name", "state", "total", "refunds"),
    [
        ("orders-create", OrderState.PENDING, 8990, {}),
        ("orders-paid", OrderState.PAID, 8990, {}),
        ("orders-updated", OrderState.PAID, 8990, {"900000000001": 2500}),
        ("orders-cancelled", OrderState.CANCELLED, 8990, {}),
    ],
)
def test_every_order_topic_reports_the_order(name: str, state: OrderState, total: int, refunds: dict[str, int]) -> None:
    event = load(f"webhooks-shopify-{name}")
    read = shopify.read(event["headers"], body_of(f"webhooks-shopify-{name}"))
    assert isinstance(read, OrderReport)
    assert (read.order.state, read.order.total, read.order.refunds) == (state, total, refunds)


def test_a_refund_on_its_own() -> None:
    event = load("webhooks-shopify-refunds-create")
    read = shopify.read(event["headers"], body_of("webhooks-shopify-refunds-create"))
    assert read == Refund("5678901234567", "900000000001", 2500)


def test_a_delete_carries_only_an_id() -> None:
    event = load("webhooks-shopify-orders-delete")
    read = shopify.read(event["headers"], body_of("webhooks-shopify-orders-delete"))
    assert read == Deletion("5678901234999", datetime(2026, 11, 23, 14, 40, 2, 250011, tzinfo=UTC))
    assert deliver("orders/delete", {"id": 7}) == Deletion("7", None)


def test_a_data_request() -> None:
    event = load("webhooks-shopify-customers-data_request")
    read = shopify.read(event["headers"], body_of("webhooks-shopify-customers-data_request"))
    assert read == PrivacyRequest(
        "data-request-9999",
        PrivacyRequestKind.CUSTOMER_DATA,
        {"customer_id": "7113546989767", "email": "mara.lindqvist@example.com", "phone": "+493055512345"},
        ("5678901234567", "5678901234999"),
    )


def test_an_erasure_of_a_customer() -> None:
    event = load("webhooks-shopify-customers-redact")
    read = shopify.read(event["headers"], body_of("webhooks-shopify-customers-redact"))
    assert read == PrivacyRequest(
        "redact-5c1f0a52-3a6e-4f27-9a1d-000000000008",
        PrivacyRequestKind.CUSTOMER_ERASURE,
        {"customer_id": "7113546989767", "email": "mara.lindqvist@example.com", "phone": "+493055512345"},
        ("5678901234567", "5678901234999"),
    )


def test_an_erasure_of_a_shop_names_nobody() -> None:
    event = load("webhooks-shopify-shop-redact")
    read = shopify.read(event["headers"], body_of("webhooks-shopify-shop-redact"))
    assert read == PrivacyRequest(
        "shop-redact-5c1f0a52-3a6e-4f27-9a1d-000000000010", PrivacyRequestKind.STORE_ERASURE, {}
    )


def test_an_erasure_without_delivery_ids_is_known_by_its_content() -> None:
    body = body_of("webhooks-shopify-customers-redact")
    first, again = deliver("customers/redact", body), deliver("customers/redact", body)
    other = deliver("customers/redact", body | {"customer": {"id": 8}})
    assert isinstance(first, PrivacyRequest)
    assert isinstance(other, PrivacyRequest)
    assert first == again
    assert first.id != other.id
    assert other.subject == {"customer_id": "8"}
    assert deliver("shop/redact", {"shop_id": 1}) == deliver("shop/redact", {"shop_id": 1})


def test_an_uninstalled_app() -> None:
    event = load("webhooks-shopify-app-uninstalled")
    read = shopify.read(event["headers"], body_of("webhooks-shopify-app-uninstalled"))
    assert read == Uninstalled(datetime(2026, 11, 28, 9, 0, 0, 441020, tzinfo=UTC))


@pytest.mark.parametrize("topic", ["orders/edited", "orders/fulfilled", "carts/update", "", "Orders"])
def test_other_topics_are_ignored_whatever_they_hold(topic: str) -> None:
    assert deliver(topic, {"id": None}) == Ignored("unknown_topic")
    assert shopify.read({}, {}) == Ignored("unknown_topic")


def test_the_shop_is_named_by_the_signed_body_before_the_header() -> None:
    headers = {"x-shopify-shop-domain": "Other.myshopify.com"}
    assert shopify.shop_domain(headers, {"shop_domain": "a.myshopify.com"}) == "a.myshopify.com"
    assert shopify.shop_domain(headers, {"domain": "a.com", "myshopify_domain": "a.myshopify.com"}) == "a.myshopify.com"
    assert shopify.shop_domain(headers, {"id": 1}) == "other.myshopify.com"
    assert shopify.shop_domain({}, {"id": 1}) is None


# ---- States


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", OrderState.PENDING),
        ("authorized", OrderState.AUTHORIZED),
        ("partially_paid", OrderState.PARTIALLY_PAID),
        ("paid", OrderState.PAID),
        ("partially_refunded", OrderState.PAID),
        ("refunded", OrderState.PAID),
        ("voided", OrderState.VOIDED),
        ("expired", OrderState.VOIDED),
        (None, OrderState.PENDING),
        ("something_new", OrderState.PENDING),
    ],
)
def test_only_a_paid_order_is_paid(status: str | None, state: OrderState) -> None:
    assert order(paid(financial_status=status)).state is state


@pytest.mark.parametrize("status", ["paid", "refunded", "voided", None])
def test_a_cancelled_order_is_cancelled_whatever_was_paid(status: str | None) -> None:
    body = paid(financial_status=status, cancelled_at="2026-11-22T08:01:30+01:00")
    assert order(body).state is OrderState.CANCELLED


def test_a_fully_refunded_order_does_not_count_even_without_its_refunds() -> None:
    assert order(paid(financial_status="refunded", refunds=MISSING)).refunds == {"unlisted": 8990}
    assert spent(
        sale("89.90", "0.00", refund(lines=(("89.90", "0"),), money=("89.90",)), financial_status="refunded")
    ) == (
        8990,
        0,
    )


@pytest.mark.parametrize("current", ["89.90", "0.00", "20.00"])
def test_a_fully_refunded_order_does_not_count_whatever_it_is_worth_now(current: str) -> None:
    assert spent(sale("89.90", current, financial_status="refunded")) == (8990, 0)


def test_a_fully_refunded_order_does_not_count_while_part_of_the_money_is_under_way() -> None:
    body = sale("89.90", "0.00", refund(money=("50.00",)), financial_status="refunded")
    assert order(body).refunds == {"1": 5000, "unlisted": 3990}


# ---- Which version of an order is newer


def test_a_stale_retry_sorts_before_what_is_known() -> None:
    first = order(body_of("webhooks-shopify-orders-create"), triggered_at="2026-11-20T17:04:13.512883101Z")
    later = order(body_of("webhooks-shopify-orders-paid"), triggered_at="2026-11-21T10:20:05.104422817Z")
    retried = order(body_of("webhooks-shopify-orders-create"), triggered_at="2026-11-20T17:04:13.512883101Z")
    assert retried == first
    assert retried.revision < later.revision


def test_out_of_order_deliveries_sort_by_the_shops_own_time() -> None:
    """Offsets differ across a clock change: 02:30+02:00 is before 02:10+01:00."""
    before = order(paid(updated_at="2026-10-25T02:30:00+02:00"))
    after = order(paid(updated_at="2026-10-25T02:10:00+01:00"))
    assert before.revision < after.revision


def test_with_equal_updated_at_the_later_trigger_is_newer() -> None:
    body = paid()
    assert (
        order(body, triggered_at="2026-11-21T10:20:05.1Z").revision
        < order(body, triggered_at="2026-11-21T10:20:05.2Z").revision
    )


def test_with_equal_times_what_can_only_come_later_is_newer() -> None:
    open_ = order(paid())
    cancelled = order(paid(cancelled_at="2026-11-21T11:20:05+01:00"))
    less, more = (order(sale("89.90", "89.90", refund(money=(amount,)))) for amount in ("5.00", "6.00"))
    assert open_.revision < cancelled.revision
    assert open_.revision < less.revision < more.revision


def test_an_unreadable_trigger_time_costs_no_order() -> None:
    for value in ("yesterday", "2026-11-21T10:20:05", "9999-99-99T00:00:00Z"):
        assert order(paid(), triggered_at=value) == order(paid())


# ---- When an order was placed


def test_a_back_dated_order_belongs_to_when_it_was_processed() -> None:
    body = paid(processed_at="2025-01-31T23:59:59-05:00", created_at="2026-11-20T18:04:11+01:00")
    assert order(body).placed_at == datetime(2025, 2, 1, 4, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("processed_at", [None, MISSING])
def test_without_processed_at_it_belongs_to_when_it_was_created(processed_at: object) -> None:
    assert order(paid(processed_at=processed_at)).placed_at == datetime(2026, 11, 20, 17, 4, 11, tzinfo=UTC)


def test_the_same_instant_in_another_offset_is_the_same_order() -> None:
    berlin = order(paid(processed_at="2026-11-20T18:04:10+01:00"))
    utc = order(paid(processed_at="2026-11-20T17:04:10Z"))
    assert berlin.digest == utc.digest


# ---- Test orders


@pytest.mark.parametrize("headers", [{"test": "true"}, {"test": "True"}, {}])
def test_a_test_order_is_marked_and_brings_no_person(headers: dict[str, str]) -> None:
    read = report(paid(test=not headers), **headers)
    assert read.order.test
    assert read.person is None


def test_the_test_notification_of_the_admin_is_a_test() -> None:
    body = paid(id=820982911946154508, test=True, processed_at=None, financial_status="voided", customer=None)
    assert order(body, test="true").id == "820982911946154508"


@pytest.mark.parametrize(
    "name", ["refunds-create", "orders-delete", "customers-redact", "shop-redact", "app-uninstalled"]
)
def test_test_deliveries_of_other_topics_do_nothing(name: str) -> None:
    event = load(f"webhooks-shopify-{name}")
    body = body_of(f"webhooks-shopify-{name}")
    assert shopify.read(event["headers"] | {"x-shopify-test": "true"}, body) == Ignored("test_delivery")
    assert not isinstance(shopify.read(event["headers"] | {"x-shopify-test": "false"}, body), Ignored)


# ---- Who bought


def test_without_a_customer_the_address_in_the_order_is_the_buyer() -> None:
    read = report(paid(customer=None, contact_email="other@example.com"))
    assert read.order.buyer == Buyer(None, "mara.lindqvist@example.com", "Mara Lindqvist")
    assert read.person == Person(
        "mara.lindqvist@example.com", datetime(2026, 11, 21, 10, 20, 5, tzinfo=UTC), "Mara", "Lindqvist", "de-DE"
    )


def test_without_a_customer_and_with_an_empty_address_the_contact_address_is() -> None:
    assert order(paid(customer=None, email="", contact_email=" Guest@Example.com ")).buyer.email == "guest@example.com"


@pytest.mark.parametrize("nobody", [None, "", "  ", "n/a", "@", "a@b@c", "two words@example.com", "x" * 251 + "@a.b"])
def test_orders_without_an_address_are_nobodys_and_never_one_giant_customer(nobody: str | None) -> None:
    body = {"customer": None, "email": nobody, "contact_email": nobody, "billing_address": None}
    one, other = report(paid(id=1, **body)), report(paid(id=2, **body))
    assert one.person is other.person is None
    assert one.order.buyer == Buyer()
    assert one.order.customer != other.order.customer


def test_a_customer_without_an_address_is_known_by_the_shops_id() -> None:
    customer = {"id": 42, "email": None, "first_name": "Till", "last_name": None}
    read = report(paid(customer=customer, email="", contact_email=None))
    assert read.order.customer == "customer-42"
    assert read.order.buyer.name == "Till"
    assert read.person is None


def test_guests_and_accounts_that_share_an_address_are_one_customer() -> None:
    guest = order(paid(id=1, customer=None, email="MARA.lindqvist@example.com "))
    account = order(paid(id=2))
    assert guest.customer == account.customer == contact_id("mara.lindqvist@example.com")


def test_an_order_can_change_its_customer() -> None:
    before = order(paid())
    customer = {"id": 9, "email": "new@example.com", "first_name": "Nia", "last_name": "New"}
    after = order(paid(customer=customer, updated_at="2026-11-21T12:00:00+01:00"))
    assert before.customer != after.customer == contact_id("new@example.com")
    assert before.revision < after.revision
    assert before.digest != after.digest


def test_tags_are_a_list_without_repetitions() -> None:
    body = paid()
    for tags, expected in (
        (" vip, vip ,,b2b", ("vip", "b2b")),
        ("", ()),
        (None, ()),
        (["vip", "b2b"], ("vip", "b2b")),
    ):
        read = report(body | {"customer": body["customer"] | {"tags": tags}})
        assert read.person
        assert read.person.tags == expected


# ---- Consent


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("subscribed", ConsentStatus.SUBSCRIBED),
        ("not_subscribed", ConsentStatus.NON_SUBSCRIBED),
        ("pending", ConsentStatus.PENDING),
        ("unsubscribed", ConsentStatus.UNSUBSCRIBED),
        ("invalid", None),
        ("redacted", None),
        (None, None),
    ],
)
def test_consent_is_the_customers_own_decision(state: str | None, status: ConsentStatus | None) -> None:
    body = paid()
    decision = {"state": state, "consent_updated_at": "2026-05-04T09:30:00+02:00"}
    read = report(body | {"customer": body["customer"] | {"email_marketing_consent": decision}})
    assert read.person
    expected = status and Consent(status, datetime(2026, 5, 4, 7, 30, tzinfo=UTC))
    assert read.person.consent == expected


@pytest.mark.parametrize(
    "decision", [None, {"state": "subscribed"}, {"state": "subscribed", "consent_updated_at": None}]
)
def test_a_decision_without_a_time_is_none(decision: dict[str, Any] | None) -> None:
    body = paid(buyer_accepts_marketing=True)
    read = report(body | {"customer": body["customer"] | {"email_marketing_consent": decision}})
    assert read.person
    assert read.person.consent is None


# ---- Totals: total_price is frozen, current_total_price moves


def test_a_return_does_not_change_the_total() -> None:
    """The figures of Shopify's own sample: 399.29 of goods taken back, 209.00 of money given back."""
    taken_back = refund(
        lines=(("195.66", "3.98"), ("195.67", "3.98")), money=("209.00",), restock_type="legacy_restock"
    )
    assert spent(sale("598.94", "199.65", taken_back)) == (59894, 38994)


def test_money_given_back_without_goods_does_not_change_the_total() -> None:
    """Whether or not the current total follows such a refund."""
    goodwill = {"kind": "refund_discrepancy", "amount": "-10.00", "tax_amount": "0.00"}
    refunded = refund(money=("10.00",), order_adjustments=[goodwill])
    assert spent(sale("100.00", "100.00", refunded)) == (10000, 9000)
    assert spent(sale("100.00", "90.00", refunded)) == (10000, 9000)


def test_goods_taken_back_for_less_money_do_not_change_the_total() -> None:
    withheld = {"kind": "refund_discrepancy", "amount": "5.00", "tax_amount": "0.00"}
    refunded = refund(lines=(("40.00", "0"),), money=("35.00",), order_adjustments=[withheld])
    assert spent(sale("100.00", "60.00", refunded)) == (10000, 6500)
    assert spent(sale("100.00", "65.00", refunded)) == (10000, 6500)


@pytest.mark.parametrize("current", ["60.00", "55.00"])
@pytest.mark.parametrize(
    "shipping",
    [
        {"refund_shipping_lines": [{"subtotal_amount_set": {"shop_money": {"amount": "5.00"}}}]},
        {"order_adjustments": [{"kind": "shipping_refund", "amount": "-4.20", "tax_amount": "-0.80"}]},
        {
            "refund_shipping_lines": [{"subtotal_amount_set": {"shop_money": {"amount": "4.20"}}}],
            "order_adjustments": [{"kind": "shipping_refund", "amount": "-4.20", "tax_amount": "-0.80"}],
        },
    ],
)
def test_refunded_shipping_is_found_in_every_version_of_the_api(shipping: dict[str, Any], current: str) -> None:
    refunded = refund(lines=(("40.00", "0"),), money=("45.00",), **shipping)
    assert spent(sale("100.00", current, refunded)) == (10000, 5500)


def test_prices_that_include_tax_are_not_taxed_again() -> None:
    refunded = refund(lines=(("25.00", "3.99"),), money=("25.00",))
    assert spent(sale("89.90", "64.90", refunded, taxes_included=True)) == (8990, 6490)


def test_prices_that_exclude_tax_fall_with_their_tax() -> None:
    refunded = refund(lines=(("25.00", "4.75"),), money=("29.75",))
    assert spent(sale("89.90", "60.15", refunded)) == (8990, 6015)


def test_an_added_line_raises_the_total() -> None:
    assert spent(sale("100.00", "120.00")) == (12000, 12000)


def test_a_price_cut_after_the_sale_lowers_the_total() -> None:
    assert spent(sale("100.00", "80.00")) == (8000, 8000)


def test_an_edited_order_with_a_return_counts_both() -> None:
    """100 sold, 30 added, 40 taken back for money: 90 are left."""
    refunded = refund(lines=(("40.00", "0"),), money=("40.00",))
    assert spent(sale("100.00", "90.00", refunded)) == (13000, 9000)


def test_an_edited_order_in_a_shop_with_taxes_included_counts_both() -> None:
    refunded = refund(lines=(("40.00", "6.39"),), money=("40.00",))
    assert spent(sale("100.00", "90.00", refunded, taxes_included=True)) == (13000, 9000)


def test_a_line_taken_off_before_payment_was_never_owed() -> None:
    """An edit that takes a line off is a refund with lines and without any transaction."""
    taken_off = refund(lines=(("40.00", "0"),))
    assert spent(sale("100.00", "60.00", taken_off)) == (6000, 6000)


def test_a_line_taken_off_and_paid_back_later_is_subtracted_once() -> None:
    taken_off, paid_back = refund(1, lines=(("40.00", "0"),)), refund(2, money=("40.00",))
    assert spent(sale("100.00", "60.00", taken_off, paid_back)) == (10000, 6000)


def test_goods_returned_for_no_money_still_count() -> None:
    for returned in (
        refund(lines=(("40.00", "0"),), restock_type="return"),
        refund(lines=(("40.00", "0"),), of_return={"id": 5}),
        refund(lines=(("40.00", "0"),), transactions=[{"kind": "refund", "status": "pending", "amount": "40.00"}]),
    ):
        assert spent(sale("100.00", "60.00", returned)) == (10000, 10000)


def test_an_exchange_counts_what_was_paid_in_the_end() -> None:
    """Goods worth 40 of 100 are exchanged for goods worth 50; the customer pays 10 more."""
    returned = refund(lines=(("40.00", "0"),), restock_type="return", of_return={"id": 5})
    assert spent(sale("100.00", "110.00", returned)) == (11000, 11000)


def test_without_a_current_total_the_frozen_one_holds() -> None:
    assert order(paid(current_total_price=MISSING)).total == 8990


def test_refunded_duties_and_fees_are_no_edit() -> None:
    fees: dict[str, Any] = {
        "total_duties_set": {"shop_money": {"amount": "7.00", "currency_code": "EUR"}},
        "total_additional_fees_set": {"shop_money": {"amount": "1.00", "currency_code": "EUR"}},
    }
    refunded = refund(lines=(("40.00", "0"),), money=("48.00",), **fees)
    assert spent(sale("100.00", "52.00", refunded)) == (10000, 5200)


# ---- Refunds are counted by transactions


@pytest.mark.parametrize(
    ("transactions", "amount"),
    [
        ([("refund", "success", "10.00")], 1000),
        ([("refund", "success", "10.00"), ("refund", "success", "100.00")], 11000),
        ([("refund", "pending", "10.00")], 0),
        ([("refund", "failure", "10.00"), ("refund", "success", "3.00")], 300),
        ([("void", "success", "10.00")], 0),
        ([("sale", "success", "10.00")], 0),
        ([], 0),
    ],
)
def test_a_refund_is_the_sum_of_its_successful_refund_transactions(
    transactions: list[tuple[str, str, str]], amount: int
) -> None:
    listed = [
        {"kind": kind, "status": status, "amount": sum_, "currency": "EUR"} for kind, status, sum_ in transactions
    ]
    body = refund(7, lines=(("199.00", "0"),), restock_type="return", transactions=listed)
    alone = Refund("5678901234567", "7", amount) if amount else Ignored("refund_without_money")
    assert deliver("refunds/create", body) == alone
    assert order(sale("598.94", "598.94", body)).refunds == ({"7": amount} if amount else {})


def test_several_refunds_keep_their_ids() -> None:
    body = sale("100.00", "100.00", refund(1, money=("10.00",)), refund(2, money=("5.00",)))
    assert order(body).refunds == {"1": 1000, "2": 500}


# ---- Currencies


def test_shop_money_counts_and_presentment_money_does_not() -> None:
    both = {
        "shop_money": {"amount": "100.00", "currency_code": "EUR"},
        "presentment_money": {"amount": "108.37", "currency_code": "USD"},
    }
    read = order(
        paid(total_price="100.00", current_total_price="100.00", presentment_currency="USD", total_price_set=both)
    )
    assert (read.total, read.currency) == (10000, "EUR")


def in_two_currencies(shop: str, presentment: str) -> dict[str, Any]:
    return {
        "shop_money": {"amount": shop, "currency_code": "EUR"},
        "presentment_money": {"amount": presentment, "currency_code": "CHF"},
    }


def refund_in_francs(amount: str, code: str = "CHF") -> dict[str, Any]:
    """A shop in EUR, a customer in CHF: Shopify writes the transaction in CHF, and everything else in both."""
    line = {
        "restock_type": "cancel",
        "subtotal_set": in_two_currencies("9.41", "9.00"),
        "total_tax_set": in_two_currencies("0.00", "0.00"),
    }
    adjustment = {
        "kind": "shipping_refund",
        "amount_set": in_two_currencies("-9.41", "-9.00"),
        "tax_amount_set": in_two_currencies("0.00", "0.00"),
    }
    transactions = [{"kind": "refund", "status": "success", "amount": amount, "currency": code}]
    return refund(
        refund_line_items=[line],
        refund_shipping_lines=[{"subtotal_amount_set": in_two_currencies("9.41", "9.00")}],
        order_adjustments=[adjustment],
        transactions=transactions,
    )


def order_in_francs(*refunds: dict[str, Any], **changes: object) -> dict[str, Any]:
    changes = {"total_price_set": in_two_currencies("104.50", "100.00")} | changes
    return paid(total_price="104.50", current_total_price="85.68", refunds=list(refunds), **changes)


def test_a_refund_in_the_customers_currency_is_what_shopify_says_it_is_in_shop_money() -> None:
    """Two rounded prices of 9.41, where the rate would make 18.81 of CHF 18.00."""
    body = refund_in_francs("18.00")
    assert deliver("refunds/create", body) == Refund("5678901234567", "1", 1882)
    assert spent(order_in_francs(body)) == (10450, 8568)


def test_another_amount_in_the_customers_currency_is_taken_at_the_orders_rate() -> None:
    """CHF 17.00 is 17.765 at the order's rate; alone, a refund only has its own prices: 17.774."""
    assert order(order_in_francs(refund_in_francs("17.00"))).refunds == {"1": 1777}
    assert deliver("refunds/create", refund_in_francs("17.00")) == Refund("5678901234567", "1", 1777)
    assert order(order_in_francs(refund_in_francs("1.00"))).refunds == {"1": 105}


def test_an_amount_alone_in_the_customers_currency_is_in_its_adjustment() -> None:
    adjustment = {
        "kind": "refund_discrepancy",
        "amount_set": in_two_currencies("-5.23", "-5.00"),
        "tax_amount_set": in_two_currencies("0.00", "0.00"),
    }
    transactions = [{"kind": "refund", "status": "success", "amount": "5.00", "currency": "CHF"}]
    body = refund(order_adjustments=[adjustment], transactions=transactions)
    assert deliver("refunds/create", body) == Refund("5678901234567", "1", 523)


def test_an_amount_in_an_unknown_currency_is_refused_rather_than_guessed() -> None:
    body = refund_in_francs("5.00", "USD") | {"refund_line_items": [], "refund_shipping_lines": []}
    body["order_adjustments"] = []
    body["total_duties_set"] = in_two_currencies("0.00", "0.00")
    assert at_fault(body, "refunds/create") == "/transactions"
    assert at_fault(order_in_francs(body, total_price_set=None)) == "/refunds/0/transactions"


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [
        ("JPY", "500", 500),
        ("JPY", "500.00", 500),
        ("KWD", "1.234", 1234),
        ("KWD", "1.5", 1500),
        ("USD", "598.94", 59894),
        ("usd", 598.94, 59894),
        ("USD", 598, 59800),
        ("USD", Decimal("0.10"), 10),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, amount: object, minor: int) -> None:
    body = paid(currency=currency, total_price=amount, current_total_price=amount, total_price_set=None)
    assert (order(body).total, order(body).currency) == (minor, currency.upper())


def test_a_currency_that_is_not_the_stores_is_reported_as_it_is() -> None:
    assert order(paid(currency="CHF", total_price_set=None)).currency == "CHF"


# ---- What cannot be read


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"id": None}, "/id"),
        ({"id": True}, "/id"),
        ({"id": ""}, "/id"),
        ({"id": "x" * 101}, "/id"),
        ({"id": 10**50}, "/id"),
        ({"id": "a/b"}, "/id"),
        ({"id": "a\nb"}, "/id"),
        ({"id": 1.0}, "/id"),
        ({"currency": "XXX"}, "/currency"),
        ({"currency": None}, "/currency"),
        ({"total_price": None}, "/total_price"),
        ({"total_price": "ten"}, "/total_price"),
        ({"total_price": "NaN"}, "/total_price"),
        ({"total_price": "1e999999"}, "/total_price"),
        ({"total_price": float("inf")}, "/total_price"),
        ({"total_price": "1" * 41}, "/total_price"),
        ({"total_price": 10**5000}, "/total_price"),
        ({"total_price": True}, "/total_price"),
        ({"total_price": "-1.00"}, "/total_price"),
        ({"total_price": "1.001"}, "/total_price"),
        ({"updated_at": None}, "/updated_at"),
        ({"updated_at": "2026-11-20T18:04:13"}, "/updated_at"),
        ({"updated_at": "20 November"}, "/updated_at"),
        ({"updated_at": "0001-01-01T00:00:00+14:00"}, "/updated_at"),
        ({"updated_at": "1970-12-31T23:59:59Z"}, "/updated_at"),
        ({"updated_at": "9999-12-31T23:59:59-12:00"}, "/updated_at"),
        ({"updated_at": 1795194253}, "/updated_at"),
        ({"processed_at": None, "created_at": None}, "/created_at"),
        ({"test": "yes"}, "/test"),
        ({"email": 5, "customer": None}, "/email"),
        ({"customer": "Mara"}, "/customer"),
        ({"customer": {"email": "\ud800@example.com"}}, "/customer/email"),
        ({"name": "\ud83d"}, "/name"),
        ({"financial_status": []}, "/financial_status"),
        ({"refunds": {}}, "/refunds"),
        ({"refunds": ["r"]}, "/refunds/0"),
        ({"refunds": [{}]}, "/refunds/0/id"),
        (
            {"refunds": [{"id": 1, "transactions": [{"kind": "refund", "status": "success"}]}]},
            "/refunds/0/transactions/0/amount",
        ),
    ],
)
def test_what_cannot_be_read_is_named(changes: dict[str, Any], pointer: str) -> None:
    assert at_fault(paid(total_price_set=None) | changes) == pointer


@pytest.mark.parametrize(
    ("topic", "body", "pointer"),
    [
        ("orders/delete", {}, "/id"),
        ("refunds/create", {"id": 1}, "/order_id"),
        ("refunds/create", {"order_id": 1}, "/id"),
        ("customers/data_request", {}, "/data_request/id"),
        ("customers/redact", {"orders_to_redact": [1, None]}, "/orders_to_redact/1"),
    ],
)
def test_other_topics_need_their_ids(topic: str, body: dict[str, Any], pointer: str) -> None:
    assert at_fault(body, topic) == pointer


def test_long_names_are_cut_and_spaces_tidied() -> None:
    body = paid(customer={"id": 1, "first_name": "  Ada \n  Maria ", "last_name": "K" * 5000})
    assert order(body).buyer.name == "Ada Maria " + "K" * 100
