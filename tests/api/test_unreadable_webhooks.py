"""Deliveries that are signed and cannot be read: a shop that would give up is answered 200, and nothing is lost."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import webhook_events
from tests.support.client import Client
from tests.support.webhook_events import SECRETS, body_of, load

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway

TOPICS = {"shopify": "orders/updated", "woocommerce": "order.updated"}
HEADERS = {
    "shopify": {"x-shopify-topic": TOPICS["shopify"]},
    "woocommerce": {"x-wc-webhook-topic": TOPICS["woocommerce"]},
    "generic": {"webhook-id": "msg_1"},
}
GIVING_UP = pytest.mark.parametrize("platform", TOPICS)


def deliver(api: Gateway, tenant: Tenant, store: Any, body: str, **headers: str) -> Answer:
    """Send a body with a valid signature."""
    platform = store["platform"]
    path = {"account": tenant.account_id, "store": store["id"], "platform": platform}
    event = {"pathParameters": path, "body": body, "headers": HEADERS[platform] | headers}
    signed = webhook_events.signed(event, datetime.now(UTC), SECRETS[platform])
    return Client(api.send)("receiveWebhook", body=body, headers=signed["headers"], **path)


def connect(tenant: Tenant, platform: str) -> Any:
    return tenant.connect(platform, secret=SECRETS[platform])


def listed(tenant: Tenant, store: Any) -> list[dict[str, Any]]:
    answer = tenant.owner.ok("listSetAside", store=store["id"], query={"reason": "unreadable"})
    entries: list[dict[str, Any]] = answer["entries"]
    return entries


def kept(api: Gateway, store: Any) -> list[dict[str, Any]]:
    """Items of the store's unreadable deliveries."""
    pk = f"#{store['id']}"
    return [
        item
        for item in api.items("ledger")
        if item["pk"]["S"].endswith(pk) and item["sk"]["S"].startswith("unreadable#")
    ]


@GIVING_UP
@pytest.mark.parametrize("body", ["not JSON", "[1]", "", '{"id": 1, "total": "Kim Möller"}'])
def test_it_is_answered_200_and_kept_as_it_came(platform: str, body: str, api: Gateway, tenant: Tenant) -> None:
    store = connect(tenant, platform)
    before = datetime.now(UTC) - timedelta(seconds=1)

    answer = deliver(api, tenant, store, body)

    assert (answer.status, answer.json) == (200, {"outcome": "rejected"})
    (item,) = kept(api, store)
    assert zlib.decompress(base64.b64decode(item["body"]["S"])).decode() == body
    assert int(item["expires_at"]["N"]) - int(item["received_at"]["N"]) == 30 * 86400
    assert datetime.fromtimestamp(int(item["received_at"]["N"]) + 1, UTC) > before


@GIVING_UP
def test_it_is_listed_and_counted(platform: str, api: Gateway, tenant: Tenant) -> None:
    store = connect(tenant, platform)
    body = body_of(f"webhooks-{platform}-{'orders-create' if platform == 'shopify' else 'order-created'}")
    body["currency"] = "EURO"
    deliver(api, tenant, store, json.dumps(body))
    deliver(api, tenant, store, "not JSON")

    entries = listed(tenant, store)
    detail = tenant.owner.ok("getStore", store=store["id"])

    assert {it["topic"] for it in entries} == {TOPICS[platform]}
    assert sorted(fault["pointer"] for it in entries for fault in it["faults"]) == ["", "/currency"]
    for it in entries:
        assert datetime.now(UTC) - datetime.fromisoformat(it["received_at"]) < timedelta(minutes=1)
        assert (it["reason"], it["customer"], it["total"]) == ("unreadable", None, None)
    assert detail["set_aside"]["unreadable"] == {"count": 2, "more": False}
    assert tenant.owner.ok("listSetAside", store=store["id"])["entries"] == entries
    one = tenant.owner.ok("listSetAside", store=store["id"], query={"reason": "unreadable", "limit": 1})
    assert len(one["entries"]) == 1


