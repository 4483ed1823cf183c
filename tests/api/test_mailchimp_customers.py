"""Customers, as Mailchimp's own client keeps them, and what becomes of their consent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import mailchimp
from tests.support.shop import ADA, BEN, activity, contact_id

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway


def contact(tenant: Tenant, email: str = ADA) -> Any:
    return tenant.owner.ok("getContact", audience=tenant.audience_id, contact=contact_id(email))


def test_a_customer_is_a_contact(plugin: Any, tenant: Tenant, shop: str) -> None:
    sent = mailchimp.customer(
        email_address=" Ada@Example.com ", first_name="Ada", last_name="Byron", company="Engines", address={"city": "X"}
    )

    made = plugin.ecommerce.add_store_customer(shop, sent)

    assert made.pop("created_at")
    assert made == {
        "id": "c1",
        "email_address": ADA,
        "opt_in_status": False,
        "first_name": "Ada",
        "last_name": "Byron",
    }
    known = contact(tenant)
    assert (known["email"], known["first_name"], known["status"]) == (ADA, "Ada", "non_subscribed")
    assert {**plugin.ecommerce.get_store_customer(shop, "c1")}.items() >= made.items()


def test_a_customer_is_made_once(plugin: Any, shop: str) -> None:
    plugin.ecommerce.add_store_customer(shop, mailchimp.customer(first_name="Ada"))

    refused = mailchimp.refusal(lambda: plugin.ecommerce.add_store_customer(shop, mailchimp.customer(first_name="B")))

    assert (refused["status"], refused["title"]) == (400, "Bad Request")
    assert refused["detail"].startswith("A customer with the provided ID already exists")
    assert plugin.ecommerce.get_store_customer(shop, "c1")["first_name"] == "Ada"


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({}, ["id", "opt_in_status"]),
        ({"id": "c1"}, ["opt_in_status"]),
        ({"id": "c1", "opt_in_status": "yes"}, ["opt_in_status"]),
        ({"id": "a/b", "opt_in_status": True}, ["id"]),
        ({"id": "c1", "opt_in_status": True, "email_address": 1}, ["email_address"]),
    ],
)
def test_a_customer_that_cannot_be_is_refused(sent: Any, fields: list[str], plugin: Any, shop: str) -> None:
    refused = mailchimp.refusal(lambda: plugin.ecommerce.add_store_customer(shop, sent))

    assert (refused["status"], [it["field"] for it in refused["errors"]]) == (400, fields)
    assert plugin.ecommerce.get_all_store_customers(shop)["customers"] == []


def test_a_customer_may_have_no_address(plugin: Any, shop: str) -> None:
    made = plugin.ecommerce.add_store_customer(shop, {"id": "c1", "opt_in_status": False})

    assert set(made) == {"id", "opt_in_status", "created_at"}
    assert plugin.ecommerce.get_store_customer(shop, "c1") == made
    assert plugin.ecommerce.get_all_store_customers(shop)["customers"] == [made]


def test_put_makes_or_replaces_and_patch_changes(plugin: Any, shop: str) -> None:
    put = plugin.ecommerce.set_store_customer(shop, "c1", mailchimp.customer(first_name="Ada"))
    again = plugin.ecommerce.set_store_customer(shop, "c1", {**mailchimp.customer("ignored"), "last_name": "Byron"})
    patched = plugin.ecommerce.update_store_customer(shop, "c1", {"first_name": "Augusta"})

    assert put["first_name"] == "Ada"
    assert (again["id"], again["first_name"], again["last_name"]) == ("c1", "Ada", "Byron")
    assert (patched["first_name"], patched["last_name"], patched["email_address"]) == ("Augusta", "Byron", ADA)
    assert patched["created_at"] == put["created_at"]
    assert mailchimp.refusal(lambda: plugin.ecommerce.update_store_customer(shop, "c2", {}))["status"] == 404


def test_what_is_known_costs_no_write(plugin: Any, api: Gateway, shop: str) -> None:
    plugin.ecommerce.set_store_customer(shop, "c1", mailchimp.customer())
    before = api.items("ledger")

    plugin.ecommerce.set_store_customer(shop, "c1", mailchimp.customer())

    assert api.items("ledger") == before


def test_a_customer_may_become_another_contact(plugin: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    plugin.ecommerce.set_store_customer(shop, "c1", mailchimp.customer())

    changed = plugin.ecommerce.update_store_customer(shop, "c1", {"email_address": BEN})

    assert changed["email_address"] == BEN
    assert plugin.ecommerce.get_all_store_customers(shop)["total_items"] == 1
    assert plugin.ecommerce.get_all_store_customers(shop, email_address=ADA)["customers"] == []
    kept = mailchimp.ledger(api, tenant, f"shop-customer#{shop}")
    assert [item["pk"]["S"].rpartition("#")[2] for item in kept] == [contact_id(BEN)]


def test_customers_are_found_by_address(plugin: Any, shop: str) -> None:
    for id_, email in (("c1", ADA), ("c2", BEN), ("c3", ADA)):
        plugin.ecommerce.add_store_customer(shop, mailchimp.customer(id_, email_address=email))

    found = plugin.ecommerce.get_all_store_customers(shop, email_address=f" {ADA.upper()}")

    assert {it["id"] for it in found["customers"]} == {"c1", "c3"}
    assert found["total_items"] == 2


def test_customers_are_read_by_the_page(plugin: Any, shop: str) -> None:
    for number in range(7):
        email = {"email_address": f"{number}@example.com"} if number % 2 else {"email_address": ""}
        plugin.ecommerce.add_store_customer(shop, mailchimp.customer(str(number), **email))

    pages = [plugin.ecommerce.get_all_store_customers(shop, count=3, offset=offset) for offset in (0, 3, 6, 9)]

    assert [len(page["customers"]) for page in pages] == [3, 3, 1, 0]
    assert {it["id"] for page in pages for it in page["customers"]} == {str(number) for number in range(7)}
    assert {page["total_items"] for page in pages} == {7}


def test_a_deleted_customer_stays_a_contact(plugin: Any, tenant: Tenant, shop: str) -> None:
    plugin.ecommerce.add_store_order(shop, mailchimp.order())

    assert plugin.ecommerce.delete_store_customer(shop, "c1").status_code == 204

    assert mailchimp.refusal(lambda: plugin.ecommerce.get_store_customer(shop, "c1"))["status"] == 404
    assert mailchimp.refusal(lambda: plugin.ecommerce.delete_store_customer(shop, "c1"))["status"] == 404
    assert plugin.ecommerce.get_all_store_customers(shop)["total_items"] == 0
    assert contact(tenant)["email"] == ADA
    assert plugin.ecommerce.get_order(shop, "o1")["order_total"] == 59.9


def test_the_shops_id_is_in_no_key(plugin: Any, api: Gateway, shop: str) -> None:
    plugin.ecommerce.add_store_customer(shop, mailchimp.customer("secret-ada@example.com"))

    keys = [f"{item['pk']['S']} {item['sk']['S']}" for item in api.items("ledger")]

    assert keys
    assert not [key for key in keys if "secret" in key]


def test_opting_in_subscribes_whom_nobody_asked(plugin: Any, tenant: Tenant, shop: str) -> None:
    plugin.ecommerce.set_store_customer(shop, "c1", mailchimp.customer(opt_in_status=False))
    assert contact(tenant)["status"] == "non_subscribed"

    changed = plugin.ecommerce.set_store_customer(shop, "c1", mailchimp.customer(opt_in_status=True))

    assert changed["opt_in_status"] is True
    assert contact(tenant)["status"] == "subscribed"


def test_not_opting_in_ends_no_subscription(plugin: Any, tenant: Tenant, shop: str) -> None:
    plugin.ecommerce.set_store_customer(shop, "c1", mailchimp.customer(opt_in_status=True))

    changed = plugin.ecommerce.set_store_customer(shop, "c1", mailchimp.customer(opt_in_status=False))

    assert changed["opt_in_status"] is True
    assert contact(tenant)["status"] == "subscribed"


@pytest.mark.parametrize("status", ["unsubscribed", "pending", "non_subscribed"])
def test_a_decision_that_was_made_is_never_overwritten(status: str, plugin: Any, tenant: Tenant, shop: str) -> None:
    decided = {"status": status, "at": "2020-01-01T00:00:00Z"}
    told = activity("a1", contact={"email": ADA, "consent": decided})
    tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=told)

    plugin.ecommerce.set_store_customer(shop, "c1", mailchimp.customer(opt_in_status=True))
    plugin.ecommerce.add_store_order(shop, mailchimp.order(customer=mailchimp.customer(opt_in_status=True)))

    assert contact(tenant)["status"] == status
    assert plugin.ecommerce.get_store_customer(shop, "c1")["opt_in_status"] is False


def test_who_unsubscribes_after_opting_in_stays_so(plugin: Any, tenant: Tenant, shop: str) -> None:
    plugin.ecommerce.set_store_customer(shop, "c1", mailchimp.customer(opt_in_status=True))
    tenant.owner.ok(
        "recordActivity",
        audience=tenant.audience_id,
        body=activity("a1", name="unsubscribed", occurred_at="2199-01-01T00:00:00Z"),
    )

    plugin.ecommerce.set_store_customer(shop, "c1", mailchimp.customer(opt_in_status=True))

    assert contact(tenant)["status"] == "unsubscribed"
