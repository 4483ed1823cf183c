from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from laurel.ingestion import woocommerce
from laurel.ingestion.events import Event, Ignored, OrderReport
from laurel.model.contact import Person
from laurel.model.errors import InvalidInput
from laurel.model.identity import contact_id
from laurel.model.order import Buyer, Deletion, Order, OrderState
from tests.support.webhook_events import body_of, load


def deliver(topic: str, body: dict[str, Any], **headers: str) -> Event:
    return woocommerce.read({"x-wc-webhook-topic": topic, **headers}, body)


def report(body: dict[str, Any]) -> OrderReport:
    event = deliver("order.updated", body)
    assert isinstance(event, OrderReport)
    return event


def order(body: dict[str, Any]) -> Order:
    return report(body).order


def placed(**changes: object) -> dict[str, Any]:
    return body_of("webhooks-woocommerce-order-created") | changes


def refunded(*totals: str, **changes: object) -> dict[str, Any]:
    listed = [{"id": 1731 + index, "reason": "", "total": total} for index, total in enumerate(totals)]
    return placed(refunds=listed, **changes)


def at_fault(body: dict[str, Any], topic: str = "order.updated") -> str:
    with pytest.raises(InvalidInput) as refusal:
        deliver(topic, body)
    (fault,) = refusal.value.errors
    return fault.pointer


# ---- Samples


def test_an_order_in_full() -> None:
    event = load("webhooks-woocommerce-order-created")
    modified_at = datetime(2026, 11, 20, 19, 30, 41, tzinfo=UTC)

    read = woocommerce.read(event["headers"], body_of("webhooks-woocommerce-order-created"))

    assert read == OrderReport(
        Order(
            id="1727",
            number="1727",
            placed_at=datetime(2026, 11, 20, 19, 30, tzinfo=UTC),
            total=6490,
            currency="EUR",
            state=OrderState.PAID,
            revision="01795203041000.00000000000000.4.0000000000000000",
            refunds={},
            buyer=Buyer("26", "joao.silva@example.com", "João Silva"),
            products=("93", "EG-250", "Earl Grey"),
        ),
        Person("joao.silva@example.com", modified_at, "João", "Silva"),
    )


@pytest.mark.parametrize("name", ["order-updated", "order-restored"])
def test_an_updated_or_restored_order_is_reported_whole(name: str) -> None:
    event = load(f"webhooks-woocommerce-{name}")
    read = woocommerce.read(event["headers"], body_of(f"webhooks-woocommerce-{name}"))
    assert isinstance(read, OrderReport)
    assert (read.order.state, read.order.total, read.order.refunds) == (OrderState.PAID, 6490, {"1731": 1500})


def test_a_delete_carries_only_an_id_and_no_time() -> None:
    event = load("webhooks-woocommerce-order-deleted")
    assert woocommerce.read(event["headers"], body_of("webhooks-woocommerce-order-deleted")) == Deletion("1727", None)


@pytest.mark.parametrize("topic", ["customer.created", "product.updated", "action.woocommerce_add_to_cart", ""])
def test_other_topics_are_ignored_whatever_they_hold(topic: str) -> None:
    assert deliver(topic, {"id": None}) == Ignored("unknown_topic")
    assert woocommerce.read({}, {}) == Ignored("unknown_topic")


# ---- Ping


def test_the_ping_of_a_new_webhook_is_recognised() -> None:
    event = load("webhooks-woocommerce-ping")
    assert woocommerce.is_ping(event["headers"], event["body"].encode())
    assert woocommerce.is_ping({}, b"webhook_id=11\n")


