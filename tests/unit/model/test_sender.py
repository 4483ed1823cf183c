"""Which addresses a sender lets an account write from."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from laurel.model.sender import Sender, SenderKind, SenderState

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def a_sender(identity: str, state: SenderState = SenderState.VERIFIED) -> Sender:
    kind = SenderKind.EMAIL if "@" in identity else SenderKind.DOMAIN
    return Sender("a", "s", kind, identity, state, NOW, NOW)


@pytest.mark.parametrize(("identity", "address"), [
    ("shop@example.com", "shop@example.com"), ("shop@example.com", "Shop@Example.com"),
    ("example.com", "shop@example.com"), ("example.com", "shop@EXAMPLE.com"), ("example.com", "shop@mail.example.com"),
])  # fmt: skip
def test_its_own_address_and_those_of_its_domain(identity: str, address: str) -> None:
    assert a_sender(identity).lets_write_from(address)
    assert not a_sender(identity, SenderState.PENDING).lets_write_from(address)
    assert not a_sender(identity, SenderState.FAILED).lets_write_from(address)


@pytest.mark.parametrize(("identity", "address"), [
    ("shop@example.com", "other@example.com"), ("shop@example.com", "shop@mail.example.com"),
    ("example.com", "shop@badexample.com"), ("example.com", "shop@com"), ("mail.example.com", "shop@example.com"),
    ("example.com", "shop@example.com.bad.test"), ("example.com", "example.com@bad.test"), ("example.com", "x@"),
])  # fmt: skip
def test_no_other(identity: str, address: str) -> None:
    assert not a_sender(identity).lets_write_from(address)
