"""The secret that outgoing webhooks are signed with, and the signature."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from laurel.automation.signing import ROTATION, SigningSecrets, first_secret, rotated, signed
from tests.support.template import ROOT

BODY = '{"type": "automation.step", "name": "Zoë"}'.encode()


def now() -> datetime:
    return datetime.now(UTC)


def verify(secret: str, headers: dict[str, str], body: bytes = BODY) -> None:
    Webhook(secret).verify(body, headers)


def headers_at(known: SigningSecrets, at: datetime) -> dict[str, str]:
    return signed(known.valid(at), "run-1", at, BODY)


def test_the_reference_library_takes_what_is_signed() -> None:
    known = first_secret("a", now())

    verify(known.secrets[0].value, headers_at(known, now()))


def test_and_nothing_else() -> None:
    known = first_secret("a", now())

    with pytest.raises(WebhookVerificationError):
        verify(known.secrets[0].value, headers_at(known, now()), BODY + b" ")


def test_both_sign_while_one_replaces_the_other() -> None:
    at = now()
    first = first_secret("a", at)
    second = rotated(first, at)

    for secret in (first.secrets[0].value, second.secrets[0].value):
        verify(secret, headers_at(second, at))

    late = at + ROTATION
    assert second.valid(late) == (second.secrets[0].value,)


def test_every_secret_that_is_replaced_has_its_day() -> None:
    at = now()
    first = first_secret("a", at)
    second = rotated(first, at)
    third = rotated(second, at + timedelta(hours=1))

    assert first.secrets[0].value in third.valid(at + timedelta(hours=23))
    assert third.valid(at + timedelta(hours=24)) == tuple(it.value for it in third.secrets[:2])
    assert (first.version, second.version, third.version) == (1, 2, 3)


def test_no_more_are_kept_than_are_of_use() -> None:
    known = first_secret("a", now())
    for _ in range(9):
        known = rotated(known, now())

    assert len(known.secrets) == 5


def test_what_the_documentation_shows_verifies_them() -> None:
    said = (ROOT / "docs" / "automations.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", said, re.DOTALL)
    shown: dict[str, Any] = {}
    exec(code, shown)
    known = rotated(first_secret("a", now()), now())
    headers = headers_at(known, now())

    assert all(shown["genuine"](it.value, headers, BODY) for it in known.secrets)
    assert not shown["genuine"](known.secrets[0].value, headers, BODY + b" ")
    assert not shown["genuine"](first_secret("a", now()).secrets[0].value, headers, BODY)
