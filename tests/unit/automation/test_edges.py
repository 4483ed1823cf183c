"""What signals are to triggers: rising and falling, with and without hysteresis, in whatever order they are heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.automation.edges import MOST_MARKS, edge_of, settle
from laurel.model.automation import (
    Automation,
    FirstPurchaseMade,
    RankEnters,
    RankLeaves,
    Repeat,
    ScoreEnters,
    ScoreFallsUnder,
    ScoreReaches,
    Silent,
    Slipping,
    TagAdded,
    Trigger,
)
from laurel.model.automation_state import AutomationState
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.scoring import Points
from laurel.model.signal import (
    AlertRaised,
    Existing,
    FellSilent,
    FirstPurchase,
    Pulse,
    RankMoved,
    ScoreMoved,
    Signal,
    TagGiven,
)
from tests.support.automating import an_automation, moved, walk
from tests.support.samples import NOW, STORE

RUNNING, CLOSED = TimeFrame.MONTH_TO_DATE, TimeFrame.LAST_MONTH
SPENT = Metric.TOTAL_SPENT


def fired(automation: Automation, signals: Iterable[Signal], *, counts: bool = True) -> list[int]:
    """The order of each crossing that counts, as heard."""
    state, found = AutomationState(automation.id), []
    for signal in signals:
        edge = edge_of(automation, signal)
        if edge:
            settled = settle(automation, state, edge, counts=counts)
            state = settled.state
            if settled.fires:
                state = replace(state, fired=state.fired + 1)
                found.append(settled.fires.order)
    return found


def ranked(before: int | None, after: int | None, hour: int = 0, **changes: object) -> RankMoved:
    at = NOW + timedelta(hours=hour)
    signal = RankMoved(at, STORE, SPENT, RUNNING, "2026-11", before, after)
    return replace(signal, **changes)  # type: ignore[arg-type]


# ---- Scores ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trigger", "scores", "crossings"),
    [
        (ScoreReaches(100), (None, 99, 100, 101), [2]),
        (ScoreReaches(100), (None, 5_000), [1]),
        (ScoreReaches(100), (100, 100, 250), []),
        (ScoreReaches(100), (99, 100, 99, 100, None, 100), [1, 3, 5]),
        (ScoreReaches(0), (None, 0, 5, 0, None, 0), [1, 5]),
        (ScoreFallsUnder(100), (101, 100, 99, 98), [2]),
        (ScoreFallsUnder(100), (100, None), [1]),
        (ScoreFallsUnder(100), (None, 50, None, 99), []),
        (ScoreFallsUnder(100), (100, 0, 100, 99), [1, 3]),
        (ScoreEnters(50, 60), (None, 55, 60, 61, 60, 50, 49, 50), [1, 4, 7]),
        (ScoreEnters(50, 60), (49, 61, 40, None, 62), []),
        (ScoreEnters(0, 0), (None, 0, 1, 0), [1, 3]),
    ],
)
def test_a_score_crosses(trigger: Trigger, scores: Sequence[Points], crossings: list[int]) -> None:
    assert fired(an_automation(trigger=trigger), walk(*scores)) == crossings


@pytest.mark.parametrize(
    ("trigger", "scores", "crossings"),
    [
        # It trembles about 100, and counts again only once it was at 90 or less
        (ScoreReaches(100), (95, 100, 99, 101, 91, 105, 90, 99, 100), [1, 8]),
        (ScoreReaches(100), (95, 100, None, 100), [1, 3]),
        (ScoreReaches(5), (0, 5, 0, 5, None, 5), [1, 5]),
        (ScoreFallsUnder(100), (105, 99, 100, 99, 109, 99, 110, 99), [1, 7]),
        (ScoreFallsUnder(100), (100, None, 109, None, 110, None), [1, 5]),
        (ScoreEnters(50, 60), (45, 55, 49, 55, 69, 60, 70, 60, 41, 50, 40, 50), [1, 7, 11]),
        (ScoreEnters(50, 60), (45, 55, None, 55), [1, 3]),
    ],
)
def test_with_a_hysteresis_it_has_to_go_back(trigger: Trigger, scores: Sequence[Points], crossings: list[int]) -> None:
    assert fired(an_automation(trigger=trigger, hysteresis=10), walk(*scores)) == crossings


def test_a_reset_of_the_audience_is_no_fall_and_what_rises_after_it_counts() -> None:
    # Given a score that reached a hundred before all scores were reset
    before, after = walk(90, 120), [moved(None, 110, 2, epoch=2)]

    assert fired(an_automation(hysteresis=50), [*before, *after]) == [1, 2]
    assert fired(an_automation(trigger=ScoreFallsUnder(100)), [*before, *after]) == []


def test_once_is_once() -> None:
    it = an_automation(repeat=Repeat.ONCE, hysteresis=3)

    assert fired(it, walk(99, 100, 50, 100, 50, 100)) == [1]


def test_what_does_not_count_is_remembered() -> None:
    # Given a crossing that is history, and a score that trembles since
    it = an_automation(hysteresis=10)
    edges = [edge_of(it, signal) for signal in walk(90, 100, 99, 100, 90, 100)]
    first, *rest = [edge for edge in edges if edge]
    state = settle(it, AutomationState(it.id), first, counts=False).state

    # Then only the crossing after the going back counts
    found = []
    for edge in rest:
        settled = settle(it, state, edge, counts=True)
        state = settled.state
        found += [settled.fires.order] if settled.fires else []
    assert found == [5]


SCORES = st.lists(st.one_of(st.none(), st.integers(80, 120)), min_size=2, max_size=20)


def counted(trigger: Trigger, back: int, scores: Sequence[Points]) -> int:
    """How often it fires by the book: one value after another, armed or not."""
    armed, times = True, 0
    for before, after in pairwise(scores):
        match trigger:
            case ScoreReaches(points):
                was, now = (it is not None and it >= points for it in (before, after))
                back_again = after is None or after <= points - back
            case ScoreFallsUnder(points):
                was, now = (it is None or it < points for it in (before, after))
                back_again = after is not None and after >= points + back
            case ScoreEnters(least, most):
                was, now = (it is not None and least <= it <= most for it in (before, after))
                back_again = after is None or after <= least - back or after >= most + back
            case _:
                raise AssertionError
        if now and not was and armed:
            times, armed = times + 1, False
        armed = armed or (back_again and not now)
    return times


@given(
    SCORES,
    st.sampled_from([ScoreReaches(100), ScoreFallsUnder(100), ScoreEnters(98, 102)]),
    st.sampled_from([1, 2, 5, 15]),
    st.randoms(use_true_random=False),
)
def test_whatever_the_order_and_however_often_each_stretch_counts_once(
    scores: list[Points], trigger: Trigger, back: int, random: object
) -> None:
    # Given every change three times, in any order
    told = walk(*scores) * 3
    random.shuffle(told)  # type: ignore[attr-defined]

    # Then it fires as often as it does by the book
    assert len(fired(an_automation(trigger=trigger, hysteresis=back), told)) == counted(trigger, back, scores)


def test_any_order_of_a_few() -> None:
    told = walk(95, 100, 90, 100, 99, 100, 80, 101)
    it = an_automation(hysteresis=10)

    for order in permutations(told):
        assert len(fired(it, order)) == 3


def test_no_more_is_remembered_than_needed() -> None:
    # Given a score that trembles for long, and then goes back
    scores = [90, 100, *[99, 100] * 100, 80, 100]
    it, state = an_automation(hysteresis=10), AutomationState("a1")
    fires = 0
    for signal in walk(*scores):
        edge = edge_of(it, signal)
        if edge:
            settled = settle(it, state, edge, counts=True)
            state, fires = settled.state, fires + (settled.fires is not None)

    assert fires == 2
    assert len(state.marks) == MOST_MARKS
    # What is older than all that is remembered changes nothing
    old = edge_of(it, moved(90, 100, seq=1))
    assert old
    assert settle(it, state, old, counts=True).state == state


# ---- Ranks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trigger", "ranks", "crossings"),
    [
        (RankEnters, (None, 10, 3, 11, 10), [0, 3]),
        (RankEnters, (11, 900, None), []),
        (RankLeaves, (10, 11, 12, 1, None), [0, 3]),
        (RankLeaves, (None, 11, 10), []),
    ],
)
def test_a_rank_crosses(trigger: type, ranks: Sequence[int | None], crossings: list[int]) -> None:
    it = an_automation(trigger=trigger(STORE, SPENT, RUNNING, 10))
    told = [ranked(*pair, hour) for hour, pair in enumerate(pairwise(ranks))]

    hours = [(order - round(NOW.timestamp())) // 3600 for order in fired(replace(it, hysteresis=1), told)]
    assert hours == crossings
    assert len(fired(it, told)) == len(crossings)


def test_ranks_go_back_too() -> None:
    # By three: out of the first ten means the 13th at best, back among them the 7th at worst
    enters = an_automation(trigger=RankEnters(STORE, SPENT, RUNNING, 10), hysteresis=3)
    leaves = an_automation(trigger=RankLeaves(STORE, SPENT, RUNNING, 10), hysteresis=3)

    def told(*ranks: int | None) -> list[RankMoved]:
        return [ranked(*pair, hour) for hour, pair in enumerate(pairwise(ranks))]

    assert len(fired(enters, told(11, 10, 12, 10, 13, 10, None, 10))) == 3
    assert len(fired(leaves, told(10, 11, 8, 11, 7, 11))) == 2


def test_a_new_period_of_a_running_board_arms_and_one_of_complete_periods_does_not() -> None:
    enters = an_automation(trigger=RankEnters(STORE, SPENT, RUNNING, 10), hysteresis=5)
    closed = an_automation(trigger=RankEnters(STORE, SPENT, CLOSED, 10), hysteresis=5)

    assert len(fired(enters, [ranked(None, 9), ranked(None, 9, 1, period="2026-12")])) == 2
    november, december = ranked(11, 9, time_frame=CLOSED), ranked(11, 9, 1, time_frame=CLOSED, period="2026-12")
    assert len(fired(closed, [november, december])) == 1


def test_ranks_of_other_boards_are_nothing() -> None:
    it = an_automation(trigger=RankEnters(STORE, SPENT, RUNNING, 10))

    for other in ({"store_id": "other"}, {"metric": Metric.ORDERS_COUNT}, {"time_frame": TimeFrame.YEAR_TO_DATE}):
        assert edge_of(it, ranked(None, 1, **other)) is None


# ---- Others ----------------------------------------------------------------------------------------------------------

TRIGGERS: dict[str, Trigger] = {
    "score": ScoreReaches(100),
    "rank": RankEnters(STORE, SPENT, RUNNING, 10),
    "tag": TagAdded("vip"),
    "purchase": FirstPurchaseMade(),
    "silent": Silent(Pulse.OPEN, 30),
    "alert": Slipping(frozenset({"overdue"})),
}
SIGNALS: dict[str, Signal] = {
    "score": moved(0, 100),
    "rank": ranked(None, 1),
    "tag": TagGiven(NOW, "vip", 2),
    "purchase": FirstPurchase(NOW),
    "silent": FellSilent(NOW, Pulse.OPEN, date(2026, 10, 23), 30),
    "alert": AlertRaised(NOW, "overdue", "rule", STORE),
}


@pytest.mark.parametrize(("trigger", "signal"), [*product(TRIGGERS, SIGNALS)])
def test_each_trigger_listens_to_its_own(trigger: str, signal: str) -> None:
    edge = edge_of(an_automation(trigger=TRIGGERS[trigger]), SIGNALS[signal])

    assert (edge is not None and edge.crosses) == (trigger == signal)


def test_and_to_no_more_than_that() -> None:
    others: list[tuple[str, Signal]] = [
        ("tag", TagGiven(NOW, "VIP", 2)),
        ("silent", FellSilent(NOW, Pulse.CLICK, date(2026, 10, 23), 30)),
        ("silent", FellSilent(NOW, Pulse.OPEN, date(2026, 10, 23), 31)),
        ("alert", AlertRaised(NOW, "left_first", "rule", STORE)),
    ]
    for trigger, signal in others:
        assert edge_of(an_automation(trigger=TRIGGERS[trigger]), signal) is None
    assert edge_of(an_automation(trigger=Slipping()), others[-1][1])


def test_a_request_to_include_is_meant_for_any_trigger() -> None:
    for trigger in TRIGGERS.values():
        assert fired(an_automation(trigger=trigger), [Existing(NOW, "now")]) == [0]


def test_scores_are_moved_by_their_entries() -> None:
    assert isinstance(SIGNALS["score"], ScoreMoved)
