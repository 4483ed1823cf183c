"""One merchant's day, route by route and webhook by webhook."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Platform
from laurel.model.identity import contact_id
from tests.contract.mail_day import (
    mail_of_a_day,
)
from tests.contract.merchant import NOW, Merchant, connect, order
from tests.support import webhook_events
from tests.support.api import ROUTES, api_event
from tests.support.shop_server import ShopServer, serving

if TYPE_CHECKING:
    pass


def a_day(merchant: Merchant) -> None:
    """Everything that the API offers, at least once."""
    kim, lee, max_ = "kim@example.com", "lee@example.com", "max@example.com"
    audience = {"audience": merchant.audience}
    person = {**audience, "contact": contact_id(max_)}

    merchant.ask("GET", "/account")
    merchant.billing()
    merchant.change("PATCH", "/account", body={"name": "The shop"})
    merchant.ask("GET", "/audiences")
    merchant.change("POST", "/audiences", body={"name": "Others"})
    merchant.ask("GET", "/audiences/{audience}", path=audience)
    merchant.change("PATCH", "/audiences/{audience}", path=audience, body={"name": "Customers"})
    merchant.ask("GET", "/stores/{store}/leaderboard", path={"store": "none"})
    merchant.rule("order.placed")

    stores = {
        platform: connect(merchant, platform, audience_id=merchant.audience, secret=webhook_events.SECRETS[platform])
        for platform in ("shopify", "woocommerce", "generic")
    }
    store = {"store": stores["generic"]["id"]}
    merchant.ask("GET", "/stores")
    merchant.ask("GET", "/stores/{store}", path=store)
    merchant.change("PATCH", "/stores/{store}", path=store, body={"name": "Mine", "house_account_orders": 2})
    merchant.ask("POST", "/stores/{store}/secret", path=store, body={"secret": webhook_events.SECRETS["generic"]})

    batch = [order("1", kim), order("2", None), order("3", kim), order("4", kim), order("5", max_)]
    merchant.change("POST", "/stores/{store}/orders", path=store, body={"orders": batch})
    moved = order("1", lee, status="cancelled")
    merchant.ask("POST", "/stores/{store}/orders", path=store, body=moved)
    activity = {
        "id": "a1",
        "name": "page.visited",
        "occurred_at": NOW.isoformat(),
        "contact": {"email": "new@example.com"},
    }
    merchant.change("POST", "/audiences/{audience}/activities", path=audience, body=activity)
    opened = {**activity, "id": "a2", "name": "email.opened", "properties": {"message": "m1"}}
    merchant.ask("POST", "/audiences/{audience}/activities", path=audience, body=opened)
    judged = {**audience, "contact": contact_id("new@example.com"), "activity": "a1"}
    judgement = "/audiences/{audience}/contacts/{contact}/activities/{activity}/judgement"
    merchant.change("POST", judgement, path=judged, body={"machine": True})
    for name in sorted(webhook_events.names(), key=lambda name: "app-uninstalled" in name):
        platform = name.split("-")[1]
        merchant.webhook(name, stores[platform]["id"], webhook_events.SECRETS[platform])
    merchant.settle()
    for minutes, status in enumerate(("voided", "paid"), 1):
        changed = order("5", max_, status=status, updated_at=(NOW + timedelta(minutes=minutes)).isoformat())
        merchant.ask("POST", "/stores/{store}/orders", path=store, body=changed)
        merchant.settle()

    for metric in ("orders_count", "total_spent", "average_order_value"):
        merchant.ask("GET", "/stores/{store}/leaderboard", path=store, query={"rank_by": metric})
        place = {**store, "customer": contact_id(max_)}
        merchant.ask("GET", "/stores/{store}/leaderboard/{customer}", path=place, query={"rank_by": metric})
    merchant.close("2020-01", store["store"])
    merchant.ask("GET", "/stores/{store}/leaderboard/{customer}/explanation", path=place, query={"period": "all"})
    merchant.ask("GET", "/stores/{store}/leaderboard", path=store, query={"period": "2020-01", "view": "closed"})
    merchant.ask("GET", "/stores/{store}/leaderboard-changes", path=store, query={"period": "2020-01"})
    merchant.ask("GET", "/stores/{store}/snapshots", path=store)
    merchant.ask("GET", "/stores/{store}/set-aside", path=store)
    merchant.ask("GET", "/audiences/{audience}/contacts/{contact}", path=person, query={"months": "12"})
    merchant.ask("GET", "/audiences/{audience}/contacts/{contact}/timeline", path=person)
    mail_of_a_day(merchant, person)
    scores_of_a_day(merchant, person, store["store"])
    merchant.ask("DELETE", "/stores/{store}", path=store)


def scores_of_a_day(merchant: Merchant, person: dict[str, str], store: str) -> None:
    """Rules and scores, of one contact and of all."""
    rules, audience = "/audiences/{audience}/scoring-rules", {"audience": merchant.audience}
    opens = {"name": "Opens", "activity": "email.opened", "effect": "add", "points": 5}
    made = json.loads(merchant.change("POST", rules, path=audience, body=opens)["body"])
    rule, version = {**audience, "rule": made["id"]}, {"If-Match": "*"}
    merchant.ask("GET", rules, path=audience)
    merchant.ask("GET", f"{rules}/{{rule}}", path=rule)
    merchant.ask("PATCH", f"{rules}/{{rule}}", path=rule, body={"points": 6}, headers=version)
    merchant.ask("DELETE", f"{rules}/{{rule}}", path=rule, headers=version)

    score = "/audiences/{audience}/contacts/{contact}/score"
    merchant.change("POST", score, path=person, body={"effect": "add", "points": 100})
    merchant.ask("GET", score, path=person)
    merchant.ask("POST", f"{score}/verify", path=person)
    for query in ({}, {"tag": "vip"}, {"none": "true"}, {"store": store, "metric_at_least": "1"}):
        merchant.ask("GET", "/audiences/{audience}/scores", path=audience, query=query)
        merchant.ask("GET", "/audiences/{audience}/scores/count", path=audience, query=query)
    merchant.ask("GET", "/audiences/{audience}/scoring", path=audience)
    merchant.ask("PATCH", "/audiences/{audience}/scoring", path=audience, body={"monthly_decay": 10})
    for whose in ({"contact": person["contact"]}, {}):
        merchant.ask("POST", "/audiences/{audience}/scores/reset", path=audience, body=whose)


def counting_of_a_day(merchant: Merchant) -> None:
    """A store that is told rates, counts by another calendar and is rebuilt."""
    connected = connect(merchant, "generic", audience_id=merchant.audience, house_account_orders=2)
    store, max_ = {"store": connected["id"]}, "max@example.com"
    rates = {"rates": [{"currency": "USD", "month": f"{NOW:%Y-%m}", "rate": "0.9"}]}
    merchant.change("PUT", "/stores/{store}/rates", path=store, body=rates)
    merchant.ask("GET", "/stores/{store}/rates", path=store)
    orders = [order("1", max_, currency="USD"), order("2", max_), order("3", max_)]
    merchant.ask("POST", "/stores/{store}/orders", path=store, body={"orders": orders})
    merchant.settle()
    merchant.ask("PATCH", "/stores/{store}", path=store, body={"house_account_orders": 9, "time_zone": "Asia/Tokyo"})
    merchant.ask("GET", "/stores/{store}/leaderboard", path=store)
    merchant.work()
    merchant.change("POST", "/stores/{store}/rebuild", path=store)
    merchant.ask("PUT", "/stores/{store}/rates", path=store, body={"rates": []})
    merchant.work()


def shop_of_a_day(merchant: Merchant) -> None:
    """A shop lets its orders be read, and is taken that from."""
    store = {"store": connect(merchant, "woocommerce", audience_id=merchant.audience)["id"]}
    credentials = "/stores/{store}/shop-credentials"
    with serving(ShopServer()) as shop:
        merchant.change("PUT", credentials, path=store, body=shop.body(Platform.WOOCOMMERCE))
    merchant.ask("GET", credentials, path=store)
    merchant.change("DELETE", credentials, path=store)


def reconciliation_of_a_day(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shop is asked what it has changed: an order that is not kept, and the same with another customer."""
    monkeypatch.setattr("laurel.reconciliation.shop.UNDER_WAY", timedelta(hours=-1))  # what is new counts too
    monkeypatch.setattr("laurel.reconciliation.boards.SETTLING", timedelta(0))
    store = {"store": connect(merchant, "woocommerce", audience_id=merchant.audience)["id"]}
    sold = webhook_events.body_of("webhooks-woocommerce-order-created")
    with serving(ShopServer()) as shop:
        merchant.change("PUT", "/stores/{store}/shop-credentials", path=store, body=shop.body(Platform.WOOCOMMERCE))
        for minutes, email in ((5, "kim@example.com"), (6, "max@example.com")):
            changed = f"{datetime.now(UTC) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S}"
            shop.put({**sold, "date_modified_gmt": changed, "billing": {"email": email}})
            merchant.ask("POST", "/stores/{store}/reconciliation", path=store)
            merchant.work()
            merchant.settle()
    merchant.ask("GET", "/stores/{store}/reconciliation", path=store)


