"""How a store's orders are counted, changed over the API while its boards are read."""

from __future__ import annotations

from typing import Any

import pytest

from laurel.store import queue
from laurel.store.workspace import Workspace
from tests.support.api import Context
from tests.support.client import Client, Tenant
from tests.support.gateway import Gateway
from tests.support.shop import ADA, BEN, contact_id, order

RATES = {"rates": [{"currency": "USD", "month": "2026-11", "rate": "0.90"}]}
CSV = {"Content-Type": "text/csv; charset=utf-8"}


@pytest.fixture
def store(tenant: Tenant) -> dict[str, Any]:
    connected: dict[str, Any] = tenant.connect("generic")
    return connected


def totals(client: Client, store: dict[str, Any], period: str) -> dict[str, str]:
    """Spent by customer on a board of a period."""
    board = client.ok("getLeaderboard", store=store["id"], query={"period": period})
    return {row["customer"]: row["total_spent"] for row in board["rows"]}


def sell(api: Gateway, tenant: Tenant, store: dict[str, Any], *orders: dict[str, Any]) -> None:
    """Have the store's orders recorded and projected."""
    results = tenant.owner.ok("recordOrders", store=store["id"], body={"orders": list(orders)})["results"]
    assert {result["outcome"] for result in results} == {"accepted"}
    api.settle()


def test_boards_say_that_they_are_rebuilt_until_they_are(api: Gateway, tenant: Tenant, store: dict[str, Any]) -> None:
    sell(api, tenant, store, order("1", ADA, placed_at="2026-10-31T23:30:00Z"))
    assert totals(tenant.owner, store, "2026-11") == {contact_id(ADA): "10.00"}

    changed = tenant.owner.ok("changeStore", store=store["id"], body={"time_zone": "America/New_York"})

    assert (changed["time_zone"], changed["rebuilding"]) == ("America/New_York", True)
    path = {"store": store["id"], "customer": contact_id(ADA)}
    profile = {"audience": tenant.audience_id, "contact": contact_id(ADA)}
    said = [
        tenant.owner.ok("getLeaderboard", store=store["id"]),
        tenant.owner.ok("getPlace", **path, query={"period": "2026-11"}),
        tenant.owner.ok("getStore", store=store["id"]),
        *tenant.owner.ok("listStores")["stores"],
        *tenant.owner.ok("getContact", **profile)["stores"],
    ]
    job = changed["rebuild"]["job"]
    assert [answer["rebuild"] for answer in said] == [
        {"state": "queued", "progress": {"done": 0, "total": None}, "job": job}
    ] * 5
    csv = tenant.owner("getLeaderboard", store=store["id"], headers={"Accept": "text/csv"})
    assert csv.headers["laurel-rebuilding"] == "true"

    api.work()

    done = tenant.owner.ok("getJob", audience=tenant.audience_id, job=job.rpartition("/")[2])
    assert (done["kind"], done["state"], done["progress"]) == ("rebuild", "done", {"done": 1, "total": 1})
    assert done["result"] == {"customers": 1, "rows": 6, "converted": 0, "superseded": False}
    board = tenant.owner.ok("getLeaderboard", store=store["id"])
    assert (board["rebuilding"], board["rebuild"]) == (False, None)
    csv = tenant.owner("getLeaderboard", store=store["id"], headers={"Accept": "text/csv"})
    assert "laurel-rebuilding" not in csv.headers
    assert totals(tenant.owner, store, "2026-11") == {}
    assert totals(tenant.owner, store, "2026-10") == {contact_id(ADA): "10.00"}


def test_the_first_day_of_the_week_changes_weeks_alone(api: Gateway, tenant: Tenant, store: dict[str, Any]) -> None:
    sell(api, tenant, store, order("1", ADA, placed_at="2026-11-18T12:00:00Z"))

    tenant.owner.ok("changeStore", store=store["id"], body={"first_day_of_week": "sunday"})
    api.work()

    assert totals(tenant.owner, store, "2026-W47") == {}
    assert totals(tenant.owner, store, "2026-W46") == totals(tenant.owner, store, "2026-11") != {}


