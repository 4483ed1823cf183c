"""Messages: one e-mail to one contact each, from the request to what its reader did with it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from laurel.model.contact import ContactRef

QUEUED_FOR = timedelta(hours=1)
"""After so long somebody looks whether a message that was queued got lost."""

MAIL_TAGS = ("laurel-account", "laurel-audience", "laurel-contact", "laurel-message")
"""Tags of each mail, by which what is told of it finds home: the ids of what they name."""

_ID_DIGITS = 24


class MessageState(StrEnum):
    """How far a message is, nearest first: what was reached last in this order is its state, whenever it was told.

    ``unknown``: a sender ended between saying that it would send and saying that it has. Whether the message went out
    is for a person to decide, unless the mail service tells of it later.
    """

    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    FAILED = "failed"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"


_ORDER = list(MessageState)


class FailureReason(StrEnum):
    """Why a message was not sent and will not be."""

    CANCELLED = "cancelled"
    NOT_SUBSCRIBED = "not_subscribed"
    SUPPRESSED = "suppressed"
    SENDING_STOPPED = "sending_stopped"
    PLAN = "plan"
    SENDER = "sender"
    """The address that it was to come from is the account's no more, or is no longer verified."""
    NO_POSTAL_ADDRESS = "no_postal_address"
    GONE = "gone"
    """The contact, or the account."""
    REFUSED = "refused"
    """By the mail service; ``Message.detail`` is what it said."""


@dataclass(frozen=True, slots=True)
class MessageContent:
    """What a message says to its one reader, filled in and safe; without the foot that every mail gets."""

    subject: str
    text: str
    html: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message to a contact.

    ``times`` holds when each state was reached first; a message that was put off has those of its last attempt only.
    ``due`` is when somebody has to look after it next, None once nobody has to. ``test`` messages go to who wrote them,
    ``by``, instead of to the contact. ``mail_id`` is the mail service's name for it; ``told`` is True once the service
    has told anything of the mail, ``bounced_for_good`` if the address will not take any.
    """

    ref: ContactRef
    id: str
    to: str
    sender: str
    subject: str
    created_at: datetime
    times: Mapping[MessageState, datetime]
    due: datetime | None
    by: str | None = None
    test: bool = False
    template_id: str | None = None
    template_version: int | None = None
    store_id: str | None = None
    mail_id: str | None = None
    reason: FailureReason | None = None
    detail: str | None = None
    told: bool = False
    bounced_for_good: bool = False

    @property
    def state(self) -> MessageState:
        """The furthest state reached."""
        return max(self.times, key=_ORDER.index)


def new_message_id(key: str | None) -> str:
    """24 hex digits; the same ``key`` always gives the same, so that a request that is repeated sends nothing twice."""
    if key is None:
        return secrets.token_hex(_ID_DIGITS // 2)
    return hashlib.sha256(key.encode()).hexdigest()[:_ID_DIGITS]


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages that an account may send in a month and in a day (UTC)."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Messages that an account has sent in the present month and day (UTC)."""

    month: int
    day: int
