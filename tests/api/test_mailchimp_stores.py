"""Stores, as Mailchimp's own client connects, reads, changes and deletes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import StoreState
from laurel.store.workspace import Workspace
from tests.support import mailchimp
from tests.support.shop import ADA, order

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway


def test_a_store_is_connected_under_the_shops_own_id(plugin: Any, tenant: Tenant) -> None:
    sent = mailchimp.store(tenant, domain="https://Shop.example.com/", platform="Custom", is_syncing=True, phone="1")

    made = plugin.ecommerce.add_store(sent)

    assert datetime.fromisoformat(made.pop("created_at")).tzinfo == UTC
    assert made == {
        "id": "web-shop",
        "list_id": tenant.audience_id,
        "name": "Web shop",
        "domain": "shop.example.com",
        "currency_code": "EUR",
        "timezone": "Europe/Berlin",
    }
    known = tenant.owner.ok("getStore", store="web-shop")
    assert (known["platform"], known["name"], known["state"]) == ("api", "Web shop", "connected")
    assert (known["audience_id"], known["currency"], known["time_zone"]) == (tenant.audience_id, "EUR", "Europe/Berlin")
    assert {**plugin.ecommerce.get_store("web-shop"), "created_at": ""} == {**made, "created_at": ""}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (None, "UTC"),
        ("", "UTC"),
        ("America/New_York", "America/New_York"),
        ("+00:00", "UTC"),
        ("+02:00", "Etc/GMT-2"),
        ("-05:00", "Etc/GMT+5"),
        ("UTC+10:00", "Etc/GMT-10"),
    ],
)
def test_a_time_zone_may_be_an_offset_as_wordpress_sends_it(
    sent: str | None, kept: str, plugin: Any, tenant: Tenant
) -> None:
    assert plugin.ecommerce.add_store(mailchimp.store(tenant, timezone=sent))["timezone"] == kept


@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ({"id": None}, ["id"]),
        ({"id": "a/b"}, ["id"]),
        ({"name": None}, ["name"]),
        ({"name": " "}, ["name"]),
        ({"list_id": "none"}, ["list_id"]),
        ({"currency_code": "ZZZ"}, ["currency_code"]),
        ({"timezone": "Eastern"}, ["timezone"]),
        ({"timezone": "+05:30"}, ["timezone"]),
        ({"id": None, "list_id": None, "name": None, "currency_code": None},
         ["id", "list_id", "name", "currency_code"]),
    ],
)  # fmt: skip
def test_a_store_that_cannot_be_is_refused(more: Any, fields: list[str], plugin: Any, tenant: Tenant) -> None:
    refused = mailchimp.refusal(lambda: plugin.ecommerce.add_store(mailchimp.store(tenant, **more)))

    assert (refused["status"], refused["title"]) == (400, "Invalid Resource")
    assert [it["field"] for it in refused["errors"]] == fields
    assert plugin.ecommerce.stores()["total_items"] == 0


@pytest.mark.parametrize("domain", ["http://localhost:8080", "intranet", "", "a b"])
def test_an_address_that_is_no_domain_is_left_out(domain: str, plugin: Any, tenant: Tenant) -> None:
    assert "domain" not in plugin.ecommerce.add_store(mailchimp.store(tenant, domain=domain))


def test_the_list_of_another_account_is_none(plugin: Any, api: Gateway, tenant: Tenant) -> None:
    foreign = mailchimp.store(tenant, list_id=api.tenant("Other").audience_id)

    refused = mailchimp.refusal(lambda: plugin.ecommerce.add_store(foreign))

    assert [it["field"] for it in refused["errors"]] == ["list_id"]


def test_a_store_is_made_once(plugin: Any, tenant: Tenant, shop: str) -> None:
    refused = mailchimp.refusal(lambda: plugin.ecommerce.add_store(mailchimp.store(tenant, name="Again")))

    assert (refused["status"], refused["title"]) == (400, "Bad Request")
    assert refused["detail"] == "A store with the provided ID already exists in the account."
    assert plugin.ecommerce.get_store(shop)["name"] == "Web shop"


def test_stores_of_other_origins_are_there_too(plugin: Any, tenant: Tenant, shop: str) -> None:
    connected = tenant.connect("woocommerce", name="Woo")

    listed = plugin.ecommerce.stores()

    assert {(it["id"], it.get("platform")) for it in listed["stores"]} == {
        (shop, None),
        (connected["id"], "woocommerce"),
    }
    assert listed["total_items"] == 2
    assert len(plugin.ecommerce.stores(count=1)["stores"]) == 1
    assert plugin.ecommerce.add_store_order(connected["id"], mailchimp.order())["id"] == "o1"


def test_name_and_domain_can_be_changed(plugin: Any, tenant: Tenant, shop: str) -> None:
    changed = plugin.ecommerce.update_store(shop, {"name": "Renamed", "domain": "new.example.com"})

    assert (changed["name"], changed["domain"]) == ("Renamed", "new.example.com")
    assert plugin.ecommerce.update_store(shop, {"is_syncing": False})["name"] == "Renamed"
    assert tenant.owner.ok("getStore", store=shop)["shop_domain"] == "new.example.com"


def test_a_plugin_that_saves_its_settings_changes_no_calendar(plugin: Any, tenant: Tenant, shop: str) -> None:
    saved = mailchimp.store(tenant, timezone="Asia/Tokyo", name="Saved")

    changed = plugin.ecommerce.update_store(shop, saved)

    assert (changed["name"], changed["timezone"]) == ("Saved", "Europe/Berlin")


@pytest.mark.parametrize(("field", "value"), [("currency_code", "USD"), ("list_id", "other")])
def test_what_a_store_is_made_of_stays(field: str, value: str, plugin: Any, shop: str) -> None:
    refused = mailchimp.refusal(lambda: plugin.ecommerce.update_store(shop, {field: value, "name": "New"}))

    assert (refused["status"], [it["field"] for it in refused["errors"]]) == (400, [field])
    assert plugin.ecommerce.get_store(shop)["name"] == "Web shop"


def test_a_deleted_store_is_disconnected_and_comes_back_with_its_orders(plugin: Any, tenant: Tenant, shop: str) -> None:
    plugin.ecommerce.add_store_order(shop, mailchimp.order())

    assert plugin.ecommerce.delete_store(shop).status_code == 204

    assert plugin.ecommerce.stores()["stores"] == []
    for call in (
        lambda: plugin.ecommerce.get_store(shop),
        lambda: plugin.ecommerce.update_store(shop, {"name": "New"}),
        lambda: plugin.ecommerce.delete_store(shop),
        lambda: plugin.ecommerce.add_store_order(shop, mailchimp.order("o2")),
        lambda: plugin.ecommerce.add_store_customer(shop, mailchimp.customer()),
        lambda: plugin.ecommerce.get_store_orders(shop),
    ):
        assert mailchimp.refusal(call)["status"] == 404
    assert tenant.owner.ok("getStore", store=shop)["state"] == "disconnected"
    dollars = mailchimp.store(tenant, currency_code="USD")
    assert mailchimp.refusal(lambda: plugin.ecommerce.add_store(dollars))["status"] == 400

    again = plugin.ecommerce.add_store(mailchimp.store(tenant, name="Once more"))

    assert again["name"] == "Once more"
    assert [it["id"] for it in plugin.ecommerce.get_store_orders(shop)["orders"]] == ["o1"]


def test_a_paused_store_is_there_and_takes_nothing(plugin: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    plugin.ecommerce.add_store_order(shop, mailchimp.order())
    workspace = Workspace(api.database.client, api.database.tables.workspace)
    known = workspace.store(tenant.account_id, shop)
    assert known
    assert workspace.save_store(replace(known, state=StoreState.PAUSED))

    assert [it["id"] for it in plugin.ecommerce.stores()["stores"]] == [shop]
    assert plugin.ecommerce.get_order(shop, "o1")["id"] == "o1"
    assert mailchimp.refusal(lambda: plugin.ecommerce.add_store(mailchimp.store(tenant)))["status"] == 400
    for call in (
        lambda: plugin.ecommerce.add_store_order(shop, mailchimp.order("o2")),
        lambda: plugin.ecommerce.update_order(shop, "o1", {"order_total": 1}),
        lambda: plugin.ecommerce.set_store_customer(shop, "c1", mailchimp.customer()),
        lambda: plugin.ecommerce.add_store_product(shop, {}),
    ):
        refused = mailchimp.refusal(call)
        assert (refused["status"], refused["type"]) == (403, "urn:laurel:problem:store-paused")


def test_an_erased_store_gives_its_id_to_none(plugin: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    Workspace(api.database.client, api.database.tables.workspace).close_store(tenant.account_id, shop)

    assert mailchimp.refusal(lambda: plugin.ecommerce.get_store(shop))["status"] == 404
    assert mailchimp.refusal(lambda: plugin.ecommerce.add_store(mailchimp.store(tenant)))["status"] == 400
    assert plugin.ecommerce.stores()["stores"] == []


def test_a_store_of_this_kind_is_like_any_other(api: Gateway, tenant: Tenant, plugin: Any, shop: str) -> None:
    tenant.owner.ok("recordOrders", store=shop, body=order("o1", ADA, "5.00"))
    plugin.ecommerce.add_store_order(shop, mailchimp.order("o2", processed_at_foreign=datetime.now(UTC).isoformat()))
    api.settle()

    board = tenant.owner.ok("getLeaderboard", store=shop, query={"time_frame": "all_time"})

    assert [(row["orders_count"], row["total_spent"]) for row in board["rows"]] == [(2, "64.90")]
