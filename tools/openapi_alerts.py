"""What the API answers about alerts on loss of loyalty, as pydantic models for its description, and the prose."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from laurel.model.alert import AlertKind, AlertState, Digest, Resolution
from laurel.model.period import PeriodKind
from laurel.model.ranking import Metric
from tools.openapi_answers import Answer, CurrencyCode, Cursor, Instant, Money, StoreId

Percent = Annotated[int, Field(ge=0, le=100, description="Rounded down.")]


class RankReason(Answer):
    """Why an alert `left_first` or `rank_fell` was opened: ranks at two closings that follow each other."""

    rank_by: Metric
    period_before: Annotated[str, Field(examples=["2026-10"])]
    period: Annotated[str, Field(examples=["2026-11"])]
    rank_before: Annotated[int, Field(ge=1)]
    rank: Annotated[int | None, Field(description="Null for beyond rank 1,000, or without purchases.")]
    ranks_lost: Annotated[int, Field(ge=0, description="At least, if `rank` is null.")]
    asked: Annotated[int, Field(ge=1, description="The rule's n of the first n, or k of ranks lost.")]


class SpendReason(Answer):
    """Why an alert `spend_down` was opened: what was spent in two periods that follow each other."""

    period_before: Annotated[str, Field(examples=["2026-Q3"])]
    period: Annotated[str, Field(examples=["2026-Q4"])]
    spent_before: Money
    spent: Money
    percent: Annotated[Percent, Field(description="By how much it is down.")]
    days: Annotated[int | None, Field(description="So many days of both are compared; null for complete periods.")]
    asked: Annotated[int, Field(description="The rule's percent.")]


class LatenessReason(Answer):
    """Why an alert `overdue` was opened: a purchase that did not come."""

    last_purchase: date
    purchases: Annotated[int, Field(ge=4, description="Days with purchases that the rhythm was read from.")]
    usual_days: Annotated[int, Field(ge=1, description="Days between two purchases: the median.")]
    late_after: Annotated[int, Field(ge=1, description="Days without purchases that are still usual.")]
    late_since: date


class ScoreReason(Answer):
    """Why an alert `score_falling` was opened."""

    score_before: Annotated[int, Field(ge=1)]
    score: Annotated[int | None, Field(description="Null if it was taken away.")]
    points: Annotated[int, Field(ge=1, description="Points lost.")]
    percent: Percent
    days: Annotated[int, Field(description="Days in which that happened.")]


class Alert(Answer):
    """A customer who seems to slip away."""

    id: Annotated[str, Field(pattern="^[0-9a-f]{24}$", description="One for each customer, store and kind.")]
    kind: AlertKind
    state: AlertState
    store_id: StoreId
    customer: Annotated[str, Field(description="Id of the contact, or of a buyer who is known by number only.")]
    name: Annotated[str | None, Field(description="Null if it is not known, or not any more.")]
    email: str | None
    profile: Annotated[str | None, Field(description="Where the contact is; null for a buyer known by number only.")]
    reason: RankReason | SpendReason | LatenessReason | ScoreReason
    worth: Annotated[Money, Field(description="What the customer spent in the year before the alert was opened.")]
    currency: CurrencyCode
    fell_at: Annotated[Instant, Field(description="Since when it is so.")]
    opened_at: Instant
    snoozed_until: Instant | None
    resolved_at: Instant | None
    resolution: Annotated[Resolution | None, Field(description="Why it is resolved; null if it is not.")]


class Alerts(Answer):
    """A page of alerts of one state."""

    alerts: list[Alert]
    total: Annotated[int, Field(ge=0, description="All alerts of this state.")]
    next_cursor: Cursor


class AlertWatch(Answer):
    """Who is watched: the first so many of a board at its last closings."""

    rank_by: Metric
    period: PeriodKind
    first: int


class SpendAlertRule(Answer):
    """Spending is down by so many percent against the customer's own period before."""

    percent: int
    period: PeriodKind


class ScoreAlertRule(Answer):
    """The score fell by so many points, or by so many percent, in 30 days."""

    points: int | None
    percent: int | None


class StoreAlertRules(Answer):
    """What is watched for in a store; null for what is not."""

    store_id: StoreId
    watch: AlertWatch
    left_first: int | None
    rank_fell: int | None
    spend_down: SpendAlertRule | None
    overdue: bool


class AlertRules(Answer):
    """What is watched for in an audience: in all its stores that show boards."""

    score_falling: ScoreAlertRule | None
    digest: Annotated[Digest, Field(description="How often the team is mailed what is new.")]
    stores: list[StoreAlertRules]
    version: Annotated[int, Field(ge=0, description="Grows with every change; in quotes it is the `ETag`.")]


TAGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Alerts": (
        "Customers who seem to slip away, and what is watched for.",
        ("listAlerts", "changeAlert", "getAlertRules", "replaceAlertRules"),
    ),
}

PATH_PARAMETERS = {"alert": "Id of an alert of the audience."}

DESCRIPTIONS = {
    "listAlerts": (
        "Alerts are opened and resolved once a day, half an hour after midnight (UTC). Open and snoozed ones are "
        "listed by what the customer spent in the year before, most first; amounts in different currencies are not "
        "converted. Resolved ones are listed latest first, for 400 days. Names are looked up when they are shown."
    ),
    "changeAlert": (
        "Puts an alert off (`snoozed`, until a time), settles it (`resolved`), or takes that back (`open`). One that "
        "ended by itself, because the customer came back or half a year went by, is answered 409."
    ),
    "getAlertRules": "Every audience and store begins with rules that are on.",
    "replaceAlertRules": (
        "Replaces all of it. What is null, or false, is not watched for; alerts that are open stay until they end. "
        "Rules count from the next day on."
    ),
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "changeAlert": {
        "snoozed": {"state": "snoozed", "snoozed_until": "2026-12-24T08:00:00+01:00"},
        "resolved": {"state": "resolved"},
    },
    "replaceAlertRules": {
        "weekly": {
            "score_falling": {"percent": 30},
            "digest": "weekly",
            "stores": [
                {
                    "store_id": "3bqjz6kqk5ye",
                    "watch": {"rank_by": "total_spent", "period": "month", "first": 200},
                    "left_first": 50,
                    "rank_fell": None,
                    "spend_down": {"percent": 50, "period": "quarter"},
                    "overdue": True,
                }
            ],
        }
    },
}
