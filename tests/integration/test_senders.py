"""Senders and link keys in storage."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from laurel.model.errors import Busy, SenderTaken
from laurel.model.sender import Sender, SenderKind, SenderState
from laurel.store.link_keys import LinkKeys
from laurel.store.senders import Senders
from tests.support.threads import at_once

if TYPE_CHECKING:
    from tests.support.tables import Database

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
_numbers = itertools.count()


@pytest.fixture
def senders(database: Database) -> Senders:
    return Senders(database.client, database.tables.workspace)


@pytest.fixture
def sender() -> Sender:
    number = next(_numbers)
    return Sender(f"account{number}", "s1", SenderKind.DOMAIN, f"{number}.example", SenderState.PENDING, NOW, NOW)


def test_a_sender_is_kept_with_its_claim(senders: Senders, sender: Sender) -> None:
    assert senders.claim(sender) == sender

    assert senders.sender(sender.account_id, "s1") == sender
    assert senders.senders(sender.account_id) == [sender]
    assert senders.holder(sender.identity) == sender.account_id


def test_a_claim_is_one_accounts(senders: Senders, sender: Sender) -> None:
    senders.claim(sender)

    assert senders.claim(replace(sender, id="s2")) == sender
    with pytest.raises(SenderTaken):
        senders.claim(replace(sender, account_id="other"))
    assert senders.senders("other") == []


def test_what_is_released_is_free(senders: Senders, sender: Sender) -> None:
    senders.claim(sender)
    senders.release(sender)

    assert senders.holder(sender.identity) is None
    assert senders.sender(sender.account_id, "s1") is None
    senders.save_state(replace(sender, state=SenderState.VERIFIED))
    assert senders.senders(sender.account_id) == [], "it does not come back"
    other = replace(sender, account_id=f"{sender.account_id}-other")
    assert senders.claim(other) == other


def test_what_was_released_already_is_left_to_whom_has_it_now(senders: Senders, sender: Sender) -> None:
    senders.claim(sender)
    senders.release(sender)
    other = replace(sender, account_id=f"{sender.account_id}-other", id="s2")
    senders.claim(other)

    senders.release(sender)

    assert senders.holder(sender.identity) == other.account_id


def test_a_state_is_kept(senders: Senders, sender: Sender) -> None:
    senders.claim(sender)
    seen = replace(sender, state=SenderState.VERIFIED, checked_at=NOW.replace(hour=11))

    senders.save_state(seen)

    assert senders.senders(sender.account_id) == [seen]


def test_a_claim_that_goes_at_that_moment_is_busy(
    senders: Senders, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    senders.claim(sender)
    monkeypatch.setattr(senders, "sender", lambda *_: None)

    with pytest.raises(Busy):
        senders.claim(sender)


@at_once
def test_a_link_key_is_made_once(database: Database, sender: Sender) -> None:
    keys = LinkKeys(database.client, database.tables.workspace)
    assert keys.known(sender.account_id) is None

    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(keys.made, [sender.account_id] * 8))

    assert made == {keys.known(sender.account_id)}
    assert len(made.pop() or b"") == 32
