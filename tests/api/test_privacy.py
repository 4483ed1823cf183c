"""Export, erasure, platforms' requests and a store's life, over the API, with the captured logs of all of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from tests.support import webhook_events
from tests.support.api import Context
from tests.support.search import Search
from tests.support.shop import ADA, BEN, activity, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway

NAME = {"first_name": "Adelheid", "last_name": "Zwölfnagel"}
ADELHEID = "adelheid.z@example.com"
WORDS = (ADELHEID, "adelheid", "zwölfnagel")
PERSON = {"contact": contact_id(ADELHEID)}


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("laurel.privacy.work.SETTLING", timedelta(0))


def deliver(api: Gateway, tenant: Tenant, store: Any, topic: str, body: Any, **headers: str) -> Any:
    """The outcome of a signed delivery of Shopify's."""
    answer = sent(tenant, store, topic, body, **headers)
    assert answer.status == 200, answer.text
    return answer.json["outcome"]


def sent(tenant: Tenant, store: Any, topic: str, body: Any, **headers: str) -> Answer:
    """The answer to a signed delivery of Shopify's."""
    path = {"account": tenant.account_id, "store": store["id"], "platform": "shopify"}
    text = json.dumps(body, ensure_ascii=True)
    event = {"pathParameters": path, "body": text, "headers": {"x-shopify-topic": topic, **headers}}
    signed = webhook_events.signed(event, datetime.now(UTC), store["webhook_secret"])
    return tenant.owner("receiveWebhook", body=text, headers=signed["headers"], **path)


def shopify_order(id_: int, **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "id": id_,
        "created_at": now,
        "processed_at": now,
        "updated_at": now,
        "currency": "EUR",
        "total_price": "10.00",
        "financial_status": "paid",
        "customer": {"id": 77, "email": ADELHEID, **NAME},
        "refunds": [],
        **more,
    }


def left_of(api: Gateway, tenant: Tenant, *words: str) -> list[Any]:
    """Items of the account in which one of these words stands."""
    search = Search(*words, but=("example",))
    return [
        item
        for table in api.database.tables._fields
        for item in api.items(table)
        if item["pk"]["S"].split("#")[0] == tenant.account_id and search.found_in(item)
    ]


