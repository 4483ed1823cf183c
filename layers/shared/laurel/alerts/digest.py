"""Mail to the team about new alerts: daily or weekly, in the account's language, once a day at most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from laurel.alerts.digest_words import Line, subject, text
from laurel.messaging.outbox import MailBusy
from laurel.messaging.team_mail import TeamDelivery, team_language
from laurel.model.account import Account, Audience, Store
from laurel.model.alert import Alert, AlertRules, Digest
from laurel.model.contact import Contact

MOST_TOLD = 20
"""Alerts that a mail tells in words; how many more there are it says."""

_WEEK = timedelta(days=7)
_MONDAY = 0


class AlertList(Protocol):
    """Lists open alerts, who is worth most first."""

    def all_open(self, account_id: str, audience_id: str) -> Iterable[Alert]: ...


class DigestBook(Protocol):
    """Knows up to when the team was told."""

    def mailed_at(self, account_id: str, audience_id: str) -> datetime | None: ...
    def mailed(self, account_id: str, audience_id: str, at: datetime) -> None: ...


class Directory(Protocol):
    """Finds accounts and their stores."""

    def account(self, account_id: str) -> Account | None: ...
    def stores(self, account_id: str) -> list[Store]: ...


class People(Protocol):
    """Finds contacts."""

    def contacts(self, account_id: str, audience_id: str, contacts: Iterable[str]) -> dict[str, Contact]: ...


class Post(Protocol):
    """Sends mail to a team. Raises ``MailBusy``."""

    def send(self, account: Account, key: str, subject: str, text: str, now: datetime) -> TeamDelivery: ...


@dataclass(frozen=True, slots=True)
class MailDigest:
    """Writes to the team. ``dashboard_url`` is where its links lead, without a slash at its end."""

    alerts: AlertList
    book: DigestBook
    directory: Directory
    people: People
    post: Post
    dashboard_url: str

    def __call__(self, audience: Audience, rules: AlertRules, now: datetime) -> str | timedelta:
        """Mail what is new, if it is time. Returns what became of it, or how long the mail service is busy."""
        since = self.book.mailed_at(audience.account_id, audience.id)
        if not is_due(rules.digest, since, now):
            return "not_due"
        account = self.directory.account(audience.account_id)
        found = self.alerts.all_open(audience.account_id, audience.id)
        new = [it for it in found if since is None or it.opened_at > since]
        if account is None or not new:
            self.book.mailed(audience.account_id, audience.id, now)
            return "nothing_new"
        try:
            delivery = self._send(account, audience, new, since, now)
        except MailBusy as busy:
            return busy.pause
        if delivery.why:
            return delivery.why.value
        self.book.mailed(audience.account_id, audience.id, now)
        return "sent"

    def _send(
        self, account: Account, audience: Audience, new: list[Alert], since: datetime | None, now: datetime
    ) -> TeamDelivery:
        told = new[:MOST_TOLD]
        names = self._names(audience, told)
        stores = {it.id: it.name for it in self.directory.stores(account.id)}
        lines = [Line(it, names.get(it.customer), stores.get(it.store_id)) for it in told]
        spoken = team_language(account)
        body = text(spoken, audience, lines, len(new), self.dashboard_url)
        key = f"alerts {audience.id} after {since.isoformat() if since else None}"
        return self.post.send(account, key, subject(spoken, len(new)), body, now)

    def _names(self, audience: Audience, told: Iterable[Alert]) -> Mapping[str, str]:
        """Names of contacts, or addresses of those who have none."""
        found = self.people.contacts(audience.account_id, audience.id, [it.customer for it in told])
        return {id_: contact.name or contact.email for id_, contact in found.items()}


def is_due(digest: Digest, since: datetime | None, now: datetime) -> bool:
    """True on the first run of a day, and of those that are weekly on Mondays, or a week after the last one."""
    if digest is Digest.OFF or (since and since.date() >= now.date()):
        return False
    late = since is not None and now.date() - since.date() >= _WEEK
    return digest is Digest.DAILY or late or now.weekday() == _MONDAY
