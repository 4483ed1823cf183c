"""Messages in storage: what is kept, and which change may follow which, whoever asks for it and how often."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from laurel.model.message import FailureReason, Message, MessageState, new_message_id
from laurel.store.messages import Messages
from tests.support.messages import AN_HOUR, SAID, a_message, a_ref
from tests.support.samples import NOW
from tests.support.threads import at_once

if TYPE_CHECKING:
    from laurel.model.contact import ContactRef
    from tests.support.tables import Database

pytestmark = pytest.mark.integration

SCHEDULED, QUEUED, SENDING = MessageState.SCHEDULED, MessageState.QUEUED, MessageState.SENDING
UNKNOWN, FAILED, SENT = MessageState.UNKNOWN, MessageState.FAILED, MessageState.SENT
LATER = NOW + timedelta(minutes=1)
_accounts = itertools.count()


@pytest.fixture
def messages(database: Database) -> Messages:
    return Messages(database.client, database.tables.contacts)


@pytest.fixture
def ref() -> ContactRef:
    return a_ref(f"messages-{next(_accounts)}")


def due(messages: Messages, ref: ContactRef, at: object = NOW + 2 * AN_HOUR) -> list[str]:
    """Messages of this test's contact in the outbox."""
    return [id_ for whose, id_ in messages.due(at) if whose == ref]  # type: ignore[arg-type]


def test_a_message_is_kept_with_what_it_says(messages: Messages, ref: ContactRef) -> None:
    message = a_message(
        ref, SCHEDULED, by="ada", test=True, template_id="t1", template_version=3, store_id="s1", due=LATER
    )

    assert messages.accept(message, SAID)

    assert messages.message(ref, message.id) == message
    assert messages.content(ref, message.id) == SAID
    assert list(messages.messages_of(ref.account_id, ref.audience_id, ref.contact)) == [message]


def test_a_message_without_html(messages: Messages, ref: ContactRef) -> None:
    message = a_message(ref)

    assert messages.accept(message, replace(SAID, html=None))

    assert messages.content(ref, message.id) == replace(SAID, html=None)


def test_what_is_not_there(messages: Messages, ref: ContactRef) -> None:
    missing = a_message(ref)

    assert messages.message(ref, missing.id) is None
    assert messages.content(ref, missing.id) is None
    assert not messages.claim(missing, "c1", NOW, LATER)
    assert not messages.fail(missing, NOW, FailureReason.GONE, after=QUEUED)
    assert messages.message(ref, missing.id) is None, "no change makes one"


@at_once
def test_the_same_id_is_accepted_once(messages: Messages, ref: ContactRef) -> None:
    message = a_message(ref, id=new_message_id("key"))
    with ThreadPoolExecutor(4) as pool:
        accepted = list(pool.map(lambda _: messages.accept(message, SAID), range(8)))

    assert sum(accepted) == 1
    assert messages.message(ref, new_message_id("key")) == message


def test_outbox_is_what_is_due_longest_first(messages: Messages, ref: ContactRef) -> None:
    for name, minutes in (("b", 5), ("a", 3), ("c", 9)):
        at = NOW + timedelta(minutes=minutes)
        messages.accept(a_message(ref, SCHEDULED, id=new_message_id(name), due=at), SAID)

    assert due(messages, ref, NOW + timedelta(minutes=5)) == [new_message_id("a"), new_message_id("b")]
    assert due(messages, ref, NOW + timedelta(minutes=5, milliseconds=-1)) == [new_message_id("a")]


def test_from_scheduled_to_sent(messages: Messages, ref: ContactRef) -> None:
    message = a_message(ref, SCHEDULED, due=NOW)
    messages.accept(message, SAID)

    assert messages.queue(message, NOW, NOW + AN_HOUR)
    queued = messages.message(ref, message.id)
    assert queued is not None
    assert messages.claim(queued, "c1", LATER, LATER + timedelta(minutes=10))
    assert messages.sent(queued, LATER + timedelta(seconds=1), "mail-1")

    sent = messages.message(ref, message.id)
    assert sent is not None
    assert (sent.state, sent.mail_id, sent.due) == (SENT, "mail-1", None)
    assert sent.times == {SCHEDULED: NOW, QUEUED: NOW, SENDING: LATER, SENT: LATER + timedelta(seconds=1)}
    assert due(messages, ref) == []


@at_once
def test_of_many_who_claim_one_is_told_so(messages: Messages, ref: ContactRef) -> None:
    message = a_message(ref)
    messages.accept(message, SAID)

    with ThreadPoolExecutor(4) as pool:
        claimed = list(pool.map(lambda name: messages.claim(message, name, NOW, LATER), "abcdefgh"))

    assert sum(claimed) == 1


def test_a_claim_is_known_by_its_name(messages: Messages, ref: ContactRef) -> None:
    message = a_message(ref)
    messages.accept(message, SAID)
    assert messages.claim(message, "mine", NOW, LATER)

    assert messages.claim(message, "mine", NOW, LATER), "as after an answer that was lost"
    assert not messages.claim(message, "yours", NOW, LATER)
    messages.sent(message, LATER, "mail-1")
    assert not messages.claim(message, "mine", NOW, LATER), "what has an end is nobody's"


