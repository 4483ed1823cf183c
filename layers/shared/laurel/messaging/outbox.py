"""The outbox: from a message that was accepted to its mail, at most once, whoever is killed when.

A sender says that it will send before it does, and that it has after it did. Nobody else sends in between, so that who
is killed there leaves a message of which nobody knows whether it went out: it becomes unknown, and is not sent again.
Everything else that gets lost is found in the outbox (``laurel.messaging.sweep``) and taken up once more.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from laurel.messaging.foot import Foot, complete
from laurel.messaging.languages import language
from laurel.messaging.mail import Letter, Unmailable, mime
from laurel.messaging.unsubscribe import token
from laurel.model.account import Account
from laurel.model.contact import ConsentStatus, Contact, ContactRef
from laurel.model.deliverability import Standing
from laurel.model.message import FailureReason, Message, MessageContent, MessageState
from laurel.model.sender import Sender
from laurel.model.suppression import Suppression

LEASE = timedelta(minutes=10)
"""A sender that has not said within this time that it has sent never will."""

TEST_TOKEN = "test"  # noqa: S105, it opens nothing
"""What the link to unsubscribe holds in mail to who wrote it: no token of anybody's."""

_LONGEST_DETAIL = 500


class BusyReason(StrEnum):
    """Why the mail service takes a mail later."""

    RATE = "rate"
    UNREACHABLE = "unreachable"
    QUOTA = "quota"
    """All mail of a day was sent."""
    HELD = "held"
    """It takes none from this installation, or none for this account, until somebody has mended something."""


class MailRefused(Exception):
    """The mail service will not send this mail; ``str(error)`` is what it said."""


class MailBusy(Exception):
    """The mail was certainly not sent; it may be after ``pause``."""

    def __init__(self, reason: BusyReason, pause: timedelta) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.pause = pause


class Uncertain(Exception):
    """A mail may have gone out, or did under ``mail_id``, and that could not be kept."""

    def __init__(self, mail_id: str | None) -> None:
        super().__init__(mail_id)
        self.mail_id = mail_id


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one address, and which message it is of."""

    ref: ContactRef
    message_id: str
    to: str
    content: bytes


class MailService(Protocol):
    """Sends mail, without ever trying again.

    ``send`` returns the service's name for the mail, and raises ``MailRefused``, ``MailBusy``, or anything else if
    nobody knows whether it was sent.
    """

    def send(self, mail: Mail) -> str: ...


class MessageBook(Protocol):
    """Keeps messages; changes return False for whoever comes too late."""

    def message(self, ref: ContactRef, message_id: str) -> Message | None: ...
    def content(self, ref: ContactRef, message_id: str) -> MessageContent | None: ...
    def postpone(self, message: Message, now: datetime, due: datetime) -> bool: ...
    def claim(self, message: Message, claim: str, now: datetime, due: datetime) -> bool: ...
    def sent(self, message: Message, now: datetime, mail_id: str) -> bool: ...
    def put_off(self, message: Message, claim: str, now: datetime, due: datetime) -> bool: ...
    def fail(
        self, message: Message, now: datetime, reason: FailureReason, detail: str | None = None, *, after: MessageState
    ) -> bool: ...


class Accounts(Protocol):
    """Finds accounts."""

    def account(self, account_id: str) -> Account | None: ...


class People(Protocol):
    """Finds contacts."""

    def contact(self, account_id: str, audience_id: str, contact: str) -> Contact | None: ...


class SenderList(Protocol):
    """Lists an account's senders."""

    def senders(self, account_id: str) -> list[Sender]: ...


class SuppressionList(Protocol):
    """Knows the addresses that an account must not write to."""

    def suppression(self, account_id: str, email: str) -> Suppression | None: ...


class Standings(Protocol):
    """Knows how an account's sending stands."""

    def standing(self, account_id: str, now: datetime) -> Standing: ...


class LinkKeyring(Protocol):
    """Has the key by which an account's links are signed."""

    def made(self, account_id: str) -> bytes: ...


