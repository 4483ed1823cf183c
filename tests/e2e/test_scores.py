"""Scores on the deployed stack: rules, what they give and take back, the cap, and a reset."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.deployed import eventually
from tests.support.shop import ADA, BEN, activity, contact_id, now, order

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant

HIGHEST = 99_999_999


@pytest.fixture
def shop(tenant: Tenant) -> Tenant:
    """The tenant with an audience that has no rules and no contacts."""
    return replace(tenant, audience_id=tenant.owner.ok("createAudience", body={"name": "Scored"})["id"])


def a_rule(tenant: Tenant, activity: str, effect: str, points: int, **more: Any) -> str:
    body = {"name": activity, "activity": activity, "effect": effect, "points": points, **more}
    rule: str = tenant.owner.ok("createScoringRule", audience=tenant.audience_id, body=body)["id"]
    return rule


def score(tenant: Tenant, email: str) -> int | None:
    explained = tenant.owner.ok("getScore", audience=tenant.audience_id, contact=contact_id(email))
    points: int | None = explained["score"]
    return points


def change(tenant: Tenant, email: str, effect: str, points: int | None = None) -> dict[str, Any]:
    body = {"effect": effect, "points": points, "reason": "for a test"}
    person = {"audience": tenant.audience_id, "contact": contact_id(email)}
    changed: dict[str, Any] = tenant.owner.ok("changeScore", **person, body=body)
    return changed


def visit(tenant: Tenant, id_: str, email: str, **more: Any) -> None:
    tenant.owner.ok("recordActivity", audience=tenant.audience_id, body={**activity(id_, email), **more})


def finished(shop: Tenant, job: dict[str, Any]) -> dict[str, Any]:
    """A job once it is done."""
    path = {"audience": shop.audience_id, "job": job["id"]}
    done: dict[str, Any] = eventually(
        lambda: shop.owner.ok("getJob", **path), lambda it: it["state"] in ("done", "failed"), seconds=60
    )
    assert done["state"] == "done", done
    return done


def test_the_highest_score_is_never_passed(shop: Tenant) -> None:
    """GetResponse's documented case: 99,999,990 + 100 = 99,999,999, and at the highest nothing more is gained."""
    visit(shop, "v1", ADA)
    assert change(shop, ADA, "set", 99_999_990)["score"] == 99_999_990

    hundred = change(shop, ADA, "add", 100)
    one_more = change(shop, ADA, "add", 1)

    assert hundred["score"] == HIGHEST
    assert (hundred["entry"]["asked"], hundred["entry"]["given"]) == (100, 9)
    assert one_more["score"] == HIGHEST
    assert (one_more["entry"]["asked"], one_more["entry"]["given"]) == (1, 0)


def test_rules_give_to_the_cap_and_no_further(shop: Tenant) -> None:
    a_rule(shop, "page.visited", "add", 100)
    visit(shop, "v1", ADA)
    eventually(lambda: score(shop, ADA), lambda it: it == 100)
    change(shop, ADA, "set", 99_999_990)

    visit(shop, "v2", ADA)
    eventually(lambda: score(shop, ADA), lambda it: it == HIGHEST)
    visit(shop, "v3", ADA)

    person = {"audience": shop.audience_id, "contact": contact_id(ADA)}
    explained = eventually(lambda: shop.owner.ok("getScore", **person), lambda it: len(it["entries"]) == 4)
    assert explained["score"] == HIGHEST
    assert sum(entry["given"] for entry in explained["entries"]) == HIGHEST


def test_orders_give_and_refunds_take_back(shop: Tenant) -> None:
    store = shop.connect()
    a_rule(shop, "order.placed", "add_per_unit", 2)
    bought = order("1", ADA, "59.90")
    shop.owner.ok("recordOrders", store=store["id"], body=bought)
    eventually(lambda: score(shop, ADA), lambda it: it == 118)

    later, last = ((datetime.now(UTC) + timedelta(hours=hours)).isoformat() for hours in (1, 2))
    shop.owner.ok("recordOrders", store=store["id"], body={**bought, "refunded": "9.90", "updated_at": later})
    eventually(lambda: score(shop, ADA), lambda it: it == 100)
    shop.owner.ok("recordOrders", store=store["id"], body={**bought, "status": "cancelled", "updated_at": last})
    eventually(lambda: score(shop, ADA), lambda it: it == 0)


