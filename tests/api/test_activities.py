"""Recording activities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.shop import ADA, BEN, activity, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

BEFORE, AT, AFTER = "2026-05-04T10:00:00Z", "2026-05-05T10:00:00Z", "2026-05-06T10:00:00Z"


def send(tenant: Tenant, body: Any) -> Any:
    return tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=body)["outcome"]


def contact(tenant: Tenant, email: str = ADA) -> Any:
    return tenant.owner.ok("getContact", audience=tenant.audience_id, contact=contact_id(email))


def timeline(tenant: Tenant, email: str = ADA) -> Any:
    return tenant.owner.ok("getTimeline", audience=tenant.audience_id, contact=contact_id(email))["entries"]


def test_an_activity_is_kept_once(tenant: Tenant) -> None:
    visit = activity("v1", occurred_at=AT, properties={"url": "https://shop.example.com/?a=ä", "items": 3, "new": True})

    assert [send(tenant, visit), send(tenant, visit)] == ["accepted", "unchanged"]
    (entry,) = timeline(tenant)
    assert entry == {
        "at": AT,
        "kind": "activity",
        "id": "v1",
        "activity": {
            "name": "page.visited",
            "properties": visit["properties"],
            "machine": None,
            "machine_note": None,
        },
    }


@pytest.mark.parametrize(
    "changes", [{"name": "page.left"}, {"occurred_at": AFTER}, {"properties": {"url": "other"}}, {"properties": {}}]
)
def test_the_same_id_with_other_content_is_a_conflict(changes: dict[str, Any], tenant: Tenant) -> None:
    sent = activity("v1", occurred_at=AT, properties={"url": "x"})
    send(tenant, sent)

    answer = tenant.owner("recordActivity", audience=tenant.audience_id, body=sent | changes)

    assert (answer.status, answer.problem) == (409, "conflict")
    assert len(timeline(tenant)) == 1


def test_the_contact_is_made_and_refreshed(tenant: Tenant) -> None:
    send(tenant, activity("1", occurred_at=AT, contact={"email": ADA, "first_name": "Ada", "tags": ["vip"]}))
    send(
        tenant,
        activity("2", occurred_at=AFTER, contact={"email": ADA.upper(), "last_name": "Lovelace", "tags": ["b2b"]}),
    )
    send(tenant, activity("3", occurred_at=BEFORE, contact={"email": ADA, "first_name": "Augusta", "locale": "en-GB"}))

    known = contact(tenant)

    assert (known["first_name"], known["last_name"], known["locale"]) == ("Ada", "Lovelace", "en-GB")
    assert (known["email"], known["tags"], known["seen_at"]) == (ADA, ["b2b", "vip"], AFTER)
    assert known["score"] is None


def test_tags_never_outgrow_a_contact(tenant: Tenant) -> None:
    for number in range(8):
        tags = [f"{number}-{index:02}" for index in range(50)]
        send(tenant, activity(str(number), occurred_at=AT, contact={"email": ADA, "tags": tags}))

    kept = contact(tenant)["tags"]

    assert len(kept) == 250
    assert {tag for tag in kept if tag.startswith("7-")} == {f"7-{index:02}" for index in range(50)}


def test_who_unsubscribes_is_unsubscribed_until_they_decide_again(tenant: Tenant) -> None:
    def decided(id_: str, status: str, at: str) -> dict[str, Any]:
        return activity(id_, occurred_at=at, contact={"email": ADA, "consent": {"status": status, "at": at}})

    send(tenant, decided("1", "subscribed", BEFORE))
    send(tenant, activity("2", name="unsubscribed", occurred_at=AT))
    assert (contact(tenant)["status"], contact(tenant)["consent_at"]) == ("unsubscribed", AT)

    send(tenant, decided("3", "subscribed", BEFORE))
    assert contact(tenant)["status"] == "unsubscribed"

    send(tenant, decided("4", "subscribed", AFTER))
    assert contact(tenant)["status"] == "subscribed"


def test_activities_of_two_contacts_may_share_an_id(tenant: Tenant) -> None:
    assert [send(tenant, activity("1", ADA)), send(tenant, activity("1", BEN))] == ["accepted", "accepted"]


def test_an_unknown_audience_takes_nothing(tenant: Tenant) -> None:
    answer = tenant.owner("recordActivity", audience="none", body=activity("1"))

    assert (answer.status, answer.problem) == (404, "not-found")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": "Page Visited"}, "/name"),
        ({"name": "a..b"}, "/name"),
        ({"name": "x" * 65}, "/name"),
        ({"id": ""}, "/id"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "/occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "/occurred_at"),
        ({"contact": {}}, "/contact/email"),
        ({"contact": {"email": "x@" + "y" * 260}}, "/contact/email"),
        ({"properties": {"n": 1.5}}, "/properties/n"),
        ({"properties": {"n": 10**40}}, "/properties/n"),
        ({"properties": {"n": None}}, "/properties/n"),
        ({"properties": {"n": {"deep": 1}}}, "/properties/n"),
        ({"properties": {"n": "x" * 2049}}, "/properties/n"),
        ({"properties": {"n": "\ud800"}}, "/properties/n"),
        ({"properties": {"": 1}}, "/properties/"),
        ({"properties": {"x" * 65: 1}}, "/properties/" + "x" * 65),
        ({"properties": {str(n): n for n in range(51)}}, "/properties"),
        ({"points": 5}, "/points"),
    ],
)
def test_a_fault_is_pointed_at(changes: dict[str, Any], pointer: str, tenant: Tenant) -> None:
    answer = tenant.owner("recordActivity", audience=tenant.audience_id, body=activity("1") | changes)

    assert (answer.status, answer.problem, answer.pointers) == (422, "invalid-input", [pointer])


def test_the_largest_activity_has_a_place(tenant: Tenant) -> None:
    properties = {f"{n:064}": "ü" * 2048 for n in range(48)} | {"most": 10**15, "least": -(10**15)}

    assert send(tenant, activity("#" * 100, properties=properties)) == "accepted"
    (entry,) = timeline(tenant)
    assert entry["activity"]["properties"] == properties


# ---- Tags ------------------------------------------------------------------------------------------------------------


def test_a_tag_is_told_once_in_the_timeline_whoever_gives_it(tenant: Tenant, store: Any) -> None:
    vip = {"email": ADA, "tags": ["vip"]}
    send(tenant, activity("1", occurred_at=AT, contact=vip))
    send(tenant, activity("2", occurred_at=AFTER, contact=vip | {"tags": ["vip", "b2b"]}))
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1", customer=vip))

    tags = [(it["at"], it["id"], it["activity"]["properties"]) for it in timeline(tenant) if told(it) == "tag.added"]

    assert tags == [(AFTER, "tag.added:b2b", {"tag": "b2b"}), (AT, "tag.added:vip", {"tag": "vip"})]


# ---- Machines --------------------------------------------------------------------------------------------------------


def told(entry: Any) -> str | None:
    return entry["activity"]["name"] if entry["kind"] == "activity" else None


def mail(tenant: Tenant, id_: str, name: str, second: int, **properties: Any) -> Any:
    at = f"2026-05-05T10:00:{second:02}Z"
    return send(tenant, activity(id_, name=name, occurred_at=at, properties={"message": "m1"} | properties))


def machines(tenant: Tenant) -> dict[str, str]:
    """Why each activity was a machine's, by its id."""
    return {it["id"]: it["activity"]["machine"] for it in timeline(tenant) if it["activity"]["machine"]}


