"""Whom an automation would touch, including those who meet its trigger, and the log of its runs, through the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from tests.support.shop import ADA, BEN, BODIES, CLEO, activity, contact_id

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

DAN = "dan@example.com"
NAMES = {ADA: "Ada", BEN: "Ben", CLEO: "Cleo", DAN: "Dan"}
SCORES = {ADA: 150, BEN: 100, CLEO: 99}
REGULARS = BODIES["createAutomation"] | {"conditions": [{"kind": "tag", "tag": "vip"}]}


@pytest.fixture
def audience(api: Gateway, tenant: Tenant) -> str:
    """An audience of four, three of whom have scores, and one of those a tag."""
    api.work()
    for email, name in NAMES.items():
        body = activity(f"seen-{email}", email)
        body["contact"] |= {"first_name": name, "last_name": "L", "tags": ["vip"] if email == ADA else []}
        tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=body)
    for email, points in SCORES.items():
        person = {"audience": tenant.audience_id, "contact": contact_id(email)}
        tenant.owner.ok("changeScore", body={"effect": "set", "points": points}, **person)
    return tenant.audience_id


def tried(api: Gateway, tenant: Tenant, body: Any) -> Any:
    """A dry run that is done."""
    job = tenant.as_(Role.MARKETER).ok("startDryRun", audience=tenant.audience_id, body=body)
    assert (job["kind"], job["state"]) == ("dry_run", "queued")
    waiting = tenant.as_(Role.VIEWER).ok("getDryRun", audience=tenant.audience_id, job=job["id"])
    assert (waiting["state"], waiting["result"]) == ("queued", None)
    api.work()
    return tenant.as_(Role.VIEWER).ok("getDryRun", audience=tenant.audience_id, job=job["id"])


def shown(tenant: Tenant, email: str) -> dict[str, Any]:
    id_ = contact_id(email)
    profile = f"/v1/audiences/{tenant.audience_id}/contacts/{id_}"
    return {"id": id_, "email": email, "name": f"{NAMES[email]} L", "profile": profile}


def runs(tenant: Tenant, automation: Any, **query: Any) -> Any:
    path = {"audience": tenant.audience_id, "automation": automation["id"]}
    return tenant.as_(Role.VIEWER).ok("listAutomationRuns", query=query, **path)


def runs_for(tenant: Tenant, email: str, **query: Any) -> Any:
    path = {"audience": tenant.audience_id, "contact": contact_id(email)}
    return tenant.as_(Role.VIEWER).ok("listContactRuns", query=query, **path)


def create(tenant: Tenant, **changes: Any) -> Any:
    return tenant.owner.ok("createAutomation", audience=tenant.audience_id, body={**REGULARS, **changes})


def change(tenant: Tenant, it: Any, body: Any) -> Any:
    path = {"audience": tenant.audience_id, "automation": it["id"]}
    return tenant.owner.ok("changeAutomation", body=body, headers={"If-Match": f'"{it["version"]}"'}, **path)


def test_a_dry_run_of_a_draft_lists_whom_it_would_touch_and_whom_which_condition_keeps_out(
    api: Gateway, tenant: Tenant, audience: str
) -> None:
    draft = REGULARS | {"conditions": [{"kind": "score", "least": 50}, {"kind": "tag", "tag": "vip"}]}

    found = tried(api, tenant, {"draft": draft})

    assert (found["automation"], found["name"], found["state"]) == (None, "Regulars", "done")
    assert found["result"] == {
        "checked": 4,
        "met": 2,
        "done_before": 0,
        "touched": 1,
        "refused": 1,
        "refused_by": [
            {"condition": 0, "kind": "score", "contacts": 0},
            {"condition": 1, "kind": "tag", "contacts": 1},
        ],
        "touched_contacts": [shown(tenant, ADA)],
        "refused_contacts": [{**shown(tenant, BEN), "conditions": [1]}],
    }
    assert tenant.owner.ok("listAutomations", audience=audience) == {"automations": []}
    assert runs_for(tenant, ADA)["runs"] == []


def test_a_dry_run_of_a_kept_automation_passes_over_who_had_their_one_run(
    api: Gateway, tenant: Tenant, audience: str
) -> None:
    it = create(tenant, include_existing=True)
    api.work()

    found = tried(api, tenant, {"automation": it["id"]})

    assert found["automation"] == it["id"]
    told = ("met", "done_before", "touched", "refused")
    assert [found["result"][name] for name in told] == [2, 1, 0, 1], "who was skipped had no run"
    again = tried(api, tenant, {"draft": REGULARS | {"repeat": "every_time"}})
    assert [again["result"][name] for name in told] == [2, 0, 1, 1]


def test_a_job_tells_ids_and_of_who_is_erased_nobody_learns_a_name(api: Gateway, tenant: Tenant, audience: str) -> None:
    found = tried(api, tenant, {"draft": REGULARS})
    tenant.owner.ok("erasePerson", audience=audience, contact=contact_id(ADA))
    api.work_on_erasures()

    job = tenant.owner.ok("getJob", audience=audience, job=found["id"])
    again = tenant.owner.ok("getDryRun", audience=audience, job=found["id"])

    assert job["result"]["touched_contacts"] == [contact_id(ADA)]
    assert again["result"]["touched_contacts"] == [shown(tenant, ADA) | {"email": None, "name": None}]


def test_a_dry_run_of_nothing_is_refused(tenant: Tenant, audience: str) -> None:
    def answer(body: Any) -> Any:
        return tenant.owner("startDryRun", audience=audience, body=body)

    assert answer({"automation": "none"}).problem == "not-found"
    assert answer({}).status == 422
    assert answer({"automation": "none", "draft": REGULARS}).status == 422
    nowhere = {"kind": "metric", "store": "nowhere", "rank_by": "total_spent", "time_frame": "all_time", "least": "1"}
    assert answer({"draft": REGULARS | {"conditions": [nowhere]}}).pointers == ["/draft/conditions/0/store"]
    template = {"kind": "send_template", "template": "nothing"}
    assert answer({"draft": REGULARS | {"steps": [template]}}).pointers == ["/draft/steps/0/template"]
    assert answer({"draft": REGULARS | {"steps": [{"kind": "add_tag"}]}}).pointers == ["/draft/steps/0/tag"]


def test_another_kind_of_job_is_no_dry_run(tenant: Tenant, audience: str) -> None:
    job = tenant.owner.ok("verifyScores", audience=audience, body={})["id"]

    assert tenant.owner("getDryRun", audience=audience, job=job).problem == "not-found"
    assert tenant.owner("getDryRun", audience=audience, job="none").problem == "not-found"


def test_those_who_meet_the_trigger_are_included_when_somebody_asks(
    api: Gateway, tenant: Tenant, audience: str
) -> None:
    it = create(tenant, include_existing=True)
    waiting = tenant.owner.ok("getJob", audience=audience, job=it["inclusion_job"])
    api.work()

    job = tenant.owner.ok("getJob", audience=audience, job=it["inclusion_job"])

    assert (waiting["kind"], waiting["state"]) == ("inclusion", "queued")
    assert job["result"] == {"checked": 4, "met": 2, "begun": 2, "superseded": False}
    listed = runs(tenant, it)["runs"]
    assert {(run["contact"]["email"], run["state"], run["reason"]) for run in listed} == {
        (ADA, "waiting", None),
        (BEN, "skipped", "tag"),
    }
    (shown_again,) = tenant.owner.ok("listAutomations", audience=audience)["automations"]
    assert shown_again["runs_30_days"] == 2
    assert shown_again["last_run_at"] == max(run["started_at"] for run in listed)


def test_who_is_enabled_again_includes_nobody_unless_that_is_asked_for(
    api: Gateway, tenant: Tenant, audience: str
) -> None:
    it = create(tenant, include_existing=True, repeat="every_time", conditions=[])
    api.work()
    paused = change(tenant, it, {"enabled": False})
    assert (paused["include_existing"], paused["inclusion_job"]) == (False, None)
    enabled = change(tenant, paused, {"enabled": True})
    renamed = change(tenant, enabled, {"name": "Other"})
    api.work()
    assert len(runs_for(tenant, ADA)["runs"]) == 1

    asked = change(tenant, renamed, {"include_existing": True})
    api.work()

    assert (enabled["include_existing"], enabled["inclusion_job"]) == (False, None)
    assert asked["inclusion_job"] not in (None, it["inclusion_job"])
    assert len(runs_for(tenant, ADA)["runs"]) == 2


def test_a_change_that_was_too_late_includes_nobody(
    api: Gateway, tenant: Tenant, audience: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = create(tenant)
    with monkeypatch.context() as outrun:
        outrun.setattr(type(api.module_of("AutomationsFunction")._automations), "save", lambda *_: False)
        path = {"audience": audience, "automation": it["id"]}
        late = tenant.owner("changeAutomation", body={"include_existing": True}, headers={"If-Match": '"1"'}, **path)
    api.work()

    assert late.problem == "version-mismatch"
    assert runs(tenant, it)["runs"] == []


def test_runs_are_listed_newest_first_page_by_page(api: Gateway, tenant: Tenant, audience: str) -> None:
    it = create(tenant, include_existing=True, conditions=[])
    api.work()
    whole = runs(tenant, it)["runs"]

    first = runs(tenant, it, limit=1)
    second = runs(tenant, it, limit=1, cursor=first["next_cursor"])

    assert [*first["runs"], *second["runs"]] == whole
    assert [run["contact"]["email"] for run in whole]
    assert {run["contact"]["email"] for run in whole} == {ADA, BEN}
    refused = tenant.owner(
        "listContactRuns", audience=audience, contact=contact_id(ADA), query={"cursor": first["next_cursor"]}
    )
    assert refused.problem == "invalid-cursor"


def test_runs_for_a_contact_are_listed_newest_first_page_by_page(api: Gateway, tenant: Tenant, audience: str) -> None:
    made = [create(tenant, name=name, include_existing=True, conditions=[]) for name in ("one", "two", "three")]
    api.work()

    whole = runs_for(tenant, ADA)["runs"]
    first = runs_for(tenant, ADA, limit=2)
    second = runs_for(tenant, ADA, limit=2, cursor=first["next_cursor"])

    assert {run["automation_id"] for run in whole} == {it["id"] for it in made}
    assert [run["started_at"] for run in whole] == sorted((run["started_at"] for run in whole), reverse=True)
    assert ([*first["runs"], *second["runs"]], second["next_cursor"]) == (whole, None)
    assert runs_for(tenant, CLEO)["runs"] == []


def test_a_run_tells_its_cause_and_what_came_of_each_step(api: Gateway, tenant: Tenant, audience: str) -> None:
    steps = [
        {"kind": "add_tag", "tag": "regular", "delay": None},
        {"kind": "change_score", "effect": "add", "points": 5, "delay": {"amount": 3, "unit": "days"}},
    ]
    it = create(tenant, include_existing=True, steps=steps)
    api.work()
    api.react()
    api.work_on_runs()
    (listed,) = runs_for(tenant, ADA)["runs"]
    path = {"audience": audience, "contact": contact_id(ADA)}

    run = tenant.as_(Role.VIEWER).ok("getAutomationRun", run=listed["id"], **path)

    assert {name: run[name] for name in listed} == listed
    assert listed["location"] == f"/v1/audiences/{audience}/contacts/{contact_id(ADA)}/automation-runs/{listed['id']}"
    assert (run["automation_id"], run["automation_name"], run["automation_version"]) == (it["id"], "Regulars", 1)
    assert (run["state"], run["steps_done"], run["steps_total"]) == ("waiting", 1, 2)
    assert (run["cause"]["kind"], run["chain"]) == ("existing", [it["id"]])
    assert run["due_at"] > run["started_at"]
    assert run["steps"] == steps
    done = [(told["step"], told["kind"], told["outcome"]) for told in run["log"]]
    assert (0, "add_tag", "done") in done
    assert tenant.owner("getAutomationRun", run="0" * 24, **path).problem == "not-found"


def test_runs_are_in_their_contacts_timeline(api: Gateway, tenant: Tenant, audience: str) -> None:
    it = create(tenant, include_existing=True)
    api.work()

    entries = tenant.owner.ok("getTimeline", audience=audience, contact=contact_id(ADA))["entries"]

    (entry,) = (entry for entry in entries if entry["kind"] == "automation")
    (run,) = runs_for(tenant, ADA)["runs"]
    assert entry["at"] == run["started_at"]
    assert entry["automation"] == {name: run[name] for name in entry["automation"]}
    assert entry["automation"]["automation_id"] == it["id"]
