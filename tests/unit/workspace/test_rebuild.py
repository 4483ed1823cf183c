"""Rebuilds: what a change of counting makes due, and the job that does it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from laurel.leaderboard.batch import Batch, Changes, Outcome
from laurel.leaderboard.project import Projection, Projector
from laurel.model.account import Audience, Store
from laurel.model.errors import Busy, Conflict, NotFound
from laurel.model.job import Job, JobKind, JobState
from laurel.model.order import CustomerRef, OrderChange
from laurel.model.period import Calendar
from laurel.model.rates import Rates
from laurel.model.rebuild import Rebuild
from laurel.scoring.work import Impossible
from laurel.workspace import counting, rebuild
from laurel.workspace.counting import counted_anew, rebuilt, with_rates
from laurel.workspace.rebuild import RebuildStore
from laurel.workspace.stores import declare
from tests.support.fakes import FakeOrders, FakeRates, FakeRows, FakeStores
from tests.support.samples import ACCOUNT, ADA_ID, AUDIENCE, NOW, STORE, a_kept_order, a_store

PEOPLE = Audience(ACCOUNT, AUDIENCE, "Customers", 1, NOW)
BERLIN, TOKYO, UTC_ = (Calendar(name) for name in ("Europe/Berlin", "Asia/Tokyo", "UTC"))


def the_rebuild(store: Store) -> Rebuild:
    assert store.rebuild
    return store.rebuild


# ---- What is due -----------------------------------------------------------------------------------------------------


def test_another_calendar_makes_everything_due_and_is_remembered() -> None:
    store = a_store()

    changed = counted_anew(store, replace(store, calendar=TOKYO), "job1")

    assert (changed.calendar_revision, changed.past_calendars) == (2, (BERLIN,))
    assert changed.calendars == (TOKYO, BERLIN)
    assert changed.rebuild == Rebuild("job1", everything=True)


def test_a_calendar_that_comes_back_is_of_the_past_no_more() -> None:
    store = a_store()
    for number, calendar in enumerate((TOKYO, UTC_, BERLIN, TOKYO)):
        store = counted_anew(store, replace(store, calendar=calendar), f"job{number}")

    assert set(store.past_calendars) == {BERLIN, UTC_}
    assert (store.calendar_revision, the_rebuild(store).job) == (5, "job3")


def test_another_minimum_makes_due_what_lies_between() -> None:
    store = a_store(minimum_purchases=3)

    due = the_rebuild(counted_anew(store, replace(store, minimum_purchases=5), "job1"))

    assert due == Rebuild("job1", minimums=(3, 5))
    assert [purchases for purchases in range(8) if due.concerns(purchases)] == [3, 4]


def test_what_is_unfinished_is_taken_over() -> None:
    store = a_store(minimum_purchases=3)
    for number, minimum in enumerate((2, 5, 3)):
        store = counted_anew(store, replace(store, minimum_purchases=minimum), f"job{number}")
    assert store.rebuild == Rebuild("job2", minimums=(2, 5))

    store, _ = with_rates(store, Rates({("USD", "2026-11"): "1"}), "job3")
    assert store.rebuild == Rebuild("job3", rates=True, minimums=(2, 5))

    assert rebuilt(store, "job4").rebuild == Rebuild("job4", everything=True, rates=True, minimums=(2, 5))


def test_what_changes_no_counting_makes_nothing_due() -> None:
    store = a_store()

    assert counted_anew(store, replace(store, name="New"), "job1") == replace(store, name="New")


def test_there_is_an_end_to_calendars() -> None:
    past = tuple(Calendar("UTC", 1 + number % 7) for number in range(counting.MOST_CALENDARS))
    store = a_store(past_calendars=tuple(replace(it, time_zone=f"Etc/GMT+{n}") for n, it in enumerate(past)))

    with pytest.raises(Conflict, match="has had 50 other calendars"):
        counted_anew(store, replace(store, calendar=TOKYO), "job1")


def test_there_is_no_job_for_a_store_that_is_complete() -> None:
    with pytest.raises(ValueError, match="nothing to rebuild"):
        counting.begin(FakeJobs(), FakeJobs(), a_store(), NOW)


class BusyRates(FakeRates):
    """Somebody else is always faster."""

    def save(self, store: Store, rates: Rates) -> bool:
        del store, rates
        return False


def test_a_store_that_others_keep_writing_is_busy() -> None:
    with pytest.raises(Busy):
        declare(FakeStores(a_store()), BusyRates(), ACCOUNT, STORE, Rates({("USD", "2026-11"): "1"}), "job1")


# ---- The job ---------------------------------------------------------------------------------------------------------


class FakeJobs:
    """Jobs, and the queue they are worked off from."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.sent: list[str] = []

    def job(self, account_id: str, audience_id: str, job_id: str) -> Job | None:
        del account_id, audience_id
        return self.jobs.get(job_id)

    def save(self, job: Job) -> Job | None:
        return None if job.id in self.jobs else self.jobs.setdefault(job.id, job)

    def send(self, account_id: str, audience_id: str, job_id: str) -> None:
        del account_id, audience_id
        self.sent.append(job_id)


