"""Stores held against their shops and boards over the API, with webhooks that were lost on their way."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Platform
from laurel.reconciliation import boards as comparing
from laurel.store.dynamodb import attributes
from tests.support import shop_feed, webhook_events
from tests.support.api import Context, queue_event
from tests.support.client import Client, Tenant
from tests.support.gateway import Gateway
from tests.support.shop import ADA, BEN, contact_id, order
from tests.support.shop_server import ShopServer, serving
from tests.support.webhook_events import SECRETS

if TYPE_CHECKING:
    from tests.support.shop_feed import Delivery, Story

ORDERS, LOST, SEED = 150, 0.05, 6


def deliver(api: Gateway, tenant: Tenant, store: Any, delivery: Delivery) -> str:
    """Send a webhook with a valid signature; says what became of it."""
    platform, body = store["platform"], json.dumps(delivery.body)
    path = {"account": tenant.account_id, "store": store["id"], "platform": platform}
    event = {"pathParameters": path, "body": body, "headers": delivery.headers}
    signed = webhook_events.signed(event, secret=SECRETS[platform])
    outcome: str = Client(api.send).ok("receiveWebhook", body=body, headers=signed["headers"], **path)["outcome"]
    return outcome


def reconcile(api: Gateway, tenant: Tenant, store: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A whole run: what the shop brought is projected while the job rests."""
    begun = tenant.owner.ok("reconcileStore", store=store["id"])
    api.work()
    api.settle()
    run = last_run(tenant, store)
    if run["state"] == "running":
        message = {"account": tenant.account_id, "audience": tenant.audience_id, "job": begun["id"]}
        with monkeypatch.context() as later:
            later.setattr(comparing, "SETTLING", timedelta(0))
            told = [{"MessageId": "m1", "ReceiptHandle": "r1", "Body": json.dumps(message)}]
            assert api.handler("WorkFunction")(queue_event(told), Context()) == {"batchItemFailures": []}
        run = last_run(tenant, store)
    assert (run["id"], run["state"]) == (begun["id"], "done")
    return run


def last_run(tenant: Tenant, store: Any) -> dict[str, Any]:
    """The newest run, as a viewer sees it."""
    run: dict[str, Any] = tenant.owner.ok("getReconciliation", store=store["id"], query={"limit": 1})["runs"][0]
    return run


def differences(told: list[Story], delivered: list[Delivery]) -> tuple[set[str], set[str]]:
    """Orders that no delivery told of, and those whose last version none did."""
    arrived: dict[str, int] = {}
    for delivery in delivered:
        arrived[delivery.order] = max(arrived.get(delivery.order, -1), delivery.version)
    lost = {it.id for it in told if it.id not in arrived and not it.is_deleted}
    return lost, {it.id for it in told if it.id in arrived and arrived[it.id] < len(it.versions) - 1}


