"""Jobs on scores, and how scores are spread, through the API and the queue of jobs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from laurel.store import keys, queue
from tests.support.api import Context
from tests.support.functions import JOBS_QUEUE_URL
from tests.support.shop import ADA, BEN, CLEO, activity, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

NOBODY = "nobody@example.com"
DAILY = ["alerts", "decay", "expiry", "snapshot"]
"""Kinds of jobs that each audience has every day."""


@pytest.fixture
def audience(tenant: Tenant) -> str:
    """An audience of Ada, Ben and Cleo, none of whom has a score."""
    for email in (ADA, BEN, CLEO):
        tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=activity(f"seen-{email}", email))
    return tenant.audience_id


@pytest.fixture(autouse=True)
def empty_queue(api: Gateway) -> None:
    """No job of another test is left over."""
    api.work()


def started(tenant: Tenant, operation: str, **request: Any) -> Any:
    return tenant.as_(Role.MARKETER).ok(operation, audience=tenant.audience_id, **request)


def finished(api: Gateway, tenant: Tenant, job: Any) -> Any:
    """The job, after the queue has been worked off."""
    api.work()
    viewer = tenant.as_(Role.VIEWER)
    assert job["location"] == f"/v1/audiences/{tenant.audience_id}/jobs/{job['id']}"
    return viewer.ok("getJob", audience=tenant.audience_id, job=job["id"])


def score(tenant: Tenant, email: str) -> int | None:
    points: int | None = tenant.owner.ok("getScore", audience=tenant.audience_id, contact=contact_id(email))["score"]
    return points


def give(tenant: Tenant, **points: int) -> None:
    for name, given in points.items():
        person = {"audience": tenant.audience_id, "contact": contact_id(f"{name}@example.com")}
        tenant.owner.ok("changeScore", body={"effect": "set", "points": given}, **person)


def test_bulk_change_of_named_contacts(api: Gateway, tenant: Tenant, audience: str) -> None:
    named = [ADA, contact_id(BEN), ADA.upper(), NOBODY]

    job = started(tenant, "changeScoresInBulk", body={"effect": "add", "points": 50, "contacts": named})
    done = finished(api, tenant, job)

    assert (job["state"], job["progress"]) == ("queued", {"done": 0, "total": 3})
    assert (done["state"], done["progress"]) == ("done", {"done": 3, "total": 3})
    assert done["result"] == {"changed": 2, "missing": 1}
    assert [score(tenant, email) for email in (ADA, BEN, CLEO)] == [50, 50, None]


def test_bulk_change_by_query_is_about_whom_it_finds_at_first(api: Gateway, tenant: Tenant, audience: str) -> None:
    give(tenant, ada=10, ben=20, cleo=30)

    body = {"effect": "subtract", "points": 15, "reason": "Asleep", "query": {"at_least": 20}}
    done = finished(api, tenant, started(tenant, "changeScoresInBulk", body=body))

    assert done["result"] == {"changed": 2, "missing": 0}
    assert [score(tenant, email) for email in (ADA, BEN, CLEO)] == [10, 5, 15]
    entry = tenant.owner.ok("getScore", audience=audience, contact=contact_id(BEN))["entries"][0]
    assert (entry["asked"], entry["given"], entry["reason"]) == (-15, -15, "Asleep")


def test_bulk_change_of_more_than_ten_thousand_changes_nothing(
    api: Gateway, tenant: Tenant, audience: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("laurel.scoring.bulk.MOST_CONTACTS", 2)
    give(tenant, ada=10, ben=20, cleo=30)

    body = {"effect": "remove", "query": {"at_least": 0}}
    done = finished(api, tenant, started(tenant, "changeScoresInBulk", body=body))

    assert done["state"] == "failed"
    assert done["error"].startswith("The query finds more than 2 contacts. Nothing was changed.")
    assert [score(tenant, email) for email in (ADA, BEN, CLEO)] == [10, 20, 30]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"effect": "add", "contacts": [ADA]}, "/points"),
        ({"effect": "add", "points": 5}, "/contacts"),
        ({"effect": "add", "points": 5, "contacts": [ADA], "query": {}}, "/contacts"),
        ({"effect": "add", "points": 5, "contacts": ["ada"]}, "/contacts/0"),
        ({"effect": "add", "points": 5, "contacts": []}, "/contacts"),
        ({"effect": "double", "contacts": [ADA]}, "/effect"),
        ({"effect": "add", "points": 5, "query": {"colour": "red"}}, "/query/colour"),
    ],
)
def test_bulk_change_that_makes_no_sense(tenant: Tenant, body: Any, pointer: str) -> None:
    refused = tenant.owner("changeScoresInBulk", audience=tenant.audience_id, body=body)

    assert (refused.status, refused.problem) == (422, "invalid-input")
    assert pointer in refused.pointers


def test_query_is_checked_before_the_job_is_made(tenant: Tenant) -> None:
    body = {"effect": "remove", "query": {"store": "nonesuch"}}

    assert tenant.owner("changeScoresInBulk", audience=tenant.audience_id, body=body).status == 404
    assert tenant.owner.ok("listJobs", audience=tenant.audience_id)["jobs"] == []


def test_messages_delivered_twice_change_once(api: Gateway, tenant: Tenant, audience: str) -> None:
    job = started(tenant, "changeScoresInBulk", body={"effect": "add", "points": 5, "contacts": [ADA, BEN]})
    message = {"account": tenant.account_id, "audience": audience, "job": job["id"]}
    for _ in range(3):
        queue.JobQueue(queue.sqs(), JOBS_QUEUE_URL).send(*message.values())

    done = finished(api, tenant, job)

    assert done["result"] == {"changed": 2, "missing": 0}
    assert [score(tenant, email) for email in (ADA, BEN)] == [5, 5]


def test_verification_finds_and_repairs_a_damaged_score(api: Gateway, tenant: Tenant, audience: str) -> None:
    give(tenant, ada=10, ben=20)
    profile = {
        "pk": {"S": keys.person(tenant.account_id, audience, contact_id(BEN))},
        "sk": {"S": keys.PROFILE},
    }
    api.database.client.update_item(
        TableName=api.database.tables.contacts,
        Key=profile,
        UpdateExpression="SET score = :wrong",
        ExpressionAttributeValues={":wrong": {"N": "99"}},
    )

    told = finished(api, tenant, started(tenant, "verifyScores", body={"repair": False}))
    assert score(tenant, BEN) == 99
    repaired = finished(api, tenant, started(tenant, "verifyScores"))
    assert score(tenant, BEN) == 20
    after = finished(api, tenant, started(tenant, "verifyScores"))

    wrong = {"contact": contact_id(BEN), "kept": 99, "score": 99, "repaired": False}
    assert told["result"] == {"checked": 3, "wrong": 1, "repaired": 0, "contacts": [wrong]}
    wrong |= {"score": 20, "repaired": True}
    assert repaired["result"] == {"checked": 3, "wrong": 1, "repaired": 1, "contacts": [wrong]}
    assert after["result"] == {"checked": 3, "wrong": 0, "repaired": 0, "contacts": []}


def test_back_test_says_who_would_cross_the_threshold(api: Gateway, tenant: Tenant, audience: str) -> None:
    shop = tenant.connect()
    tenant.owner.ok("recordOrders", store=shop["id"], body=order("1", ADA, "25.90"))
    tenant.owner.ok("recordActivity", audience=audience, body=activity("click", BEN, "email.clicked"))
    long_ago = (datetime.now(UTC) - timedelta(days=20)).isoformat()
    old = activity("old", CLEO, "email.clicked") | {"occurred_at": long_ago}
    tenant.owner.ok("recordActivity", audience=audience, body=old)
    give(tenant, ada=0, ben=9, cleo=30)

    rules = [
        {"name": "Spent", "activity": "order.placed", "effect": "add_per_unit", "points": 2},
        {"name": "Clicked", "activity": "email.clicked", "effect": "add", "points": 5},
    ]
    body = {"rules": rules, "threshold": 10, "days": 7}
    done = finished(api, tenant, started(tenant, "backTestRules", body=body))

    found = done["result"]
    assert (found["contacts"], found["replayed"], found["days"], found["threshold"]) == (3, 5, 7, 10)
    assert found["today"] == {"contacts": 3, "total": 39, "reached": 1}
    assert found["draft"] == {"contacts": 2, "total": 55, "reached": 1}
    ada = {"contact": contact_id(ADA), "email": ADA, "today": 0, "draft": 50, "rule": 1}
    cleo = {"contact": contact_id(CLEO), "email": CLEO, "today": 30, "draft": None, "rule": None}
    assert found["rising"] == {"count": 1, "contacts": [ada]}
    assert found["falling"] == {"count": 1, "contacts": [cleo]}
    assert found["rules"] == [
        {"rule": 1, "name": "Spent", "fired": 1, "points": 50, "contacts": 1},
        {"rule": 2, "name": "Clicked", "fired": 1, "points": 5, "contacts": 1},
    ]
    assert found["dominant_rule"] == 1
    assert [score(tenant, email) for email in (ADA, BEN, CLEO)] == [0, 9, 30], "nothing is written"


def test_faults_of_draft_rules_are_told_by_rule(tenant: Tenant) -> None:
    rules = [
        {"name": "Good", "activity": "email.clicked", "effect": "add", "points": 5},
        {"name": "No points", "activity": "email.clicked", "effect": "add"},
        {"name": "No amount", "activity": "email.clicked", "effect": "add_per_unit", "points": 1},
    ]

    refused = tenant.owner("backTestRules", audience=tenant.audience_id, body={"rules": rules, "threshold": 10})

    assert refused.status == 422
    assert refused.pointers == ["/rules/1/points", "/rules/2/effect"]


def test_draft_rules_have_a_size(tenant: Tenant) -> None:
    condition = {"property": "page", "operator": "one_of", "values": ["x" * 990] * 10}
    rule = {"name": "Much", "activity": "email.clicked", "effect": "add", "points": 5, "conditions": [condition]}

    refused = tenant.owner("backTestRules", audience=tenant.audience_id, body={"rules": [rule] * 30, "threshold": 10})

    assert refused.status == 422
    assert refused.pointers == ["/rules"]


def test_jobs_are_listed_newest_first_and_page_by_page(api: Gateway, tenant: Tenant, audience: str) -> None:
    ids = [started(tenant, "verifyScores")["id"] for _ in range(3)]
    viewer = tenant.as_(Role.VIEWER)

    first = viewer.ok("listJobs", audience=audience, query={"limit": 2})
    second = viewer.ok("listJobs", audience=audience, query={"limit": 2, "cursor": first["next_cursor"]})

    listed = [job["id"] for job in (*first["jobs"], *second["jobs"])]
    assert sorted(listed) == sorted(ids)
    assert [job["created_at"] for job in (*first["jobs"], *second["jobs"])] == sorted(
        (job["created_at"] for job in (*first["jobs"], *second["jobs"])), reverse=True
    )
    assert second["next_cursor"] is None
    assert {job["state"] for job in first["jobs"]} == {"queued"}


def test_job_tells_who_asked(api: Gateway, tenant: Tenant, audience: str) -> None:
    assert started(tenant, "verifyScores")["by"] is None  # the token of these tests carries no address


def test_unknown_job(tenant: Tenant) -> None:
    assert tenant.owner("getJob", audience=tenant.audience_id, job="nonesuch").status == 404
    assert tenant.owner("listJobs", audience="nonesuch").status == 404


def test_viewers_start_nothing(tenant: Tenant) -> None:
    viewer = tenant.as_(Role.VIEWER)

    for operation in ("changeScoresInBulk", "verifyScores", "backTestRules"):
        assert viewer(operation, audience=tenant.audience_id, body={}).status == 403


def test_distribution_is_live(api: Gateway, tenant: Tenant, audience: str) -> None:
    nobody = tenant.as_(Role.VIEWER).ok("getDistribution", audience=audience)
    assert (nobody["contacts"], nobody["median"], nobody["deciles"], nobody["live"]) == (0, None, [], True)

    give(tenant, ada=0, ben=7, cleo=99_999_999)
    found = tenant.as_(Role.VIEWER).ok("getDistribution", audience=audience)

    assert (found["contacts"], found["total"], found["lowest"], found["highest"]) == (3, 100_000_006, 0, 99_999_999)
    assert found["median"] == 7
    assert found["deciles"] == [0, 0, 0, 7, 7, 7, 99_999_999, 99_999_999, 99_999_999]
    assert {(it["from"], it["to"]) for it in found["histogram"] if it["contacts"]} == {
        (0, 0),
        (5, 9),
        (50_000_000, 99_999_999),
    }


def test_distribution_of_a_large_audience_is_the_last_snapshot(
    api: Gateway, tenant: Tenant, audience: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("laurel.scoring.distribution.MOST_LIVE", 2)
    give(tenant, ada=1, ben=2, cleo=3)
    viewer = tenant.as_(Role.VIEWER)

    before = viewer("getDistribution", audience=audience)
    day(api)
    give(tenant, cleo=4)
    after = viewer.ok("getDistribution", audience=audience)

    assert (before.status, before.problem) == (409, "conflict")
    assert (after["live"], after["contacts"], after["total"]) == (False, 3, 6)


def test_daily_snapshots_are_kept_and_listed(api: Gateway, tenant: Tenant, audience: str) -> None:
    give(tenant, ada=1, ben=2, cleo=6)
    today = datetime.now(UTC).date()
    viewer = tenant.as_(Role.VIEWER)

    day(api)

    (snapshot,) = viewer.ok("listSnapshots", audience=audience)["snapshots"]
    assert (snapshot["day"], snapshot["contacts"], snapshot["total"]) == (today.isoformat(), 3, 9)
    yesterday = {"to": (today - timedelta(days=1)).isoformat()}
    assert viewer.ok("listSnapshots", audience=audience, query=yesterday)["snapshots"] == []


@pytest.mark.parametrize(
    "query",
    [{"from": "yesterday"}, {"from": "2026-11-31"}, {"from": "2026-11-02", "to": "2026-11-01"}, {"from": "2020-01-01"}],
)
def test_days_that_make_no_sense(tenant: Tenant, query: dict[str, str]) -> None:
    assert tenant.owner("listSnapshots", audience=tenant.audience_id, query=query).status == 422


def test_a_day_started_three_times_takes_one_snapshot(api: Gateway, tenant: Tenant, audience: str) -> None:
    for _ in range(3):
        day(api)

    jobs = tenant.owner.ok("listJobs", audience=audience)["jobs"]
    assert sorted(job["kind"] for job in jobs) == DAILY
    assert {job["state"] for job in jobs} == {"done"}


def test_day_that_cannot_be_started_everywhere_is_started_elsewhere_and_comes_again(
    api: Gateway, tenant: Tenant, audience: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = api.tenant()
    module = api.module_of("DailyFunction")
    start_daily = module.start_daily

    def start(shelf: Any, jobs: Any, within: Any, now: datetime) -> int:
        if within.account_id == broken.account_id:
            raise TimeoutError
        queued: int = start_daily(shelf, jobs, within, now)
        return queued

    with monkeypatch.context() as failing:
        failing.setattr(module, "start_daily", start)
        with pytest.raises(module.DailyJobsFailed):
            day(api)
    first = tenant.owner.ok("listJobs", audience=audience)["jobs"]
    day(api)

    assert len(first) == len(DAILY)
    assert len(tenant.owner.ok("listJobs", audience=audience)["jobs"]) == len(DAILY)
    assert len(broken.owner.ok("listJobs", audience=broken.audience_id)["jobs"]) == len(DAILY)


def test_message_that_fails_again_and_again_gives_its_job_up(
    api: Gateway, tenant: Tenant, audience: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(tenant, "verifyScores")
    body = json.dumps({"account": tenant.account_id, "audience": audience, "job": job["id"]})

    def deliver(received: int) -> Any:
        attributes = {"ApproximateReceiveCount": str(received)}
        record = {"messageId": "m1", "receiptHandle": "r1", "body": body, "attributes": attributes}
        return api.handler("WorkFunction")({"Records": [record]}, Context())["batchItemFailures"]

    with monkeypatch.context() as broken:
        broken.setattr("laurel.scoring.verify_all.VerifyAll.step", lambda *_: 1 / 0)
        assert [deliver(received) for received in range(1, 6)] == [[{"itemIdentifier": "m1"}]] * 5
    failed = tenant.owner.ok("getJob", audience=audience, job=job["id"])
    again = deliver(1)  # sent again from the dead letters
    done = tenant.owner.ok("getJob", audience=audience, job=job["id"])

    assert failed["state"] == "failed"
    assert failed["error"].startswith("The job failed again and again.")
    assert again == []
    assert (done["state"], done["error"]) == ("done", None)


def test_unreadable_message_goes_to_the_dead_letters(api: Gateway) -> None:
    record = {"messageId": "m1", "receiptHandle": "r1", "body": "{}", "attributes": {"ApproximateReceiveCount": "1"}}

    answer = api.handler("WorkFunction")({"Records": [record]}, Context())

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def day(api: Gateway) -> None:
    """The daily schedule, and the queue worked off."""
    api.handler("DailyFunction")({"source": "aws.events"}, Context())
    api.work()
