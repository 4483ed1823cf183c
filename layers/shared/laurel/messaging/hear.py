"""What the mail service tells of a message becomes facts: activities, consent, suppressions, the message's state.

The effects come first and the state last, each of them no matter how often: a crash in between loses nothing, and what
is told again adds nothing.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Protocol

from laurel.ingestion.machines import judged
from laurel.ingestion.record import (
    ActivityFacts,
    ActivityReport,
    Evidence,
    Outcome,
    People,
    record_activity,
)
from laurel.messaging.feedback import Feedback, FeedbackKind
from laurel.model.activity import EMAIL_CLICKED, EMAIL_OPENED, Activity
from laurel.model.contact import Consent, ConsentSource, ConsentStatus, Contact, ContactRef, Person
from laurel.model.deliverability import Counts
from laurel.model.errors import Busy
from laurel.model.identity import normalized_email
from laurel.model.message import FailureReason, Message, MessageState
from laurel.model.suppression import Suppression, SuppressionReason

_ATTEMPTS = 8
_PAUSE = 0.01
_ACTIVITIES = {
    FeedbackKind.DELIVERY: "email.delivered",
    FeedbackKind.BOUNCE: "email.bounced",
    FeedbackKind.COMPLAINT: "email.complained",
    FeedbackKind.OPEN: EMAIL_OPENED,
    FeedbackKind.CLICK: EMAIL_CLICKED,
}
_REACHED = {
    FeedbackKind.DELIVERY: MessageState.DELIVERED,
    FeedbackKind.COMPLAINT: MessageState.COMPLAINED,
    FeedbackKind.OPEN: MessageState.OPENED,
    FeedbackKind.CLICK: MessageState.CLICKED,
}
_AFTER_SENT = frozenset({*_REACHED.values(), MessageState.BOUNCED})
_OF_PEOPLE = (FeedbackKind.OPEN, FeedbackKind.CLICK)


class Refusal(StrEnum):
    """Why feedback is not believed."""

    UNKNOWN_MESSAGE = "unknown_message"
    NOT_SENT = "not_sent"
    OTHER_MAIL = "other_mail"
    OTHER_RECIPIENT = "other_recipient"


class KnownMessages(Protocol):
    """Reads messages, and keeps what became of them.

    ``hear`` writes a message and adds to its day's counts, both or neither, if it is still as it was read.
    """

    def message(self, ref: ContactRef, message_id: str) -> Message | None: ...
    def hear(self, before: Message, after: Message, day: date, counts: Counts) -> bool: ...


class SuppressionList(Protocol):
    """Keeps the addresses that an account does not write to."""

    def suppress(self, suppression: Suppression) -> bool: ...


@dataclass(frozen=True, slots=True)
class Ear:
    """Takes in what the mail service tells."""

    messages: KnownMessages
    activities: ActivityFacts
    evidence: Evidence
    people: People
    suppressions: SuppressionList
    pause: Callable[[float], None] = time.sleep

    def hear(self, feedback: Feedback, now: datetime) -> Outcome | Refusal:
        """Keep one event, however often it comes. Raises ``Busy``."""
        message = self.messages.message(feedback.ref, feedback.message_id)
        if message is None:
            return Refusal.UNKNOWN_MESSAGE
        if refusal := _refusal(message, feedback):
            return refusal
        if not (message.test or _is_settled(message, feedback)):
            self._take_effect(message, feedback, now)
        for attempt in range(_ATTEMPTS):
            if attempt:
                self.pause(random.uniform(0, _PAUSE * 2**attempt))  # noqa: S311, spreads writers
                message = self.messages.message(feedback.ref, feedback.message_id) or message
            after, counts = told(message, feedback)
            if after == message:
                return Outcome.UNCHANGED
            if self.messages.hear(message, after, feedback.sent_at.astimezone(UTC).date(), counts):
                return Outcome.ACCEPTED
        raise Busy(f"Message {feedback.message_id!r}")

    def _take_effect(self, message: Message, feedback: Feedback, now: datetime) -> None:
        """Keep the activity, what it means for consent, and that the address is not to be written to."""
        ref, activity = feedback.ref, activity_of(feedback)
        if activity is None:
            return
        contact = self.people.contact(ref.account_id, ref.audience_id, ref.contact)
        if contact is None:
            return
        report = ActivityReport(activity, _person(contact, feedback, activity))
        record_activity(self.activities, self.evidence, self.people, ref.account_id, ref.audience_id, report, now)
        if reason := _suppression_reason(feedback):
            self.suppressions.suppress(Suppression(ref.account_id, message.to, reason, feedback.at))


def activity_of(feedback: Feedback) -> Activity | None:
    """What a contact's timeline keeps of an event, if anything; the same event always makes the same activity."""
    name = _ACTIVITIES.get(feedback.kind)
    if name is None:
        return None
    content = [feedback.mail_id, name, feedback.at.isoformat(), sorted(feedback.properties.items())]
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]
    return Activity(f"mail-{digest}", name, feedback.at, feedback.properties)


