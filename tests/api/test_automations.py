"""Automations: made, read, changed by people who do not know of each other, paused, deleted; and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from laurel.model.automation import MOST_AUTOMATIONS, MOST_STEPS
from laurel.model.automation_state import GuardReason, GuardReport
from laurel.store import queue
from laurel.store.automations import Automations
from tests.support.functions import AUTOMATIONS_QUEUE_URL
from tests.support.shop import BODIES, contact_id

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway

REGULARS = BODIES["createAutomation"]
BOARD = {"rank_by": "total_spent", "time_frame": "year_to_date"}
TAG = {"kind": "add_tag", "tag": "regular"}


def create(tenant: Tenant, **changes: Any) -> Answer:
    return tenant.as_(Role.MARKETER)("createAutomation", audience=tenant.audience_id, body={**REGULARS, **changes})


def made(tenant: Tenant, **changes: Any) -> Any:
    answer = create(tenant, **changes)
    assert answer.status == 201, answer.text
    return answer.json


def patch(tenant: Tenant, it: Any, body: Any, version: str | None = None) -> Answer:
    return tenant.as_(Role.MARKETER)(
        "changeAutomation",
        audience=tenant.audience_id,
        automation=it["id"],
        body=body,
        headers={"If-Match": version or f'"{it["version"]}"'},
    )


def read(tenant: Tenant, it: Any) -> Answer:
    return tenant.as_(Role.VIEWER)("getAutomation", audience=tenant.audience_id, automation=it["id"])


def listed(tenant: Tenant) -> Any:
    return tenant.as_(Role.VIEWER).ok("listAutomations", audience=tenant.audience_id)["automations"]


def released(tenant: Tenant) -> list[str]:
    """The tenant's automations whose held runs were let go on, since the last time."""
    client: Any = queue.sqs()
    found: list[Any] = []
    while messages := client.receive_message(QueueUrl=AUTOMATIONS_QUEUE_URL, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
        for message in messages:
            client.delete_message(QueueUrl=AUTOMATIONS_QUEUE_URL, ReceiptHandle=message["ReceiptHandle"])
    return [it["automation"] for it in found if it["account"] == tenant.account_id]


@pytest.fixture
def full(tenant: Tenant) -> dict[str, Any]:
    """An automation with every kind of condition and step."""
    store = tenant.connect("generic")["id"]
    template = tenant.owner.ok("createTemplate", body=BODIES["createTemplate"])["id"]
    return {
        "name": "Everything",
        "enabled": False,
        "trigger": {"kind": "rank_leaves", "store": store, **BOARD, "first": 50},
        "conditions": [
            {"kind": "consent", "statuses": ["pending", "subscribed"]},
            {"kind": "tag", "tag": "vip", "has": False},
            {"kind": "locale", "locales": ["de", "fr-CH"]},
            {"kind": "score", "least": 10, "most": None},
            {"kind": "metric", "store": store, **BOARD, "least": "59.90", "most": "1000.00"},
            {"kind": "metric", "store": store, "rank_by": "orders_count", "time_frame": "all_time", "least": "3",
             "most": None},
        ],
        "steps": [
            {"kind": "send_template", "template": template, "store": store, "delay": {"amount": 2, "unit": "hours"}},
            {"kind": "send_template", "template": template, "store": None, "delay": None},
            {"kind": "add_tag", "tag": "slipping", "delay": None},
            {"kind": "remove_tag", "tag": "regular", "delay": {"amount": 30, "unit": "days"}},
            {"kind": "change_score", "effect": "subtract", "points": 5, "delay": None},
            {"kind": "change_score", "effect": "remove", "points": None, "delay": None},
            {"kind": "notify_team", "note": "Look at this one.", "delay": None},
            {"kind": "call_webhook", "url": "https://example.com/laurel?x=1", "delay": None},
            {"kind": "put_event", "name": "regular.left", "delay": {"amount": 1, "unit": "minutes"}},
        ],
        "repeat": "every_time",
        "hysteresis": 5,
        "include_existing": False,
        "counts_history": True,
    }  # fmt: skip


def test_an_automation_is_kept_as_it_was_sent(tenant: Tenant, full: dict[str, Any]) -> None:
    answer = create(tenant, **full)

    assert answer.status == 201, answer.text
    assert answer.headers["etag"] == '"1"'
    assert {name: answer.json[name] for name in full} == full
    again = read(tenant, answer.json)
    assert (again.json, again.headers["etag"]) == (answer.json, '"1"')


@pytest.mark.parametrize(
    "trigger",
    [
        {"kind": "score_reaches", "points": 0},
        {"kind": "score_falls_under", "points": 1},
        {"kind": "score_enters", "least": 5, "most": 5},
        {"kind": "tag_added", "tag": "vip"},
        {"kind": "silent", "of": "purchase", "days": 90},
        {"kind": "first_purchase"},
        {"kind": "slipping", "alerts": []},
        {"kind": "slipping", "alerts": ["left_first", "overdue"]},
    ],
    ids=json.dumps,
)
def test_a_trigger_is_kept_as_it_was_sent(tenant: Tenant, trigger: Any) -> None:
    assert read(tenant, made(tenant, trigger=trigger)).json["trigger"] == trigger


def test_what_is_left_out_has_its_default(tenant: Tenant) -> None:
    it = made(tenant)

    assert (it["enabled"], it["conditions"], it["repeat"], it["hysteresis"]) == (True, [], "once", 0)
    assert (it["include_existing"], it["counts_history"], it["inclusion_job"]) == (False, False, None)
    assert (it["guard"], it["last_run_at"], it["runs_30_days"]) == (None, None, 0)
    assert it["enabled_at"] == it["created_at"]


def test_automations_are_listed_in_the_order_of_their_creation(tenant: Tenant) -> None:
    names = ["third", "first", "second"]
    for name in names:
        made(tenant, name=name)

    assert [it["name"] for it in listed(tenant)] == names


def test_automations_of_another_audience_are_not_there(tenant: Tenant) -> None:
    it = made(tenant)
    other = tenant.owner.ok("createAudience", body={"name": "Friends"})["id"]

    assert tenant.owner.ok("listAutomations", audience=other) == {"automations": []}
    assert tenant.owner("getAutomation", audience=other, automation=it["id"]).problem == "not-found"


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Other"},
        {"trigger": {"kind": "tag_added", "tag": "vip"}},
        {"conditions": [{"kind": "tag", "tag": "vip", "has": True}]},
        {"steps": [{"kind": "remove_tag", "tag": "regular", "delay": None}]},
        {"repeat": "every_time"},
        {"hysteresis": 3},
        {"counts_history": True},
    ],
    ids=json.dumps,
)
def test_a_change_leaves_the_rest_alone(tenant: Tenant, body: Any) -> None:
    it = made(tenant)

    answer = patch(tenant, it, body)

    assert answer.status == 200, answer.text
    assert answer.json == {**it, **body, "updated_at": answer.json["updated_at"], "version": 2}
    assert answer.headers["etag"] == '"2"'
    assert read(tenant, it).json == answer.json


