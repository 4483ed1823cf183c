"""Webhook signatures over the raw bytes, compared in constant time, for all secrets that are valid at once."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import string
from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import choice, token_bytes

from laurel.model.account import Platform
from laurel.model.errors import BadSignature

TOLERANCE_SECONDS = 300
_PREFIX = "whsec_"
_VERSION = b"v1,"
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_ALPHANUMERIC = string.ascii_letters + string.digits
_LENGTH = 40
_KEY_BYTES = 32
_LEAST_KEY_BYTES = 16
_HTML = frozenset("&<>\"'")


def verify_shopify(raw: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> None:
    """Check ``x-shopify-hmac-sha256``: base64 of HMAC-SHA256 over the body (Shopify, "Verify deliveries").

    Raises ``BadSignature``. Only the body is signed: neither the topic nor the shop domain in the headers is.
    """
    _require_match([_header(headers, "x-shopify-hmac-sha256")], _digests(raw, secrets))


def verify_woocommerce(raw: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> None:
    """Check ``x-wc-webhook-signature``: base64 of HMAC-SHA256 over the body (WooCommerce, ``WC_Webhook``).

    Raises ``BadSignature``.
    """
    _require_match([_header(headers, "x-wc-webhook-signature")], _digests(raw, secrets))


def verify_standard(raw: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> None:
    """Check a delivery signed the way of the Standard Webhooks specification 1.0.

    ``webhook-signature`` lists ``v1,<base64>`` signatures of ``{webhook-id}.{webhook-timestamp}.{body}``, separated by
    spaces; ``webhook-timestamp`` (epoch seconds) may lie at most five minutes from ``now``, before or after. Raises
    ``BadSignature``.
    """
    id_, timestamp = _header(headers, "webhook-id"), _header(headers, "webhook-timestamp")
    signatures = _header(headers, "webhook-signature").split()
    if not _TIMESTAMP.fullmatch(timestamp.decode(errors="replace")):
        raise BadSignature("The header webhook-timestamp must hold whole seconds since 1970.")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise BadSignature("The header webhook-timestamp is more than five minutes away from the present.")
    content = b".".join((id_, timestamp, raw))
    given = [signature.removeprefix(_VERSION) for signature in signatures if signature.startswith(_VERSION)]
    keys = [_key(secret) for secret in secrets]
    _require_match(given, [_digest(content, key) for key in keys if key])


def verify_stripe(raw: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: datetime) -> None:
    """Check ``stripe-signature``: ``t=<epoch seconds>,v1=<hex>``, one ``v1`` for each secret that Stripe signs with.

    ``v1`` is the HMAC-SHA256 of ``{t}.{body}`` (Stripe, "Verify webhook signatures"); ``t`` may lie at most five
    minutes from ``now``, before or after. Raises ``BadSignature``.
    """
    parts = [part.strip().partition(b"=") for part in _header(headers, "stripe-signature").split(b",")]
    times = [value for name, _, value in parts if name == b"t"]
    if len(times) != 1 or not _TIMESTAMP.fullmatch(times[0].decode(errors="replace")):
        raise BadSignature("The header stripe-signature must hold one t=, whole seconds since 1970.")
    if abs(now.timestamp() - int(times[0])) > TOLERANCE_SECONDS:
        raise BadSignature("The time in the header stripe-signature is more than five minutes away from the present.")
    given = [value for name, _, value in parts if name == b"v1"]
    content = times[0] + b"." + raw
    _require_match(given, [hmac.digest(it.encode(), content, hashlib.sha256).hex().encode() for it in secrets if it])


def new_secret(platform: Platform) -> str:
    """A fresh secret: 256 bits as ``whsec_…`` for the generic format, else 40 letters and digits (238 bits).

    WooCommerce decodes HTML entities in a secret before it signs, so a secret must not hold ``&``.
    """
    if platform is Platform.GENERIC:
        return _PREFIX + base64.b64encode(token_bytes(_KEY_BYTES)).decode()
    return "".join(choice(_ALPHANUMERIC) for _ in range(_LENGTH))


def fault_of_secret(platform: Platform, secret: str) -> str | None:
    """Why a given secret could never verify a delivery of the platform, or None if it could."""
    if platform is Platform.GENERIC:
        is_key = secret.startswith(_PREFIX) and len(_key(secret)) >= _LEAST_KEY_BYTES
        return None if is_key else f"This must be {_PREFIX} and the base64 of at least {_LEAST_KEY_BYTES} bytes."
    if platform is Platform.WOOCOMMERCE and not _HTML.isdisjoint(secret):
        return "WooCommerce changes a secret that holds any of & < > \" '; use letters and digits."
    if not secret.isprintable() or secret != secret.strip():
        return "This must be one line of printable characters, without spaces around it."
    return None


def _header(headers: Mapping[str, str], name: str) -> bytes:
    value = headers.get(name, "").strip()
    if not value:
        detail = f"The header {name} is missing."
        raise BadSignature(detail)
    return value.encode(errors="replace")


def _digests(raw: bytes, secrets: Sequence[str]) -> list[bytes]:
    return [_digest(raw, secret.encode()) for secret in secrets if secret]


def _digest(content: bytes, key: bytes) -> bytes:
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256))


def _key(secret: str) -> bytes:
    encoded = secret.removeprefix(_PREFIX)
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _require_match(given: Sequence[bytes], expected: Sequence[bytes]) -> None:
    """Compare every pair, so that the time taken tells neither which secret nor how much of it matched."""
    matches = [hmac.compare_digest(mine, theirs) for mine in expected for theirs in given]
    if not any(matches):
        raise BadSignature("The signature does not match the body. Check that both sides hold the same secret.")
