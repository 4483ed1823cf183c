"""An account that may send mail, on any tables, with its outbox, its queue and a mail service in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from laurel.messaging.outbox import Delivery, Outbox, Sources
from laurel.messaging.sweep import Swept, sweep
from laurel.model.account import Account, Plan
from laurel.model.contact import Consent, ConsentSource, ConsentStatus, ContactRef, Person, merged
from laurel.model.identity import contact_id, new_id
from laurel.model.message import Message, MessageContent, MessageState
from laurel.model.sender import Sender, SenderKind, SenderState
from laurel.store.contacts import Contacts
from laurel.store.deliverability import Tallies
from laurel.store.link_keys import LinkKeys
from laurel.store.mail_service import SESMail
from laurel.store.messages import Messages
from laurel.store.senders import Senders
from laurel.store.suppressions import Suppressions
from laurel.store.workspace import Workspace
from tests.support.mail_service import CONFIGURATION_SET, FakeSES
from tests.support.messages import READER, SAID, a_message
from tests.support.samples import NOW

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.support.tables import Tables

API_URL = "https://api.example.test/v1"


class Post:
    """What happens to messages of one account. ``queue`` holds who is to be sent; the clock is ``now``."""

    def __init__(self, client: DynamoDBClient, tables: Tables) -> None:
        self.now = NOW
        self.ses = FakeSES()
        self.queue: list[tuple[ContactRef, str]] = []
        self.before_queueing: Callable[[], None] = lambda: None
        self.workspace = Workspace(client, tables.workspace)
        self.contacts = Contacts(client, tables.contacts)
        self.messages = Messages(client, tables.contacts)
        self.senders = Senders(client, tables.workspace)
        self.suppressions = Suppressions(client, tables.workspace)
        self.link_keys = LinkKeys(client, tables.workspace)
        self.account = Account(
            new_id(), "Shop", Plan.STANDARD, "en", "00" * 32, NOW, postal_address="Shop street 1\nBerlin"
        )
        self.audience = new_id()
        self.workspace.save_account(self.account)
        self.domain = f"{self.account.id}.example"
        self.sender = Sender(self.account.id, new_id(), SenderKind.DOMAIN, self.domain, SenderState.VERIFIED, NOW, NOW)
        self.senders.claim(self.sender)
        self.link_keys.made(self.account.id)
        self.waits = 0
        self.outbox = Outbox(
            Sources(
                messages=self.messages,
                accounts=self.workspace,
                people=self.contacts,
                senders=self.senders,
                suppressions=self.suppressions,
                standings=Tallies(client, tables.workspace),
                link_keys=self.link_keys,
            ),
            SESMail(self.ses, CONFIGURATION_SET, tenants=False),
            API_URL,
            lambda: self.now,
            self._wait,
        )

    def change_account(self, **changes: Any) -> None:
        """Keep an account that differs."""
        self.account = replace(self.account, **changes)
        self.workspace.save_account(self.account)

    def decide(self, status: ConsentStatus, email: str = READER, locale: str | None = None) -> None:
        """A reader's decision, made now; the first makes them a contact."""
        known = self.contacts.contact(self.account.id, self.audience, contact_id(email))
        consent = Consent(status, self.now)
        person = Person(email, self.now, "Kim", locale=locale, consent=consent, consent_source=ConsentSource.PERSON)
        assert self.contacts.save(self.account.id, self.audience, merged(known, person, self.now))

    def accept(self, state: MessageState = MessageState.QUEUED, said: MessageContent = SAID, **more: Any) -> Message:
        """Keep a message to a reader; one that is queued is in the queue as well."""
        to = more.get("to", READER)
        ref = ContactRef(self.account.id, self.audience, contact_id(to))
        message = a_message(ref, state, **({"sender": f"hello@{self.domain}"} | more))
        assert self.messages.accept(message, said)
        if state is MessageState.QUEUED:
            self.queue.append((ref, message.id))
        return message

    def deliver(self, message: Message) -> Delivery:
        """Have a sender take a message."""
        return self.outbox.deliver(message.ref, message.id)

    def send(self, ref: ContactRef, message_id: str) -> None:
        """Put somebody into the queue."""
        self.before_queueing()
        self.queue.append((ref, message_id))

    def sweep(self) -> list[Swept]:
        """Look after this account's part of the outbox."""
        due = [it for it in self.messages.due(self.now) if it[0].account_id == self.account.id]
        return [sweep(self.messages, self, ref, message_id, self.now) for ref, message_id in due]

    def known(self, message: Message) -> Message:
        """A message as it is now."""
        found = self.messages.message(message.ref, message.id)
        assert found
        return found

    def pass_time(self, **time: float) -> None:
        """Let the clock go on."""
        self.now += timedelta(**time)

    def _wait(self) -> None:
        self.waits += 1
