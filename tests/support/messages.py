"""Plain examples of messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from laurel.model.contact import ContactRef
from laurel.model.identity import contact_id
from laurel.model.message import Message, MessageContent, MessageState, new_message_id
from tests.support.samples import NOW

SHOP, READER = "shop@example.com", "reader@example.com"
AN_HOUR = timedelta(hours=1)
SAID = MessageContent("Thank you", "You are number 1.", "<p>You are number 1.</p>")


def a_ref(account: str, audience: str = "audience", email: str = READER) -> ContactRef:
    """A contact."""
    return ContactRef(account, audience, contact_id(email))


def a_message(ref: ContactRef, state: MessageState = MessageState.QUEUED, **more: Any) -> Message:
    """A message that was accepted now, and is due in an hour."""
    plain: dict[str, Any] = {
        "id": new_message_id(None),
        "to": READER,
        "sender": SHOP,
        "subject": SAID.subject,
        "created_at": NOW,
        "times": {state: NOW},
        "due": NOW + AN_HOUR,
    }
    return Message(ref=ref, **(plain | more))
