"""When an account is warned and stopped, from what became of its messages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.deliverability import (
    Concern,
    Counts,
    DayTally,
    Resumption,
    Standing,
    StandingState,
    first_day,
    standing_of,
)

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
TODAY = NOW.date()
OK, WARNING, STOPPED = StandingState
COUNTS = st.builds(
    lambda sent, bounced, complained: Counts(sent, sent, min(bounced, sent), min(complained, sent)),
    st.integers(0, 20_000),
    st.integers(0, 2_000),
    st.integers(0, 50),
)


@pytest.mark.parametrize(
    ("sent", "bounced", "complained", "state", "why"),
    [
        (0, 0, 0, OK, ()),
        (1, 1, 0, OK, ()),
        (2, 2, 0, OK, ()),
        (3, 3, 0, WARNING, (Concern.BOUNCES,)),
        (4, 4, 0, WARNING, (Concern.BOUNCES,)),
        (5, 5, 0, STOPPED, (Concern.BOUNCES,)),
        (125, 5, 0, STOPPED, (Concern.BOUNCES,)),
        (126, 5, 0, WARNING, (Concern.BOUNCES,)),
        (250, 5, 0, WARNING, (Concern.BOUNCES,)),
        (251, 5, 0, OK, ()),
        (10_000, 400, 0, STOPPED, (Concern.BOUNCES,)),
        (10_000, 399, 0, WARNING, (Concern.BOUNCES,)),
        (10_000, 200, 0, WARNING, (Concern.BOUNCES,)),
        (10_000, 199, 0, OK, ()),
        (1, 0, 1, OK, ()),
        (10, 0, 2, WARNING, (Concern.COMPLAINTS,)),
        (10, 0, 3, STOPPED, (Concern.COMPLAINTS,)),
        (3_750, 0, 3, STOPPED, (Concern.COMPLAINTS,)),
        (3_751, 0, 3, WARNING, (Concern.COMPLAINTS,)),
        (7_500, 0, 3, WARNING, (Concern.COMPLAINTS,)),
        (7_501, 0, 3, OK, ()),
        (100_000, 0, 80, STOPPED, (Concern.COMPLAINTS,)),
        (100_000, 0, 79, WARNING, (Concern.COMPLAINTS,)),
        (1_000, 50, 9, STOPPED, (Concern.BOUNCES, Concern.COMPLAINTS)),
        (1_000, 25, 9, STOPPED, (Concern.COMPLAINTS,)),
    ],
)
def test_lines(sent: int, bounced: int, complained: int, state: StandingState, why: tuple[Concern, ...]) -> None:
    standing = Standing(Counts(sent=sent, bounced=bounced, complained=complained))

    assert (standing.state, standing.why) == (state, why)
    assert standing.is_stopped is (state is STOPPED)


def test_rates() -> None:
    assert Standing(Counts(sent=3, bounced=1, complained=2)).bounce_rate == 0.333333
    assert Standing(Counts(sent=3, bounced=1, complained=2)).complaint_rate == 0.666667
    assert (Standing().bounce_rate, Standing().complaint_rate) == (None, None)


@given(COUNTS)
def test_nobody_is_stopped_without_having_been_near_the_line_and_nobody_passes_what_providers_allow(
    counts: Counts,
) -> None:
    standing = Standing(counts)
    bounces, complaints = standing.bounce_rate or 0, standing.complaint_rate or 0

    if bounces >= 0.05 and counts.bounced >= 5:
        assert standing.is_stopped
    if complaints >= 0.001 and counts.complained >= 3:
        assert standing.is_stopped
    if standing.is_stopped:
        assert bounces >= 0.04 or complaints >= 0.0008
        assert counts.bounced >= 5 or counts.complained >= 3


@given(COUNTS, st.integers(0, 100), st.integers(0, 5))
def test_more_bounces_and_complaints_never_better_a_standing(counts: Counts, bounced: int, complained: int) -> None:
    order = list(StandingState)

    worse = Standing(counts + Counts(bounced=bounced, complained=complained))

    assert order.index(worse.state) >= order.index(Standing(counts).state)


def test_thirty_days_count() -> None:
    days = [DayTally(TODAY - timedelta(days=ago), Counts(sent=10, bounced=1)) for ago in (0, 29, 30, 1)]

    standing = standing_of(days, None, NOW)

    assert first_day(NOW) == date(2026, 10, 24)
    assert standing.totals == Counts(sent=30, bounced=3)
    assert [tally.day for tally in standing.days] == [date(2026, 10, 24), date(2026, 11, 21), TODAY]
    assert standing.resumed_at is None


def test_what_was_counted_before_an_operator_lifted_a_stop_counts_no_more() -> None:
    days = [
        DayTally(TODAY - timedelta(days=1), Counts(sent=100, bounced=50)),
        DayTally(TODAY, Counts(sent=30, delivered=20, bounced=12)),
    ]
    before = Counts(sent=20, delivered=10, bounced=10)

    standing = standing_of(days, Resumption(NOW, before), NOW)

    assert standing.totals == Counts(sent=10, delivered=10, bounced=2)
    assert standing.resumed_at == NOW
    assert standing_of(days, Resumption(NOW - timedelta(days=1), Counts(sent=100, bounced=50)), NOW).totals == Counts(
        sent=30, delivered=20, bounced=12
    )
    assert len(standing.days) == 2, "shown all the same"


@given(st.lists(COUNTS, max_size=40), st.integers(0, 35))
def test_a_lifted_stop_is_lifted(counts: list[Counts], ago: int) -> None:
    days = [DayTally(TODAY - timedelta(days=number), of_day) for number, of_day in enumerate(counts) if number >= ago]
    then = NOW - timedelta(days=ago)
    before = next((tally.counts for tally in days if tally.day == then.date()), Counts())

    assert standing_of(days, Resumption(then, before), NOW).totals == Counts()
