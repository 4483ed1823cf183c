"""Answers about API keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from laurel.http.formats import utc, utc_or_none
from laurel.model.api_key import ApiKey


def api_keys(found: Iterable[ApiKey]) -> dict[str, Any]:
    """All keys of an account."""
    return {"api_keys": [api_key(key) for key in found]}


def made(key: ApiKey, secret: str) -> dict[str, Any]:
    """A key that was just made, in the one answer that shows it."""
    return {**api_key(key), "key": secret}


def api_key(key: ApiKey) -> dict[str, Any]:
    """A key, without itself."""
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role.value,
        "ends_in": key.hint,
        "created_at": utc(key.created_at),
        "last_used_at": utc_or_none(key.last_used_at),
    }
