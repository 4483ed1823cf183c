"""The account's secret that outgoing webhooks are signed with, and the signature (Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from secrets import token_bytes

from laurel.model.account import WebhookSecret

ROTATION = timedelta(days=1)
"""For so long a secret that was replaced goes on signing beside the new one."""

_PREFIX = "whsec_"
_KEY_BYTES = 32
_MOST_REPLACED = 4


@dataclass(frozen=True, slots=True)
class SigningSecrets:
    """What an account signs with: the present secret first, then those replaced of late. ``version`` counts writes."""

    account_id: str
    secrets: tuple[WebhookSecret, ...]
    created_at: datetime
    version: int = 1

    def valid(self, now: datetime) -> tuple[str, ...]:
        """The secrets that sign at this time."""
        return tuple(it.value for it in self.secrets if it.expires_at is None or now < it.expires_at)


def first_secret(account_id: str, now: datetime) -> SigningSecrets:
    """The secret of an account that has none yet."""
    return SigningSecrets(account_id, (_fresh(),), now)


def rotated(known: SigningSecrets, now: datetime) -> SigningSecrets:
    """A new secret; the one before is valid for another ``ROTATION``, and those before for what they have."""
    previous = [WebhookSecret(known.secrets[0].value, now + ROTATION)]
    previous += [it for it in known.secrets[1:] if it.expires_at and now < it.expires_at]
    secrets = (_fresh(), *previous[:_MOST_REPLACED])
    return replace(known, secrets=secrets, created_at=now, version=known.version + 1)


def signed(secrets: Sequence[str], id_: str, at: datetime, body: bytes) -> dict[str, str]:
    """Headers of a delivery: its id, the time of this attempt, and a signature with each of the secrets."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((id_.encode(), timestamp.encode(), body))
    signatures = " ".join(f"v1,{_signature(secret, content)}" for secret in secrets)
    return {"webhook-id": id_, "webhook-timestamp": timestamp, "webhook-signature": signatures}


def _fresh() -> WebhookSecret:
    return WebhookSecret(_PREFIX + base64.b64encode(token_bytes(_KEY_BYTES)).decode())


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
