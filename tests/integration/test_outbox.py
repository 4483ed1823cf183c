"""A message's way from the outbox to its mail: what is looked at once more, what becomes of what is refused or late."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.messaging.feedback import Feedback
from laurel.messaging.feedback import read as read_feedback
from laurel.messaging.hear import Ear
from laurel.messaging.outbox import LEASE, BusyReason, Delivery, Outcome, Uncertain
from laurel.messaging.sweep import Swept
from laurel.messaging.unsubscribe import read
from laurel.model.account import Plan
from laurel.model.contact import ConsentStatus
from laurel.model.deliverability import Counts
from laurel.model.message import QUEUED_FOR, FailureReason, MessageState
from laurel.model.quiet import QuietHours
from laurel.model.sender import SenderState
from laurel.model.suppression import Suppression, SuppressionReason
from laurel.store import keys
from laurel.store.deliverability import counted
from laurel.store.evidence import Evidence
from laurel.store.feedback import Heard
from laurel.store.ledger import Ledger
from tests.support.mail_events import event_about
from tests.support.messages import READER
from tests.support.post import API_URL, Post
from tests.support.samples import NOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

    from tests.support.tables import Database

pytestmark = pytest.mark.integration

SCHEDULED, QUEUED, SENDING = MessageState.SCHEDULED, MessageState.QUEUED, MessageState.SENDING
UNKNOWN, FAILED, SENT = MessageState.UNKNOWN, MessageState.FAILED, MessageState.SENT
DROPPED = Delivery(Outcome.DROPPED)


@pytest.fixture
def post(database: Database) -> Post:
    post = Post(database.client, database.tables)
    post.decide(ConsentStatus.SUBSCRIBED)
    return post


def read_mail(post: Post) -> EmailMessage:
    (mail,) = post.ses.sent
    parsed = email.message_from_bytes(mail.content, policy=email.policy.default)  # type: ignore[arg-type]
    assert isinstance(parsed, email.message.EmailMessage)
    return parsed


def test_a_message_is_sent(post: Post) -> None:
    message = post.accept()

    assert post.deliver(message) == Delivery(Outcome.SENT)

    (mail,) = post.ses.sent
    assert mail.to == READER
    assert mail.tags == {
        "laurel-account": message.ref.account_id,
        "laurel-audience": message.ref.audience_id,
        "laurel-contact": message.ref.contact,
        "laurel-message": message.id,
    }
    known = post.known(message)
    assert (known.state, known.mail_id, known.due) == (SENT, mail.id, None)
    assert set(known.times) == {QUEUED, SENDING, SENT}
    assert post.waits == 1


def test_a_mail_says_who_writes_and_how_to_stop_it(post: Post) -> None:
    post.change_account(sender_name="The Shop")
    post.decide(ConsentStatus.SUBSCRIBED, locale="de-AT")
    message = post.accept()

    post.deliver(message)

    mail = read_mail(post)
    assert mail["From"] == f"The Shop <hello@{post.domain}>"
    assert mail["To"] == f"Kim <{READER}>"
    assert mail["Content-Language"] == "de"
    url = mail["List-Unsubscribe"].strip("<>")
    said = read(url.removeprefix(f"{API_URL}/unsubscribe/"))
    assert said is not None
    assert said.ref == message.ref
    assert said.proven_by(post.link_keys.known(post.account.id) or b"")
    text = mail.get_body(("plain",))
    assert text is not None
    assert "Shop street 1\nBerlin" in text.get_content().replace("\r\n", "\n")
    assert url in text.get_content()


def test_a_message_is_sent_once_however_often_it_is_delivered(post: Post) -> None:
    message = post.accept()

    outcomes = [post.deliver(message).outcome for _ in range(3)]

    assert outcomes == [Outcome.SENT, Outcome.DROPPED, Outcome.DROPPED]
    assert len(post.ses.sent) == 1


def stop(post: Post) -> None:
    bounced = Counts(sent=10, bounced=10)
    table, client = post.workspace._table, post.workspace._client
    write = counted(table, post.account.id, NOW.date(), "0" * 24, bounced)
    client.transact_write_items(TransactItems=[write])


def suppress(post: Post) -> None:
    post.suppressions.suppress(Suppression(post.account.id, READER, SuppressionReason.COMPLAINT, NOW))


OBSTACLES: dict[FailureReason, Callable[[Post], Any]] = {
    FailureReason.PLAN: lambda post: post.change_account(plan=Plan.FREE),
    FailureReason.SENDER: lambda post: post.senders.release(post.sender),
    FailureReason.NO_POSTAL_ADDRESS: lambda post: post.change_account(postal_address=None),
    FailureReason.SENDING_STOPPED: stop,
    FailureReason.NOT_SUBSCRIBED: lambda post: post.decide(ConsentStatus.UNSUBSCRIBED),
    FailureReason.SUPPRESSED: suppress,
}
OF_THE_READER = {FailureReason.NOT_SUBSCRIBED, FailureReason.SUPPRESSED}


@pytest.mark.parametrize("reason", OBSTACLES)
def test_what_changed_since_it_was_accepted_counts(reason: FailureReason, post: Post) -> None:
    message = post.accept()
    post.pass_time(minutes=1)
    OBSTACLES[reason](post)

    assert post.deliver(message) == Delivery(Outcome.FAILED, reason)

    known = post.known(message)
    assert (known.state, known.reason, known.due) == (FAILED, reason, None)
    assert post.ses.sent == []
    assert post.deliver(message) == DROPPED


@pytest.mark.parametrize("reason", OBSTACLES)
def test_a_test_message_needs_no_reader_who_wants_it(reason: FailureReason, post: Post) -> None:
    message = post.accept(test=True, by="ada@shop.example", to="ada@shop.example")
    post.pass_time(minutes=1)
    OBSTACLES[reason](post)

    delivery = post.deliver(message)

    assert delivery.outcome is (Outcome.SENT if reason in OF_THE_READER else Outcome.FAILED)


def test_a_sender_that_is_no_longer_verified(post: Post) -> None:
    message = post.accept()
    post.senders.save_state(replace(post.sender, state=SenderState.FAILED))

    assert post.deliver(message) == Delivery(Outcome.FAILED, FailureReason.SENDER)


def test_a_reader_who_is_gone(database: Database) -> None:
    post = Post(database.client, database.tables)
    message = post.accept()

    assert post.deliver(message) == Delivery(Outcome.FAILED, FailureReason.GONE)


def test_an_account_that_is_gone(post: Post) -> None:
    message = post.accept()
    key: Any = {"pk": {"S": post.account.id}, "sk": {"S": "account"}}
    post.workspace._client.delete_item(TableName=post.workspace._table, Key=key)

    assert post.deliver(message) == Delivery(Outcome.FAILED, FailureReason.GONE)


def test_a_message_that_says_nothing_any_more(post: Post) -> None:
    message = post.accept()
    key: Any = {
        "pk": {"S": keys.person(message.ref.account_id, message.ref.audience_id, message.ref.contact)},
        "sk": {"S": keys.message_content(message.id)},
    }
    post.messages._client.delete_item(TableName=post.messages._table, Key=key)

    assert post.deliver(message) == Delivery(Outcome.FAILED, FailureReason.GONE)


def test_the_link_of_a_test_unsubscribes_nobody(post: Post) -> None:
    message = post.accept(test=True, by="ada@shop.example", to="ada@shop.example")

    assert post.deliver(message) == Delivery(Outcome.SENT)

    mail = read_mail(post)
    assert mail["To"] == "ada@shop.example"
    assert mail["List-Unsubscribe"] == f"<{API_URL}/unsubscribe/test>"
    assert read("test") is None


def test_an_address_that_no_mail_can_go_to(post: Post) -> None:
    bad = "a b@example.com"
    post.decide(ConsentStatus.SUBSCRIBED, bad)
    message = post.accept(to=bad)

    assert post.deliver(message) == Delivery(Outcome.FAILED, FailureReason.REFUSED)

    assert post.known(message).detail == "The address is one that mail cannot be sent to."
    assert post.ses.calls == []


def test_what_the_mail_service_refuses_has_failed(post: Post) -> None:
    message = post.accept()
    post.ses.failures["SendEmail"] = ("MessageRejected", "Email address is not verified. " + "x" * 600)

    assert post.deliver(message) == Delivery(Outcome.FAILED, FailureReason.REFUSED)

    known = post.known(message)
    assert (known.state, known.reason) == (FAILED, FailureReason.REFUSED)
    assert known.detail is not None
    assert known.detail.startswith("Email address is not verified.")
    assert len(known.detail) == 500


@pytest.mark.parametrize(
    ("failure", "reason", "pause"),
    [
        (("TooManyRequestsException", "Maximum sending rate exceeded."), BusyReason.RATE, timedelta(minutes=1)),
        (("TooManyRequestsException", "Daily message quota exceeded."), BusyReason.QUOTA, timedelta(hours=1)),
        ("SendingPausedException", BusyReason.HELD, timedelta(hours=1)),
        ("AccountSuspendedException", BusyReason.HELD, timedelta(hours=1)),
        ("NotFoundException", BusyReason.HELD, timedelta(hours=1)),
        ("AccessDeniedException", BusyReason.HELD, timedelta(hours=1)),
    ],
)
def test_what_the_mail_service_takes_later_is_put_off(
    failure: Any, reason: BusyReason, pause: timedelta, post: Post
) -> None:
    message = post.accept()
    post.ses.failures["SendEmail"] = failure

    assert post.deliver(message) == Delivery(Outcome.PUT_OFF, reason)

    known = post.known(message)
    assert (known.state, known.times, known.due) == (SCHEDULED, {SCHEDULED: NOW}, NOW + pause)
    post.ses.failures.clear()
    post.pass_time(seconds=pause.total_seconds() - 1)
    assert post.sweep() == []
    post.pass_time(seconds=1)
    assert post.sweep() == [Swept.QUEUED]
    assert post.deliver(message) == Delivery(Outcome.SENT)


@pytest.mark.parametrize("hook", ["before", "after"])
def test_of_a_lost_answer_nobody_knows(hook: str, post: Post) -> None:
    message = post.accept()

    def lose() -> None:
        raise OSError("the connection is gone")

    setattr(post.ses, hook, lose)
    with pytest.raises(Uncertain):
        post.deliver(message)

    assert post.known(message).state is SENDING
    assert post.deliver(message) == DROPPED
    post.now += LEASE
    assert post.sweep() == [Swept.UNKNOWN]
    known = post.known(message)
    assert (known.state, known.due) == (UNKNOWN, None)
    post.pass_time(days=2)
    assert post.sweep() == []
    assert post.deliver(message) == DROPPED
    assert len(post.ses.sent) == (hook == "after")


@pytest.mark.parametrize("answered", [True, False])
def test_what_ses_tells_of_a_mail_may_come_before_its_answer(answered: bool, database: Database, post: Post) -> None:
    message = post.accept()
    heard = Heard(database.client, database.tables.contacts, database.tables.workspace)
    ledger = Ledger(database.client, database.tables.ledger)
    evidence = Evidence(database.client, database.tables.ledger)
    ear = Ear(heard, ledger, evidence, post.contacts, post.suppressions)

    def tell() -> None:
        found = read_feedback(event_about(message, "send", NOW, mail_id=post.ses.sent[0].id)["detail"])
        assert isinstance(found, Feedback)
        ear.hear(found, NOW)
        if not answered:
            raise OSError("the connection is gone")

    post.ses.after = tell
    if answered:
        assert post.deliver(message) == Delivery(Outcome.SENT)
    else:
        with pytest.raises(Uncertain):
            post.deliver(message)

    known = post.known(message)
    assert (known.state, known.mail_id, known.due) == (SENT, post.ses.sent[0].id, None)
    post.now += LEASE
    assert post.sweep() == []


QUIET = QuietHours(time(11), time(14), "UTC")


def test_in_quiet_hours_it_waits_for_their_end(post: Post) -> None:
    message = post.accept()
    trial = post.accept(test=True)
    post.change_account(quiet_hours=QUIET)

    assert post.deliver(message) == Delivery(Outcome.PUT_OFF)
    assert post.deliver(trial) == Delivery(Outcome.SENT)

    known = post.known(message)
    assert (known.state, known.due) == (SCHEDULED, NOW.replace(hour=14))
    post.now = NOW.replace(hour=14)
    assert post.sweep() == [Swept.QUEUED]
    assert post.deliver(message) == Delivery(Outcome.SENT)


def test_a_scheduled_message_is_queued_when_its_time_has_come(post: Post) -> None:
    message = post.accept(SCHEDULED, due=NOW + timedelta(minutes=5))
    assert post.deliver(message) == DROPPED

    assert post.sweep() == []
    post.pass_time(minutes=5)
    assert post.sweep() == [Swept.QUEUED]

    assert post.queue == [(message.ref, message.id)]
    known = post.known(message)
    assert (known.state, known.due) == (QUEUED, post.now + QUEUED_FOR)
    assert post.sweep() == []


def test_one_whose_place_in_the_queue_got_lost_is_queued_again(post: Post) -> None:
    message = post.accept()
    post.queue.clear()
    post.now += QUEUED_FOR

    assert post.sweep() == [Swept.QUEUED_AGAIN]

    assert post.queue == [(message.ref, message.id)]
    assert post.known(message).due == post.now + QUEUED_FOR


def test_one_that_is_cancelled_is_not_sent(post: Post) -> None:
    message = post.accept()
    assert post.messages.fail(message, NOW, FailureReason.CANCELLED, after=QUEUED)

    assert post.deliver(message) == DROPPED
    post.pass_time(hours=2)
    assert post.sweep() == []


def test_what_is_in_the_outbox_by_an_old_view_of_it_is_left(post: Post) -> None:
    sent, later, gone = post.accept(), post.accept(SCHEDULED), post.accept()
    post.deliver(sent)
    missing = replace(gone, id="0" * 24)
    due = [(it.ref, it.id) for it in (sent, later, missing)]
    post.messages.due = lambda _now: iter(due)  # type: ignore[method-assign]

    assert post.sweep() == [Swept.LEFT] * 3

    assert len(post.queue) == 2


def test_others_may_be_faster(post: Post) -> None:
    message = post.accept(SCHEDULED, due=NOW)
    lent = post.accept(SCHEDULED, due=NOW)
    post.messages.queue(lent, NOW, NOW)
    lent = post.known(lent)
    assert post.messages.claim(lent, "others", NOW, NOW)
    stale = {it.id: it for it in (message, post.known(lent))}
    post.messages.queue(message, NOW, NOW + QUEUED_FOR)
    post.messages.sent(lent, NOW, "mail-9")
    post.messages.due = lambda _now: iter([(it.ref, it.id) for it in stale.values()])  # type: ignore[method-assign]
    post.messages.message = lambda _ref, id_: stale[id_]  # type: ignore[method-assign]

    assert post.sweep() == [Swept.LEFT, Swept.LEFT]
