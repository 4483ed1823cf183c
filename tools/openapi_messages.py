"""What the API answers about messages, as pydantic models for its description."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from laurel.messaging.gates import Gate
from laurel.model.message import FailureReason, MessageState
from tools.openapi_answers import Answer, ContactId, Cursor, Id, Instant, Problem, StoreId
from tools.openapi_templates import MISSING, MergeField, Version

MessageId = Annotated[str, Field(pattern="^[0-9a-f]{24}$", examples=["5f3c0d0e9a7b4c2d1e8f6a3b"])]


class Times(Answer):
    """When a message first reached each state; those that it has not reached are left out."""

    scheduled: SkipJsonSchema[None] | Instant = None
    queued: SkipJsonSchema[None] | Instant = None
    sending: SkipJsonSchema[None] | Instant = None
    unknown: SkipJsonSchema[None] | Instant = None
    failed: SkipJsonSchema[None] | Instant = None
    sent: SkipJsonSchema[None] | Instant = None
    delivered: SkipJsonSchema[None] | Instant = None
    bounced: SkipJsonSchema[None] | Instant = None
    opened: SkipJsonSchema[None] | Instant = None
    clicked: SkipJsonSchema[None] | Instant = None
    complained: SkipJsonSchema[None] | Instant = None


class Message(Answer):
    """A message to a contact, and how far it is."""

    id: MessageId
    contact: ContactId
    state: Annotated[MessageState, Field(description="The furthest that was reached.")]
    test: Annotated[bool, Field(description="It went to who wrote it instead of to the contact.")]
    to: str
    from_: Annotated[str, Field(alias="from")]
    subject: Annotated[str, Field(max_length=200)]
    created_at: Instant
    created_by: Annotated[str | None, Field(description="E-mail address of the user who sent it.")]
    scheduled_for: Annotated[Instant | None, Field(description="When it is to be sent, if it waits.")]
    times: Times
    template: Annotated[Id | None, Field(description="The template that said it.")]
    template_version: Version | None
    store: Annotated[StoreId | None, Field(description="The store that it was about.")]
    reason: Annotated[FailureReason | None, Field(description="Why it failed.")]
    detail: Annotated[str | None, Field(description="What the mail service said.")]


class MessageDetail(Message):
    """A message, how far it is, and what it says."""

    text: Annotated[str, Field(description="Without the foot that every mail gets.")]
    html: str | None


class Messages(Answer):
    """A page of the messages to a contact, newest first."""

    messages: list[Message]
    next_cursor: Cursor


class PreviewedMail(Answer):
    """A mail as its reader would get it, foot included."""

    from_name: str
    from_: Annotated[str | None, Field(alias="from", description="Null while there is no address to write from.")]
    to: Annotated[str | None, Field(description="Null if the shop knows the customer by number only.")]
    subject: Annotated[str, Field(max_length=200)]
    text: str
    html: Annotated[str, Field(description="A whole document. Its unsubscribe link works for nobody.")]
    missing: Annotated[list[MergeField], Field(description=MISSING)]


class GateState(Answer):
    """A gate, and the problem that a message would meet there."""

    gate: Gate
    open: bool
    problem: Problem | None


class Allowance(Answer):
    """How many messages an account may send in a time, and has."""

    limit: Annotated[int, Field(ge=0)]
    used: Annotated[int, Field(ge=0)]
    left: Annotated[int, Field(ge=0)]


class MessageGates(Answer):
    """What stands between a message and a contact."""

    open: Annotated[bool, Field(description="All gates are.")]
    gates: Annotated[list[GateState], Field(description="All, in the order in which a message passes them.")]
    from_: Annotated[str | None, Field(alias="from", description="The address that mail would come from.")]
    store: Annotated[StoreId | None, Field(description="The store that it would be about if it names none.")]
    month: Annotated[Allowance, Field(description="Of the calendar month (UTC), as the plan has it.")]
    day: Annotated[Allowance, Field(description="Of the day (UTC), as the account's `daily_ceiling` has it.")]
    scheduled_for: Annotated[
        Instant | None,
        Field(description="When the quiet hours end that would hold a message up; null outside of them."),
    ]


class MessageFact(Answer):
    """A message in a timeline."""

    subject: str
    state: MessageState
    times: Times
    reason: FailureReason | None


class MessageEntry(Answer):
    """A message."""

    at: Instant
    kind: Literal["message"]
    id: MessageId
    message: MessageFact
