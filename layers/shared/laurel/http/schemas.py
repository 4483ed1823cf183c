"""What clients send: pydantic models of every request body.

Imported only where a body is read, and by the OpenAPI generator. Annotations are not kept as text, which pydantic would
have to evaluate: that doubles the time it takes to import this.
"""

from datetime import datetime
from itertools import islice
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    field_validator,
)

from laurel.model.account import HOUSE_ACCOUNT_ORDERS, Platform
from laurel.model.activity import is_activity_name
from laurel.model.errors import FieldError, InvalidInput

_FIRST_YEAR, _LAST_YEAR = 1971, 2199
_LARGEST_NUMBER, _LONGEST_TEXT = 10**15, 2048
_FAULTS_TOLD = 100
_LONGEST_STEP = 100
_IN_KEY = "[key]"
_DETAILS = {
    "model_type": "Input should be a JSON object",
    "model_attributes_type": "Input should be a JSON object",
    "union_tag_not_found": "Field required",
    "union_tag_invalid": "Input should be one of the kinds there are",
}
_OF_KIND = frozenset({"union_tag_not_found", "union_tag_invalid"})


def _instant(value: object) -> datetime:
    try:
        instant = datetime.fromisoformat(str(value).upper())
    except ValueError:
        raise ValueError("must be a date and time with an offset, such as 2026-11-22T10:30:00+01:00") from None
    if not _FIRST_YEAR <= instant.year <= _LAST_YEAR:
        raise ValueError(f"must be between {_FIRST_YEAR} and {_LAST_YEAR}")
    return instant


def written(value: object) -> object:
    """What a shop numbers, as a string: many write it as a whole number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def line(value: object) -> object:
    """Text as one line with its spaces tidied."""
    if isinstance(value, str) and not is_unicode(value):
        raise ValueError("must be valid Unicode")
    return " ".join(value.split()) if isinstance(value, str) else value


def is_unicode(text: str) -> bool:
    """False for half a surrogate pair, which JSON can spell and UTF-8 cannot."""
    return text == text.encode(errors="replace").decode()


def _property(value: object) -> object:
    whole = isinstance(value, int) and abs(value) <= _LARGEST_NUMBER
    text = isinstance(value, str) and len(value) <= _LONGEST_TEXT and is_unicode(value)
    if not (whole or text):
        raise ValueError(
            f"must be true, false, a whole number up to 10^15 or a string of up to {_LONGEST_TEXT} characters"
        )
    return value


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$", max_length=35)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Id = Annotated[
    str,
    BeforeValidator(written),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^/\x00-\x1f]+$"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": 100, "pattern": r"^[^/\x00-\x1f]+$"},
                {"type": "integer"},
            ]
        }
    ),
]
Number = Annotated[
    str,
    BeforeValidator(written),
    BeforeValidator(line),
    StringConstraints(max_length=100),
    WithJsonSchema({"anyOf": [{"type": "string", "maxLength": 100}, {"type": "integer"}]}),
]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
Amount = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,13}(\.[0-9]{1,4})?$"),
    Field(description="Major units, as a decimal string.", examples=["59.90"]),
]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_instant),
    Field(description="RFC 3339, with an offset.", examples=["2026-11-22T10:30:00+01:00"]),
]
Currency = Annotated[str, Field(description="ISO 4217 code.", examples=["EUR"], min_length=3, max_length=3)]
Text = Annotated[str, BeforeValidator(line), StringConstraints(max_length=100)]
Tags = Annotated[list[Annotated[str, BeforeValidator(line), StringConstraints(max_length=50)]], Field(max_length=50)]
Domain = Annotated[
    str,
    StringConstraints(max_length=253),
    Field(
        description=(
            "Of a Shopify shop the one that ends in `.myshopify.com`: deliveries that name another shop are refused. "
            "Scheme and path are left out."
        ),
        examples=["example.myshopify.com"],
    ),
]
Property = Annotated[
    str | int | bool,
    PlainValidator(_property),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": _LONGEST_TEXT},
                {"type": "boolean"},
                {"type": "integer", "minimum": -_LARGEST_NUMBER, "maximum": _LARGEST_NUMBER},
            ]
        }
    ),
]
Secret = Annotated[
    str,
    StringConstraints(min_length=16, max_length=200),
    Field(
        description=(
            "Printable characters; of a generic store `whsec_` and the base64 of at least 16 bytes, of a WooCommerce "
            "store none of `& < > \" '`."
        )
    ),
]


class Body(BaseModel):
    """A request body of our own: unknown fields are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class AudienceNew(Body):
    """A new audience, or another name for one."""

    name: Name


class StoreNew(Body):
    """A store to connect."""

    platform: Platform
    name: Name
    currency: Currency
    time_zone: Annotated[str, Field(description="IANA time zone.", examples=["Europe/Berlin"], max_length=100)]
    first_day_of_week: Weekday = "monday"
    minimum_purchases: Annotated[
        int, Field(ge=1, le=1000, description="Least purchases to appear on the average order value board.")
    ] = 1
    house_account_orders: Annotated[
        int, Field(ge=1, le=100_000, description="A customer with more orders is set aside as a house account.")
    ] = HOUSE_ACCOUNT_ORDERS
    audience_id: Annotated[Text | None, Field(description="May be left out if the account has one audience.")] = None
    secret: Secret | None = None
    shop_domain: Domain | None = None


