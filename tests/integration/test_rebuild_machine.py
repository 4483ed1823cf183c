"""Whatever is changed in how orders are counted, and whenever, the boards end up equal to a plain recount.

The machine of projections once more, with several processes that remember the store as they found it, changes of
calendar, minimum and rates, rebuilds on demand, and workers that are killed and doubled while orders come in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from laurel.leaderboard.batch import Batch
from laurel.leaderboard.project import Projector
from laurel.model.account import Audience, Store
from laurel.model.job import JobKind, JobState
from laurel.model.order import CustomerRef, OrderChange
from laurel.model.rates import Rates
from laurel.scoring import work
from laurel.scoring.work import Chunk, Worker
from laurel.store.jobs import Jobs
from laurel.store.rates import RateTables
from laurel.store.rebuilds import Rebuilds
from laurel.store.workspace import RememberedStores, Workspace
from laurel.workspace import counting, rebuild, stores
from laurel.workspace.rebuild import RebuildStore
from tests.integration.test_projection_machine import ProjectionMachine
from tests.support.samples import AUDIENCE, NOW
from tests.support.stage import MemoryStage, Stage, WatchedStage
from tests.support.tables import Database
from tests.support.turns import Turn

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC"]
MONTHS = ["2025-12", "2026-01", "2026-06", "2026-07", "2026-11"]
RATES = ["0.5", "1.333333333333", "0.0005", "87.1"]
PROCESSES = 3

type Message = tuple[str, str, str]


def one_by_one[T, R](act: Callable[[T], R], things: Sequence[T]) -> list[R]:
    return [act(thing) for thing in things]


class RebuildMachine(ProjectionMachine):
    """Facts come in, projections run, settings change; at the end everything is delivered and compared."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        tables = stage.tables
        self.workspace = Workspace(stage.client, tables.workspace)
        self.rates = RateTables(stage.client, tables.workspace)
        self.jobs = Jobs(stage.client, tables.workspace)
        self.processes = [self._process() for _ in range(PROCESSES)]
        walk = Rebuilds(stage.client, tables.ledger, tables.rankings)
        self.workers = [
            Worker(
                self.jobs,
                self.workspace,
                {JobKind.REBUILD: RebuildStore(self.workspace, walk, customers, lambda: NOW)},
                lambda: NOW,
            )
            for customers in self.processes
        ]
        self.messages: list[Message] = []
        self.at_work: dict[Turn, Message] = {}
        self.changes = 0

    def send(self, account_id: str, audience_id: str, job_id: str) -> None:
        """The queue of jobs."""
        self.messages.append((account_id, audience_id, job_id))

    # ---- What happens ------------------------------------------------------------------------------------------------

    @initialize(seed=st.integers(0, 2**32), house_accounts=st.sampled_from([False, False, True]))
    def open_shop(self, seed: int, house_accounts: bool) -> None:
        super().open_shop(seed, house_accounts)
        created_at = datetime(2026, 1, 1, tzinfo=UTC)
        self.workspace.save_audience(Audience(self.store.account_id, AUDIENCE, "Customers", 1, created_at))
        assert self.workspace.save_store(self.store)
        self._look()

    @rule(zone=st.sampled_from(ZONES), first_day=st.sampled_from([1, 1, 3, 7]), minimum=st.sampled_from([1, 2, 2, 3]))
    def counting_changes(self, zone: str, first_day: int, minimum: int) -> None:
        wanted = {"time_zone": zone, "first_day_of_week": first_day, "minimum_purchases": minimum}
        self._change(lambda store, job: stores.edited(store, wanted, job))
        self.shop.time_zone, self.shop.first_day_of_week, self.shop.minimum_purchases = zone, first_day, minimum

    @rule(minimum=st.sampled_from([1, 2, 3]))
    def minimum_changes(self, minimum: int) -> None:
        self._change(lambda store, job: stores.edited(store, {"minimum_purchases": minimum}, job))
        self.shop.minimum_purchases = minimum

    @rule()
    def rebuild_is_asked_for(self) -> None:
        self._change(counting.rebuilt)

    @precondition(lambda self: not self.has_house_accounts)
    @rule(table=st.dictionaries(st.sampled_from(MONTHS), st.sampled_from(RATES)))
    def rates_change(self, table: dict[str, str]) -> None:
        rates = Rates({("USD", month): rate for month, rate in table.items()})
        job = self._next_job()
        store = stores.declare(self.workspace, self.rates, self.store.account_id, self.store.id, rates, job)
        self._begin(store, job)
        self.shop.rates = {key: Fraction(rate) for key, rate in rates.table.items()}

    @precondition(lambda self: self.messages)
    @rule(pick=st.integers(0, 100), twice=st.sampled_from([False, False, True]))
    def worker_takes_a_message(self, pick: int, twice: bool) -> None:
        message = self.messages[pick % len(self.messages)]
        if not twice:
            self.messages.remove(message)
        self._work(message)

    @precondition(lambda self: self.at_work)
    @rule(pick=st.integers(0, 100))
    def worker_is_killed(self, pick: int) -> None:
        going = [turn for turn in self.at_work if not turn.done]
        if going:
            turn = going[pick % len(going)]
            turn.abandon()
            self.messages.append(self.at_work.pop(turn))

    @rule()
    def what_was_queued_may_be_lost_but_for_the_day(self) -> None:
        self.messages.clear()
        audience = self.workspace.existing_audience(self.store.account_id, AUDIENCE)
        counting.resume(self.workspace, self.jobs, self, audience, NOW)

    @rule()
    def a_board_that_is_said_to_be_complete_is(self) -> None:
        ProjectionMachine._finish(self)
        if self._look().rebuild is None:
            self._compare(self._house_accounts() if self.has_house_accounts else frozenset())

    # ---- How it is done ----------------------------------------------------------------------------------------------

    def _process(self) -> Batch:
        remembered = RememberedStores(self.workspace)
        return Batch(Projector(self.ledger, self.rankings, remembered, self.rates), one_by_one)

    def _look(self) -> Store:
        store = self.workspace.store(self.store.account_id, self.store.id)
        assert store
        self.store = store
        return store

    def _next_job(self) -> str:
        self.changes += 1
        return f"job{self.changes:04}"

    def _change(self, changed: Callable[[Store, str], Store]) -> None:
        job = self._next_job()
        wanted = stores.change(self.workspace, self.store.account_id, self.store.id, lambda store: changed(store, job))
        self._begin(wanted, job)

    def _begin(self, store: Store, job: str) -> None:
        if store.rebuild and store.rebuild.job == job:
            counting.begin(self.jobs, self, store, NOW)
        self._look()

    def _work(self, message: Message) -> None:
        worker = self.random.choice(self.workers)

        def chunk() -> None:
            if worker.work(*message) is Chunk.GOES_ON:
                self.send(*message)

        self.at_work[self._start(chunk)] = message

    def _project(self, wanted: Iterable[int]) -> None:
        batch: dict[CustomerRef, list[OrderChange]] = defaultdict(list)
        for index in wanted:
            ref, change = self.records[index]
            batch[ref].append(change)
            self.undelivered.discard(index)
        process = self.random.choice(self.processes)

        def project() -> None:
            for outcome in process.project(batch, NOW).values():
                if isinstance(outcome, Exception):
                    raise outcome

        self._start(project)

    def _finish(self) -> None:
        """Deliver and do everything, in any order, until no rebuild is left."""
        super()._finish()
        while self.messages:
            self._work(self.messages.pop())
            super()._finish()
        store = self._look()
        assert store.rebuild is None
        for number in range(1, self.changes + 1):
            job = self.jobs.job(store.account_id, AUDIENCE, f"job{number:04}")
            assert job is None or job.state is not JobState.FAILED

    def _everybody_buys_again_under_a_higher_limit(self) -> None:
        self._change(lambda store, job: stores.edited(store, {"house_account_orders": 20_000}, job))
        self.processes[:] = [self._process() for _ in self.processes]  # a minute later
        super()._everybody_buys_again_under_a_higher_limit()


@pytest.fixture(autouse=True)
def steps_of_two_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "AT_ONCE", 2)
    monkeypatch.setattr(rebuild, "at_once", one_by_one)
    monkeypatch.setattr(work, "CHUNK", timedelta(0))


def run_machine(make_stage: Callable[[], Stage], *, max_examples: int, steps: int) -> None:
    factory: Any = lambda: RebuildMachine(make_stage())  # noqa: E731
    run_state_machine_as_test(factory, settings=settings(max_examples=max_examples, stateful_step_count=steps))


def test_boards_equal_a_recount_after_any_changes_of_counting() -> None:
    run_machine(MemoryStage, max_examples=60, steps=40)


@pytest.mark.dynamodb_local
def test_boards_equal_a_recount_after_any_changes_of_counting_on_dynamodb_local(
    dynamodb_local_tables: Database,
) -> None:
    stage = WatchedStage(dynamodb_local_tables)
    run_machine(lambda: stage, max_examples=3, steps=15)
