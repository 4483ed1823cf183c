"""Mail to the team: what Laurel tells the users of an account by itself, each of them once.

It comes from the address that the account's messages come from, and says in its head that nobody wrote it. A mail has a
key, under which it is kept for each user that it is about to be sent, before it is: who is killed in between has told
nobody rather than somebody twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from laurel.messaging.languages import language
from laurel.messaging.mail import Note, Unmailable, note_mime
from laurel.messaging.outbox import MailBusy, MailRefused
from laurel.messaging.survey import likely_sender
from laurel.model.account import Account
from laurel.model.deliverability import Standing
from laurel.model.message import MessageContent
from laurel.model.sender import Sender, SenderState
from laurel.model.user import Member

_FOOT = {
    "en": "Laurel sent this mail by itself to the users of {account}.",
    "pt-BR": "O Laurel enviou este e-mail automaticamente aos usuários de {account}.",
    "fr": "Laurel a envoyé cet e-mail automatiquement aux utilisateurs de {account}.",
    "de": "Laurel hat diese E-Mail selbsttätig an die Benutzer von {account} gesendet.",
}


class NotTold(StrEnum):
    """Why the team can be told nothing."""

    NO_SENDER = "no_sender"
    """The account has no verified address to write from."""
    SENDING_STOPPED = "sending_stopped"
    NOBODY = "nobody"
    """The account lists no users."""


@dataclass(frozen=True, slots=True)
class TeamDelivery:
    """How many users were ``sent`` a mail just now, had it ``before`` or may have, and cannot be sent it at all."""

    sent: int = 0
    before: int = 0
    refused: int = 0
    why: NotTold | None = None


class Team(Protocol):
    """Lists the users of an account."""

    def members(self, account_id: str) -> list[Member]: ...


class SenderList(Protocol):
    """Lists an account's senders."""

    def senders(self, account_id: str) -> list[Sender]: ...


class Standings(Protocol):
    """Knows how an account's sending stands."""

    def standing(self, account_id: str, now: datetime) -> Standing: ...


class TeamMailBook(Protocol):
    """Keeps who was sent what. ``claim`` returns False if it is kept already."""

    def claim(self, account_id: str, key: str, user_id: str, now: datetime) -> bool: ...
    def release(self, account_id: str, key: str, user_id: str) -> None: ...


class NoteService(Protocol):
    """Sends mail to users. Raises ``MailRefused``, ``MailBusy``, or anything else if nobody knows whether it did."""

    def send_note(self, account_id: str, to: str, content: bytes) -> None: ...


def team_language(account: Account) -> str:
    """The one of ``LANGUAGES`` in which an account's team is told things."""
    return language(account.locale)


@dataclass(frozen=True, slots=True)
class TeamPost:
    """Sends mail to teams."""

    team: Team
    senders: SenderList
    standings: Standings
    book: TeamMailBook
    service: NoteService

    def send(self, account: Account, key: str, subject: str, text: str, now: datetime) -> TeamDelivery:
        """Send a mail to all users of an account, once for each ``key``.

        Raises ``MailBusy`` if the mail service takes no more now; the same call later tells those who were not told.
        """
        address, why = self._address(account, now)
        members = [it for it in self.team.members(account.id) if not it.leaving]
        if address is None or not members:
            return TeamDelivery(why=why or NotTold.NOBODY)
        content = MessageContent(subject, _with_foot(account, text), None)
        return self._send(account, address, key, content, members, now)

    def _address(self, account: Account, now: datetime) -> tuple[str | None, NotTold | None]:
        """The address to write from, or why there is none."""
        address, sender = likely_sender(self.senders.senders(account.id), account.sender_address)
        if sender is None or sender.state is not SenderState.VERIFIED:
            return None, NotTold.NO_SENDER
        if self.standings.standing(account.id, now).is_stopped:
            return None, NotTold.SENDING_STOPPED
        return address, None

    def _send(
        self,
        account: Account,
        address: str,
        key: str,
        content: MessageContent,
        members: Sequence[Member],
        now: datetime,
    ) -> TeamDelivery:
        sent, before, refused = 0, 0, 0
        name = account.sender_name or account.name
        for member in members:
            if not self.book.claim(account.id, key, member.id, now):
                before += 1
                continue
            note = Note(name, address, member.name, member.email, content, team_language(account))
            try:
                self.service.send_note(account.id, member.email, note_mime(note))
            except (MailRefused, Unmailable):
                refused += 1
            except MailBusy:
                self.book.release(account.id, key, member.id)
                raise
            else:
                sent += 1
        return TeamDelivery(sent, before, refused)


def _with_foot(account: Account, text: str) -> str:
    foot = _FOOT[team_language(account)].format(account=account.name)
    return f"{text.rstrip()}\n\n---\n{foot}\n"
