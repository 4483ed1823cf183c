"""Answers about the secret that outgoing webhooks are signed with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from laurel.automation.signing import SigningSecrets
from laurel.http.formats import utc


def signing_secret(known: SigningSecrets, now: datetime) -> dict[str, Any]:
    """The present secret, and those that sign beside it until their day is over."""
    present, *replaced = known.secrets
    return {
        "secret": present.value,
        "created_at": utc(known.created_at),
        "replaced": [
            {"secret": it.value, "valid_until": utc(it.expires_at)}
            for it in replaced
            if it.expires_at and now < it.expires_at
        ],
    }
