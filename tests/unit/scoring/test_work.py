"""Jobs worked off in chunks, whoever is killed or comes twice; and those that each day starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from laurel.model.account import Audience
from laurel.model.errors import InvalidInput
from laurel.model.job import KEPT, Job, JobKind, JobState, job_id
from laurel.scoring.bulk import midnight
from laurel.scoring.jobs import start, start_daily
from laurel.scoring.work import CHUNK, GAVE_UP, Chunk, Impossible, Rest, Worker, at_once, finished
from tests.support.samples import ACCOUNT, AUDIENCE, NOW

AN_AUDIENCE = Audience(ACCOUNT, AUDIENCE, "Customers", 1, datetime(2026, 1, 1, tzinfo=UTC))
TEN_SECONDS = timedelta(seconds=10)


class FakeShelf:
    """Jobs in a dictionary."""

    def __init__(self, *jobs: Job) -> None:
        self.jobs = {job.id: replace(job, version=1) for job in jobs}
        self.contacts: dict[str, list[str]] = {}
        self.saves = 0

    def job(self, account_id: str, audience_id: str, job_id: str) -> Job | None:
        assert (account_id, audience_id) == (ACCOUNT, AUDIENCE)
        return self.jobs.get(job_id)

    def save(self, job: Job) -> Job | None:
        self.saves += 1
        kept = self.jobs.get(job.id)
        if (kept.version if kept else 0) != job.version:
            return None
        self.jobs[job.id] = replace(job, version=job.version + 1)
        return self.jobs[job.id]

    def save_contacts(self, job: Job, contacts: Any) -> bool:
        self.contacts[job.id] = list(contacts)
        return True


class FakeQueue:
    def __init__(self, *, broken: bool = False) -> None:
        self.sent: list[str] = []
        self.broken = broken

    def send(self, account_id: str, audience_id: str, job_id: str) -> None:
        assert (account_id, audience_id) == (ACCOUNT, AUDIENCE)
        if self.broken:
            raise TimeoutError
        self.sent.append(job_id)


class FakeAudiences:
    def __init__(self, *audiences: Audience) -> None:
        self._audiences = {audience.id: audience for audience in audiences}

    def audience(self, account_id: str, audience_id: str) -> Audience | None:
        del account_id
        return self._audiences.get(audience_id)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Counting:
    """A job of so many steps; ``before`` happens first in each."""

    def __init__(self, clock: Clock, steps: int, each: timedelta = TEN_SECONDS) -> None:
        self.clock, self.steps, self.each = clock, steps, each
        self.before: Callable[[int], None] = lambda step: None
        self.taken = 0

    def step(self, audience: Audience, job: Job) -> Job:
        assert audience == AN_AUDIENCE
        done = (job.place or {"at": 0})["at"] + 1
        self.before(done)
        self.taken += 1
        self.clock.now += self.each
        job = replace(job, place={"at": done}, done=done, total=self.steps)
        return finished(job, {"steps": done}) if done == self.steps else job


def a_job(**changes: Any) -> Job:
    job = Job(ACCOUNT, AUDIENCE, "job1", JobKind.VERIFY, created_at=NOW, updated_at=NOW)
    return replace(job, **changes)


class World:
    """A worker, its job and its clock."""

    def __init__(self, steps: int = 3, each: timedelta = TEN_SECONDS, **job: Any) -> None:
        self.clock = Clock()
        self.shelf = FakeShelf(a_job(**job))
        self.task = Counting(self.clock, steps, each)
        self.worker = Worker(self.shelf, FakeAudiences(AN_AUDIENCE), {JobKind.VERIFY: self.task}, self.clock)

    @property
    def job(self) -> Job:
        return self.shelf.jobs["job1"]

    def work(self) -> Chunk:
        return self.worker.work(ACCOUNT, AUDIENCE, "job1")


def test_small_job_is_done_in_one_chunk() -> None:
    world = World(steps=3)

    assert world.work() is Chunk.FINISHED

    assert (world.job.state, world.job.result, world.job.place) == (JobState.DONE, {"steps": 3}, None)
    assert (world.job.done, world.job.total, world.job.updated_at) == (3, 3, NOW + 3 * TEN_SECONDS)


def test_long_job_goes_on_in_the_next_chunk() -> None:
    world = World(steps=9)

    chunks = [world.work() for _ in range(3)]

    assert chunks == [Chunk.GOES_ON, Chunk.GOES_ON, Chunk.FINISHED]
    assert world.task.taken == 9
    assert CHUNK == 4 * TEN_SECONDS


def test_progress_can_be_followed_meanwhile() -> None:
    world = World(steps=3)
    seen = []
    world.task.before = lambda _: seen.append((world.job.state, world.job.done, world.job.total))

    world.work()

    assert seen == [(JobState.QUEUED, 0, None), (JobState.RUNNING, 1, 3), (JobState.RUNNING, 2, 3)]


def test_quick_steps_are_not_saved_one_by_one() -> None:
    world = World(steps=100, each=timedelta(milliseconds=100))

    assert world.work() is Chunk.FINISHED

    assert world.shelf.saves == 5


def test_killed_worker_is_followed_by_one_that_goes_on_from_what_was_saved() -> None:
    world = World(steps=4)

    def die(step: int) -> None:
        if step == 3:
            raise KeyboardInterrupt

    world.task.before = die
    with pytest.raises(KeyboardInterrupt):
        world.work()
    world.task.before = lambda _: None

    assert world.work() is Chunk.FINISHED
    assert world.task.taken == 4


def test_of_two_workers_the_slower_one_leaves_the_job_to_the_other() -> None:
    world = World(steps=6)
    others = []

    def overtaken(step: int) -> None:
        if step == 2 and not others:
            others.append(None)
            others[0] = world.work()

    world.task.before = overtaken

    assert world.work() is Chunk.DROPPED
    assert others == [Chunk.GOES_ON]
    assert world.job.done == 5


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED])
def test_message_of_a_finished_job_is_dropped(state: JobState) -> None:
    world = World(state=state)

    assert world.work() is Chunk.DROPPED
    assert world.task.taken == 0


def test_message_of_a_forgotten_job_is_dropped() -> None:
    assert World().worker.work(ACCOUNT, AUDIENCE, "nonesuch") is Chunk.DROPPED


@pytest.mark.parametrize("reason", [Impossible("Too many."), InvalidInput("Too many.")])
def test_job_that_cannot_be_done_fails_with_a_sentence(reason: Exception) -> None:
    world = World()

    def refuse(_step: int) -> None:
        raise reason

    world.task.before = refuse

    assert world.work() is Chunk.FINISHED
    assert (world.job.state, world.job.error, world.job.result) == (JobState.FAILED, "Too many.", None)
    assert world.work() is Chunk.DROPPED


def test_job_of_an_audience_that_is_gone_fails() -> None:
    world = World()
    worker = Worker(world.shelf, FakeAudiences(), {}, world.clock)

    assert worker.work(ACCOUNT, AUDIENCE, "job1") is Chunk.FINISHED
    assert world.job.error == "There is no such audience any more."


def test_job_that_was_given_up_goes_on_if_its_message_is_sent_again() -> None:
    world = World(steps=5)
    world.work()

    world.worker.give_up(ACCOUNT, AUDIENCE, "job1")
    failed = world.job
    again = world.work()

    assert (failed.state, failed.error, failed.done) == (JobState.FAILED, GAVE_UP, 4)
    assert again is Chunk.FINISHED
    assert (world.job.state, world.job.error, world.job.gave_up, world.task.taken) == (JobState.DONE, None, False, 5)


def test_finished_job_is_not_given_up() -> None:
    world = World(state=JobState.DONE)

    world.worker.give_up(ACCOUNT, AUDIENCE, "job1")
    world.worker.give_up(ACCOUNT, AUDIENCE, "nonesuch")

    assert world.job.state is JobState.DONE


def test_things_done_at_once_keep_their_order_and_their_errors() -> None:
    assert at_once(lambda number: number * 2, range(20)) == list(range(0, 40, 2))
    assert at_once(len, []) == []
    with pytest.raises(ZeroDivisionError):
        at_once(lambda number: 1 // number, [1, 0])


def test_ids_sort_by_time() -> None:
    times = [NOW + timedelta(milliseconds=step) for step in (0, 1, 999, 86_400_000, 10**12)]

    ids = [job_id(time) for time in times]

    assert sorted(ids) == ids
    assert {len(id_) for id_ in ids} == {16}
    assert job_id(NOW) != job_id(NOW)
    assert job_id(NOW, "decay") == job_id(NOW, "decay")


def test_job_is_kept_before_it_is_queued() -> None:
    shelf, queue = FakeShelf(), FakeQueue()

    job = start(shelf, queue, AN_AUDIENCE, JobKind.BULK, {"effect": "add"}, NOW, "ada@example.com", ["c1", "c2"])

    assert shelf.jobs == {job.id: job}
    assert (job.state, job.total, job.by, job.subject) == (JobState.QUEUED, 2, "ada@example.com", f"job:{job.id}")
    assert shelf.contacts == {job.id: ["c1", "c2"]}
    assert queue.sent == [job.id]


def test_job_that_cannot_be_queued_does_not_wait_for_ever() -> None:
    shelf = FakeShelf()

    with pytest.raises(TimeoutError):
        start(shelf, FakeQueue(broken=True), AN_AUDIENCE, JobKind.VERIFY, {}, NOW)

    (job,) = shelf.jobs.values()
    assert (job.state, job.error) == (JobState.FAILED, "The job could not be queued. Start it again.")


# ---- Each day --------------------------------------------------------------------------------------------------------


def daily(shelf: FakeShelf, now: datetime = NOW, audience: Audience = AN_AUDIENCE) -> dict[JobKind, Job]:
    """A day's jobs, after they were started."""
    start_daily(shelf, FakeQueue(), audience, now)
    return {job.kind: job for job in shelf.jobs.values() if job.created_at == now}


