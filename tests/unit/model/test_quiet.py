"""Quiet hours, in any time zone and over its changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from laurel.model.quiet import QuietHours

ZONES = st.sampled_from([
    "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia", "Africa/Casablanca", "Europe/Dublin",
])  # fmt: skip
CLOCKS = st.times(max_value=time(23, 59)).map(lambda it: it.replace(second=0, microsecond=0))
CHANGES = st.sampled_from([
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Berlin, forward
    datetime(2026, 10, 25, 1, tzinfo=UTC),  # Berlin, back
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York, forward
    datetime(2026, 11, 1, 6, tzinfo=UTC),  # New York, back
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe, back by half an hour
    datetime(2011, 12, 30, 10, tzinfo=UTC),  # Apia leaves a day out
])  # fmt: skip
NOWS = st.one_of(
    st.integers(0, 10_000_000).map(lambda minutes: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.builds(lambda at, minutes: at + timedelta(minutes=minutes), CHANGES, st.integers(-3000, 3000)),
)


@st.composite
def quiet_hours(draw: st.DrawFn) -> QuietHours:
    start, end = draw(CLOCKS), draw(CLOCKS)
    assume(start != end)
    return QuietHours(start, end, draw(ZONES))


def is_quiet(quiet: QuietHours, at: datetime) -> bool:
    """What the clock on the wall says."""
    clock = at.astimezone(ZoneInfo(quiet.time_zone)).time()
    if quiet.start < quiet.end:
        return quiet.start <= clock < quiet.end
    return clock >= quiet.start or clock < quiet.end


@given(quiet_hours(), NOWS)
def test_quiet_is_what_the_clock_on_the_wall_says(quiet: QuietHours, now: datetime) -> None:
    assert (quiet.end_after(now) is not None) == is_quiet(quiet, now)


@given(quiet_hours(), NOWS)
def test_the_end_comes_within_a_day_and_is_not_quiet(quiet: QuietHours, now: datetime) -> None:
    end = quiet.end_after(now)
    if end is not None:
        assert end.tzinfo is UTC
        assert now < end <= now + timedelta(hours=26), "a day, with the longest change of clocks"
        local = end.astimezone(ZoneInfo(quiet.time_zone))
        turned = local.utcoffset() != (local - timedelta(hours=3)).utcoffset()
        assert not is_quiet(quiet, end) or turned, "or in an hour that the clock shows twice, or leaves out"


@given(quiet_hours(), NOWS)
def test_the_end_never_moves_back(quiet: QuietHours, now: datetime) -> None:
    ends = [end for minute in range(0, 240, 15) if (end := quiet.end_after(now + timedelta(minutes=minute)))]

    assert all(earlier <= later for earlier, later in pairwise(ends))


@pytest.mark.parametrize(
    ("start", "end", "zone", "now", "expected"),
    [
        ("22:00", "08:00", "Europe/Berlin", "2026-11-22T20:59:59", None),
        ("22:00", "08:00", "Europe/Berlin", "2026-11-22T21:00:00", "2026-11-23T07:00:00"),
        ("22:00", "08:00", "Europe/Berlin", "2026-11-23T06:59:59", "2026-11-23T07:00:00"),
        ("22:00", "08:00", "Europe/Berlin", "2026-11-23T07:00:00", None),
        ("12:00", "13:30", "Asia/Kolkata", "2026-11-22T07:00:00", "2026-11-22T08:00:00"),
        ("22:00", "08:00", "Europe/Berlin", "2026-03-28T21:00:00", "2026-03-29T06:00:00"),
        ("22:00", "08:00", "Europe/Berlin", "2026-10-24T20:00:00", "2026-10-25T07:00:00"),
        ("00:00", "23:59", "America/New_York", "2026-11-22T05:00:00", "2026-11-23T04:59:00"),
    ],
)
def test_examples(start: str, end: str, zone: str, now: str, expected: str | None) -> None:
    quiet = QuietHours(time.fromisoformat(start), time.fromisoformat(end), zone)

    found = quiet.end_after(datetime.fromisoformat(now).replace(tzinfo=UTC))

    assert found == (datetime.fromisoformat(expected).replace(tzinfo=UTC) if expected else None)