def test_the_same_activity_twice_and_two_rules(shop: Tenant) -> None:
    a_rule(shop, "page.visited", "add", 5)
    a_rule(shop, "page.visited", "add", 1, frequency_cap={"times": 1, "window": "ever"})
    at = now()
    for id_ in ("v1", "v1", "v2", "v1"):
        visit(shop, id_, ADA, occurred_at=at)

    eventually(lambda: score(shop, ADA), lambda it: it == 11)


def test_what_a_machine_did_gives_nothing(shop: Tenant) -> None:
    a_rule(shop, "email.clicked", "add", 10)
    scanner = {"name": "email.clicked", "properties": {"message": "m1", "user_agent": "Barracuda Sentinel (EE)"}}
    visit(shop, "c1", ADA, **scanner)
    visit(shop, "c2", ADA, name="email.clicked", properties={"message": "m2"})
    eventually(lambda: score(shop, ADA), lambda it: it == 10)

    judged = {"audience": shop.audience_id, "contact": contact_id(ADA), "activity": "c2"}
    shop.owner.ok("judgeActivity", **judged, body={"machine": True})
    eventually(lambda: score(shop, ADA), lambda it: it == 0)


def test_a_reset_holds_for_the_next_read_and_the_next_search(shop: Tenant) -> None:
    for email in (ADA, BEN):
        visit(shop, f"v-{email}", email)
        change(shop, email, "add", 50)
    audience = {"audience": shop.audience_id}
    eventually(lambda: shop.owner.ok("findContactsByScore", **audience)["rows"], lambda it: len(it) == 2)

    shop.owner.ok("resetScores", **audience, body={})

    assert score(shop, ADA) is None
    assert shop.owner.ok("findContactsByScore", **audience)["rows"] == []
    without = shop.owner.ok("findContactsByScore", **audience, query={"none": "true"})["rows"]
    assert {row["email"] for row in without} == {ADA, BEN}
    assert change(shop, ADA, "add", 1)["score"] == 1


def test_a_bulk_change_is_done_once_and_proved(shop: Tenant) -> None:
    emails = [f"c{number}@example.com" for number in range(25)]
    for email in emails:
        visit(shop, f"v-{email}", email)
    audience = {"audience": shop.audience_id}

    bulk = {"effect": "add", "points": 7, "reason": "Birthday", "contacts": [*emails, "nobody@example.com"]}
    changed = finished(shop, shop.owner.ok("changeScoresInBulk", **audience, body=bulk))
    verified = finished(shop, shop.owner.ok("verifyScores", **audience, body={}))
    spread = shop.owner.ok("getDistribution", **audience)

    assert changed["result"] == {"changed": 25, "missing": 1}
    assert {score(shop, email) for email in emails} == {7}
    assert (verified["result"]["checked"], verified["result"]["wrong"]) == (25, 0)
    assert (spread["contacts"], spread["total"], spread["median"], spread["live"]) == (25, 175, 7, True)


def test_a_back_test_says_what_draft_rules_would_give(shop: Tenant) -> None:
    for id_, email in (("v1", ADA), ("v2", ADA), ("v3", BEN)):
        visit(shop, id_, email)
    change(shop, BEN, "set", 50)
    draft = {"name": "Visits", "activity": "page.visited", "effect": "add", "points": 10}

    body = {"rules": [draft], "threshold": 20}
    tested = finished(shop, shop.owner.ok("backTestRules", audience=shop.audience_id, body=body))

    assert [it["email"] for it in tested["result"]["rising"]["contacts"]] == [ADA]
    assert [it["email"] for it in tested["result"]["falling"]["contacts"]] == [BEN]
    assert score(shop, ADA) is None


def test_the_daily_schedule_keeps_how_scores_are_spread(deployed: Deployed, shop: Tenant) -> None:
    for points, email in ((10, ADA), (30, BEN)):
        visit(shop, f"v-{email}", email)
        change(shop, email, "set", points)
    today = datetime.now(UTC).date()

    deployed.invoke("DailyFunction")

    audience = {"audience": shop.audience_id}
    (day,) = eventually(lambda: shop.owner.ok("listSnapshots", **audience)["snapshots"], bool, seconds=60)
    assert day["day"] in (today.isoformat(), (today + timedelta(days=1)).isoformat())
    assert (day["contacts"], day["total"], day["lowest"], day["highest"]) == (2, 40, 10, 30)
    kinds = {job["kind"] for job in shop.owner.ok("listJobs", **audience)["jobs"]}
    assert kinds == {"snapshot", "expiry", "decay", "alerts"}