def test_a_higher_minimum_rewrites_the_rows_it_is_about(api: Gateway, tenant: Tenant, store: dict[str, Any]) -> None:
    november = "2026-11-20T12:00:00Z"
    both = [order("1", ADA, placed_at=november), order("2", ADA, placed_at=november)]
    sell(api, tenant, store, *both, order("3", BEN, placed_at=november))

    changed = tenant.owner.ok("changeStore", store=store["id"], body={"minimum_purchases": 2})
    api.work()

    job = tenant.owner.ok("getJob", audience=tenant.audience_id, job=changed["rebuild"]["job"].rpartition("/")[2])
    assert job["result"] == {"customers": 2, "rows": 5, "converted": 0, "superseded": False}
    query = {"period": "all", "rank_by": "average_order_value"}
    rows = tenant.owner.ok("getLeaderboard", store=store["id"], query=query)["rows"]
    assert [row["customer"] for row in rows] == [contact_id(ADA)]


@pytest.mark.parametrize("body", [{}, {"time_zone": "Europe/Berlin", "first_day_of_week": "monday"}, {"name": "New"}])
def test_what_changes_no_counting_rebuilds_nothing(tenant: Tenant, store: dict[str, Any], body: dict[str, Any]) -> None:
    assert tenant.owner.ok("changeStore", store=store["id"], body=body)["rebuilding"] is False


def test_an_unknown_time_zone_is_refused(tenant: Tenant, store: dict[str, Any]) -> None:
    answer = tenant.owner("changeStore", store=store["id"], body={"time_zone": "Europe/Atlantis"})

    assert answer.status == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/time_zone"]


def test_a_rebuild_on_demand_takes_the_place_of_another(api: Gateway, tenant: Tenant, store: dict[str, Any]) -> None:
    sell(api, tenant, store, order("1", ADA))

    first, second = (tenant.owner.ok("rebuildStore", store=store["id"]) for _ in range(2))
    api.work()

    ended = [tenant.owner.ok("getJob", audience=tenant.audience_id, job=job["id"]) for job in (first, second)]
    assert [(job["state"], job["result"]["superseded"]) for job in ended] == [("done", True), ("done", False)]
    assert tenant.owner.ok("getStore", store=store["id"])["rebuilding"] is False


