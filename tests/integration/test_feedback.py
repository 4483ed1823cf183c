"""Feedback in storage: each effect once, whatever is repeated, crashes or comes in between."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.ingestion.record import Outcome
from laurel.messaging.feedback import Feedback, read
from laurel.messaging.hear import Ear, Refusal
from laurel.model.account import Audience
from laurel.model.activity import Activity
from laurel.model.contact import Consent, ConsentStatus, ContactRef
from laurel.model.deliverability import Counts
from laurel.model.errors import Busy
from laurel.model.identity import contact_id, new_id
from laurel.model.message import Message, MessageContent, MessageState
from laurel.model.suppression import SuppressionReason
from laurel.store.contacts import Contacts
from laurel.store.deliverability import Tallies
from laurel.store.evidence import Evidence
from laurel.store.feedback import Heard
from laurel.store.ledger import Ledger
from laurel.store.messages import Messages
from laurel.store.scores import Scores
from laurel.store.scoring_rules import ScoringRules
from laurel.store.suppressions import Suppressions
from laurel.store.workspace import Workspace
from tests.support.consumer import consumer
from tests.support.mail_events import KINDS, MAIL_ID, event_about
from tests.support.memory import client_error
from tests.support.samples import ADA, ADA_ID, a_contact, at
from tests.support.stage import MemoryStage
from tests.support.steps import a_rule
from tests.support.tables import Database

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SENT_AT = at("2026-11-22T10:30:00")
NOW = SENT_AT + timedelta(hours=1)
MAILBOX = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"
_numbers = itertools.count()


class Crashed(Exception):
    """Somebody pulled the plug."""


@dataclass
class World:
    """A contact who was sent a message, and everything that hears of it."""

    client: DynamoDBClient
    database: Database
    account: str
    audience: str

    @classmethod
    def on(cls, database: Database) -> World:
        world = cls(database.client, database, new_id(), new_id())
        contact = a_contact(
            consent=Consent(ConsentStatus.SUBSCRIBED, SENT_AT - timedelta(days=9)), seen_at=SENT_AT - timedelta(days=9)
        )
        assert Contacts(database.client, database.tables.contacts).save(world.account, world.audience, contact)
        return world

    @property
    def ref(self) -> ContactRef:
        return ContactRef(self.account, self.audience, ADA_ID)

    @property
    def ear(self) -> Ear:
        tables = self.database.tables
        return Ear(
            Heard(self.client, tables.contacts, tables.workspace),
            Ledger(self.client, tables.ledger),
            Evidence(self.client, tables.ledger),
            Contacts(self.client, tables.contacts),
            Suppressions(self.client, tables.workspace),
            pause=lambda _: None,
        )

    @property
    def messages(self) -> Messages:
        return Messages(self.client, self.database.tables.contacts)

    def a_message(self, **changes: Any) -> Message:
        """Kept as being sent unless its ``times`` say otherwise."""
        message = Message(
            ref=self.ref,
            id=f"{next(_numbers):024x}",
            to=ADA,
            sender="shop@example.com",
            subject="Hello",
            created_at=SENT_AT,
            times={MessageState.QUEUED: SENT_AT, MessageState.SENDING: SENT_AT},
            due=SENT_AT + timedelta(minutes=10),
        )
        message = replace(message, **changes)
        assert self.messages.accept(message, MessageContent("Hello", "Hello", None))
        return message

    def hear(self, message: Message, kind: str, seconds: float = 60, **more: Any) -> Outcome | Refusal:
        return self.ear.hear(feedback(message, kind, seconds, **more), NOW)

    def kept(self, message: Message) -> Message:
        kept = self.messages.message(message.ref, message.id)
        assert kept
        return kept

    def activities(self) -> list[Activity]:
        history = Ledger(self.client, self.database.tables.ledger).history_of(self.account, self.audience, ADA_ID)
        return sorted((fact for _, fact in history if isinstance(fact, Activity)), key=lambda it: it.id)

    def names(self) -> list[str]:
        return sorted(activity.name for activity in self.activities())

    def status(self) -> ConsentStatus:
        contact = Contacts(self.client, self.database.tables.contacts).contact(self.account, self.audience, ADA_ID)
        assert contact
        return contact.status

    def suppressed(self, email: str = ADA) -> SuppressionReason | None:
        found = Suppressions(self.client, self.database.tables.workspace).suppression(self.account, email)
        return found.reason if found else None

    def totals(self) -> Counts:
        return Tallies(self.client, self.database.tables.workspace).standing(self.account, NOW).totals

    def all(self, message: Message) -> tuple[Any, ...]:
        """Everything that feedback can change."""
        return self.kept(message), self.activities(), self.status(), self.suppressed(), self.totals()


def feedback(message: Message, kind: str, seconds: float = 60, **more: Any) -> Feedback:
    heard = read(event_about(message, kind, SENT_AT + timedelta(seconds=seconds), **more)["detail"])
    assert isinstance(heard, Feedback)
    return heard


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


Story = list[tuple[str, int, str]]
STORY = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 30), st.sampled_from([MAILBOX, "Mozilla/5.0"])), max_size=6
)


@given(story=STORY, data=st.data())
def test_three_deliveries_in_any_order_are_as_good_as_one(story: Any, data: st.DataObject) -> None:
    stage = MemoryStage()
    database = Database(stage.client, stage.tables)

    _compare(database, story, data.draw(st.permutations(story * 3)))


def test_three_deliveries_of_everything_are_as_good_as_one(database: Database) -> None:
    story = [(kind, seconds, MAILBOX) for seconds, kind in enumerate(KINDS)]
    again = story * 3
    random.Random(5).shuffle(again)

    _compare(database, story, again)


def _compare(database: Database, story: Story, in_another_order: Story) -> None:
    """Two contacts are told the same of; it must come to the same."""
    one, other = World.on(database), World.on(database)
    first, second = one.a_message(due=None), other.a_message(due=None)

    for kind, seconds, agent in story:
        one.hear(first, kind, seconds, userAgent=agent)
    for kind, seconds, agent in in_another_order:
        other.hear(second, kind, seconds, userAgent=agent)

    assert replace(other.kept(second), id=first.id, ref=first.ref) == one.kept(first)
    assert other.names() == one.names()
    assert other.totals() == one.totals()
    assert (other.suppressed() is None) == (one.suppressed() is None)
    assert (other.status() is ConsentStatus.SUBSCRIBED) == (one.status() is ConsentStatus.SUBSCRIBED)


def test_tallies_are_a_recount_of_the_messages(world: World) -> None:
    chance = random.Random(7)
    messages = [world.a_message() for _ in range(12)]
    events = [
        (message, kind, chance.randint(1, 100))
        for message in messages
        for kind in chance.sample(KINDS, chance.randint(0, 5))
    ]
    chance.shuffle(events)

    for message, kind, seconds in events + events[::2]:
        world.hear(message, kind, seconds)

    kept = [world.kept(message) for message in messages]

    def reached(state: MessageState) -> int:
        return sum(state in message.times for message in kept)

    assert world.totals() == Counts(
        sent=sum(message.told for message in kept),
        delivered=reached(MessageState.DELIVERED),
        bounced=sum(message.bounced_for_good for message in kept),
        complained=reached(MessageState.COMPLAINED),
        opened=reached(MessageState.OPENED),
        clicked=reached(MessageState.CLICKED),
    )
    assert world.totals().sent == len({message.id for message, _, _ in events})


def _crashing(stage: MemoryStage, hook: str, at_step: int) -> None:
    passed = itertools.count(1)

    def crash(_operation: str) -> None:
        if next(passed) == at_step:
            raise Crashed

    setattr(stage, hook, crash)


def _ended_well(stage: MemoryStage) -> None:
    stage.before = stage.after = lambda _: None


def _crashes(kind: str) -> Iterator[tuple[World, Message]]:
    """Worlds in which hearing was cut off before and after each request, and told again until it went well."""
    for hook in ("before", "after"):
        for step in itertools.count(1):
            stage = MemoryStage()
            world = World.on(Database(stage.client, stage.tables))
            message = world.a_message()
            _crashing(stage, hook, step)
            try:
                world.hear(message, kind)
            except Crashed:
                _ended_well(stage)
                world.hear(message, kind)
                yield world, message
            else:
                break


@pytest.mark.parametrize("kind", KINDS)
def test_a_crash_at_any_step_loses_and_doubles_nothing(kind: str) -> None:
    undisturbed = World.on(Database((stage := MemoryStage()).client, stage.tables))
    message = undisturbed.a_message()
    undisturbed.hear(message, kind)
    wanted = undisturbed.kept(message)

    crashes = 0
    for world, cut_off in _crashes(kind):
        crashes += 1
        assert replace(world.kept(cut_off), id=wanted.id, ref=wanted.ref) == wanted
        assert world.names() == undisturbed.names()
        assert (world.status(), world.suppressed()) == (undisturbed.status(), undisturbed.suppressed())
        assert world.totals() == undisturbed.totals()
    assert crashes >= 3


def test_much_at_once_is_counted_right() -> None:
    stage = MemoryStage()

    _hear_much_at_once(Database(stage.client, stage.tables))


@pytest.mark.dynamodb_local
def test_much_at_once_is_counted_right_on_dynamodb(dynamodb_local_tables: Database) -> None:
    _hear_much_at_once(dynamodb_local_tables)


def _hear_much_at_once(database: Database) -> None:
    """Twice of everything, on eight threads; who is busy is told again, as Lambda does."""
    world = World.on(database)
    messages = [world.a_message() for _ in range(20)]
    events = [(message, kind) for message in messages for kind in ("send", "delivery", "open") * 2]
    random.Random(3).shuffle(events)

    def hear(event: tuple[Message, str]) -> None:
        message, kind = event
        while True:
            with suppress(Busy):
                world.hear(message, kind, userAgent=MAILBOX)
                return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hear, events))

    assert world.totals() == Counts(sent=20, delivered=20, opened=20)
    assert world.names() == ["email.delivered"] * 20 + ["email.opened"] * 20


def test_who_is_outrun_again_and_again_is_busy() -> None:
    stage = MemoryStage()
    world = World.on(Database(stage.client, stage.tables))
    message = world.a_message()

    def conflict(operation: str) -> None:
        if operation == "transact_write_items":
            raise client_error("TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}])

    stage.before = conflict
    with pytest.raises(Busy):
        world.hear(message, "send")


def test_what_fails_otherwise_is_told() -> None:
    stage = MemoryStage()
    world = World.on(Database(stage.client, stage.tables))
    message = world.a_message()

    def fail(operation: str) -> None:
        if operation == "transact_write_items":
            raise client_error("InternalServerError")

    stage.before = fail
    with pytest.raises(Exception, match="InternalServerError"):
        world.hear(message, "send")


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