def told(message: Message, feedback: Feedback) -> tuple[Message, Counts]:
    """The message after what the mail service tells, and what that adds to the counts of the day it was sent on.

    It comes to the same in whatever order events arrive. A message is sent if anything is told of it, unless the mail
    service rejected the mail afterwards. What a program opened or clicked, as it says itself, says nothing of a person.
    """
    times = dict(message.times)
    bounced_for_good = message.bounced_for_good
    match feedback.kind:
        case FeedbackKind.SEND:
            pass
        case FeedbackKind.REJECT:
            _reach(times, MessageState.FAILED, feedback.at)
        case FeedbackKind.BOUNCE:
            if feedback.permanent and not bounced_for_good:
                times.pop(MessageState.BOUNCED, None)
            if feedback.permanent or not (bounced_for_good or MessageState.DELIVERED in times):
                _reach(times, MessageState.BOUNCED, feedback.at)
            bounced_for_good = bounced_for_good or feedback.permanent
        case _:
            if not _is_of_a_machine(feedback):
                _reach(times, _REACHED[feedback.kind], feedback.at)
    if MessageState.DELIVERED in times and not bounced_for_good:
        # An automatic answer, such as that of somebody on holiday, is told as a bounce as well.
        times.pop(MessageState.BOUNCED, None)
    rejected = MessageState.FAILED in times and not _AFTER_SENT & times.keys()
    if rejected:
        times.pop(MessageState.SENT, None)
    else:
        times.setdefault(MessageState.SENT, feedback.sent_at)
    after = replace(
        message,
        times=times,
        due=None,
        mail_id=feedback.mail_id,
        told=True,
        bounced_for_good=bounced_for_good,
        reason=FailureReason.REFUSED if feedback.kind is FeedbackKind.REJECT else message.reason,
        detail=feedback.detail or message.detail,
    )
    return after, Counts() if message.test else _counts(message, after)


def _reach(times: dict[MessageState, datetime], state: MessageState, at: datetime) -> None:
    times[state] = min(times.get(state, at), at)


def _counts(before: Message, after: Message) -> Counts:
    def newly(state: MessageState) -> int:
        return int(state in after.times and state not in before.times)

    return Counts(
        sent=int(not before.told),
        delivered=newly(MessageState.DELIVERED),
        bounced=int(after.bounced_for_good and not before.bounced_for_good),
        complained=newly(MessageState.COMPLAINED),
        opened=newly(MessageState.OPENED),
        clicked=newly(MessageState.CLICKED),
    )


def _refusal(message: Message, feedback: Feedback) -> Refusal | None:
    """Why feedback cannot be about a message, or None."""
    if not {MessageState.SENDING, MessageState.SENT} & message.times.keys():
        return Refusal.NOT_SENT
    if message.mail_id not in (None, feedback.mail_id):
        return Refusal.OTHER_MAIL
    to = normalized_email(message.to)
    if set(feedback.destination) != {to} or (feedback.about and to not in feedback.about):
        return Refusal.OTHER_RECIPIENT
    return None


def _is_settled(message: Message, feedback: Feedback) -> bool:
    """True if all that such an event does was done before: what people have undone since stays undone."""
    if feedback.kind is FeedbackKind.COMPLAINT:
        return MessageState.COMPLAINED in message.times
    return feedback.permanent and message.bounced_for_good


def _person(contact: Contact, feedback: Feedback, activity: Activity) -> Person:
    """The contact, as of when they did something themselves; and what follows for their consent."""
    by_person = feedback.kind in _OF_PEOPLE and judged(activity) is None
    status = None
    if feedback.kind is FeedbackKind.COMPLAINT:
        status = ConsentStatus.UNSUBSCRIBED
    elif feedback.permanent:
        status = ConsentStatus.CLEANED
    return Person(
        contact.email,
        feedback.at if by_person else contact.seen_at,
        consent=Consent(status, feedback.at) if status else None,
        consent_source=ConsentSource.PERSON,
    )


def _suppression_reason(feedback: Feedback) -> SuppressionReason | None:
    if feedback.kind is FeedbackKind.COMPLAINT:
        return SuppressionReason.COMPLAINT
    return SuppressionReason.BOUNCE if feedback.permanent else None


def _is_of_a_machine(feedback: Feedback) -> bool:
    activity = activity_of(feedback)
    return activity is not None and judged(activity) is not None
