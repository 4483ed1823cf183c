"""What clients send, as the domain takes it, and where they are told of their faults."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.http.account_in import AccountChange
from laurel.http.orders_in import activity_report, order_deletion, order_refund, order_report
from laurel.http.schemas import OrderBatch, read
from laurel.ingestion.events import OrderReport
from laurel.model.activity import Activity
from laurel.model.contact import Consent, ConsentSource, ConsentStatus, Person
from laurel.model.errors import FieldError, InvalidInput
from laurel.model.order import Buyer, Deletion, Order, OrderState, Refund, revision
from tests.support.samples import at

PLAIN: dict[str, Any] = {
    "id": "1001",
    "placed_at": "2026-11-20T11:00:00+01:00",
    "status": "paid",
    "currency": "eur",
    "total": "59.90",
}
PLACED = at("2026-11-20T10:00:00")


def pointers(value: Any, pointer: str = "") -> list[str]:
    """Where an order is at fault."""
    with pytest.raises(InvalidInput) as raised:
        order_report(value, pointer)
    return [fault.pointer for fault in raised.value.errors]


# ---- Orders ----------------------------------------------------------------------------------------------------------


def test_a_plain_order() -> None:
    assert order_report(PLAIN) == OrderReport(
        Order(
            id="1001",
            placed_at=PLACED,
            total=5990,
            currency="EUR",
            state=OrderState.PAID,
            revision=revision(PLACED, None, OrderState.PAID, 0),
        )
    )


def test_an_order_with_all_there_is() -> None:
    report = order_report(
        {
            **PLAIN,
            "number": "#1001",
            "products": ["7", 8, " Tea  strainer ", "7", ""],
            "updated_at": "2026-11-21T10:00:00.250Z",
            "refunds": [{"id": "r1", "amount": "9.90"}, {"id": "r2", "amount": "10"}],
            "customer": {
                "id": "7",
                "email": " Ada@Example.com ",
                "first_name": "Ada",
                "last_name": "King",
                "locale": "en-GB",
                "tags": ["vip", "early", "vip"],
                "consent": {"status": "subscribed", "at": "2026-11-19T10:00:00Z"},
            },
        }
    )

    updated = at("2026-11-21T10:00:00.250")
    assert report.order == Order(
        id="1001",
        placed_at=PLACED,
        total=5990,
        currency="EUR",
        state=OrderState.PAID,
        revision=revision(updated, None, OrderState.PAID, 1990),
        number="#1001",
        refunds={"r1": 990, "r2": 1000},
        buyer=Buyer("7", "ada@example.com", "Ada King"),
        products=("7", "8", "Tea strainer"),
    )
    assert report.person == Person(
        email="ada@example.com",
        seen_at=updated,
        first_name="Ada",
        last_name="King",
        locale="en-GB",
        tags=("vip", "early"),
        consent=Consent(ConsentStatus.SUBSCRIBED, at("2026-11-19T10:00:00")),
        consent_source=ConsentSource.ORDER,
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", "pending"),
        ("authorized", "authorized"),
        ("partially_paid", "partially_paid"),
        ("paid", "paid"),
        ("partially_refunded", "paid"),
        ("refunded", "paid"),
        ("voided", "voided"),
        ("cancelled", "cancelled"),
    ],
)
def test_a_refund_changes_the_amount_and_not_the_state(status: str, state: str) -> None:
    assert order_report({**PLAIN, "status": status}).order.state == state


@pytest.mark.parametrize(
    ("changes", "refunded"),
    [
        ({"status": "refunded"}, 5990),
        ({"status": "refunded", "refunded": "59.90"}, 5990),
        ({"status": "partially_refunded", "refunded": "9.90"}, 990),
        ({"refunded": "0"}, 0),
        ({"refunds": []}, 0),
        ({"refunds": [{"id": "r1", "amount": "9.90"}]}, 990),
    ],
)
def test_money_returned_is_told_as_a_sum_or_one_by_one(changes: dict[str, Any], refunded: int) -> None:
    assert sum(order_report({**PLAIN, **changes}).order.refunds.values()) == refunded


@pytest.mark.parametrize(
    ("products", "pointer"),
    [
        ("TEA-1", "/products"),
        ([1.5], "/products/0"),
        (["\ud800"], "/products/0"),
        (["x", "x" * 101], "/products/1"),
        (["x"] * 21, "/products"),
    ],
)
def test_products_are_twenty_short_texts(products: Any, pointer: str) -> None:
    assert pointers({**PLAIN, "products": products}) == [pointer]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"number": "\ud800"}, "/number"),
        ({"customer": {"first_name": "\ud800"}}, "/customer/first_name"),
        ({"customer": {"tags": ["\ud800"]}}, "/customer/tags/0"),
    ],
)
def test_half_a_character_is_a_fault(changes: dict[str, Any], pointer: str) -> None:
    assert pointers({**PLAIN, **changes}) == [pointer]


def test_it_is_told_one_way_only() -> None:
    assert pointers({**PLAIN, "refunded": "9.90", "refunds": []}) == ["/refunded"]


@pytest.mark.parametrize("customer", [None, {}, {"id": "7"}, {"first_name": "Ada"}])
def test_a_buyer_without_an_address_is_no_person(customer: Any) -> None:
    assert order_report({**PLAIN, "customer": customer}).person is None


def test_the_buyer_of_a_test_order_becomes_no_contact() -> None:
    report = order_report({**PLAIN, "test": True, "customer": {"email": "ada@example.com"}})

    assert (report.order.test, report.order.buyer.email, report.person) == (True, "ada@example.com", None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": ""}, ["/id"]),
        ({"id": "a/b"}, ["/id"]),
        ({"placed_at": "2026-11-20T10:00:00"}, ["/placed_at"]),
        ({"placed_at": "yesterday"}, ["/placed_at"]),
        ({"placed_at": "1970-12-31T23:59:59Z"}, ["/placed_at"]),
        ({"placed_at": "2200-01-01T00:00:00Z"}, ["/placed_at"]),
        ({"status": "shipped"}, ["/status"]),
        ({"currency": "XXX"}, ["/currency"]),
        ({"currency": "EURO"}, ["/currency"]),
        ({"total": "-1"}, ["/total"]),
        ({"total": "59.905"}, ["/total"]),
        ({"total": "59,90"}, ["/total"]),
        ({"total": "NaN"}, ["/total"]),
        ({"total": 59.9}, ["/total"]),
        ({"total": "10000000000000.00"}, ["/total"]),
        ({"refunded": "1.234"}, ["/refunded"]),
        ({"refunds": [{"id": "r1", "amount": "1"}, {"id": "r2", "amount": "1.234"}]}, ["/refunds/1/amount"]),
        ({"refunds": [{"id": "r1"}]}, ["/refunds/0/amount"]),
        ({"customer": {"email": "nobody"}}, ["/customer/email"]),
        ({"customer": {"consent": {"status": "cleaned", "at": "2026-11-19T10:00:00Z"}}}, ["/customer/consent/status"]),
        ({"test": "yes"}, ["/test"]),
        ({"a/b~c": 1}, ["/a~1b~0c"]),
        ({"total": "-1", "status": "shipped"}, ["/status", "/total"]),
    ],
    ids=repr,
)
def test_a_fault_is_pointed_at(changes: dict[str, Any], expected: list[str]) -> None:
    assert pointers({**PLAIN, **changes}) == expected


def test_faults_of_an_order_in_a_batch_are_pointed_at_in_the_batch() -> None:
    assert pointers({**PLAIN, "currency": "XXX"}, "/orders/3") == ["/orders/3/currency"]
    assert pointers({**PLAIN, "total": "-1"}, "/orders/3") == ["/orders/3/total"]


@pytest.mark.parametrize("value", [None, [], "order", 1])
def test_what_is_no_object_is_no_order(value: Any) -> None:
    assert pointers(value) == [""]


@pytest.mark.parametrize(("total", "code", "minor"), [("5990", "JPY", 5990), ("59.905", "KWD", 59905)])
def test_amounts_have_their_currencys_decimals(total: str, code: str, minor: int) -> None:
    assert order_report({**PLAIN, "total": total, "currency": code}).order.total == minor


def test_what_shops_number_may_be_a_whole_number() -> None:
    order = order_report({**PLAIN, "id": 1001, "number": 17, "customer": {"id": 7}}).order

    assert (order.id, order.number, order.buyer.customer_id) == ("1001", "17", "7")


@given(value=st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists) | st.dictionaries(
    st.sampled_from([*PLAIN, "refunds", "customer", "x"]), st.none() | st.text() | st.integers() | st.lists(st.text())
))  # fmt: skip
def test_whatever_is_sent_is_an_order_or_has_faults(value: Any) -> None:
    faults: tuple[FieldError, ...] = ()
    try:
        report: OrderReport | None = order_report(value)
    except InvalidInput as error:
        report, faults = None, error.errors

    assert bool(report) != bool(faults)


# ---- What webhooks of the same shape add -----------------------------------------------------------------------------


def test_an_order_changed_when_the_event_happened_unless_it_says_otherwise() -> None:
    happened = at("2026-11-21T10:00:00")

    told = order_report({**PLAIN, "updated_at": "2026-11-20T12:00:00Z"}, triggered_at=happened).order
    untold = order_report(PLAIN, triggered_at=happened).order

    assert told.revision == revision(at("2026-11-20T12:00:00"), happened, OrderState.PAID, 0)
    assert untold.revision == revision(happened, happened, OrderState.PAID, 0)


def test_a_cancelled_order_is_that_whatever_its_status() -> None:
    assert order_report(PLAIN, cancelled=True).order.state is OrderState.CANCELLED
    without = {name: value for name, value in PLAIN.items() if name != "status"}
    assert order_report(without, cancelled=True).order.state is OrderState.CANCELLED
    refunded = order_report({**PLAIN, "status": "refunded"}, cancelled=True).order
    assert (refunded.state, sum(refunded.refunds.values())) == (OrderState.CANCELLED, 5990)


def test_a_refund_and_a_deletion_name_the_order() -> None:
    refund = {"id": "r1", "order_id": "1001", "currency": "eur", "amount": "9.90"}

    assert order_refund(refund) == Refund("1001", "r1", 990)
    assert order_deletion({"id": "1001"}, "", PLACED) == Deletion("1001", PLACED)
    with pytest.raises(InvalidInput) as raised:
        order_refund({**refund, "amount": "9.905"}, "/data")
    assert [fault.pointer for fault in raised.value.errors] == ["/data/amount"]


# ---- Activities ------------------------------------------------------------------------------------------------------

OPENED: dict[str, Any] = {
    "id": "a1",
    "name": "email.opened",
    "occurred_at": "2026-11-20T11:00:00+01:00",
    "contact": {"email": "Ada@Example.com"},
}


def test_an_activity_is_the_contacts_own() -> None:
    report = activity_report({**OPENED, "properties": {"campaign": "autumn", "count": 2, "first": True}})

    assert report.activity == Activity("a1", "email.opened", PLACED, {"campaign": "autumn", "count": 2, "first": True})
    assert report.person == Person("ada@example.com", PLACED, consent_source=ConsentSource.PERSON)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": "Email Opened"}, "/name"),
        ({"contact": {}}, "/contact/email"),
        ({"occurred_at": "2026-11-20"}, "/occurred_at"),
        ({"properties": {"a": 1.5}}, "/properties/a"),
        ({"properties": {"a": None}}, "/properties/a"),
        ({"properties": {"a": 10**16}}, "/properties/a"),
        ({"properties": {"a": "x" * 2049}}, "/properties/a"),
        ({"properties": {"a": "\ud800"}}, "/properties/a"),
        ({"properties": {"a/b": []}}, "/properties/a~1b"),
        ({"properties": {"": 1}}, "/properties/"),
    ],
    ids=repr,
)
def test_a_fault_of_an_activity_is_pointed_at(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        activity_report({**OPENED, **changes})

    assert [fault.pointer for fault in raised.value.errors] == [pointer]


# ---- Other bodies ----------------------------------------------------------------------------------------------------


def test_unknown_fields_are_faults() -> None:
    with pytest.raises(InvalidInput) as raised:
        read(AccountChange, {"name": "x", "plan": "premium"})

    assert [(fault.pointer, fault.detail) for fault in raised.value.errors] == [
        ("/plan", "Extra inputs are not permitted")
    ]


def test_no_more_than_a_hundred_faults_are_told() -> None:
    with pytest.raises(InvalidInput) as raised:
        read(AccountChange, {f"field{number}": 1 for number in range(200)})

    assert len(raised.value.errors) == 100


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_has_one_to_a_hundred_orders(count: int) -> None:
    with pytest.raises(InvalidInput) as raised:
        read(OrderBatch, {"orders": [PLAIN] * count})

    assert [fault.pointer for fault in raised.value.errors] == ["/orders"]
