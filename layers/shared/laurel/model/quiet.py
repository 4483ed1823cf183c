"""Hours in which an account sends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MINUTES_OF_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``start`` (inclusive) to ``end`` (exclusive) of each day in a time zone, past midnight if that is later.

    Wall-clock time counts: where clocks are put forward or back, quiet hours are shorter or longer.
    """

    start: time
    end: time
    time_zone: str

    def end_after(self, now: datetime) -> datetime | None:
        """When the quiet hours that ``now`` lies in end, or None if it lies in none."""
        zone = ZoneInfo(self.time_zone)
        local = now.astimezone(zone)
        if (_minute(local.time()) - _minute(self.start)) % _MINUTES_OF_DAY >= self._minutes:
            return None
        end = datetime.combine(local.date(), self.end, zone)
        if end.astimezone(UTC) <= now:
            end = datetime.combine(local.date() + timedelta(days=1), self.end, zone)
        return end.astimezone(UTC)

    @property
    def _minutes(self) -> int:
        return (_minute(self.end) - _minute(self.start)) % _MINUTES_OF_DAY


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute
