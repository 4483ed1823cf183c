"""Messages to one contact: looked at before they are sent, accepted once, tried out, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from laurel.leaderboard.board import Boards, read_figures
from laurel.messaging import gates
from laurel.messaging.content import Rendered, check, render
from laurel.messaging.fields import MergeValue, MergeValues, values_of_contact, values_of_figures, values_of_store
from laurel.messaging.foot import Foot, complete
from laurel.messaging.gates import Circumstances, Subject
from laurel.messaging.languages import language
from laurel.messaging.lines import one_line
from laurel.messaging.mail import is_mailable
from laurel.messaging.survey import Counters, Sources, likely_sender, subject_of, survey
from laurel.model.account import Role
from laurel.model.contact import Contact, ContactRef
from laurel.model.errors import AddressNotVerified, Busy, Conflict, FieldsWithoutValue, InvalidInput, NotFound
from laurel.model.message import (
    QUEUED_FOR,
    FailureReason,
    Limits,
    Message,
    MessageContent,
    MessageState,
    Usage,
    new_message_id,
)
from laurel.model.period import TimeFrame
from laurel.model.template import Content, MessageTemplate

LARGEST_MESSAGE = 300_000
"""Bytes of what a message says, filled in: it is kept as one item."""

_TRIES = 5
_FIGURES = ("rank.", "store.orders_count", "store.total_spent", "store.average_order_value")


class Templates(Protocol):
    """Finds an account's templates."""

    def template(self, account_id: str, template_id: str) -> MessageTemplate | None: ...


class Allowances(Counters, Protocol):
    """Counts what accounts send. ``count`` tells what was counted before if a limit is reached, else None."""

    def count(self, account_id: str, now: datetime, limits: Limits) -> Usage | None: ...
    def give_back(self, account_id: str, counted_at: datetime) -> None: ...


class MessageBook(Protocol):
    """Keeps messages; ``accept`` and ``fail`` tell whether it was this caller who did it."""

    def accept(self, message: Message, content: MessageContent) -> bool: ...
    def message(self, ref: ContactRef, message_id: str) -> Message | None: ...
    def fail(
        self, message: Message, now: datetime, reason: FailureReason, detail: str | None = None, *, after: MessageState
    ) -> bool: ...


