"""Tiers, and what is awarded each day to whose score or tier reaches it, through the API and the queue of jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from laurel.model.job import Job, JobKind
from laurel.rewards import closing
from tests.support.programmes import faults, made, meet, patch, path
from tests.support.shop import ADA, BEN, CLEO, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway


@pytest.fixture
def audience(api: Gateway, tenant: Tenant) -> dict[str, str]:
    return meet(api, tenant)


def give_points(tenant: Tenant, **points: int) -> None:
    for name, score in points.items():
        person = {"audience": tenant.audience_id, "contact": contact_id(f"{name}@example.com")}
        tenant.owner.ok("changeScore", body={"effect": "set", "points": score}, **person)


def test_whose_score_reaches_it_is_awarded_daily(api: Gateway, tenant: Tenant, audience: Any) -> None:
    give_points(tenant, ada=120, ben=100, cleo=99)
    shown = made(tenant, who={"kind": "score", "points": 100})
    now = datetime.now(UTC)

    assert run_daily(api, tenant, now) == [2]
    assert run_daily(api, tenant, now) == []
    give_points(tenant, cleo=100)
    assert run_daily(api, tenant, now + timedelta(days=1)) == [1]

    assert {it["email"] for it in tenant.owner.ok("listAwards", **path(shown))["awards"]} == {ADA, BEN, CLEO}
    patch(tenant, shown, {"state": "paused"})
    assert run_daily(api, tenant, now + timedelta(days=2)) == []


def run_daily(api: Gateway, tenant: Tenant, now: datetime) -> list[int]:
    """How many awards the jobs of a day gave that were not finished before."""
    daily = api.module_of("DailyFunction")
    audience = daily._workspace.existing_audience(tenant.account_id, tenant.audience_id)
    closing.begin_daily(daily._programmes, daily._jobs, daily._queue, audience, now)
    before = finished(api, tenant)
    api.work()
    return [it.result["given"] for it in finished(api, tenant) if it not in before if it.result]


def finished(api: Gateway, tenant: Tenant) -> list[Job]:
    jobs = api.module_of("DailyFunction")._jobs
    heads, _ = jobs.jobs(tenant.account_id, tenant.audience_id, 100)
    found = [jobs.job(it.account_id, it.audience_id, it.id) for it in heads if it.kind is JobKind.AWARD]
    return [it for it in found if it.is_finished]


def test_tiers_are_shown_on_profile_and_board(api: Gateway, tenant: Tenant, audience: Any, store: Any) -> None:
    tenant.owner.ok("recordOrders", store=store["id"], body={"orders": [order("1", ADA, "500.00"), order("2", BEN)]})
    api.settle()
    give_points(tenant, ada=10, ben=50)
    spent = {"kind": "spent", "store": store["id"], "time_frame": "all_time", "amount": "500"}
    silver = {"name": "Silver", "benefits": ["Free shipping"], "needs": {"kind": "score", "points": 50}}
    gold = {"name": "Gold", "benefits": ["Free shipping", "Early access"], "needs": spent}
    nothing = tenant.owner("getTiers", **audience)
    assert (nothing.json, nothing.headers["etag"]) == ({"tiers": [], "version": 0}, '"0"')

    marketer = tenant.as_(Role.MARKETER)
    kept = marketer("replaceTiers", body={"tiers": [silver, gold]}, headers={"If-Match": '"0"'}, **audience)

    assert (kept.status, kept.headers["etag"]) == (200, '"1"')
    assert [it["needs"]["currency"] for it in kept.json["tiers"]] == [None, "EUR"]
    shown = {
        email: tenant.owner.ok("getContact", contact=contact_id(email), **audience)["tier"]
        for email in (ADA, BEN, CLEO)
    }
    ids = {it["name"]: it["id"] for it in kept.json["tiers"]}
    assert shown[ADA] == {"id": ids["Gold"], "name": "Gold", "benefits": gold["benefits"]}
    assert (shown[BEN] or {})["name"] == "Silver"
    assert shown[CLEO] is None
    rows = tenant.owner.ok("getLeaderboard", store=store["id"])["rows"]
    assert [(it["email"], it["tier"]) for it in rows] == [(ADA, shown[ADA]), (BEN, shown[BEN])]
    place = tenant.owner.ok("getPlace", store=store["id"], customer=contact_id(BEN))
    assert (place["customer"]["tier"], place["above"][0]["tier"]) == (shown[BEN], shown[ADA])


def test_a_tier_is_awarded_once(api: Gateway, tenant: Tenant, audience: Any, store: Any) -> None:
    tenant.owner.ok("recordOrders", store=store["id"], body={"orders": [order("1", ADA, "500.00"), order("2", BEN)]})
    api.settle()
    give_points(tenant, ada=60, ben=50)
    tiers = [
        {"name": "Silver", "needs": {"kind": "score", "points": 50}},
        {"name": "Gold", "needs": {"kind": "spent", "store": store["id"], "time_frame": "all_time", "amount": "400"}},
    ]
    match = {"If-Match": "*"}
    silver, gold = tenant.owner.ok("replaceTiers", body={"tiers": tiers}, headers=match, **audience)["tiers"]
    of_silver = made(tenant, who={"kind": "tier", "tier": silver["id"]})
    of_gold = made(tenant, who={"kind": "tier", "tier": gold["id"]})

    assert sorted(run_daily(api, tenant, datetime.now(UTC))) == [1, 1]

    for programme, email in ((of_silver, BEN), (of_gold, ADA)):
        assert [it["email"] for it in tenant.owner.ok("listAwards", **path(programme))["awards"]] == [email]
    kept = [{**tiers[0], "id": silver["id"]}]
    gone = tenant.owner("replaceTiers", body={"tiers": kept}, headers=match, **audience)
    assert gone.status == 409
    patch(tenant, of_gold, {"state": "ended"})
    left = tenant.owner.ok("replaceTiers", body={"tiers": kept}, headers=match, **audience)["tiers"]
    assert [it["id"] for it in left] == [silver["id"]]


def test_tiers_that_make_no_sense_are_told_where(tenant: Tenant) -> None:
    def replaced(*needs: Any, **more: Any) -> Answer:
        body = {"tiers": [{"name": "Silver", "needs": it, **more} for it in needs]}
        return tenant.owner("replaceTiers", audience=tenant.audience_id, body=body, headers={"If-Match": "*"})

    points = {"kind": "score", "points": 5}
    assert faults(replaced(points, {"kind": "score"})) == ["/tiers/1/needs/points"]
    assert faults(replaced({"kind": "spent", "amount": "5"})) == ["/tiers/0/needs"]
    nowhere = {"kind": "spent", "amount": "5", "store": "nosuchstore2", "time_frame": "all_time"}
    assert faults(replaced(nowhere)) == ["/tiers/0/needs/store"]
    assert faults(replaced(points | {"amount": "5"})) == ["/tiers/0/needs/amount"]
    assert faults(replaced(points, points, id="nosuchtier22")) == ["/tiers/0/id", "/tiers/1/id"]
    assert replaced(points).status == 200
    late = tenant.owner("replaceTiers", audience=tenant.audience_id, body={"tiers": []}, headers={"If-Match": '"0"'})
    assert late.status == 412
