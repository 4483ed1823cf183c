"""Points on contacts: rules, effects, and the entries that explain a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

HIGHEST_SCORE = 99_999_999
"""GetResponse's limit: 99,999,990 + 100 = 99,999,999, and at the limit nothing more is gained."""

MOST_RULES = 50
"""Rules of an audience. What one activity earns is one transaction, which holds a hundred items."""

BY_HAND = "by_hand"
DECAY = "decay"
AUTOMATION = "automation"
PERSON = "person"
"""Stands for the rule in entries of what no rule did."""

ORDER_PLACED = "order.placed"
ORDER_REFUNDED = "order.refunded"

Points = int | None
PropertyValue = str | int | bool | Decimal
Property = PropertyValue | tuple[str, ...]


class EffectKind(StrEnum):
    """What a rule, a person or time does to a score. ``add_per_unit`` is for rules, ``fall`` (by percent) for decay."""

    ADD = "add"
    SUBTRACT = "subtract"
    SET = "set"
    REMOVE = "remove"
    ADD_PER_UNIT = "add_per_unit"
    FALL = "fall"

    @property
    def restarts(self) -> bool:
        """True if what was given before is no longer in the score, and cannot be taken back."""
        return self in (EffectKind.SET, EffectKind.REMOVE)


def fault_of_points(kind: EffectKind, points: int | None) -> str | None:
    """Why somebody cannot ask for an effect with so many points, None for none, as a sentence; None if they can."""
    if kind is EffectKind.REMOVE:
        return None if points is None else "remove takes no points."
    if points is None:
        return f"{kind.value} needs points."
    return "This must be at least 1." if points == 0 and kind is not EffectKind.SET else None


@dataclass(frozen=True, slots=True)
class Effect:
    """What to do, and ``points`` to add, subtract or set to.

    For ``add_per_unit`` the points per whole major unit of an order's amount, for ``fall`` percent, for ``remove`` 0.
    """

    kind: EffectKind
    points: int = 0

    def asked(self, score: Points, amount: Decimal = Decimal(0)) -> int:
        """Points the effect wants to give before cap and floor; a target for ``set``, 0 for ``remove``."""
        match self.kind:
            case EffectKind.SUBTRACT:
                return -self.points
            case EffectKind.ADD_PER_UNIT:
                return self.points * int(amount)
            case EffectKind.FALL:
                return (score or 0) * (100 - self.points) // 100 - (score or 0)
            case EffectKind.REMOVE:
                return 0
            case EffectKind.ADD | EffectKind.SET:
                return self.points

    def applied(self, score: Points, amount: Decimal = Decimal(0)) -> Points:
        """The score after the effect, held between 0 and ``HIGHEST_SCORE``.

        None is no score, which is not 0: adding starts from 0, subtracting, falling and removing leave none.
        """
        match self.kind:
            case EffectKind.REMOVE:
                return None
            case EffectKind.SET:
                return held(self.points)
            case EffectKind.SUBTRACT | EffectKind.FALL:
                return None if score is None else held(score + self.asked(score))
            case EffectKind.ADD | EffectKind.ADD_PER_UNIT:
                return held((score or 0) + self.asked(score, amount))


def held(points: int) -> int:
    """Points held between 0 and ``HIGHEST_SCORE``."""
    return min(max(points, 0), HIGHEST_SCORE)


class Operator(StrEnum):
    """How a condition compares a property of the activity."""

    EQUALS = "equals"
    CONTAINS = "contains"
    GREATER = "greater"
    LESS = "less"
    ONE_OF = "one_of"


@dataclass(frozen=True, slots=True)
class Condition:
    """A demand on one property; a missing property meets none. ``values`` has one element unless ``one_of``."""

    property: str
    operator: Operator
    values: tuple[PropertyValue, ...]


