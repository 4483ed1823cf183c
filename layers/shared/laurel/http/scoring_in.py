"""What clients send about scores: pydantic models, imported where a body is read and by the OpenAPI generator.

What takes several fields to judge is judged by the functions that make values of the model from them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints, WithJsonSchema

from laurel.http.schemas import Body, Name, Property
from laurel.model.activity import is_activity_name
from laurel.model.contact import ConsentStatus
from laurel.model.errors import FieldError, InvalidInput
from laurel.model.identity import LONGEST_ID
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.scoring import (
    HIGHEST_SCORE,
    ORDER_PLACED,
    ORDER_REFUNDED,
    CapWindow,
    Condition,
    Effect,
    EffectKind,
    FrequencyCap,
    Operator,
    PropertyValue,
    ScoringRule,
    fault_of_points,
)
from laurel.scoring.fold import number_of

_LONGEST_VALUE, _MOST_TEXT = 1_000, 10_000
_LARGEST_NUMBER = 10**15
_ORDERS = (ORDER_PLACED, ORDER_REFUNDED)
_PER_FACT = (EffectKind.ADD, EffectKind.ADD_PER_UNIT)


def _activity(value: str) -> str:
    if not is_activity_name(value):
        raise ValueError("must be dotted lower-case words such as email.opened")
    return value


def _short(value: PropertyValue) -> PropertyValue:
    if isinstance(value, str) and not 0 < len(value) <= _LONGEST_VALUE:
        raise ValueError(f"must have 1 to {_LONGEST_VALUE} characters")
    return value


Points = Annotated[StrictInt, Field(ge=0, le=HIGHEST_SCORE)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
ActivityName = Annotated[
    str,
    AfterValidator(_activity),
    Field(description="Dotted lower-case words.", examples=["email.opened"], max_length=64),
]
Value = Annotated[
    Property,
    AfterValidator(_short),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": _LONGEST_VALUE},
                {"type": "boolean"},
                {"type": "integer", "minimum": -_LARGEST_NUMBER, "maximum": _LARGEST_NUMBER},
            ]
        }
    ),
]
ChangeKind = Annotated[
    Literal["add", "subtract", "set", "remove"],
    Field(description="`remove` leaves no score, which is not 0."),
]


class ConditionIn(Body):
    """A demand on one property of the activity. Amounts are decimal strings in major units."""

    property: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    operator: Operator
    value: Value | None = Field(default=None, description="What to compare with, unless the operator is `one_of`.")
    values: Annotated[list[Value], Field(min_length=1, max_length=50)] | None = Field(
        default=None, description="What to compare with if the operator is `one_of`."
    )


class FrequencyCapIn(Body):
    """How often a rule counts for one contact, at most: ever, or in a day, week or month (UTC)."""

    times: Annotated[StrictInt, Field(ge=1, le=1000)]
    window: CapWindow


class RuleIn(Body):
    """When this activity happens and all conditions hold: do this to the contact's score, at most so often."""

    name: Name
    enabled: StrictBool = True
    activity: ActivityName
    effect: Annotated[
        Literal["add", "subtract", "set", "remove", "add_per_unit"],
        Field(
            description=(
                "`remove` leaves no score, which is not 0. `add_per_unit` adds the points for every whole unit of the "
                f"order's amount and is for `{ORDER_PLACED}` and `{ORDER_REFUNDED}`."
            )
        ),
    ]
    points: Points | None = Field(default=None, description="Not with `remove`; of anything but `set` at least 1.")
    conditions: list[ConditionIn] = Field(default=[], max_length=10)
    frequency_cap: FrequencyCapIn | None = None
    expires_after_days: Annotated[StrictInt, Field(ge=1, le=365)] | None = Field(
        default=None, description="Days after the activity until the points are taken back; only of what adds points."
    )
    counts_machines: StrictBool = Field(default=False, description="Counts opens and clicks that no human made, too.")


class RuleChange(Body):
    """Fields to change; the rest stays. null clears a cap, an expiry, or points."""

    name: Name | None = None
    enabled: StrictBool | None = None
    activity: ActivityName | None = None
    effect: Literal["add", "subtract", "set", "remove", "add_per_unit"] | None = None
    points: Points | None = None
    conditions: Annotated[list[ConditionIn], Field(max_length=10)] | None = None
    frequency_cap: FrequencyCapIn | None = None
    expires_after_days: Annotated[StrictInt, Field(ge=1, le=365)] | None = None
    counts_machines: StrictBool | None = None


