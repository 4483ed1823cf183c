"""Jobs on scores, on tables: what each kind does, once, whoever is killed or comes twice."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Audience
from laurel.model.activity import Activity
from laurel.model.contact import Contact
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind, JobState, job_id
from laurel.model.order import Order, OrderState, revision
from laurel.model.scoring import CapWindow, Change, Effect, EffectKind, ScoringRule, Trigger
from laurel.scoring.apply import apply
from laurel.scoring.backtest import BackTest
from laurel.scoring.bulk import Bulk, Decay, Expiry
from laurel.scoring.criteria import criteria_of
from laurel.scoring.distribution import Distribution, Snapshot
from laurel.scoring.jobs import start, start_daily
from laurel.scoring.snapshot import TakeSnapshot
from laurel.scoring.verify_all import VerifyAll
from laurel.scoring.work import Chunk, Worker
from laurel.store import keys
from laurel.store.contacts import Contacts
from laurel.store.dynamodb import attributes
from laurel.store.jobs import Jobs
from laurel.store.ledger import Ledger
from laurel.store.score_lists import ScoreLists
from laurel.store.score_search import ScoreSearch
from laurel.store.scores import Scores
from laurel.store.scoring_rules import decode_rule, encode_rule
from laurel.store.snapshots import Snapshots
from laurel.store.workspace import Workspace
from tests.support.samples import NOW, a_store
from tests.support.steps import a_rule

if TYPE_CHECKING:
    from laurel.model.scoring import Points, ScoreEntry
    from tests.support.tables import Database

pytestmark = pytest.mark.integration
_accounts = itertools.count()
SINCE = datetime(2026, 10, 20, tzinfo=UTC)
MANY = 7
"""More contacts than two steps take here."""
A_CHUNK = timedelta(seconds=50)
"""Of which a clock goes on so that each step is a chunk."""


class World:
    """An audience of its own, with a worker whose clock goes on by ``tick`` each time it is looked at."""

    def __init__(self, database: Database) -> None:
        client, tables = database
        self.database = database
        self.now = NOW
        self.tick = timedelta(0)
        self.account = f"jobs-{next(_accounts)}"
        self.audience = Audience(self.account, "audience", "Customers", 1, SINCE)
        self.workspace = Workspace(client, tables.workspace)
        self.workspace.save_audience(self.audience)
        self.jobs = Jobs(client, tables.workspace)
        self.contacts = Contacts(client, tables.contacts)
        self.scores = Scores(client, tables.contacts)
        self.lists = ScoreLists(client, tables.contacts)
        self.snapshots = Snapshots(client, tables.workspace)
        self.ledger = Ledger(client, tables.ledger)
        self.queue: list[tuple[str, str, str]] = []
        search = ScoreSearch(client, tables.contacts, tables.rankings)
        tasks = {
            JobKind.BULK: Bulk(self.jobs, search, self.scores, partial(criteria_of, self.workspace)),
            JobKind.VERIFY: VerifyAll(self.lists, self.scores),
            JobKind.BACK_TEST: BackTest(self.lists, self.scores, self.ledger, self.workspace, decode_rule),
            JobKind.SNAPSHOT: TakeSnapshot(self.lists, self.snapshots, lambda: self.now),
            JobKind.EXPIRY: Expiry(self.lists, self.scores),
            JobKind.DECAY: Decay(self.lists, self.scores),
        }
        self.worker = Worker(self.jobs, self.workspace, tasks, self._ticking)

    def send(self, *job: str) -> None:
        """As the queue does."""
        self.queue.append((job[0], job[1], job[2]))

    def person(self, name: str) -> str:
        email = f"{name}@example.com"
        contact = Contact(
            id=contact_id(email),
            email=email,
            first_name=None,
            last_name=None,
            locale=None,
            consent=None,
            tags=(),
            score=None,
            seen_at=SINCE,
            created_at=SINCE,
            version=1,
        )
        assert self.contacts.save(self.account, self.audience.id, contact)
        return contact.id

    def people(self, count: int = MANY) -> list[str]:
        return [self.person(f"{number:04}") for number in range(count)]

    def give(self, contact: str, points: int, id_: str = "given") -> None:
        self._apply(contact, Change(f"person:{id_}", SINCE, Effect(EffectKind.SET, points)))

    def did(self, contact: str, id_: str, when: datetime, *rules: ScoringRule) -> None:
        self._apply(contact, Trigger(f"activity:{id_}", "", "email.opened", when), *rules)

    def _apply(self, contact: str, step: Any, *rules: ScoringRule) -> None:
        scored = self.scores.read(self.account, self.audience.id, 1, contact)
        assert scored
        apply(self.scores, scored, [step], rules)

    def score(self, contact: str) -> Points:
        scored = self.scores.read(self.account, self.audience.id, 1, contact)
        assert scored
        return scored.state.points

    def entries(self, contact: str) -> list[ScoreEntry]:
        return [entry for _, entry in self.scores.entries_of(self.account, self.audience.id, contact)]

    def start(self, kind: JobKind, asked: dict[str, Any], contacts: list[str] | None = None) -> Job:
        return start(self.jobs, self, self.audience, kind, asked, self.now, "ada@example.com", contacts)

    def day(self, now: datetime = NOW) -> None:
        """Start a day's jobs and do them."""
        audience = self.workspace.audience(self.account, self.audience.id)
        assert audience
        start_daily(self.jobs, self, audience, now)
        self.work()

    def work(self) -> int:
        """Work the queue off; returns how many chunks there were."""
        chunks = 0
        while self.queue:
            job = self.queue.pop(0)
            chunks += 1
            if self.worker.work(*job) is Chunk.GOES_ON:
                self.queue.append(job)
        return chunks

    def read(self, job: Job) -> Job:
        found = self.jobs.job(job.account_id, job.audience_id, job.id)
        assert found
        return found

    def _ticking(self) -> datetime:
        self.now += self.tick
        return self.now


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    """Steps take three contacts, one by one: moto's transactions are not for several threads."""
    monkeypatch.setattr("laurel.scoring.work._THREADS", 1)
    for name in ("bulk.AT_ONCE", "verify_all._AT_ONCE", "backtest._AT_ONCE"):
        monkeypatch.setattr(f"laurel.scoring.{name}", 3)
    return World(database)


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


# ---- Each day --------------------------------------------------------------------------------------------------------


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


def _day_after(present: datetime, days: int) -> datetime:
    return present + timedelta(days=days)


def _daily_id(now: datetime, kind: str) -> str:
    return job_id(datetime.combine(now.date(), datetime.min.time(), UTC), kind)
