"""People who sign in to an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from laurel.model.account import Role


class UserStatus(StrEnum):
    """Who is ``invited`` has not signed in yet; who is ``disabled`` cannot, or is being removed."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Member:
    """A user as the account lists them, by the id that the user pool gave them.

    ``leaving`` is set before the user pool forgets them, and stays if that fails.
    """

    account_id: str
    id: str
    email: str
    name: str | None
    role: Role
    locale: str
    created_at: datetime
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """A user as the user pool knows them; ``account_id`` and ``role`` are what their tokens will say."""

    account_id: str | None
    id: str
    email: str
    name: str | None
    role: Role | None
    locale: str | None
    status: UserStatus
    created_at: datetime


@dataclass(frozen=True, slots=True)
class User:
    """A user as owners see them."""

    id: str
    email: str
    name: str | None
    role: Role
    status: UserStatus
    locale: str
    created_at: datetime
