"""Who enters and leaves the first of a board between two snapshots."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from laurel.automation.ranks import Watch, rank_signals, watches_of
from laurel.leaderboard.snapshot import take
from laurel.model.automation import RankEnters, RankLeaves, ScoreReaches
from laurel.model.period import TimeFrame
from laurel.model.ranking import Figures, Metric
from laurel.model.signal import RankMoved
from laurel.model.snapshot import Snapshot
from tests.support.automating import an_automation
from tests.support.samples import NOW, STORE, a_store

SPENT, ORDERS = Metric.TOTAL_SPENT, Metric.ORDERS_COUNT
HOUR = timedelta(hours=1)
RUNNING = Watch(STORE, SPENT, TimeFrame.MONTH_TO_DATE, frozenset({2}))
CLOSED = replace(RUNNING, time_frame=TimeFrame.LAST_MONTH)


def a_snapshot(
    *customers: str, period: str = "2026-11", hour: datetime = NOW, closed: bool = False, orders: int = 1
) -> Snapshot:
    """A board of these customers, best first."""
    rows = [(it, Figures(orders, 1_000 - place, 1_700_000_000)) for place, it in enumerate(customers)]
    return take(a_store(), period, rows, hour, hour, closed=closed)


def told(*watches: Watch, before: Snapshot | None, after: Snapshot) -> list[tuple[str, int | None, int | None]]:
    return [(customer, it.before, it.after) for customer, it in rank_signals(watches, before, after)]


def test_who_comes_and_who_goes() -> None:
    before, after = a_snapshot("ada", "bob", "eve"), a_snapshot("eve", "ada", "kim", "bob", hour=NOW + HOUR)

    assert told(RUNNING, before=before, after=after) == [("bob", 2, 4), ("eve", 3, 1)]
    (_, signal), _ = rank_signals([RUNNING], before, after)
    assert signal == RankMoved(NOW + HOUR, STORE, SPENT, TimeFrame.MONTH_TO_DATE, "2026-11", 2, 4)


def test_without_a_snapshot_before_nobody_moved() -> None:
    assert told(RUNNING, before=None, after=a_snapshot("ada")) == []


def test_a_running_board_begins_empty() -> None:
    before, after = a_snapshot("ada", "bob"), a_snapshot("ada", period="2026-12", hour=NOW + HOUR)

    # Nobody leaves it because a month is over, and who is first in the new one entered it
    assert told(RUNNING, before=before, after=after) == [("ada", None, 1)]


def test_complete_periods_follow_one_another() -> None:
    before, after = a_snapshot("ada", "bob", closed=True), a_snapshot("bob", "eve", period="2026-12", closed=True)

    assert told(CLOSED, before=before, after=after) == [("ada", 1, None), ("eve", None, 2)]


@pytest.mark.parametrize(
    "watch",
    [
        replace(RUNNING, store_id="other"),
        replace(RUNNING, time_frame=TimeFrame.LAST_MONTH),
        replace(RUNNING, time_frame=TimeFrame.YEAR_TO_DATE),
        replace(RUNNING, time_frame=TimeFrame.ALL_TIME),
    ],
)
def test_other_boards_are_left_alone(watch: Watch) -> None:
    assert told(watch, before=a_snapshot("ada"), after=a_snapshot("bob")) == []


@pytest.mark.parametrize(
    ("period", "frame"),
    [
        ("2026-W47", TimeFrame.WEEK_TO_DATE),
        ("2026-Q4", TimeFrame.QUARTER_TO_DATE),
        ("2026", TimeFrame.YEAR_TO_DATE),
        ("all", TimeFrame.ALL_TIME),
    ],
)
def test_every_kind_of_period(period: str, frame: TimeFrame) -> None:
    before, after = a_snapshot("ada", "bob", period=period), a_snapshot("ada", "eve", period=period)

    moved = told(replace(RUNNING, time_frame=frame), before=before, after=after)
    assert moved == [("bob", 2, None), ("eve", None, 2)]


def test_customers_without_an_address_set_nothing_off() -> None:
    assert told(RUNNING, before=a_snapshot("customer-7"), after=a_snapshot("customer-8")) == []


def test_ties_share_a_rank() -> None:
    # Three are second: all of them are among the first two
    rows = [(it, Figures(1, spent, 1_700_000_000)) for it, spent in (("a", 9), ("b", 5), ("c", 5), ("d", 5))]
    tied = take(a_store(), "2026-11", rows, NOW, NOW, closed=False)

    moved = told(RUNNING, before=a_snapshot("a", "b"), after=tied)
    assert moved == [("c", None, 2), ("d", None, 2)]


def test_what_is_watched_is_what_automations_ask_for() -> None:
    board = (STORE, SPENT, TimeFrame.MONTH_TO_DATE)
    automations = [
        an_automation("a", RankEnters(*board, 10)),
        an_automation("b", RankEnters(*board, 10), hysteresis=3),
        an_automation("c", RankLeaves(*board, 50), hysteresis=5, enabled=False),
        an_automation("d", RankLeaves(STORE, ORDERS, TimeFrame.ALL_TIME, 1), hysteresis=5),
        an_automation("e", ScoreReaches(100)),
    ]

    # Out of the first ten by three is out of the first twelve; back among the first fifty by five is the first 45
    assert watches_of(automations) == [
        Watch(*board, frozenset({10, 12, 50, 45})),
        Watch(STORE, ORDERS, TimeFrame.ALL_TIME, frozenset({1})),
    ]
