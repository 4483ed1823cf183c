"""Keys by which programs written for Mailchimp's API come in."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from laurel.model.account import Role

_DATA_CENTRE = "us1"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of an account, without the key itself. ``hint`` is what it ends in before its data centre."""

    account_id: str
    id: str
    name: str
    role: Role
    fingerprint: str
    hint: str
    created_at: datetime
    last_used_at: datetime | None = None


def new_secret() -> str:
    """A key as Mailchimp's look: 32 random hex digits and a data centre, which clients split off."""
    return f"{secrets.token_hex(16)}-{_DATA_CENTRE}"


def fingerprint(secret: str) -> str:
    """What is kept of a key: its SHA-256. It needs no salt, since nobody can guess 128 random bits."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def hint(secret: str) -> str:
    """The last four hex digits of a key, by which a person tells it from others."""
    return secret.partition("-")[0][-4:]
