"""What the API answers about rewards and tiers, as pydantic models for its description."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.reward import AwardState, BenefitKind, CouponSource, ProgrammeState
from tools.openapi_answers import Answer, ContactId, CurrencyCode, Cursor, Id, Instant, Money, StoreId

Count = Annotated[int, Field(ge=0)]
Version = Annotated[int, Field(ge=1, description="Grows with every change of what is set; in quotes it is the `ETag`.")]


class Who(Answer):
    """Who gets the reward; fields of other kinds are null."""

    kind: Literal["board", "score", "tier", "hand"]
    metric: Metric | None
    time_frame: TimeFrame | None
    first: int | None
    points: int | None
    tier: Id | None


class Benefit(Answer):
    """What a reward is; fields of other kinds are null."""

    kind: BenefitKind
    percent: int | None
    amount: Money | None
    text: str | None
    worth: Annotated[Money | None, Field(description="What one award costs at most, if that was said.")]


class CouponSettings(Answer):
    """Where the coupon codes come from."""

    source: CouponSource
    code: str | None
    prefix: str


class Budget(Answer):
    """Bounds of all awards together; null is no bound."""

    awards: int | None
    value: Money | None


class Tally(Answer):
    """What a programme has come to."""

    awards: Annotated[int, Field(ge=0, description="Given, revoked ones too.")]
    value: Annotated[Money | None, Field(description="What they are worth; null without a currency.")]
    held_out: Annotated[int, Field(ge=0, description="Who would have got something, and got nothing to compare.")]
    revoked: Count
    coupons_left: Annotated[int | None, Field(description="Codes still to be given; null without a pool.")]
    coupons_given: int | None


class Programme(Answer):
    """A programme of rewards and what it has come to."""

    id: Id
    audience_id: Id
    name: str
    who: Who
    benefit: Benefit
    coupon: CouponSettings
    store: StoreId | None
    currency: CurrencyCode | None
    valid_days: int | None
    budget: Budget
    hold_out: Annotated[int, Field(ge=0, le=50, description="Percent.")]
    template: Id | None
    state: ProgrammeState
    tally: Tally
    created_at: Instant
    updated_at: Instant
    version: Version


class Programmes(Answer):
    """All programmes of an audience, in the order of their creation."""

    programmes: list[Programme]


class CouponsAdded(Answer):
    """What came of codes for a pool."""

    added: Count
    known: Annotated[int, Field(ge=0, description="Left out, because the programme has or had them already.")]
    left: Annotated[int, Field(ge=0, description="Codes still to be given.")]


class Coupon(Answer):
    """A code of a pool."""

    code: str
    state: Literal["free", "given"]


class CouponCodes(Answer):
    """A page of a programme's codes, those still to be given first."""

    coupons: list[Coupon]
    left: Count
    given: Count
    next_cursor: Cursor


class AwardFact(Answer):
    """An award in its contact's timeline, which shows `state` as it was then."""

    programme: Id
    programme_name: str | None
    occasion: Annotated[str, Field(description="What made it once: a board and its period, a day, or a run's step.")]
    at: Instant
    state: Annotated[AwardState, Field(description="`held_out` got nothing, to compare.")]
    benefit: Annotated[Benefit, Field(description="As it was promised then.")]
    currency: CurrencyCode | None
    coupon: str | None
    valid_until: Instant | None
    rank: Annotated[int | None, Field(description="The place that decided, of a board's award.")]
    message: Annotated[str | None, Field(description="Id of the message that told of it.")]
    unsent: Annotated[
        str | None,
        Field(
            examples=["not-subscribed"],
            description="Why no message did: the last part of the type of the problem that it met.",
        ),
    ]
    revoked_at: Instant | None


class Award(AwardFact):
    """What a contact got of a programme."""

    contact: ContactId
    name: Annotated[str | None, Field(description="The contact's, now.")]
    email: str | None


class RewardEntry(Answer):
    """A reward was given, or revoked."""

    at: Instant
    kind: Literal["reward"]
    id: str
    reward: AwardFact


class Awards(Answer):
    """A page of awards, newest first."""

    awards: list[Award]
    next_cursor: Cursor


class ContactAwards(Answer):
    """All awards of a contact, newest first."""

    awards: list[Award]


class LiftGroup(Answer):
    """What the persons of a group did in the days after their award; shares are null without persons."""

    persons: Count
    buyers: Annotated[int, Field(ge=0, description="Persons with at least one purchase.")]
    orders: Count
    spent: Annotated[Money | None, Field(description="Null if the audience's stores sell in several currencies.")]
    buyers_share: float | None
    orders_per_head: float | None
    spent_per_head: Money | None


class LiftDifference(Answer):
    """Awarded less held out, and the bounds of a 95 % interval."""

    difference: float
    low: float
    high: float


class MoneyDifference(Answer):
    """Awarded less held out, and the bounds of a 95 % interval."""

    difference: Money
    low: Money
    high: Money


class LiftDifferences(Answer):
    """What the reward did."""

    buyers_share: Annotated[LiftDifference, Field(description="Newcombe's interval of two shares.")]
    orders_per_head: Annotated[LiftDifference, Field(description="Welch's interval of two means.")]
    spent_per_head: Annotated[MoneyDifference | None, Field(description="Welch's interval of two means.")]


class Lift(Answer):
    """Those who got a reward beside those who were held out, over the days after the award."""

    days: Annotated[int, Field(ge=1)]
    currency: CurrencyCode | None
    awarded: LiftGroup
    held_out: LiftGroup
    too_recent: Annotated[int, Field(ge=0, description="Persons whose days are not over, and who are not counted.")]
    beyond: Annotated[bool, Field(description="There are more persons than the 2,000 latest that were looked at.")]
    least_persons: Annotated[int, Field(description="Persons that each group needs before differences are told.")]
    enough: bool
    differences: Annotated[LiftDifferences | None, Field(description="Null while a group has too few persons.")]


class ContactTier(Answer):
    """The tier that a contact is in."""

    id: Id
    name: str
    benefits: list[str]


class TierNeeds(Answer):
    """What a tier takes; fields of the other kind are null."""

    kind: Literal["score", "spent"]
    points: int | None
    store: StoreId | None
    time_frame: TimeFrame | None
    amount: Money | None
    currency: CurrencyCode | None


class Tier(ContactTier):
    """A tier of an audience."""

    needs: TierNeeds


class Tiers(Answer):
    """The tiers of an audience, lowest first: a contact is in the last one whose needs are met."""

    tiers: list[Tier]
    version: Annotated[int, Field(ge=0, description="In quotes it is the `ETag`; 0 before there were any.")]
