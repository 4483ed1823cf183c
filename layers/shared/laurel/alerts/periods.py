"""Calendar periods that follow each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from laurel.model.period import Calendar, Period, PeriodKind, TimeFrame

INSTANT = timedelta(microseconds=1)
_FRAMES = {
    PeriodKind.WEEK: TimeFrame.WEEK_TO_DATE,
    PeriodKind.MONTH: TimeFrame.MONTH_TO_DATE,
    PeriodKind.QUARTER: TimeFrame.QUARTER_TO_DATE,
    PeriodKind.YEAR: TimeFrame.YEAR_TO_DATE,
}


def running(calendar: Calendar, kind: PeriodKind, now: datetime) -> Period:
    """The period of a kind that holds ``now``."""
    return calendar.period_of_frame(_FRAMES[kind], now)


def before(calendar: Calendar, period: Period) -> Period:
    """The period before."""
    return running(calendar, period.kind, bounds(period)[0] - INSTANT)


def all_before(calendar: Calendar, period: Period) -> Iterator[Period]:
    """The periods before, the last first."""
    while True:
        period = before(calendar, period)
        yield period


def bounds(period: Period) -> tuple[datetime, datetime]:
    """A period's start and end, which only that of all time is without."""
    if period.start is None or period.end is None:
        raise ValueError("all time has no bounds")
    return period.start, period.end


def is_half_over(period: Period, now: datetime) -> bool:
    """True once half of a period has gone by: only then does it say anything beside a complete one."""
    start, end = bounds(period)
    return now - start >= (end - start) / 2
