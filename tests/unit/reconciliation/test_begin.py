"""When stores are reconciled, and which of them were not for too long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from laurel.model.account import Audience, StoreState
from laurel.model.errors import StoreDisconnected, StorePaused
from laurel.model.job import Job, JobState
from laurel.model.reconciliation import Reconciled, Reconciliation
from laurel.reconciliation.begin import OVERDUE, begin, begin_daily, is_overdue, next_at
from tests.support.fakes import FakeStores
from tests.support.samples import ACCOUNT, AUDIENCE, NOW, a_store, at

if TYPE_CHECKING:
    from laurel.model.account import Store

PEOPLE = Audience(ACCOUNT, AUDIENCE, "Customers", 1, NOW)


class FakeBooks:
    """Runs, jobs and the queue."""

    def __init__(self) -> None:
        self.begun: dict[str, Reconciliation] = {}
        self.jobs: dict[str, Job] = {}
        self.sent: list[str] = []
        self.progress = Reconciled()

    def begin(self, run: Reconciliation) -> None:
        self.begun.setdefault(run.id, run)

    def runs(self, store: Store, at_most: int) -> list[Reconciliation]:
        found = [run for _, run in sorted(self.begun.items(), reverse=True) if run.store_id == store.id]
        return found[:at_most]

    def reconciled(self, store: Store) -> Reconciled:
        del store
        return self.progress

    def job(self, account_id: str, audience_id: str, job_id: str) -> Job | None:
        assert (account_id, audience_id) == (ACCOUNT, AUDIENCE)
        return self.jobs.get(job_id)

    def save(self, job: Job) -> Job | None:
        return None if job.id in self.jobs else self.jobs.setdefault(job.id, job)

    def send(self, account_id: str, audience_id: str, job_id: str) -> None:
        assert (account_id, audience_id) == (ACCOUNT, AUDIENCE)
        self.sent.append(job_id)


@pytest.fixture
def books() -> FakeBooks:
    return FakeBooks()


def test_a_run_is_kept_before_its_job(books: FakeBooks) -> None:
    job = begin(books, books, books, a_store(), NOW, "owner@example.com")

    assert (job.input, job.by, books.sent) == ({"store": a_store().id}, "owner@example.com", [job.id])
    assert books.begun[job.id].by == "owner@example.com"


def test_one_that_is_under_way_goes_on_and_one_that_failed_is_followed_by_another(books: FakeBooks) -> None:
    first = begin(books, books, books, a_store(), NOW)
    again = begin(books, books, books, a_store(), NOW + timedelta(minutes=1))
    books.jobs[first.id] = replace(first, state=JobState.FAILED)
    another = begin(books, books, books, a_store(), NOW + timedelta(minutes=2))

    assert again == first
    assert another.id > first.id
    assert books.sent == [first.id, first.id, another.id]


@pytest.mark.parametrize(
    ("state", "error"), [(StoreState.PAUSED, StorePaused), (StoreState.DISCONNECTED, StoreDisconnected)]
)
def test_a_store_that_takes_no_orders_is_left_alone(
    state: StoreState, error: type[Exception], books: FakeBooks
) -> None:
    store = a_store(state=state)

    with pytest.raises(error):
        begin(books, books, books, store, NOW)

    assert begin_daily(FakeStores(store), books, books, books, PEOPLE, NOW) == (0, 0)
    assert next_at(store, NOW) is None


def test_a_day_is_begun_once_for_each_store_of_the_audience(books: FakeBooks) -> None:
    stores = FakeStores(a_store(), a_store(id="storebbbbbbb"), a_store(id="storecccccc", audience_id="another"))
    books.progress = Reconciled(finished_at=NOW)

    assert begin_daily(stores, books, books, books, PEOPLE, NOW) == (2, 0)
    assert begin_daily(stores, books, books, books, PEOPLE, NOW + timedelta(hours=1)) == (2, 0)
    books.jobs = {id_: replace(job, state=JobState.DONE) for id_, job in books.jobs.items()}
    assert begin_daily(stores, books, books, books, PEOPLE, NOW + timedelta(hours=2)) == (0, 0)
    assert begin_daily(stores, books, books, books, PEOPLE, NOW + timedelta(days=1)) == (2, 0)

    assert (len(books.jobs), len(books.begun)) == (4, 4)
    assert {len(id_) for id_ in books.jobs} == {17}, "ids look like those of other jobs"


def test_stores_are_overdue_after_two_days() -> None:
    store = a_store(created_at=NOW)

    assert not is_overdue(Reconciled(), store, NOW + OVERDUE)
    assert is_overdue(Reconciled(), store, NOW + OVERDUE + timedelta(seconds=1))
    assert not is_overdue(Reconciled(finished_at=NOW + OVERDUE), store, NOW + 2 * OVERDUE)


def test_the_next_run_is_half_an_hour_after_midnight() -> None:
    assert next_at(a_store(), at("2026-11-22T00:29:59")) == at("2026-11-22T00:30:00")
    assert next_at(a_store(), at("2026-11-22T00:30:00")) == at("2026-11-23T00:30:00")
