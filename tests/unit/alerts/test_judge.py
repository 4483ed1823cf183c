"""When alerts open, end, and do not open again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from laurel.alerts.facts import Closings, Facts, Purchase, ScoreChange, purchases_of
from laurel.alerts.judge import Judge
from laurel.alerts.ranks import left_first, rank_fell
from laurel.alerts.rhythm import lateness
from laurel.alerts.spending import spend_down
from laurel.alerts.watched import watched_board
from laurel.model.account import Store
from laurel.model.alert import (
    Alert,
    AlertKind,
    AlertState,
    Lateness,
    RankDrop,
    Resolution,
    ScoreDrop,
    ScoreRule,
    SpendRule,
    StoreRules,
    Watch,
)
from laurel.model.order import OrderState
from laurel.model.period import Calendar, PeriodKind
from laurel.model.ranking import Metric
from laurel.model.snapshot import Snapshot
from tests.support.samples import a_kept_order, a_store, at

CALENDAR = Calendar("UTC")
START = datetime(2026, 1, 5, 12, tzinfo=UTC)
JUDGE = Judge(a_store(), StoreRules(spend_down=None), ScoreRule())


def bought(at: datetime, spent: int = 4_000) -> Purchase:
    return Purchase(at, spent, at.date())


MONTHLY = [bought(START + timedelta(days=30 * number)) for number in range(6)]
LAST = MONTHLY[-1].at
LATE = LAST + timedelta(days=60)


def facts(purchases: Sequence[Purchase] = (), **more: Any) -> Facts:
    return Facts(CALENDAR, list(purchases), **more)


def judged(found: Facts, now: datetime, *known: Alert, judge: Judge = JUDGE) -> dict[AlertKind, Alert]:
    alerts = {it.kind: it for it in known}
    return {it.kind: it for it in judge.judged("ada", found, alerts, now)}


def overdue(now: datetime = LATE, **changes: Any) -> Alert:
    alert = judged(facts(MONTHLY), now)[AlertKind.OVERDUE]
    return replace(alert, version=1, **changes)


# ---- Opening and ending ---------------------------------------------------------------------------------------------


def test_an_alert_says_why_since_when_and_what_the_customer_is_worth() -> None:
    alert = overdue()

    assert alert.reason == Lateness(LAST.date(), 6, 30, 44)
    assert (alert.state, alert.opened_at, alert.worth, alert.told) == (AlertState.OPEN, LATE, 24_000, False)
    assert alert.fell_at == datetime(2026, 7, 19, tzinfo=UTC)


def test_nothing_changes_while_nothing_happens() -> None:
    assert judged(facts(MONTHLY), LATE + timedelta(days=1), overdue()) == {}


def test_a_purchase_ends_it() -> None:
    back = facts([*MONTHLY, bought(LATE, 100)])

    ended = judged(back, LATE + timedelta(days=1), overdue())[AlertKind.OVERDUE]

    assert (ended.state, ended.resolution) == (AlertState.RESOLVED, Resolution.RETURNED)
    assert ended.resolved_at == LATE + timedelta(days=1)


def test_the_same_fall_does_not_open_it_again_and_the_next_one_does() -> None:
    settled = overdue(state=AlertState.RESOLVED, resolved_at=LATE, resolution=Resolution.BY_HAND)
    again = [*MONTHLY, bought(LATE + timedelta(days=9))]

    assert judged(facts(MONTHLY), LATE + timedelta(days=30), settled) == {}
    reopened = judged(facts(again), LATE + timedelta(days=120), settled)[AlertKind.OVERDUE]
    assert (reopened.state, reopened.version, reopened.resolution) == (AlertState.OPEN, 1, None)


def test_a_snoozed_one_opens_when_its_time_is_over() -> None:
    until = LATE + timedelta(days=14)
    snoozed = overdue(state=AlertState.SNOOZED, snoozed_until=until)

    assert judged(facts(MONTHLY), until - timedelta(seconds=1), snoozed) == {}
    opened = judged(facts(MONTHLY), until, snoozed)[AlertKind.OVERDUE]
    assert (opened.state, opened.snoozed_until, opened.opened_at) == (AlertState.OPEN, None, LATE)


def test_a_snoozed_one_ends_as_others_do() -> None:
    snoozed = overdue(state=AlertState.SNOOZED, snoozed_until=LATE + timedelta(days=14))
    back = facts([*MONTHLY, bought(LATE, 100)])

    assert judged(back, LATE + timedelta(days=1), snoozed)[AlertKind.OVERDUE].is_over


def test_it_lapses_after_half_a_year() -> None:
    at = LATE + timedelta(days=180)

    assert judged(facts(MONTHLY), at - timedelta(days=1), overdue()) == {}
    assert judged(facts(MONTHLY), at, overdue())[AlertKind.OVERDUE].resolution is Resolution.LAPSED


def test_what_is_not_watched_for_opens_nothing() -> None:
    nothing = Judge(a_store(), StoreRules(left_first=None, rank_fell=None, spend_down=None, overdue=False), None)
    score = {"score": 10, "changes": [ScoreChange(LATE, 1, 100, 10)]}

    assert set(judged(facts(MONTHLY, closings=closings(20, None), **score), LATE)) == set(AlertKind) - {
        AlertKind.SPEND_DOWN
    }
    assert judged(facts(MONTHLY, closings=closings(20, None), **score), LATE, judge=nothing) == {}


# ---- Rhythm ---------------------------------------------------------------------------------------------------------


def test_nobody_has_a_rhythm_before_the_fourth_purchase_or_within_sixty_days() -> None:
    days = [it.at.date() for it in MONTHLY]

    assert lateness(days[:3]) is None
    assert lateness(days[:4])
    assert lateness([days[0] + timedelta(days=number * 10) for number in range(6)]) is None


def test_one_odd_gap_changes_nothing() -> None:
    even = [START.date() + timedelta(days=7 * number) for number in range(30)]
    odd = [*even, even[-1] + timedelta(days=45), *(even[-1] + timedelta(days=45 + 7 * n) for n in range(1, 5))]

    before, after = lateness(even), lateness(odd)

    assert before
    assert after
    assert (before.usual_days, before.late_after) == (after.usual_days, after.late_after) == (7, 14)


def test_an_order_that_was_sent_back_shows_that_the_customer_was_there_and_one_that_was_called_off_does_not() -> None:
    orders = [
        a_kept_order("1", total=1_000, refunded=1_000),
        a_kept_order("2", total=2_000, refunded=500),
        a_kept_order("3", state=OrderState.CANCELLED),
        a_kept_order("4", test=True),
        a_kept_order("5", currency="XXX"),
    ]

    assert [it.spent for it in purchases_of(a_store(), orders)] == [0, 1_500]


# ---- Ranks ----------------------------------------------------------------------------------------------------------


def closings(before: int | None, rank: int | None, size: int = 400, **more: Any) -> Closings:
    closed = datetime(2026, 3, 1, tzinfo=UTC)
    return Closings(Metric.TOTAL_SPENT, "2026-01", "2026-02", closed, before, rank, min(size, 1000) + 1, size, **more)


@pytest.mark.parametrize(
    ("before", "rank", "size", "left"),
    [
        (50, 51, 400, True),
        (50, 50, 400, False),
        (51, 400, 400, False),
        (1, None, 400, True),
        (None, 80, 400, False),
        (15, 16, 30, True),
        (16, 40, 30, False),
        (1, None, 1, True),
    ],
)
def test_who_left_the_first_fifty(before: int | None, rank: int | None, size: int, left: bool) -> None:
    assert (left_first(50, facts(closings=closings(before, rank, size))) is not None) == left


@pytest.mark.parametrize(
    ("before", "rank", "size", "lost"),
    [(10, 109, 400, None), (10, 110, 400, 100), (300, None, 400, 101), (310, None, 400, None), (900, None, 5000, 101)],
)
def test_who_fell_by_a_hundred_ranks_at_least(before: int, rank: int | None, size: int, lost: int | None) -> None:
    fall = rank_fell(100, facts(closings=closings(before, rank, size)))

    assert (fall.reason.at_least if fall and isinstance(fall.reason, RankDrop) else None) == lost


def test_who_is_among_the_first_again_is_back_be_it_on_the_running_board_or_at_a_later_closing() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    alert = judged(facts(closings=closings(20, 80)), now)[AlertKind.LEFT_FIRST]
    later = replace(closings(80, 50), period="2026-03", closed_at=datetime(2026, 4, 1, tzinfo=UTC))

    assert judged(facts(closings=closings(20, 80, rank_now=51)), now, alert) == {}
    assert judged(facts(closings=closings(20, 80, rank_now=50)), now, alert)[AlertKind.LEFT_FIRST].is_over
    assert judged(facts(closings=later), now, alert)[AlertKind.LEFT_FIRST].is_over


def test_who_has_risen_by_half_is_back() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    alert = judged(facts(closings=closings(100, 250)), now)[AlertKind.RANK_FELL]

    assert judged(facts(closings=closings(100, 250, rank_now=151)), now, alert) == {}
    assert judged(facts(closings=closings(100, 250, rank_now=150)), now, alert)[AlertKind.RANK_FELL].is_over


class NoBoards:
    """Keeps no snapshots."""

    def closed(self, store: Store, period: str, *, verified: bool = True) -> Snapshot | None:
        return None

    def latest(self, store: Store, period: str) -> Snapshot | None:
        return None


@pytest.mark.parametrize(
    ("zone", "first_day"),
    [("Europe/Berlin", 1), ("Africa/Cairo", 5)],
    ids=["a week from midnight", "a week from one o'clock, for midnight was skipped"],
)
def test_each_closing_of_a_board_is_looked_at_once(zone: str, first_day: int) -> None:
    store = a_store(time_zone=zone, first_day_of_week=first_day)

    board = watched_board(NoBoards(), store, Watch(Metric.TOTAL_SPENT, PeriodKind.WEEK), at("2026-04-25T12:00:00"))

    assert [period for period, _ in board.snapshots] == [f"2026-W{week:02}" for week in range(16, 3, -1)]


# ---- Spending -------------------------------------------------------------------------------------------------------


def test_spending_of_a_running_month_is_looked_at_up_to_now_though_clocks_changed_in_it() -> None:
    weekly = [bought(START + timedelta(days=7 * number)) for number in range(8)]
    now = at("2026-03-30T12:00:00")

    fall = spend_down(SpendRule(period=PeriodKind.MONTH), Facts(Calendar("Europe/Berlin"), weekly), now)

    assert fall
    assert fall.fell_at == now


# ---- Scores ---------------------------------------------------------------------------------------------------------


def score(now: datetime, *steps: tuple[int, int | None], before: int = 100) -> Facts:
    """A score that changed so many days before ``now`` to so much."""
    changes, last = [], before
    for seq, (days, after) in enumerate(steps, 1):
        changes.append(ScoreChange(now - timedelta(days=days), seq, last, after))
        last = after
    return facts(score=last, changes=changes)


@pytest.mark.parametrize(
    ("steps", "before", "reason"),
    [
        ([(5, 70)], 100, ScoreDrop(100, 70, 30)),
        ([(5, 71)], 100, None),
        ([(5, None)], 100, ScoreDrop(100, None, 30)),
        ([(5, 5)], 14, None),
        ([(20, 200), (5, 65)], 100, ScoreDrop(100, 65, 30)),
        ([(20, 40), (5, 90)], 100, None),
    ],
)
def test_a_score_that_falls_by_thirty_percent_and_ten_points(
    steps: list[tuple[int, int | None]], before: int, reason: ScoreDrop | None
) -> None:
    found = judged(score(LATE, *steps, before=before), LATE)

    assert (found[AlertKind.SCORE_FALLING].reason if found else None) == reason


def test_points_count_by_themselves() -> None:
    by_points = Judge(a_store(), StoreRules(), ScoreRule(points=5, percent=None))

    assert judged(score(LATE, (5, 94)), LATE, judge=by_points)
    assert not judged(score(LATE, (5, 96)), LATE, judge=by_points)


def test_a_score_that_has_half_of_what_it_lost_is_back_and_a_later_fall_is_a_new_one() -> None:
    alert = judged(score(LATE, (5, 60)), LATE)[AlertKind.SCORE_FALLING]
    now = LATE + timedelta(days=3)

    assert judged(score(now, (8, 60), (1, 79)), now, alert) == {}
    over = judged(score(now, (8, 60), (1, 80)), now, alert)[AlertKind.SCORE_FALLING]
    assert over.is_over
    later = now + timedelta(days=2)
    assert judged(score(later, (10, 60), (3, 80)), later, over) == {}
    assert judged(score(later, (10, 60), (3, 80), (1, 50)), later, over)[AlertKind.SCORE_FALLING].reason == ScoreDrop(
        80, 50, 2
    )
