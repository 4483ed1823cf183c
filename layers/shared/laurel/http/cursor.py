"""Opaque page cursors: readable only to us, signed with the key of what they page through."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from laurel.model.errors import InvalidCursor

_SIGNATURE = 16
_LIST = "list"


@dataclass(frozen=True, slots=True)
class Pages:
    """The cursors of one list among several that share a key: a cursor of another list is refused."""

    key: str
    name: str

    def position(self, cursor: str | None) -> dict[str, str] | None:
        """What ``cursor`` was given for the page to come, None for the first. Raises ``InvalidCursor``."""
        if cursor is None:
            return None
        position = decode(cursor, self.key)
        if position.pop(_LIST, None) != self.name:
            raise InvalidCursor
        return position

    def cursor(self, position: Mapping[str, str] | None) -> str | None:
        """The cursor to go on from a position, None at the end."""
        return encode({**position, _LIST: self.name}, self.key) if position else None


def encode(payload: dict[str, str], key: str) -> str:
    """A cursor that ``decode`` accepts with the same key (hex)."""
    body = json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(_sign(body, key) + body).decode().rstrip("=")


def decode(cursor: str, key: str) -> dict[str, str]:
    """What ``encode`` was given. Raises ``InvalidCursor`` for anything altered or foreign."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise InvalidCursor from None
    signature, body = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _sign(body, key)):
        raise InvalidCursor
    payload: dict[str, str] = json.loads(body)
    return payload


def _sign(body: bytes, key: str) -> bytes:
    return hmac.digest(bytes.fromhex(key), body, hashlib.sha256)[:_SIGNATURE]
