"""What the API answers about scores, as pydantic models for its description."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from laurel.model.contact import ConsentStatus
from laurel.model.scoring import HIGHEST_SCORE, CapWindow, EffectKind, Operator
from tools.openapi_answers import Answer, ContactId, Cursor, Figures, Id, Instant
from tools.openapi_contacts import Score

RuleId = Annotated[Id | None, Field(description="The rule; null for changes by hand, by jobs and by time.")]
Value = str | bool | int


class RuleCondition(Answer):
    """A demand on one property of the activity."""

    property: str
    operator: Operator
    value: Annotated[Value | None, Field(description="Null if the operator is `one_of`.")]
    values: Annotated[list[Value] | None, Field(description="Null unless the operator is `one_of`.")]


class RuleCap(Answer):
    """How often a rule counts for one contact, at most."""

    times: int
    window: CapWindow


class ScoringRule(Answer):
    """A scoring rule."""

    id: Id
    name: str
    enabled: bool
    activity: Annotated[str, Field(examples=["email.opened"])]
    effect: EffectKind
    points: Annotated[int | None, Field(ge=0, le=HIGHEST_SCORE, description="Null if the effect is `remove`.")]
    conditions: list[RuleCondition]
    frequency_cap: RuleCap | None
    expires_after_days: int | None
    counts_machines: bool
    created_at: Instant | None
    version: Annotated[int, Field(ge=1, description="Grows with every change; in quotes it is the `ETag`.")]


class ScoringRules(Answer):
    """All scoring rules of an audience, in the order in which they are applied: that of their creation."""

    rules: list[ScoringRule]


class Scoring(Answer):
    """How an audience scores."""

    audience_id: Id
    monthly_decay: Annotated[int, Field(ge=0, le=100, description="Percent by which scores fall each month.")]
    highest_score: Annotated[int, Field(description="No score is higher; what would lead beyond is lost.")]


class HistoryEntry(Answer):
    """One change of a score."""

    seq: Annotated[int, Field(ge=1, description="Numbers the changes in the order in which they were applied.")]
    at: Annotated[Instant, Field(description="When it happened.")]
    activity: Annotated[str, Field(examples=["email.opened", "order.placed", "by_hand", "decay"])]
    activity_at: Annotated[Instant, Field(description="When what caused it happened; before `at` in corrections.")]
    rule_id: RuleId
    effect: EffectKind
    asked: Annotated[int, Field(description="Points wanted, negative to take; the target of `set`.")]
    given: Annotated[int, Field(description="Points the score really changed by: cap and floor may take some.")]
    before: Score
    after: Score
    corrects: Annotated[bool, Field(description="True where points given before are taken back or adjusted.")]
    expires_on: Annotated[date | None, Field(description="Day (UTC) on which the points are taken back.")]
    by: Annotated[str | None, Field(description="Who did it, for changes by hand.")]
    reason: str | None
    counts: Annotated[bool, Field(description="False for what happened before all scores were reset.")]


class PointsByRule(Answer):
    """What one rule gave in all, or changes by hand, by jobs or by time."""

    rule_id: RuleId
    name: Annotated[str | None, Field(description="Of the rule, if it still exists.")]
    activity: str
    points: int
    entries: Annotated[int, Field(ge=1)]


class ScoreExplanation(Answer):
    """A contact's score and where it came from."""

    contact: ContactId
    score: Score
    points_by_rule: Annotated[
        list[PointsByRule] | None,
        Field(description="They add up to the score. Null on later pages, and beyond 5,000 entries."),
    ]
    entries: list[HistoryEntry]
    next_cursor: Cursor


class ChangedScore(Answer):
    """A score after a change, and the change."""

    contact: ContactId
    score: Score
    entry: HistoryEntry


class ScoreVerified(Answer):
    """Whether a score is what its entries lead to."""

    contact: ContactId
    score: Annotated[Score, Field(description="The score now, repaired or not.")]
    score_before: Annotated[Score, Field(description="The score as it was found.")]
    entries: Annotated[int, Field(ge=0, description="Entries since all scores were last reset.")]
    sound: Annotated[bool, Field(description="True if the score was found to be what its entries lead to.")]
    repaired: bool


class ScoredContact(Answer):
    """A contact found."""

    contact: ContactId
    email: str
    first_name: str | None
    last_name: str | None
    status: ConsentStatus
    score: Score
    tags: Annotated[list[str] | None, Field(description="Null unless `tag` or `none` was asked for.")]
    figures: Annotated[Figures | None, Field(description="Of `store`; null for no purchases in the time frame.")]
    profile: Annotated[str, Field(description="Path of the contact's profile.")]


Rebuilding = Annotated[bool, Field(description="Figures of `store` were asked for, and are being computed again.")]


class ScoredContacts(Answer):
    """A page of contacts. It may be short, or even empty, and still have a next one."""

    rows: list[ScoredContact]
    next_cursor: Cursor
    rebuilding: Rebuilding


class ScoreCount(Answer):
    """How many contacts were counted."""

    count: Annotated[int, Field(ge=0, le=10_000)]
    more: Annotated[bool, Field(description="True if there may be more than were counted.")]
    rebuilding: Rebuilding


class ScoresWereReset(Answer):
    """Whose scores were reset."""

    audience_id: Id
    contact: Annotated[ContactId | None, Field(description="Null for the whole audience.")]
    reset_at: Instant
