"""Profiles and timelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.shop import ADA, BEN, activity, contact_id, now, order

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

MAY, JUNE, JULY = "2026-05-04T10:00:00Z", "2026-06-04T10:00:00Z", "2026-07-04T10:00:00Z"


def path(tenant: Tenant, email: str = ADA) -> dict[str, str]:
    return {"audience": tenant.audience_id, "contact": contact_id(email)}


def test_a_profile_shows_figures_and_ranks_of_every_store_of_its_audience(api: Gateway, tenant: Tenant) -> None:
    berlin, tokyo = tenant.connect(), tenant.connect(currency="JPY", time_zone="Asia/Tokyo", name="東京")
    other = tenant.owner.ok("createAudience", body={"name": "Others"})["id"]
    tenant.connect(audience_id=other)
    for it in (order("1", ADA, "10.00"), order("2", BEN, "30.00"), order("3", ADA, "10.00")):
        tenant.owner.ok("recordOrders", store=berlin["id"], body=it)
    tenant.owner.ok("recordOrders", store=tokyo["id"], body=order("1", BEN, "500", currency="JPY"))
    api.settle()

    ada = tenant.owner.ok("getContact", **path(tenant))
    ben = tenant.owner.ok("getContact", **path(tenant, BEN), query={"time_frame": "month_to_date"})

    figures = {it["store_id"]: it for it in ada["stores"]}
    assert set(figures) == {berlin["id"], tokyo["id"]}
    assert figures[berlin["id"]]["figures"]["total_spent"] == "20.00"
    assert figures[berlin["id"]]["ranks"] == {"orders_count": 1, "total_spent": 2, "average_order_value": 2}
    assert figures[berlin["id"]]["period"]["id"] == "all"
    assert figures[tokyo["id"]]["figures"] is None
    assert set(figures[tokyo["id"]]["ranks"].values()) == {None}
    (in_tokyo,) = (it for it in ben["stores"] if it["store_id"] == tokyo["id"])
    assert (in_tokyo["figures"]["total_spent"], in_tokyo["period"]["id"]) == ("500", now()[:7])


def test_a_profile_shows_what_was_bought_month_by_month(api: Gateway, tenant: Tenant) -> None:
    store = tenant.connect(time_zone="America/Sao_Paulo")
    for it in (
        order("1", ADA, "10.00", placed_at="2026-05-31T23:00:00Z"),
        order("2", ADA, "5.50", placed_at="2026-06-01T02:59:00Z"),
        order("3", ADA, "7.00", placed_at="2026-06-01T03:00:00Z"),
        order("4", BEN, "99.00", placed_at="2026-06-01T03:00:00Z"),
    ):
        tenant.owner.ok("recordOrders", store=store["id"], body=it)
    api.settle()

    (figures,) = tenant.owner.ok("getContact", **path(tenant), query={"months": 24})["stores"]
    (without,) = tenant.owner.ok("getContact", **path(tenant))["stores"]

    months = {it["month"]: it for it in figures["months"]}
    assert len(figures["months"]) == 24
    assert list(months) == sorted(months)
    assert months["2026-05"] == {"month": "2026-05", "orders_count": 2, "total_spent": "15.50", "currency": "EUR"}
    assert months["2026-06"]["total_spent"] == "7.00"
    assert sum(it["orders_count"] for it in months.values()) == 3
    assert without["months"] == []
    assert tenant.owner("getContact", **path(tenant), query={"months": 25}).problem == "invalid-input"


def test_a_profile_is_of_its_audience_only(tenant: Tenant, store: Any) -> None:
    other = tenant.owner.ok("createAudience", body={"name": "Others"})["id"]
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1"))

    assert tenant.owner("getContact", audience=other, contact=contact_id(ADA)).problem == "not-found"
    assert tenant.owner("getTimeline", audience=other, contact=contact_id(ADA)).problem == "not-found"
    assert tenant.owner("getContact", audience="none", contact=contact_id(ADA)).problem == "not-found"
    assert tenant.owner("getContact", audience=tenant.audience_id, contact=ADA).problem == "not-found"
    assert tenant.owner("getContact", **path(tenant), query={"time_frame": "x"}).problem == "invalid-input"


def test_a_timeline_mixes_orders_and_activities_newest_first(tenant: Tenant, store: Any) -> None:
    tenant.owner.ok("recordOrders", store=store["id"], body=order("o1", placed_at=MAY, number="#1001", refunded="1.00"))
    tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=activity("a1", occurred_at=JUNE))
    tenant.owner.ok("recordOrders", store=store["id"], body=order("o2", placed_at=JULY, test=True))
    tenant.owner.ok("recordOrders", store=store["id"], body=order("o3", BEN, placed_at=JULY))

    page = tenant.owner.ok("getTimeline", **path(tenant))

    assert [(it["at"], it["kind"], it["id"]) for it in page["entries"]] == [
        (JULY, "order", "o2"),
        (JUNE, "activity", "a1"),
        (MAY, "order", "o1"),
    ]
    assert page["entries"][2]["order"] == {
        "store_id": store["id"],
        "order_id": "o1",
        "number": "#1001",
        "status": "paid",
        "test": False,
        "total": "10.00",
        "refunded": "1.00",
        "currency": "EUR",
    }
    assert (page["truncated"], page["next_cursor"]) == (False, None)


def test_a_timeline_is_paged_without_gaps_or_repetitions(tenant: Tenant) -> None:
    for number in range(7):
        body = activity(f"a{number}", occurred_at=JUNE if number % 2 else MAY)
        tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=body)

    seen, query = [], {"limit": 3}
    while True:
        page = tenant.owner.ok("getTimeline", **path(tenant), query=query)
        seen += [it["id"] for it in page["entries"]]
        if not page["next_cursor"]:
            break
        query = {"limit": 3, "cursor": page["next_cursor"]}

    assert seen == ["a5", "a3", "a1", "a6", "a4", "a2", "a0"]


def test_a_profile_has_no_score_from_before_a_reset_and_the_timeline_keeps_what_happened(tenant: Tenant) -> None:
    tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=activity("a1", occurred_at=MAY))
    body = {"effect": "set", "points": 50, "reason": "A loyal friend"}
    tenant.owner.ok("changeScore", **path(tenant), body=body)
    assert tenant.owner.ok("getContact", **path(tenant))["score"] == 50

    tenant.owner.ok("resetScores", audience=tenant.audience_id, body={})

    assert tenant.owner.ok("getContact", **path(tenant))["score"] is None
    change, _ = tenant.owner.ok("getTimeline", **path(tenant))["entries"]
    assert (change["kind"], change["id"]) == ("score", "1")
    assert change["score"] == {
        "activity": "by_hand",
        "rule_id": None,
        "effect": "set",
        "asked": 50,
        "given": 50,
        "before": None,
        "after": 50,
        "reason": "A loyal friend",
        "by": None,
        "corrects": False,
    }


def test_an_order_that_went_to_another_customer_leaves_the_timeline(tenant: Tenant, store: Any) -> None:
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1", ADA, placed_at=MAY))
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1", BEN, placed_at=MAY, updated_at=JUNE))

    assert tenant.owner.ok("getTimeline", **path(tenant, ADA))["entries"] == []
    assert [it["id"] for it in tenant.owner.ok("getTimeline", **path(tenant, BEN))["entries"]] == ["1"]


@pytest.mark.parametrize("cursor", ["x", "%", "ä", "a" * 40, "=" * 7, "eyJhIjoxfQ"])
def test_a_cursor_that_is_not_ours_is_refused(cursor: str, tenant: Tenant, store: Any) -> None:
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1"))

    answer = tenant.owner("getTimeline", **path(tenant), query={"cursor": cursor})

    assert (answer.status, answer.problem) == (400, "invalid-cursor")


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "1.0", "", "٣", "9" * 5000])
@pytest.mark.parametrize("operation", ["getTimeline", "getLeaderboard", "listSetAside"])
def test_a_limit_is_a_whole_number_up_to_a_thousand(operation: str, limit: str, tenant: Tenant, store: Any) -> None:
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1"))
    where = path(tenant) if operation == "getTimeline" else {"store": store["id"]}

    answer = tenant.owner(operation, **where, query={"limit": limit})

    assert (answer.status, answer.problem) == (422, "invalid-input")
