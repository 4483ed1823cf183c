"""Recording activities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.shop import ADA, BEN, activity, contact_id

if TYPE_CHECKING:
    from tests.support.client import Tenant

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
