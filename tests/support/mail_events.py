"""What Amazon SES tells through EventBridge: the samples of events/, made to be about any mail."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.support.template import ROOT

if TYPE_CHECKING:
    from laurel.model.message import Message

MAIL_ID = "0100019c0b8f2a10-1f0c4c0e-7a55-4d7c-9c43-2f4f6d8a9b10-000000"
"""The mail service's name for the mail of the samples."""
KINDS = (
    "send",
    "delivery",
    "bounce-permanent",
    "bounce-transient",
    "complaint",
    "reject",
    "open",
    "click",
    "click-honeypot",
)
IGNORED = ("delivery-delay", "rendering-failure", "subscription")
_LISTS = {"bounce": "bouncedRecipients", "complaint": "complainedRecipients"}


@cache
def _load(kind: str) -> Any:
    return json.loads((ROOT / "events" / f"feedback-{kind}.json").read_text())


def sample(kind: str) -> dict[str, Any]:
    """A sample as it stands in events/."""
    event: dict[str, Any] = deepcopy(_load(kind))
    return event


def event_about(
    message: Message,
    kind: str,
    at: datetime | None = None,
    *,
    mail_id: str = MAIL_ID,
    to: str | None = None,
    **told: Any,
) -> dict[str, Any]:
    """A sample about the mail of a message, sent when the message was made; ``told`` are members of what happened."""
    event = sample(kind)
    detail = event["detail"]
    mail = detail["mail"]
    mail["messageId"] = mail_id
    mail["timestamp"] = written(message.created_at)
    mail["destination"] = [to or message.to]
    ref = message.ref
    named = {"account": ref.account_id, "audience": ref.audience_id, "contact": ref.contact, "message": message.id}
    mail["tags"] |= {f"laurel-{name}": [value] for name, value in named.items()}
    member = kind.partition("-")[0]
    of_kind = detail[member] = detail[member] | told
    if at and "timestamp" in of_kind:
        of_kind["timestamp"] = written(at)
    if "recipients" in of_kind:
        of_kind["recipients"] = [to or message.to]
    if member in _LISTS:
        of_kind[_LISTS[member]][0]["emailAddress"] = to or message.to
    return event


def written(at: datetime) -> str:
    """A time as SES writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
