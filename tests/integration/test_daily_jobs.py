"""The jobs of each day, on tables: decay, expiry and snapshots, once, however often they are run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from laurel.model.job import JobState, job_id
from laurel.model.scoring import CapWindow
from laurel.scoring.jobs import start_daily
from tests.support.jobs import A_CHUNK, MANY, a_world
from tests.support.samples import NOW
from tests.support.steps import a_rule

if TYPE_CHECKING:
    from tests.support.jobs import World
    from tests.support.tables import Database

pytestmark = pytest.mark.integration


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    return a_world(database, monkeypatch)


def on(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 0, 30, tzinfo=UTC)


def test_decay_run_three_times_falls_once(world: World) -> None:
    world.workspace.set_monthly_decay(world.account, world.audience.id, 10)
    ada, ben, cleo = (world.person(name) for name in ("ada", "ben", "cleo"))
    world.give(ada, 1005)
    world.give(ben, 0)

    for day in (3, 3, 4):
        world.day(on(11, day))
    in_november = [world.score(contact) for contact in (ada, ben, cleo)]
    world.day(on(12, 1))

    assert in_november == [904, 0, None]
    assert world.score(ada) == 813
    falls = [entry for entry in world.entries(ada) if entry.activity == "decay"]
    assert [(entry.subject, entry.subject_at, entry.given) for entry in falls] == [
        ("decay:2026-12", datetime(2026, 12, 1, tzinfo=UTC), -91),
        ("decay:2026-11", datetime(2026, 11, 1, tzinfo=UTC), -101),
    ]
    assert len(world.entries(ben)) == 1
    assert world.entries(cleo) == []


def test_messages_of_a_decay_delivered_again_and_again_fall_once(world: World) -> None:
    world.workspace.set_monthly_decay(world.account, world.audience.id, 50)
    people = world.people()
    for contact in people:
        world.give(contact, 100)
    start_daily(world.jobs, world, replace(world.audience, monthly_decay=50), on(11, 1))
    world.queue *= 3
    world.tick = A_CHUNK

    world.work()

    assert {world.score(contact) for contact in people} == {50}
    job = world.jobs.job(world.account, "audience", job_id(on(11, 1) - timedelta(minutes=30), "decay"))
    assert job
    assert job.result == {"changed": MANY}


def test_points_of_a_rule_expire(world: World) -> None:
    """Days are told from the real present on: an entry's list is never one of a day that has begun."""
    present = datetime.now(UTC).replace(microsecond=0)
    ada, ben = world.person("ada"), world.person("ben")
    short, long = a_rule(5, "short", expires_after_days=7), a_rule(30, "long")
    world.did(ada, "a1", present, short, long)
    world.did(ada, "a2", present + timedelta(days=1), short)
    world.did(ben, "b1", present, short)
    day_of = partial(_day_after, present)

    world.day(day_of(6))
    kept = [world.score(ada), world.score(ben)]
    for _ in range(3):
        world.day(day_of(7))
    due = [world.score(ada), world.score(ben)]
    world.day(day_of(8))

    assert kept == [40, 5]
    assert due == [35, 0]
    assert world.score(ada) == 30
    expired = next(entry for entry in world.entries(ada) if entry.cause == "expired" and entry.subject == "activity:a1")
    assert (expired.rule_id, expired.given, expired.reason, expired.corrects) == ("short", -5, "expired", True)
    assert expired.at == datetime.combine(day_of(7).date(), datetime.min.time(), UTC)


def test_points_that_expired_while_the_schedule_did_not_run_are_taken_back(world: World) -> None:
    present = datetime.now(UTC).replace(microsecond=0)
    ada = world.person("ada")
    for number in range(5):
        when = present + timedelta(days=number)
        world.did(ada, f"a{number}", when, a_rule(5, "short", expires_after_days=7))
    world.day(_day_after(present, 6))

    world.day(_day_after(present, 10))

    assert world.score(ada) == 5


def test_points_given_too_late_to_expire_in_time_expire_on_the_next_day(world: World) -> None:
    present = datetime.now(UTC).replace(microsecond=0)
    ada = world.person("ada")
    world.day(present)

    world.did(ada, "late", present - timedelta(days=30), a_rule(5, "short", expires_after_days=7))
    world.day(_day_after(present, 1))

    assert world.score(ada) == 0


def test_expired_points_of_many_contacts(world: World) -> None:
    present = datetime.now(UTC).replace(microsecond=0)
    people = world.people()
    for contact in people:
        world.did(contact, "a1", present, a_rule(5, "short", expires_after_days=7))

    world.day(_day_after(present, 7))

    assert {world.score(contact) for contact in people} == {0}
    job = world.jobs.job(world.account, "audience", _daily_id(_day_after(present, 7), "expiry"))
    assert job
    assert (job.state, job.done, job.total, job.result) == (JobState.DONE, MANY, MANY, {"expired": MANY})


def test_expiry_does_not_let_a_rule_fire_again(world: World) -> None:
    present = datetime.now(UTC).replace(microsecond=0)
    ada = world.person("ada")
    once = a_rule(5, "once", expires_after_days=7, cap=(1, CapWindow.EVER))
    world.did(ada, "a1", present, once)
    world.day(_day_after(present, 7))

    world.did(ada, "a2", present + timedelta(days=8), once)

    assert world.score(ada) == 0


def test_snapshot_is_taken_of_all_scores(world: World) -> None:
    people = world.people(12)
    for number, contact in enumerate(people[:10]):
        world.give(contact, number)

    world.day()

    snapshot = world.snapshots.latest(world.account, "audience")
    assert snapshot
    found = snapshot.distribution
    assert (snapshot.day, found.contacts, found.total, found.lowest, found.highest) == (NOW.date(), 10, 45, 0, 9)
    assert found.deciles == (0, 1, 2, 3, 4, 5, 6, 7, 8)


def test_scores_of_before_a_reset_are_in_no_snapshot(world: World) -> None:
    world.give(world.person("ada"), 5)
    world.workspace.reset_scores(world.account, "audience")

    world.day()

    snapshot = world.snapshots.latest(world.account, "audience")
    assert snapshot
    assert snapshot.distribution.contacts == 0


def _day_after(present: datetime, days: int) -> datetime:
    return present + timedelta(days=days)


def _daily_id(now: datetime, kind: str) -> str:
    return job_id(datetime.combine(now.date(), datetime.min.time(), UTC), kind)
