from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from laurel.http import orders_in
from laurel.ingestion import generic
from laurel.ingestion.events import Event, Ignored, OrderReport
from laurel.model.contact import Consent, ConsentStatus, Person
from laurel.model.errors import InvalidInput
from laurel.model.order import Buyer, Deletion, Order, OrderState, Refund
from tests.support.webhook_events import body_of

TIMESTAMP = "2026-11-20T10:16:30+01:00"


def read(body: dict[str, Any]) -> Event:
    return generic.read({}, body, orders_in)


def deliver(type_: str, data: object, timestamp: str = TIMESTAMP) -> Event:
    return read({"type": type_, "timestamp": timestamp, "data": data})


def data(**changes: object) -> dict[str, Any]:
    members: dict[str, Any] = body_of("webhooks-generic-order-paid")["data"] | changes
    return {name: value for name, value in members.items() if value is not ...}


def report(type_: str = "order.updated", /, **changes: object) -> OrderReport:
    event = deliver(type_, data(**changes))
    assert isinstance(event, OrderReport)
    return event


def order(**changes: object) -> Order:
    return report("order.updated", **changes).order


def at_fault(type_: str, members: object) -> str:
    with pytest.raises(InvalidInput) as refusal:
        deliver(type_, members)
    (fault,) = refusal.value.errors
    return fault.pointer


# ---- Types


def test_an_order_in_full() -> None:
    updated_at = datetime(2026, 11, 20, 9, 16, 30, tzinfo=UTC)
    assert read(body_of("webhooks-generic-order-paid")) == OrderReport(
        Order(
            id="A-1001",
            number="1001",
            placed_at=datetime(2026, 11, 20, 9, 15, tzinfo=UTC),
            total=5990,
            currency="EUR",
            state=OrderState.PAID,
            revision="01795166190000.01795166190000.4.0000000000000000",
            refunds={},
            test=False,
            buyer=Buyer("c-77", "ada@example.com", "Ada Keller"),
        ),
        Person(
            email="ada@example.com",
            seen_at=updated_at,
            first_name="Ada",
            last_name="Keller",
            locale="de-CH",
            consent=Consent(ConsentStatus.SUBSCRIBED, datetime(2026, 2, 1, 12, tzinfo=UTC)),
        ),
    )


@pytest.mark.parametrize(
    ("name", "state", "refunds"),
    [
        ("created", OrderState.PENDING, {}),
        ("paid", OrderState.PAID, {}),
        ("updated", OrderState.PAID, {"r-1": 990}),
        ("cancelled", OrderState.CANCELLED, {}),
    ],
)
def test_every_order_type_reports_the_order(name: str, state: OrderState, refunds: dict[str, int]) -> None:
    event = read(body_of(f"webhooks-generic-order-{name}"))
    assert isinstance(event, OrderReport)
    assert (event.order.state, event.order.refunds) == (state, refunds)


def test_a_refund_and_a_delete_need_no_order() -> None:
    assert read(body_of("webhooks-generic-order-refunded")) == Refund("A-1001", "r-1", 990)
    assert read(body_of("webhooks-generic-order-deleted")) == Deletion("A-1002", datetime(2026, 11, 24, 7, tzinfo=UTC))


@pytest.mark.parametrize("type_", ["order.shipped", "ping", "ORDER.CREATED"])
def test_other_types_are_ignored_whatever_they_hold(type_: str) -> None:
    assert read({"type": type_, "anything": 1}) == Ignored("unknown_topic")


def test_a_cancelled_order_is_cancelled_whatever_its_status() -> None:
    for status in ("paid", ..., "cancelled", None, "on its way"):
        assert report("order.cancelled", status=status).order.state is OrderState.CANCELLED


def test_a_cancelled_order_keeps_that_it_was_refunded() -> None:
    cancelled = report("order.cancelled", status="refunded", refunds=[{"id": 1, "amount": "9.90"}]).order
    assert (cancelled.state, cancelled.refunds) == (OrderState.CANCELLED, {"1": 990, "unlisted": 5000})


# ---- Orders


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
        ("cancelled", OrderState.CANCELLED),
    ],
)
def test_statuses(status: str, state: OrderState) -> None:
    assert order(status=status).state is state


def test_refunds_come_as_a_list_or_as_one_sum() -> None:
    listed = [{"id": "r-1", "amount": "9.90"}, {"id": 2, "amount": "0.10"}]
    assert order(refunds=listed).refunds == {"r-1": 990, "2": 10}
    assert order(refunds=..., refunded="10.00").refunds == {"refunded": 1000}
    assert order(refunds=..., refunded=None).refunds == {}