def test_of_two_who_change_what_they_read_the_slower_one_is_told(tenant: Tenant) -> None:
    it = made(tenant)

    first = patch(tenant, it, {"name": "One"})
    second = patch(tenant, it, {"name": "Two"})

    assert first.status == 200
    assert (second.status, second.problem) == (412, "version-mismatch")


def test_a_writer_between_reading_and_writing_is_noticed(
    api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = made(tenant)
    kept = type(api.module_of("AutomationsFunction")._automations)
    monkeypatch.setattr(kept, "save", lambda *_: False)
    monkeypatch.setattr(kept, "delete", lambda *_: False)

    deleted = tenant.owner(
        "deleteAutomation", audience=tenant.audience_id, automation=it["id"], headers={"If-Match": '"1"'}
    )

    assert patch(tenant, it, {"name": "Two"}).problem == "version-mismatch"
    assert deleted.problem == "version-mismatch"


@pytest.mark.parametrize("operation", ["changeAutomation", "deleteAutomation"])
def test_who_does_not_say_which_version_is_asked(tenant: Tenant, operation: str) -> None:
    it = made(tenant)
    body = {"name": "Two"} if operation == "changeAutomation" else None

    answer = tenant.owner(operation, audience=tenant.audience_id, automation=it["id"], body=body)

    assert (answer.status, answer.problem) == (428, "precondition-required")
    assert read(tenant, it).json == it


def test_an_automation_is_paused_and_enabled_again_and_its_held_runs_go_on(tenant: Tenant) -> None:
    it = made(tenant)

    paused = patch(tenant, it, {"enabled": False}).json
    assert (paused["enabled"], paused["enabled_at"]) == (False, it["enabled_at"])
    assert released(tenant) == []
    enabled = patch(tenant, paused, {"enabled": True}).json

    assert enabled["enabled"] is True
    assert enabled["enabled_at"] == enabled["updated_at"]
    assert released(tenant) == [it["id"]]


def test_what_is_gone_keeps_an_automation_from_being_enabled_but_not_from_being_paused(tenant: Tenant) -> None:
    template = tenant.owner.ok("createTemplate", body=BODIES["createTemplate"])["id"]
    it = made(tenant, steps=[TAG, {"kind": "send_template", "template": template}])
    tenant.owner.ok("deleteTemplate", template=template, headers={"If-Match": '"1"'})

    paused = patch(tenant, it, {"enabled": False, "name": "Paused"})
    refused = patch(tenant, paused.json, {"enabled": True})

    assert paused.status == 200, paused.text
    assert refused.pointers == ["/steps/1/template"]
    assert read(tenant, it).json == paused.json


def test_a_deleted_automation_is_gone_and_its_held_runs_are_looked_after(tenant: Tenant) -> None:
    it = made(tenant)

    answer = tenant.as_(Role.MARKETER).ok(
        "deleteAutomation", audience=tenant.audience_id, automation=it["id"], headers={"If-Match": '"1"'}
    )

    assert answer == it
    assert read(tenant, it).status == 404
    assert listed(tenant) == []
    assert released(tenant) == [it["id"]]


def test_a_report_of_the_guard_is_shown_with_its_automation(api: Gateway, tenant: Tenant) -> None:
    it, other = made(tenant), made(tenant, name="Other")
    kept = Automations(api.database.client, api.database.tables.workspace)
    known = kept.automation(tenant.account_id, tenant.audience_id, it["id"])
    assert known
    assert known.created_at
    report = GuardReport(
        known.created_at, GuardReason.LOOP, contact_id("ada@example.com"), "0" * 24, (other["id"], it["id"])
    )
    assert kept.report(known.account_id, known.audience_id, known.id, report)

    shown, unsuspicious = (one["guard"] for one in listed(tenant))

    assert unsuspicious is None
    assert shown == {
        "at": it["created_at"],
        "reason": "loop",
        "contact": report.contact,
        "run": report.run,
        "chain": [other["id"], it["id"]],
        "times": 1,
    }
    assert read(tenant, it).json["guard"] == shown


def test_an_audience_has_so_many_automations_and_no_more(tenant: Tenant) -> None:
    for number in range(MOST_AUTOMATIONS):
        made(tenant, name=f"Automation {number}")

    answer = create(tenant)

    assert (answer.status, answer.problem) == (409, "conflict")
    assert str(MOST_AUTOMATIONS) in answer.json["detail"]


def of_store(**more: Any) -> dict[str, Any]:
    return {"store": "nowhere", **BOARD, **more}


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"name": " "}, ["/name"]),
        ({"colour": "red"}, ["/colour"]),
        ({"enabled": "yes"}, ["/enabled"]),
        ({"enabled": False, "include_existing": True}, ["/include_existing"]),
        ({"repeat": "twice"}, ["/repeat"]),
        ({"hysteresis": -1}, ["/hysteresis"]),
        ({"trigger": {"kind": "first_purchase"}, "hysteresis": 1}, ["/hysteresis"]),
        ({"trigger": None}, ["/trigger"]),
        ({"trigger": {}}, ["/trigger/kind"]),
        ({"trigger": {"kind": "full_moon"}}, ["/trigger/kind"]),
        ({"trigger": {"kind": "score_reaches"}}, ["/trigger/points"]),
        ({"trigger": {"kind": "score_reaches", "points": 1, "tag": "vip"}}, ["/trigger/tag"]),
        ({"trigger": {"kind": "score_reaches", "points": 100_000_000}}, ["/trigger/points"]),
        ({"trigger": {"kind": "score_falls_under", "points": 0}}, ["/trigger/points"]),
        ({"trigger": {"kind": "score_enters", "least": 6, "most": 5}}, ["/trigger/most"]),
        ({"trigger": {"kind": "rank_enters", **of_store(first=10)}}, ["/trigger/store"]),
        ({"trigger": {"kind": "rank_leaves", **of_store(first=1001)}}, ["/trigger/first"]),
        ({"trigger": {"kind": "tag_added", "tag": "x" * 51}}, ["/trigger/tag"]),
        ({"trigger": {"kind": "silent", "of": "sleep", "days": 0}}, ["/trigger/of", "/trigger/days"]),
        ({"trigger": {"kind": "slipping", "alerts": ["bored"]}}, ["/trigger/alerts/0"]),
        ({"conditions": [{"kind": "weather"}]}, ["/conditions/0/kind"]),
        ({"conditions": [{"kind": "tag", "tag": "vip"}] * 11}, ["/conditions"]),
        ({"conditions": [{"kind": "tag", "tag": ""}]}, ["/conditions/0/tag"]),
        ({"conditions": [{"kind": "tag", "tag": {"tag": "vip"}}]}, ["/conditions/0/tag"]),
        ({"conditions": [{"kind": "tag"}]}, ["/conditions/0/tag"]),
        ({"conditions": [{"kind": "tag", "tag": "vip", "has": "no"}]}, ["/conditions/0/has"]),
        ({"conditions": [{"kind": "consent", "statuses": []}]}, ["/conditions/0/statuses"]),
        ({"conditions": [{"kind": "locale", "locales": ["Klingon!"]}]}, ["/conditions/0/locales/0"]),
        ({"conditions": [{"kind": "score"}]}, ["/conditions/0/least"]),
        ({"conditions": [{"kind": "score", "least": 2, "most": 1}]}, ["/conditions/0/most"]),
        ({"conditions": [{"kind": "tag", "tag": "vip"}, {"kind": "metric", **of_store(least="1")}]},
         ["/conditions/1/store"]),
        ({"conditions": [{"kind": "metric", **of_store(least="much")}]}, ["/conditions/0/least"]),
        ({"steps": []}, ["/steps"]),
        ({"steps": [TAG] * (MOST_STEPS + 1)}, ["/steps"]),
        ({"steps": [TAG, {"kind": "dance"}]}, ["/steps/1/kind"]),
        ({"steps": [{"kind": "add_tag", "tag": "x" * 51}]}, ["/steps/0/tag"]),
        ({"steps": [{"kind": "send_template", "template": "nothing"}]}, ["/steps/0/template"]),
        ({"steps": [{"kind": "send_template", "template": "nothing", "store": "nowhere"}]},
         ["/steps/0/template", "/steps/0/store"]),
        ({"steps": [{"kind": "give_reward", "programme": "nothing"}]}, ["/steps/0/programme"]),
        ({"steps": [{"kind": "change_score", "effect": "add"}]}, ["/steps/0/points"]),
        ({"steps": [{"kind": "change_score", "effect": "add", "points": 0}]}, ["/steps/0/points"]),
        ({"steps": [{"kind": "change_score", "effect": "remove", "points": 1}]}, ["/steps/0/points"]),
        ({"steps": [{"kind": "change_score", "effect": "fall", "points": 1}]}, ["/steps/0/effect"]),
        ({"steps": [{"kind": "notify_team", "note": " "}]}, ["/steps/0/note"]),
        ({"steps": [{"kind": "call_webhook", "url": "http://example.com/"}]}, ["/steps/0/url"]),
        ({"steps": [{"kind": "call_webhook", "url": "https://a:b@example.com/"}]}, ["/steps/0/url"]),
        ({"steps": [{"kind": "put_event", "name": "Left!"}]}, ["/steps/0/name"]),
        ({"steps": [{**TAG, "delay": {"amount": 0, "unit": "days"}}]}, ["/steps/0/delay/amount"]),
        ({"steps": [{**TAG, "delay": {"amount": 1, "unit": "moons"}}]}, ["/steps/0/delay/unit"]),
        ({"steps": [{**TAG, "delay": {"amount": 183, "unit": "days"}}] * 2}, ["/steps"]),
    ],
)  # fmt: skip
def test_an_automation_that_makes_no_sense_is_refused_with_its_place(
    tenant: Tenant, changes: Any, pointers: list[str]
) -> None:
    answer = create(tenant, **changes)

    assert (answer.status, answer.problem, answer.pointers) == (422, "invalid-input", pointers)


