"""What the API answers, as pydantic models for its description; `laurel.http.answers` builds the answers themselves.

Tests hold every answer against these. Money is a decimal string in major units, a time is RFC 3339.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from laurel.http.schemas import Weekday
from laurel.model.account import Plan, Platform, StoreState
from laurel.model.period import PeriodKind
from laurel.model.privacy import RequestState
from laurel.model.reconciliation import CheckState
from laurel.model.setaside import SetAsideReason

Id = Annotated[str, Field(pattern="^[a-z2-7]{12}$", examples=["k3v5m2x7q4zt"])]
StoreId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        examples=["k3v5m2x7q4zt"],
        description="Laurel's, or of a store connected through Mailchimp's API the shop's own.",
    ),
]
ContactId = Annotated[
    str,
    Field(
        pattern="^[0-9a-f]{32}$",
        examples=["0c7e6a405862e402eb76a70f8a26fc73"],
        description="First 32 hex digits of the SHA-256 of the trimmed, lower-cased e-mail address.",
    ),
]
Customer = Annotated[
    str,
    Field(
        examples=["0c7e6a405862e402eb76a70f8a26fc73"],
        description=(
            "Who is ranked: a contact's id or, for a buyer without an e-mail address, `customer-` and the shop's own "
            "customer id."
        ),
    ),
]
Instant = Annotated[AwareDatetime, Field(examples=["2026-11-22T10:30:00Z"])]
Money = Annotated[
    str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["59.90"], description="Major units, as a decimal string.")
]
CurrencyCode = Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["EUR"], description="ISO 4217 code.")]
TimeZone = Annotated[str, Field(examples=["Europe/Berlin"], description="IANA time zone.")]
Cursor = Annotated[str | None, Field(description="Send it as `cursor` for the next page; null on the last one.")]


class Answer(BaseModel):
    """An answer: every field is there, if only as null."""

    model_config = ConfigDict(extra="forbid")


class Fault(Answer):
    """One fault of a request body."""

    pointer: Annotated[str, Field(examples=["/total"], description="JSON pointer (RFC 6901) into the body.")]
    detail: str


class Problem(Answer):
    """A problem document (RFC 9457). `type` is stable, `detail` is for people."""

    type: Annotated[str, Field(examples=["urn:laurel:problem:invalid-input"])]
    title: str
    status: SkipJsonSchema[None] | Annotated[int, Field(ge=400, le=599)] = None
    detail: SkipJsonSchema[None] | str = None
    errors: SkipJsonSchema[None] | list[Fault] = None
    upgrade_to: SkipJsonSchema[None] | Annotated[list[Plan], Field(description="Plans that would allow it.")] = None
    missing: SkipJsonSchema[None] | Annotated[list[str], Field(description="Merge fields without a value.")] = None


class QuietHours(Answer):
    """Hours of each day in which nothing is sent, past midnight if `end` is earlier than `start`."""

    start: Annotated[str, Field(examples=["22:00"])]
    end: Annotated[str, Field(examples=["08:00"])]
    time_zone: TimeZone


class Account(Answer):
    """A merchant's company."""

    id: Id
    name: str
    plan: Plan
    monthly_messages: Annotated[int, Field(ge=0, description="Messages that the plan allows in a calendar month.")]
    locale: Annotated[str, Field(examples=["en"])]
    postal_address: Annotated[
        str | None, Field(description="Where the company is, in lines, for the foot of its mail.")
    ]
    sender_name: Annotated[str | None, Field(description="Who mail is from, if not `name`.")]
    sender_address: Annotated[
        str | None, Field(description="Where mail comes from; null: the verified address that was set up first.")
    ]
    quiet_hours: Annotated[QuietHours | None, Field(description="What is to be sent then waits until they end.")]
    daily_messages: Annotated[int | None, Field(description="The account's own ceiling of a day; null for the plan's.")]
    daily_ceiling: Annotated[int, Field(ge=0, description="Messages that may be sent in a day (UTC).")]
    created_at: Instant


class Audience(Answer):
    """A list of contacts."""

    id: Id
    name: str
    created_at: Instant


class Audiences(Answer):
    """All audiences of the account."""

    audiences: list[Audience]


class RebuildProgress(Answer):
    """How far a rebuild is."""

    done: Annotated[int, Field(ge=0, description="Orders.")]
    total: Annotated[int | None, Field(description="Null while it is not known.")]


class RebuildState(Answer):
    """A rebuild that is under way. If it has failed, start another."""

    state: Literal["queued", "running", "done", "failed"]
    progress: RebuildProgress
    job: Annotated[str, Field(description="Path of its job.", examples=["/v1/audiences/k3v5m2x7q4zt/jobs/3oc3gw…"])]


class Rebuildable(Answer):
    """Whose figures may be under way."""

    rebuilding: Annotated[
        bool, Field(description="The store's boards are being computed again and are not complete yet.")
    ]
    rebuild: Annotated[RebuildState | None, Field(description="Null unless `rebuilding`.")]