@GIVING_UP
def test_a_repetition_is_kept_once(platform: str, api: Gateway, tenant: Tenant) -> None:
    store = connect(tenant, platform)

    answers = [deliver(api, tenant, store, "not JSON").json for _ in range(3)]
    first = kept(api, store)
    deliver(api, tenant, store, "no JSON either")

    assert answers == [{"outcome": "rejected"}] * 3
    assert len(first) == 1
    assert len(kept(api, store)) == 2


def test_the_same_body_under_another_topic_is_another_delivery(api: Gateway, tenant: Tenant) -> None:
    store = connect(tenant, "shopify")

    for topic in ("orders/paid", "orders/updated"):
        deliver(api, tenant, store, "not JSON", **{"x-shopify-topic": topic})

    assert sorted(it["topic"] for it in listed(tenant, store)) == ["orders/paid", "orders/updated"]


def test_bytes_that_are_no_text_are_kept_too(api: Gateway, tenant: Tenant) -> None:
    store = connect(tenant, "shopify")
    sample = load("webhooks-shopify-orders-create")
    raw = b'{"id": "\xff"}'
    path = {"account": tenant.account_id, "store": store["id"], "platform": "shopify"}
    headers = sample["headers"] | {"x-shopify-hmac-sha256": webhook_events._digest(SECRETS["shopify"].encode(), raw)}
    event = {
        **sample,
        "pathParameters": path,
        "headers": headers,
        "body": base64.b64encode(raw).decode(),
        "isBase64Encoded": True,
    }

    answer = api.invoke("POST", "/webhooks/{account}/{store}/{platform}", event)

    assert answer.json == {"outcome": "rejected"}
    (item,) = kept(api, store)
    assert zlib.decompress(base64.b64decode(item["body"]["S"])) == raw


def test_it_is_counted_and_logged_without_personal_data(
    api: Gateway, tenant: Tenant, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    store = connect(tenant, "shopify")
    body = body_of("webhooks-shopify-orders-create") | {"total_price": "a lot"}
    assert body["email"]

    deliver(api, tenant, store, json.dumps(body))

    (warning,) = (vars(record) for record in caplog.records if record.message == "webhook_unreadable")
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "WebhooksRejected" in line]
    assert (warning["levelname"], warning["topic"], warning["pointers"]) == (
        "WARNING",
        "orders/updated",
        ["/total_price"],
    )
    assert warning["delivery_id"] == listed(tenant, store)[0]["id"]
    assert [line["WebhooksRejected"] for line in metrics] == [[1.0]]
    assert body["email"] not in str(warning)
    assert "a lot" not in str(warning)


@GIVING_UP
def test_without_a_valid_signature_nothing_is_kept(platform: str, api: Gateway, tenant: Tenant) -> None:
    store = tenant.connect(platform)

    answer = deliver(api, tenant, store, "not JSON")

    assert (answer.status, answer.problem) == (401, "bad-signature")
    assert kept(api, store) == []


def test_a_privacy_request_is_not_lost_after_the_shop_left(api: Gateway, tenant: Tenant) -> None:
    store = connect(tenant, "shopify")
    tenant.owner.ok("disconnectStore", store=store["id"])

    answer = deliver(api, tenant, store, '{"customer": 7}', **{"x-shopify-topic": "customers/redact"})

    assert answer.json == {"outcome": "rejected"}
    assert [it["topic"] for it in listed(tenant, store)] == ["customers/redact"]


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ("not JSON", 400, "malformed-body"),
        ("[1]", 400, "malformed-body"),
        ('{"type": "order.created"}', 422, "invalid-input"),
    ],
)
def test_who_sends_the_generic_format_is_told_at_once(
    body: str, status: int, problem: str, api: Gateway, tenant: Tenant
) -> None:
    store = connect(tenant, "generic")

    answer = deliver(api, tenant, store, body)

    assert (answer.status, answer.problem) == (status, problem)
    assert kept(api, store) == []
    assert listed(tenant, store) == []