def test_a_fully_refunded_order_does_not_count_even_without_its_refunds() -> None:
    assert order(status="refunded", refunds=...).refunds == {"unlisted": 5990}
    assert order(status="refunded", refunds=[{"id": 1, "amount": "9.90"}]).refunds == {"1": 990, "unlisted": 5000}
    assert order(status="refunded", refunds=..., refunded="60").refunds == {"refunded": 6000}


def test_without_updated_at_the_time_of_the_event_tells_what_is_newer() -> None:
    before, after = (
        deliver("order.updated", data(updated_at=...), f"2026-11-20T10:16:{second}+01:00") for second in (30, 31)
    )
    assert isinstance(before, OrderReport)
    assert isinstance(after, OrderReport)
    assert before.order.revision < after.order.revision


def test_a_number_is_whatever_is_printed() -> None:
    assert order(number="2026/0001 ").number == "2026/0001"
    assert order(number=1001).number == "1001"
    assert order(number=None).number is None
    assert order(number=" ").number is None


def test_ids_may_be_whole_numbers() -> None:
    read = order(id=1001, customer={"id": 7})
    assert (read.id, read.buyer.customer_id) == ("1001", "7")


def test_names_are_one_line_each() -> None:
    read = report(customer={"email": "a@example.com", "first_name": " Ada\n Augusta ", "last_name": " "})
    assert read.order.buyer.name == "Ada Augusta"
    assert read.person
    assert (read.person.first_name, read.person.last_name) == ("Ada Augusta", None)


def test_tags_are_a_list() -> None:
    read = report(customer={"email": "a@example.com", "tags": ["vip", " vip", "b2b", ""]})
    assert read.person
    assert read.person.tags == ("vip", "b2b")


def test_with_equal_updated_at_the_later_event_is_newer() -> None:
    before, after = (deliver("order.updated", data(), f"2026-11-20T10:16:{second}+01:00") for second in (30, 31))
    assert isinstance(before, OrderReport)
    assert isinstance(after, OrderReport)
    assert before.order.revision < after.order.revision
    assert before.order.digest == after.order.digest


def test_a_test_order_is_marked_and_brings_no_person() -> None:
    assert report(test=True).order.test
    assert report(test=True).person is None


NOBODY = {
    "id": None,
    "email": None,
    "first_name": None,
    "last_name": None,
    "locale": None,
    "tags": None,
    "consent": None,
}


@pytest.mark.parametrize("customer", [None, ..., {}, {"id": None, "email": None}, NOBODY])
def test_an_order_may_name_nobody(customer: object) -> None:
    read = report(customer=customer)
    assert read.order.buyer == Buyer()
    assert read.person is None


def test_a_customer_without_an_address_is_known_by_the_shops_id() -> None:
    read = report(customer={"id": 7, "consent": {"status": "subscribed", "at": TIMESTAMP}})
    assert read.order.customer == "customer-7"
    assert read.person is None


@pytest.mark.parametrize("status", [status for status in ConsentStatus if status is not ConsentStatus.CLEANED])
def test_consent_states_a_decision_and_its_time(status: ConsentStatus) -> None:
    read = report(customer={"email": "a@example.com", "consent": {"status": status.value, "at": TIMESTAMP}})
    assert read.person
    assert read.person.consent == Consent(status, datetime(2026, 11, 20, 9, 16, 30, tzinfo=UTC))


def test_no_consent_is_no_decision() -> None:
    read = report(customer={"email": "a@example.com"})
    assert read.person
    assert read.person.consent is None


@pytest.mark.parametrize(
    ("currency", "total", "minor"), [("JPY", "500", 500), ("KWD", "1.234", 1234), ("eur", "59.9", 5990)]
)
def test_amounts_have_the_decimals_of_their_currency(currency: str, total: str, minor: int) -> None:
    read = order(currency=currency, total=total)
    assert (read.total, read.currency) == (minor, currency.upper())