@dataclass(frozen=True)
class FakePage:
    owners: list[str]
    orders: int
    last: str | None


class FakeWalk:
    """Orders by id, each with its owner."""

    def __init__(self, **owners: str) -> None:
        self.owners = owners
        self.marks: set[tuple[str, str]] = set()

    def page(self, store: Store, after: str | None, limit: int) -> FakePage:
        del store
        left = [id_ for id_ in sorted(self.owners) if after is None or id_ > after]
        page = left[:limit]
        owners = list(dict.fromkeys(self.owners[id_] for id_ in page))
        return FakePage(owners, len(page), page[-1] if len(left) > limit else None)

    def count(self, store: Store, after: str | None) -> tuple[int, str | None]:
        page = self.page(store, after, 2)
        return page.orders, page.last

    def marked(self, store: Store, job: str, customers: Collection[str]) -> set[str]:
        del store
        return {customer for customer in customers if (job, customer) in self.marks}

    def mark(self, store: Store, job: str, customer: str, now: datetime) -> None:
        del store, now
        self.marks.add((job, customer))


class FakeCustomers:
    """Counts projections; everybody has two rows and as many orders as the walk knows."""

    def __init__(self, walk: FakeWalk, **errors: Exception) -> None:
        self.walk = walk
        self.errors = errors
        self.projected: list[str] = []

    def project(
        self, batch: Mapping[CustomerRef, Changes], now: datetime, scope: Rebuild
    ) -> Mapping[CustomerRef, Outcome]:
        del now, scope
        self.projected += [ref.customer for ref in batch]
        return {
            ref: self.errors.get(ref.customer)
            or Projection(2, 0, orders=list(self.walk.owners.values()).count(ref.customer), converted=1)
            for ref in batch
        }


def run(task: RebuildStore, job: Job) -> Job:
    for _ in range(20):
        job = task.step(PEOPLE, job)
        if job.is_finished:
            return job
    raise AssertionError("no end")


