"""Mailchimp's own client against the deployed stack; only its base address is not Mailchimp's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from tests.e2e.deployed import eventually
from tests.support import mailchimp

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant


def test_a_shop_comes_with_its_customers_and_orders(deployed: Deployed, tenant: Tenant) -> None:
    made = tenant.owner.ok("createApiKey", body={"name": "Plugin", "role": "owner"})
    plugin = mailchimp.client(deployed.stack["api_url"], api_key=made["key"])
    shop = f"shop-{uuid4().hex[:8]}"
    buyer = mailchimp.customer(email_address=f"{shop}@example.com", opt_in_status=True, first_name="Ada")

    assert plugin.ping.get() == {"health_status": "Everything's Chimpy!"}
    plugin.ecommerce.add_store(mailchimp.store(tenant, id=shop))
    plugin.ecommerce.set_store_customer(shop, "c1", buyer)
    plugin.ecommerce.add_store_order(shop, mailchimp.order("a b#1", customer={"id": "c1"}))
    plugin.ecommerce.add_store_order(shop, mailchimp.order("2", customer={"id": "c1"}, order_total=10))
    plugin.ecommerce.update_order(shop, "2", {"financial_status": "refunded"})
    again = mailchimp.refusal(lambda: plugin.ecommerce.add_store_order(shop, mailchimp.order("2")))

    assert again["status"] == 400
    assert plugin.ecommerce.get_order(shop, "a b#1")["order_total"] == 59.9
    assert {it["id"] for it in plugin.ecommerce.get_store_orders(shop)["orders"]} == {"a b#1", "2"}
    assert plugin.ecommerce.get_all_store_customers(shop)["customers"][0]["opt_in_status"] is True
    board = {"store": shop, "query": {"time_frame": "all_time"}}
    rows = eventually(
        lambda: tenant.owner.ok("getLeaderboard", **board)["rows"],
        lambda it: [(row["orders_count"], row["total_spent"]) for row in it] == [(1, "59.90")],
    )
    assert rows[0]["email"] == f"{shop}@example.com"
    tenant.owner.ok("revokeApiKey", api_key=made["id"])
    assert mailchimp.refusal(plugin.ping.get)["status"] == 401


def test_without_a_key_mailchimps_paths_answer_as_mailchimp_does(deployed: Deployed) -> None:
    for method, path in (("GET", "/3.0/ping"), ("PUT", "/3.0/ecommerce/stores/x/orders/y"), ("GET", "/3.0/lists")):
        answer = deployed.send(method, path)

        assert (answer.status, answer.json["title"]) == (401, "API Key Invalid")
        assert answer.content_type == "application/problem+json"
