"""What may set off an automation: one thing that happened to one contact, told once by its key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.scoring import Points

KEPT = timedelta(days=90)
"""How long a signal that is an item of its own is kept."""


class SignalKind(StrEnum):
    """What happened. The first three are seen in what is written for other reasons, the next three are items."""

    SCORE = "score"
    TAG = "tag"
    PURCHASE = "purchase"
    RANK = "rank"
    SILENT = "silent"
    ALERT = "alert"
    EXISTING = "existing"


class Pulse(StrEnum):
    """What a contact does, or does no longer."""

    PURCHASE = "purchase"
    OPEN = "open"
    CLICK = "click"


@dataclass(frozen=True, slots=True)
class ScoreMoved:
    """An entry of the score's history. ``seq`` numbers a contact's entries, ``epoch`` grows with resets.

    ``run`` is the automation's run that changed the score, if one did.
    """

    at: datetime
    before: Points
    after: Points
    seq: int
    epoch: int
    run: str | None = None

    @property
    def kind(self) -> SignalKind:
        return SignalKind.SCORE

    @property
    def key(self) -> tuple[str, ...]:
        """What no other score signal of the contact has."""
        return (str(self.seq),)


@dataclass(frozen=True, slots=True)
class TagGiven:
    """A tag that the profile did not have before. ``version`` is the profile's that has it."""

    at: datetime
    tag: str
    version: int
    run: str | None = None

    @property
    def kind(self) -> SignalKind:
        return SignalKind.TAG

    @property
    def key(self) -> tuple[str, ...]:
        """What no other tag signal of the contact has."""
        return (self.tag, str(self.version))


@dataclass(frozen=True, slots=True)
class FirstPurchase:
    """The contact's first purchase in any store of the audience."""

    at: datetime

    run = None

    @property
    def kind(self) -> SignalKind:
        return SignalKind.PURCHASE

    @property
    def key(self) -> tuple[str, ...]:
        """The day (UTC): should the purchase be undone, another first one is another day's."""
        return (self.at.date().isoformat(),)


@dataclass(frozen=True, slots=True)
class RankMoved:
    """A customer's rank in a snapshot of a board and in the one before; None for a rank beyond it, or none at all.

    ``at`` is the instant of the later snapshot's schedule, ``period`` its period.
    """

    at: datetime
    store_id: str
    metric: Metric
    time_frame: TimeFrame
    period: str
    before: int | None
    after: int | None

    run = None

    @property
    def kind(self) -> SignalKind:
        return SignalKind.RANK

    @property
    def key(self) -> tuple[str, ...]:
        """What no other rank signal of the contact has."""
        hour = str(round(self.at.timestamp()))
        return (self.store_id, self.metric.value, self.time_frame.value, self.period, hour)


@dataclass(frozen=True, slots=True)
class FellSilent:
    """So many days have gone by since the ``last`` day (UTC) on which the contact did something."""

    at: datetime
    pulse: Pulse
    last: date
    days: int

    run = None

    @property
    def kind(self) -> SignalKind:
        return SignalKind.SILENT

    @property
    def key(self) -> tuple[str, ...]:
        """What no other signal of silence of the contact has."""
        return (self.pulse.value, self.last.isoformat(), str(self.days))


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """An alert on loss of loyalty was opened for the contact at ``at``; ``alert`` is its kind."""

    at: datetime
    alert: str
    alert_id: str
    store_id: str

    run = None

    @property
    def kind(self) -> SignalKind:
        return SignalKind.ALERT

    @property
    def key(self) -> tuple[str, ...]:
        """What no other signal of an alert of the contact has."""
        return (self.alert_id, str(round(self.at.timestamp())))


@dataclass(frozen=True, slots=True)
class Existing:
    """The contact meets an automation's trigger already, and somebody asked to include those who do.

    ``activation`` names the request.
    """

    at: datetime
    activation: str

    run = None

    @property
    def kind(self) -> SignalKind:
        return SignalKind.EXISTING

    @property
    def key(self) -> tuple[str, ...]:
        """The request: who is found by it twice is included once."""
        return (self.activation,)


@dataclass(frozen=True, slots=True)
class SetBack:
    """The last day on which a contact did something turns out to lie further back: a purchase was cancelled.

    What it means depends on how long automations wait.
    """

    pulse: Pulse
    last: date
    before: date


type KeptSignal = RankMoved | FellSilent | AlertRaised
"""Signals that are items of their own, in the contact's partition."""

type Signal = ScoreMoved | TagGiven | FirstPurchase | KeptSignal | Existing
