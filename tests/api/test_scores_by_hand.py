"""Scores changed by hand, explained and proved through the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from laurel.store import keys
from tests.support.api import claims
from tests.support.client import Client
from tests.support.shop import ADA, BEN, activity, contact_id

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

HIGHEST = 99_999_999


@pytest.fixture
def ada(tenant: Tenant) -> dict[str, str]:
    """Ada, a contact without a score."""
    tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=activity("seen"))
    return {"audience": tenant.audience_id, "contact": contact_id(ADA)}


def change(tenant: Tenant, person: dict[str, str], effect: str, points: int | None = None, **more: Any) -> Any:
    body = {"effect": effect, **({} if points is None else {"points": points}), **more}
    return tenant.as_(Role.MARKETER).ok("changeScore", body=body, **person)


def explained(tenant: Tenant, person: dict[str, str], **query: Any) -> Any:
    return tenant.as_(Role.VIEWER).ok("getScore", query=query or None, **person)


def test_what_getresponse_documents_to_the_letter(tenant: Tenant, ada: dict[str, str]) -> None:
    change(tenant, ada, "set", 99_999_990)

    more = change(tenant, ada, "add", 100)
    at_the_cap = change(tenant, ada, "add", 100)

    assert (more["score"], more["entry"]["asked"], more["entry"]["given"]) == (HIGHEST, 100, 9)
    assert (at_the_cap["score"], at_the_cap["entry"]["asked"], at_the_cap["entry"]["given"]) == (HIGHEST, 100, 0)
    assert explained(tenant, ada)["score"] == HIGHEST
    assert tenant.owner.ok("getContact", **ada)["score"] == HIGHEST


def test_no_score_is_not_a_score_of_zero(tenant: Tenant, ada: dict[str, str]) -> None:
    assert explained(tenant, ada)["score"] is None
    assert change(tenant, ada, "subtract", 5)["score"] is None
    assert change(tenant, ada, "set", 0)["score"] == 0
    assert change(tenant, ada, "subtract", 5)["score"] == 0
    assert change(tenant, ada, "remove")["score"] is None
    assert explained(tenant, ada)["score"] is None
    assert change(tenant, ada, "add", 3)["score"] == 3


def test_each_change_is_an_entry_that_says_who_and_why(api: Gateway, tenant: Tenant, ada: dict[str, str]) -> None:
    token = api.token(claims(tenant.account_id, "marketer") | {"email": "kim@shop.example.com"})

    answer = Client(tenant.send, token).ok(
        "changeScore", body={"effect": "add", "points": 7, "reason": " Won the raffle "}, **ada
    )

    (entry,) = explained(tenant, ada)["entries"]
    assert entry == answer["entry"]
    told = {name: entry[name] for name in entry if name not in ("at", "activity_at")}
    assert told == {
        "seq": 1,
        "activity": "by_hand",
        "rule_id": None,
        "effect": "add",
        "asked": 7,
        "given": 7,
        "before": None,
        "after": 7,
        "corrects": False,
        "expires_on": None,
        "by": "kim@shop.example.com",
        "reason": "Won the raffle",
        "counts": True,
    }


def test_points_by_rule_add_up_to_the_score(api: Gateway, tenant: Tenant, ada: dict[str, str]) -> None:
    rule = {"name": "Visits", "activity": "page.visited", "effect": "add", "points": 4}
    made = tenant.owner.ok("createScoringRule", audience=tenant.audience_id, body=rule)
    for id_ in ("v1", "v2"):
        tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=activity(id_))
    api.settle()
    change(tenant, ada, "subtract", 3)

    answer = explained(tenant, ada)

    by_rule = {share["name"]: share for share in answer["points_by_rule"]}
    assert by_rule["Visits"]["rule_id"] == made["id"]
    assert by_rule[None] == {"rule_id": None, "name": None, "activity": "by_hand", "points": -3, "entries": 1}
    assert sum(share["points"] for share in answer["points_by_rule"]) == answer["score"]


def test_a_history_is_read_page_by_page(tenant: Tenant, ada: dict[str, str]) -> None:
    for points in range(1, 6):
        change(tenant, ada, "add", points)

    first = explained(tenant, ada, limit=2)
    second = explained(tenant, ada, limit=2, cursor=first["next_cursor"])
    third = explained(tenant, ada, limit=2, cursor=second["next_cursor"])

    seqs = [entry["seq"] for page in (first, second, third) for entry in page["entries"]]
    assert sorted(seqs) == [1, 2, 3, 4, 5]
    assert [page["next_cursor"] is None for page in (first, second, third)] == [False, False, True]
    assert [page["points_by_rule"] is None for page in (first, second, third)] == [False, True, True]


def test_a_cursor_is_good_for_one_contacts_history_only(tenant: Tenant, ada: dict[str, str]) -> None:
    tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=activity("seen", BEN))
    ben = {**ada, "contact": contact_id(BEN)}
    for person in (ada, ada, ben):
        change(tenant, person, "add", 1)
    cursor = explained(tenant, ada, limit=1)["next_cursor"]

    assert tenant.owner("getScore", query={"cursor": cursor}, **ben).problem == "invalid-cursor"
    assert (
        tenant.owner("findContactsByScore", audience=tenant.audience_id, query={"cursor": cursor}).problem
        == "invalid-cursor"
    )


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"effect": "add"}, "/points"),
        ({"effect": "add", "points": 0}, "/points"),
        ({"effect": "add", "points": -1}, "/points"),
        ({"effect": "add", "points": HIGHEST + 1}, "/points"),
        ({"effect": "add", "points": "5"}, "/points"),
        ({"effect": "add", "points": 1.5}, "/points"),
        ({"effect": "add", "points": True}, "/points"),
        ({"effect": "subtract", "points": 0}, "/points"),
        ({"effect": "set"}, "/points"),
        ({"effect": "remove", "points": 1}, "/points"),
        ({"effect": "add_per_unit", "points": 1}, "/effect"),
        ({"effect": "fall", "points": 1}, "/effect"),
        ({"points": 1}, "/effect"),
        ({"effect": "add", "points": 1, "reason": " "}, "/reason"),
        ({"effect": "add", "points": 1, "reason": "x" * 201}, "/reason"),
        ({"effect": "add", "points": 1, "because": "x"}, "/because"),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(
    tenant: Tenant, ada: dict[str, str], body: Any, pointer: str
) -> None:
    answer = tenant.owner("changeScore", body=body, **ada)

    assert (answer.status, answer.problem, answer.pointers) == (422, "invalid-input", [pointer])
    assert explained(tenant, ada)["entries"] == []


@pytest.mark.parametrize("operation", ["getScore", "changeScore", "verifyScore"])
def test_who_is_no_contact_has_no_score(tenant: Tenant, operation: str) -> None:
    body = {"effect": "add", "points": 1} if operation == "changeScore" else None
    nobody = contact_id("nobody@example.com")

    for audience in (tenant.audience_id, "nosuchaudien"):
        answer = tenant.owner(operation, body=body, audience=audience, contact=nobody)

        assert (answer.status, answer.problem) == (404, "not-found")


def test_viewers_look_only(tenant: Tenant, ada: dict[str, str]) -> None:
    viewer = tenant.as_(Role.VIEWER)

    assert viewer("changeScore", body={"effect": "remove"}, **ada).status == 403
    assert viewer("verifyScore", body={}, **ada).status == 403


def test_a_repeated_key_adds_once(tenant: Tenant, ada: dict[str, str]) -> None:
    key = {"Idempotency-Key": "raffle"}
    body = {"effect": "add", "points": 5}

    answers = [tenant.owner.ok("changeScore", body=body, headers=key, **ada) for _ in range(2)]

    assert answers[0] == answers[1]
    assert explained(tenant, ada)["score"] == 5


def test_a_score_is_proved_by_its_entries(tenant: Tenant, ada: dict[str, str]) -> None:
    change(tenant, ada, "add", 5)
    change(tenant, ada, "subtract", 2)

    answer = tenant.as_(Role.MARKETER).ok("verifyScore", **ada)

    assert answer == {
        "contact": ada["contact"],
        "score": 3,
        "score_before": 3,
        "entries": 2,
        "sound": True,
        "repaired": False,
    }


def test_a_score_that_its_entries_do_not_prove_is_put_right(api: Gateway, tenant: Tenant, ada: dict[str, str]) -> None:
    change(tenant, ada, "add", 5)
    profile = {
        "pk": {"S": keys.person(tenant.account_id, tenant.audience_id, ada["contact"])},
        "sk": {"S": keys.PROFILE},
    }
    api.database.client.update_item(
        TableName=api.database.tables.contacts,
        Key=profile,
        UpdateExpression="SET score = :wrong",
        ExpressionAttributeValues={":wrong": {"N": "50"}},
    )

    found = tenant.owner.ok("verifyScore", body={"repair": False}, **ada)
    repaired = tenant.owner.ok("verifyScore", body={"repair": True}, **ada)
    after = tenant.owner.ok("verifyScore", body={}, **ada)

    assert (found["sound"], found["repaired"], found["score"]) == (False, False, 50)
    assert (repaired["sound"], repaired["repaired"], repaired["score"]) == (False, True, 5)
    assert (after["sound"], after["repaired"], after["score"]) == (True, False, 5)
    assert change(tenant, ada, "add", 1)["score"] == 6
