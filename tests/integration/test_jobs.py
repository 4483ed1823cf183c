"""Jobs on scores that people start, on tables: what each kind does, once, whoever is killed or comes twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.activity import Activity
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind, JobState, job_id
from laurel.model.order import Order, OrderState, revision
from laurel.model.scoring import EffectKind
from laurel.scoring.distribution import Distribution, Snapshot
from laurel.store import keys
from laurel.store.dynamodb import attributes
from laurel.store.scoring_rules import encode_rule
from tests.support.jobs import A_CHUNK, MANY, a_world
from tests.support.samples import NOW, a_store
from tests.support.steps import a_rule

if TYPE_CHECKING:
    from tests.support.jobs import World
    from tests.support.tables import Database

pytestmark = pytest.mark.integration


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    return a_world(database, monkeypatch)


def a_job(world: World, **changes: Any) -> Job:
    job = Job(world.account, "audience", job_id(NOW), JobKind.BULK, created_at=NOW, updated_at=NOW)
    return replace(job, **changes)


# ---- What is kept ----------------------------------------------------------------------------------------------------


def test_job_is_kept_whole(world: World) -> None:
    job = a_job(
        world,
        kind=JobKind.BACK_TEST,
        input={"rules": [{"name": "Ä", "conditions": [], "cap": None}], "days": 90},
        by="ada@example.com",
        state=JobState.FAILED,
        done=3,
        total=7,
        place={"after": {"pk": "x", "score": 5}},
        result={"contacts": 0},
        error="A sentence.",
        gave_up=True,
    )

    saved = world.jobs.save(job)

    assert saved == replace(job, version=1)
    assert world.jobs.job(world.account, "audience", job.id) == saved
    assert world.jobs.job(world.account, "other", job.id) is None


def test_job_is_written_by_one_at_a_time(world: World) -> None:
    first = world.jobs.save(a_job(world))
    assert first

    second = world.jobs.save(replace(first, done=1))

    assert second
    assert world.jobs.save(replace(first, done=2)) is None
    assert world.jobs.save(replace(first, version=0)) is None
    assert world.read(first) == second


def test_jobs_are_listed_newest_first(world: World) -> None:
    for minutes in (2, 0, 1):
        world.jobs.save(a_job(world, id=job_id(NOW + timedelta(minutes=minutes)), done=minutes, input={"x": 1}))
    world.jobs.save(a_job(world, audience_id="other"))

    first, after = world.jobs.jobs(world.account, "audience", 2)
    second, end = world.jobs.jobs(world.account, "audience", 2, after)

    assert [job.done for job in (*first, *second)] == [2, 1, 0]
    assert end is None
    assert first[0].input == {}, "lists come without"


def test_contacts_of_a_job_are_kept_once_and_in_order(world: World) -> None:
    job = a_job(world)
    ids = [contact_id(f"{number}@example.com") for number in range(10_000)]  # as many as there may be
    assert world.jobs.contacts_of(job) is None

    assert world.jobs.save_contacts(job, ids)

    assert not world.jobs.save_contacts(job, ids[:1])
    assert world.jobs.contacts_of(job) == ids
    none = replace(job, id="another")
    assert world.jobs.save_contacts(none, [])
    assert world.jobs.contacts_of(none) == []


def test_snapshots_are_kept_by_day(world: World) -> None:
    def spread(contacts: int) -> Distribution:
        return Distribution(NOW, contacts, 7, 1, 4, (1,) * 9, (0,) * 25)

    nobody = Distribution(NOW, 0, 0, None, None, (), (0,) * 25)
    days = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)]
    assert world.snapshots.latest(world.account, "audience") is None
    for day, found in zip(days, (spread(1), spread(2), nobody), strict=True):
        world.snapshots.save(world.account, "audience", Snapshot(day, found))

    assert world.snapshots.latest(world.account, "audience") == Snapshot(days[2], nobody)
    shown = world.snapshots.between(world.account, "audience", days[0], days[1])
    assert shown == [Snapshot(days[0], spread(1)), Snapshot(days[1], spread(2))]


# ---- Bulk ------------------------------------------------------------------------------------------------------------


FIVE_MORE = {"effect": "add", "points": 5, "reason": "Fair", "query": None}


def test_bulk_changes_everyone_named_and_says_who_is_missing(world: World) -> None:
    people = world.people()
    world.tick = A_CHUNK

    job = world.start(JobKind.BULK, FIVE_MORE, [*people, contact_id("nobody@example.com")])
    chunks = world.work()

    done = world.read(job)
    assert chunks == 3
    assert (done.state, done.done, done.result) == (JobState.DONE, MANY + 1, {"changed": MANY, "missing": 1})
    assert {world.score(contact) for contact in people} == {5}
    (entry,) = world.entries(people[0])
    assert (entry.by, entry.reason, entry.at) == ("ada@example.com", "Fair", job.created_at)


def test_bulk_delivered_twice_and_killed_in_between_changes_once(world: World) -> None:
    people = world.people()
    world.tick = A_CHUNK
    job = world.start(JobKind.BULK, FIVE_MORE, people)
    message = world.queue[0]
    saved = world.read(job)

    world.worker.work(*message)  # its save is lost with the worker: the job is as it was
    world.database.client.delete_item(
        TableName=world.database.tables.workspace,
        Key=attributes({"pk": world.account, "sk": keys.job("audience", job.id)}),
    )
    world.jobs.save(replace(saved, version=0))
    world.queue += [message, message]
    world.work()

    assert world.read(job).result == {"changed": MANY, "missing": 0}
    assert {world.score(contact) for contact in people} == {5}
    assert {len(world.entries(contact)) for contact in people} == {1}


def test_bulk_by_query_is_about_those_it_found_first(world: World) -> None:
    people = world.people()
    for number, contact in enumerate(people):
        world.give(contact, number)
    world.tick = A_CHUNK

    job = world.start(JobKind.BULK, {**FIVE_MORE, "query": {"below": "5"}})
    world.work()

    assert world.read(job).result == {"changed": 5, "missing": 0}
    assert [world.score(contact) for contact in people] == [5, 6, 7, 8, 9, 5, 6]


# ---- Verification and back-test --------------------------------------------------------------------------------------


def test_verification_repairs_damaged_scores(world: World) -> None:
    people = world.people()
    for contact in people:
        world.give(contact, 7)
    for contact in people[:3]:
        damage(world, contact)

    world.tick = A_CHUNK
    job = world.start(JobKind.VERIFY, {"repair": True})
    chunks = world.work()

    found = world.read(job)
    assert chunks == 3
    assert found.result
    assert {name: found.result[name] for name in ("checked", "wrong", "repaired")} == {
        "checked": MANY,
        "wrong": 3,
        "repaired": 3,
    }
    assert [it["contact"] for it in found.result["contacts"]] == people[:3]
    assert {world.score(contact) for contact in people} == {7}


def test_back_test_replays_what_the_ledger_holds(world: World) -> None:
    store = a_store(account_id=world.account, audience_id=world.audience.id)
    assert world.workspace.save_store(store)
    people = world.people()
    for number, contact in enumerate(people):
        opened = Activity(f"a{number}", "email.opened", NOW - timedelta(days=2 * number), {})
        world.ledger.record_activity(world.account, "audience", contact, opened)
    placed = NOW - timedelta(days=2)
    order = Order("1", placed, 2550, "EUR", OrderState.PAID, revision(placed, None, OrderState.PAID, 0))
    world.ledger.record_order(store, replace(order, buyer=replace(order.buyer, email="0000@example.com")), None)
    world.give(people[1], 100)
    rules = [a_rule(5, "1"), a_rule(2, "2", activity="order.placed", kind=EffectKind.ADD_PER_UNIT)]

    world.tick = A_CHUNK
    job = world.start(JobKind.BACK_TEST, {"rules": [encode_rule(rule) for rule in rules], "threshold": 50, "days": 7})
    assert world.work() == 3

    found = world.read(job).result
    assert found
    opened_lately = sum(2 * number <= 7 for number in range(MANY))
    assert (found["contacts"], found["replayed"]) == (MANY, opened_lately + 1)
    assert found["draft"] == {"contacts": opened_lately, "total": 5 * opened_lately + 50, "reached": 1}
    assert [it["contact"] for it in found["rising"]["contacts"]] == [people[0]]
    assert [it["contact"] for it in found["falling"]["contacts"]] == [people[1]]
    assert world.score(people[0]) is None


def damage(world: World, contact: str) -> None:
    world.database.client.update_item(
        TableName=world.database.tables.contacts,
        Key=attributes({"pk": keys.person(world.account, "audience", contact), "sk": keys.PROFILE}),
        UpdateExpression="SET score = :wrong",
        ExpressionAttributeValues=attributes({":wrong": 99}),
    )