class Play:
    """A store with a rebuild that is due."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **owners: str) -> None:
        monkeypatch.setattr(rebuild, "AT_ONCE", 2)
        self.stores = FakeStores(rebuilt(a_store(), "job1"))
        self.jobs = FakeJobs()
        self.walk = FakeWalk(**owners)
        self.customers = FakeCustomers(self.walk)
        self.task = RebuildStore(self.stores, self.walk, self.customers, lambda: NOW)

    @property
    def store(self) -> Store:
        store = self.stores.store(ACCOUNT, STORE)
        assert store
        return store

    def begin(self) -> Job:
        return counting.begin(self.jobs, self.jobs, self.store, NOW, "ada")


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    return Play(monkeypatch, a="ada", b="bob", c="ada", d="eve", e="eve")


def test_a_job_is_begun_once(play: Play) -> None:
    first, again = play.begin(), play.begin()

    assert (first.kind, first.input, first.by) == (JobKind.REBUILD, {"store": STORE}, "ada")
    assert again == first
    assert play.jobs.sent == ["job1", "job1"]


def test_unfinished_rebuilds_of_an_audience_go_on(play: Play) -> None:
    assert counting.resume(play.stores, play.jobs, play.jobs, PEOPLE, NOW) == 1
    assert counting.resume(play.stores, play.jobs, play.jobs, replace(PEOPLE, id="other"), NOW) == 0
    assert play.jobs.sent == ["job1"]


def test_every_customer_is_projected_once_and_then_the_store_is_complete(play: Play) -> None:
    job = run(play.task, play.begin())

    assert play.customers.projected == ["ada", "bob", "eve"]
    assert (job.state, job.done, job.total) == (JobState.DONE, 5, 5)
    assert job.result == {"customers": 3, "rows": 6, "converted": 3, "superseded": False}
    assert play.store.rebuild is None


def test_progress_is_known_once_all_orders_are_counted(play: Play) -> None:
    job, seen = play.begin(), []
    for _ in range(5):
        job = play.task.step(PEOPLE, job)
        seen.append((job.done, job.total))

    assert seen == [(0, None), (0, None), (0, 5), (2, 5), (4, 5)]
    assert play.store.rebuild


def test_a_store_without_orders_is_complete_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play(monkeypatch)

    assert run(play.task, play.begin()).result == {"customers": 0, "rows": 0, "converted": 0, "superseded": False}
    assert play.store.rebuild is None


def test_a_job_ends_when_another_has_begun(play: Play) -> None:
    job = play.task.step(PEOPLE, play.begin())
    assert play.stores.save_store(rebuilt(play.store, "job2"))

    job = play.task.step(PEOPLE, job)

    assert (job.state, (job.result or {})["superseded"]) == (JobState.DONE, True)
    assert the_rebuild(play.store).job == "job2"


def test_a_change_at_the_last_moment_is_not_taken_for_done(play: Play) -> None:
    job = play.begin()
    while job.done < 4:
        job = play.task.step(PEOPLE, job)
    play.stores.beforehand = [replace(rebuilt(play.store, "job2"), version=play.store.version + 1)]

    job = play.task.step(PEOPLE, job)

    assert (job.result or {})["superseded"] is True
    assert the_rebuild(play.store).job == "job2"


def test_another_write_of_the_store_does_not_keep_it_incomplete(play: Play) -> None:
    job = play.begin()
    while job.done < 4:
        job = play.task.step(PEOPLE, job)
    play.stores.beforehand = [replace(play.store, name="New", version=play.store.version + 1)]

    run(play.task, job)

    assert (play.store.name, play.store.rebuild) == ("New", None)


def test_a_store_that_never_stands_still_has_its_job_come_again(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    job = play.begin()
    while job.done < 4:
        job = play.task.step(PEOPLE, job)
    monkeypatch.setattr(play.stores, "save_store", lambda _: False)

    with pytest.raises(Busy):
        play.task.step(PEOPLE, job)


def test_a_store_that_is_gone_is_said_so(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    job = play.begin()
    while job.done < 4:
        job = play.task.step(PEOPLE, job)
    answers: list[Any] = [play.store, None]
    monkeypatch.setattr(play.stores, "save_store", lambda _: False)
    monkeypatch.setattr(play.stores, "store", lambda *_: answers.pop(0))
    assert (play.task.step(PEOPLE, job).result or {})["superseded"] is True

    monkeypatch.setattr(play.stores, "store", lambda *_: None)
    with pytest.raises(Impossible, match="no such store"):
        play.task.step(PEOPLE, job)


def test_a_customer_who_cannot_be_projected_ends_the_step(play: Play) -> None:
    play.customers.errors = {"bob": Busy("Bob")}
    job = play.begin()

    with pytest.raises(Busy):
        run(play.task, job)

    assert play.walk.marks == set()
    play.customers.errors = {}
    assert (run(play.task, job).result or {})["customers"] == 3


# ---- Many customers at once ------------------------------------------------------------------------------------------


class ChangingStores:
    """What is remembered of a store, and the store as it is by now."""

    def __init__(self, remembered: Store, now: Store | None) -> None:
        self.remembered = remembered
        self.now = now

    def store(self, account_id: str, store_id: str, *, fresh: bool = False) -> Store:
        del account_id, store_id
        if fresh and self.now is None:
            raise NotFound("store", STORE)
        if fresh and self.now:
            self.remembered = self.now
        return self.remembered


def one_by_one(act: Any, things: Any) -> list[Any]:
    return [act(thing) for thing in things]


def test_whoever_was_projected_under_settings_of_the_past_is_projected_again() -> None:
    rows, order = FakeRows(), a_kept_order(placed="2026-10-31T23:30:00")
    newer = counted_anew(a_store(), a_store(calendar=UTC_), "job1")
    stores = ChangingStores(a_store(), newer)
    batch = Batch(Projector(FakeOrders(order), rows, stores, FakeRates()), one_by_one)
    ref = CustomerRef(ACCOUNT, AUDIENCE, STORE, ADA_ID)

    (outcome,) = batch.project({ref: [OrderChange(None, order)]}, NOW).values()

    assert isinstance(outcome, Projection)
    assert outcome.calendar_revision == 2
    counted = {period for (period, _), row in rows.rows.items() if row.figures.orders_count}
    assert "2026-10" in counted
    assert "2026-11" not in counted


def test_errors_are_told_and_end_nothing_else() -> None:
    stores = ChangingStores(a_store(), None)
    batch = Batch(Projector(FakeOrders(a_kept_order()), FakeRows(), stores, FakeRates()), one_by_one)
    ada, bob = (CustomerRef(ACCOUNT, AUDIENCE, STORE, customer) for customer in (ADA_ID, "customer-7"))
    failing: Any = object()

    outcomes = batch.project({ada: None, bob: failing}, NOW)

    assert isinstance(outcomes[ada], Projection)
    assert isinstance(outcomes[bob], TypeError)
