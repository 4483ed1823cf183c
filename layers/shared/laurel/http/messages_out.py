"""What messages look like in answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from laurel.http import problems
from laurel.http.formats import utc, utc_or_none
from laurel.model.message import Message, MessageContent, MessageState

if TYPE_CHECKING:
    from laurel.messaging.compose import Preview
    from laurel.messaging.gates import Circumstances


def messages(found: Iterable[Message], cursor: str | None) -> dict[str, Any]:
    """A page of the messages to a contact."""
    return {"messages": list(map(message, found)), "next_cursor": cursor}


def message(message: Message) -> dict[str, Any]:
    """A message, without what it says."""
    state = message.state
    return {
        "id": message.id,
        "contact": message.ref.contact,
        "state": state.value,
        "test": message.test,
        "to": message.to,
        "from": message.sender,
        "subject": message.subject,
        "created_at": utc(message.created_at),
        "created_by": message.by,
        "scheduled_for": utc(message.due) if message.due and state is MessageState.SCHEDULED else None,
        "times": times(message),
        "template": message.template_id,
        "template_version": message.template_version,
        "store": message.store_id,
        "reason": message.reason.value if message.reason else None,
        "detail": message.detail,
    }


def detailed(kept: Message, said: MessageContent) -> dict[str, Any]:
    """A message and what it says."""
    return {**message(kept), "text": said.text, "html": said.html}


def preview(shown: Preview) -> dict[str, Any]:
    """A mail as its reader would get it."""
    return {
        "from_name": shown.sender_name,
        "from": shown.sender_address,
        "to": shown.to,
        "subject": shown.content.subject,
        "text": shown.content.text,
        "html": shown.content.html,
        "missing": shown.missing,
    }


def times(message: Message) -> dict[str, str]:
    """When it reached each state that it has reached, first things first."""
    return {state.value: utc(message.times[state]) for state in MessageState if state in message.times}


def fact(message: Message) -> dict[str, Any]:
    """A message in a timeline."""
    return {
        "subject": message.subject,
        "state": message.state.value,
        "times": times(message),
        "reason": message.reason.value if message.reason else None,
    }


def gates(found: Circumstances) -> dict[str, Any]:
    """Every gate, and what the account has left."""
    from laurel.messaging.gates import refusals  # noqa: PLC0415, only this answer needs it

    told = refusals(found)
    month, day = (found.limits.month, found.usage.month), (found.limits.day, found.usage.day)
    return {
        "open": not any(told.values()),
        "gates": [
            {"gate": gate.value, "open": refusal is None, "problem": problems.document(refusal) if refusal else None}
            for gate, refusal in told.items()
        ],
        "from": found.sender_address,
        "store": found.subject.store.id if found.subject.store else None,
        "month": _allowance(*month),
        "day": _allowance(*day),
        "scheduled_for": utc_or_none(found.scheduled_for),
    }


def _allowance(limit: int, used: int) -> dict[str, int]:
    return {"limit": limit, "used": used, "left": max(0, limit - used)}
