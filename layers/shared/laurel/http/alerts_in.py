"""What clients send about alerts: pydantic models, imported where a body is read and by the OpenAPI generator."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, StringConstraints

from laurel.http.schemas import Body, Instant
from laurel.model.alert import MOST_WATCHED, AlertRules, AlertState, Digest, ScoreRule, SpendRule, StoreRules, Watch
from laurel.model.errors import FieldError, InvalidInput
from laurel.model.period import PeriodKind
from laurel.model.ranking import Metric

_MOST_STORES = 100

Ranks = Annotated[StrictInt, Field(ge=1, le=MOST_WATCHED)]
Percent = Annotated[StrictInt, Field(ge=10, le=100, description="Percent.")]
Kind = Annotated[
    Literal["week", "month", "quarter", "year"], Field(description="A calendar period in the store's time zone.")
]


class AlertChange(Body):
    """Another state of an alert."""

    state: AlertState
    snoozed_until: Instant | None = Field(default=None, description="With `snoozed`: when it opens again by itself.")


class WatchIn(Body):
    """Who is watched: the first so many of a board at its last closings."""

    rank_by: Metric = Metric.TOTAL_SPENT
    period: Kind = "month"
    first: Annotated[Ranks, Field(description="Customers from rank 1 on.")] = 200


class SpendRuleIn(Body):
    """Spending is down by so many percent against the customer's own period before."""

    percent: Percent = 50
    period: Kind = "quarter"


class ScoreRuleIn(Body):
    """The score fell by so many points, or by so many percent, in 30 days; either may be null, not both."""

    points: Annotated[StrictInt, Field(ge=1, le=99_999_999)] | None = None
    percent: Percent | None = 30


class StoreAlertRulesIn(Body):
    """What is watched for in a store; null for what is not."""

    store_id: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    watch: WatchIn = WatchIn()
    left_first: Ranks | None = Field(
        default=50, description="Was among the first so many at a closing of the watched board, and at the next not."
    )
    rank_fell: Ranks | None = Field(default=100, description="Lost so many ranks from one closing to the next.")
    spend_down: SpendRuleIn | None = SpendRuleIn()
    overdue: StrictBool = Field(default=True, description="Bought nothing for longer than is usual for the customer.")


class AlertRulesIn(Body):
    """What is watched for in an audience: everything, in place of what was before.

    Stores that are not named have the rules that every new store has.
    """

    score_falling: ScoreRuleIn | None = ScoreRuleIn()
    digest: Digest = Digest.WEEKLY
    stores: list[StoreAlertRulesIn] = Field(default=[], max_length=_MOST_STORES)


def rules_of(body: AlertRulesIn, known: AlertRules, stores: set[str]) -> AlertRules:
    """The rules that a body describes, in place of those ``known``; ``stores`` are the audience's.

    Raises ``InvalidInput``.
    """
    faults: list[FieldError] = []
    score = body.score_falling
    if score and score.points is None and score.percent is None:
        faults.append(FieldError("/score_falling", "This needs points or percent."))
    rules: dict[str, StoreRules] = {}
    for number, one in enumerate(body.stores):
        if one.store_id in rules:
            faults.append(FieldError(f"/stores/{number}/store_id", "This store is named twice."))
        elif one.store_id not in stores:
            faults.append(FieldError(f"/stores/{number}/store_id", "There is no such store in this audience."))
        if one.left_first and one.left_first > one.watch.first:
            faults.append(FieldError(f"/stores/{number}/left_first", "This is more than are watched."))
        rules[one.store_id] = _of_store(one)
    if faults:
        raise InvalidInput("The rules make no sense.", tuple(faults))
    return replace(
        known,
        score_falling=ScoreRule(score.points, score.percent) if score else None,
        digest=body.digest,
        stores=rules,
    )


def _of_store(body: StoreAlertRulesIn) -> StoreRules:
    spend = body.spend_down
    return StoreRules(
        Watch(body.watch.rank_by, PeriodKind(body.watch.period), body.watch.first),
        body.left_first,
        body.rank_fell,
        SpendRule(spend.percent, PeriodKind(spend.period)) if spend else None,
        body.overdue,
    )
