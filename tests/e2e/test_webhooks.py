"""Signed deliveries of every platform, from the shop to the board."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.deployed import eventually
from tests.support import webhook_events
from tests.support.client import Client

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Answer, Tenant

MARA, JOAO, ADA = "mara.lindqvist@example.com", "joao.silva@example.com", "ada@example.com"
# What is delivered, what becomes of it, and what the board shows then.
LIVES: dict[str, list[tuple[str, str, dict[str, tuple[int, str]]]]] = {
    "shopify": [
        ("orders-paid", "accepted", {MARA: (1, "89.90")}),
        ("refunds-create", "accepted", {MARA: (1, "64.90")}),
        ("orders-create", "unchanged", {MARA: (1, "64.90")}),
        ("orders-paid", "unchanged", {MARA: (1, "64.90")}),
        ("orders-updated", "accepted", {MARA: (1, "64.90")}),
        ("refunds-create", "unchanged", {MARA: (1, "64.90")}),
    ],
    "woocommerce": [
        ("order-created", "accepted", {JOAO: (1, "64.90")}),
        ("order-updated", "accepted", {JOAO: (1, "49.90")}),
        ("order-created", "unchanged", {JOAO: (1, "49.90")}),
        ("order-deleted", "accepted", {}),
        ("order-restored", "accepted", {JOAO: (1, "49.90")}),
    ],
    "generic": [
        ("order-paid", "accepted", {ADA: (1, "59.90")}),
        ("order-refunded", "accepted", {ADA: (1, "50.00")}),
        ("order-created", "unchanged", {ADA: (1, "50.00")}),
        ("order-updated", "accepted", {ADA: (1, "50.00")}),
        ("order-refunded", "unchanged", {ADA: (1, "50.00")}),
    ],
}


def deliver(
    deployed: Deployed, tenant: Tenant, store: Any, topic: str, secret: str | None = None, body: str | None = None
) -> Answer:
    """Send a sample as if the store's shop sent it now."""
    platform = store["platform"]
    sample = webhook_events.load(f"webhooks-{platform}-{topic}")
    path = {"account": tenant.account_id, "store": store["id"], "platform": platform}
    event = sample | {"pathParameters": path, "body": body or sample["body"]}
    signed = webhook_events.signed(event, datetime.now(UTC), secret or store["webhook_secret"])
    headers = {name: value for name, value in signed["headers"].items() if not name.startswith(("host", "x-forwarded"))}
    return Client(deployed.send)("receiveWebhook", body=signed["body"], headers=headers, **path)


@pytest.mark.parametrize("platform", LIVES)
def test_an_order_lives_through_webhooks(platform: str, deployed: Deployed, tenant: Tenant) -> None:
    store = tenant.connect(platform)
    assert store["webhook_url"].startswith(deployed.stack["api_url"])

    for topic, outcome, board in LIVES[platform]:
        assert deliver(deployed, tenant, store, topic).json == {"outcome": outcome}, topic
        eventually(lambda: deployed.board(tenant.owner, store["id"]), lambda it, board=board: it == board)


@pytest.mark.parametrize("platform", LIVES)
def test_what_is_not_signed_with_the_stores_secret_is_refused(
    platform: str, deployed: Deployed, tenant: Tenant
) -> None:
    store = tenant.connect(platform)
    topic = LIVES[platform][0][0]
    path = {"account": tenant.account_id, "store": store["id"], "platform": platform}
    sample = webhook_events.load(f"webhooks-{platform}-{topic}")

    unsigned = Client(deployed.send)("receiveWebhook", body=sample["body"], **path)
    another = deliver(deployed, tenant, store, topic, webhook_events.SECRETS[platform])
    rotated = tenant.owner.ok("rotateSecret", store=store["id"])["webhook_secret"]

    assert {(answer.status, answer.problem) for answer in (unsigned, another)} == {(401, "bad-signature")}
    assert deliver(deployed, tenant, store, topic, rotated).json == {"outcome": "accepted"}
    assert deliver(deployed, tenant, store, topic).json == {"outcome": "unchanged"}


def test_signatures_hold_over_any_text(deployed: Deployed, tenant: Tenant) -> None:
    store = tenant.connect("generic")
    sample = webhook_events.body_of("webhooks-generic-order-paid")
    sample["data"]["customer"] |= {"first_name": "Zoë\u2028日本", "last_name": '"quoted" \\ 🙂'}
    body = json.dumps(sample, ensure_ascii=False, indent=3) + "\r\n"

    assert deliver(deployed, tenant, store, "order-paid", body=body).json == {"outcome": "accepted"}

    def name() -> Any:
        rows = tenant.owner.ok("getLeaderboard", store=store["id"], query={"period": "all"})["rows"]
        return rows[0]["name"] if rows else None

    assert eventually(name, bool).startswith("Zoë")


def test_woocommerces_ping_is_answered(deployed: Deployed, tenant: Tenant) -> None:
    store = tenant.connect("woocommerce")
    path = {"account": tenant.account_id, "store": store["id"], "platform": "woocommerce"}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    assert Client(deployed.send).ok("receiveWebhook", body="webhook_id=11", headers=headers, **path) == {
        "outcome": "ignored"
    }


def test_the_demo_stores_take_deliveries(deployed: Deployed) -> None:
    """What ``.local/stack.json`` tells of them is enough to sign one."""
    for platform, webhook in deployed.stack["webhooks"].items():
        sample = webhook_events.load(f"webhooks-{platform}-{LIVES[platform][0][0]}")
        signed = webhook_events.signed(sample, datetime.now(UTC), webhook["secret"])
        path = webhook["url"].removeprefix(deployed.stack["api_url"])
        headers = {name: it for name, it in signed["headers"].items() if not name.startswith(("host", "x-forwarded"))}

        answer = deployed.send("POST", path, headers=headers, body=signed["body"])

        assert answer.json["outcome"] in ("accepted", "unchanged")