class Store(Rebuildable):
    """A connected shop, without its secret."""

    id: StoreId
    audience_id: Id
    platform: Platform
    name: str
    currency: CurrencyCode
    time_zone: TimeZone
    first_day_of_week: Weekday
    minimum_purchases: Annotated[int, Field(description="Least purchases to appear on the average order value board.")]
    house_account_orders: Annotated[
        int, Field(description="A customer with more orders is set aside as a house account.")
    ]
    state: StoreState
    shop_domain: str | None
    webhook_url: Annotated[
        str | None, Field(description="Where the shop's webhooks go; null for stores of platform `api`.")
    ]
    created_at: Instant


class Stores(Answer):
    """All stores of the account, disconnected ones too."""

    stores: list[Store]


class ConnectedStore(Store):
    """A store with its webhook secret, which no other answer shows."""

    webhook_secret: Annotated[str | None, Field(description="Keep it: it is not shown again.")]


class Counted(Answer):
    """How many entries there are."""

    count: Annotated[int, Field(ge=0, le=1000)]
    more: Annotated[bool, Field(description="There are more than were counted.")]


class SetAsideCounts(Answer):
    """What the boards leave out, by reason."""

    unconverted: Counted
    unidentified: Counted
    house_account: Counted
    unreadable: Counted


class PrivacyRequest(Answer):
    """A request of the platform to hand out or erase data; it must be fulfilled by `due_at`."""

    id: str
    kind: Literal["customer_data", "customer_erasure", "store_erasure"]
    received_at: Instant
    due_at: Instant
    state: Annotated[
        RequestState,
        Field(description="`ready`: export each of the `customers` (`POST .../export`) and hand it to the person."),
    ]
    customers: Annotated[list[str], Field(description="Ids of whom it is about; empty for a whole store.")]
    erasure: Annotated[str | None, Field(description="Id of the erasure that carries it out.")]


class LastReconciliation(Answer):
    """The last reconciliation of a store, in short."""

    id: str
    began_at: Instant
    finished_at: Annotated[Instant | None, Field(description="Null while it is under way.")]
    differences: Annotated[int, Field(ge=0, description="Orders missing or outdated, and rows that were wrong.")]
    repaired: Annotated[int, Field(ge=0, description="How many of them have been put right.")]
    shop: Annotated[CheckState, Field(description="How holding the shop against the Ledger went.")]
    boards: Annotated[CheckState, Field(description="How holding the Ledger against the boards went.")]


class StoreDetail(Store):
    """A store, and what its boards leave out."""

    set_aside: SetAsideCounts
    privacy_requests: list[PrivacyRequest]
    reconciliation: Annotated[LastReconciliation | None, Field(description="Null before the first.")]
    shop_access: Annotated[
        Literal["none", "works", "refused"],
        Field(description="Whether there are credentials for its shop, and whether the shop took them last."),
    ]


class SetAside(Answer):
    """What a store's boards leave out; which of the fields tell something depends on the reason."""

    reason: SetAsideReason
    id: Annotated[
        str, Field(description="The order's id; of a house account the customer's, of a delivery one of its own.")
    ]
    customer: Annotated[Customer | None, Field(description="Null for an unreadable delivery.")]
    currency: CurrencyCode | None
    total: Money | None
    placed_at: Instant | None
    orders_limit: Annotated[int | None, Field(description="The limit that a house account went over.")]
    topic: Annotated[str | None, Field(description="Topic of an unreadable delivery.", examples=["orders/updated"])]
    received_at: Annotated[Instant | None, Field(description="When an unreadable delivery first came.")]
    faults: Annotated[list[Fault] | None, Field(description="What kept a delivery from being read.")]


class SetAsideList(Answer):
    """What a store's boards leave out."""

    entries: list[SetAside]


class Period(Answer):
    """A calendar period in the store's time zone."""

    id: Annotated[str, Field(examples=["2026-11", "2026-W47", "2026-Q4", "2026", "all"])]
    kind: PeriodKind
    start: Annotated[AwareDatetime | None, Field(description="First instant; null for `all`.")]
    end: Annotated[AwareDatetime | None, Field(description="First instant after the period; null for `all`.")]
    time_zone: TimeZone


class Figures(Answer):
    """A customer's three metrics in one period."""

    orders_count: Annotated[int, Field(ge=0, description="Purchases: paid, not cancelled, not fully refunded.")]
    total_spent: Annotated[Money, Field(description="Gross, with tax and shipping, less refunds.")]
    average_order_value: Annotated[Money, Field(description="Spent divided by purchases, to eight decimals at most.")]
    currency: CurrencyCode
    last_order_at: Instant


class Receipt(Answer):
    """What became of a fact."""

    outcome: Annotated[
        Literal["accepted", "unchanged", "ignored", "rejected"],
        Field(
            description=(
                "It changed something, was known already, was counted and left alone, or is a webhook delivery that "
                "could not be read and was set aside, or a billing event of no known account or plan."
            )
        ),
    ]


class OrderResult(Answer):
    """What became of one order; `problem` says why it was rejected."""

    id: str
    outcome: Annotated[
        Literal["accepted", "unchanged", "ignored", "rejected"],
        Field(description="`ignored`: placed before its customer was erased."),
    ]
    problem: SkipJsonSchema[None] | Problem = None


class OrderResults(Answer):
    """A result for every order, in the order they were sent."""

    results: Annotated[list[OrderResult], Field(min_length=1, max_length=100)]


class OpenApi(BaseModel):
    """An OpenAPI 3.1 document."""

    model_config = ConfigDict(extra="allow")

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]
