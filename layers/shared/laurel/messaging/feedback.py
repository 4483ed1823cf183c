"""What the mail service tells of a mail: Amazon SES's events, as EventBridge brings them.

Their members are those of "Contents of event data that Amazon SES publishes" in the SES developer guide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from laurel.ingestion.fields import Fields
from laurel.model.contact import ContactRef
from laurel.model.errors import InvalidInput
from laurel.model.identity import normalized_email
from laurel.model.message import MAIL_TAGS

_NAMED = re.compile("([a-z2-7]{12}) ([a-z2-7]{12}) ([0-9a-f]{32}) ([0-9a-f]{24})")
_LONGEST_TEXT = 500
_NOT_TRIED = (
    "OnAccountSuppressionList",
    "OnTenantSuppressionList",
    "EmailValidationSuppressed",
    "UnsubscribedRecipient",
)
"""Sub-types of bounces and complaints of mail that SES did not try to deliver, for what it knew already."""


class FeedbackKind(StrEnum):
    """What happened to a mail."""

    SEND = "send"
    REJECT = "reject"
    DELIVERY = "delivery"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    OPEN = "open"
    CLICK = "click"


_KINDS = {kind.title(): kind for kind in FeedbackKind}
_WITHOUT_TIME = (FeedbackKind.SEND, FeedbackKind.REJECT)


class Unheard(StrEnum):
    """Why an event says nothing that Laurel keeps."""

    NOT_OURS = "not_ours"
    OTHER_KIND = "other_kind"
    NOT_SPAM = "not_spam"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One event about one mail.

    ``sent_at`` is when the service took the mail, ``destination`` whom it was for, ``about`` those of them that the
    event names, if any. ``permanent`` bounces came back for good. ``properties`` are what an activity keeps of it,
    ``detail`` is why a mail was rejected.
    """

    kind: FeedbackKind
    ref: ContactRef
    message_id: str
    mail_id: str
    sent_at: datetime
    at: datetime
    destination: tuple[str, ...]
    about: tuple[str, ...] = ()
    permanent: bool = False
    properties: Mapping[str, str | bool] = field(default_factory=dict)
    detail: str | None = None


def read(detail: Mapping[str, Any]) -> Feedback | Unheard:
    """What an event says by its ``detail``. Raises ``InvalidInput`` if it is of our mail and cannot be read."""
    mail = _object(detail.get("mail"))
    named = _named(_object(mail.get("tags")))
    if named is None:
        return Unheard.NOT_OURS
    kind = _KINDS.get(str(detail.get("eventType")))
    if kind is None:
        return Unheard.OTHER_KIND
    said = Fields(detail)
    sent_at = said.child("mail").instant("timestamp")
    told = _object(detail.get(kind))
    at = sent_at if kind in _WITHOUT_TIME else said.child(kind).instant("timestamp")
    if kind is FeedbackKind.COMPLAINT and told.get("complaintSubType") in _NOT_TRIED:
        kind = FeedbackKind.BOUNCE
        told = {"bounceSubType": told["complaintSubType"], "bouncedRecipients": told.get("complainedRecipients")}
    elif kind is FeedbackKind.COMPLAINT and told.get("complaintFeedbackType") == "not-spam":
        return Unheard.NOT_SPAM
    permanent = told.get("bounceType") == "Permanent" and told.get("bounceSubType") not in _NOT_TRIED
    return Feedback(
        kind=kind,
        ref=ContactRef(*named[:3]),
        message_id=named[3],
        mail_id=said.child("mail").identifier("messageId"),
        sent_at=_milliseconds(sent_at),
        at=_milliseconds(at),
        destination=_addresses("/mail/destination", mail.get("destination")),
        about=_about(kind, told),
        permanent=permanent,
        properties={"message": named[3], **_properties(kind, told, permanent=permanent)},
        detail=_text(told.get("reason")) if kind is FeedbackKind.REJECT else None,
    )


def _named(tags: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Account, audience, contact and message by the mail's tags; None unless it has each of them once, as ids."""
    values = [tags.get(tag) for tag in MAIL_TAGS]
    if not all(isinstance(it, list) and len(it) == 1 and isinstance(it[0], str) for it in values):
        return None
    found = _NAMED.fullmatch(" ".join(it[0] for it in values if it))
    return found.groups() if found else None


def _about(kind: FeedbackKind, told: Mapping[str, Any]) -> tuple[str, ...]:
    match kind:
        case FeedbackKind.DELIVERY:
            return _addresses("/delivery/recipients", told.get("recipients"))
        case FeedbackKind.BOUNCE:
            return _recipients("/bounce/bouncedRecipients", told.get("bouncedRecipients"))
        case FeedbackKind.COMPLAINT:
            return _recipients("/complaint/complainedRecipients", told.get("complainedRecipients"))
    return ()


def _properties(kind: FeedbackKind, told: Mapping[str, Any], *, permanent: bool) -> dict[str, str | bool]:
    match kind:
        case FeedbackKind.BOUNCE:
            texts = {"bounce_type": told.get("bounceType"), "bounce_subtype": told.get("bounceSubType")}
            return {"permanent": permanent, **_texts(texts)}
        case FeedbackKind.COMPLAINT:
            return _texts({"complaint_type": told.get("complaintFeedbackType")})
        case FeedbackKind.OPEN:
            return _texts({"user_agent": told.get("userAgent")})
        case FeedbackKind.CLICK:
            hidden: dict[str, str | bool] = {"honeypot": True} if _is_honeypot(told.get("linkTags")) else {}
            return hidden | _texts({"user_agent": told.get("userAgent"), "link": told.get("link")})
    return {}


def _is_honeypot(tags: object) -> bool:
    """True for a link that people cannot see, as the tags in its HTML tell."""
    values = _object(tags).get("honeypot")
    return isinstance(values, list) and "yes" in values


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _recipients(pointer: str, value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else []
    return _addresses(pointer, [_object(entry).get("emailAddress") for entry in entries])


def _addresses(pointer: str, value: object) -> tuple[str, ...]:
    entries = value if isinstance(value, list) else [value]
    addresses = tuple(normalized_email(entry) for entry in entries if isinstance(entry, str))
    if not addresses or len(addresses) < len(entries):
        raise InvalidInput.at(pointer, "This must be a list of addresses, and one of them at least.")
    return tuple(address or "" for address in addresses)


def _texts(values: Mapping[str, object]) -> dict[str, str | bool]:
    texts = {name: _text(value) for name, value in values.items()}
    return {name: text for name, text in texts.items() if text}


def _text(value: object) -> str | None:
    """A line of text, cut to what an activity may hold; None if it is none."""
    if not isinstance(value, str):
        return None
    return " ".join(value.encode(errors="replace").decode().split())[:_LONGEST_TEXT] or None


def _milliseconds(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