def jobs_of_a_day(merchant: Merchant) -> None:
    """Each kind of job, from its start to its end."""
    audience = {"audience": merchant.audience}
    store = connect(merchant, "api", audience_id=merchant.audience)["id"]
    merchant.ask("POST", "/stores/{store}/orders", path={"store": store}, body=order("1", "max@example.com"))
    merchant.settle()
    named = [f"{number}@example.com" for number in range(150)] + ["max@example.com"]
    bulk = {"effect": "add", "points": 5, "contacts": named}
    found = {"effect": "add", "points": 5, "query": {"at_least": 5, "store": store, "metric_at_least": "1.00"}}
    rule = {"name": "Bought", "activity": "order.placed", "effect": "add", "points": 5}
    merchant.change("POST", "/audiences/{audience}/scores/bulk", path=audience, body=bulk)
    merchant.work()
    merchant.ask("POST", "/audiences/{audience}/scores/bulk", path=audience, body=found)
    merchant.change("POST", "/audiences/{audience}/scores/verify", path=audience, body={})
    tried = {"rules": [rule], "threshold": 5}
    merchant.change("POST", "/audiences/{audience}/back-tests", path=audience, body=tried)
    merchant.invoke("DailyFunction", {"source": "aws.events"})
    merchant.work()
    listed = json.loads(merchant.ask("GET", "/audiences/{audience}/jobs", path=audience)["body"])["jobs"]
    assert {(job["state"], job["error"]) for job in listed} == {("done", None)}
    merchant.ask("GET", "/audiences/{audience}/jobs/{job}", path={**audience, "job": listed[0]["id"]})
    merchant.ask("GET", "/audiences/{audience}/scores/distribution", path=audience)
    merchant.ask("GET", "/audiences/{audience}/scores/snapshots", path=audience)


