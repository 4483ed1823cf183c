"""What clients send about their account. See ``laurel.http.schemas``, of which this is a part."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from laurel.http.schemas import Body, Name, is_unicode, line
from laurel.http.senders_in import MailAddress
from laurel.model.errors import InvalidInput
from laurel.model.period import time_zone


def _lines(value: object) -> object:
    """Text of several lines, each with its spaces tidied, without empty ones."""
    if isinstance(value, str) and not is_unicode(value):
        raise ValueError("must be valid Unicode")
    if not isinstance(value, str):
        return value
    return "\n".join(line for text in value.splitlines() if (line := " ".join(text.split())))


def _time_zone(value: str) -> str:
    try:
        return time_zone(value)
    except InvalidInput as error:
        raise ValueError(str(error)) from None


SenderName = Annotated[
    str,
    BeforeValidator(line),
    StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$"),
    Field(description="Who mail is from, as readers see it; if none is set, `name`.", examples=["Example shop"]),
]
PostalAddress = Annotated[
    str,
    BeforeValidator(_lines),
    StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]+$"),
    Field(
        description="Where the company is, in lines, for the foot of its mail.",
        examples=["Example shop\nHauptstr. 1\n10115 Berlin\nGermany"],
    ),
]
ClockTime = Annotated[
    str,
    StringConstraints(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$"),
    Field(description="Hours and minutes of a day.", examples=["22:00"]),
]


class QuietHoursIn(Body):
    """Hours of each day in which nothing is sent, past midnight if `end` is earlier than `start`."""

    start: ClockTime
    end: ClockTime
    time_zone: Annotated[
        str,
        StringConstraints(max_length=100),
        AfterValidator(_time_zone),
        Field(description="IANA time zone.", examples=["Europe/Berlin"]),
    ]

    @model_validator(mode="after")
    def _last(self) -> Self:
        if self.start == self.end:
            raise ValueError("must end at another time than they begin")
        return self


class AccountChange(Body):
    """Fields to change; the rest stays. null takes away what an account can be without."""

    name: Name | None = None
    locale: Literal["en", "pt-BR", "fr", "de"] | None = None
    postal_address: PostalAddress | None = None
    sender_name: SenderName | None = None
    sender_address: MailAddress | None = Field(
        default=None,
        description="Where mail comes from, of a verified sender; null: the verified address that was set up first.",
    )
    quiet_hours: QuietHoursIn | None = Field(default=None, description="What is to be sent then waits for their end.")
    daily_messages: Annotated[int, Field(ge=1, le=500_000)] | None = Field(
        default=None, description="Most messages of a day (UTC); null: a tenth of the month's."
    )