def done(shelf: FakeShelf, *kinds: JobKind) -> None:
    for job in shelf.jobs.values():
        if job.kind in kinds:
            shelf.jobs[job.id] = replace(job, state=JobState.DONE)


def test_day_is_started_once_however_often_it_is_started() -> None:
    shelf, queue = FakeShelf(), FakeQueue()

    first = start_daily(shelf, queue, AN_AUDIENCE, NOW)
    known = dict(shelf.jobs)
    done(shelf, JobKind.EXPIRY)
    second = start_daily(shelf, queue, AN_AUDIENCE, NOW + timedelta(hours=3))

    assert (first, second) == (2, 1)
    assert shelf.jobs.keys() == known.keys()
    assert [job.kind for job in map(shelf.jobs.__getitem__, queue.sent)] == [
        JobKind.SNAPSHOT,
        JobKind.EXPIRY,
        JobKind.SNAPSHOT,
    ], "a job that is not done is queued again, in case its message was lost"


def test_snapshot_is_of_the_day() -> None:
    assert daily(FakeShelf())[JobKind.SNAPSHOT].input == {"day": "2026-11-22"}


def test_first_expiry_begins_with_the_audience() -> None:
    young = replace(AN_AUDIENCE, created_at=NOW - timedelta(days=3))

    assert daily(FakeShelf(), audience=young)[JobKind.EXPIRY].input == {"first": "2026-11-19", "last": "2026-11-22"}
    old = replace(AN_AUDIENCE, created_at=NOW - 2 * KEPT)
    first = (NOW - 2 * KEPT).date().isoformat()
    assert daily(FakeShelf(), audience=old)[JobKind.EXPIRY].input == {"first": first, "last": "2026-11-22"}
    new = replace(AN_AUDIENCE, created_at=NOW)
    assert daily(FakeShelf(), audience=new)[JobKind.EXPIRY].input == {"first": "2026-11-22", "last": "2026-11-22"}


