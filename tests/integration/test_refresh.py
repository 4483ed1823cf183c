"""Every close has one snapshot, told once, whoever is killed, fails, or works beside others."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from laurel.leaderboard.refresh import Mark
from laurel.model.account import Store, StoreState
from laurel.model.errors import SnapshotTampered
from laurel.model.ranking import Figures
from laurel.model.rebuild import Rebuild
from laurel.model.snapshot import Snapshot
from laurel.store import keys
from tests.support.faults import client_error
from tests.support.refreshing import Refreshing
from tests.support.samples import a_store, at
from tests.support.stage import MemoryStage, Stage, WatchedStage
from tests.support.tables import Database
from tests.support.turns import Turn, Turns

pytestmark = pytest.mark.integration

CONNECTED = at("2026-10-28T12:00:00")
MONDAY = at("2026-11-02T00:05:00+01:00")
"""Five past the end of a week, and a day and five minutes past the end of a month."""
CLOSES = [("month_closed", "2026-10"), ("week_closed", "2026-W44")]
RUNNING = ["all", "month", "quarter", "week", "year"]
FAULT = client_error("InternalServerError")


class Killed(BaseException):
    """The function's time is up."""


def opened(database: Database, store: Store, now: Any = MONDAY) -> Refreshing:
    shop = Refreshing(database, now)
    assert shop.workspace.save_store(replace(store, created_at=CONNECTED))
    for period in ("2026-W44", "2026-W45", "2026-10", "2026-11", "2026-Q4", "2026", "all"):
        shop.put_row(store, period, "ada", Figures(2, 500, 1_793_000_000))
        shop.put_row(store, period, "bob", Figures(3, 300, 1_793_000_001))
    return shop


def closes(shop: Refreshing, store: Store) -> list[tuple[str, str]]:
    return [(board, mark.period) for board, mark in shop.marks(store) if board.endswith("closed")]


def test_what_is_due_is_taken_and_told_once(database: Database, store: Store) -> None:
    shop = opened(database, store)

    assert shop.run(store.account_id).queued == 1
    (done, again) = shop.work(times=2)

    assert (done.taken, done.failed, again.taken) == (7, (), 0)
    assert closes(shop, store) == CLOSES
    assert [board for board, _ in shop.marks(store) if not board.endswith("closed")] == RUNNING
    assert len(shop.told.moves) == shop.told.times == 7
    shop.check_told(store)
    assert shop.run(store.account_id).queued == 0
    week = shop.snapshots.closed(store, "2026-W44")
    assert week
    assert (week.customers, week.orders_count, week.total_spent) == (2, 5, 800)
    assert week.hour == MONDAY - timedelta(minutes=5)
    assert week.taken_at == MONDAY


def test_each_hour_is_told_after_the_one_before(database: Database, store: Store) -> None:
    shop = opened(database, store)

    for _ in range(12):
        shop.run(store.account_id)
        shop.work()
        shop.now += timedelta(minutes=15)

    assert [board for board, _ in shop.marks(store)].count("week") == 3
    assert closes(shop, store) == CLOSES
    shop.check_told(store)


def test_a_store_waits_for_its_rebuild_and_the_next_run_catches_up(database: Database, store: Store) -> None:
    shop = opened(database, store)
    shop.run(store.account_id)
    known = shop.workspace.store(store.account_id, store.id)
    assert known
    assert shop.workspace.save_store(replace(known, rebuild=Rebuild("job", everything=True)))

    assert [it.taken for it in shop.work()] == [0]
    assert shop.run(store.account_id).queued == 0
    shop.now += timedelta(hours=3)
    assert shop.run(store.account_id).late == 2
    known = shop.workspace.store(store.account_id, store.id)
    assert known
    assert shop.workspace.save_store(replace(known, rebuild=None))
    shop.run(store.account_id)
    shop.work()

    assert closes(shop, store) == CLOSES
    assert shop.run(store.account_id).late == 0


