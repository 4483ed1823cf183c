"""The circumstances in which a message would be sent, looked up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from laurel.messaging.gates import Circumstances, Subject
from laurel.messaging.preview import Directory, Profiles
from laurel.messaging.senders import MailIdentities, SenderBook, look_at
from laurel.model.account import Account, Audience, Role, Store
from laurel.model.contact import ContactRef
from laurel.model.deliverability import Standing
from laurel.model.errors import InvalidInput, NotFound
from laurel.model.identity import is_contact
from laurel.model.message import Usage
from laurel.model.sender import Sender, SenderKind, SenderState
from laurel.model.suppression import Suppression


class Accounts(Directory, Protocol):
    """Finds accounts and what they have."""

    def existing_account(self, account_id: str) -> Account: ...
    def existing_audience(self, account_id: str, audience_id: str) -> Audience: ...


class SuppressionList(Protocol):
    """Addresses that accounts do not write to."""

    def suppression(self, account_id: str, email: str) -> Suppression | None: ...


class Standings(Protocol):
    """How accounts' sending stands."""

    def standing(self, account_id: str, now: datetime) -> Standing: ...


class Counters(Protocol):
    """What accounts have sent."""

    def usage(self, account_id: str, now: datetime) -> Usage: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Where to look."""

    accounts: Accounts
    profiles: Profiles
    senders: SenderBook
    identities: MailIdentities
    suppressions: SuppressionList
    standings: Standings
    counters: Counters


def subject_of(sources: Sources, ref: ContactRef, store_id: str | None) -> Subject:
    """Whom a message to ``ref``, and what one about a store, is about.

    Raises ``NotFound``, and ``InvalidInput`` for a store of another audience.
    """
    account = sources.accounts.existing_account(ref.account_id)
    audience = sources.accounts.existing_audience(ref.account_id, ref.audience_id)
    contact = sources.profiles.contact(ref.account_id, ref.audience_id, ref.contact)
    if contact is None and is_contact(ref.contact):
        raise NotFound("contact", ref.contact)
    stores = audience.shown(sources.accounts.stores(account.id))
    return Subject(account, audience, contact, _store(sources.accounts, ref, stores, store_id), bool(stores))


def survey(
    sources: Sources, role: Role, ref: ContactRef, now: datetime, store_id: str | None = None, sender: str | None = None
) -> Circumstances:
    """The circumstances of a message about a store and from an address, if it names them.

    Whether a sender is verified is asked of the mail service if it was not when last looked at, but not for who could
    not send anyway: it takes few questions. Raises as ``subject_of``, and ``Busy``.
    """
    subject = subject_of(sources, ref, store_id)
    account, contact = subject.account, subject.contact
    address, sender_of_it = _sender(sources, account, sender, now)
    return Circumstances(
        role=role,
        subject=subject,
        sender_address=address,
        sender=sender_of_it,
        standing=sources.standings.standing(account.id, now),
        suppression=sources.suppressions.suppression(account.id, contact.email) if contact else None,
        usage=sources.counters.usage(account.id, now),
        now=now,
    )


def likely_sender(senders: Sequence[Sender], address: str | None) -> tuple[str | None, Sender | None]:
    """The address that mail would come from, and the sender that it belongs to: a verified one, if there is one.

    Without ``address`` it is that of the sender that was set up first.
    """
    if address is None:
        found = [it for it in senders if it.kind is SenderKind.EMAIL]
    else:
        found = sorted((it for it in senders if it.holds(address)), key=lambda it: len(it.identity), reverse=True)
    sender = next((it for it in found if it.state is SenderState.VERIFIED), found[0] if found else None)
    return (sender.identity if address is None and sender else address), sender


def _sender(sources: Sources, account: Account, wanted: str | None, now: datetime) -> tuple[str | None, Sender | None]:
    senders = sources.senders.senders(account.id)
    address, sender = likely_sender(senders, wanted or account.sender_address)
    if sender and sender.state is not SenderState.VERIFIED and account.plan.monthly_messages:
        seen, _ = look_at(sources.senders, sources.identities, account.id, sender.id, now)
        sender = replace(sender, state=seen.state)
    return address, sender


def _store(accounts: Accounts, ref: ContactRef, connected: Sequence[Store], store_id: str | None) -> Store | None:
    if store_id is None:
        return connected[0] if len(connected) == 1 else None
    store = accounts.store(ref.account_id, store_id)
    if store is None:
        raise NotFound("store", store_id)
    if store.audience_id != ref.audience_id:
        raise InvalidInput.at("/store", "This store belongs to another audience.")
    return store
