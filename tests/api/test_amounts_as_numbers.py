"""Amounts of money written as JSON numbers: exact in webhooks, refused where the format is ours."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import webhook_events
from tests.support.client import Client
from tests.support.webhook_events import SECRETS, body_of, load

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway

SAMPLES = {
    "shopify": ("webhooks-shopify-orders-create", "total_price"),
    "woocommerce": ("webhooks-woocommerce-order-created", "total"),
    "generic": ("webhooks-generic-order-created", "total"),
}


def deliver(api: Gateway, tenant: Tenant, store: Any, number: str) -> Answer:
    """The platform's sample with a number, as it stands in the text, for its total."""
    name, member = SAMPLES[store["platform"]]
    body = body_of(name)
    order = body.get("data", body)
    if store["platform"] == "shopify":
        order |= {"current_total_price": None, "refunds": []}
    order[member] = "TOTAL"
    path = {"account": tenant.account_id, "store": store["id"], "platform": store["platform"]}
    event = load(name) | {"pathParameters": path, "body": json.dumps(body).replace('"TOTAL"', number)}
    signed = webhook_events.signed(event, datetime.now(UTC))
    return Client(api.send)("receiveWebhook", body=event["body"], headers=signed["headers"], **path)


def kept_total(api: Gateway, store: Any) -> str:
    (item,) = (item for item in api.items("ledger") if item["sk"]["S"].startswith(f"order#{store['id']}#"))
    total: str = item["total"]["N"]
    return total


@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
@pytest.mark.parametrize(
    ("number", "minor"),
    [
        ("59.90", "5990"),
        ("59.9000000000000000000000", "5990"),
        ("5.99e1", "5990"),
        ("0.07", "7"),
        ("1234567890123.45", "123456789012345"),
    ],
)
def test_a_number_is_taken_as_it_is_written(
    platform: str, number: str, minor: str, api: Gateway, tenant: Tenant
) -> None:
    store = tenant.connect(platform, secret=SECRETS[platform])

    assert deliver(api, tenant, store, number).json == {"outcome": "accepted"}

    assert kept_total(api, store) == minor


@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
@pytest.mark.parametrize(
    ("number", "pointer"),
    [
        ("59.9000000000000000000001", "total"),
        ("59.900000000000000000000000000000000001", "total"),
        ("1e999999999999", "total"),
        ("1e-999999999999", "total"),
        ("1e9999999999999999999999", ""),
        ("NaN", "total"),
        ("Infinity", "total"),
    ],
)
def test_a_number_that_is_no_amount_is_set_aside(
    platform: str, number: str, pointer: str, api: Gateway, tenant: Tenant
) -> None:
    store = tenant.connect(platform, secret=SECRETS[platform])

    assert deliver(api, tenant, store, number).json == {"outcome": "rejected"}

    (entry,) = tenant.owner.ok("listSetAside", store=store["id"])["entries"]
    (fault,) = entry["faults"]
    assert fault["pointer"].removeprefix("/").removesuffix("_price") == pointer


def test_where_the_format_is_ours_money_is_a_string(api: Gateway, tenant: Tenant) -> None:
    store = tenant.connect("generic", secret=SECRETS["generic"])

    delivered = deliver(api, tenant, store, "59.90")
    sent = tenant.owner(
        "recordOrders", store=store["id"], body=body_of(SAMPLES["generic"][0])["data"] | {"total": 59.9}
    )

    assert (delivered.status, delivered.pointers) == (422, ["/data/total"])
    assert (sent.status, sent.pointers) == (422, ["/total"])