@pytest.mark.parametrize(
    "change",
    [
        {"calendar_revision": 2},
        {"rebuild": Rebuild("job", everything=True)},
        {"state": StoreState.DISCONNECTED},
    ],
    ids=str,
)
def test_rows_that_were_read_while_their_meaning_changed_are_not_kept(change: dict[str, Any], store: Store) -> None:
    stage = MemoryStage()
    shop = opened(Database(stage.client, stage.tables), store)
    shop.run(store.account_id)

    def settings_change(operation: str) -> None:
        if operation == "query":
            stage.before = lambda _: None
            known = shop.workspace.store(store.account_id, store.id)
            assert known
            assert shop.workspace.save_store(replace(known, **change))

    stage.before = settings_change
    assert [it.taken for it in shop.work()] == [0]
    assert shop.marks(store) == []
    assert shop.told.times == 0


def test_a_disconnected_store_is_left_alone_and_its_closes_are_made_up_for(database: Database, store: Store) -> None:
    shop = opened(database, replace(store, state=StoreState.DISCONNECTED))
    assert shop.run(store.account_id).queued == 0
    shop.send(store.account_id, store.id)
    assert [it.taken for it in shop.work()] == [0]
    known = shop.workspace.store(store.account_id, store.id)
    assert known

    assert shop.workspace.save_store(replace(known, state=StoreState.PAUSED))
    shop.run(store.account_id)
    shop.work()

    assert closes(shop, store) == CLOSES


def test_an_unknown_store_is_no_trouble(database: Database, store: Store) -> None:
    shop = Refreshing(database, MONDAY)
    shop.send(store.account_id, store.id)

    assert [(it.taken, it.failed) for it in shop.work()] == [(0, ())]


def test_whoever_has_little_time_leaves_the_rest_to_the_next(
    database: Database, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("laurel.leaderboard.refresh.WORKED", timedelta(0))
    shop = opened(database, store)
    shop.run(store.account_id)

    done = shop.work()

    assert [it.taken for it in done] == [1] * 7
    assert [it.goes_on for it in done] == [True] * 6 + [False]
    assert closes(shop, store) == CLOSES


def test_what_fails_for_one_board_leaves_the_others_and_is_done_again(database: Database, store: Store) -> None:
    shop = opened(database, store)
    followed: list[str] = []

    def fails_for_weeks(_store: Store, _before: Snapshot | None, after: Snapshot) -> None:
        if after.period == "2026-W44" and "2026-W44" not in followed:
            followed.append(after.period)
            raise RuntimeError("not just now")
        followed.append(after.period)

    shop.refresher = replace(shop.refresher, followers=(shop.told, fails_for_weeks))
    shop.run(store.account_id)
    (done,) = shop.work()

    assert [str(error) for error in done.failed] == ["not just now"]
    assert done.taken == 6, "and the week's, which is not told"
    shop.run(store.account_id)
    shop.work()
    assert followed.count("2026-W44") == 2
    assert followed.count("2026-10") == 1
    assert closes(shop, store) == CLOSES
    shop.check_told(store)


def test_a_tampered_close_is_told_to_nobody(store: Store) -> None:
    stage = MemoryStage()
    database = Database(stage.client, stage.tables)
    shop = opened(database, store)
    broken = shop.refresher

    def killed(place: str) -> None:
        if place == "before telling":
            raise Killed

    shop.told.step = killed
    shop.run(store.account_id)
    with suppress(Killed):
        shop.work()
    key: Any = {"pk": keys.board_snapshots(store.account_id, store.id), "sk": keys.closing_snapshot("2026-10")}
    item = {name: {"S": value} for name, value in key.items()}
    database.client.update_item(
        TableName=database.tables.workspace,
        Key=item,
        UpdateExpression="SET signature = :other",
        ExpressionAttributeValues={":other": {"S": "bm8="}},
    )
    shop.told.step = lambda _: None
    shop.send(store.account_id, store.id)

    (done,) = shop.work()

    assert [type(error) for error in done.failed] == [SnapshotTampered]
    assert ("month_closed", "2026-10") not in {(board, mark.period) for _, board, mark in shop.told.moves}
    assert ("week_closed", "2026-W44") in {(board, mark.period) for _, board, mark in shop.told.moves}
    assert broken is shop.refresher


def test_a_snapshot_that_is_gone_before_it_was_told_holds_up_nobody(store: Store) -> None:
    stage = MemoryStage()
    shop = opened(Database(stage.client, stage.tables), store)
    lost = Mark("2026-W44", MONDAY - timedelta(days=30))
    assert shop.progress.begin(store, "week", None, lost)

    shop.run(store.account_id)
    shop.work()

    told = {board: (mark, before) for (_, board, mark), before in shop.told.moves.items()}
    assert told["week"] == (Mark("2026-W45", MONDAY - timedelta(minutes=5)), None)


# ---- Whoever is stopped ----------------------------------------------------------------------------------------------


class Steps:
    """All that a worker asks of others, before and after each; one of them may go wrong."""

    def __init__(self, stage: Stage, shop: Refreshing) -> None:
        self.names: list[str] = []
        self.goes_wrong = -1
        self.how: type[BaseException] | ClientError = Killed
        stage.before = lambda operation: self._go(f"before {operation}")
        stage.after = lambda operation: self._go(f"after {operation}")
        shop.told.step = self._go

    def _go(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) - 1 == self.goes_wrong:
            raise self.how


def two_hours(shop: Refreshing, store: Store) -> None:
    for _ in range(8):
        shop.run(store.account_id)
        shop.work()
        shop.now += timedelta(minutes=15)


def all_steps() -> int:
    stage = MemoryStage()
    store = a_store()
    shop = opened(Database(stage.client, stage.tables), store)
    steps = Steps(stage, shop)
    two_hours(shop, store)
    return len(steps.names)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["killed", "fails"])
