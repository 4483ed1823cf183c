"""Stores: connecting, secrets, changes, disconnection, and what boards leave out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from tests.support import webhook_events
from tests.support.client import OPERATIONS, Client
from tests.support.shop import ADA, NOWHERE, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

PLATFORMS = ["shopify", "woocommerce", "generic"]
SECRETS = webhook_events.SECRETS


def deliver(api: Gateway, store: Any, secret: str, account_id: str, id_: str = "w-1") -> Any:
    """A signed order of a generic shop."""
    data = {**order(id_), "id": id_}
    body = {"type": "order.created", "timestamp": data["placed_at"], "data": data}
    path = {"account": account_id, "store": store["id"], "platform": "generic"}
    event = {
        "pathParameters": path,
        "body": json.dumps(body),
        "headers": {"webhook-id": f"delivery-{id_}", "content-type": "application/json"},
    }
    headers = webhook_events.signed(event, datetime.now(UTC), secret)["headers"]
    return Client(api.send)("receiveWebhook", body=json.dumps(body), headers=headers, **path)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_connecting_shows_url_and_secret(platform: str, tenant: Tenant) -> None:
    store = tenant.connect(platform, name="  My shop ", currency="jpy", first_day_of_week="sunday", minimum_purchases=3)

    assert store["webhook_url"].endswith(f"/v1/webhooks/{tenant.account_id}/{store['id']}/{platform}")
    assert len(store["webhook_secret"]) >= 40
    assert (store["name"], store["currency"], store["first_day_of_week"]) == ("My shop", "JPY", "sunday")
    assert (store["minimum_purchases"], store["house_account_orders"]) == (3, 20_000)
    assert (store["state"], store["audience_id"]) == ("connected", tenant.audience_id)


def test_a_store_of_the_api_has_neither_url_nor_secret(tenant: Tenant) -> None:
    store = tenant.connect("api")

    assert (store["webhook_url"], store["webhook_secret"]) == (None, None)
    answer = tenant.owner("rotateSecret", store=store["id"], body={})
    assert (answer.status, answer.problem) == (409, "conflict")
    refused = tenant.owner("connectStore", body=plan(platform="api", secret="s" * 20))
    assert (refused.status, refused.pointers) == (422, ["/secret"])


def plan(**more: Any) -> dict[str, Any]:
    return {"platform": "generic", "name": "Shop", "currency": "EUR", "time_zone": "Europe/Berlin"} | more


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_secret_is_shown_once(platform: str, api: Gateway, tenant: Tenant) -> None:
    given = SECRETS[platform]
    store = tenant.connect(platform, secret=given)
    assert store["webhook_secret"] == given
    rotated = tenant.owner.ok("rotateSecret", store=store["id"])["webhook_secret"]
    path = {"store": store["id"], "audience": tenant.audience_id, "contact": contact_id(ADA)}
    path |= {"customer": contact_id(ADA), "account": tenant.account_id, "platform": platform}
    path |= NOWHERE

    shown = []
    for role in Role:
        for route in OPERATIONS.values():
            if route.operation not in ("connectStore", "rotateSecret", "disconnectStore", "createAudience"):
                used = {name: value for name, value in path.items() if f"{{{name}}}" in route.path}
                shown.append(tenant.as_(role)(route.operation, body="{}", **used).text)
    shown.append(tenant.owner("disconnectStore", store=store["id"]).text)

    assert rotated != given
    assert not [text for text in shown if given in text or rotated in text]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_secret_that_the_platform_dictates_is_taken(platform: str, tenant: Tenant) -> None:
    store = tenant.connect(platform)

    rotated = tenant.owner.ok("rotateSecret", store=store["id"], body={"secret": SECRETS[platform]})

    assert rotated["webhook_secret"] == SECRETS[platform]
    assert {**rotated, "webhook_secret": None} == {**store, "webhook_secret": None}


@pytest.mark.parametrize(
    ("platform", "secret"),
    [
        ("shopify", "too short"),
        ("shopify", "x" * 201),
        ("shopify", 7),
        ("shopify", "sixteen or more\n"),
        ("shopify", " sixteen or more"),
        ("generic", "not base64, but long enough"),
        ("generic", "TGF1cmVsIHNhbXBsZSBzZWNyZXQ="),
        ("generic", "whsec_dG9vIHNob3J0"),
        ("generic", "whsec_ümlautümlautümlaut"),
        ("woocommerce", "R&amp;D changes on its way"),
        ("woocommerce", "so does <b>this</b> one"),
    ],
)
def test_a_secret_that_could_never_verify_is_refused(platform: str, secret: Any, tenant: Tenant) -> None:
    store = tenant.connect(platform)

    connected = tenant.owner("connectStore", body=plan(platform=platform, secret=secret))
    rotated = tenant.owner("rotateSecret", store=store["id"], body={"secret": secret})

    for answer in (connected, rotated):
        assert (answer.status, answer.pointers) == (422, ["/secret"])


def test_all_secrets_of_a_day_are_valid(api: Gateway, tenant: Tenant) -> None:
    store = tenant.connect("generic")
    first = store["webhook_secret"]
    second = tenant.owner.ok("rotateSecret", store=store["id"])["webhook_secret"]
    assert deliver(api, store, first, tenant.account_id, "1").json == {"outcome": "accepted"}
    assert deliver(api, store, second, tenant.account_id, "2").json == {"outcome": "accepted"}

    third = tenant.owner.ok("rotateSecret", store=store["id"])["webhook_secret"]

    assert deliver(api, store, first, tenant.account_id, "3").json == {"outcome": "accepted"}
    assert deliver(api, store, second, tenant.account_id, "4").json == {"outcome": "accepted"}
    assert deliver(api, store, third, tenant.account_id, "5").json == {"outcome": "accepted"}


def test_the_old_secret_ends_after_a_day(api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tenant.connect("generic")
    module = api.module(OPERATIONS["rotateSecret"])

    class Yesterday(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) - timedelta(hours=24, seconds=5)

    with monkeypatch.context() as patched:
        patched.setattr(module, "datetime", Yesterday)
        tenant.owner.ok("rotateSecret", store=store["id"])

    assert deliver(api, store, store["webhook_secret"], tenant.account_id).problem == "bad-signature"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"platform": "magento"}, "/platform"),
        ({"currency": "XXX"}, "/currency"),
        ({"currency": "EURO"}, "/currency"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"time_zone": "../../etc/passwd"}, "/time_zone"),
        ({"time_zone": ""}, "/time_zone"),
        ({"time_zone": "x" * 101}, "/time_zone"),
        ({"first_day_of_week": 1}, "/first_day_of_week"),
        ({"minimum_purchases": 0}, "/minimum_purchases"),
        ({"minimum_purchases": 1001}, "/minimum_purchases"),
        ({"house_account_orders": 0}, "/house_account_orders"),
        ({"house_account_orders": 100_001}, "/house_account_orders"),
        ({"audience_id": "none"}, "/audience_id"),
        ({"audience_id": "x" * 101}, "/audience_id"),
        ({"shop_domain": "x" * 254}, "/shop_domain"),
        ({"name": ""}, "/name"),
        ({"colour": "green"}, "/colour"),
        ({"name": "\ud800"}, "/name"),
    ],
)
def test_connecting_refuses(changes: dict[str, Any], pointer: str, tenant: Tenant) -> None:
    answer = tenant.owner("connectStore", body=plan(**changes))

    assert (answer.status, answer.problem, answer.pointers) == (422, "invalid-input", [pointer])
    assert tenant.owner.ok("listStores") == {"stores": []}


def test_every_fault_is_pointed_at(tenant: Tenant) -> None:
    answer = tenant.owner("connectStore", body={"platform": "shopify", "minimum_purchases": "many"})

    assert set(answer.pointers) == {"/name", "/currency", "/time_zone", "/minimum_purchases"}


def test_of_many_faults_a_hundred_are_told(tenant: Tenant) -> None:
    answer = tenant.owner("connectStore", body={f"unknown{number}": number for number in range(5000)})

    assert answer.status == 422
    assert len(answer.pointers) == 100


def test_of_several_audiences_one_must_be_named(tenant: Tenant) -> None:
    friends = tenant.owner.ok("createAudience", body={"name": "Friends"})["id"]

    unnamed = tenant.owner("connectStore", body=plan())

    assert (unnamed.status, unnamed.pointers) == (422, ["/audience_id"])
    assert tenant.connect("generic", audience_id=friends)["audience_id"] == friends


def test_a_store_changes_only_what_is_sent(tenant: Tenant) -> None:
    connected = tenant.connect("generic")
    del connected["webhook_secret"]

    changed = tenant.owner.ok(
        "changeStore", store=connected["id"], body={"house_account_orders": 5, "shop_domain": "shop.example.com"}
    )

    assert changed == {**connected, "house_account_orders": 5, "shop_domain": "shop.example.com"}
    assert tenant.owner.ok("listStores") == {"stores": [changed]}


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "USD"},
        {"platform": "shopify"},
        {"audience_id": "another"},
        {"secret": "s" * 20},
        {"state": "disconnected"},
    ],
)
def test_what_a_store_is_stays_as_it_was_connected(change: dict[str, Any], tenant: Tenant) -> None:
    store = tenant.connect("generic")
    before = tenant.owner.ok("getStore", store=store["id"])

    answer = tenant.owner("changeStore", store=store["id"], body=change)

    assert (answer.status, answer.pointers) == (422, [f"/{next(iter(change))}"])
    assert tenant.owner.ok("getStore", store=store["id"]) == before


def test_a_disconnected_store_takes_nothing_and_shows_nothing_until_it_is_back(api: Gateway, tenant: Tenant) -> None:
    store = tenant.connect("generic")
    tenant.connect("api", name="Another")
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1"))
    api.settle()

    gone = tenant.owner.ok("disconnectStore", store=store["id"])

    assert gone["state"] == "disconnected"
    assert tenant.owner.ok("disconnectStore", store=store["id"]) == gone
    refusals = [
        tenant.owner("recordOrders", store=store["id"], body=order("2")),
        tenant.owner("getLeaderboard", store=store["id"]),
        tenant.owner("getPlace", store=store["id"], customer=contact_id(ADA)),
        deliver(api, store, store["webhook_secret"], tenant.account_id),
    ]
    assert {(answer.status, answer.problem) for answer in refusals} == {(409, "store-disconnected")}
    assert f"PATCH /v1/stores/{store['id']}" in refusals[0].json["detail"]

    back = tenant.owner.ok("changeStore", store=store["id"], body={"state": "connected"})

    assert back["state"] == "connected"
    (row,) = tenant.owner.ok("getLeaderboard", store=store["id"])["rows"]
    assert row["orders_count"] == 1
    assert deliver(api, store, store["webhook_secret"], tenant.account_id).json == {"outcome": "accepted"}


@pytest.mark.parametrize("operation", ["getLeaderboard", "getPlace"])
def test_an_account_without_a_connected_store_is_told_how_to_connect_one(operation: str, tenant: Tenant) -> None:
    customer = {"customer": contact_id(ADA)} if operation == "getPlace" else {}
    never = tenant.owner(operation, store="none", **customer)
    store = tenant.connect("generic")
    tenant.owner.ok("disconnectStore", store=store["id"])

    gone = tenant.owner(operation, store=store["id"], **customer)
    unknown = tenant.owner(operation, store="none", **customer)

    for answer in (never, gone, unknown):
        assert (answer.status, answer.problem) == (409, "no-connected-store")
        assert "POST /v1/stores" in answer.json["detail"]


def test_what_boards_leave_out_is_counted_and_listed(api: Gateway, tenant: Tenant) -> None:
    store = tenant.connect("generic", house_account_orders=2)
    deliveries = [order("1", None), order("2", None), *(order(f"h{n}", "till@example.com") for n in range(3))]
    for it in deliveries:
        tenant.owner.ok("recordOrders", store=store["id"], body=it)
    foreign = {"type": "order.created", "timestamp": order("f")["placed_at"], "data": order("f", currency="USD")}
    path = {"account": tenant.account_id, "store": store["id"], "platform": "generic"}
    event = {"pathParameters": path, "body": json.dumps(foreign), "headers": {"webhook-id": "f"}}
    signed = webhook_events.signed(event, datetime.now(UTC), store["webhook_secret"])
    Client(api.send).ok("receiveWebhook", body=signed["body"], headers=signed["headers"], **path)
    api.settle()

    detail = tenant.owner.ok("getStore", store=store["id"])
    entries = tenant.owner.ok("listSetAside", store=store["id"])["entries"]

    assert {reason: it["count"] for reason, it in detail["set_aside"].items()} == {
        "unconverted": 1,
        "unidentified": 2,
        "house_account": 1,
        "unreadable": 0,
    }
    assert sorted((it["reason"], it["id"]) for it in entries) == [
        ("house_account", contact_id("till@example.com")),
        ("unconverted", "f"),
        ("unidentified", "1"),
        ("unidentified", "2"),
    ]
    (unconverted,) = (it for it in entries if it["reason"] == "unconverted")
    assert (unconverted["currency"], unconverted["total"]) == ("USD", "10.00")
    unidentified = tenant.owner.ok("listSetAside", store=store["id"], query={"reason": "unidentified", "limit": 1})
    assert len(unidentified["entries"]) == 1
    assert tenant.owner("listSetAside", store=store["id"], query={"reason": "ugly"}).problem == "invalid-input"


def test_privacy_requests_of_the_platform_are_shown(api: Gateway, tenant: Tenant) -> None:
    store = tenant.connect("shopify", secret=SECRETS["shopify"])
    sample = webhook_events.load("webhooks-shopify-customers-redact")
    path = {"account": tenant.account_id, "store": store["id"], "platform": "shopify"}

    Client(api.send).ok("receiveWebhook", body=sample["body"], headers=sample["headers"], **path)

    (request,) = tenant.owner.ok("getStore", store=store["id"])["privacy_requests"]
    assert request["kind"] == "customer_erasure"
    assert datetime.fromisoformat(request["due_at"]) - datetime.fromisoformat(request["received_at"]) == timedelta(30)
    assert "email" not in json.dumps(request)