def users_of_a_day(merchant: Merchant) -> None:
    """Two are invited, one of them again; both become owners, and one is one no longer when the other goes."""
    merchant.ask("GET", "/users")
    made = merchant.change("POST", "/users", body={"email": "kim@example.com", "role": "viewer"})
    kim = {"user": json.loads(made["body"])["id"]}
    for role in ("owner", "viewer", "owner"):
        merchant.ask("PATCH", "/users/{user}", path=kim, body={"role": role})
    merchant.change("PATCH", "/users/{user}", path=kim, body={"role": "marketer"})
    merchant.change("DELETE", "/users/{user}", path=kim)


def plugin_of_a_day(merchant: Merchant) -> None:
    """API keys, and what a program written for Mailchimp's API does with one."""
    made = json.loads(merchant.ask("POST", "/api-keys", body={"name": "Plugin", "role": "owner"})["body"])
    unused = json.loads(merchant.ask("POST", "/api-keys", body={"name": "Unused"})["body"])
    merchant.ask("GET", "/api-keys")
    merchant.change("DELETE", "/api-keys/{api_key}", path={"api_key": unused["id"]})

    def plugin(method: str, path: str, body: Any = None) -> None:
        headers = {"authorization": f"Bearer {made['key']}"}
        event = api_event(method, "/3.0/{proxy+}", {"proxy": path}, body=body, headers=headers)
        answer = merchant.invoke(ROUTES["ANY", "/3.0/{proxy+}"], event)
        assert answer["statusCode"] in (200, 204), (method, path, answer["body"])

    stores, store = "ecommerce/stores", "ecommerce/stores/web-shop"
    audience = json.loads(merchant.ask("GET", "/audiences/{audience}", path={"audience": merchant.audience})["body"])
    shop = {"id": "web-shop", "list_id": audience["id"], "name": "Web shop", "currency_code": "EUR"}
    plugin("POST", stores, shop)
    plugin("GET", stores)
    plugin("PATCH", store, {"name": "Shop"})
    for email in ("zoe@example.com", "zoe@example.org"):
        plugin("PUT", f"{store}/customers/1", {"email_address": email, "opt_in_status": True})
    plugin("GET", f"{store}/customers")
    line = {"id": "1", "product_id": "1", "product_variant_id": "1", "quantity": 1, "price": 5}
    placed = {"id": "o1", "customer": {"id": "1"}, "currency_code": "EUR", "order_total": 5, "lines": [line]}
    plugin("POST", f"{store}/orders", placed)
    moved = {"id": "2", "email_address": "zoe@example.net", "opt_in_status": False}
    plugin("PATCH", f"{store}/orders/o1", {"customer": moved})
    plugin("GET", f"{store}/orders")
    plugin("GET", f"{store}/orders/o1")
    plugin("DELETE", f"{store}/orders/o1")
    plugin("DELETE", f"{store}/customers/1")
    plugin("DELETE", store)


