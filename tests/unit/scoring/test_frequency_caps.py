"""How often a rule fires for one contact: by the activity's own time, whenever it arrives."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from laurel.model.scoring import CapWindow, FrequencyCap, ScoreState
from laurel.scoring.fold import fold, window_of
from tests.support.samples import at
from tests.support.steps import a_rule, did, given, judged

EVER, DAY, WEEK, MONTH = CapWindow.EVER, CapWindow.DAY, CapWindow.WEEK, CapWindow.MONTH
MONDAY = at("2026-11-16T00:00:00")


def points_of(*moments: str, cap: tuple[int, CapWindow]) -> list[int]:
    """Which of the activities at these times, in the order in which they arrive, earn the rule's one point."""
    state, got = ScoreState(), []
    for number, moment in enumerate(moments):
        result = fold(state, [did(f"a{number}", when=at(moment))], [a_rule(1, cap=cap)])
        got.append(sum(given(result)))
        state = result.state
    return got


@pytest.mark.parametrize(
    ("window", "moment", "name"),
    [
        (EVER, "2026-11-22T10:00:00", "ever"),
        (DAY, "2026-11-22T23:59:59", "2026-11-22"),
        (DAY, "2026-11-22T23:30:00-02:00", "2026-11-23"),
        (WEEK, "2026-11-22T10:00:00", "2026-11-16"),
        (WEEK, "2026-11-23T00:00:00", "2026-11-23"),
        (WEEK, "2027-01-01T10:00:00", "2026-12-28"),
        (MONTH, "2026-11-30T23:59:59", "2026-11"),
        (MONTH, "2026-12-01T00:30:00+01:00", "2026-11"),
    ],
)
def test_windows(window: CapWindow, moment: str, name: str) -> None:
    assert window_of(FrequencyCap(1, window), at(moment)) == name


@pytest.mark.parametrize(
    ("cap", "earned"),
    [
        ((1, EVER), [1, 0, 0, 0, 0]),
        ((2, EVER), [1, 1, 0, 0, 0]),
        ((1, MONTH), [1, 0, 0, 0, 1]),
        ((1, WEEK), [1, 0, 0, 1, 0]),
        ((1, DAY), [1, 0, 1, 1, 1]),
        ((2, DAY), [1, 1, 1, 1, 1]),
    ],
)
def test_at_most_so_often(cap: tuple[int, CapWindow], earned: list[int]) -> None:
    moments = ("2026-11-25T10:00", "2026-11-25T11:00", "2026-11-26T10:00", "2026-11-30T10:00", "2026-12-01T10:00")

    assert points_of(*moments, cap=cap) == earned


def test_what_arrives_late_counts_in_its_own_day() -> None:
    # Given opens of Monday and Wednesday
    moments = ["2026-11-16T10:00", "2026-11-18T10:00"]

    # Then one of Tuesday still counts when it comes after them, and another one of Monday does not
    assert points_of(*moments, "2026-11-17T10:00", "2026-11-16T23:00", cap=(1, DAY)) == [1, 1, 1, 0]


def test_the_last_forty_windows_are_kept() -> None:
    # Given an activity on each of 50 days
    days = [(MONDAY + timedelta(days=day)).isoformat() for day in range(50)]

    # When some arrive once more as other activities
    earned = points_of(*days, days[49], days[10], days[9], days[0], cap=(1, DAY))

    # Then kept days know of theirs, and days long past earn nothing: nobody knows any more
    assert earned == [1] * 50 + [0, 0, 0, 0]


def test_a_late_arrival_among_the_kept_windows_counts_and_the_oldest_gives_way() -> None:
    # Given an activity on every other day, 40 of them
    days = [(MONDAY + timedelta(days=2 * day)).isoformat() for day in range(40)]

    # When one arrives of a day between, then it counts, once
    between = (MONDAY + timedelta(days=41)).isoformat()
    # And the oldest day, forgotten now, earns nothing, neither does a day before it
    before = (MONDAY - timedelta(days=1)).isoformat()
    assert points_of(*days, between, between, days[0], before, cap=(1, DAY)) == [1] * 40 + [1, 0, 0, 0]


def test_kept_windows_are_not_more_than_forty() -> None:
    steps = [did(f"a{day}", when=MONDAY + timedelta(days=day)) for day in range(300)]

    uses = fold(ScoreState(), steps, [a_rule(cap=(3, DAY))]).state.uses

    assert len(uses["opened"]) == 40
    assert min(uses["opened"]) == (MONDAY + timedelta(days=260)).date().isoformat()


def test_rules_without_a_cap_keep_no_count() -> None:
    assert fold(ScoreState(), [did()], [a_rule()]).state.uses == {}


def test_each_rule_has_its_own_count() -> None:
    rules = [a_rule(1, "one", cap=(1, EVER)), a_rule(1, "two", cap=(2, EVER)), a_rule(1, "three")]

    result = fold(ScoreState(), [did("a1"), did("a2"), did("a3")], rules)

    assert Counter(entry.rule_id for entry in result.entries) == {"one": 1, "two": 2, "three": 3}


def test_a_cap_counts_on_when_the_rest_of_its_rule_is_changed() -> None:
    before = fold(ScoreState(), [did("a1")], [a_rule(5, cap=(1, EVER))]).state

    assert given(fold(before, [did("a2")], [a_rule(500, cap=(1, EVER))])) == []
    assert given(fold(before, [did("a2")], [a_rule(500, cap=(2, EVER))])) == [500]


@pytest.mark.parametrize("window", CapWindow)
def test_a_machines_activity_frees_the_window_it_used(window: CapWindow) -> None:
    rules = [a_rule(cap=(1, window))]
    moment = at("2026-11-18T10:00")
    first = fold(ScoreState(), [did("a1", when=moment), did("a2", when=moment)], rules)
    assert given(first) == [5]

    freed = fold(first.state, [judged("a1", moment)], rules, first.entries).state

    assert given(fold(freed, [did("a3", when=moment), did("a4", when=moment)], rules)) == [5]


def test_no_score_and_a_fresh_start_are_told_apart() -> None:
    """Removing the score does not make a rule fire again; a reset does."""
    rules = [a_rule(cap=(1, EVER))]
    used = fold(ScoreState(), [did("a1")], rules).state

    assert given(fold(ScoreState(None, used.uses, 2, 2), [did("a2")], rules)) == []
    assert given(fold(ScoreState(seq=2, epoch=2), [did("a2")], rules)) == [5]


@for_all(
    moments=st.lists(st.datetimes(datetime(2026, 10, 1), datetime(2026, 12, 1), timezones=st.just(UTC)), max_size=30),  # noqa: DTZ001
    times=st.integers(1, 3),
    window=st.sampled_from(CapWindow),
)
def test_a_rule_fires_just_as_often_as_its_cap_allows_in_whatever_order_activities_arrive(
    moments: list[datetime], times: int, window: CapWindow
) -> None:
    rule = a_rule(1, cap=(times, window))
    steps = [did(f"a{number}", when=moment) for number, moment in enumerate(moments)]

    entries = fold(ScoreState(), steps, [rule]).entries

    def bucket(moment: datetime) -> object:
        return {EVER: "", DAY: moment.date(), WEEK: moment.isocalendar()[:2], MONTH: (moment.year, moment.month)}[
            window
        ]

    happened = Counter(bucket(moment) for moment in moments)
    fired = Counter(bucket(entry.subject_at) for entry in entries)
    if len(happened) <= 40:
        assert fired == {name: min(number, times) for name, number in happened.items()}
    else:
        assert all(fired[name] <= min(number, times) for name, number in happened.items())
