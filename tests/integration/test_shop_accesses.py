"""What is kept of access to shops: what shows in Workspace, what opens in a parameter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from laurel.model.account import Platform, Store
from laurel.shops.access import ShopAccess
from laurel.shops.shop import ShopCredentials
from laurel.store import secrets
from laurel.store.shop_accesses import KeptShopAccesses
from tests.support.samples import NOW
from tests.support.tables import Database

if TYPE_CHECKING:
    from laurel.store.secrets import SSMClient

PREFIX = "/laurel/test/shops"
CREDENTIALS = ShopCredentials(Platform.WOOCOMMERCE, "https://shop.example.com", "cs_secret_7788", "ck_key_0011")


@pytest.fixture
def ssm() -> Iterator[SSMClient]:
    with mock_aws():
        yield secrets.create_client()


@pytest.fixture
def accesses(database: Database, ssm: SSMClient) -> KeptShopAccesses:
    return KeptShopAccesses(database.client, database.tables.workspace, lambda: ssm, PREFIX)


def access_to(store: Store) -> ShopAccess:
    kept = (store.account_id, store.id, CREDENTIALS.platform, CREDENTIALS.address, "7788")
    return ShopAccess(*kept, since=NOW, worked_at=NOW)


def test_what_was_kept_is_found(accesses: KeptShopAccesses, store: Store, ssm: Any) -> None:
    accesses.keep(access_to(store), CREDENTIALS)

    assert accesses.access(store) == access_to(store)
    assert accesses.credentials(store) == CREDENTIALS
    name = f"{PREFIX}/{store.account_id}/{store.id}"
    assert ssm.get_parameter(Name=name, WithDecryption=False)["Parameter"]["Type"] == "SecureString"


def test_another_store_has_none(accesses: KeptShopAccesses, store: Store) -> None:
    accesses.keep(access_to(store), CREDENTIALS)

    for other in (replace(store, id="another"), replace(store, account_id="another")):
        assert accesses.access(other) is None
        assert accesses.credentials(other) is None


def test_address_and_secret_belong_together(accesses: KeptShopAccesses, store: Store, ssm: SSMClient) -> None:
    """Who is told another address while credentials are replaced must not send them there."""
    accesses.keep(access_to(store), CREDENTIALS)
    other = {"platform": "woocommerce", "address": "https://other.example.com", "secret": "cs_other", "key": "ck_other"}
    name = f"{PREFIX}/{store.account_id}/{store.id}"

    ssm.put_parameter(Name=name, Value=json.dumps(other), Type="SecureString", Overwrite=True)

    assert accesses.credentials(store) == ShopCredentials(
        Platform.WOOCOMMERCE, "https://other.example.com", "cs_other", "ck_other"
    )


def test_how_their_use_went_is_kept(accesses: KeptShopAccesses, store: Store) -> None:
    access = access_to(store)
    accesses.keep(access, CREDENTIALS)
    refused, worked = NOW + timedelta(hours=1), NOW + timedelta(hours=2)

    accesses.note(access, refused, worked=False)

    assert accesses.access(store) == replace(access, refused_at=refused)

    accesses.note(access, worked, worked=True)

    assert accesses.access(store) == replace(access, refused_at=refused, worked_at=worked)


def test_how_the_use_of_others_went_is_not(accesses: KeptShopAccesses, store: Store) -> None:
    old, new = access_to(store), replace(access_to(store), since=NOW + timedelta(hours=1))
    accesses.note(old, NOW, worked=False)

    assert accesses.access(store) is None

    accesses.keep(new, CREDENTIALS)
    accesses.note(old, NOW + timedelta(hours=2), worked=False)

    assert accesses.access(store) == new


def test_what_is_forgotten_is_gone_everywhere(accesses: KeptShopAccesses, store: Store) -> None:
    accesses.keep(access_to(store), CREDENTIALS)

    for _ in range(2):
        accesses.forget(store.account_id, store.id)

        assert accesses.access(store) is None
        assert accesses.credentials(store) is None


def test_another_fault_of_ssm_s_is_no_absence(accesses: KeptShopAccesses, store: Store, ssm: Any) -> None:
    def refused(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "GetParameter")

    ssm.get_parameter = ssm.delete_parameter = refused

    with pytest.raises(ClientError):
        accesses.credentials(store)
    with pytest.raises(ClientError):
        accesses.forget(store.account_id, store.id)