class CapWindow(StrEnum):
    """Over what time a frequency cap counts: days, ISO weeks and months in UTC, by the activity's own time."""

    EVER = "ever"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class FrequencyCap:
    """A rule fires at most so many times a window for one contact."""

    times: int
    window: CapWindow


@dataclass(frozen=True, slots=True)
class ScoringRule:
    """What to do when an activity happens and all conditions hold, and how often at most.

    Points expire ``expires_after_days`` days after the activity, if set. ``counts_machines`` lets opens and clicks
    count that no human made. ``version`` counts the writes of the rule.
    """

    id: str
    name: str
    enabled: bool
    activity: str
    effect: Effect
    conditions: tuple[Condition, ...] = ()
    frequency_cap: FrequencyCap | None = None
    expires_after_days: int | None = None
    counts_machines: bool = False
    created_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Trigger:
    """An activity, or an order that became a purchase or was refunded, as rules see it.

    ``subject`` names the fact, ``cause`` the change of it; together they are the same under redelivery. ``amount`` is
    the order's, in major units.
    """

    subject: str
    cause: str
    name: str
    at: datetime
    properties: Mapping[str, Property] = field(default_factory=dict)
    amount: Decimal = Decimal(0)
    machine: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """What a fact gave is taken back, or brought in line with an order's new amount.

    ``subject_at`` is the fact's own time, ``at`` when the correction happened. Without ``amounts`` all is taken back;
    they are the order's amount before and after, in major units. ``rule_id`` limits it to one rule; rules in ``spared``
    keep their points.
    """

    subject: str
    cause: str
    subject_at: datetime
    at: datetime
    activity: str
    reason: str
    amounts: tuple[Decimal, Decimal] | None = None
    rule_id: str | None = None
    spared: frozenset[str] = frozenset()
    frees_cap: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a score outside the rules: by a person, a job or time. ``by`` says who, ``reason`` why.

    With ``frees_caps`` it is forgotten how often rules fired.
    """

    subject: str
    at: datetime
    effect: Effect
    activity: str = BY_HAND
    by: str | None = None
    reason: str | None = None
    cause: str = ""
    frees_caps: bool = False


type Step = Trigger | Correction | Change


@dataclass(frozen=True, slots=True)
class ScoreEntry:
    """One change of a score and its reason.

    ``given`` is what cap and floor left of ``asked``. ``seq`` numbers all entries of a contact, from 1, in the order in
    which they were applied. ``subject_at`` is the time of what caused it, ``at`` when it happened: the same, except for
    corrections. ``unit_points`` are the points per unit of an ``add_per_unit``.
    """

    subject: str
    cause: str
    rule_id: str
    subject_at: datetime
    at: datetime
    activity: str
    kind: EffectKind
    asked: int
    given: int
    before: Points
    after: Points
    seq: int
    epoch: int
    corrects: bool = False
    unit_points: int | None = None
    expires_on: date | None = None
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ScoreState:
    """A contact's score under one epoch.

    ``uses`` counts how often each capped rule fired, by window. ``restarted`` is the ``seq`` of the last entry that set
    or removed the score: what was given before it can no longer be taken back. ``seq`` is the last entry's.
    """

    points: Points = None
    uses: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    restarted: int = 0
    seq: int = 0
    epoch: int = 1


@dataclass(frozen=True, slots=True)
class ScoredContact:
    """A contact's score as read.

    ``erased_at`` is when all that was known of the person before was erased, if they have come back since: what
    happened until then gives nothing.
    """

    account_id: str
    audience_id: str
    contact: str
    state: ScoreState
    erased_at: datetime | None = None

    def comes_after_erasure(self, at: datetime) -> bool:
        """True for what happened since the person was erased, or if they never were."""
        return self.erased_at is None or at > self.erased_at


def activity_subject(activity_id: str) -> str:
    """Names an activity as the cause of points."""
    return f"activity:{activity_id}"


def order_subject(store_id: str, order_id: str) -> str:
    """Names an order as the cause of points."""
    return f"order:{store_id}:{order_id}"