@pytest.mark.parametrize(
    ("headers", "raw"),
    [
        ({}, b""),
        ({}, b"{}"),
        ({}, b"webhook_id="),
        ({}, b"webhook_id=11&x=1"),
        ({}, b'webhook_id=11{"id":1}'),
        ({}, "webhook_id=\N{ARABIC-INDIC DIGIT ONE}".encode()),
        ({"x-wc-webhook-topic": "order.deleted"}, b"webhook_id=11"),
        ({"x-wc-webhook-signature": "abc"}, b"webhook_id=11"),
    ],
)
def test_nothing_else_passes_as_a_ping(headers: dict[str, str], raw: bytes) -> None:
    assert not woocommerce.is_ping(headers, raw)


# ---- States


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", OrderState.PENDING),
        ("on-hold", OrderState.PENDING),
        ("checkout-draft", OrderState.PENDING),
        ("processing", OrderState.PAID),
        ("completed", OrderState.PAID),
        ("refunded", OrderState.PAID),
        ("cancelled", OrderState.CANCELLED),
        ("failed", OrderState.VOIDED),
        ("trash", OrderState.DELETED),
        ("wc-completed", OrderState.PAID),
    ],
)
def test_statuses_of_woocommerce(status: str, state: OrderState) -> None:
    assert order(placed(status=status)).state is state


@pytest.mark.parametrize(
    ("status", "method", "paid_at", "state"),
    [
        ("processing", "cod", None, OrderState.PENDING),
        ("processing", "cod", "2026-11-21T08:00:00", OrderState.PAID),
        ("completed", "cod", None, OrderState.PAID),
        ("processing", "bacs", None, OrderState.PAID),
        ("processing", "", None, OrderState.PAID),
        ("on-hold", "bacs", None, OrderState.PENDING),
        ("packed-by-plugin", "stripe", "2026-11-21T08:00:00", OrderState.PAID),
        ("awaiting-quote", "stripe", None, OrderState.PENDING),
        (None, "stripe", None, OrderState.PENDING),
    ],
)
def test_cash_on_delivery_and_statuses_of_plugins_are_paid_with_a_date_of_payment(
    status: str | None, method: str, paid_at: str | None, state: OrderState
) -> None:
    body = placed(status=status, payment_method=method, date_paid_gmt=paid_at, date_paid=paid_at)
    assert order(body).state is state


# ---- Refunds


def test_refunds_are_negative_there_and_positive_here() -> None:
    read = order(refunded("-10.00", "-9.00"))
    assert (read.total, read.refunds) == (6490, {"1731": 1000, "1732": 900})


def test_a_fully_refunded_order_does_not_count_even_without_its_refunds() -> None:
    assert order(placed(status="refunded", refunds=[])).refunds == {"unlisted": 6490}
    assert order(refunded("-64.90", status="refunded")).refunds == {"1731": 6490}


def test_a_deleted_refund_is_no_longer_there() -> None:
    assert order(refunded("-10.00")).refunds == {"1731": 1000}
    assert order(refunded(date_modified_gmt="2026-11-21T00:00:00")).refunds == {}


# ---- Which version of an order is newer


def test_times_are_utc_though_they_do_not_say_so() -> None:
    read = order(placed(date_created="2026-11-20T23:30:00", date_created_gmt="2026-11-20T19:30:00"))
    assert read.placed_at == datetime(2026, 11, 20, 19, 30, tzinfo=UTC)
    assert order(placed(date_created_gmt="2026-11-20T19:30:00Z")).placed_at == read.placed_at


def test_out_of_order_deliveries_sort_by_the_time_of_change() -> None:
    before, after = (order(placed(date_modified_gmt=f"2026-11-20T19:30:{second}")) for second in (41, 42))
    assert before.revision < after.revision


def test_with_equal_times_what_can_only_come_later_is_newer() -> None:
    open_, less, more = order(placed()), order(refunded("-5.00")), order(refunded("-6.00"))
    assert order(placed(status="pending")).revision < open_.revision < less.revision < more.revision
    assert more.revision < order(placed(status="cancelled")).revision


def test_an_order_never_modified_is_as_new_as_its_creation() -> None:
    assert order(placed(date_modified_gmt=None)).revision < order(placed()).revision


