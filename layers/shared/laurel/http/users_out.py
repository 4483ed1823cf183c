"""Answers about users."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from laurel.http.formats import utc
from laurel.model.user import User


def users(found: Iterable[User], caller_id: str) -> dict[str, Any]:
    """All users of an account."""
    return {"users": [user(it, caller_id) for it in found]}


def user(found: User, caller_id: str) -> dict[str, Any]:
    """A user, and whether it is who asks."""
    return {
        "id": found.id,
        "email": found.email,
        "name": found.name,
        "role": found.role.value,
        "status": found.status.value,
        "locale": found.locale,
        "you": found.id == caller_id,
        "created_at": utc(found.created_at),
    }