# ---- What cannot be read


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"id": ...}, "/data/id"),
        ({"currency": ...}, "/data/currency"),
        ({"total": ...}, "/data/total"),
        ({"total": 59.9}, "/data/total"),
        ({"total": 5990}, "/data/total"),
        ({"total": "59,90"}, "/data/total"),
        ({"total": "-1.00"}, "/data/total"),
        ({"total": "1.001"}, "/data/total"),
        ({"currency": "JPY", "total": "0.5"}, "/data/total"),
        ({"placed_at": ...}, "/data/placed_at"),
        ({"placed_at": "2026-11-20T10:15:00"}, "/data/placed_at"),
        ({"status": ...}, "/data/status"),
        ({"status": "completed"}, "/data/status"),
        ({"total": "1_000"}, "/data/total"),
        ({"id": True}, "/data/id"),
        ({"id": 1.5}, "/data/id"),
        ({"id": "a/b"}, "/data/id"),
        ({"test": "no"}, "/data/test"),
        ({"customer": 7}, "/data/customer"),
        ({"refund": []}, "/data/refund"),
        ({"a/b~c": 1}, "/data/a~1b~0c"),
        ({"refunds": [{"id": 1, "amount": 5}]}, "/data/refunds/0/amount"),
        ({"refunds": [{"id": 1, "amount": "5", "note": ""}]}, "/data/refunds/0/note"),
        ({"refunds": [{"id": 1, "amount": "5"}], "refunded": "5"}, "/data/refunded"),
        ({"customer": {"mail": "a@example.com"}}, "/data/customer/mail"),
        ({"customer": {"email": "nobody"}}, "/data/customer/email"),
        ({"customer": {"email": ""}}, "/data/customer/email"),
        (
            {"customer": {"email": "a@b.c", "consent": {"status": "yes", "at": TIMESTAMP}}},
            "/data/customer/consent/status",
        ),
        ({"customer": {"consent": {"status": "cleaned", "at": TIMESTAMP}}}, "/data/customer/consent/status"),
        ({"customer": {"email": "a@b.c", "consent": {"status": "subscribed"}}}, "/data/customer/consent/at"),
        (
            {"customer": {"consent": {"status": "subscribed", "at": TIMESTAMP, "state": "subscribed"}}},
            "/data/customer/consent/state",
        ),
    ],
)
def test_what_cannot_be_read_is_named(changes: dict[str, Any], pointer: str) -> None:
    assert at_fault("order.updated", data(**changes)) == pointer


def test_all_that_cannot_be_read_is_named() -> None:
    with pytest.raises(InvalidInput) as refusal:
        deliver("order.updated", data(total="many", customer={"consent": {"state": "subscribed"}}))
    assert [fault.pointer for fault in refusal.value.errors] == [
        "/data/total",
        "/data/customer/consent/status",
        "/data/customer/consent/at",
        "/data/customer/consent/state",
    ]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/type"]),
        ({"type": 1}, ["/type"]),
        ({"type": "order.created", "data": {}}, ["/timestamp"]),
        ({"type": "order.created", "timestamp": TIMESTAMP}, ["/data"]),
        ({"type": "order.created", "timestamp": TIMESTAMP, "data": []}, ["/data"]),
        ({"type": "order.created", "timestamp": TIMESTAMP, "data": [1]}, ["/data"]),
        (
            {"type": "order.created", "timestamp": TIMESTAMP, "data": {}},
            ["/data/id", "/data/placed_at", "/data/status", "/data/currency", "/data/total"],
        ),
        (
            {"type": "order.cancelled", "timestamp": TIMESTAMP, "data": {}},
            ["/data/id", "/data/placed_at", "/data/currency", "/data/total"],
        ),
        ({"type": "order.created", "timestamp": TIMESTAMP, "data": {}, "id": "e-1"}, ["/id"]),
        ({"type": "order.deleted", "timestamp": TIMESTAMP}, ["/data"]),
        ({"type": "order.deleted", "timestamp": TIMESTAMP, "data": {}}, ["/data/id"]),
        ({"type": "order.deleted", "timestamp": TIMESTAMP, "data": {"id": 1, "order_id": 2}}, ["/data/order_id"]),
        ({"type": "order.refunded", "timestamp": TIMESTAMP}, ["/data"]),
        (
            {"type": "order.refunded", "timestamp": TIMESTAMP, "data": {"currency": "EUR", "order": "A-1"}},
            ["/data/id", "/data/order_id", "/data/amount", "/data/order"],
        ),
    ],
)
def test_an_envelope_that_cannot_be_read_is_named(body: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read(body)
    assert [fault.pointer for fault in refusal.value.errors] == pointers


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"order_id": None}, "/data/order_id"),
        ({"id": "r/1"}, "/data/id"),
        ({"currency": "XXX"}, "/data/currency"),
        ({"amount": 9.9}, "/data/amount"),
        ({"amount": "-9.90"}, "/data/amount"),
        ({"amount": "9.905"}, "/data/amount"),
        ({"amount": "1_000"}, "/data/amount"),
    ],
)
def test_a_refund_that_cannot_be_read_is_named(changes: dict[str, Any], pointer: str) -> None:
    refund = {"id": 1, "order_id": 1001, "currency": "EUR", "amount": "9.90"}
    assert deliver("order.refunded", refund) == Refund("1001", "1", 990)
    assert at_fault("order.refunded", refund | changes) == pointer


# ---- One shape for webhooks and API clients


@pytest.mark.parametrize("name", ["created", "paid", "updated"])
def test_an_api_client_sends_the_very_same_order(name: str) -> None:
    body = body_of(f"webhooks-generic-order-{name}")
    delivered, sent = read(body), orders_in.order_report(body["data"])
    assert isinstance(delivered, OrderReport)
    assert (delivered.order.digest, delivered.person) == (sent.order.digest, sent.person)
