"""Snapshots of stores by a clock that a test drives, and those who wait for what they tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from laurel.leaderboard.refresh import FannedOut, Follower, Mark, Refreshed, Refresher, fan_out
from laurel.leaderboard.snapshot import take
from laurel.model.account import Store
from laurel.model.automation import Automation, RankEnters, Step, StepKind
from laurel.model.period import ALL, TimeFrame, kind_of
from laurel.model.ranking import Figures, Metric, RankingRow
from laurel.model.reward import Benefit, BenefitKind, FirstOfBoard, Programme
from laurel.model.snapshot import Snapshot
from laurel.store.automations import Automations
from laurel.store.board_snapshots import BoardSnapshots
from laurel.store.programmes import Programmes
from laurel.store.rankings import Rankings
from laurel.store.refreshes import Refreshes
from laurel.store.seal import Seal
from laurel.store.workspace import Workspace
from tests.support.seals import SNAPSHOT_KEY, FakeKMS
from tests.support.tables import Database

HOUR = timedelta(hours=1)


def await_first(database: Database, store: Store, now: datetime) -> None:
    """Have an automation wait for the first of all time, whom nobody was an hour ago, and a programme for a week's."""
    tables, spent = database.tables, Metric.TOTAL_SPENT
    automation = Automation(
        store.account_id,
        store.audience_id,
        "firstofall",
        "First of all",
        enabled=True,
        trigger=RankEnters(store.id, spent, TimeFrame.ALL_TIME, 1),
        steps=(Step(StepKind.ADD_TAG, {"tag": "first"}),),
    )
    assert Automations(database.client, tables.workspace).save(automation)
    programme = Programme(
        store.account_id,
        store.audience_id,
        "firstofweek",
        "First of the week",
        FirstOfBoard(spent, TimeFrame.LAST_WEEK, 1),
        Benefit(BenefitKind.PERCENT_OFF, percent=10),
        created_at=now - timedelta(days=30),
        updated_at=now - timedelta(days=30),
        store_id=store.id,
    )
    assert Programmes(database.client, tables.workspace).save(programme)
    before = Mark(ALL, store.calendar.hour_of(now) - HOUR)
    empty = take(store, ALL, (), before.hour, before.hour, closed=False)
    assert BoardSnapshots(database.client, tables.workspace, Seal(FakeKMS, SNAPSHOT_KEY)).keep(empty)
    progress = Refreshes(database.client, tables.workspace)
    assert progress.begin(store, ALL, None, before)
    assert progress.end(store, ALL, before)


class Told:
    """Takes down what it is told of snapshots, as somebody does who takes the same two snapshots twice for one."""

    def __init__(self) -> None:
        self.times = 0
        self.moves: dict[tuple[str, str, Mark], Mark | None] = {}
        """What was told before each snapshot, by its store, board and names."""
        self.step: Callable[[str], None] = lambda _place: None

    def __call__(self, store: Store, before: Snapshot | None, after: Snapshot) -> None:
        self.step("before telling")
        told = board_of(after)
        last = Mark(before.period, before.hour) if before else None
        known = self.moves.setdefault((store.id, told, Mark(after.period, after.hour)), last)
        assert known == last, f"{told} was told after {known} and after {last}"
        self.times += 1
        self.step("after telling")


def board_of(snapshot: Snapshot) -> str:
    """The sequence of snapshots that a snapshot is one of."""
    kind = kind_of(snapshot.period).value
    return f"{kind}_closed" if snapshot.closed else kind


class Refreshing:
    """An installation whose snapshots are taken as the clock says: ``quarter`` by ``quarter``, message by message."""

    def __init__(self, database: Database, now: datetime, *followers: Follower) -> None:
        client, tables = database.client, database.tables
        self.now = now
        self.queue: list[tuple[str, str]] = []
        self.told = Told()
        self.workspace = Workspace(client, tables.workspace)
        self.rankings = Rankings(client, tables.rankings)
        self.snapshots = BoardSnapshots(client, tables.workspace, Seal(_one_key, SNAPSHOT_KEY))
        self.progress = Refreshes(client, tables.workspace)
        self.refresher = Refresher(
            self.workspace, self.rankings, self.snapshots, self.progress, (self.told, *followers), lambda: self.now
        )

    def send(self, account_id: str, store_id: str) -> None:
        """The queue's part."""
        self.queue.append((account_id, store_id))

    def run(self, account_id: str) -> FannedOut:
        """What the schedule begins, of one account."""
        return fan_out(self.workspace, self.progress, self, account_id, self.now)

    def work(self, times: int = 1) -> list[Refreshed]:
        """Have the queue worked off, each message so many times."""
        done = []
        while self.queue:
            account_id, store_id = self.queue.pop(0)
            for _ in range(times):
                result = self.refresher.refresh(account_id, store_id)
                if result.goes_on:
                    self.send(account_id, store_id)
                done.append(result)
        return done

    def put_row(self, store: Store, period: str, customer: str, figures: Figures, version: int = 1) -> None:
        """A customer's row, on all boards."""
        row = RankingRow(period, customer, figures, None, None, version, frozenset(Metric))
        assert self.rankings.put_row(store, row) is None

    def marks(self, store: Store) -> list[tuple[str, Mark]]:
        """Names of all snapshots that a store has, by board, oldest first."""
        found = []
        for closed in (True, False):
            listed, more = self.snapshots.listed(store, closed=closed, limit=1000)
            assert more is None
            found += [
                (f"{kind_of(it.period).value}{'_closed' if it.closed else ''}", Mark(it.period, it.hour))
                for it in listed
            ]
        return sorted(found, key=lambda it: (it[0], it[1].hour, it[1].period))

    def check_told(self, store: Store) -> None:
        """Each snapshot was told once, in a row: after the one that was told before it, the first one after none."""
        by_board: dict[str, dict[Mark, Mark | None]] = {}
        for (store_id, board, after), before in self.told.moves.items():
            if store_id == store.id:
                by_board.setdefault(board, {})[after] = before
        for board, moves in by_board.items():
            in_row = sorted(moves, key=lambda it: (it.hour, it.period))
            assert [moves[it] for it in in_row] == [None, *in_row[:-1]], board


_KMS = FakeKMS()


def _one_key() -> FakeKMS:
    return _KMS
