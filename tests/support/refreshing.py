"""Snapshots of stores by a clock that a test drives, and those who wait for what they tell."""

from __future__ import annotations

from datetime import datetime, timedelta

from laurel.leaderboard.refresh import Mark
from laurel.leaderboard.snapshot import take
from laurel.model.account import Store
from laurel.model.automation import Automation, RankEnters, Step, StepKind
from laurel.model.period import ALL, TimeFrame
from laurel.model.ranking import Metric
from laurel.model.reward import Benefit, BenefitKind, FirstOfBoard, Programme
from laurel.store.automations import Automations
from laurel.store.board_snapshots import BoardSnapshots
from laurel.store.programmes import Programmes
from laurel.store.refreshes import Refreshes
from laurel.store.seal import Seal
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