def test_expiry_makes_up_for_days_on_which_the_schedule_did_not_run() -> None:
    shelf = FakeShelf()
    daily(shelf, NOW - timedelta(days=5))
    done(shelf, JobKind.EXPIRY)
    daily(shelf, NOW - timedelta(days=3))  # started, never finished

    assert daily(shelf)[JobKind.EXPIRY].input == {"first": "2026-11-18", "last": "2026-11-22"}


def test_expiry_of_each_day_goes_on_from_the_day_before() -> None:
    shelf = FakeShelf()
    daily(shelf, NOW - timedelta(days=1))
    done(shelf, JobKind.EXPIRY)

    assert daily(shelf)[JobKind.EXPIRY].input == {"first": "2026-11-22", "last": "2026-11-22"}


FALLING = replace(AN_AUDIENCE, monthly_decay=10)


def test_scores_fall_once_a_month_even_if_the_first_days_are_missed() -> None:
    shelf = FakeShelf()

    on_the_third = daily(shelf, datetime(2026, 11, 3, 0, 30, tzinfo=UTC), FALLING)[JobKind.DECAY]
    done(shelf, JobKind.DECAY)
    on_the_fourth = daily(shelf, datetime(2026, 11, 4, 0, 30, tzinfo=UTC), FALLING)
    in_december = daily(shelf, datetime(2026, 12, 1, 0, 30, tzinfo=UTC), FALLING)[JobKind.DECAY]

    assert on_the_third.input == {"month": "2026-11-01", "percent": 10}
    assert on_the_third.state is JobState.QUEUED
    assert JobKind.DECAY not in on_the_fourth
    assert in_december.input == {"month": "2026-12-01", "percent": 10}


