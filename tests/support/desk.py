"""A desk, on tables in memory unless others are given: an account that may write, with readers who want mail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from laurel.messaging.compose import Desk, MessageWish, Writer
from laurel.messaging.survey import Sources
from laurel.model.account import Account, Audience, Plan, Role
from laurel.model.contact import Consent, ConsentStatus, ContactRef, Person, merged
from laurel.model.message import Message, Usage
from laurel.model.sender import Identity, Sender, SenderKind, SenderState
from laurel.model.template import Content
from laurel.store import keys
from laurel.store.allowances import Allowances
from laurel.store.contacts import Contacts
from laurel.store.deliverability import Tallies
from laurel.store.dynamodb import attributes
from laurel.store.messages import Messages
from laurel.store.rankings import Rankings
from laurel.store.senders import Senders
from laurel.store.suppressions import Suppressions
from laurel.store.templates import Templates
from laurel.store.workspace import Workspace
from tests.support.samples import ACCOUNT, ADA, AUDIENCE, NOW, a_store
from tests.support.stage import MemoryStage
from tests.support.tables import Database

if TYPE_CHECKING:
    from datetime import datetime

MARKETER = Writer(Role.MARKETER, "kim@shop.example", email_verified=True)
BARE = MessageWish(Content("Hello {{ contact.first_name }}", "You are number {{ rank.total_spent }}.", None))
"""Shows fields, and nothing where they have no value."""

HELLO = MessageWish(
    Content(
        'Hello {{ contact.first_name | default("you") }}',
        "You are number {% if rank.total_spent %}{{ rank.total_spent }}{% endif %}.",
        None,
    )
)


class MailService:
    """What the mail service knows of senders."""

    def __init__(self) -> None:
        self.states: dict[str, SenderState] = {}
        self.asked: list[str] = []

    def create(self, sender: Sender) -> Identity:
        raise NotImplementedError

    def identity(self, identity: str) -> Identity | None:
        self.asked.append(identity)
        return Identity(self.states[identity]) if identity in self.states else None

    def delete(self, identity: str) -> None:
        raise NotImplementedError


class Queue:
    """Takes messages, until ``fails``."""

    def __init__(self) -> None:
        self.sent: list[tuple[ContactRef, str]] = []
        self.fails: BaseException | None = None

    def send(self, ref: ContactRef, message_id: str) -> None:
        if self.fails:
            raise self.fails
        self.sent.append((ref, message_id))


class Company:
    """An account on the plan essentials with a verified domain, a connected store, and Ada, who is subscribed."""

    def __init__(
        self, database: Database | None = None, account_id: str = ACCOUNT, domain: str = "shop.example"
    ) -> None:
        self.stage = MemoryStage()
        self.database = database or Database(self.stage.client, self.stage.tables)
        client, tables = self.database
        self.workspace = Workspace(client, tables.workspace)
        self.contacts = Contacts(client, tables.contacts)
        self.messages = Messages(client, tables.contacts)
        self.allowances = Allowances(client, tables.workspace)
        self.senders = Senders(client, tables.workspace)
        self.suppressions = Suppressions(client, tables.workspace)
        self.templates = Templates(client, tables.workspace)
        self.mail_service = MailService()
        self.queue = Queue()
        sources = Sources(
            self.workspace, self.contacts, self.senders, self.mail_service, self.suppressions,
            Tallies(client, tables.workspace), self.allowances,
        )  # fmt: skip
        self.desk = Desk(
            sources, self.templates, Rankings(client, tables.rankings), self.allowances, self.messages, self.queue,
            "https://api.example.test/v1/unsubscribe/test",
        )  # fmt: skip
        self.account = Account(
            account_id,
            "Shop",
            Plan.ESSENTIALS,
            "en",
            "00" * 32,
            NOW,
            "Hauptstr. 1\nBerlin",
            "The shop",
            f"hi@{domain}",
        )
        self.workspace.save_account(self.account)
        self.workspace.save_audience(Audience(account_id, AUDIENCE, "Customers", 1, NOW))
        self.workspace.save_store(a_store(account_id=account_id))
        self.sender = self.holds(domain, SenderKind.DOMAIN)
        self.ada = self.reader(ADA, first_name="Ada")

    def change(self, **changes: Any) -> None:
        """Another account of the same id."""
        self.account = replace(self.account, **changes)
        self.workspace.save_account(self.account)

    def holds(self, identity: str, kind: SenderKind, state: SenderState = SenderState.VERIFIED) -> Sender:
        """A sender of the account."""
        return self.senders.claim(Sender(self.account.id, identity.replace("@", "-"), kind, identity, state, NOW, NOW))

    def reader(self, email: str, status: ConsentStatus | None = ConsentStatus.SUBSCRIBED, **more: Any) -> ContactRef:
        """A contact."""
        consent = Consent(status, NOW) if status else None
        contact = merged(None, Person(email, NOW, consent=consent, **more), NOW)
        self.contacts.save(self.account.id, AUDIENCE, contact)
        return ContactRef(self.account.id, AUDIENCE, contact.id)

    def has_sent(self, month: int, day: int, now: datetime = NOW) -> None:
        """Say what was counted so far."""
        key = attributes({"pk": self.account.id, "sk": keys.messages_of_month(f"{now:%Y-%m}")})
        counted = attributes({"sent": month, f"sent_on_{now:%d}": day})
        self.database.client.put_item(TableName=self.database.tables.workspace, Item=key | counted)

    def counted(self, now: datetime = NOW) -> Usage:
        """What was counted so far."""
        return self.allowances.usage(self.account.id, now)

    def kept(self, ref: ContactRef) -> list[Message]:
        """The messages to a contact."""
        return list(self.messages.messages_of(ref.account_id, ref.audience_id, ref.contact))
