"""Use cases of senders: set one up, see how far it is, give it up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from laurel.model.errors import Conflict, InvalidInput, NotFound, SenderTaken
from laurel.model.identity import new_id
from laurel.model.sender import (
    DnsRecord,
    Identity,
    Sender,
    SenderKind,
    SenderState,
    encompassing_domains,
)

MOST_SENDERS = 20


class SenderBook(Protocol):
    """Keeps senders, and which account holds a domain or address.

    ``claim`` returns the sender that the account has with this identity, which may be an earlier one, and raises
    ``SenderTaken`` if another account has it.
    """

    def senders(self, account_id: str) -> list[Sender]: ...
    def sender(self, account_id: str, sender_id: str) -> Sender | None: ...
    def holder(self, identity: str) -> str | None: ...
    def claim(self, sender: Sender) -> Sender: ...
    def release(self, sender: Sender) -> None: ...
    def save_state(self, sender: Sender) -> None: ...


class MailIdentities(Protocol):
    """The mail service's own list. ``create`` returns what is there already, whoever made it."""

    def create(self, sender: Sender) -> Identity: ...
    def identity(self, identity: str) -> Identity | None: ...
    def delete(self, identity: str) -> None: ...


class MailTenants(Protocol):
    """Keeps apart, in the mail service, what accounts send. Doing anything again changes nothing."""

    def join(self, account_id: str, identity: str) -> None: ...
    def leave(self, account_id: str, identity: str) -> None: ...


class NoTenants:
    """Where the mail service, or the operator, does not keep accounts apart."""

    def join(self, account_id: str, identity: str) -> None: ...
    def leave(self, account_id: str, identity: str) -> None: ...


def set_up(
    book: SenderBook,
    identities: MailIdentities,
    tenants: MailTenants,
    account_id: str,
    kind: SenderKind,
    identity: str,
    now: datetime,
) -> tuple[Sender, Identity]:
    """Have the account write from a domain or address, once it is verified. Doing it again changes nothing.

    Raises ``SenderTaken`` if it is another's: held by another account, inside a domain that another account has
    verified, or known to the mail service from elsewhere. Raises ``Conflict`` beyond ``MOST_SENDERS``.
    """
    for domain in encompassing_domains(identity):
        holder = book.holder(domain)
        if holder not in (None, account_id) and _state(identities.identity(domain)) is SenderState.VERIFIED:
            raise SenderTaken
    known = book.senders(account_id)
    if len(known) >= MOST_SENDERS and identity not in {sender.identity for sender in known}:
        raise Conflict(f"An account has {MOST_SENDERS} senders at most. Delete one that is no longer used.")
    sender = book.claim(Sender(account_id, new_id(), kind, identity, SenderState.PENDING, now, now))
    try:
        found = identities.create(sender)
    except InvalidInput:
        book.release(sender)
        raise
    if found.owner != account_id:
        # Whoever runs the installation may write from it; that makes it nobody else's.
        book.release(sender)
        raise SenderTaken
    tenants.join(account_id, identity)
    return _looked_at(book, sender, found, now), found


def look_at(
    book: SenderBook, identities: MailIdentities, account_id: str, sender_id: str, now: datetime
) -> tuple[Sender, Identity]:
    """A sender with the state that the mail service has just told. Raises ``NotFound``."""
    sender = _existing(book, account_id, sender_id)
    found = identities.identity(sender.identity) or Identity(SenderState.FAILED)
    return _looked_at(book, sender, found, now), found


def give_up(
    book: SenderBook, identities: MailIdentities, tenants: MailTenants, account_id: str, sender_id: str
) -> Sender:
    """Let go of a sender; any account may set it up then. Raises ``NotFound``."""
    sender = _existing(book, account_id, sender_id)
    tenants.leave(account_id, sender.identity)
    identities.delete(sender.identity)
    book.release(sender)
    return sender


def dns_records(sender: Sender, identity: Identity, region: str) -> list[DnsRecord]:
    """What to publish for a sender, in the order of its use; nothing for an address, whose domain is another's."""
    if sender.kind is SenderKind.EMAIL:
        return []
    domain = sender.identity
    records = [
        DnsRecord("CNAME", f"{token}._domainkey.{domain}", f"{token}.{identity.dkim_zone}", "dkim", required=True)
        for token in identity.dkim_tokens
    ]
    if identity.mail_from:
        mail_server = f"10 feedback-smtp.{region}.amazonses.com"
        spf = "v=spf1 include:amazonses.com ~all"
        records.append(DnsRecord("MX", identity.mail_from, mail_server, "mail_from", required=False))
        records.append(DnsRecord("TXT", identity.mail_from, spf, "spf", required=False))
    records.append(DnsRecord("TXT", f"_dmarc.{domain}", "v=DMARC1; p=none;", "dmarc", required=False))
    return records


def _existing(book: SenderBook, account_id: str, sender_id: str) -> Sender:
    sender = book.sender(account_id, sender_id)
    if sender is None:
        raise NotFound("sender", sender_id)
    return sender


def _looked_at(book: SenderBook, sender: Sender, identity: Identity, now: datetime) -> Sender:
    seen = replace(sender, state=identity.state, checked_at=now)
    if seen != sender:
        book.save_state(seen)
    return seen


def _state(identity: Identity | None) -> SenderState | None:
    return identity.state if identity else None
