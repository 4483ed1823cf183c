"""Overdue: a purchase that did not come, against the customer's own rhythm.

The rhythm is the median of the days between purchases and how far they usually are from it, both of which one odd gap
leaves as they are. Two things make it patient. Gaps as long as the longest but one that came before are the customer's
own, and no reason to ask. And who paused at this time of a year before is given as long again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from math import ceil
from statistics import median

from laurel.alerts.facts import Facts, Fall
from laurel.model.alert import Lateness

LEAST_PURCHASES = 4
"""Days with purchases, below which nobody has a rhythm."""

LEAST_DAYS = 60
"""Between the first purchase and the last: what comes in a shorter time is one occasion."""

GAPS = 12
"""The last so many gaps make the rhythm: people change."""

_AS_DEVIATION = 1.4826
"""Makes of a median distance from the median what would be the standard deviation if gaps were spread normally."""

_DEVIATIONS = 3
_LEAST_SPREAD = 0.15
"""Of the usual gap: nobody is a clock."""

_LEAST_PATIENCE = 7
"""Days beyond the usual gap."""

_SLACK, _MOST_SLACK = 0.25, 30
"""How much longer than a gap that came before one may be: by a quarter, and by so many days at most."""

_PARCELS = 3
"""Purchases on days that follow each other are one occasion of a customer who has not more than so many of each."""

_SEASON = timedelta(days=30)
_YEAR = timedelta(days=365)
_MOST_YEARS = 3


def overdue(facts: Facts, now: datetime) -> Fall | None:
    """The purchase that is missing, if one is."""
    late = lateness(facts.days(now))
    if late is None or facts.calendar.day_of(now) < late.late_since:
        return None
    return Fall(late, datetime.combine(late.late_since, time(), UTC))


def is_back(reason: Lateness, facts: Facts, now: datetime) -> bool:
    """True once something was bought after all."""
    return any(day > reason.last_purchase for day in facts.days(now))


def lateness(days: Sequence[date]) -> Lateness | None:
    """When the next purchase is overdue, by the days of those before; None for who has no rhythm yet."""
    days = _occasions(days)
    if len(days) < LEAST_PURCHASES or (days[-1] - days[0]).days < LEAST_DAYS:
        return None
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    recent = gaps[-GAPS:]
    usual = median(recent)
    spread = max(_AS_DEVIATION * median(abs(gap - usual) for gap in recent), _LEAST_SPREAD * usual)
    patience = max(
        usual + _DEVIATIONS * spread,
        usual + _LEAST_PATIENCE,
        _and_some(sorted(recent)[-2]),
        _pause_of_season(days, gaps),
    )
    return Lateness(days[-1], len(recent) + 1, max(round(usual), 1), ceil(patience))


def _occasions(days: Sequence[date]) -> list[date]:
    """The days, of those that follow each other the last; all of them for who is there every day."""
    last = [day for day, after in zip(days, [*days[1:], date.max], strict=False) if after - day > timedelta(days=1)]
    return last if _PARCELS * len(last) >= len(days) else list(days)


def _and_some(gap: float) -> float:
    return gap + min(_SLACK * gap, _MOST_SLACK)


def _pause_of_season(days: Sequence[date], gaps: Sequence[int]) -> float:
    """The longest pause that began around this time in one of the years before, and somewhat more; 0 if none did."""
    found = 0.0
    for years in range(1, _MOST_YEARS + 1):
        around = days[-1] - years * _YEAR
        pauses = [gap for day, gap in zip(days, gaps, strict=False) if abs(day - around) <= _SEASON]
        found = max([found, *(_and_some(gap) for gap in pauses if gap > _SEASON.days)])
    return found
