"""What the API answers about contacts, as pydantic models for its description."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from laurel.model.contact import ConsentStatus
from laurel.model.order import OrderState
from laurel.model.scoring import HIGHEST_SCORE, EffectKind
from tools.openapi_answers import (
    Answer,
    ContactId,
    CurrencyCode,
    Cursor,
    Figures,
    Id,
    Instant,
    Money,
    Period,
    Rebuildable,
    StoreId,
)
from tools.openapi_messages import MessageEntry
from tools.openapi_rewards import ContactTier, RewardEntry
from tools.openapi_runs import AutomationEntry

Score = Annotated[int | None, Field(ge=0, le=HIGHEST_SCORE, description="Null without a score, which is not 0.")]


class Ranks(Answer):
    """Ranks on the three boards; null where the board does not show the customer."""

    orders_count: int | None
    average_order_value: int | None
    total_spent: int | None


class RanksExact(Answer):
    """Which ranks are counted; others are estimates, of who is beyond the first 10,000."""

    orders_count: bool
    average_order_value: bool
    total_spent: bool


class MonthFigures(Answer):
    """What a contact bought in a month of the store's calendar."""

    month: Annotated[str, Field(examples=["2026-11"])]
    orders_count: Annotated[int, Field(ge=0)]
    total_spent: Money
    currency: CurrencyCode


class StoreFigures(Rebuildable):
    """What one store knows of a contact in a period."""

    store_id: StoreId
    name: str
    period: Period
    figures: Figures | None
    ranks: Ranks
    ranks_exact: RanksExact
    months: Annotated[
        list[MonthFigures], Field(description="As many as were asked for, oldest first; those without purchases, too.")
    ]


class Contact(Answer):
    """A contact's profile."""

    id: ContactId
    audience_id: Id
    email: str
    first_name: str | None
    last_name: str | None
    locale: str | None
    status: Annotated[ConsentStatus, Field(description="Consent to marketing mail.")]
    consent_at: Instant | None
    tags: list[str]
    score: Score
    tier: Annotated[ContactTier | None, Field(description="Null if the needs of none are met.")]
    created_at: Instant
    seen_at: Annotated[AwareDatetime, Field(description="Time of the newest fact about the contact.")]
    unsubscribe_url: Annotated[
        str | None,
        Field(
            description=(
                "Where the contact unsubscribes without signing in, for mail that the shop sends itself; null for "
                "viewers. See `unsubscribeContact`."
            )
        ),
    ]
    stores: list[StoreFigures]


class OrderFact(Answer):
    """An order in a timeline."""

    store_id: StoreId
    order_id: str
    number: str | None
    status: OrderState
    test: bool
    total: Money
    refunded: Money
    currency: CurrencyCode


class ActivityFact(Answer):
    """An activity in a timeline."""

    name: Annotated[str, Field(examples=["page.visited"])]
    properties: dict[str, str | int | bool]
    machine: Annotated[
        Literal["apple_mail_privacy", "link_scanner", "too_fast", "honeypot", "judged"] | None,
        Field(description="Why it was no human's; null for people's."),
    ]
    machine_note: Annotated[str | None, Field(description="What was said when it was judged.")]


class OrderEntry(Answer):
    """An order."""

    at: Instant
    kind: Literal["order"]
    id: str
    order: OrderFact


class ActivityEntry(Answer):
    """An activity."""

    at: Instant
    kind: Literal["activity"]
    id: str
    activity: ActivityFact


class ScoreFact(Answer):
    """A change of the score, in a timeline."""

    activity: Annotated[
        str, Field(examples=["order.placed"], description="What caused it: an activity, `by_hand` or `decay`.")
    ]
    rule_id: Annotated[str | None, Field(description="The rule that did it; null for a person, a job or time.")]
    effect: EffectKind
    asked: Annotated[int, Field(description="Points before cap and floor; of `set` the score it sets.")]
    given: Annotated[int, Field(description="What cap and floor left of them.")]
    before: Score
    after: Score
    reason: str | None
    by: Annotated[str | None, Field(description="Who did it by hand.")]
    corrects: Annotated[bool, Field(description="It takes back, or adjusts, what the same fact gave before.")]


class ScoreEntry(Answer):
    """A change of the score."""

    at: Instant
    kind: Literal["score"]
    id: str
    score: ScoreFact


class Timeline(Answer):
    """A page of a contact's timeline, newest first."""

    entries: list[
        Annotated[
            OrderEntry | ActivityEntry | ScoreEntry | MessageEntry | AutomationEntry | RewardEntry,
            Field(discriminator="kind"),
        ]
    ]
    truncated: Annotated[bool, Field(description="The contact has more facts than one reading takes in.")]
    next_cursor: Cursor
