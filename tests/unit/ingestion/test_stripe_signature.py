"""Stripe's signatures: over time and body, for as many secrets as are valid, and not for long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.ingestion.signatures import verify_stripe
from laurel.model.errors import BadSignature
from tests.support.billing_events import SECRET, signature

BODY = '{"id":"evt_1","name":"Zoë"}'
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AT = NOW.timestamp()
OLD = "whsec_before"


def verify(header: str | None, *, body: str = BODY, secrets: tuple[str, ...] = (SECRET,), now: datetime = NOW) -> None:
    verify_stripe(body.encode(), {} if header is None else {"stripe-signature": header}, secrets, now)


def test_a_signature_made_with_openssl_is_accepted() -> None:
    """Made with OpenSSL: printf %s 1795348800.hello | openssl dgst -sha256 -hmac key."""
    header = "t=1795348800,v1=423e950288099157327e01eb01e7664176b40de8041d38fc3028920ca3bc1ac2"
    at = datetime.fromtimestamp(1_795_348_800, UTC)

    verify(header, body="hello", secrets=("key",), now=at)


@pytest.mark.parametrize("signers", [(SECRET,), (OLD, SECRET), (SECRET, OLD)])
def test_one_of_several_signatures_is_enough(signers: tuple[str, ...]) -> None:
    verify(signature(BODY, AT, *signers))
    verify(signature(BODY, AT, *signers), secrets=(SECRET, OLD))


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_are_let_pass(seconds: int) -> None:
    verify(signature(BODY, AT + seconds))


@pytest.mark.parametrize("seconds", [-301, 301, -(10**6)])
def test_no_more_than_five_minutes_are_let_pass(seconds: int) -> None:
    with pytest.raises(BadSignature, match="five minutes"):
        verify(signature(BODY, AT + seconds))


def test_a_fresh_time_before_an_old_signature_is_refused() -> None:
    old = signature(BODY, AT - 3600)

    with pytest.raises(BadSignature):
        verify(f"t={int(AT)},{old.partition(',')[2]}")
    with pytest.raises(BadSignature):
        verify(f"t={int(AT)},{old}")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        f"t={int(AT)}",
        f"t={int(AT)},v1=",
        f"t={int(AT)},v1=é",
        "v1=00",
        "t=,v1=00",
        "t=1e9,v1=00",
        f"t=-{int(AT)},v1=00",
        signature(BODY, AT, OLD),
        signature(BODY, AT).replace("v1=", "v0="),
        signature(BODY, AT).upper(),
    ],
)
def test_anything_else_is_refused(header: str | None) -> None:
    with pytest.raises(BadSignature):
        verify(header)


def test_another_body_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify(signature(BODY, AT), body=BODY + " ")


@pytest.mark.parametrize("secrets", [(), ("",)])
def test_without_a_secret_nothing_is_accepted(secrets: tuple[str, ...]) -> None:
    with pytest.raises(BadSignature):
        verify(signature(BODY, AT, *(secrets or ("",))), secrets=secrets)


@given(header=st.text())
def test_no_header_fails_in_another_way(header: str) -> None:
    with pytest.raises(BadSignature):
        verify(header, now=NOW + timedelta(days=1))