class StoreChange(Body):
    """Fields to change; the rest stays. A change of how orders are counted has the boards computed again."""

    name: Name | None = None
    state: Literal["connected", "paused"] | None = Field(
        default=None, description="Connects a store again, or pauses it: it takes no orders, and its boards stay."
    )
    house_account_orders: Annotated[int, Field(ge=1, le=100_000)] | None = None
    shop_domain: Domain | None = None
    time_zone: Annotated[str, Field(description="IANA time zone.", max_length=100)] | None = None
    first_day_of_week: Weekday | None = None
    minimum_purchases: Annotated[int, Field(ge=1, le=1000)] | None = None


class SecretRotation(Body):
    """The new secret, where the platform dictates it; otherwise one is made."""

    secret: Secret | None = None


class ConsentIn(Body):
    """A consent decision and its time."""

    status: Literal["subscribed", "unsubscribed", "non_subscribed", "pending"]
    at: Instant


class PersonIn(Body):
    """The person behind an order; every field may be missing or null."""

    id: Id | None = Field(default=None, description="The shop's own customer id.")
    email: Email | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    locale: Locale | None = None
    tags: Tags | None = None
    consent: ConsentIn | None = None


class RefundIn(Body):
    """One refund of an order."""

    id: Id
    amount: Amount


class OrderIn(Body):
    """An order as the shop knows it now. Send it again whenever it changes: the newest ``updated_at`` counts."""

    id: Id
    number: Number | None = Field(default=None, description="As printed.")
    placed_at: Instant
    updated_at: Instant | None = Field(default=None, description="`placed_at` if left out.")
    status: Literal[
        "pending", "authorized", "partially_paid", "paid", "partially_refunded", "refunded", "voided", "cancelled"
    ]
    currency: Currency
    total: Annotated[Amount, Field(description="Gross, with tax and shipping, in major units.")]
    refunded: Amount | None = Field(default=None, description="All money returned so far; not with `refunds`.")
    refunds: Annotated[list[RefundIn], Field(max_length=100)] | None = None
    test: StrictBool | None = Field(default=False, description="An order that must never count.")
    customer: PersonIn | None = None
    products: Annotated[
        list[Number] | None,
        Field(
            max_length=20,
            description=(
                "Ids, SKUs or names of what was bought, for scoring rules that ask for them. What is beyond 1,000 "
                "bytes together is left out."
            ),
        ),
    ] = None


class OrderRefundIn(Body):
    """One refund of an order that is not sent again, by webhook only."""

    id: Id
    order_id: Id
    currency: Currency
    amount: Amount


class OrderDeletionIn(Body):
    """An order that is gone, by webhook only."""

    id: Id


class OrderBatch(Body):
    """Up to 100 orders, each with a result of its own: a bad one does not hold up the others."""

    orders: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=100)]


class ContactIn(Body):
    """The contact who acted."""

    email: Email
    first_name: Text | None = None
    last_name: Text | None = None
    locale: Locale | None = None
    tags: Tags | None = None
    consent: ConsentIn | None = None


class ActivityIn(Body):
    """Something a contact did. ``id`` is the sender's own and makes the activity idempotent."""

    id: Id
    name: Annotated[str, Field(description="Dotted lower-case words.", examples=["page.visited"], max_length=64)]
    occurred_at: Instant
    contact: ContactIn
    properties: Annotated[
        dict[Annotated[str, StringConstraints(min_length=1, max_length=64)], Property],
        Field(max_length=50),
    ] = {}

    @field_validator("name")
    @classmethod
    def _is_dotted_words(cls, value: str) -> str:
        if not is_activity_name(value):
            raise ValueError("must be dotted lower-case words such as page.visited")
        return value


class JudgementIn(Body):
    """An activity was a machine's."""

    machine: Literal[True]
    reason: Text | None = Field(default=None, description="Why, for people.")


def read[T: BaseModel](model: type[T], value: Any, pointer: str = "") -> T:
    """Validate a parsed JSON value.

    Raises ``InvalidInput`` with JSON pointers, below ``pointer``, to its first hundred faults.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InvalidInput("The input breaks a rule.", tuple(_faults(error, value, pointer))) from None


def _faults(error: ValidationError, value: Any, pointer: str) -> list[FieldError]:
    told = islice(error.errors(include_url=False, include_context=False, include_input=False), _FAULTS_TOLD)
    return [
        FieldError(
            pointer + _pointer(_steps(fault["loc"], value)) + ("/kind" if fault["type"] in _OF_KIND else ""),
            _DETAILS.get(fault["type"]) or fault["msg"].removeprefix("Value error, "),
        )
        for fault in told
    ]


def _steps(location: tuple[str | int, ...], value: Any) -> tuple[str | int, ...]:
    """The steps that lead into a value; before those into a thing of a kind, pydantic names the kind."""
    steps = []
    taken = None
    for number, step in enumerate(location, 1):
        is_last = number == len(location)
        if isinstance(value, dict) and value.get("kind") == step and value is not taken and not is_last:
            taken = value
            continue
        inside = step in value if isinstance(value, dict) else isinstance(value, list) and isinstance(step, int)
        if inside or is_last:
            steps.append(step)
        value = value[step] if inside else value
    return tuple(steps)


def _pointer(steps: tuple[str | int, ...]) -> str:
    if steps[-1:] == (_IN_KEY,):
        steps = steps[:-1]
    return "".join("/" + str(step)[:_LONGEST_STEP].replace("~", "~0").replace("/", "~1") for step in steps)