def imports_of_a_day(merchant: Merchant) -> None:
    """Files of orders and of contacts, with good rows and bad ones, and one that is cancelled."""
    store = {"store": connect(merchant, "api", audience_id=merchant.audience)["id"]}
    imports, one = "/stores/{store}/imports", "/stores/{store}/imports/{import_id}"
    head = b"id,placed_at,updated_at,total,email,tags,customer_id\n"
    amy = b"1,2026-11-20,2026-11-20,5.00,amy@example.com,vip,\n"
    abe = b"4,2026-11-20,2026-11-20,5.00,abe@example.com,,\n"
    orders = head + abe + amy + b"2,2026-11-20,2026-11-20,free,,,\n" + amy
    merchant.outrun("abe@example.com")
    moved = head + b"1,2026-11-20,2026-11-21,5.00,amy@example.org,vip,\n3,2026-11-20,2026-11-20,5.00,,,c3\n"
    contacts = b"email,consent,tags\nbo@example.com,yes,new\nnobody,yes,\n"
    for kind, content, state in (
        ("orders", orders, "done"),
        ("orders", moved, "done"),
        ("contacts", contacts, "done"),
        ("contacts", b"name\nBo\n", "failed"),
    ):
        body = {"kind": kind, "file_name": "history.csv"}
        made = json.loads(merchant.ask("POST", imports, path=store, body=body)["body"])
        merchant.upload(f"uploads/{merchant.account}/{store['store']}/{made['id']}", content)
        told = json.loads(merchant.ask("GET", one, path=store | {"import_id": made["id"]})["body"])
        assert told["state"] == state, told["error"]
    merchant.ask("GET", imports, path=store)
    body = {"kind": "orders", "file_name": "never.csv"}
    made = json.loads(merchant.change("POST", imports, path=store, body=body)["body"])
    merchant.change("POST", f"{one}/cancel", path=store | {"import_id": made["id"]})


def privacy_of_a_day(merchant: Merchant) -> None:
    """A person and a store are forgotten, and what a platform has asked is carried out."""
    shop = connect(merchant, "shopify", audience_id=merchant.audience, secret=webhook_events.SECRETS["shopify"])
    store, email = {"store": shop["id"]}, "zoe.last@example.com"
    merchant.ask("PATCH", "/stores/{store}", path=store, body={"house_account_orders": 1})
    for number in "12":
        merchant.ask("POST", "/stores/{store}/orders", path=store, body=order(number, email))
        merchant.settle()
    person = {"audience": merchant.audience, "contact": contact_id(email)}
    bought = {"id": "z1", "name": "order.said", "occurred_at": NOW.isoformat(), "contact": {"email": email}}
    merchant.ask("POST", "/audiences/{audience}/activities", path={"audience": merchant.audience}, body=bought)
    merchant.webhook("webhooks-shopify-customers-data_request", shop["id"], webhook_events.SECRETS["shopify"])
    merchant.webhook("webhooks-shopify-customers-redact", shop["id"], webhook_events.SECRETS["shopify"])
    merchant.invoke("PrivacyDueFunction", {"source": "aws.events"})
    merchant.ask("POST", "/audiences/{audience}/contacts/{contact}/export", path=person)
    merchant.change("POST", "/audiences/{audience}/contacts/{contact}/erasure", path=person)
    merchant.forget()
    merchant.ask("POST", "/stores/{store}/orders", path=store, body=order("3", "yan@example.com"))
    merchant.settle()
    merchant.ask("POST", "/stores/{store}/erasure", path=store, headers={"Idempotency-Key": "too early"})
    merchant.ask("DELETE", "/stores/{store}", path=store)
    merchant.change("POST", "/stores/{store}/erasure", path=store)
    merchant.invoke("PrivacyDueFunction", {"source": "aws.events"})
    merchant.forget()
    listed = json.loads(merchant.ask("GET", "/erasures")["body"])["erasures"]
    assert {it["state"] for it in listed} == {"done"}
    merchant.ask("GET", "/erasures/{erasure}", path={"erasure": listed[0]["id"]})