def test_a_rebuild_whose_message_was_lost_goes_on_the_next_day(
    api: Gateway, tenant: Tenant, store: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[Any] = []
    monkeypatch.setattr(queue.JobQueue, "send", lambda *sent: lost.append(sent))
    tenant.owner.ok("rebuildStore", store=store["id"])
    monkeypatch.undo()

    api.handler("DailyFunction")({"source": "aws.events"}, Context())
    api.work()

    assert lost
    assert tenant.owner.ok("getStore", store=store["id"])["rebuilding"] is False


def test_orders_in_another_currency_count_once_there_is_a_rate(
    api: Gateway, tenant: Tenant, store: dict[str, Any]
) -> None:
    november, october = "2026-11-20T12:00:00Z", "2026-10-20T12:00:00Z"
    refused = tenant.owner("recordOrders", store=store["id"], body=order("1", ADA, currency="USD"))
    assert (refused.status, refused.json["type"]) == (422, "urn:laurel:problem:currency-mismatch")

    declared = tenant.owner.ok("replaceRates", store=store["id"], body=RATES)
    assert declared["rates"] == [{"currency": "USD", "month": "2026-11", "rate": "0.9"}]
    assert declared["rebuilding"] is True
    dollars = [order(str(number), ADA, currency="USD", placed_at=at) for number, at in enumerate((november, october))]
    sell(api, tenant, store, *dollars)
    api.settle()

    assert totals(tenant.owner, store, "all") == {contact_id(ADA): "9.00"}
    (entry,) = tenant.owner.ok("listSetAside", store=store["id"])["entries"]
    assert (entry["id"], entry["reason"], entry["total"], entry["currency"]) == ("1", "unconverted", "10.00", "USD")

    rates = f"{november[:7]};0.5;USD\n2026-10;0.25;usd"
    tenant.owner.ok("replaceRates", store=store["id"], body=f"\ufeffMonth;Rate;Currency\n{rates}\n", headers=CSV)
    api.work()
    api.settle()

    assert totals(tenant.owner, store, "all") == {contact_id(ADA): "7.50"}
    assert tenant.owner.ok("listSetAside", store=store["id"])["entries"] == []
    assert [rate["rate"] for rate in tenant.owner.ok("getRates", store=store["id"])["rates"]] == ["0.25", "0.5"]


def test_points_follow_the_rate(api: Gateway, tenant: Tenant, store: dict[str, Any]) -> None:
    rule = {"name": "Bought", "activity": "order.placed", "effect": "add_per_unit", "points": 1}
    tenant.owner.ok("createScoringRule", audience=tenant.audience_id, body=rule)
    tenant.owner.ok("replaceRates", store=store["id"], body=RATES)
    sell(api, tenant, store, order("1", ADA, currency="USD", placed_at="2026-11-20T12:00:00Z"))
    api.settle()
    path = {"audience": tenant.audience_id, "contact": contact_id(ADA)}
    assert tenant.owner.ok("getContact", **path)["score"] == 9

    halved = {"rates": [{"currency": "USD", "month": "2026-11", "rate": "0.5"}]}
    tenant.owner.ok("replaceRates", store=store["id"], body=halved)
    api.work()
    api.settle()

    assert tenant.owner.ok("getContact", **path)["score"] == 5


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ({"rate": "0"}, "/rates/0/rate"),
        ({"rate": "-1"}, "/rates/0/rate"),
        ({"rate": "1,5"}, "/rates/0/rate"),
        ({"rate": "0.0000000000001"}, "/rates/0/rate"),
        ({"rate": "1e3"}, "/rates/0/rate"),
        ({"month": "2026-13"}, "/rates/0/month"),
        ({"month": "11/2026"}, "/rates/0/month"),
        ({"currency": "XXX"}, "/rates/0/currency"),
        ({"currency": "EUR"}, "/rates/0/currency"),
    ],
)
def test_rates_that_make_no_sense_are_refused(
    tenant: Tenant, store: dict[str, Any], row: dict[str, str], pointer: str
) -> None:
    asked = {"rates": [RATES["rates"][0] | row]}

    answer = tenant.owner("replaceRates", store=store["id"], body=asked)

    assert (answer.status, [fault["pointer"] for fault in answer.json["errors"]]) == (422, [pointer])
    assert tenant.owner.ok("getStore", store=store["id"])["rebuilding"] is False


def test_a_month_has_one_rate_of_a_currency(tenant: Tenant, store: dict[str, Any]) -> None:
    answer = tenant.owner("replaceRates", store=store["id"], body={"rates": RATES["rates"] * 2})

    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/rates/1"]


@pytest.mark.parametrize(
    ("text", "status", "told"),
    [
        ("", 400, "must name the columns currency, month, rate"),
        ("currency,month\nUSD,2026-11", 400, "must name the columns"),
        ('currency,month,rate\n"USD', 400, "not CSV"),
        ("currency,month,rate\nUSD,2026-11", 422, "has 2 columns, not 3"),
        ("currency,month,rate\nUSD,2026-11,x", 422, "is not a rate"),
    ],
)
def test_a_csv_that_cannot_be_read_is_refused(
    tenant: Tenant, store: dict[str, Any], text: str, status: int, told: str
) -> None:
    answer = tenant.owner("replaceRates", store=store["id"], body=text, headers=CSV)

    assert (answer.status, told in answer.text) == (status, True)


def test_a_store_counts_by_fifty_other_calendars_at_most(
    api: Gateway, tenant: Tenant, store: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("laurel.workspace.counting.MOST_CALENDARS", 1)
    tenant.owner.ok("changeStore", store=store["id"], body={"time_zone": "UTC"})

    answer = tenant.owner("changeStore", store=store["id"], body={"time_zone": "Asia/Tokyo"})
    assert answer.status == 409
    assert tenant.owner.ok("changeStore", store=store["id"], body={"time_zone": "Europe/Berlin"})["rebuilding"]
    workspace: Workspace = api.module_of("WorkspaceFunction")._workspace
    kept = workspace.store(tenant.account_id, store["id"])
    assert kept
    assert [it.time_zone for it in kept.past_calendars] == ["UTC"]
