"""Workspace: accounts, audiences, stores and privacy requests."""

from __future__ import annotations

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from laurel.model.account import Account, Audience, Plan, Platform, Store, StoreState, WebhookSecret
from laurel.model.errors import NotFound
from laurel.store import workspace as workspace_module
from laurel.store.workspace import RememberedStores, Workspace
from tests.support.faults import client_error
from tests.support.samples import NOW, a_store, at
from tests.support.stage import MemoryStage
from tests.support.tables import Database


@pytest.fixture
def workspace(database: Database) -> Workspace:
    return Workspace(database.client, database.tables.workspace)


def an_account(id_: str) -> Account:
    return Account(id_, "Lamps Ltd", Plan.STANDARD, "en", "ab" * 32, NOW)


def test_an_account_is_read_as_it_was_saved(workspace: Workspace, store: Store) -> None:
    workspace.save_account(an_account(store.account_id))

    assert workspace.account(store.account_id) == an_account(store.account_id)
    assert workspace.account("nobody") is None


def test_only_what_changes_of_an_account_is_written(workspace: Workspace, store: Store) -> None:
    workspace.save_account(an_account(store.account_id))

    workspace.change_account(store.account_id, {"name": "Lights Ltd", "locale": "de"})

    assert workspace.account(store.account_id) == replace(an_account(store.account_id), name="Lights Ltd", locale="de")


def test_an_account_that_is_not_there_cannot_be_changed(workspace: Workspace) -> None:
    with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
        workspace.change_account("nobody", {"name": "Lights Ltd"})

    assert workspace.account("nobody") is None


def test_audiences_belong_to_their_account(workspace: Workspace, store: Store) -> None:
    first = Audience(store.account_id, "audience1", "Customers", 1, NOW)
    second = Audience(store.account_id, "audience2", "Wholesale", 3, NOW)
    workspace.save_audience(first)
    workspace.save_audience(second)
    workspace.save_store(store)

    assert workspace.audience(store.account_id, "audience2") == second
    assert workspace.audience("another", "audience2") is None
    assert workspace.audiences(store.account_id) == [first, second]
    assert workspace.audiences("another") == []


def test_an_audience_takes_another_name(workspace: Workspace, store: Store) -> None:
    workspace.save_audience(Audience(store.account_id, "audience1", "Customers", 7, NOW))

    workspace.rename_audience(store.account_id, "audience1", "Friends")

    assert workspace.audience(store.account_id, "audience1") == Audience(
        store.account_id, "audience1", "Friends", 7, NOW
    )


def test_a_store_is_read_as_it_was_saved(workspace: Workspace, store: Store) -> None:
    # Given stores with the least and the most there is to say
    plain = replace(store, id="store1", platform=Platform.API, secrets=())
    full = replace(
        store,
        id="store2",
        state=StoreState.DISCONNECTED,
        secrets=(WebhookSecret("new"), WebhookSecret("old", at("2026-11-23T12:00:00"))),
        shop_domain="shop.example.com",
        minimum_purchases=3,
        house_account_orders=500,
        calendar_revision=4,
    )
    assert workspace.save_store(plain)
    assert workspace.save_store(full)

    assert workspace.stores(store.account_id) == [replace(plain, version=1), replace(full, version=1)]
    assert workspace.store(store.account_id, "store2") == replace(full, version=1)
    assert workspace.store(store.account_id, "store3") is None
    assert workspace.store("another", "store2") is None


def test_a_store_is_saved_only_over_the_version_that_was_read(workspace: Workspace, store: Store) -> None:
    # Given a store that two people read
    assert workspace.save_store(store)
    read = workspace.store(store.account_id, store.id)
    assert read

    # When both change it
    assert workspace.save_store(replace(read, name="First"))
    assert not workspace.save_store(replace(read, name="Second"))
    assert not workspace.save_store(replace(store, name="As if it were new"))

    # Then the first change stands
    found = workspace.store(store.account_id, store.id)
    assert found == replace(store, name="First", version=2)


def test_a_store_remembers_the_lowest_limit_it_ever_had(workspace: Workspace, store: Store) -> None:
    workspace.save_store(replace(store, house_account_orders=5))
    low = workspace.store(store.account_id, store.id)
    assert low

    workspace.save_store(replace(low, house_account_orders=300))

    found = workspace.store(store.account_id, store.id)
    assert found
    assert (found.house_account_orders, found.least_house_account_orders) == (300, 5)


def test_a_privacy_request_is_kept_once(workspace: Workspace, store: Store) -> None:
    details = {"kind": "customer_data", "subject": {"email": "ada@example.com"}, "orders": ["1", "2"], "received_at": 1}
    other = replace(store, id=store.id + "2")

    assert workspace.record_privacy_request(store, "r#1", details)
    assert not workspace.record_privacy_request(store, "r#1", {**details, "received_at": 2})
    assert workspace.record_privacy_request(other, "r#1", details)

    (kept,) = workspace.privacy_requests(store)
    assert {name: kept[name] for name in ("id", *details)} == {"id": "r#1", **details}


def test_other_errors_are_the_callers_to_handle() -> None:
    stage = MemoryStage()
    workspace = Workspace(stage.client, stage.tables.workspace)

    def fails(operation: str) -> None:
        raise client_error("InternalServerError", operation)

    stage.before = fails
    with pytest.raises(ClientError, match="InternalServerError"):
        workspace.save_store(a_store())
    with pytest.raises(ClientError, match="InternalServerError"):
        workspace.record_privacy_request(a_store(), "r1", {})


class Clock:
    """Time that goes on when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_long_lived_consumer_reads_a_store_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a consumer that has read a store
    stage, clock = MemoryStage(), Clock()
    monkeypatch.setattr(workspace_module, "monotonic", clock)
    workspace = Workspace(stage.client, stage.tables.workspace)
    workspace.save_store(a_store())
    stores = RememberedStores(workspace)
    assert stores.store("accountaaaaa", "storeaaaaaaa").name == "Lamp Shop"

    # When it is renamed
    workspace.save_store(replace(a_store(), name="Light Shop", version=1))

    # Then the consumer hears of it after a minute
    clock.now += 59.9
    assert stores.store("accountaaaaa", "storeaaaaaaa").name == "Lamp Shop"
    clock.now += 0.1
    assert stores.store("accountaaaaa", "storeaaaaaaa").name == "Light Shop"


def test_a_consumer_that_asks_for_a_fresh_look_gets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = MemoryStage()
    monkeypatch.setattr(workspace_module, "monotonic", Clock())
    workspace = Workspace(stage.client, stage.tables.workspace)
    workspace.save_store(a_store())
    stores = RememberedStores(workspace)
    stores.store("accountaaaaa", "storeaaaaaaa")
    workspace.save_store(replace(a_store(), name="Light Shop", version=1))

    assert stores.store("accountaaaaa", "storeaaaaaaa", fresh=True).name == "Light Shop"
    assert stores.store("accountaaaaa", "storeaaaaaaa").name == "Light Shop"


def test_a_store_that_is_not_there_is_not_remembered() -> None:
    stage = MemoryStage()
    workspace = Workspace(stage.client, stage.tables.workspace)
    stores = RememberedStores(workspace)

    with pytest.raises(NotFound, match=r"There is no store 'storeaaaaaaa' in this account\."):
        stores.store("accountaaaaa", "storeaaaaaaa")

    workspace.save_store(a_store())
    assert stores.store("accountaaaaa", "storeaaaaaaa").name == "Lamp Shop"
