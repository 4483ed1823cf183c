"""Accounts, roles and stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from laurel.model.account import Account, Plan, Role, StoreState, WebhookSecret
from tests.support.samples import NOW, a_store

VIEWER, MARKETER, OWNER = Role.VIEWER, Role.MARKETER, Role.OWNER


@pytest.mark.parametrize(
    ("role", "may"),
    [(VIEWER, {VIEWER}), (MARKETER, {VIEWER, MARKETER}), (OWNER, {VIEWER, MARKETER, OWNER})],
)
def test_a_role_includes_the_lesser_ones(role: Role, may: set[Role]) -> None:
    assert {other for other in Role if role.includes(other)} == may


def test_a_store_is_connected_until_it_is_not() -> None:
    assert a_store().is_connected
    assert not a_store(state=StoreState.DISCONNECTED).is_connected


def test_during_a_rotation_two_secrets_are_valid() -> None:
    store = a_store(secrets=(WebhookSecret("new"), WebhookSecret("old", NOW + timedelta(hours=24))))

    assert store.valid_secrets(NOW) == ("new", "old")
    assert store.valid_secrets(NOW + timedelta(hours=24, microseconds=-1)) == ("new", "old")
    assert store.valid_secrets(NOW + timedelta(hours=24)) == ("new",)


def test_a_store_knows_the_lowest_limit_it_ever_had() -> None:
    low = a_store(house_account_orders=5)

    assert low.least_house_account_orders == 5
    assert replace(low, house_account_orders=300).least_house_account_orders == 5
    assert replace(low, house_account_orders=3).least_house_account_orders == 3


@pytest.mark.parametrize(
    ("plan", "own", "ceiling"),
    [
        (Plan.FREE, None, 0),
        (Plan.ESSENTIALS, None, 500),
        (Plan.STANDARD, None, 5_000),
        (Plan.PREMIUM, None, 50_000),
        (Plan.ESSENTIALS, 5_000, 5_000),
        (Plan.PREMIUM, 1, 1),
    ],
)
def test_a_day_has_a_tenth_of_the_month_unless_the_account_says_otherwise(
    plan: Plan, own: int | None, ceiling: int
) -> None:
    assert Account("a1", "Shop", plan, "en", "00", NOW, daily_messages=own).daily_ceiling == ceiling