def test_decay_that_is_set_later_in_a_month_holds_from_the_next_one_on() -> None:
    shelf = FakeShelf()

    before = daily(shelf, datetime(2026, 11, 1, 0, 30, tzinfo=UTC))[JobKind.DECAY]
    after = daily(shelf, datetime(2026, 11, 16, 0, 30, tzinfo=UTC), FALLING)

    assert (before.state, before.result) == (JobState.DONE, {"changed": 0})
    assert JobKind.DECAY not in after


def test_audience_does_not_fall_in_the_month_in_which_it_was_made() -> None:
    young = replace(FALLING, created_at=datetime(2026, 11, 10, tzinfo=UTC))

    first = daily(FakeShelf(), datetime(2026, 11, 11, 0, 30, tzinfo=UTC), young)[JobKind.DECAY]
    second = daily(FakeShelf(), datetime(2026, 12, 1, 0, 30, tzinfo=UTC), young)[JobKind.DECAY]

    assert (first.state, first.input["percent"]) == (JobState.DONE, 0)
    assert (second.state, second.input["percent"]) == (JobState.QUEUED, 10)


def test_days_begin_at_midnight_in_utc() -> None:
    assert midnight(date(2026, 11, 22)) == datetime(2026, 11, 22, tzinfo=UTC)


class Pausing:
    """A job of two steps: what the first found is to be saved, and the second comes ``after`` a time."""

    def __init__(self, shelf: FakeShelf, after: timedelta) -> None:
        self.shelf, self.after = shelf, after
        self.saved: list[Any] = []

    def step(self, audience: Audience, job: Job) -> Job:
        del audience
        self.saved.append(self.shelf.jobs[job.id].place)
        assert job.pause is None
        if job.place:
            return finished(job, {})
        return replace(job, place={"found": 1}, pause=self.after)


@pytest.mark.parametrize(
    ("after", "chunks"),
    [(timedelta(0), [Chunk.FINISHED]), (TEN_SECONDS, [Rest(TEN_SECONDS), Chunk.FINISHED])],
)
def test_a_step_may_have_to_be_saved_before_the_next_one_and_that_to_wait(after: timedelta, chunks: list[Any]) -> None:
    shelf, ended = FakeShelf(a_job()), list[Job]()
    task = Pausing(shelf, after)
    worker = Worker(shelf, FakeAudiences(AN_AUDIENCE), {JobKind.VERIFY: task}, Clock(), ended.append)

    assert [worker.work(ACCOUNT, AUDIENCE, "job1") for _ in chunks] == chunks

    assert task.saved == [None, {"found": 1}]
    assert [job.state for job in ended] == [JobState.DONE]
