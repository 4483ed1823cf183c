"""What the API answers about deliverability and suppressed addresses, as pydantic models for its description."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from laurel.model.deliverability import Concern, StandingState
from laurel.model.suppression import SuppressionReason
from tools.openapi_answers import Answer, Instant

AddressId = Annotated[
    str,
    Field(pattern="^[0-9a-f]{32}$", description="Id of the contact that has the address, in every audience."),
]
Rate = Annotated[float, Field(ge=0, description="Share of the messages sent, such as 0.02 for two of a hundred.")]


class Suppression(Answer):
    """An address that the account does not write to."""

    id: AddressId
    email: Annotated[str | None, Field(description="Null once its person was erased.")]
    reason: SuppressionReason
    at: Instant


class Suppressions(Answer):
    """A page of suppressed addresses."""

    suppressions: list[Suppression]
    next_cursor: Annotated[str | None, Field(description="Pass as `cursor` for the next page; null on the last one.")]


class MessageCounts(Answer):
    """Messages that reached a state, each once."""

    sent: int
    delivered: int
    bounced: Annotated[int, Field(description="Came back for good.")]
    complained: int
    opened: Annotated[int, Field(description="By a person, as far as the program that did it tells.")]
    clicked: Annotated[int, Field(description="By a person, as far as the program that did it tells.")]


class DayCounts(MessageCounts):
    """What became of the messages sent on a day."""

    day: Annotated[dt.date, Field(description="A day in UTC.")]


class RateLine(Answer):
    """A share of the messages sent and a number of messages; the line is reached when both are."""

    rate: Rate
    messages: int


class BounceProviders(Answer):
    """Bounce rates at which Amazon SES acts."""

    ses_review: Rate
    ses_pause: Rate


class ComplaintProviders(Answer):
    """Complaint rates at which Amazon SES and Gmail act."""

    ses_review: Rate
    gmail: Rate
    ses_pause: Rate


class BounceLimits(Answer):
    """Where bounces lead to a warning and a stop, and where mail providers act."""

    warning: RateLine
    stop: RateLine
    providers: BounceProviders


class ComplaintLimits(Answer):
    """Where complaints lead to a warning and a stop, and where mail providers act."""

    warning: RateLine
    stop: RateLine
    providers: ComplaintProviders


class DeliverabilityLimits(Answer):
    """The limits of each concern."""

    bounces: BounceLimits
    complaints: ComplaintLimits


class AllowanceUse(Answer):
    """Messages that may be sent, and that were."""

    limit: int
    used: int


class Allowance(Answer):
    """The allowance of the present month and day (UTC)."""

    month: AllowanceUse
    day: AllowanceUse


class Deliverability(Answer):
    """How the account's mail fares."""

    state: Annotated[StandingState, Field(description="`stopped`: nothing is sent until an operator lifts the stop.")]
    why: list[Concern]
    window_days: Annotated[int, Field(description="How many days back messages count.")]
    resumed_at: Annotated[
        Instant | None, Field(description="When an operator lifted a stop; what was known by then counts no more.")
    ]
    totals: MessageCounts
    bounce_rate: Annotated[float | None, Field(description="`bounced` of `sent`; null while nothing was sent.")]
    complaint_rate: Annotated[float | None, Field(description="`complained` of `sent`; null while nothing was sent.")]
    limits: DeliverabilityLimits
    days: Annotated[list[DayCounts], Field(description="Days on which messages were sent, oldest first.")]
    allowance: Allowance