class Queue(Protocol):
    """Has messages sent."""

    def send(self, ref: ContactRef, message_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What is needed to write messages. ``unsubscribe_url`` is the link of mail that must not unsubscribe anybody."""

    sources: Sources
    templates: Templates
    boards: Boards
    allowances: Allowances
    messages: MessageBook
    queue: Queue
    unsubscribe_url: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Who is signed in; ``email`` as the user pool knows it."""

    role: Role
    email: str | None
    email_verified: bool


BY_ITSELF = Writer(Role.MARKETER, email=None, email_verified=False)
"""Laurel: whoever set up what it acts on could send messages."""


@dataclass(frozen=True, slots=True)
class MessageWish:
    """What is to be ``said``, by a template of that id or as it is; ``sender`` is the address that it comes from."""

    said: str | Content
    store_id: str | None = None
    time_frame: TimeFrame | None = None
    coupon: str | None = None
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail as its reader would get it; for want of what is ``missing``, it would not be sent."""

    sender_name: str
    sender_address: str | None
    to: str | None
    content: MessageContent
    missing: list[str]


def send(desk: Desk, writer: Writer, ref: ContactRef, wish: MessageWish, key: str | None, now: datetime) -> Message:
    """Accept a message to a contact: it is queued, or waits for the end of the account's quiet hours.

    A ``key`` that was used before answers the message that it made. Raises what the gates tell, what ``survey`` and
    ``render`` raise, and ``FieldsWithoutValue``.
    """
    return _send(desk, writer, ref, wish, key, now, test=False)


def send_test(
    desk: Desk, writer: Writer, ref: ContactRef, wish: MessageWish, key: str | None, now: datetime
) -> Message:
    """Accept a message as a contact would get it, but to whoever wrote it; it counts like any other.

    Whether the contact wants mail does not matter, nor do quiet hours, nor whether fields have values. Raises as
    ``send`` otherwise, and ``AddressNotVerified``.
    """
    return _send(desk, writer, ref, wish, key, now, test=True)


def preview(desk: Desk, ref: ContactRef, wish: MessageWish, now: datetime) -> Preview:
    """A message as its reader would get it, whether or not it may be sent. Raises as ``subject_of`` and ``render``."""
    subject = subject_of(desk.sources, ref, wish.store_id)
    account, contact = subject.account, subject.contact
    rendered, _ = _rendered(desk, subject, wish, now)
    address, _ = likely_sender(desk.sources.senders.senders(account.id), wish.sender or account.sender_address)
    name = account.sender_name or account.name
    foot = Foot(
        language(contact.locale if contact else None, account.locale),
        name,
        account.postal_address or "",
        desk.unsubscribe_url,
    )
    content = MessageContent(rendered.subject, rendered.text, rendered.html)
    return Preview(name, address, contact.email if contact else None, complete(content, foot), rendered.missing)


def existing(messages: MessageBook, ref: ContactRef, message_id: str) -> Message:
    """A message to a contact. Raises ``NotFound``."""
    message = messages.message(ref, message_id)
    if message is None:
        raise NotFound("message", message_id)
    return message


def cancel(messages: MessageBook, ref: ContactRef, message_id: str, now: datetime) -> Message:
    """Take back a message that nobody has begun to send; doing it again changes nothing.

    Raises ``NotFound``, ``Conflict`` once it is too late, and ``Busy``.
    """
    for _ in range(_TRIES):
        message = existing(messages, ref, message_id)
        if message.reason is FailureReason.CANCELLED:
            return message
        if message.state not in (MessageState.SCHEDULED, MessageState.QUEUED):
            raise Conflict(f"This message cannot be taken back: it is {message.state.value!r}.")
        messages.fail(message, now, FailureReason.CANCELLED, after=message.state)
    raise Busy("This message")


def _send(
    desk: Desk, writer: Writer, ref: ContactRef, wish: MessageWish, key: str | None, now: datetime, *, test: bool
) -> Message:
    message_id = new_message_id(key)
    if key is not None and (known := desk.messages.message(ref, message_id)):
        return _queued(desk, known)
    found = survey(desk.sources, writer.role, ref, now, wish.store_id, wish.sender)
    gates.pass_through(found, but=gates.OF_THE_READER if test else ())
    # The gates let nobody through without a contact, unless it is a test, or without an address to write from.
    reader = _own_address(writer) if test else cast("Contact", found.contact).email
    rendered, template = _rendered(desk, found.subject, wish, now)
    if rendered.missing and not test:
        raise FieldsWithoutValue(rendered.missing)
    subject = one_line(f"[Test] {rendered.subject}") if test else rendered.subject
    scheduled_for, store = None if test else found.scheduled_for, found.subject.store
    message = Message(
        ref=ref,
        id=message_id,
        to=reader,
        sender=cast("str", found.sender_address),
        subject=subject,
        created_at=now,
        times={MessageState.SCHEDULED if scheduled_for else MessageState.QUEUED: now},
        due=scheduled_for or now + QUEUED_FOR,
        by=writer.email,
        test=test,
        template_id=template.id if template else None,
        template_version=template.version if template else None,
        store_id=store.id if store else None,
    )
    return _accept(desk, found, message, MessageContent(subject, rendered.text, rendered.html))


def _own_address(writer: Writer) -> str:
    if not (writer.email and writer.email_verified and is_mailable(writer.email)):
        raise AddressNotVerified
    return writer.email


def _accept(desk: Desk, found: Circumstances, message: Message, content: MessageContent) -> Message:
    """Count the message, keep it, have it sent. What was counted for one that was there already is given back."""
    usage = desk.allowances.count(found.account.id, found.now, found.limits)
    if usage is not None:
        raise gates.spent(found.account, usage, found.now)
    if not desk.messages.accept(message, content):
        desk.allowances.give_back(found.account.id, found.now)
        kept = desk.messages.message(message.ref, message.id)
        if kept is None:
            raise Busy("This message")
        message = kept
    return _queued(desk, message)


def _queued(desk: Desk, message: Message) -> Message:
    """A message that was kept, in the queue if it is to be sent now; being there twice does no harm."""
    if message.state is MessageState.QUEUED:
        desk.queue.send(message.ref, message.id)
    return message


def _rendered(
    desk: Desk, subject: Subject, wish: MessageWish, now: datetime
) -> tuple[Rendered, MessageTemplate | None]:
    """What is said, filled in; and the template if one says it."""
    template, content = None, wish.said
    if isinstance(content, str):
        template = desk.templates.template(subject.account.id, content)
        if template is None:
            raise NotFound("template", content)
        content = template.content
    rendered = render(content, _values(desk, subject, wish, check(content), now))
    if not rendered.subject:
        raise InvalidInput.at("/subject", "Filled in, the subject says nothing.")
    said = (rendered.subject, rendered.text, rendered.html or "")
    if sum(len(part.encode()) for part in said) > LARGEST_MESSAGE:
        raise InvalidInput(f"Filled in, the message has more than {LARGEST_MESSAGE:,} bytes.")
    return rendered, template


def _values(desk: Desk, subject: Subject, wish: MessageWish, names: frozenset[str], now: datetime) -> MergeValues:
    """What is known of the merge fields; a customer's figures only if some of ``names`` are about them."""
    store, contact = subject.store, subject.contact
    values: dict[str, MergeValue] = {"account.name": subject.account.name}
    if wish.coupon:
        values["coupon"] = wish.coupon
    if contact is not None:
        values |= values_of_contact(contact, subject.audience.score_epoch)
    if store is None:
        if wish.time_frame is not None:
            raise InvalidInput.at("/time_frame", "time_frame needs a store.")
        return values
    values |= values_of_store(store)
    if contact is not None and any(name.startswith(_FIGURES) for name in names):
        period = store.calendar.period_of_frame(wish.time_frame or TimeFrame.ALL_TIME, now)
        values |= values_of_figures(read_figures(desk.boards, store, period, contact.id))
    return values