def judge(tenant: Tenant, activity_id: str, **body: Any) -> Any:
    path = {"audience": tenant.audience_id, "contact": contact_id(ADA), "activity": activity_id}
    return tenant.owner("judgeActivity", **path, body={"machine": True} | body)


def test_opens_and_clicks_of_machines_are_marked(tenant: Tenant) -> None:
    mail(tenant, "early", "email.opened", 1)
    mail(tenant, "d", "email.delivered", 0)
    mail(tenant, "fast", "email.opened", 2)
    mail(tenant, "apple", "email.opened", 20, user_agent="Mozilla/5.0")
    mail(tenant, "click", "email.clicked", 41)
    mail(tenant, "trap", "email.clicked", 50, honeypot=True)
    mail(tenant, "person", "email.clicked", 35, user_agent="Mozilla/5.0 (via ggpht.com GoogleImageProxy)")

    assert machines(tenant) == {
        "early": "too_fast",
        "fast": "too_fast",
        "apple": "apple_mail_privacy",
        "click": "honeypot",
        "trap": "honeypot",
    }


# ---- Points ----------------------------------------------------------------------------------------------------------


def rule(tenant: Tenant, activity_name: str, points: int, **more: Any) -> None:
    body = {"name": "Rule", "activity": activity_name, "effect": "add", "points": points} | more
    tenant.owner.ok("createScoringRule", audience=tenant.audience_id, body=body)


