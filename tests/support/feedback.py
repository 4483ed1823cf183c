"""A contact who was sent a message, everything that hears of it, and feedback as the mail service tells it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from laurel.messaging.feedback import Feedback, read
from laurel.messaging.hear import Ear, Refusal
from laurel.model.activity import Activity
from laurel.model.contact import Consent, ConsentStatus, ContactRef
from laurel.model.identity import new_id
from laurel.model.message import Message, MessageContent, MessageState
from laurel.store.contacts import Contacts
from laurel.store.deliverability import Tallies
from laurel.store.evidence import Evidence
from laurel.store.feedback import Heard
from laurel.store.ledger import Ledger
from laurel.store.messages import Messages
from laurel.store.suppressions import Suppressions
from tests.support.mail_events import event_about
from tests.support.samples import ADA, ADA_ID, a_contact, at

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from laurel.ingestion.record import Outcome
    from laurel.model.deliverability import Counts
    from laurel.model.suppression import SuppressionReason
    from tests.support.tables import Database

SENT_AT = at("2026-11-22T10:30:00")
NOW = SENT_AT + timedelta(hours=1)
MAILBOX = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"
_numbers = itertools.count()


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
