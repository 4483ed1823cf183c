"""Recording orders: one or a batch, again and again, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.shop import ADA, BEN, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

PLACED, LATER, LATEST = "2026-05-04T10:00:00+02:00", "2026-05-05T10:00:00+02:00", "2026-05-06T10:00:00+02:00"


def send(tenant: Tenant, store: Any, body: Any) -> Any:
    return tenant.owner.ok("recordOrders", store=store["id"], body=body)["results"]


def board(api: Gateway, tenant: Tenant, store: Any, **query: Any) -> Any:
    api.settle()
    rows = tenant.owner.ok("getLeaderboard", store=store["id"], query={"period": "all"} | query)["rows"]
    return {row["email"] or row["customer"]: (row["orders_count"], row["total_spent"]) for row in rows}


def test_one_order_is_on_the_board(api: Gateway, tenant: Tenant, store: Any) -> None:
    results = send(tenant, store, order("1", total="59.90"))

    assert results == [{"id": "1", "outcome": "accepted"}]
    assert board(api, tenant, store) == {ADA: (1, "59.90")}


def test_each_order_of_a_batch_has_its_own_result(api: Gateway, tenant: Tenant, store: Any) -> None:
    batch = [
        order("1", ADA, "10.00"),
        order("2", BEN, "20.00", currency="USD"),
        order("3", BEN, "30.00", colour="green"),
        order("4", BEN, "40.005"),
        {"id": "5"},
        order("6", BEN, "60.00"),
        order("1", ADA, "11.00", updated_at="2199-01-01T00:00:00Z"),
        {},
    ]

    results = send(tenant, store, {"orders": batch})

    assert [(it["id"], it["outcome"]) for it in results] == [
        ("1", "accepted"),
        ("2", "rejected"),
        ("3", "rejected"),
        ("4", "rejected"),
        ("5", "rejected"),
        ("6", "accepted"),
        ("1", "accepted"),
        ("", "rejected"),
    ]
    problems = {index: it["problem"] for index, it in enumerate(results) if "problem" in it}
    assert {index: it["type"].rpartition(":")[2] for index, it in problems.items()} == {
        1: "currency-mismatch",
        2: "invalid-input",
        3: "invalid-input",
        4: "invalid-input",
        7: "invalid-input",
    }
    assert [fault["pointer"] for fault in problems[2]["errors"]] == ["/orders/2/colour"]
    assert [fault["pointer"] for fault in problems[3]["errors"]] == ["/orders/3/total"]
    assert board(api, tenant, store) == {BEN: (1, "60.00"), ADA: (1, "11.00")}


def test_a_hundred_orders_fit_and_one_more_does_not(tenant: Tenant, store: Any) -> None:
    hundred = [order(str(number)) for number in range(100)]

    assert [it["outcome"] for it in send(tenant, store, {"orders": hundred})] == ["accepted"] * 100
    for batch in ([*hundred, order("100")], []):
        answer = tenant.owner("recordOrders", store=store["id"], body={"orders": batch})
        assert (answer.status, answer.pointers) == (422, ["/orders"])


def test_the_worst_batch_has_an_answer_that_can_be_kept(tenant: Tenant, store: Any) -> None:
    wrong = {"x" * 1000 + str(number): number for number in range(120)}
    batch = {"orders": [{**order("y" * 9000), **wrong} for _ in range(99)] + [order("1")]}

    answers = [
        tenant.owner("recordOrders", store=store["id"], body=batch, headers={"Idempotency-Key": "worst"})
        for _ in range(2)
    ]

    assert answers[0].status == 200
    assert answers[0].json == answers[1].json
    assert [it["outcome"] for it in answers[0].json["results"]] == ["rejected"] * 99 + ["accepted"]


@pytest.mark.parametrize(
    "body",
    [{"orders": [order("1")], "store": "x"}, {"orders": None}, {"orders": {"1": order("1")}}, {"orders": [1]}],
)
def test_a_batch_of_another_shape_is_refused(body: Any, tenant: Tenant, store: Any) -> None:
    answer = tenant.owner("recordOrders", store=store["id"], body=body)

    assert (answer.status, answer.problem) == (422, "invalid-input")


def test_sending_again_changes_nothing(api: Gateway, tenant: Tenant, store: Any) -> None:
    sent = order("1", total="10.00", placed_at=PLACED)
    send(tenant, store, sent)

    assert send(tenant, store, sent) == [{"id": "1", "outcome": "unchanged"}]
    assert send(tenant, store, {"orders": [sent, sent]}) == [{"id": "1", "outcome": "unchanged"}] * 2
    assert board(api, tenant, store) == {ADA: (1, "10.00")}


def test_the_newest_state_counts_whatever_the_order_of_arrival(api: Gateway, tenant: Tenant, store: Any) -> None:
    newest = order("1", total="30.00", placed_at=PLACED, updated_at=LATEST)
    send(tenant, store, newest)

    assert send(tenant, store, order("1", total="10.00", placed_at=PLACED))[0]["outcome"] == "unchanged"
    assert (
        send(tenant, store, order("1", total="20.00", placed_at=PLACED, updated_at=LATER))[0]["outcome"] == "unchanged"
    )
    assert board(api, tenant, store) == {ADA: (1, "30.00")}


def test_refunds_lower_what_was_spent_in_the_period_of_the_order(api: Gateway, tenant: Tenant, store: Any) -> None:
    send(tenant, store, order("1", total="10.00", placed_at=PLACED))
    send(tenant, store, order("1", total="10.00", placed_at=PLACED, updated_at=LATER, refunded="2.50"))
    assert board(api, tenant, store, period="2026-05") == {ADA: (1, "7.50")}

    refunds = [{"id": "r1", "amount": "2.50"}, {"id": "r2", "amount": "7.50"}]
    send(tenant, store, order("1", total="10.00", placed_at=PLACED, updated_at=LATEST, refunds=refunds))

    assert board(api, tenant, store, period="2026-05") == {}


@pytest.mark.parametrize(
    "more",
    [{"status": "refunded"}, {"status": "cancelled"}, {"status": "voided"}, {"test": True}, {"status": "pending"}],
)
def test_what_is_no_purchase_is_on_no_board(more: dict[str, Any], api: Gateway, tenant: Tenant, store: Any) -> None:
    assert send(tenant, store, order("1", **more))[0]["outcome"] == "accepted"

    assert board(api, tenant, store) == {}


def test_an_order_that_changes_its_customer_counts_once(api: Gateway, tenant: Tenant, store: Any) -> None:
    send(tenant, store, order("1", ADA, placed_at=PLACED))
    assert board(api, tenant, store) == {ADA: (1, "10.00")}

    send(tenant, store, order("1", BEN, placed_at=PLACED, updated_at=LATER))

    assert board(api, tenant, store) == {BEN: (1, "10.00")}


def test_a_buyer_without_an_address_is_ranked_by_the_shops_own_id(api: Gateway, tenant: Tenant, store: Any) -> None:
    send(tenant, store, order("1", None, customer={"id": '#731 %41 "x"'}))
    send(tenant, store, order("2", None))

    assert board(api, tenant, store) == {'customer-#731 %41 "x"': (1, "10.00")}


@pytest.mark.parametrize("customer", ["customer-#731", 'customer-a "b" `c`', "customer-ü日本", "customer-50% off?&=+"])
def test_any_customer_of_the_board_can_be_looked_up(customer: str, api: Gateway, tenant: Tenant, store: Any) -> None:
    send(tenant, store, order("1", None, customer={"id": customer.removeprefix("customer-")}))
    api.settle()

    place = tenant.owner.ok("getPlace", store=store["id"], customer=customer)

    assert place["customer"]["customer"] == customer
    assert place["customer"]["profile"] is None


@pytest.mark.parametrize(
    ("currency", "total", "shown"), [("JPY", "5990", "5990"), ("KWD", "59.905", "59.905"), ("EUR", "59", "59.00")]
)
def test_currencies_have_their_own_decimals(
    currency: str, total: str, shown: str, api: Gateway, tenant: Tenant
) -> None:
    store = tenant.connect(currency=currency)
    send(tenant, store, order("1", total=total, currency=currency.lower()))

    assert board(api, tenant, store) == {ADA: (1, shown)}
    too_fine = tenant.owner("recordOrders", store=store["id"], body=order("2", total="1.0001", currency=currency))
    assert (too_fine.status, too_fine.pointers) == (422, ["/total"])


def test_another_currency_is_refused(api: Gateway, tenant: Tenant, store: Any) -> None:
    answer = tenant.owner("recordOrders", store=store["id"], body=order("1", currency="USD"))

    assert (answer.status, answer.problem) == (422, "currency-mismatch")
    assert "USD" in answer.json["detail"]
    assert board(api, tenant, store) == {}


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"colour": "green"}, ["/colour"]),
        ({"total": 10}, ["/total"]),
        ({"total": 59.9}, ["/total"]),
        ({"total": "-1.00"}, ["/total"]),
        ({"total": "1e3"}, ["/total"]),
        ({"total": "NaN"}, ["/total"]),
        ({"total": ""}, ["/total"]),
        ({"total": "99999999999999"}, ["/total"]),
        ({"refunded": "1.001"}, ["/refunded"]),
        ({"refunds": [{"id": "1", "amount": "1"}, {"id": "2", "amount": "1.001"}]}, ["/refunds/1/amount"]),
        ({"status": "done"}, ["/status"]),
        ({"currency": "EURO"}, ["/currency"]),
        ({"currency": "ZZZ"}, ["/currency"]),
        ({"placed_at": "2026-05-04"}, ["/placed_at"]),
        ({"placed_at": "2026-05-04T10:00:00"}, ["/placed_at"]),
        ({"placed_at": 1_777_900_000}, ["/placed_at"]),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, ["/placed_at"]),
        ({"placed_at": "9999-12-31T23:59:59-14:00"}, ["/placed_at"]),
        ({"updated_at": "yesterday"}, ["/updated_at"]),
        ({"id": ""}, ["/id"]),
        ({"id": "a/b"}, ["/id"]),
        ({"id": "x" * 101}, ["/id"]),
        ({"id": "\ud800"}, ["/id"]),
        ({"customer": {"email": "nobody"}}, ["/customer/email"]),
        ({"customer": {"mail": ADA}}, ["/customer/mail"]),
        ({"customer": {"tags": ["x" * 51]}}, ["/customer/tags/0"]),
        ({"customer": {"locale": "!"}}, ["/customer/locale"]),
        ({"customer": {"consent": {"status": "subscribed"}}}, ["/customer/consent/at"]),
        ({"customer": {"consent": {"status": "maybe", "at": PLACED}}}, ["/customer/consent/status"]),
        (
            {"customer": {"consent": {"status": "subscribed", "at": "9999-12-31T23:59:59-14:00"}}},
            ["/customer/consent/at"],
        ),
    ],
)
def test_a_fault_is_pointed_at(changes: dict[str, Any], pointers: list[str], tenant: Tenant, store: Any) -> None:
    answer = tenant.owner("recordOrders", store=store["id"], body=order("1") | changes)

    assert (answer.status, answer.problem, answer.pointers) == (422, "invalid-input", pointers)


def test_refunds_are_told_in_one_way_only(tenant: Tenant, store: Any) -> None:
    answer = tenant.owner("recordOrders", store=store["id"], body=order("1", refunded="1", refunds=[]))

    assert (answer.status, answer.problem) == (422, "invalid-input")


def test_the_largest_order_has_a_place(api: Gateway, tenant: Tenant, store: Any) -> None:
    ids = {"id": "#" * 100}
    person = {"email": ADA, "first_name": "x" * 100, "last_name": "y" * 100, "tags": [f"{n:050}" for n in range(50)]}
    refunds = [{"id": f"{n:0100}", "amount": "0.01"} for n in range(100)]
    send(tenant, store, order("%" * 100, total="9999999999999.99", refunds=refunds, customer=person | ids))

    assert board(api, tenant, store) == {ADA: (1, "9999999999998.99")}


def test_an_order_of_an_unknown_store_is_refused(tenant: Tenant) -> None:
    answer = tenant.owner("recordOrders", store="none", body=order("1"))

    assert (answer.status, answer.problem) == (404, "not-found")


def test_the_buyer_becomes_a_contact_and_no_order_undoes_an_unsubscribe(tenant: Tenant, store: Any) -> None:
    def consent(status: str, at: str) -> dict[str, Any]:
        person = {"email": "Ada@Example.com", "first_name": "Ada", "consent": {"status": status, "at": at}}
        return order(at, updated_at=at, customer=person)

    def status() -> Any:
        return tenant.owner.ok("getContact", audience=tenant.audience_id, contact=contact_id(ADA))["status"]

    seen = []
    for it in (consent("subscribed", PLACED), consent("unsubscribed", LATER), consent("subscribed", LATEST)):
        send(tenant, store, it)
        seen.append(status())

    assert seen == ["subscribed", "unsubscribed", "unsubscribed"]


def test_a_test_order_makes_no_contact(tenant: Tenant, store: Any) -> None:
    send(tenant, store, order("1", test=True))

    answer = tenant.owner("getContact", audience=tenant.audience_id, contact=contact_id(ADA))
    assert (answer.status, answer.problem) == (404, "not-found")