def test_what_was_put_off_can_be_claimed_anew(messages: Messages, ref: ContactRef) -> None:
    message = a_message(ref)
    messages.accept(message, SAID)
    messages.claim(message, "first", NOW, LATER)

    assert not messages.put_off(message, "other", NOW, LATER)
    assert messages.put_off(message, "first", NOW, LATER)
    again = messages.message(ref, message.id)
    assert again is not None
    assert (again.state, again.times, again.due) == (SCHEDULED, {SCHEDULED: NOW}, LATER)
    assert not messages.claim(again, "second", NOW, LATER), "it is not queued"
    assert messages.queue(again, LATER, LATER + AN_HOUR)
    assert messages.claim(again, "second", LATER, LATER + AN_HOUR)
    assert not messages.put_off(message, "first", LATER, LATER), "a late repetition does not take it away from others"
    assert due(messages, ref) == [message.id]


def test_a_queued_message_is_postponed(messages: Messages, ref: ContactRef) -> None:
    message = a_message(ref)
    messages.accept(message, SAID)

    assert messages.postpone(message, LATER, LATER + AN_HOUR)

    found = messages.message(ref, message.id)
    assert found is not None
    assert (found.state, found.times, found.due) == (SCHEDULED, {SCHEDULED: LATER}, LATER + AN_HOUR)
    assert not messages.postpone(message, LATER, LATER + AN_HOUR)


def test_a_message_that_was_queued_too_long_keeps_its_time(messages: Messages, ref: ContactRef) -> None:
    message = a_message(ref)
    messages.accept(message, SAID)

    assert messages.queue(message, LATER, LATER + AN_HOUR)

    found = messages.message(ref, message.id)
    assert found is not None
    assert (found.times, found.due) == ({QUEUED: NOW}, LATER + AN_HOUR)


def test_a_failure_says_why(messages: Messages, ref: ContactRef) -> None:
    message = a_message(ref)
    messages.accept(message, SAID)
    messages.claim(message, "c1", NOW, LATER)

    assert not messages.fail(message, LATER, FailureReason.GONE, after=QUEUED), "it is further by now"
    assert messages.fail(message, LATER, FailureReason.REFUSED, "No such address.", after=SENDING)

    found = messages.message(ref, message.id)
    assert found is not None
    assert (found.state, found.reason, found.detail, found.due) == (
        FAILED, FailureReason.REFUSED, "No such address.", None,
    )  # fmt: skip
    assert due(messages, ref) == []


def test_one_that_was_given_up_may_turn_out_to_be_sent(messages: Messages, ref: ContactRef) -> None:
    message = a_message(ref)
    messages.accept(message, SAID)
    messages.claim(message, "c1", NOW, LATER)

    assert messages.give_up(message, LATER)
    unknown = messages.message(ref, message.id)
    assert unknown is not None
    assert (unknown.state, unknown.due) == (UNKNOWN, None)
    assert not messages.put_off(message, "c1", LATER, LATER)
    assert messages.sent(message, LATER, "mail-1")
    found = messages.message(ref, message.id)
    assert found is not None
    assert found.state is SENT


Change = Callable[[Messages, Message], bool]
CHANGES: dict[str, Change] = {
    "queue": lambda messages, message: messages.queue(message, NOW, LATER),
    "postpone": lambda messages, message: messages.postpone(message, NOW, LATER),
    "claim": lambda messages, message: messages.claim(message, "late", NOW, LATER),
    "sent": lambda messages, message: messages.sent(message, NOW, "mail-2"),
    "put_off": lambda messages, message: messages.put_off(message, "c1", NOW, LATER),
    "fail": lambda messages, message: messages.fail(message, NOW, FailureReason.GONE, after=SENDING),
    "cancel": lambda messages, message: messages.fail(message, NOW, FailureReason.CANCELLED, after=QUEUED),
    "give_up": lambda messages, message: messages.give_up(message, NOW),
}
ENDS: dict[str, Change] = {
    "sent": lambda messages, message: messages.sent(message, NOW, "mail-1"),
    "failed": lambda messages, message: messages.fail(message, NOW, FailureReason.REFUSED, after=SENDING),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("end", ENDS)
def test_nothing_follows_an_end(end: str, change: str, messages: Messages, ref: ContactRef) -> None:
    message = a_message(ref)
    messages.accept(message, SAID)
    messages.claim(message, "c1", NOW, LATER)
    assert ENDS[end](messages, message)
    ended = messages.message(ref, message.id)

    assert not CHANGES[change](messages, ended or message)

    assert messages.message(ref, message.id) == ended


@pytest.mark.parametrize("change", ["claim", "postpone", "sent", "put_off", "give_up", "cancel"])
def test_a_scheduled_message_is_queued_first(change: str, messages: Messages, ref: ContactRef) -> None:
    message = a_message(ref, SCHEDULED)
    messages.accept(message, SAID)

    assert not CHANGES[change](messages, message)

    assert messages.message(ref, message.id) == message
