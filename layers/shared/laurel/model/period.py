"""Calendar periods in a store's time zone, and the time frames that name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from laurel.model.errors import InvalidInput

ALL = "all"
_INSTANT = timedelta(microseconds=1)
# Whatever is a period has one before it, and the year 1 has none.
_PERIOD = re.compile(r"(?P<year>(?!0001)\d{4})(?:-(?:W(?P<week>\d{2})|Q(?P<quarter>[1-4])|(?P<month>\d{2})))?")


class PeriodKind(StrEnum):
    """The five kinds of bucket an order falls into, one of each."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


class TimeFrame(StrEnum):
    """What a person asks for; ``Calendar.period_of_frame`` turns it into a period."""

    LAST_WEEK = "last_week"
    LAST_MONTH = "last_month"
    MONTH_TO_DATE = "month_to_date"
    LAST_QUARTER = "last_quarter"
    QUARTER_TO_DATE = "quarter_to_date"
    LAST_YEAR = "last_year"
    YEAR_TO_DATE = "year_to_date"
    WEEK_TO_DATE = "week_to_date"
    ALL_TIME = "all_time"


_KIND_OF_FRAME = {
    TimeFrame.LAST_WEEK: PeriodKind.WEEK,
    TimeFrame.WEEK_TO_DATE: PeriodKind.WEEK,
    TimeFrame.LAST_MONTH: PeriodKind.MONTH,
    TimeFrame.MONTH_TO_DATE: PeriodKind.MONTH,
    TimeFrame.LAST_QUARTER: PeriodKind.QUARTER,
    TimeFrame.QUARTER_TO_DATE: PeriodKind.QUARTER,
    TimeFrame.LAST_YEAR: PeriodKind.YEAR,
    TimeFrame.YEAR_TO_DATE: PeriodKind.YEAR,
    TimeFrame.ALL_TIME: PeriodKind.ALL,
}


def kind_of_frame(frame: TimeFrame) -> PeriodKind:
    """The kind of period that a time frame means."""
    return _KIND_OF_FRAME[frame]


def is_of_complete_periods(frame: TimeFrame) -> bool:
    """True for ``last_week`` and its like."""
    return frame.value.startswith("last_")


def kind_of(period: str) -> PeriodKind:
    """The kind of a period by its id."""
    if period == ALL:
        return PeriodKind.ALL
    _, _, rest = period.partition("-")
    return {"W": PeriodKind.WEEK, "Q": PeriodKind.QUARTER, "": PeriodKind.YEAR}.get(rest[:1], PeriodKind.MONTH)


