"""Time frames: each means a period of the store's calendar, seen from now."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given

from laurel.model.period import Calendar, TimeFrame
from tests.support.calendars import BERLIN, calendars, instants
from tests.support.samples import at

NOW = at("2026-11-22T12:00:00+01:00")


@pytest.mark.parametrize(
    ("frame", "period"),
    [
        (TimeFrame.LAST_WEEK, "2026-W46"),
        (TimeFrame.WEEK_TO_DATE, "2026-W47"),
        (TimeFrame.LAST_MONTH, "2026-10"),
        (TimeFrame.MONTH_TO_DATE, "2026-11"),
        (TimeFrame.LAST_QUARTER, "2026-Q3"),
        (TimeFrame.QUARTER_TO_DATE, "2026-Q4"),
        (TimeFrame.LAST_YEAR, "2025"),
        (TimeFrame.YEAR_TO_DATE, "2026"),
        (TimeFrame.ALL_TIME, "all"),
    ],
)
def test_a_time_frame_means_a_period(frame: TimeFrame, period: str) -> None:
    assert BERLIN.period_of_frame(frame, NOW) == BERLIN.period(period)


@pytest.mark.parametrize(
    ("now", "frame", "period"),
    [
        ("2026-01-01T00:00:00+01:00", TimeFrame.LAST_MONTH, "2025-12"),
        ("2026-01-01T00:00:00+01:00", TimeFrame.LAST_QUARTER, "2025-Q4"),
        ("2026-01-01T00:00:00+01:00", TimeFrame.LAST_YEAR, "2025"),
        ("2026-01-01T00:00:00+01:00", TimeFrame.LAST_WEEK, "2025-W52"),
        ("2026-03-31T12:00:00+01:00", TimeFrame.LAST_MONTH, "2026-02"),
        ("2026-11-22T22:59:59+00:00", TimeFrame.WEEK_TO_DATE, "2026-W47"),
        ("2026-11-22T23:00:00+00:00", TimeFrame.WEEK_TO_DATE, "2026-W48"),
        ("2021-01-01T12:00:00+01:00", TimeFrame.WEEK_TO_DATE, "2020-W53"),
    ],
)
def test_time_frames_turn_at_the_stores_midnight(now: str, frame: TimeFrame, period: str) -> None:
    assert BERLIN.period_of_frame(frame, at(now)).id == period


def test_weeks_to_date_follow_the_first_day_of_the_week() -> None:
    sunday = at("2026-11-22T12:00:00+01:00")

    starts = [
        Calendar("Europe/Berlin", first_day).period_of_frame(TimeFrame.WEEK_TO_DATE, sunday).start
        for first_day in range(1, 8)
    ]

    assert [start.day for start in starts if start] == [16, 17, 18, 19, 20, 21, 22]


@given(now=instants, calendar=calendars)
def test_the_last_period_ends_where_the_running_one_starts(now: datetime, calendar: Calendar) -> None:
    for last, running in (
        (TimeFrame.LAST_WEEK, TimeFrame.WEEK_TO_DATE),
        (TimeFrame.LAST_MONTH, TimeFrame.MONTH_TO_DATE),
        (TimeFrame.LAST_QUARTER, TimeFrame.QUARTER_TO_DATE),
        (TimeFrame.LAST_YEAR, TimeFrame.YEAR_TO_DATE),
    ):
        before, now_on = calendar.period_of_frame(last, now), calendar.period_of_frame(running, now)

        assert before.end == now_on.start
        assert now_on.start
        assert now_on.end
        assert now_on.start <= now < now_on.end