class Outcome(StrEnum):
    """What became of a message that was to be sent; ``dropped`` if there was nothing to do, or others are at it."""

    SENT = "sent"
    FAILED = "failed"
    PUT_OFF = "put_off"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An outcome, and why."""

    outcome: Outcome
    why: FailureReason | BusyReason | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """What a sender looks things up in."""

    messages: MessageBook
    accounts: Accounts
    people: People
    senders: SenderList
    suppressions: SuppressionList
    standings: Standings
    link_keys: LinkKeyring


class _Unsendable(Exception):
    def __init__(self, reason: FailureReason, detail: str | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail


class Outbox:
    """Sends the mail of messages. ``wait`` returns when the rate allows for one more; ``api_url`` is the API's own."""

    def __init__(
        self,
        sources: Sources,
        service: MailService,
        api_url: str,
        now: Callable[[], datetime],
        wait: Callable[[], None],
    ) -> None:
        self._from = sources
        self._service = service
        self._api_url = api_url
        self._now = now
        self._wait = wait

    def deliver(self, ref: ContactRef, message_id: str) -> Delivery:
        """Send a queued message's mail, if it still may be sent. Raises ``Uncertain``.

        Any other error leaves the message as it was, or ``sending`` if its mail was not sent for certain.
        """
        message = self._from.messages.message(ref, message_id)
        if message is None or message.state is not MessageState.QUEUED:
            return Delivery(Outcome.DROPPED)
        self._wait()
        account = self._from.accounts.account(ref.account_id)
        now = self._now()
        quiet_until = account.quiet_hours.end_after(now) if account and account.quiet_hours else None
        if quiet_until and not message.test:
            postponed = self._from.messages.postpone(message, now, quiet_until)
            return Delivery(Outcome.PUT_OFF if postponed else Outcome.DROPPED)
        try:
            mail = self._mail(message, account, now)
        except _Unsendable as why:
            return self._failed(message, why.reason, why.detail, after=MessageState.QUEUED)
        return self._send(message, mail)

    def _send(self, message: Message, mail: Mail) -> Delivery:
        claim, now = secrets.token_hex(8), self._now()
        if not self._from.messages.claim(message, claim, now, now + LEASE):
            return Delivery(Outcome.DROPPED)
        try:
            mail_id = self._service.send(mail)
        except MailRefused as refused:
            said = str(refused)[:_LONGEST_DETAIL]
            return self._failed(message, FailureReason.REFUSED, said, after=MessageState.SENDING)
        except MailBusy as busy:
            now = self._now()
            kept = self._from.messages.put_off(message, claim, now, now + busy.pause)
            return Delivery(Outcome.PUT_OFF, busy.reason) if kept else Delivery(Outcome.DROPPED)
        except Exception as error:
            raise Uncertain(None) from error
        try:
            # False only if the mail service's own report of it came first.
            self._from.messages.sent(message, self._now(), mail_id)
        except Exception as error:
            raise Uncertain(mail_id) from error
        return Delivery(Outcome.SENT)

    def _failed(self, message: Message, reason: FailureReason, detail: str | None, *, after: MessageState) -> Delivery:
        kept = self._from.messages.fail(message, self._now(), reason, detail, after=after)
        return Delivery(Outcome.FAILED, reason) if kept else Delivery(Outcome.DROPPED)

    def _mail(self, message: Message, account: Account | None, now: datetime) -> Mail:
        """The mail of a message. Raises ``_Unsendable`` if what was true when it was accepted is so no more."""
        ref = message.ref
        if account is None:
            raise _Unsendable(FailureReason.GONE)
        postal_address = self._checked(message, account, now)
        contact = self._from.people.contact(ref.account_id, ref.audience_id, ref.contact)
        if not message.test:
            self._check_reader(message, contact)
        content = self._from.messages.content(ref, message.id)
        if content is None:
            raise _Unsendable(FailureReason.GONE)
        spoken = language(contact.locale if contact else None, account.locale)
        sender = account.sender_name or account.name
        url = f"{self._api_url}/unsubscribe/{self._token(message)}"
        letter = Letter(
            sender_name=sender,
            sender_address=message.sender,
            to_name=contact.name if contact and not message.test else None,
            to_address=message.to,
            content=complete(content, Foot(spoken, sender, postal_address, url)),
            language=spoken,
            unsubscribe_url=url,
            message_id=message.id,
        )
        try:
            return Mail(ref, message.id, message.to, mime(letter))
        except Unmailable as why:
            raise _Unsendable(FailureReason.REFUSED, str(why)) from None

    def _checked(self, message: Message, account: Account, now: datetime) -> str:
        """The account's postal address, if the account may send this message."""
        if not account.plan.monthly_messages:
            raise _Unsendable(FailureReason.PLAN)
        if not any(it.lets_write_from(message.sender) for it in self._from.senders.senders(account.id)):
            raise _Unsendable(FailureReason.SENDER)
        if account.postal_address is None:
            raise _Unsendable(FailureReason.NO_POSTAL_ADDRESS)
        if self._from.standings.standing(account.id, now).is_stopped:
            raise _Unsendable(FailureReason.SENDING_STOPPED)
        return account.postal_address

    def _check_reader(self, message: Message, contact: Contact | None) -> None:
        if contact is None:
            raise _Unsendable(FailureReason.GONE)
        if contact.status is not ConsentStatus.SUBSCRIBED:
            raise _Unsendable(FailureReason.NOT_SUBSCRIBED)
        if self._from.suppressions.suppression(message.ref.account_id, message.to):
            raise _Unsendable(FailureReason.SUPPRESSED)

    def _token(self, message: Message) -> str:
        if message.test:
            return TEST_TOKEN
        return token(self._from.link_keys.made(message.ref.account_id), message.ref)
