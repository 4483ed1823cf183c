"""A Shopify delivery must be of the shop its store was connected to: one app secret may sign for several."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import webhook_events
from tests.support.client import Client
from tests.support.webhook_events import SECRETS, body_of, load

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway

MINE, THEIRS = "my-shop.myshopify.com", "their-shop.myshopify.com"
SHOP = "x-shopify-shop-domain"


def connect(tenant: Tenant, shop_domain: str | None = MINE, platform: str = "shopify") -> Any:
    return tenant.connect(platform, secret=SECRETS[platform], shop_domain=shop_domain)


def deliver(api: Gateway, tenant: Tenant, store: Any, sample: str, headers: dict[str, str | None], body: Any) -> Answer:
    event = load(sample)
    path = {"account": tenant.account_id, "store": store["id"], "platform": store["platform"]}
    sent = {name: value for name, value in {**event["headers"], **headers}.items() if value is not None}
    event |= {"headers": sent, "pathParameters": path, "body": json.dumps(body)}
    return Client(api.send)(
        "receiveWebhook", body=event["body"], headers=webhook_events.signed(event)["headers"], **path
    )


def order(api: Gateway, tenant: Tenant, store: Any, domain: str | None) -> Answer:
    sample = "webhooks-shopify-orders-create"
    return deliver(api, tenant, store, sample, {SHOP: domain}, body_of(sample))


@pytest.mark.parametrize("domain", [MINE, "My-Shop.MyShopify.com", "", None])
def test_a_delivery_of_the_shop_or_of_none_is_taken(domain: str | None, api: Gateway, tenant: Tenant) -> None:
    assert order(api, tenant, connect(tenant), domain).json == {"outcome": "accepted"}


def test_a_delivery_of_another_shop_is_refused_and_counted(
    api: Gateway, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    store = connect(tenant)

    answer = order(api, tenant, store, THEIRS)

    assert (answer.status, answer.problem) == (403, "wrong-shop")
    metrics = [json.loads(it) for it in capsys.readouterr().out.splitlines() if "WebhooksOfOtherShops" in it]
    assert [line["WebhooksOfOtherShops"] for line in metrics] == [[1.0]]
    assert order(api, tenant, store, MINE).json == {"outcome": "accepted"}


def test_what_the_signed_body_says_goes_before_the_header(api: Gateway, tenant: Tenant) -> None:
    store = connect(tenant)
    sample = "webhooks-shopify-customers-redact"

    theirs = deliver(api, tenant, store, sample, {SHOP: MINE}, body_of(sample) | {"shop_domain": THEIRS})
    mine = deliver(api, tenant, store, sample, {SHOP: THEIRS}, body_of(sample) | {"shop_domain": MINE})

    assert (theirs.status, theirs.problem) == (403, "wrong-shop")
    assert mine.json == {"outcome": "accepted"}
    assert len(tenant.owner.ok("getStore", store=store["id"])["privacy_requests"]) == 1


def test_a_domain_that_cannot_be_read_is_set_aside(api: Gateway, tenant: Tenant) -> None:
    store = connect(tenant)
    sample = "webhooks-shopify-customers-redact"

    answer = deliver(api, tenant, store, sample, {}, body_of(sample) | {"shop_domain": 7})

    assert answer.json == {"outcome": "rejected"}


def test_without_a_domain_any_shop_is_taken(api: Gateway, tenant: Tenant) -> None:
    store = connect(tenant)
    assert order(api, tenant, store, THEIRS).status == 403

    changed = tenant.owner.ok("changeStore", store=store["id"], body={"shop_domain": None})

    assert changed["shop_domain"] is None
    assert order(api, tenant, store, THEIRS).json == {"outcome": "accepted"}


def test_a_change_of_something_else_keeps_the_domain(tenant: Tenant) -> None:
    store = connect(tenant)
    changed = tenant.owner.ok("changeStore", store=store["id"], body={"name": "Another", "state": None})
    assert (changed["name"], changed["shop_domain"], changed["state"]) == ("Another", MINE, "connected")


def test_other_platforms_name_no_shop(api: Gateway, tenant: Tenant) -> None:
    store = connect(tenant, "shop.example.com", "woocommerce")
    sample = "webhooks-woocommerce-order-created"
    answer = deliver(api, tenant, store, sample, {SHOP: THEIRS}, body_of(sample))
    assert answer.json == {"outcome": "accepted"}


@pytest.mark.parametrize(
    ("platform", "given", "kept"),
    [
        ("shopify", " HTTPS://My-Shop.MyShopify.com/admin/orders?x=1 ", MINE),
        ("shopify", "my-shop.myshopify.com.", MINE),
        ("woocommerce", "http://Shop.Example.com:8080/shop/", "shop.example.com"),
        ("generic", "müller.example", "müller.example"),
    ],
)
def test_a_domain_is_kept_as_deliveries_name_it(platform: str, given: str, kept: str, tenant: Tenant) -> None:
    store = connect(tenant, given, platform)
    assert store["shop_domain"] == kept
    assert tenant.owner.ok("changeStore", store=store["id"], body={"shop_domain": given})["shop_domain"] == kept


@pytest.mark.parametrize(
    ("platform", "given"),
    [
        ("shopify", "www.my-shop.com"),
        ("shopify", "my-shop"),
        ("shopify", "myshopify.com"),
        ("shopify", "my-shop.myshopify.com.example.com"),
        ("shopify", ""),
        ("woocommerce", "shop"),
        ("woocommerce", "shop example.com"),
        ("generic", "https://"),
        ("generic", "."),
    ],
)
def test_a_domain_that_no_delivery_could_name_is_refused(platform: str, given: str, tenant: Tenant) -> None:
    store = connect(tenant, None, platform)
    plan = {"platform": platform, "name": "Shop", "currency": "EUR", "time_zone": "Europe/Berlin", "shop_domain": given}

    connected = tenant.owner("connectStore", body=plan)
    changed = tenant.owner("changeStore", store=store["id"], body={"shop_domain": given})

    for answer in (connected, changed):
        assert (answer.status, answer.pointers) == (422, ["/shop_domain"])
