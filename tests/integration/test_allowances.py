"""Counting messages: never more than allowed, however many ask at once."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from laurel.model.message import Limits, Usage
from laurel.store.allowances import Allowances
from tests.support.samples import NOW
from tests.support.threads import at_once

if TYPE_CHECKING:
    from tests.support.tables import Database

pytestmark = pytest.mark.integration
MANY = Limits(1_000, 1_000)
_accounts = itertools.count()


@pytest.fixture
def allowances(database: Database) -> Allowances:
    return Allowances(database.client, database.tables.workspace)


@pytest.fixture
def account() -> str:
    return f"allowances-{next(_accounts)}"


def test_each_message_counts_in_its_month_and_day(allowances: Allowances, account: str) -> None:
    tomorrow, next_month = NOW + timedelta(days=1), NOW + timedelta(days=31)
    for at in (NOW, NOW, tomorrow, next_month):
        assert allowances.count(account, at, MANY) is None

    assert allowances.usage(account, NOW) == Usage(3, 2)
    assert allowances.usage(account, tomorrow) == Usage(3, 1)
    assert allowances.usage(account, next_month) == Usage(1, 1)
    assert allowances.usage(f"{account}-other", NOW) == Usage(0, 0)


def test_days_are_utc(allowances: Allowances, account: str) -> None:
    allowances.count(account, datetime.fromisoformat("2026-12-01T00:30:00+02:00"), MANY)

    assert allowances.usage(account, datetime(2026, 11, 30, 23, tzinfo=UTC)) == Usage(1, 1)


@pytest.mark.parametrize(
    ("limits", "counted"), [(Limits(3, 10), 3), (Limits(10, 2), 2), (Limits(0, 10), 0), (Limits(10, 0), 0)]
)
def test_what_is_used_up_is_told(limits: Limits, counted: int, allowances: Allowances, account: str) -> None:
    answers = [allowances.count(account, NOW, limits) for _ in range(5)]

    assert answers == [None] * counted + [Usage(counted, counted)] * (5 - counted)
    assert allowances.usage(account, NOW) == Usage(counted, counted)


def test_what_was_not_accepted_is_given_back(allowances: Allowances, account: str) -> None:
    only_one = Limits(1, 1)
    assert allowances.count(account, NOW, only_one) is None
    assert allowances.count(account, NOW, only_one) is not None

    allowances.give_back(account, NOW)

    assert allowances.usage(account, NOW) == Usage(0, 0)
    assert allowances.count(account, NOW, only_one) is None


@at_once
def test_many_at_once_get_what_there_is(allowances: Allowances, account: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: allowances.count(account, NOW, Limits(20, 30)), range(50)))

    assert answers.count(None) == 20
    assert allowances.usage(account, NOW) == Usage(20, 20)
