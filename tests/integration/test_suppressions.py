"""Suppressed addresses and tallies in storage."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from laurel.model.deliverability import Counts, DayTally
from laurel.model.identity import contact_id
from laurel.model.suppression import Suppression, SuppressionReason
from laurel.store.deliverability import Tallies, counted
from laurel.store.suppressions import Suppressions
from tests.support.faults import client_error
from tests.support.stage import MemoryStage

if TYPE_CHECKING:
    from tests.support.tables import Database

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
TODAY = NOW.date()
_numbers = itertools.count()


@pytest.fixture
def account() -> str:
    return f"suppressing{next(_numbers)}"


@pytest.fixture
def suppressions(database: Database) -> Suppressions:
    return Suppressions(database.client, database.tables.workspace)


@pytest.fixture
def tallies(database: Database) -> Tallies:
    return Tallies(database.client, database.tables.workspace)


def test_an_address_is_suppressed_once_for_one_reason(suppressions: Suppressions, account: str) -> None:
    first = Suppression(account, "ann@example.com", SuppressionReason.BOUNCE, NOW)
    later = replace(first, reason=SuppressionReason.COMPLAINT, at=NOW + timedelta(hours=1))

    assert suppressions.suppress(first)
    assert not suppressions.suppress(later)

    assert suppressions.suppression(account, "ann@example.com") == first
    assert suppressions.suppression(account, " ANN@Example.com ") == first, "however it is spelled"
    assert suppressions.suppression(account, "bob@example.com") is None


def test_other_accounts_are_not_bound(suppressions: Suppressions, account: str) -> None:
    suppressions.suppress(Suppression(account, "ann@example.com", SuppressionReason.COMPLAINT, NOW))

    assert suppressions.suppression(f"{account}-other", "ann@example.com") is None
    assert suppressions.suppressions(f"{account}-other", 10) == ([], None)
    assert suppressions.release(f"{account}-other", contact_id("ann@example.com")) is None
    assert suppressions.suppression(account, "ann@example.com")


def test_what_is_released_is_free_again(suppressions: Suppressions, account: str) -> None:
    suppression = Suppression(account, "ann@example.com", SuppressionReason.MANUAL, NOW)
    suppressions.suppress(suppression)

    assert suppressions.release(account, suppression.address_id) == suppression
    assert suppressions.release(account, suppression.address_id) is None
    assert suppressions.suppression(account, "ann@example.com") is None


def test_what_fails_is_told() -> None:
    stage = MemoryStage()

    def fail(_operation: str) -> None:
        raise client_error("InternalServerError")

    stage.before = fail
    with pytest.raises(ClientError, match="InternalServerError"):
        Suppressions(stage.client, stage.tables.workspace).suppress(
            Suppression("a", "ann@example.com", SuppressionReason.MANUAL, NOW)
        )


def test_the_list_has_everyone_page_by_page(suppressions: Suppressions, account: str) -> None:
    kept = [Suppression(account, f"p{n}@example.com", SuppressionReason.MANUAL, NOW) for n in range(5)]
    for suppression in kept:
        suppressions.suppress(suppression)

    found: list[Suppression] = []
    after: str | None = None
    while True:
        page, after = suppressions.suppressions(account, 2, after)
        found += page
        if after is None:
            break

    assert len(page) <= 2
    assert sorted(found, key=lambda it: it.email) == kept


def _count(database: Database, account: str, days_ago: int, message: int, counts: Counts) -> None:
    day = TODAY - timedelta(days=days_ago)
    write = counted(database.tables.workspace, account, day, f"{message:024x}", counts)
    database.client.transact_write_items(TransactItems=[write])


def test_shares_of_a_day_are_one_tally(database: Database, tallies: Tallies, account: str) -> None:
    for number in range(16):
        _count(database, account, 0, number << 64, Counts(sent=1, delivered=number % 2))
    _count(database, account, 3, 1, Counts(sent=2, bounced=1, complained=1, opened=1, clicked=1))
    _count(database, account, 30, 1, Counts(sent=7, bounced=7))
    _count(database, f"{account}-other", 0, 1, Counts(sent=9, bounced=9))

    standing = tallies.standing(account, NOW)

    today, before = Counts(sent=16, delivered=8), Counts(sent=2, bounced=1, complained=1, opened=1, clicked=1)
    assert standing.days == (DayTally(TODAY - timedelta(days=3), before), DayTally(TODAY, today))
    assert standing.totals == today + before


def test_a_stop_is_lifted_from_a_moment_on(database: Database, tallies: Tallies, account: str) -> None:
    _count(database, account, 0, 1, Counts(sent=10, bounced=5))
    _count(database, account, 1, 1, Counts(sent=10, bounced=5))
    assert tallies.standing(account, NOW).is_stopped

    tallies.resume(account, NOW)

    assert tallies.standing(account, NOW).totals == Counts()
    _count(database, account, 0, 2, Counts(sent=3, bounced=1))
    _count(database, account, 1, 2, Counts(bounced=1))
    standing = tallies.standing(account, NOW + timedelta(hours=2))
    assert standing.totals == Counts(sent=3, bounced=1)
    assert standing.resumed_at == NOW
    assert len(standing.days) == 2


def test_nobody_has_sent_anything(tallies: Tallies, account: str) -> None:
    tallies.resume(account, NOW)

    standing = tallies.standing(account, NOW)

    assert (standing.totals, standing.days, standing.is_stopped) == (Counts(), (), False)