def score(api: Gateway, tenant: Tenant) -> Any:
    api.settle()
    return contact(tenant)["score"]


def test_a_machine_earns_nothing_unless_a_rule_counts_it(api: Gateway, tenant: Tenant) -> None:
    rule(tenant, "email.opened", 5)
    rule(tenant, "email.opened", 1, counts_machines=True)

    mail(tenant, "o1", "email.opened", 1, user_agent="Mozilla/5.0")

    assert score(api, tenant) == 1


def test_points_of_what_turns_out_to_be_a_machines_are_taken_back(api: Gateway, tenant: Tenant) -> None:
    # Given an open and a click that earned points
    rule(tenant, "email.opened", 5)
    rule(tenant, "email.clicked", 20)
    mail(tenant, "o1", "email.opened", 1)
    mail(tenant, "c1", "email.clicked", 30)
    assert score(api, tenant) == 25

    # When the delivery is told at last, and somebody judges the click
    mail(tenant, "d", "email.delivered", 0)
    assert score(api, tenant) == 20
    judge(tenant, "c1")

    # Then nothing is left of them, and the timeline tells why
    assert score(api, tenant) == 0
    changes = [it["score"] for it in timeline(tenant) if it["kind"] == "score"]
    assert sorted((it["given"], it["reason"] or "") for it in changes) == [
        (-20, "judged"),
        (-5, "too_fast"),
        (5, ""),
        (20, ""),
    ]


def test_a_tag_earns_points_once_and_a_new_contact_misses_none(api: Gateway, tenant: Tenant) -> None:
    vip = {"conditions": [{"property": "tag", "operator": "equals", "value": "vip"}]}
    rule(tenant, "tag.added", 10, **vip)

    for id_ in ("1", "2"):
        send(tenant, activity(id_, occurred_at=AT, contact={"email": ADA, "tags": ["vip", "b2b"]}))

    assert score(api, tenant) == 10


def test_a_rule_may_ask_for_a_product(api: Gateway, tenant: Tenant, store: Any) -> None:
    tea = {"conditions": [{"property": "product", "operator": "contains", "value": "tea"}]}
    rule(tenant, "order.placed", 7, **tea)

    for id_, products in (("1", ["TEA-1", "Assam"]), ("2", ["Cup"]), ("3", None)):
        tenant.owner.ok("recordOrders", store=store["id"], body=order(id_, ADA, products=products))

    assert score(api, tenant) == 7


# ---- Judgements ------------------------------------------------------------------------------------------------------


def test_somebody_may_judge_an_activity(tenant: Tenant) -> None:
    mail(tenant, "a1", "email.clicked", 1)

    answers = [judge(tenant, "a1", reason="The office firewall"), judge(tenant, "a1")]

    assert [(it.status, it.json["outcome"]) for it in answers] == [(200, "accepted"), (200, "unchanged")]
    (entry,) = timeline(tenant)
    assert (entry["activity"]["machine"], entry["activity"]["machine_note"]) == ("judged", "The office firewall")


def test_what_is_judged_stays_the_same_activity(tenant: Tenant) -> None:
    mail(tenant, "a1", "email.clicked", 1)
    judge(tenant, "a1")

    assert mail(tenant, "a1", "email.clicked", 1) == "unchanged"
    assert machines(tenant) == {"a1": "judged"}


@pytest.mark.parametrize("unknown", [{"activity": "x"}, {"contact": contact_id(BEN)}, {"audience": "none"}])
def test_an_unknown_activity_cannot_be_judged(unknown: dict[str, str], tenant: Tenant) -> None:
    mail(tenant, "a1", "email.clicked", 1)
    path = {"audience": tenant.audience_id, "contact": contact_id(ADA), "activity": "a1"} | unknown

    answer = tenant.owner("judgeActivity", **path, body={"machine": True})

    assert (answer.status, answer.problem) == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"machine": False}, "/machine"),
        ({"machine": None}, "/machine"),
        ({"reason": "x" * 101}, "/reason"),
        ({"points": 5}, "/points"),
    ],
)
def test_a_fault_of_a_judgement_is_pointed_at(body: dict[str, Any], pointer: str, tenant: Tenant) -> None:
    answer = judge(tenant, "a1", **body)

    assert (answer.status, answer.problem, answer.pointers) == (422, "invalid-input", [pointer])
