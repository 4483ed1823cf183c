"""Accounts, roles and stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from laurel.model.account import Role, StoreState, WebhookSecret
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
