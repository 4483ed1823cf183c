"""Make and revoke API keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from laurel.model.account import Role
from laurel.model.api_key import ApiKey, fingerprint, hint, new_secret
from laurel.model.errors import Conflict, NotFound, Unauthenticated
from laurel.model.identity import new_id

MOST_KEYS = 50
_USE_TOLD_EVERY = timedelta(hours=1)


class ApiKeyBook(Protocol):
    """Keeps API keys; the key itself is nowhere in it."""

    def keys(self, account_id: str) -> list[ApiKey]: ...
    def key(self, account_id: str, key_id: str) -> ApiKey | None: ...
    def by_fingerprint(self, fingerprint: str) -> ApiKey | None: ...
    def add(self, key: ApiKey) -> None: ...
    def remove(self, key: ApiKey) -> None: ...
    def note_use(self, key: ApiKey, at: datetime) -> None: ...


def make(book: ApiKeyBook, account_id: str, name: str, role: Role, now: datetime) -> tuple[ApiKey, str]:
    """A new key, and what it is: that is in the answer and nowhere else afterwards. Raises ``Conflict``."""
    if len(book.keys(account_id)) >= MOST_KEYS:
        raise Conflict(f"An account may have {MOST_KEYS} API keys. Revoke one that is not in use.")
    secret = new_secret()
    key = ApiKey(account_id, new_id(), name, role, fingerprint(secret), hint(secret), now)
    book.add(key)
    return key, secret


def revoke(book: ApiKeyBook, account_id: str, key_id: str) -> ApiKey:
    """Let a key be good for nothing from now on. Raises ``NotFound``."""
    key = book.key(account_id, key_id)
    if key is None:
        raise NotFound("API key", key_id)
    book.remove(key)
    return key


def identify(book: ApiKeyBook, secret: str | None, now: datetime) -> ApiKey:
    """The key that a program showed; its use is noted once an hour. Raises ``Unauthenticated``."""
    key = book.by_fingerprint(fingerprint(secret)) if secret else None
    if key is None:
        raise Unauthenticated("The API key is missing, is not one of Laurel's, or was revoked.")
    if key.last_used_at is None or now - key.last_used_at >= _USE_TOLD_EVERY:
        book.note_use(key, now)
    return key
