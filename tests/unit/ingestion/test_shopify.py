"""Webhooks of Shopify: which events they are, the state, version and time of an order, and what cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from laurel.ingestion import shopify
from laurel.ingestion.events import Ignored, OrderReport, PrivacyRequest, PrivacyRequestKind, Uninstalled
from laurel.model.contact import Consent, ConsentSource, ConsentStatus, Person
from laurel.model.order import Buyer, Deletion, Order, OrderState, Refund
from tests.support.shopify_orders import MISSING, at_fault, deliver, order, paid, refund, report, sale, spent
from tests.support.webhook_events import body_of, load

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
