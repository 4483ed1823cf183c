"""Orders, as Mailchimp's own client creates, replaces, changes and deletes them, and what counts of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import mailchimp
from tests.support.shop import ADA, BEN, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

LINE = ("id", "product_id", "product_variant_id", "quantity", "price")
LATER, LATEST = "2026-11-20T11:00:00+00:00", "2026-11-20T12:00:00+00:00"


def spent(api: Gateway, tenant: Tenant, shop: str) -> dict[str, tuple[int, str]]:
    """Purchases and spent of everybody on the board."""
    api.settle()
    board = tenant.owner.ok("getLeaderboard", store=shop, query={"time_frame": "all_time"})
    return {row["email"] or row["customer"]: (row["orders_count"], row["total_spent"]) for row in board["rows"]}


def test_an_order_brings_its_customer(plugin: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    buyer = mailchimp.customer(first_name="Ada", last_name="Byron", opt_in_status=True)

    made = plugin.ecommerce.add_store_order(shop, mailchimp.order(customer=buyer, landing_site="x", promos=[{}]))

    assert made == {
        "id": "o1",
        "store_id": shop,
        "customer": {"id": "c1", "email_address": ADA},
        "financial_status": "paid",
        "currency_code": "EUR",
        "order_total": 59.9,
        "processed_at_foreign": "2026-11-20T10:00:00Z",
        "updated_at_foreign": "2026-11-20T10:00:00Z",
    }
    assert plugin.ecommerce.get_order(shop, "o1") == made
    assert plugin.ecommerce.get_store_orders(shop)["orders"] == [made]
    assert plugin.ecommerce.get_store_customer(shop, "c1")["first_name"] == "Ada"
    known = tenant.owner.ok("getContact", audience=tenant.audience_id, contact=contact_id(ADA))
    assert (known["last_name"], known["status"]) == ("Byron", "subscribed")
    assert spent(api, tenant, shop) == {ADA: (1, "59.90")}


def test_a_known_customer_is_named_by_id_alone(plugin: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    plugin.ecommerce.add_store_customer(shop, mailchimp.customer(first_name="Ada"))

    made = plugin.ecommerce.add_store_order(shop, mailchimp.order(customer={"id": "c1"}))

    assert made["customer"] == {"id": "c1", "email_address": ADA}
    assert spent(api, tenant, shop) == {ADA: (1, "59.90")}


def test_a_customer_who_is_only_an_id_is_ranked_as_such(plugin: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    made = plugin.ecommerce.add_store_order(shop, mailchimp.order(customer={"id": "c9"}))

    assert made["customer"] == {"id": "c9"}
    assert spent(api, tenant, shop) == {"customer-c9": (1, "59.90")}
    assert plugin.ecommerce.get_store_customer(shop, "c9")["id"] == "c9"
    found = plugin.ecommerce.get_store_orders(shop, customer_id="c9")
    assert ([it["id"] for it in found["orders"]], found["total_items"]) == (["o1"], 1)


def test_orders_of_a_customer(plugin: Any, shop: str) -> None:
    for number in range(3):
        plugin.ecommerce.add_store_order(shop, mailchimp.order(str(number)))
    other = mailchimp.customer("c2", email_address=BEN)
    plugin.ecommerce.add_store_order(shop, mailchimp.order("x", customer=other))

    found = plugin.ecommerce.get_store_orders(shop, customer_id="c1", count=2)

    assert ([it["id"] for it in found["orders"]], found["total_items"]) == (["0", "1"], 3)
    assert plugin.ecommerce.get_store_orders(shop, customer_id="none") == {
        "store_id": shop, "orders": [], "total_items": 0
    }  # fmt: skip
    assert plugin.ecommerce.get_store_orders(shop, campaign_id="k1")["orders"] == []


def test_an_order_is_made_once(plugin: Any, shop: str) -> None:
    plugin.ecommerce.add_store_order(shop, mailchimp.order())

    refused = mailchimp.refusal(lambda: plugin.ecommerce.add_store_order(shop, mailchimp.order(order_total=1)))

    assert (refused["status"], refused["title"]) == (400, "Bad Request")
    assert refused["detail"] == "An order with the provided ID already exists in the account for this list."
    assert plugin.ecommerce.get_order(shop, "o1")["order_total"] == 59.9


@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ({"id": None, "customer": None, "currency_code": None, "order_total": None, "lines": None},
         ["id", "customer", "currency_code", "order_total", "lines"]),
        ({"customer": {"email_address": ADA}}, ["customer.id"]),
        ({"customer": "c1"}, ["customer"]),
        ({"currency_code": "ZZZ"}, ["currency_code"]),
        ({"currency_code": "USD"}, ["currency_code"]),
        ({"order_total": -1}, ["order_total"]),
        ({"order_total": "free"}, ["order_total"]),
        ({"order_total": True}, ["order_total"]),
        ({"order_total": 10**20}, ["order_total"]),
        ({"lines": {}}, ["lines"]),
        ({"lines": [{}]}, [f"lines.0.{name}" for name in LINE]),
        ({"processed_at_foreign": "yesterday"}, ["processed_at_foreign"]),
        ({"cancelled_at_foreign": "yesterday"}, ["cancelled_at_foreign"]),
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_is_refused(more: Any, fields: list[str], plugin: Any, shop: str) -> None:
    refused = mailchimp.refusal(lambda: plugin.ecommerce.add_store_order(shop, mailchimp.order(**more)))

    assert (refused["status"], refused["title"]) == (400, "Invalid Resource")
    assert [it["field"] for it in refused["errors"]] == fields
    assert plugin.ecommerce.get_store_orders(shop)["total_items"] == 0


@pytest.mark.parametrize(
    ("more", "status", "counted"),
    [
        ({"financial_status": "paid"}, "paid", (1, "59.90")),
        ({"financial_status": None}, "paid", (1, "59.90")),
        ({"financial_status": "PAID"}, "paid", (1, "59.90")),
        ({"financial_status": "fulfilled"}, "paid", (1, "59.90")),
        ({"financial_status": "partially_refunded", "order_total": 9.9}, "paid", (1, "9.90")),
        ({"financial_status": "refunded"}, "refunded", None),
        ({"financial_status": "refunded", "order_total": 0}, "voided", None),
        ({"financial_status": "pending"}, "pending", None),
        ({"financial_status": "on-hold"}, "pending", None),
        ({"financial_status": "something of the shop's"}, "pending", None),
        ({"financial_status": "authorized"}, "authorized", None),
        ({"financial_status": "failed"}, "voided", None),
        ({"financial_status": "cancelled"}, "cancelled", None),
        ({"financial_status": "paid", "cancelled_at_foreign": LATER}, "cancelled", None),
        ({"financial_status": "paid", "cancelled_at_foreign": ""}, "paid", (1, "59.90")),
        ({"order_total": 0}, "paid", (1, "0.00")),
    ],
)
def test_what_counts(
    more: Any, status: str, counted: Any, plugin: Any, api: Gateway, tenant: Tenant, shop: str
) -> None:
    made = plugin.ecommerce.add_store_order(shop, mailchimp.order(**more))

    assert made["financial_status"] == status
    assert spent(api, tenant, shop).get(ADA) == counted


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("93.9899999999999948840923025272786617279052734375", 93.99),
        ("11.1400000000000005684341886080801486968994140625", 11.14),
        ("0.005", 0.01),
        ("0.1e2", 10.0),
        ("100", 100.0),
        ('"59.9"', 59.9),
    ],
)
def test_amounts_are_read_as_php_prints_them(
    written: str, kept: float, api: Gateway, tenant: Tenant, plugin: Any, shop: str
) -> None:
    body = json.dumps(mailchimp.order(order_total="TOTAL")).replace('"TOTAL"', written)
    headers = {"Authorization": f"Bearer {mailchimp.api_key(tenant)}"}

    answer = api.send("POST", f"/3.0/ecommerce/stores/{shop}/orders", headers=headers, body=body)

    assert (answer.status, answer.json["order_total"]) == (200, kept)
    assert plugin.ecommerce.get_order(shop, "o1")["order_total"] == kept


def test_put_keeps_what_is_newer(plugin: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    first = mailchimp.put_order(plugin, shop, mailchimp.order(order_total=10))
    newer = mailchimp.put_order(plugin, shop, mailchimp.order(order_total=30, updated_at_foreign=LATEST))
    stale = mailchimp.put_order(plugin, shop, mailchimp.order(order_total=20, updated_at_foreign=LATER))

    assert [it["order_total"] for it in (first, newer, stale)] == [10.0, 30.0, 30.0]
    assert spent(api, tenant, shop) == {ADA: (1, "30.00")}


def test_a_put_without_a_time_of_change_is_the_newest(plugin: Any, shop: str) -> None:
    plugin.ecommerce.add_store_order(shop, mailchimp.order(order_total=10, updated_at_foreign=LATEST))

    for total in (20, 30, 25):
        changed = mailchimp.put_order(plugin, shop, mailchimp.order(order_total=total, updated_at_foreign=None))

        assert (changed["order_total"], changed["updated_at_foreign"]) == (float(total), "2026-11-20T12:00:00Z")


def test_saying_the_same_again_changes_nothing(plugin: Any, api: Gateway, shop: str) -> None:
    plugin.ecommerce.add_store_order(shop, mailchimp.order())
    before = api.items("ledger")

    mailchimp.put_order(plugin, shop, mailchimp.order())
    mailchimp.put_order(plugin, shop, mailchimp.order(updated_at_foreign=None))
    plugin.ecommerce.update_order(shop, "o1", {"financial_status": "paid", "tracking_number": "x"})

    assert api.items("ledger") == before


def test_a_patch_says_what_is_new(plugin: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    plugin.ecommerce.add_store_order(shop, mailchimp.order(financial_status="pending"))
    steps = (
        ({"financial_status": "paid"}, "paid", (1, "59.90")),
        ({"order_total": 49.9}, "paid", (1, "49.90")),
        ({"financial_status": "partially_refunded", "order_total": 9.9}, "paid", (1, "9.90")),
        ({"financial_status": "refunded"}, "refunded", None),
        ({"financial_status": "paid"}, "paid", (1, "9.90")),
        ({"cancelled_at_foreign": LATER}, "cancelled", None),
        ({"financial_status": "paid"}, "cancelled", None),
        ({"order_total": 8}, "cancelled", None),
        ({"cancelled_at_foreign": None}, "paid", (1, "8.00")),
        ({"cancelled_at_foreign": LATER}, "cancelled", None),
        ({"cancelled_at_foreign": "", "financial_status": "pending"}, "pending", None),
    )
    for body, status, counted in steps:
        changed = plugin.ecommerce.update_order(shop, "o1", body)

        assert changed["financial_status"] == status, body
        assert changed["customer"] == {"id": "c1", "email_address": ADA}
        assert changed["processed_at_foreign"] == "2026-11-20T10:00:00Z"
        assert spent(api, tenant, shop).get(ADA) == counted, body


def test_a_patch_may_give_the_order_to_another(plugin: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    plugin.ecommerce.add_store_order(shop, mailchimp.order())
    assert spent(api, tenant, shop) == {ADA: (1, "59.90")}

    plugin.ecommerce.update_order(shop, "o1", {"customer": mailchimp.customer("c2", email_address=BEN)})

    assert spent(api, tenant, shop) == {BEN: (1, "59.90")}
    assert plugin.ecommerce.get_order(shop, "o1")["customer"] == {"id": "c2", "email_address": BEN}


def test_a_patch_of_nothing_is_not_found(plugin: Any, shop: str) -> None:
    assert mailchimp.refusal(lambda: plugin.ecommerce.update_order(shop, "o1", {}))["status"] == 404


def test_a_patch_keeps_what_other_ways_brought(plugin: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    refund = {"refunds": [{"id": "r1", "amount": "4.00"}]}
    placed = order("o1", ADA, "10.00", number="#1001", products=["tea"], **refund)
    tenant.owner.ok("recordOrders", store=shop, body=placed)

    changed = plugin.ecommerce.update_order(shop, "o1", {"fulfillment_status": "shipped", "order_total": 12})

    assert (changed["order_total"], changed["financial_status"]) == (8.0, "partially_refunded")
    (item,) = mailchimp.ledger(api, tenant, "order")
    assert (item["number"], item["products"]) == ({"S": "#1001"}, {"L": [{"S": "tea"}]})
    assert spent(api, tenant, shop) == {ADA: (1, "8.00")}


def test_a_deleted_order_is_gone_and_may_come_again(plugin: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    plugin.ecommerce.add_store_order(shop, mailchimp.order())

    assert plugin.ecommerce.delete_order(shop, "o1").status_code == 204

    assert spent(api, tenant, shop) == {}
    for call in (
        lambda: plugin.ecommerce.get_order(shop, "o1"),
        lambda: plugin.ecommerce.update_order(shop, "o1", {}),
        lambda: plugin.ecommerce.delete_order(shop, "o1"),
    ):
        assert mailchimp.refusal(call)["status"] == 404
    assert plugin.ecommerce.get_store_orders(shop)["orders"] == []
    again = mailchimp.order(updated_at_foreign=None)
    assert plugin.ecommerce.add_store_order(shop, again)["order_total"] == 59.9
    assert spent(api, tenant, shop) == {ADA: (1, "59.90")}


def test_what_was_bought_can_be_asked_for_by_rules(plugin: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    lines = [
        {"id": "1", "product_id": "p1", "product_variant_id": "p1", "quantity": 1, "price": 1, "product_title": "Tea"},
        {"id": "2", "product_id": 7, "product_variant_id": "v2", "quantity": 1, "price": 1, "sku": "S-1"},
    ]

    plugin.ecommerce.add_store_order(shop, mailchimp.order(lines=lines))

    (item,) = mailchimp.ledger(api, tenant, "order")
    assert [it["S"] for it in item["products"]["L"]] == ["p1", "Tea", "7", "v2", "S-1"]


def test_an_order_without_times_is_of_now(plugin: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    sent = mailchimp.order(processed_at_foreign=None, updated_at_foreign=None)

    made = plugin.ecommerce.add_store_order(shop, sent)

    assert made["processed_at_foreign"] == made["updated_at_foreign"]
    api.settle()
    board = tenant.owner.ok("getLeaderboard", store=shop, query={"time_frame": "month_to_date"})
    assert len(board["rows"]) == 1