def test_orders_that_share_a_delivery_id_are_two_orders() -> None:
    """WooCommerce derives the id from the webhook and the second of delivery."""
    shared = {"x-wc-webhook-delivery-id": "d41d8cd98f00b204e9800998ecf8427e"}
    one, other = (deliver("order.updated", placed(id=id_), **shared) for id_ in (1, 2))
    assert isinstance(one, OrderReport)
    assert isinstance(other, OrderReport)
    assert (one.order.id, other.order.id) == ("1", "2")


def test_a_resend_under_a_new_delivery_id_is_the_same_fact() -> None:
    first, again = (
        deliver("order.updated", placed(), **{"x-wc-webhook-delivery-id": id_}) for id_ in ("first", "second")
    )
    assert first == again


# ---- Who bought


@pytest.mark.parametrize("customer_id", [0, "0", None], ids=repr)
def test_a_guest_is_known_by_address(customer_id: object) -> None:
    read = order(placed(customer_id=customer_id))
    assert read.buyer.customer_id is None
    assert read.customer == contact_id("joao.silva@example.com")


def test_guests_and_accounts_that_share_an_address_are_one_customer() -> None:
    billing = placed()["billing"] | {"email": "Joao.Silva@example.com "}
    assert order(placed(customer_id=0, billing=billing)).customer == order(placed(id=2)).customer


def test_guests_without_an_address_are_not_one_customer() -> None:
    billing = placed()["billing"] | {"email": ""}
    one, other = (report(placed(id=id_, customer_id=0, billing=billing)) for id_ in (1, 2))
    assert one.order.customer != other.order.customer
    assert one.person is other.person is None


@pytest.mark.parametrize("billing", [[], {}, None])
def test_an_order_without_billing_details_is_still_read(billing: object) -> None:
    read = report(placed(billing=billing))
    assert read.order.buyer == Buyer("26")
    assert read.order.customer == "customer-26"


def test_an_order_can_change_its_customer() -> None:
    before = order(placed())
    billing = placed()["billing"] | {"email": "ana@example.com"}
    after = order(placed(customer_id=27, billing=billing, date_modified_gmt="2026-11-20T19:30:42"))
    assert before.customer != after.customer
    assert before.revision < after.revision


# ---- Currencies


@pytest.mark.parametrize(
    ("currency", "total", "refund", "minor", "back"),
    [
        ("JPY", "500", "-100", 500, 100),
        ("JPY", "500.00", "-100.00", 500, 100),
        ("KWD", "12.345", "-1.005", 12345, 1005),
        ("USD", "29.35", "-0.05", 2935, 5),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(
    currency: str, total: str, refund: str, minor: int, back: int
) -> None:
    read = order(refunded(refund, currency=currency, total=total))
    assert (read.total, read.refunds, read.currency) == (minor, {"1731": back}, currency)


# ---- What cannot be read


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"id": None}, "/id"),
        ({"currency": "EURO"}, "/currency"),
        ({"total": ""}, "/total"),
        ({"total": "1.234"}, "/total"),
        ({"currency": "JPY", "total": "0.50"}, "/total"),
        ({"date_created_gmt": None}, "/date_created_gmt"),
        ({"date_created_gmt": "0000-00-00T00:00:00"}, "/date_created_gmt"),
        ({"status": 3}, "/status"),
        ({"billing": "João"}, "/billing"),
        ({"refunds": [{"id": 1, "total": {}}]}, "/refunds/0/total"),
        ({"refunds": [{"total": "-1.00"}]}, "/refunds/0/id"),
    ],
)
def test_what_cannot_be_read_is_named(changes: dict[str, Any], pointer: str) -> None:
    assert at_fault(placed() | changes) == pointer


def test_a_deletion_needs_its_id() -> None:
    assert at_fault({}, "order.deleted") == "/id"