@dataclass(frozen=True, slots=True)
class Period:
    """A concrete bucket. ``start`` (inclusive) and ``end`` (exclusive) carry the store's offset; None for ``all``."""

    id: str
    kind: PeriodKind
    start: datetime | None
    end: datetime | None

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Start and end. Raises ``ValueError`` for ``all``."""
        if self.start is None or self.end is None:
            raise ValueError("all time has no bounds")
        return self.start, self.end

    def is_half_over(self, now: datetime) -> bool:
        """True once half of it has gone by. Raises ``ValueError`` for ``all``."""
        start, end = self.bounds
        return now - start >= (end - start) / 2


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def time_zone(name: str) -> str:
    """Return the IANA name unchanged, or raise ``InvalidInput`` if the time zone database does not hold it."""
    try:
        _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(f"{name!r} is not an IANA time zone.") from None
    return name


@dataclass(frozen=True, slots=True)
class Calendar:
    """How one store cuts time: IANA zone and first day of the week (ISO: 1 Monday … 7 Sunday).

    Week ``2026-W47`` is numbered the ISO 8601 way: the first week of a year is the one that holds at least four of its
    days, whatever day weeks start on; for Monday this is ISO 8601 itself.
    """

    time_zone: str
    first_day_of_week: int = 1

    def periods_of(self, instant: datetime) -> tuple[str, str, str, str, str]:
        """Ids of the week, month, quarter, year and ``all`` that hold an instant."""
        return self._periods_of_day(self.day_of(instant))

    @lru_cache(maxsize=4096)  # noqa: B019, a calendar is a value: two names and a number
    def _periods_of_day(self, day: date) -> tuple[str, str, str, str, str]:
        return (
            self._week_id(day),
            f"{day.year:04d}-{day.month:02d}",
            f"{day.year:04d}-Q{(day.month + 2) // 3}",
            f"{day.year:04d}",
            ALL,
        )

    def period_of_frame(self, frame: TimeFrame, now: datetime) -> Period:
        """The period that a time frame means at ``now``."""
        running = self.running(kind_of_frame(frame), now)
        return self.previous(running) if is_of_complete_periods(frame) else running

    def running(self, kind: PeriodKind, instant: datetime) -> Period:
        """The period of a kind that holds an instant."""
        if kind is PeriodKind.ALL:
            return self.period(ALL)
        return self._period(kind, self._first_day(kind, self.day_of(instant)))

    def previous(self, period: Period) -> Period:
        """The period of the same kind before. Raises ``ValueError`` for ``all``."""
        start, _ = period.bounds
        # Not the day before: where a change of the clocks skips days, the day before may be of the same period.
        return self.running(period.kind, start.astimezone(UTC) - _INSTANT)

    def months_until(self, now: datetime, count: int) -> list[str]:
        """Ids of so many months, the one of ``now`` last."""
        day = self.day_of(now)
        last = 12 * day.year + day.month - 1
        return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(last - count + 1, last + 1)]

    def period(self, id_: str) -> Period:
        """Resolve ``2026-W47``, ``2026-11``, ``2026-Q4``, ``2026`` or ``all``.

        Raise ``InvalidInput`` for anything else.
        """
        if id_ == ALL:
            return Period(ALL, PeriodKind.ALL, None, None)
        match = _PERIOD.fullmatch(id_)
        try:
            if match:
                return self._named(match)
        except (ValueError, OverflowError):
            pass
        raise InvalidInput(f"{id_!r} is not a period. Periods look like 2026-W47, 2026-11, 2026-Q4, 2026 or all.")

    def _named(self, match: re.Match[str]) -> Period:
        year = int(match["year"])
        if match["week"]:
            return self._period(PeriodKind.WEEK, self._first_day_of_week_number(year, int(match["week"])))
        if match["quarter"]:
            return self._period(PeriodKind.QUARTER, date(year, 3 * int(match["quarter"]) - 2, 1))
        if match["month"]:
            return self._period(PeriodKind.MONTH, date(year, int(match["month"]), 1))
        return self._period(PeriodKind.YEAR, date(year, 1, 1))

    def day_of(self, instant: datetime) -> date:
        """The store's day that holds an instant."""
        return instant.astimezone(_zone(self.time_zone)).date()

    def hour_of(self, instant: datetime) -> datetime:
        """When the store's hour that holds an instant began, in UTC."""
        local = instant.astimezone(_zone(self.time_zone))
        into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return instant.astimezone(UTC) - into

    def _midnight(self, day: date) -> datetime:
        """First instant of a local day, even where a clock change skips midnight."""
        local = datetime.combine(day, time.min, _zone(self.time_zone))
        return local.astimezone(UTC).astimezone(_zone(self.time_zone))

    def _week_id(self, day: date) -> str:
        fourth = self._first_day(PeriodKind.WEEK, day) + timedelta(days=3)
        return f"{fourth.year:04d}-W{(fourth.timetuple().tm_yday + 6) // 7:02d}"

    def _first_day_of_week_number(self, year: int, week: int) -> date:
        first = self._first_day(PeriodKind.WEEK, date(year, 1, 4)) + timedelta(weeks=week - 1)
        if self._week_id(first) != f"{year:04d}-W{week:02d}":
            raise ValueError
        return first

    def _first_day(self, kind: PeriodKind, day: date) -> date:
        if kind is PeriodKind.WEEK:
            return day - timedelta(days=(day.isoweekday() - self.first_day_of_week) % 7)
        if kind is PeriodKind.MONTH:
            return day.replace(day=1)
        if kind is PeriodKind.QUARTER:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        return day.replace(month=1, day=1)

    def _period(self, kind: PeriodKind, first: date) -> Period:
        if kind is PeriodKind.WEEK:
            id_, end = self._week_id(first), first + timedelta(days=7)
        elif kind is PeriodKind.MONTH:
            id_, end = f"{first.year:04d}-{first.month:02d}", _months_later(first, 1)
        elif kind is PeriodKind.QUARTER:
            id_, end = f"{first.year:04d}-Q{(first.month + 2) // 3}", _months_later(first, 3)
        else:
            id_, end = f"{first.year:04d}", _months_later(first, 12)
        return Period(id_, kind, self._midnight(first), self._midnight(end))


def _months_later(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
