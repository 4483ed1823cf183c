"""Senders: domains and addresses that an account may write from, once they are shown to be its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SenderKind(StrEnum):
    """A whole domain, shown by DNS records, or a single address, shown by answering a mail."""

    DOMAIN = "domain"
    EMAIL = "email"


class SenderState(StrEnum):
    """How far the verification is. ``failed`` ones have to be deleted and added again."""

    PENDING = "pending"
    VERIFIED = "verified"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender of an account. ``identity`` is the domain or address in lower case, ``checked_at`` when state was asked.

    A domain or address is held by one account of the installation at most.
    """

    account_id: str
    id: str
    kind: SenderKind
    identity: str
    state: SenderState
    created_at: datetime
    checked_at: datetime

    @property
    def domain(self) -> str:
        """The domain itself, or that of the address."""
        return self.identity.rpartition("@")[2]

    def lets_write_from(self, address: str) -> bool:
        """True if it is verified and ``holds`` the address."""
        return self.state is SenderState.VERIFIED and self.holds(address)

    def holds(self, address: str) -> bool:
        """True if the address is its own, or lies in its domain or in one below that."""
        if self.kind is SenderKind.EMAIL:
            return address.lower() == self.identity
        domain = address.rpartition("@")[2].lower()
        return domain == self.identity or domain.endswith(f".{self.identity}")


@dataclass(frozen=True, slots=True)
class Identity:
    """What the mail service knows of a domain or address.

    ``dkim_tokens`` name the CNAME records of a domain, ``dkim_zone`` where they point; ``mail_from`` is the domain that
    bounces go to, if it is one of the sender's own. ``owner`` is the account it was set up for.
    """

    state: SenderState
    dkim_tokens: tuple[str, ...] = ()
    dkim_zone: str = ""
    mail_from: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class DnsRecord:
    """A record to publish. ``purpose`` is dkim, mail_from, spf or dmarc."""

    type: str
    name: str
    value: str
    purpose: str
    required: bool


def encompassing_domains(identity: str) -> tuple[str, ...]:
    """Domains that an address or domain lies in, nearest first; not itself and no top-level domain."""
    local, _, domain = identity.rpartition("@")
    labels = domain.split(".")
    first = 0 if local else 1
    return tuple(".".join(labels[start:]) for start in range(first, len(labels) - 1))
