"""Spending that is down against the customer's own period before.

Complete periods are compared as a whole; once half of the running one is over, it is compared with as many days of the
one before. What is down every year at this time, and what is down only from a peak, is no fall.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from laurel.alerts.facts import Facts, Fall
from laurel.model.alert import SpendDrop, SpendRule
from laurel.model.period import Calendar, Period, PeriodKind

LEAST_PURCHASES = 2
"""Days with purchases in the period before: of one alone nobody knows whether it was a habit."""

LEAST_KNOWN = 4
"""Days with purchases, up to the end of the period before, below which nobody has habits."""

_ALL = 100
_INSTANT = timedelta(microseconds=1)
_USUAL_PERIODS = 4
_BACK_BY = 10
"""Percentage points above the rule's line, so that nobody goes in and out."""

_A_YEAR_IN_PERIODS = {PeriodKind.WEEK: 52, PeriodKind.MONTH: 12, PeriodKind.QUARTER: 4, PeriodKind.YEAR: 1}


@dataclass(frozen=True, slots=True)
class _Span:
    """A period that is complete or is looked at ``after`` so long only."""

    period: Period
    after: timedelta | None

    @property
    def start(self) -> datetime:
        return self.period.bounds[0].astimezone(UTC)

    @property
    def end(self) -> datetime:
        end = self.period.bounds[1]
        return end if self.after is None else min(self.start + self.after, end)


def spend_down(rule: SpendRule, facts: Facts, now: datetime) -> Fall | None:
    """The fall that there is now, if there is one: in the running period or, in its first half, in the one before."""
    present = facts.calendar.running(rule.period, now)
    if not present.is_half_over(now):
        return _fall(rule, facts, _Span(facts.calendar.previous(present), None))
    return _fall(rule, facts, _Span(present, now - present.bounds[0]))


def is_back(reason: SpendDrop, facts: Facts, now: datetime) -> bool:
    """True once as much is spent in as many days, since the period of the fall began, as a smaller fall would leave."""
    start, end = facts.calendar.period(reason.period_before).bounds
    since = max(facts.calendar.period(reason.period).bounds[0], now - (end - start))
    needed = (100 - reason.asked + _BACK_BY) * facts.spent(start, end)
    return 100 * facts.spent(since, now + _INSTANT) >= needed


def _fall(rule: SpendRule, facts: Facts, span: _Span) -> Fall | None:
    previous = _previous(facts.calendar, span)
    spent_before, spent = facts.spent(previous.start, previous.end), facts.spent(span.start, span.end)
    carts = facts.carts(*previous.period.bounds)
    if len(carts) < LEAST_PURCHASES or not _is_known(facts, previous):
        return None
    spent_at_most = spent
    if span.after is not None or len(carts) * rule.percent <= _ALL:
        # One purchase more might decide, and it may come a day after the border.
        spent_at_most += round(median(facts.carts(span.start, span.end) or carts))
    usual = _usual(facts, span)
    if not (_is_down(rule.percent, spent_before, spent_at_most) and _is_down(rule.percent, usual, spent_at_most)):
        return None
    if _is_seasonal(rule, facts, span):
        return None
    days = None if span.after is None else (facts.calendar.day_of(span.end) - facts.calendar.day_of(span.start)).days
    drop = SpendDrop(previous.period.id, span.period.id, spent_before, spent, days, rule.percent)
    return Fall(drop, span.end)


def _is_known(facts: Facts, span: _Span) -> bool:
    """True for who was a customer before, and bought often enough to have habits."""
    return facts.purchases[0].at < span.start and len(facts.carts(facts.purchases[0].at, span.end)) >= LEAST_KNOWN


def _is_down(percent: int, spent_before: int, spent: int) -> bool:
    return spent_before > 0 and 100 * (spent_before - spent) >= percent * spent_before


def _usual(facts: Facts, span: _Span) -> int:
    """The median of what was spent in the periods before, as far as the customer was there."""
    spent = list[int]()
    for _ in range(_USUAL_PERIODS):
        span = _previous(facts.calendar, span)
        if span.end <= facts.purchases[0].at:
            break
        spent.append(facts.spent(span.start, span.end))
    return round(median(spent)) if spent else 0


def _is_seasonal(rule: SpendRule, facts: Facts, span: _Span) -> bool:
    """True if it was so a year ago: the same periods, and a fall at least half as deep."""
    for _ in range(_A_YEAR_IN_PERIODS[rule.period]):
        span = _previous(facts.calendar, span)
    previous = _previous(facts.calendar, span)
    return _is_down(rule.percent // 2, facts.spent(previous.start, previous.end), facts.spent(span.start, span.end))


def _previous(calendar: Calendar, span: _Span) -> _Span:
    return _Span(calendar.previous(span.period), span.after)
