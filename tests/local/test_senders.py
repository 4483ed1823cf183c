"""Senders against the emulator's SES, which verifies at once and has no bounce domains."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from laurel.model.sender import Sender, SenderKind, SenderState
from laurel.store.mail_identities import SESIdentities
from tests.local.world import World

pytestmark = pytest.mark.local

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


@pytest.fixture
def identities(world: World) -> SESIdentities:
    return SESIdentities(world.client("sesv2"))


@pytest.mark.parametrize(
    ("kind", "identity", "tokens"), [(SenderKind.DOMAIN, "example.com", 3), (SenderKind.EMAIL, "shop@example.com", 0)]
)
def test_a_sender_is_made_and_forgotten(
    kind: SenderKind, identity: str, tokens: int, identities: SESIdentities
) -> None:
    sender = Sender("a", "s", kind, identity, SenderState.PENDING, NOW, NOW)

    made = identities.create(sender)

    assert (made.state, made.owner, made.mail_from) == (SenderState.VERIFIED, "a", None)
    assert len(made.dkim_tokens) == tokens
    assert identities.identity(identity) == made
    identities.delete(identity)
    identities.delete(identity)
    assert identities.identity(identity) is None


def test_sandbox_is_told(identities: SESIdentities) -> None:
    assert identities.in_sandbox() is False
