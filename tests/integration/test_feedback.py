"""Feedback in storage: what each kind changes, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from laurel.ingestion.record import Outcome
from laurel.messaging.feedback import Feedback, read
from laurel.messaging.hear import Refusal
from laurel.model.account import Audience
from laurel.model.contact import Consent, ConsentStatus, ContactRef
from laurel.model.deliverability import Counts
from laurel.model.identity import contact_id
from laurel.model.message import MessageState
from laurel.model.suppression import SuppressionReason
from laurel.store.contacts import Contacts
from laurel.store.scores import Scores
from laurel.store.scoring_rules import ScoringRules
from laurel.store.suppressions import Suppressions
from laurel.store.workspace import Workspace
from tests.support.consumer import consumer
from tests.support.feedback import MAILBOX, NOW, SENT_AT, World, feedback
from tests.support.mail_events import KINDS, MAIL_ID, event_about
from tests.support.samples import ADA_ID
from tests.support.stage import MemoryStage
from tests.support.steps import a_rule
from tests.support.tables import Database


@pytest.fixture
def world(database: Database) -> World:
    return World.on(database)


def test_a_delivery_is_a_fact_of_the_contact_and_of_the_day(world: World) -> None:
    message = world.a_message()

    assert world.hear(message, "delivery") is Outcome.ACCEPTED

    kept = world.kept(message)
    assert kept.state is MessageState.DELIVERED
    assert kept.times[MessageState.DELIVERED] == SENT_AT + timedelta(seconds=60)
    assert (kept.mail_id, kept.due, kept.told) == (MAIL_ID, None, True)
    assert list(world.messages.due(NOW)) == [], "nobody has to look after it"
    (activity,) = world.activities()
    assert activity.name == "email.delivered"
    assert activity.properties == {"message": message.id}
    assert (world.status(), world.suppressed()) == (ConsentStatus.SUBSCRIBED, None)
    assert world.totals() == Counts(sent=1, delivered=1)


def test_an_open_and_clicks_are_told_of_one_by_one(world: World) -> None:
    message = world.a_message()

    for seconds in (60, 70, 80):
        world.hear(message, "open", seconds, userAgent=MAILBOX)
    world.hear(message, "click", 90, userAgent=MAILBOX, link="https://example.com/a")
    world.hear(message, "click", 90, userAgent=MAILBOX, link="https://example.com/b")

    assert world.names() == ["email.clicked"] * 2 + ["email.opened"] * 3
    assert world.kept(message).state is MessageState.CLICKED
    assert world.totals() == Counts(sent=1, opened=1, clicked=1)


def test_a_bounce_for_good_cleans_the_contact(world: World) -> None:
    message = world.a_message()

    assert world.hear(message, "bounce-permanent") is Outcome.ACCEPTED

    (activity,) = world.activities()
    assert activity.properties["permanent"] is True
    assert world.status() is ConsentStatus.CLEANED
    assert world.suppressed() is SuppressionReason.BOUNCE
    assert world.kept(message).bounced_for_good
    assert world.totals() == Counts(sent=1, bounced=1)


@pytest.mark.parametrize(
    ("type_", "subtype"),
    [("Transient", "MailboxFull"), ("Undetermined", "Undetermined"), ("Permanent", "OnAccountSuppressionList")],
)
def test_another_bounce_does_not(world: World, type_: str, subtype: str) -> None:
    message = world.a_message()

    assert world.hear(message, "bounce-permanent", bounceType=type_, bounceSubType=subtype) is Outcome.ACCEPTED

    assert world.names() == ["email.bounced"]
    assert (world.status(), world.suppressed()) == (ConsentStatus.SUBSCRIBED, None)
    assert world.kept(message).state is MessageState.BOUNCED
    assert world.totals() == Counts(sent=1)


def test_a_complaint_is_a_decision_against_mail(world: World) -> None:
    message = world.a_message()

    assert world.hear(message, "complaint") is Outcome.ACCEPTED

    assert world.names() == ["email.complained"]
    assert world.status() is ConsentStatus.UNSUBSCRIBED
    assert world.suppressed() is SuppressionReason.COMPLAINT
    assert world.totals() == Counts(sent=1, complained=1)


def test_suppressed_addresses_are_the_accounts_own(world: World, database: Database) -> None:
    other = World.on(database)
    message = world.a_message()

    world.hear(message, "complaint")

    assert (other.suppressed(), other.status(), other.totals()) == (None, ConsentStatus.SUBSCRIBED, Counts())


def test_a_decision_taken_back_stays_taken_back(world: World) -> None:
    message = world.a_message()
    world.hear(message, "complaint")
    suppressions = Suppressions(world.client, world.database.tables.workspace)
    assert suppressions.release(world.account, ADA_ID)
    contacts = Contacts(world.client, world.database.tables.contacts)
    contact = contacts.contact(world.account, world.audience, ADA_ID)
    assert contact
    again = Consent(ConsentStatus.SUBSCRIBED, NOW)
    assert contacts.save(world.account, world.audience, replace(contact, consent=again, version=contact.version + 1))

    assert world.hear(message, "complaint") is Outcome.UNCHANGED

    assert (world.status(), world.suppressed()) == (ConsentStatus.SUBSCRIBED, None)


def test_what_a_machine_opened_is_a_fact_but_no_persons(world: World) -> None:
    message = world.a_message()

    world.hear(message, "open", 30, userAgent="Mozilla/5.0")
    world.hear(message, "click-honeypot", 31)

    assert {activity.machine for activity in world.activities()} == {"apple_mail_privacy", "honeypot"}
    assert world.kept(message).state is MessageState.SENT
    assert world.totals() == Counts(sent=1)


def test_haste_gives_a_machine_away_in_either_order(world: World) -> None:
    first, second = world.a_message(), world.a_message()

    world.hear(first, "delivery", 10)
    world.hear(first, "open", 11, userAgent=MAILBOX)
    world.hear(second, "open", 11, userAgent=MAILBOX)
    world.hear(second, "delivery", 10)

    opened = [activity for activity in world.activities() if activity.name == "email.opened"]
    assert [activity.machine for activity in opened] == ["too_fast", "too_fast"]


def test_a_test_message_changes_nothing_but_itself(world: World) -> None:
    message = world.a_message(test=True, to="eve@example.com")

    for kind in ("delivery", "open", "click", "bounce-permanent", "complaint"):
        assert world.hear(message, kind) is Outcome.ACCEPTED

    assert world.kept(message).state is MessageState.COMPLAINED
    assert (world.names(), world.status(), world.totals()) == ([], ConsentStatus.SUBSCRIBED, Counts())
    assert (world.suppressed(), world.suppressed("eve@example.com")) == (None, None)


def test_a_contact_who_is_gone_does_not_come_back(world: World) -> None:
    gone = ContactRef(world.account, world.audience, contact_id("gone@example.com"))
    message = world.a_message(ref=gone, to="gone@example.com")

    assert world.hear(message, "complaint") is Outcome.ACCEPTED

    assert world.ear.people.contact(gone.account_id, gone.audience_id, gone.contact) is None
    assert world.kept(message).state is MessageState.COMPLAINED
    assert world.totals() == Counts(sent=1, complained=1)


@pytest.mark.parametrize("kind", KINDS)
def test_feedback_that_is_not_about_a_mail_that_was_sent_is_refused(world: World, kind: str) -> None:
    message = world.a_message(mail_id=None)
    world.messages.sent(message, SENT_AT, MAIL_ID)
    queued = world.a_message(times={MessageState.QUEUED: SENT_AT})
    stranger = World.on(world.database)
    elsewhere = replace(message, ref=stranger.ref)
    before = world.all(message)

    assert world.hear(replace(message, id="f" * 24), kind) is Refusal.UNKNOWN_MESSAGE
    assert world.hear(elsewhere, kind) is Refusal.UNKNOWN_MESSAGE
    assert world.hear(replace(message, ref=replace(world.ref, contact="0" * 32)), kind) is Refusal.UNKNOWN_MESSAGE
    assert world.hear(message, kind, mail_id="another-mail") is Refusal.OTHER_MAIL
    assert world.hear(message, kind, to="eve@example.com") is Refusal.OTHER_RECIPIENT
    assert world.hear(queued, kind) is Refusal.NOT_SENT

    assert world.all(message) == before
    assert stranger.totals() == Counts()
    assert stranger.status() is ConsentStatus.SUBSCRIBED


def test_a_mail_to_several_is_none_of_ours(world: World) -> None:
    message = world.a_message()
    detail = event_about(message, "complaint")["detail"]
    detail["mail"]["destination"].append("eve@example.com")
    heard = read(detail)
    assert isinstance(heard, Feedback)

    assert world.ear.hear(heard, NOW) is Refusal.OTHER_RECIPIENT


def test_a_bounce_of_somebody_else_is_refused(world: World) -> None:
    forwarded = replace(feedback(world.a_message(), "bounce-permanent"), about=("eve@example.com",))

    assert world.ear.hear(forwarded, NOW) is Refusal.OTHER_RECIPIENT


def test_a_sender_who_comes_late_changes_nothing(world: World) -> None:
    message = world.a_message()
    world.hear(message, "delivery")
    before = world.kept(message)

    assert not world.messages.sent(message, NOW, MAIL_ID)
    assert not world.messages.give_up(message, NOW)

    assert world.kept(message) == before


def test_an_unknown_message_is_found_again(world: World) -> None:
    message = world.a_message()
    assert world.messages.give_up(message, NOW)

    assert world.hear(message, "send") is Outcome.ACCEPTED

    assert world.kept(message).state is MessageState.SENT
    assert world.totals() == Counts(sent=1)


def test_who_opens_and_bounces_is_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given rules for opened and bounced messages
    stage = MemoryStage()
    database = Database(stage.client, stage.tables)
    world = World.on(database)
    Workspace(stage.client, stage.tables.workspace).save_audience(
        Audience(world.account, world.audience, "Newsletter", 1, NOW)
    )
    rules = ScoringRules(stage.client, stage.tables.workspace)
    for points, name in ((5, "email.opened"), (20, "email.clicked"), (3, "email.bounced"), (7, "email.complained")):
        assert rules.save(world.account, world.audience, a_rule(points, name.replace(".", ""), activity=name))
    score = consumer(monkeypatch, database)
    message = world.a_message()

    # When a person opens and clicks, a machine opens, and both come more than once
    for _ in range(2):
        world.hear(message, "open", 60, userAgent=MAILBOX)
        world.hear(message, "open", 61, userAgent="Mozilla/5.0")
        world.hear(message, "click", 62, userAgent=MAILBOX)
        world.hear(message, "complaint", 63)
    assert score([it for it in stage.records if it["dynamodb"]["Keys"]["sk"]["S"].startswith("activity#")]) == []

    # Then the person's are scored, each once
    found = Scores(stage.client, stage.tables.contacts).read(world.account, world.audience, 1, ADA_ID)
    assert found
    assert found.state.points == 5 + 20 + 7