def test_a_person_is_forgotten_in_all_tables_and_was_never_in_the_logs(
    api: Gateway, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given somebody who has bought by webhook and by API, visited, scored, and sent what could not be read
    owner, audience = tenant.owner, {"audience": tenant.audience_id}
    shop, other = tenant.connect("shopify"), tenant.connect("api")
    rule = {"name": "Visits", "activity": "page.visited", "effect": "add", "points": 5}
    owner.ok("createScoringRule", **audience, body=rule)
    placed = shopify_order(1)
    assert deliver(api, tenant, shop, "orders/create", placed) == "accepted"
    assert deliver(api, tenant, shop, "orders/create", shopify_order(2, total_price="much")) == "rejected"
    batch = [order("a", ADELHEID, customer={"email": ADELHEID, **NAME}), order("b", BEN)]
    owner.ok("recordOrders", store=other["id"], body={"orders": batch}, headers={"Idempotency-Key": "k"})
    owner.ok("recordActivity", **audience, body=activity("v1", ADELHEID))
    bulk = {"effect": "add", "points": 5, "contacts": [ADELHEID, BEN]}
    owner.ok("changeScoresInBulk", **audience, body=bulk, headers={"Idempotency-Key": "bulk"})
    api.settle()
    api.work()
    assert left_of(api, tenant, *WORDS)
    board = owner.ok("getLeaderboard", store=other["id"], query={"period": "all"})["rows"]
    assert len(board) == 2

    # When the owner has her forgotten
    asked = owner.ok("erasePerson", **audience, **PERSON)
    assert (asked["state"], asked["customers"]) == ("queued", [PERSON["contact"]])
    api.work_on_erasures()
    api.settle()

    # Then no table says anything of her, nor any log, and the receipt tells what there was
    done = owner.ok("getErasure", erasure=asked["id"])
    assert done["state"] == "done"
    expected = {"orders": 2, "profiles": 1, "activities": 1, "unreadable_deliveries": 1, "score_entries": 2}
    assert expected.items() <= done["removed"].items()
    assert left_of(api, tenant, *WORDS) == []
    (row,) = owner.ok("getLeaderboard", store=other["id"], query={"period": "all"})["rows"]
    assert (row["rank"], row["email"]) == (1, BEN)
    assert owner("getContact", **audience, **PERSON).status == 404
    assert owner("getTimeline", **audience, **PERSON).status == 404

    # And late deliveries don't bring her back
    assert deliver(api, tenant, shop, "orders/create", placed) == "ignored"
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert deliver(api, tenant, shop, "orders/updated", {**placed, "updated_at": later}) == "ignored"
    (result,) = owner.ok("recordOrders", store=other["id"], body={"orders": batch[:1]})["results"]
    assert result["outcome"] == "ignored"
    api.settle()
    assert left_of(api, tenant, *WORDS) == []
    said = capsys.readouterr()
    assert Search(*WORDS, but=("example",)).found_in(said.out + said.err) == []


def test_a_person_is_handed_out_what_is_kept_of_them(api: Gateway, tenant: Tenant) -> None:
    owner, audience = tenant.owner, {"audience": tenant.audience_id}
    shop = tenant.connect("shopify")
    deliver(api, tenant, shop, "orders/create", shopify_order(1))
    deliver(api, tenant, shop, "orders/create", shopify_order(2, total_price="much"))
    owner.ok("recordActivity", **audience, body=activity("v1", ADELHEID, properties={"page": "/"}))
    owner.ok("changeScore", **audience, **PERSON, body={"effect": "add", "points": 5, "reason": "Fair"})

    export = owner.ok("exportPerson", **audience, **PERSON)

    kinds = [record["kind"] for record in export["records"]]
    assert sorted(kinds) == ["activity", "order", "profile", "score", "unreadable"]
    data = {record["kind"]: record["data"] for record in export["records"]}
    assert data["profile"]["email"] == ADELHEID
    assert (data["order"]["total"], data["order"]["name"]) == ("10.00", "Adelheid Zwölfnagel")
    assert data["activity"]["properties"] == {"page": "/"}
    assert data["score"]["reason"] == "Fair"
    assert "zw\\u00f6lfnagel" in data["unreadable"]["body"].lower()
    assert export["next_cursor"] is None


def test_what_is_handed_out_tells_when_it_was(api: Gateway, tenant: Tenant) -> None:
    owner, audience = tenant.owner, {"audience": tenant.audience_id}
    shop = tenant.connect("shopify")
    placed = datetime.now(UTC) - timedelta(days=3)
    bought = shopify_order(1, processed_at=placed.isoformat(), created_at=placed.isoformat())
    deliver(api, tenant, shop, "orders/create", bought)
    api.settle()
    later = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    deliver(api, tenant, shop, "orders/updated", {**bought, "total_price": "8.00", "updated_at": later})
    api.settle()

    records = owner.ok("exportPerson", **audience, **PERSON)["records"]

    (order,) = (it["data"] for it in records if it["kind"] == "order")
    (correction,) = (it["data"] for it in records if it["kind"] == "correction")
    assert datetime.fromisoformat(order["placed_at"]) == placed.replace(microsecond=0)
    assert datetime.fromisoformat(correction.pop("created_at")) > placed + timedelta(days=2)
    assert correction == {
        "store_id": shop["id"],
        "order_id": "1",
        "placed_at": order["placed_at"],
        "before": 1000,
        "after": 800,
    }


def test_an_export_comes_in_pages(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, audience = tenant.owner, {"audience": tenant.audience_id}
    for number in range(5):
        owner.ok("recordActivity", **audience, body=activity(f"v{number}", ADELHEID))
    monkeypatch.setattr("laurel.privacy.export._MOST_ITEMS", 2)

    kinds: list[str] = []
    cursor: dict[str, Any] | None = None
    while True:
        page = owner.ok("exportPerson", **audience, **PERSON, query=cursor)
        kinds += [record["kind"] for record in page["records"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(kinds) == ["activity"] * 5 + ["profile"]


def test_nobody_is_exported_or_erased_who_is_not_known(tenant: Tenant) -> None:
    path = {"audience": tenant.audience_id, "contact": contact_id("nobody@example.com")}
    assert [tenant.owner(it, **path).status for it in ("exportPerson", "erasePerson")] == [404, 404]
    assert tenant.owner("getErasure", erasure="none").status == 404
    assert tenant.owner.ok("listErasures") == {"erasures": [], "next_cursor": None}


def test_only_owners_hand_out_and_forget(tenant: Tenant) -> None:
    path = {"audience": tenant.audience_id, **PERSON}
    for role in (Role.VIEWER, Role.MARKETER):
        client = tenant.as_(role)
        assert [client(it, **path).status for it in ("exportPerson", "erasePerson")] == [403, 403]
        assert client("eraseStore", store="none").status == 403
        assert client("listErasures").status == 403


def test_erasures_are_listed_newest_first(tenant: Tenant) -> None:
    owner, audience = tenant.owner, {"audience": tenant.audience_id}
    for number in range(3):
        owner.ok("recordActivity", **audience, body=activity("v", f"{number}@example.com"))
    made = [owner.ok("erasePerson", **audience, contact=contact_id(f"{n}@example.com"))["id"] for n in range(3)]
    first = owner.ok("listErasures", query={"limit": 2})
    rest = owner.ok("listErasures", query={"cursor": first["next_cursor"]})
    listed = [it["id"] for page in (first, rest) for it in page["erasures"]]
    assert (sorted(listed), listed) == (sorted(made), sorted(made, reverse=True))


def test_what_platforms_ask_is_carried_out(api: Gateway, tenant: Tenant) -> None:
    # Given a shop that asks for a customer's data, and later to forget them
    owner, audience = tenant.owner, {"audience": tenant.audience_id}
    shop = tenant.connect("shopify")
    deliver(api, tenant, shop, "orders/create", shopify_order(1))
    customer = {"id": 77, "email": ADELHEID, "phone": "+49 30 123456"}
    wanted = {"customer": customer, "orders_requested": [1], "data_request": {"id": 9}}
    assert deliver(api, tenant, shop, "customers/data_request", wanted) == "accepted"
    (request,) = owner.ok("getStore", store=shop["id"])["privacy_requests"]
    assert (request["state"], request["erasure"]) == ("pending", None)
    assert left_of(api, tenant, "123456") == []

    # When an hour has passed, the data can be handed out
    hour(api)
    (request,) = owner.ok("getStore", store=shop["id"])["privacy_requests"]
    assert (request["state"], PERSON["contact"] in request["customers"]) == ("ready", True)
    assert owner.ok("exportPerson", **audience, **PERSON)["records"]
    (request,) = owner.ok("getStore", store=shop["id"])["privacy_requests"]
    assert request["state"] == "done"

    # And the customer is forgotten
    redact = {"customer": customer, "orders_to_redact": [1]}
    assert deliver(api, tenant, shop, "customers/redact", redact) == "accepted"
    hour(api)
    states = {it["kind"]: it["state"] for it in owner.ok("getStore", store=shop["id"])["privacy_requests"]}
    assert states == {"customer_data": "done", "customer_erasure": "done"}
    (erasure,) = owner.ok("listErasures")["erasures"]
    assert (erasure["reason"], erasure["state"], erasure["removed"]["orders"]) == ("platform", "done", 1)
    assert left_of(api, tenant, *WORDS) == []


def hour(api: Gateway) -> None:
    api.handler("PrivacyDueFunction")({"source": "aws.events"}, Context())
    api.work_on_erasures()
    api.settle()


def test_a_store_is_forgotten_once_it_is_disconnected(api: Gateway, tenant: Tenant) -> None:
    owner = tenant.owner
    shop, other = tenant.connect("shopify"), tenant.connect("api")
    deliver(api, tenant, shop, "orders/create", shopify_order(1))
    owner.ok("recordOrders", store=other["id"], body=order("b", BEN))
    api.settle()
    assert owner("eraseStore", store=shop["id"]).problem == "conflict"
    owner.ok("disconnectStore", store=shop["id"])
    assert deliver(api, tenant, shop, "shop/redact", {"shop_id": 1, "shop_domain": "x.myshopify.com"}) == "accepted"

    hour(api)

    (erasure,) = owner.ok("listErasures")["erasures"]
    assert (erasure["kind"], erasure["state"], erasure["store_id"]) == ("store", "done", shop["id"])
    assert [it["id"] for it in owner.ok("listStores")["stores"]] == [other["id"]]
    assert owner("getStore", store=shop["id"]).status == 404
    assert left_of(api, tenant, *WORDS, shop["webhook_secret"]) == []
    assert owner.ok("getLeaderboard", store=other["id"], query={"period": "all"})["rows"][0]["email"] == BEN
    path = {"account": tenant.account_id, "store": shop["id"], "platform": "shopify"}
    assert owner("receiveWebhook", body="{}", **path).status == 404


def test_a_paused_store_takes_nothing_and_shows_its_boards(api: Gateway, tenant: Tenant) -> None:
    owner = tenant.owner
    shop = tenant.connect("shopify")
    deliver(api, tenant, shop, "orders/create", shopify_order(1))
    api.settle()

    assert owner.ok("changeStore", store=shop["id"], body={"state": "paused"})["state"] == "paused"

    assert deliver(api, tenant, shop, "orders/create", shopify_order(2)) == "ignored"
    assert owner("recordOrders", store=shop["id"], body=order("c", ADA)).problem == "store-paused"
    api.settle()
    (row,) = owner.ok("getLeaderboard", store=shop["id"], query={"period": "all"})["rows"]
    assert row["orders_count"] == 1
    assert owner.ok("changeStore", store=shop["id"], body={"state": "connected"})["state"] == "connected"
    assert deliver(api, tenant, shop, "orders/create", shopify_order(2)) == "accepted"


def test_a_paused_store_can_be_uninstalled(api: Gateway, tenant: Tenant) -> None:
    shop = tenant.connect("shopify")
    tenant.owner.ok("changeStore", store=shop["id"], body={"state": "paused"})
    assert deliver(api, tenant, shop, "app/uninstalled", {"id": 1}) == "accepted"
    assert tenant.owner.ok("getStore", store=shop["id"])["state"] == "disconnected"


def test_an_uninstalled_shop_takes_nothing_but_requests_until_it_is_back(api: Gateway, tenant: Tenant) -> None:
    # Given a shop that was uninstalled, with deliveries still on their way
    owner, shop = tenant.owner, tenant.connect("shopify")
    tenant.connect("api")
    deliver(api, tenant, shop, "orders/create", shopify_order(1))
    api.settle()
    assert deliver(api, tenant, shop, "app/uninstalled", {"id": 1}) == "accepted"

    # Then orders, corrections and clients are refused, and what the law asks is taken
    late = [sent(tenant, shop, topic, shopify_order(n)) for topic, n in (("orders/create", 2), ("orders/updated", 1))]
    refused = [
        *late,
        owner("recordOrders", store=shop["id"], body=order("a")),
        owner("getLeaderboard", store=shop["id"]),
    ]
    assert {(it.status, it.problem) for it in refused} == {(409, "store-disconnected")}
    assert deliver(api, tenant, shop, "app/uninstalled", {"id": 1}) in ("accepted", "unchanged")
    redact = {"customer": {"id": 78, "email": BEN}, "orders_to_redact": []}
    assert deliver(api, tenant, shop, "customers/redact", redact) == "accepted"

    # When it is installed again, with a secret of its own, the board is as it was and goes on
    assert owner.ok("changeStore", store=shop["id"], body={"state": "connected"})["state"] == "connected"
    again = owner.ok("rotateSecret", store=shop["id"], body={})
    assert deliver(api, tenant, again, "orders/create", shopify_order(2)) == "accepted"
    api.settle()
    (row,) = owner.ok("getLeaderboard", store=shop["id"], query={"period": "all"})["rows"]
    assert row["orders_count"] == 2


def test_no_delivery_is_lost_while_a_secret_is_replaced(api: Gateway, tenant: Tenant) -> None:
    # Given a shop that signs with old secrets for a while after they were replaced, and with the new one then
    first = tenant.connect("shopify")
    second, third = (tenant.owner.ok("rotateSecret", store=first["id"], body={}) for _ in range(2))
    signing = [third, first, second, first, third]

    outcomes = [deliver(api, tenant, it, "orders/create", shopify_order(n)) for n, it in enumerate(signing, 1)]

    assert outcomes == ["accepted"] * 5
    api.settle()
    (row,) = tenant.owner.ok("getLeaderboard", store=first["id"], query={"period": "all"})["rows"]
    assert row["orders_count"] == 5


@pytest.mark.parametrize("platform", ["woocommerce", "generic"])
def test_nor_is_one_of_another_platform(platform: str, tenant: Tenant) -> None:
    first = tenant.connect(platform)
    second = tenant.owner.ok("rotateSecret", store=first["id"], body={})
    topics = {"woocommerce": "order-created", "generic": "order-paid"}

    answers = []
    for store in (second, first, second):
        event = webhook_events.load(f"webhooks-{platform}-{topics[platform]}")
        path = {"account": tenant.account_id, "store": store["id"], "platform": platform}
        signed = webhook_events.signed({**event, "pathParameters": path}, datetime.now(UTC), store["webhook_secret"])
        answers.append(tenant.owner("receiveWebhook", body=signed["body"], headers=signed["headers"], **path))

    assert [answer.json["outcome"] for answer in answers] == ["accepted", "unchanged", "unchanged"]