@pytest.mark.parametrize(
    ("rank_by", "figure", "status"),
    [
        ("orders_count", 3, 201),
        ("orders_count", "3.5", 422),
        ("total_spent", "59.9", 201),
        ("average_order_value", "59.901", 422),
    ],
)
def test_figures_are_numbers_of_purchases_or_amounts(tenant: Tenant, rank_by: str, figure: Any, status: int) -> None:
    store = tenant.connect("generic")["id"]
    condition = {"kind": "metric", "store": store, "rank_by": rank_by, "time_frame": "all_time", "most": figure}

    answer = create(tenant, conditions=[condition])

    assert answer.status == status, answer.text
    if status == 422:
        assert answer.pointers == ["/conditions/0/most"]


def test_a_store_of_another_audience_is_not_one_to_name(tenant: Tenant) -> None:
    other = tenant.owner.ok("createAudience", body={"name": "Friends"})["id"]
    body = BODIES["connectStore"] | {"audience_id": other}
    store = tenant.owner.ok("connectStore", body=body)["id"]

    answer = create(tenant, trigger={"kind": "rank_enters", "store": store, **BOARD, "first": 10})

    assert answer.pointers == ["/trigger/store"]


def test_viewers_look_only(tenant: Tenant) -> None:
    viewer, path = tenant.as_(Role.VIEWER), {"audience": tenant.audience_id}

    for operation, body in (("createAutomation", REGULARS), ("startDryRun", {"draft": REGULARS})):
        assert viewer(operation, body=body, **path).problem == "forbidden"
    assert viewer("changeAutomation", automation="x", body={}, headers={"If-Match": "*"}, **path).status == 403
    assert viewer("deleteAutomation", automation="x", headers={"If-Match": "*"}, **path).status == 403
