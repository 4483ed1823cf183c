"""Scoring rules: made, read, changed by people who do not know of each other, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from laurel.model.scoring import MOST_RULES
from tests.support.shop import ADA, activity, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway

OPENS = {"name": "Opens", "activity": "email.opened", "effect": "add", "points": 5}
FULL = {
    "name": "Reads of laurels",
    "enabled": False,
    "activity": "page.visited",
    "effect": "subtract",
    "points": 99_999_999,
    "conditions": [
        {"property": "url", "operator": "contains", "value": "/laurels", "values": None},
        {"property": "items", "operator": "greater", "value": 3, "values": None},
        {"property": "price", "operator": "less", "value": "59.90", "values": None},
        {"property": "new", "operator": "equals", "value": True, "values": None},
        {"property": "size", "operator": "one_of", "value": None, "values": ["S", 38, False]},
    ],
    "frequency_cap": {"times": 3, "window": "week"},
    "expires_after_days": None,
    "counts_machines": True,
}


def create(tenant: Tenant, **changes: Any) -> Answer:
    return tenant.as_(Role.MARKETER)("createScoringRule", audience=tenant.audience_id, body={**OPENS, **changes})


def made(tenant: Tenant, **changes: Any) -> Any:
    answer = create(tenant, **changes)
    assert answer.status == 201, answer.text
    return answer.json


def patch(tenant: Tenant, rule: Any, body: Any, version: str | None = None) -> Answer:
    return tenant.as_(Role.MARKETER)(
        "changeScoringRule",
        audience=tenant.audience_id,
        rule=rule["id"],
        body=body,
        headers={"If-Match": version or f'"{rule["version"]}"'},
    )


def read(tenant: Tenant, rule: Any) -> Answer:
    return tenant.as_(Role.VIEWER)("getScoringRule", audience=tenant.audience_id, rule=rule["id"])


def test_a_rule_is_kept_as_it_was_sent(tenant: Tenant) -> None:
    answer = create(tenant, **FULL)

    assert answer.status == 201
    assert answer.headers["etag"] == '"1"'
    told = {name: value for name, value in answer.json.items() if name not in ("id", "created_at")}
    assert told == {**FULL, "version": 1}
    again = read(tenant, answer.json)
    assert (again.json, again.headers["etag"]) == (answer.json, '"1"')


def test_what_is_left_out_has_its_default(tenant: Tenant) -> None:
    rule = made(tenant)

    assert (rule["enabled"], rule["conditions"], rule["counts_machines"]) == (True, [], False)
    assert (rule["frequency_cap"], rule["expires_after_days"]) == (None, None)


def test_rules_are_listed_in_the_order_of_their_creation(tenant: Tenant) -> None:
    names = ["third", "first", "second"]
    for name in names:
        made(tenant, name=name)

    listed = tenant.as_(Role.VIEWER).ok("listScoringRules", audience=tenant.audience_id)["rules"]

    assert [rule["name"] for rule in listed] == names


def test_rules_of_another_audience_are_not_there(tenant: Tenant) -> None:
    rule = made(tenant)
    other = tenant.owner.ok("createAudience", body={"name": "Friends"})["id"]

    assert tenant.owner.ok("listScoringRules", audience=other) == {"rules": []}
    assert tenant.owner("getScoringRule", audience=other, rule=rule["id"]).problem == "not-found"


@pytest.mark.parametrize(
    "body", [{"points": 7}, {"enabled": False}, {"name": "Other"}, {"conditions": FULL["conditions"]}]
)
def test_a_change_leaves_the_rest_alone(tenant: Tenant, body: Any) -> None:
    rule = made(tenant, expires_after_days=30)

    answer = patch(tenant, rule, body)

    assert answer.status == 200, answer.text
    assert answer.json == {**rule, **body, "version": 2}
    assert answer.headers["etag"] == '"2"'
    assert read(tenant, rule).json == answer.json


def test_null_takes_away_what_may_be_missing_and_nothing_else(tenant: Tenant) -> None:
    rule = made(tenant, frequency_cap={"times": 1, "window": "ever"}, expires_after_days=30)

    answer = patch(tenant, rule, {"frequency_cap": None, "expires_after_days": None, "name": None, "enabled": None})

    assert answer.json == {**rule, "frequency_cap": None, "expires_after_days": None, "version": 2}


def test_a_rule_becomes_one_that_removes(tenant: Tenant) -> None:
    rule = made(tenant)

    changed = patch(tenant, rule, {"effect": "remove"}).json

    assert (changed["effect"], changed["points"]) == ("remove", None)


def test_a_change_must_make_sense_with_the_rest(tenant: Tenant) -> None:
    rule = made(tenant, expires_after_days=30)

    assert patch(tenant, rule, {"effect": "set"}).pointers == ["/expires_after_days"]
    assert patch(tenant, rule, {"effect": "add_per_unit"}).pointers == ["/effect"]
    assert patch(tenant, rule, {"points": 0}).pointers == ["/points"]
    assert read(tenant, rule).json == rule


def test_of_two_who_change_what_they_read_the_slower_one_is_told(tenant: Tenant) -> None:
    rule = made(tenant)

    first = patch(tenant, rule, {"points": 6})
    second = patch(tenant, rule, {"points": 7})

    assert first.status == 200
    assert (second.status, second.problem) == (412, "version-mismatch")
    assert patch(tenant, first.json, {"points": 7}).json["points"] == 7


def test_a_writer_between_reading_and_writing_is_noticed(
    api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = made(tenant)
    rules = api._modules["ScoringFunction"]._rules
    monkeypatch.setattr(type(rules), "save", lambda *_: False)
    monkeypatch.setattr(type(rules), "delete", lambda *_: False)

    deleted = tenant.owner(
        "deleteScoringRule", audience=tenant.audience_id, rule=rule["id"], headers={"If-Match": '"1"'}
    )

    assert patch(tenant, rule, {"points": 6}).problem == "version-mismatch"
    assert deleted.problem == "version-mismatch"


@pytest.mark.parametrize("operation", ["changeScoringRule", "deleteScoringRule"])
def test_who_does_not_say_which_version_is_asked(tenant: Tenant, operation: str) -> None:
    rule = made(tenant)
    body = {"points": 6} if operation == "changeScoringRule" else None

    answer = tenant.owner(operation, audience=tenant.audience_id, rule=rule["id"], body=body)

    assert (answer.status, answer.problem) == (428, "precondition-required")
    assert read(tenant, rule).json == rule


@pytest.mark.parametrize(
    ("named", "status"),
    [('"1"', 200), ("*", 200), ('"7", "1"', 200), ('"2"', 412), ("1", 412), ('W/"1"', 412), ("", 412)],
)
def test_versions_are_compared_as_http_has_it(tenant: Tenant, named: str, status: int) -> None:
    rule = made(tenant)

    answer = tenant.owner(
        "changeScoringRule",
        audience=tenant.audience_id,
        rule=rule["id"],
        body={"points": 6},
        headers={"If-Match": named},
    )

    assert answer.status == status


def test_a_deleted_rule_is_gone_and_what_it_gave_stays(api: Gateway, tenant: Tenant) -> None:
    rule = made(tenant, activity="page.visited")
    tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=activity("v1"))
    api.settle()

    answer = tenant.as_(Role.MARKETER).ok(
        "deleteScoringRule", audience=tenant.audience_id, rule=rule["id"], headers={"If-Match": '"1"'}
    )

    assert answer == rule
    assert read(tenant, rule).status == 404
    explained = tenant.owner.ok("getScore", audience=tenant.audience_id, contact=contact_id(ADA))
    assert explained["score"] == 5
    assert explained["points_by_rule"][0] | {"rule_id": rule["id"], "name": None} == explained["points_by_rule"][0]


def test_rules_score_orders_by_their_amount(api: Gateway, tenant: Tenant) -> None:
    made(tenant, activity="order.placed", effect="add_per_unit", points=2)
    store = tenant.connect()["id"]
    tenant.owner.ok("recordOrders", store=store, body=order("1", total="59.90"))
    api.settle()

    explained = tenant.owner.ok("getScore", audience=tenant.audience_id, contact=contact_id(ADA))

    assert explained["score"] == 118


def test_an_audience_has_so_many_rules_and_no_more(tenant: Tenant) -> None:
    for number in range(MOST_RULES):
        made(tenant, name=f"Rule {number}")

    answer = create(tenant)

    assert (answer.status, answer.problem) == (409, "conflict")
    assert str(MOST_RULES) in answer.json["detail"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"enabled": "yes"}, "/enabled"),
        ({"activity": "Email Opened"}, "/activity"),
        ({"activity": "x" * 65}, "/activity"),
        ({"effect": "multiply"}, "/effect"),
        ({"effect": "fall"}, "/effect"),
        ({"effect": "add_per_unit"}, "/effect"),
        ({"points": None}, "/points"),
        ({"points": 0}, "/points"),
        ({"points": -1}, "/points"),
        ({"points": 100_000_000}, "/points"),
        ({"points": 1.5}, "/points"),
        ({"points": "5"}, "/points"),
        ({"effect": "remove"}, "/points"),
        ({"effect": "subtract", "points": 0}, "/points"),
        ({"frequency_cap": {"times": 0, "window": "day"}}, "/frequency_cap/times"),
        ({"frequency_cap": {"times": 1, "window": "year"}}, "/frequency_cap/window"),
        ({"frequency_cap": {"times": 1}}, "/frequency_cap/window"),
        ({"expires_after_days": 0}, "/expires_after_days"),
        ({"expires_after_days": 366}, "/expires_after_days"),
        ({"effect": "subtract", "expires_after_days": 5}, "/expires_after_days"),
        ({"effect": "set", "expires_after_days": 5}, "/expires_after_days"),
        ({"counts_machines": 1}, "/counts_machines"),
        ({"colour": "red"}, "/colour"),
        ({"conditions": [{"property": "url", "operator": "equals", "value": "x"}] * 11}, "/conditions"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_its_place(tenant: Tenant, changes: Any, pointer: str) -> None:
    answer = create(tenant, **changes)

    assert (answer.status, answer.problem, answer.pointers) == (422, "invalid-input", [pointer])


@pytest.mark.parametrize(
    ("condition", "pointers"),
    [
        ({"operator": "equals", "value": "x"}, ["property"]),
        ({"property": "", "operator": "equals", "value": "x"}, ["property"]),
        ({"property": "x" * 65, "operator": "equals", "value": "x"}, ["property"]),
        ({"property": "x", "operator": "like", "value": "x"}, ["operator"]),
        ({"property": "x", "operator": "equals"}, ["value"]),
        ({"property": "x", "operator": "equals", "values": ["x"]}, ["value", "values"]),
        ({"property": "x", "operator": "one_of", "value": "x"}, ["values", "value"]),
        ({"property": "x", "operator": "one_of", "values": []}, ["values"]),
        ({"property": "x", "operator": "one_of", "values": ["x"] * 51}, ["values"]),
        ({"property": "x", "operator": "one_of", "values": ["x", None]}, ["values/1"]),
        ({"property": "x", "operator": "equals", "value": 5.5}, ["value"]),
        ({"property": "x", "operator": "equals", "value": ""}, ["value"]),
        ({"property": "x", "operator": "contains", "value": "x" * 1001}, ["value"]),
        ({"property": "x", "operator": "greater", "value": "many"}, ["value"]),
        ({"property": "x", "operator": "less", "value": True}, ["value"]),
        ({"property": "x", "operator": "less", "value": "NaN"}, ["value"]),
    ],
)
def test_a_condition_that_makes_no_sense_is_pointed_at(tenant: Tenant, condition: Any, pointers: list[str]) -> None:
    fine = {"property": "url", "operator": "contains", "value": "x"}

    answer = create(tenant, conditions=[fine, condition])

    assert answer.status == 422
    assert answer.pointers == [f"/conditions/1/{pointer}" for pointer in pointers]


def test_conditions_may_be_long_but_not_endless(tenant: Tenant) -> None:
    def conditions(count: int) -> list[Any]:
        return [{"property": "x", "operator": "equals", "value": "x" * 1000} for _ in range(count)]

    assert create(tenant, conditions=conditions(10)).status == 201
    one_of = {"property": "x", "operator": "one_of", "values": ["x" * 1000] * 11}
    assert create(tenant, conditions=[one_of]).pointers == ["/conditions"]


@pytest.mark.parametrize(
    ("operation", "body"),
    [("createScoringRule", OPENS), ("changeScoringRule", {}), ("deleteScoringRule", None), ("changeScoring", {})],
)
def test_viewers_look_only(tenant: Tenant, operation: str, body: Any) -> None:
    path = {"audience": tenant.audience_id} | ({"rule": "x"} if operation[:6] in ("change", "delete") else {})

    answer = tenant.as_(Role.VIEWER)(operation, body=body, headers={"If-Match": "*"}, **path)

    assert (answer.status, answer.problem) == (403, "forbidden")


def test_a_repeated_key_makes_one_rule_and_tells_its_version_again(tenant: Tenant) -> None:
    key = {"Idempotency-Key": "opens"}

    answers = [
        tenant.owner("createScoringRule", audience=tenant.audience_id, body=OPENS, headers=key) for _ in range(2)
    ]

    assert answers[0].json == answers[1].json
    assert [answer.headers["etag"] for answer in answers] == ['"1"', '"1"']
    assert len(tenant.owner.ok("listScoringRules", audience=tenant.audience_id)["rules"]) == 1


def test_browsers_may_read_the_version(tenant: Tenant) -> None:
    assert "ETag" in create(tenant).headers["access-control-expose-headers"]


def test_scores_fall_by_a_share_of_the_audiences_choice(tenant: Tenant) -> None:
    path = {"audience": tenant.audience_id}
    settings = {"audience_id": tenant.audience_id, "monthly_decay": 0, "highest_score": 99_999_999}

    assert tenant.as_(Role.VIEWER).ok("getScoring", **path) == settings
    assert tenant.as_(Role.MARKETER).ok("changeScoring", body={"monthly_decay": 10}, **path)["monthly_decay"] == 10
    assert tenant.owner.ok("changeScoring", body={}, **path) == settings | {"monthly_decay": 10}
    assert tenant.owner.ok("getScoring", **path) == settings | {"monthly_decay": 10}
    for wrong in (-1, 101, "10", 1.5):
        assert tenant.owner("changeScoring", body={"monthly_decay": wrong}, **path).pointers == ["/monthly_decay"]
