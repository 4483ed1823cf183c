"""What feedback makes of a message, in whatever order it comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.messaging.feedback import Feedback, read
from laurel.messaging.hear import activity_of, told
from laurel.model.contact import ContactRef
from laurel.model.deliverability import Counts
from laurel.model.identity import contact_id
from laurel.model.message import FailureReason, Message, MessageState
from tests.support.mail_events import KINDS, MAIL_ID, event_about
from tests.support.samples import ADA, at

SENT_AT = at("2026-11-22T10:30:00")
MESSAGE = Message(
    ref=ContactRef("accountaaaaa", "audienceaaaa", contact_id(ADA)),
    id="0" * 24,
    to=ADA,
    sender="shop@example.com",
    subject="Hello",
    created_at=SENT_AT,
    times={MessageState.QUEUED: SENT_AT, MessageState.SENDING: SENT_AT},
    due=SENT_AT + timedelta(minutes=10),
)
UNKNOWN = replace(MESSAGE, times={**MESSAGE.times, MessageState.UNKNOWN: SENT_AT + timedelta(minutes=11)}, due=None)
SENT = replace(MESSAGE, times={**MESSAGE.times, MessageState.SENT: SENT_AT}, due=None, mail_id=MAIL_ID)


def feedback(kind: str, seconds: float = 60, **more: Any) -> Feedback:
    heard = read(event_about(MESSAGE, kind, SENT_AT + timedelta(seconds=seconds), **more)["detail"])
    assert isinstance(heard, Feedback)
    return heard


EVENTS = st.builds(
    feedback,
    st.sampled_from(KINDS),
    st.integers(1, 20),
    userAgent=st.sampled_from(["Mozilla/5.0", "Mozilla/5.0 (iPhone) Mail", "curl/8"]),
)


def after(events: list[Feedback], message: Message = MESSAGE) -> tuple[Message, Counts]:
    """What a row of events makes of a message, and what it adds to the counts in all."""
    totals = Counts()
    for event in events:
        message, counts = told(message, event)
        totals += counts
    return message, totals


@pytest.mark.parametrize(
    ("kinds", "state", "counts"),
    [
        (["send"], MessageState.SENT, Counts(sent=1)),
        (["delivery"], MessageState.DELIVERED, Counts(1, 1)),
        (["open"], MessageState.OPENED, Counts(sent=1, opened=1)),
        (["click"], MessageState.CLICKED, Counts(sent=1, clicked=1)),
        (["click-honeypot"], MessageState.SENT, Counts(sent=1)),
        (["send", "delivery", "open", "click", "complaint"], MessageState.COMPLAINED, Counts(1, 1, 0, 1, 1, 1)),
        (["bounce-permanent"], MessageState.BOUNCED, Counts(sent=1, bounced=1)),
        (["delivery", "bounce-permanent"], MessageState.BOUNCED, Counts(1, 1, 1)),
        (["bounce-transient"], MessageState.BOUNCED, Counts(sent=1)),
        (["bounce-transient", "bounce-permanent"], MessageState.BOUNCED, Counts(sent=1, bounced=1)),
        (["delivery", "bounce-transient"], MessageState.DELIVERED, Counts(1, 1)),
        (["bounce-transient", "delivery"], MessageState.DELIVERED, Counts(1, 1)),
        (["reject"], MessageState.FAILED, Counts(sent=1)),
        (["send", "reject"], MessageState.FAILED, Counts(sent=1)),
        (["reject", "send"], MessageState.FAILED, Counts(sent=1)),
        (["reject", "delivery"], MessageState.DELIVERED, Counts(1, 1)),
    ],
)
@pytest.mark.parametrize("before", [MESSAGE, UNKNOWN, SENT], ids=["sending", "unknown", "sent"])
def test_states(before: Message, kinds: list[str], state: MessageState, counts: Counts) -> None:
    message, totals = after([feedback(kind) for kind in kinds], before)

    assert (message.state, totals) == (state, counts)
    assert (message.due, message.mail_id, message.told) == (None, MAIL_ID, True)


def test_a_rejected_mail_says_why() -> None:
    message, _ = told(MESSAGE, feedback("reject"))

    assert (message.reason, message.detail) == (FailureReason.REFUSED, "Bad content")


@given(st.lists(EVENTS, max_size=8), st.data())
def test_order_and_repetition_change_nothing(events: list[Feedback], data: st.DataObject) -> None:
    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=5) if events else st.just([]))
    in_another_order = data.draw(st.permutations(repeated))

    assert after(in_another_order) == after(events)


@given(st.lists(EVENTS, max_size=8))
def test_counts_are_what_the_message_says(events: list[Feedback]) -> None:
    message, totals = after(events)

    assert totals == Counts(
        sent=int(bool(events)),
        delivered=int(MessageState.DELIVERED in message.times),
        bounced=int(message.bounced_for_good),
        complained=int(MessageState.COMPLAINED in message.times),
        opened=int(MessageState.OPENED in message.times),
        clicked=int(MessageState.CLICKED in message.times),
    )


@given(st.lists(EVENTS, max_size=8))
def test_messages_to_oneself_count_for_nothing(events: list[Feedback]) -> None:
    message, totals = after(events, replace(MESSAGE, test=True))

    assert totals == Counts()
    assert replace(message, test=False) == after(events)[0]


def test_the_first_time_counts() -> None:
    message, _ = after([feedback("open", 9), feedback("open", 5), feedback("open", 7)])

    assert message.times[MessageState.OPENED] == SENT_AT + timedelta(seconds=5)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("send", None),
        ("reject", None),
        ("delivery", "email.delivered"),
        ("bounce-permanent", "email.bounced"),
        ("complaint", "email.complained"),
        ("open", "email.opened"),
        ("click", "email.clicked"),
    ],
)
def test_activities(kind: str, name: str | None) -> None:
    activity = activity_of(feedback(kind))

    assert (activity.name if activity else None) == name
    if activity:
        assert activity.occurred_at == SENT_AT + timedelta(seconds=60)
        assert activity.properties["message"] == MESSAGE.id
        assert activity == activity_of(feedback(kind)), "the same event is the same activity"


def test_every_open_and_click_is_an_activity_of_its_own() -> None:
    events = [
        feedback("open"),
        feedback("open", 61),
        feedback("open", userAgent="Another"),
        feedback("click"),
        feedback("click", link="https://example.com/other"),
        feedback("click", mail_id="another"),
    ]

    ids = {activity.id for event in events if (activity := activity_of(event))}

    assert len(ids) == len(events)


def test_when_a_mail_was_taken_is_kept_as_whoever_sent_it_saw_it() -> None:
    seen: datetime = SENT_AT + timedelta(milliseconds=300)
    message, _ = told(replace(SENT, times={**SENT.times, MessageState.SENT: seen}), feedback("send"))

    assert message.times[MessageState.SENT] == seen
    assert told(MESSAGE, feedback("delivery"))[0].times[MessageState.SENT] == SENT_AT