def test_whoever_is_stopped_at_whatever_step(how: str) -> None:
    for number in range(all_steps()):
        stage = MemoryStage()
        store = a_store()
        shop = opened(Database(stage.client, stage.tables), store)
        steps = Steps(stage, shop)
        steps.goes_wrong, steps.how = number, Killed if how == "killed" else FAULT
        while len(steps.names) <= number:
            with suppress(Killed, ClientError):
                two_hours(shop, store)
        two_hours(shop, store)

        assert closes(shop, store) == CLOSES, number
        shop.check_told(store)
        told = {(board, mark) for _, board, mark in shop.told.moves}
        assert told == set(shop.marks(store)), number


@pytest.mark.parametrize("place", ["before update_item", "after update_item", "before telling", "after telling"])
def test_a_worker_that_stalls_while_it_tells_is_not_waited_for_and_not_contradicted(place: str) -> None:
    stage = MemoryStage()
    store = a_store()
    shop = opened(Database(stage.client, stage.tables), store)
    two_hours(shop, store)

    with Turns() as turns:
        stage.before = lambda operation: turns.pause(f"before {operation}")
        stage.after = lambda operation: turns.pause(f"after {operation}")
        shop.told.step = turns.pause
        stalls = turns.start(lambda: shop.refresher.refresh(store.account_id, store.id))
        stalls.run_to(place)
        shop.now += timedelta(hours=1)
        shop.run(store.account_id)
        shop.work()
        stalls.finish()

    shop.check_told(store)
    told = {(board, mark) for _, board, mark in shop.told.moves}
    assert told <= set(shop.marks(store))
    assert {board for board, mark in told if mark.hour == MONDAY + timedelta(hours=2, minutes=55)} == set(RUNNING)


