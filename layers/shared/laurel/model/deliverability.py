"""What became of an account's messages, and when Laurel stops sending before mail providers do.

Amazon SES reviews an account at 5 % bounces or 0.1 % complaints and may pause it at 10 % or 0.5 %; Gmail delivers less
from 0.3 % complaints on. All accounts of an installation share its SES account, so that each is stopped well before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

WINDOW = timedelta(days=30)
"""How far back messages count."""

PARTS = 100_000
"""Rates are compared in whole parts of this: one percent is a thousand of them."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Messages that reached a state, each once. Only those that came back for good count as ``bounced``."""

    sent: int = 0
    delivered: int = 0
    bounced: int = 0
    complained: int = 0
    opened: int = 0
    clicked: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(mine + theirs for mine, theirs in zip(self.values(), other.values(), strict=True)))

    def __sub__(self, other: Counts) -> Counts:
        return Counts(*(mine - theirs for mine, theirs in zip(self.values(), other.values(), strict=True)))

    def values(self) -> tuple[int, int, int, int, int, int]:
        """The counts in the order of their fields."""
        return self.sent, self.delivered, self.bounced, self.complained, self.opened, self.clicked


@dataclass(frozen=True, slots=True)
class DayTally:
    """What became, until now, of the messages sent on a day (UTC)."""

    day: date
    counts: Counts


@dataclass(frozen=True, slots=True)
class Resumption:
    """An operator lifted a stop. ``before`` is what was counted of that day's messages by then."""

    at: datetime
    before: Counts


class Concern(StrEnum):
    """What endangers the sending of all."""

    BOUNCES = "bounces"
    COMPLAINTS = "complaints"


class StandingState(StrEnum):
    """Whether an account may send: it may, it may but ought to mend something, or it may not."""

    OK = "ok"
    WARNING = "warning"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Line:
    """A share of the messages sent, in parts of ``PARTS``, and the number that must be reached as well."""

    parts: int
    least: int

    def is_reached(self, count: int, sent: int) -> bool:
        """True if ``count`` of ``sent`` messages are on or above the line."""
        return count >= self.least and count * PARTS >= self.parts * sent

    @property
    def half(self) -> Line:
        """The line at which to warn of this one."""
        return Line(self.parts // 2, (self.least + 1) // 2)


STOP = {Concern.BOUNCES: Line(4_000, 5), Concern.COMPLAINTS: Line(80, 3)}
WARN = {concern: line.half for concern, line in STOP.items()}


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account's sending stands: ``totals`` of the last 30 days, since an operator lifted a stop if one did.

    ``days`` are the days of that time on which anything was sent, oldest first, lifted stop or not.
    """

    totals: Counts = field(default_factory=Counts)
    days: tuple[DayTally, ...] = ()
    resumed_at: datetime | None = None

    @property
    def state(self) -> StandingState:
        """Whether the account may send."""
        if self._beyond(STOP):
            return StandingState.STOPPED
        return StandingState.WARNING if self._beyond(WARN) else StandingState.OK

    @property
    def is_stopped(self) -> bool:
        """True if nothing may be sent."""
        return self.state is StandingState.STOPPED

    @property
    def why(self) -> tuple[Concern, ...]:
        """What the state comes from; nothing if all is well."""
        return self._beyond(STOP) or self._beyond(WARN)

    @property
    def bounce_rate(self) -> float | None:
        """Share of the messages sent that came back for good; None if none was sent."""
        return _rate(self.totals.bounced, self.totals.sent)

    @property
    def complaint_rate(self) -> float | None:
        """Share of the messages sent that were complained of; None if none was sent."""
        return _rate(self.totals.complained, self.totals.sent)

    def _beyond(self, lines: dict[Concern, Line]) -> tuple[Concern, ...]:
        counts = {Concern.BOUNCES: self.totals.bounced, Concern.COMPLAINTS: self.totals.complained}
        return tuple(it for it in Concern if lines[it].is_reached(counts[it], self.totals.sent))


def first_day(now: datetime) -> date:
    """The first day whose messages still count at ``now``."""
    return (now.astimezone(UTC) - WINDOW + timedelta(days=1)).date()


def standing_of(days: Sequence[DayTally], resumption: Resumption | None, now: datetime) -> Standing:
    """How an account stands after what became of its messages, of days in any order."""
    counted = sorted((tally for tally in days if tally.day >= first_day(now)), key=lambda tally: tally.day)
    totals = Counts()
    resumed_on = resumption.at.astimezone(UTC).date() if resumption else None
    for tally in counted:
        if resumption is None or resumed_on is None or tally.day > resumed_on:
            totals += tally.counts
        elif tally.day == resumed_on:
            totals += tally.counts - resumption.before
    return Standing(totals, tuple(counted), resumption.at if resumption else None)


def _rate(count: int, sent: int) -> float | None:
    return round(count / sent, 6) if sent else None