class ScoreChange(Body):
    """What to do to a score, and why."""

    effect: ChangeKind
    points: Points | None = Field(default=None, description="Not with `remove`; of anything but `set` at least 1.")
    reason: Reason | None = None


class ScoreVerification(Body):
    """Whether a score that its entries do not prove is put right."""

    repair: StrictBool = True


class ScoresReset(Body):
    """Whose score to reset: one contact's, or without one the whole audience's."""

    contact: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID)] | None = None


class ScoringChange(Body):
    """Settings to change; the rest stays."""

    monthly_decay: Annotated[StrictInt, Field(ge=0, le=100)] | None = Field(
        default=None, description="Percent by which scores fall at the beginning of each month (UTC); 0 for not at all."
    )


class ScoreQuery(Body):
    """Who is meant, by the same names as the parameters of `GET /audiences/{audience}/scores`."""

    above: Points | None = None
    at_least: Points | None = None
    equals: Points | None = None
    at_most: Points | None = None
    below: Points | None = None
    none: StrictBool | None = Field(default=None, description="Contacts without a score.")
    tag: Annotated[str, StringConstraints(min_length=1, max_length=50)] | None = None
    status: ConsentStatus | None = None
    store: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    time_frame: TimeFrame | None = None
    period: Annotated[str, StringConstraints(max_length=10)] | None = None
    rank_by: Metric | None = None
    metric_at_least: Annotated[str, StringConstraints(max_length=20)] | None = None
    metric_at_most: Annotated[str, StringConstraints(max_length=20)] | None = None


def asked_of(query: ScoreQuery) -> dict[str, str]:
    """What a query asks for, as ``laurel.scoring.criteria`` takes it."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in query.model_dump(exclude_none=True).items()
    }


def rule_of(
    body: RuleIn, id_: str, created_at: datetime | None = None, version: int = 0, pointer: str = ""
) -> ScoringRule:
    """The rule a body describes. Raises ``InvalidInput`` with JSON pointers below ``pointer``."""
    faults = [FieldError(pointer + place, detail) for place, detail in _faults(body)]
    if faults:
        raise InvalidInput("The rule makes no sense.", tuple(faults))
    cap = body.frequency_cap
    return ScoringRule(
        id=id_,
        name=body.name,
        enabled=body.enabled,
        activity=body.activity,
        effect=Effect(EffectKind(body.effect), body.points or 0),
        conditions=tuple(
            Condition(it.property, it.operator, tuple(it.values or () if it.value is None else (it.value,)))
            for it in body.conditions
        ),
        frequency_cap=FrequencyCap(cap.times, cap.window) if cap else None,
        expires_after_days=body.expires_after_days,
        counts_machines=body.counts_machines,
        created_at=created_at,
        version=version,
    )


def effect_of(effect: str, points: int | None) -> Effect:
    """The effect of a change by hand. Raises ``InvalidInput``."""
    kind = EffectKind(effect)
    if fault := fault_of_points(kind, points):
        raise InvalidInput.at("/points", fault)
    return Effect(kind, points or 0)


def _faults(body: RuleIn) -> Iterator[tuple[str, str]]:
    kind = EffectKind(body.effect)
    if fault := fault_of_points(kind, body.points):
        yield "/points", fault
    if kind is EffectKind.ADD_PER_UNIT and body.activity not in _ORDERS:
        yield "/effect", f"add_per_unit needs an amount, which only {' and '.join(_ORDERS)} have."
    if body.expires_after_days is not None and kind not in _PER_FACT:
        yield "/expires_after_days", "Only points that were added expire."
    for number, condition in enumerate(body.conditions):
        for place, detail in _faults_of_condition(condition):
            yield f"/conditions/{number}/{place}", detail
    texts = (value for it in body.conditions for value in (it.value, *(it.values or ())) if isinstance(value, str))
    if sum(map(len, texts)) > _MOST_TEXT:
        yield "/conditions", f"All values together have more than {_MOST_TEXT} characters."


def _faults_of_condition(condition: ConditionIn) -> Iterator[tuple[str, str]]:
    needed, other = ("values", "value") if condition.operator is Operator.ONE_OF else ("value", "values")
    if getattr(condition, needed) is None:
        yield needed, f"{condition.operator.value} needs {needed}."
    if getattr(condition, other) is not None:
        yield other, f"{condition.operator.value} takes {needed}, not {other}."
    compares = condition.operator in (Operator.GREATER, Operator.LESS)
    if compares and condition.value is not None and number_of(condition.value) is None:
        yield "value", f"{condition.operator.value} compares numbers: whole ones, or decimals as strings."