class RefreshMachine(RuleBasedStateMachine):
    """Runs and messages are lost or come twice; workers take turns at each request, stall, fail and are killed."""

    def __init__(self, stage: Stage, account_id: str) -> None:
        super().__init__()
        self.stage = stage
        self.store = a_store(account_id=account_id)
        self.turns = Turns()
        self.work: list[Turn] = []
        self.fault: tuple[str, str] | None = None
        self.shop = opened(Database(stage.client, stage.tables), self.store)
        self.kept: list[tuple[str, Mark]] = []
        self.shop.refresher = replace(self.shop.refresher, shelf=self)
        stage.before, stage.after = self._before, self._after
        self.shop.told.step = self._before

    # What a worker keeps: how often it was the one who did.

    def keep(self, snapshot: Snapshot) -> bool:
        kept = self.shop.snapshots.keep(snapshot)
        if kept:
            self.kept.append((snapshot.period, Mark(snapshot.period, snapshot.hour)))
        return kept

    def closed(self, store: Store, period: str, *, verified: bool = True) -> Snapshot | None:
        return self.shop.snapshots.closed(store, period, verified=verified)

    def of_hour(self, store: Store, period: str, hour: Any) -> Snapshot | None:
        return self.shop.snapshots.of_hour(store, period, hour)

    @initialize()
    def first_run(self) -> None:
        self.shop.run(self.store.account_id)

    @rule(quarters=st.sampled_from([1, 1, 2, 4, 4, 9, 700]))
    def time_passes(self, quarters: int) -> None:
        self.shop.now += timedelta(minutes=15 * quarters)

    @rule()
    def the_schedule_runs(self) -> None:
        self.shop.run(self.store.account_id)

    @rule(lost=st.booleans(), times=st.integers(1, 3))
    def a_message_is_delivered(self, lost: bool, times: int) -> None:
        if self.shop.queue:
            self.shop.queue.pop(0)
            for _ in range(0 if lost else times):
                self.work.append(self.turns.start(self._refresh))

    @rule(picks=st.lists(st.tuples(st.integers(0, 7), st.sampled_from([1, 2, 5, 30])), min_size=1, max_size=12))
    def work_goes_on(self, picks: list[tuple[int, int]]) -> None:
        for pick, steps in picks:
            if busy := [turn for turn in self.work if not turn.done]:
                turn = busy[pick % len(busy)]
                for _ in range(steps):
                    if turn.done or turn.step():
                        break

    @rule(pick=st.integers(0, 7))
    def somebody_is_killed(self, pick: int) -> None:
        if busy := [turn for turn in self.work if not turn.done]:
            busy[pick % len(busy)].abandon()

    @rule(
        operation=st.sampled_from(["get_item", "query", "put_item", "update_item", "before telling"]),
        when=st.sampled_from(["before", "after"]),
    )
    def next_request_goes_wrong(self, operation: str, when: str) -> None:
        self.fault = (operation, when)

    def teardown(self) -> None:
        try:
            for turn in self.work:
                turn.finish()
            self.fault = None
            self.shop.queue.clear()
            for _ in range(3):
                self.shop.run(self.store.account_id)
                self.shop.work()
            assert self.shop.run(self.store.account_id).queued == 0
            self._check()
        finally:
            self.turns.close()

    def _check(self) -> None:
        self.shop.check_told(self.store)
        marks = self.shop.marks(self.store)
        told = {(board, mark) for _, board, mark in self.shop.told.moves}
        calendar = self.store.calendar
        weeks = {
            calendar.periods_of(CONNECTED + timedelta(days=day))[0]
            for day in range((self.shop.now - CONNECTED).days + 1)
        }
        past = {week for week in weeks if (calendar.period(week).end or self.shop.now) <= self.shop.now}
        assert sorted(mark.period for board, mark in marks if board == "week_closed") == sorted(past)
        assert len(self.kept) == len(set(self.kept))
        assert told <= set(marks)
        assert {it for it in marks if it[0].endswith("closed")} <= told

    def _before(self, operation: str) -> None:
        self.turns.pause(operation)
        self._go_wrong(operation, "before")

    def _after(self, operation: str) -> None:
        self._go_wrong(operation, "after")
        self.turns.pause(operation)

    def _go_wrong(self, operation: str, when: str) -> None:
        if self.turns.current and self.fault == (operation, when):
            self.fault = None
            raise FAULT

    def _refresh(self) -> None:
        with suppress(ClientError):
            self.shop.refresher.refresh(self.store.account_id, self.store.id)


def run_machine(make: Callable[[], RefreshMachine], *, max_examples: int, steps: int) -> None:
    factory: Any = make
    run_state_machine_as_test(factory, settings=settings(max_examples=max_examples, stateful_step_count=steps))


@pytest.mark.slow
def test_closes_have_one_snapshot_and_are_told_once_whatever_happens() -> None:
    run_machine(lambda: RefreshMachine(MemoryStage(), "account"), max_examples=40, steps=30)


@pytest.mark.dynamodb_local
def test_closes_have_one_snapshot_on_dynamodb_local(dynamodb_local_tables: Database) -> None:
    stage = WatchedStage(dynamodb_local_tables)
    numbers = iter(range(1000))
    run_machine(lambda: RefreshMachine(stage, f"account-{next(numbers)}"), max_examples=4, steps=15)