@pytest.mark.parametrize("platform", ["woocommerce", "shopify"])
def test_every_webhook_that_was_lost_is_found_and_made_good(
    platform: str, api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(SEED)
    store = tenant.connect(platform, secret=SECRETS[platform])
    api.age(tenant, store)
    told = shop_feed.stories(platform, ORDERS, datetime.now(UTC), SEED)
    sent = sorted((it for story in told for it in story.deliveries), key=lambda delivery: delivery.sent_at)
    arriving = [delivery for delivery in sent if chance.random() >= LOST]
    for delivery in arriving:
        deliver(api, tenant, store, delivery)
    api.settle()
    missing, outdated = differences(told, arriving)
    assert missing, "the seed must lose whole orders"
    assert outdated, "and changes"

    with serving(ShopServer(*(story.bodies[-1] for story in told))) as shop:
        tenant.owner.ok("replaceShopCredentials", store=store["id"], body=shop.body(Platform(platform)))
        run = reconcile(api, tenant, store, monkeypatch)
        again = reconcile(api, tenant, store, monkeypatch)

    assert (run["shop"]["state"], run["shop"]["missing"], run["shop"]["outdated"]) == (
        "done",
        len(missing),
        len(outdated),
    )
    assert (run["shop"]["repaired"], run["boards"]["differences"]) == (len(missing) + len(outdated), 0)
    assert run["shop"]["checked"] == ORDERS
    rows = shop_feed.recount(told, "Europe/Berlin").rows()
    for period in sorted({period for period, _ in rows}):
        board = tenant.owner.ok("getLeaderboard", store=store["id"], query={"period": period, "limit": 1000})
        expected = {who: (it.orders_count, it.total_spent) for (of, who), it in rows.items() if of == period}
        found = {row["customer"]: (row["orders_count"], cents(row["total_spent"])) for row in board["rows"]}
        assert found == expected, period
    counted = {it["period"]: it for it in run["boards"]["periods"]}["all"]
    assert counted["ledger"] == counted["rankings"]
    assert counted["ledger"]["orders"] == sum(it.orders_count for (of, _), it in rows.items() if of == "all")
    assert (again["differences"], again["shop"]["state"], again["shop"]["checked"]) == (0, "done", 0)


def cents(amount: str) -> int:
    """Minor units of an amount with two decimals."""
    return int(amount.replace(".", ""))


def test_a_store_tells_when_it_was_reconciled_and_when_it_is_next(
    api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tenant.connect("generic")
    before = tenant.owner.ok("getReconciliation", store=store["id"])
    assert (before["runs"], before["reconciled_at"], before["shop_until"]) == ([], None, None)
    assert tenant.owner.ok("getStore", store=store["id"])["reconciliation"] is None
    tenant.owner.ok("recordOrders", store=store["id"], body={"orders": [order("1", ADA), order("2", BEN)]})
    api.settle()

    run = reconcile(api, tenant, store, monkeypatch)

    after = tenant.owner.ok("getReconciliation", store=store["id"])
    assert (after["reconciled_at"], after["runs"]) == (run["finished_at"], [run])
    following = datetime.fromisoformat(after["next_at"])
    assert (following.hour, following.minute) == (0, 30)
    assert (run["shop"]["state"], run["boards"]["state"], run["boards"]["customers"]) == ("no_credentials", "done", 2)
    job = tenant.owner.ok("getJob", audience=tenant.audience_id, job=run["id"])
    assert (job["kind"], job["progress"]) == ("reconciliation", {"done": 2, "total": 2})
    assert job["result"]["repaired"] == 0


def test_who_asks_while_a_run_is_under_way_is_told_of_that_one(api: Gateway, tenant: Tenant) -> None:
    store = tenant.connect("generic")

    first, second = (tenant.owner.ok("reconcileStore", store=store["id"]) for _ in range(2))
    api.work()
    third = tenant.owner.ok("reconcileStore", store=store["id"])

    assert first["id"] == second["id"] != third["id"]
    assert (first["state"], first["boards"]["state"]) == ("queued", "waiting")
    runs = tenant.owner.ok("getReconciliation", store=store["id"])["runs"]
    assert [(run["id"], run["state"]) for run in runs] == [(third["id"], "queued"), (first["id"], "done")]
    one = tenant.owner.ok("getReconciliation", store=store["id"], query={"limit": 1})["runs"]
    assert [run["id"] for run in one] == [third["id"]]
    assert tenant.owner("getReconciliation", store=store["id"], query={"limit": 31}).status == 422


@pytest.mark.parametrize(("state", "problem"), [("paused", "store-paused"), ("disconnected", "store-disconnected")])
def test_a_store_that_takes_no_orders_is_not_reconciled(state: str, problem: str, api: Gateway, tenant: Tenant) -> None:
    store = tenant.connect("generic")
    if state == "paused":
        tenant.owner.ok("changeStore", store=store["id"], body={"state": state})
    else:
        tenant.owner.ok("disconnectStore", store=store["id"])

    answer = tenant.owner("reconcileStore", store=store["id"])
    api.handler("DailyFunction")({"source": "aws.events"}, Context())
    api.work()

    assert (answer.status, answer.problem) == (409, problem)
    shown = tenant.owner.ok("getReconciliation", store=store["id"])
    assert (shown["runs"], shown["next_at"]) == ([], None)


def test_every_day_each_connected_store_is_reconciled_once(api: Gateway, tenant: Tenant) -> None:
    stores = [tenant.connect("generic"), tenant.connect("api")]

    for _ in range(2):
        api.handler("DailyFunction")({"source": "aws.events"}, Context())
        api.work()

    for store in stores:
        (run,) = tenant.owner.ok("getReconciliation", store=store["id"])["runs"]
        assert (run["state"], run["by"]) == ("done", None)


def test_stores_that_were_not_reconciled_for_two_days_are_reported(
    api: Gateway, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tenant.connect("generic")
    api.age(tenant, store)
    capsys.readouterr()

    api.handler("DailyFunction")({"source": "aws.events"}, Context())

    reported = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "StoresNotReconciled" in line]
    assert [it["StoresNotReconciled"] for it in reported] == [[1.0]]
    api.work()
    api.handler("DailyFunction")({"source": "aws.events"}, Context())
    reported = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "StoresNotReconciled" in line]
    assert [it["StoresNotReconciled"] for it in reported] == [[0.0]]


def test_what_a_run_came_to_is_counted_and_a_refusal_is_told(
    api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tenant.connect("woocommerce", secret=SECRETS["woocommerce"])
    api.age(tenant, store)
    with serving(ShopServer()) as shop:
        tenant.owner.ok("replaceShopCredentials", store=store["id"], body=shop.body(Platform.WOOCOMMERCE))
        shop.secret = "another one"
        capsys.readouterr()
        run = reconcile(api, tenant, store, monkeypatch)

    assert (run["shop"]["state"], run["boards"]["state"]) == ("refused", "done")
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (counted,) = [it for it in written if "ShopCredentialsRefused" in it]
    assert (counted["ShopCredentialsRefused"], counted["ReconciliationDifferences"]) == ([1.0], [0.0])
    access = tenant.owner.ok("getShopCredentials", store=store["id"])
    assert access["works"] is False
    assert tenant.owner.ok("getStore", store=store["id"])["shop_access"] == "refused"
    assert tenant.owner.ok("getReconciliation", store=store["id"])["reconciled_at"] is None


def test_a_row_that_was_lost_is_shown_with_its_period(
    api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tenant.connect("api")
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1", ADA))
    api.settle()
    place = {"pk": f"{tenant.account_id}#{store['id']}#all", "sk": contact_id(ADA)}
    api.database.client.delete_item(TableName=api.database.tables.rankings, Key=attributes(place))

    run = reconcile(api, tenant, store, monkeypatch)

    assert (run["differences"], run["repaired"]) == (1, 1)
    (differing,) = [it for it in run["boards"]["periods"] if it["differences"]]
    assert (differing["period"], differing["repaired"]) == ("all", 1)
    assert (differing["ledger"]["orders"], differing["rankings"]["orders"]) == (1, 0)
    assert tenant.owner.ok("getLeaderboard", store=store["id"], query={"period": "all"})["rows"]
    shown = tenant.owner.ok("getStore", store=store["id"])["reconciliation"]
    assert {name: run[name] for name in ("id", "began_at", "finished_at", "differences", "repaired")} == {
        name: value for name, value in shown.items() if name not in ("shop", "boards")
    }
    assert (shown["shop"], shown["boards"]) == ("no_credentials", "done")
