"""What Mailchimp's API is like whatever it is about: keys, errors, pages, parts of answers, what is not kept."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from laurel.store.api_keys import ApiKeys
from tests.support import mailchimp

if TYPE_CHECKING:
    from tests.support.client import Answer, Tenant
    from tests.support.gateway import Gateway

STORES, STORE = "/3.0/ecommerce/stores", f"/3.0/ecommerce/stores/{mailchimp.SHOP}"
REFUSED = {"type", "title", "status", "detail", "instance"}


def ask(api: Gateway, method: str, path: str, key: str, body: Any = None, **headers: str) -> Answer:
    sent = body if body is None or isinstance(body, str) else json.dumps(body)
    authorization = {"Authorization": f"Bearer {key}"}
    path, _, query = path.partition("?")
    asked = dict(part.split("=") for part in query.split("&")) if query else None
    return api.send(method, path, headers=authorization | headers, body=sent, query=asked)


@pytest.mark.parametrize("user", ["user", "anystring", "", "laurel:"])
def test_a_key_is_the_password_of_any_user(user: str, api: Gateway, tenant: Tenant) -> None:
    key = mailchimp.api_key(tenant)
    if user.endswith(":"):
        key = key.removeprefix(":")
    shown = base64.b64encode(f"{user.rstrip(':')}:{key}".encode()).decode()

    answer = api.send("GET", "/3.0/ping", headers={"authorization": f"basic {shown}"})

    assert (answer.status, answer.json) == (200, {"health_status": "Everything's Chimpy!"})


def test_a_key_is_a_bearer_token_too(address: str, tenant: Tenant) -> None:
    client = mailchimp.client(address, access_token=mailchimp.api_key(tenant))

    assert client.ping.get()


@pytest.mark.parametrize(
    "authorization",
    [
        "", "Basic", "Basic !", "Basic dXNlcg==", "Bearer", "Bearer 00000000000000000000000000000000-us1",
        "Digest username=user", "Basic /////w==", "apikey x", "Bearer ä",
    ],
)  # fmt: skip
def test_without_a_key_there_is_no_way_in(authorization: str, api: Gateway) -> None:
    headers = {"Authorization": authorization} if authorization else {}

    for path in ("/3.0/ping", STORES, "/3.0/nowhere"):
        answer = api.send("GET", path, headers=headers)

        assert (answer.status, answer.problem, answer.json["title"]) == (401, "unauthenticated", "API Key Invalid")
        assert set(answer.json) == REFUSED


def test_a_key_opens_its_own_account_only(address: str, api: Gateway, plugin: Any, shop: str) -> None:
    other = mailchimp.client(address, api_key=mailchimp.api_key(api.tenant("Other")))
    plugin.ecommerce.add_store_customer(shop, mailchimp.customer())
    plugin.ecommerce.add_store_order(shop, mailchimp.order())

    assert other.ecommerce.stores() == {"stores": [], "total_items": 0}
    for call in (
        lambda: other.ecommerce.get_store(shop),
        lambda: other.ecommerce.get_store_orders(shop),
        lambda: other.ecommerce.get_order(shop, "o1"),
        lambda: other.ecommerce.update_order(shop, "o1", {"order_total": 1}),
        lambda: other.ecommerce.delete_order(shop, "o1"),
        lambda: other.ecommerce.get_store_customer(shop, "c1"),
        lambda: other.ecommerce.add_store_product(shop, {}),
        lambda: other.ecommerce.delete_store(shop),
    ):
        assert mailchimp.refusal(call)["status"] == 404
    assert plugin.ecommerce.get_order(shop, "o1")["order_total"] == 59.9


@pytest.mark.parametrize(
    ("method", "path", "body", "least"),
    [
        ("GET", STORES, None, "viewer"),
        ("GET", STORE, None, "viewer"),
        ("GET", f"{STORE}/products", None, "viewer"),
        ("POST", f"{STORE}/orders", mailchimp.order(), "marketer"),
        ("PUT", f"{STORE}/customers/c1", mailchimp.customer(), "marketer"),
        ("POST", f"{STORE}/products", {}, "marketer"),
        ("PATCH", STORE, {"name": "Shop"}, "owner"),
        ("DELETE", STORE, None, "owner"),
    ],
)
def test_a_key_may_what_its_role_may(
    method: str, path: str, body: Any, least: str, api: Gateway, tenant: Tenant, shop: str
) -> None:
    roles = ["viewer", "marketer", "owner"]
    for role in roles:
        answer = ask(api, method, path, mailchimp.api_key(tenant, role), body)

        if roles.index(role) < roles.index(least):
            assert (answer.status, answer.problem) == (403, "forbidden")
            assert set(answer.json) == REFUSED
        else:
            assert answer.status in (200, 204, 400)
    assert shop


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("GET", "/3.0/lists", 404, "Resource Not Found"),
        ("GET", f"{STORE}/orders/none", 404, "Resource Not Found"),
        ("GET", f"{STORE}/customers/none", 404, "Resource Not Found"),
        ("GET", "/3.0/ecommerce/stores/none", 404, "Resource Not Found"),
        ("GET", f"{STORE}/orders/{'a' * 339}", 404, "Resource Not Found"),
        ("PUT", f"{STORE}/orders/a%2Fb", 404, "Resource Not Found"),
        ("PUT", f"{STORE}/customers/a%00b", 404, "Resource Not Found"),
        ("GET", f"{STORE}/products/p1", 404, "Resource Not Found"),
        ("PUT", STORES, 405, "Method Not Allowed"),
        ("HEAD", "/3.0/ping", 405, "Method Not Allowed"),
        ("POST", f"{STORE}/orders", 400, "JSON Parse Error"),
        ("POST", f"{STORE}/products", 400, "JSON Parse Error"),
    ],
)
def test_errors_are_mailchimps(
    method: str, path: str, status: int, title: str, api: Gateway, tenant: Tenant, shop: str
) -> None:
    answer = ask(api, method, path, mailchimp.api_key(tenant), "no JSON")

    assert shop
    assert (answer.status, answer.json["status"], answer.json["title"]) == (status, status, title)
    assert answer.content_type == "application/problem+json"
    assert set(answer.json) == REFUSED
    assert answer.json["instance"]


@pytest.mark.parametrize("body", ["null", "[]", "1", '"x"', "[" * 100_000, '{"id": 1e99999999999999999999}', "\ud800"])
def test_a_body_of_another_shape_is_refused(body: str, api: Gateway, tenant: Tenant, shop: str) -> None:
    key = mailchimp.api_key(tenant)
    for method, path in (
        ("POST", STORES),
        ("PATCH", STORE),
        ("POST", f"{STORE}/orders"),
        ("PUT", f"{STORE}/orders/o1"),
        ("POST", f"{STORE}/customers"),
        ("PUT", f"{STORE}/customers/c1"),
    ):
        assert ask(api, method, path, key, body.encode(errors="replace").decode()).status == 400
    assert shop


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ('{"a":' * 3000 + "1" + "}" * 3000, 400, None),
        ('{"a": NaN}', 400, None),
        ('{"a": Infinity}', 400, None),
        ('{"a": 1e400}', 200, {"a": "1E+400"}),
        ('{"a": 0.1}', 200, {"a": 0.1}),
        ('{"a": "\\ud800"}', 200, {"a": "?"}),
        ("[1]", 200, {}),
    ],
)
def test_what_is_said_back_is_json(body: str, status: int, said: Any, api: Gateway, tenant: Tenant, shop: str) -> None:
    answer = ask(api, "POST", f"{STORE}/products", mailchimp.api_key(tenant), body)

    assert (shop, answer.status) == (mailchimp.SHOP, status)
    assert answer.text.encode()
    assert said is None or answer.json == said


def test_what_goes_wrong_inside_stays_inside(api: Gateway, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("the password of the database is hunter2")

    key = mailchimp.api_key(tenant)
    monkeypatch.setattr(ApiKeys, "by_fingerprint", broken)

    answer = ask(api, "GET", "/3.0/ping", key)

    assert (answer.status, answer.problem) == (500, "internal-error")
    assert "hunter2" not in answer.text


def test_busy_says_when_to_come_again(api: Gateway, tenant: Tenant, shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("laurel.ingestion.mailchimp_orders._ATTEMPTS", 0)

    answer = ask(api, "POST", f"{STORE}/orders", mailchimp.api_key(tenant), mailchimp.order())

    assert shop
    assert (answer.status, answer.problem, answer.headers["retry-after"]) == (503, "busy", "1")


def test_a_list_is_read_by_the_page(plugin: Any, shop: str) -> None:
    for number in range(25):
        plugin.ecommerce.add_store_order(shop, mailchimp.order(f"{number:02}"))

    first = plugin.ecommerce.get_store_orders(shop)
    pages = [plugin.ecommerce.get_store_orders(shop, count=10, offset=offset) for offset in (0, 10, 20, 30)]

    assert first == pages[0]
    assert [len(page["orders"]) for page in pages] == [10, 10, 5, 0]
    assert [it["id"] for page in pages for it in page["orders"]] == [f"{number:02}" for number in range(25)]
    assert {page["total_items"] for page in pages} == {25}
    assert len(plugin.ecommerce.get_store_orders(shop, count=1000)["orders"]) == 25


@pytest.mark.parametrize("query", ["count=0", "count=1001", "count=-1", "offset=-1", "count=x", "offset=1.5"])
def test_a_page_that_is_none_is_refused(query: str, api: Gateway, tenant: Tenant, shop: str) -> None:
    key = mailchimp.api_key(tenant)

    for path in (STORES, f"{STORE}/orders", f"{STORE}/customers", f"{STORE}/products"):
        answer = ask(api, "GET", f"{path}?{query}", key)

        assert (shop, answer.status) == (mailchimp.SHOP, 400)
        assert [it["field"] for it in answer.json["errors"]] == [query.partition("=")[0]]


def test_a_client_gets_the_fields_that_it_asks_for(api: Gateway, plugin: Any, tenant: Tenant, shop: str) -> None:
    plugin.ecommerce.add_store_order(shop, mailchimp.order())
    key = mailchimp.api_key(tenant)

    def told(query: str) -> Any:
        return ask(api, "GET", f"{STORE}/orders?{query}", key).json

    assert told("fields=orders.id,orders.customer.email_address") == {
        "orders": [{"id": "o1", "customer": {"email_address": "ada@example.com"}}]
    }
    assert told("fields=total_items") == {"total_items": 1}
    assert set(told("exclude_fields=orders,store_id")) == {"total_items"}
    assert "customer" not in told("exclude_fields=orders.customer,_links")["orders"][0]
    assert ask(api, "GET", f"{STORE}?fields=id,name", key).json == {"id": shop, "name": "Web shop"}


def test_lists_are_counted_only_for_those_who_ask(
    api: Gateway, tenant: Tenant, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    monkeypatch.setattr("laurel.store.shop_orders.ShopOrders.count", lambda *_: counted.append("orders") or 0)
    monkeypatch.setattr("laurel.store.shop_customers.ShopCustomers.count", lambda *_: counted.append("customers") or 0)
    key = mailchimp.api_key(tenant)

    for kind in ("orders", "customers"):
        assert "total_items" not in ask(api, "GET", f"{STORE}/{kind}?fields={kind}.id", key).json
        assert "total_items" not in ask(api, "GET", f"{STORE}/{kind}?exclude_fields=total_items", key).json

    assert (shop, counted) == (mailchimp.SHOP, [])


def test_what_is_not_kept_is_accepted_and_said_back(plugin: Any, shop: str) -> None:
    product = {"id": "p1", "title": "Tea", "variants": [{"id": "v1", "title": "Green", "price": 3.5}]}
    plugin.ecommerce.add_store_order(shop, mailchimp.order())

    assert plugin.ecommerce.add_store_product(shop, product) == product
    assert plugin.ecommerce.update_store_product(shop, "p1", {"title": "Coffee"}) == {"title": "Coffee"}
    assert plugin.ecommerce.add_product_variant(shop, "p1", "v1", {"price": 4}) == {"price": 4}
    assert plugin.ecommerce.get_all_store_products(shop) == {"store_id": shop, "products": [], "total_items": 0}
    assert plugin.ecommerce.get_product_variants(shop, "p1")["variants"] == []
    assert mailchimp.refusal(lambda: plugin.ecommerce.get_store_product(shop, "p1"))["status"] == 404
    assert plugin.ecommerce.delete_store_product(shop, "p1").status_code == 204
    assert plugin.ecommerce.add_store_cart(shop, {"id": "k1"}) == {"id": "k1"}
    assert plugin.ecommerce.get_store_carts(shop)["carts"] == []
    assert plugin.ecommerce.add_promo_rules(shop, {"id": "r1"}) == {"id": "r1"}
    assert plugin.ecommerce.list_promo_rules(shop)["promo_rules"] == []
    assert plugin.ecommerce.get_promo_codes("r1", shop)["promo_codes"] == []
    assert plugin.ecommerce.add_order_line_item(shop, "o1", {"id": "2"}) == {"id": "2"}
    assert plugin.ecommerce.get_all_order_line_items(shop, "o1")["lines"] == []


def test_a_client_that_can_only_post_may_say_which_method_it_means(api: Gateway, tenant: Tenant, shop: str) -> None:
    key = mailchimp.api_key(tenant)

    answer = ask(api, "POST", STORE, key, {"name": "Renamed"}, **{"X-HTTP-Method-Override": "PATCH"})

    assert (answer.status, answer.json["name"]) == (200, "Renamed")
    assert shop


@pytest.mark.parametrize("id_", ["#", "%", "%23", "a b", '"', "?", "\\", "ä", "日本", "..", "{store}", "a.b", "+", "'"])
def test_an_id_may_be_anything_but_a_path(id_: str, plugin: Any, shop: str) -> None:
    made = plugin.ecommerce.add_store_order(shop, mailchimp.order(id_))

    assert made["id"] == id_
    assert plugin.ecommerce.add_store_customer(shop, mailchimp.customer(id_))["id"] == id_
    assert [it["id"] for it in plugin.ecommerce.get_store_orders(shop)["orders"]] == [id_]
    if id_ != "..":  # which the client's own library takes for a step up
        assert plugin.ecommerce.get_order(shop, id_)["id"] == id_
        assert plugin.ecommerce.get_store_customer(shop, id_)["id"] == id_


def test_the_key_is_in_no_answer(api: Gateway, tenant: Tenant, shop: str) -> None:
    key = mailchimp.api_key(tenant)

    answers = [ask(api, "GET", path, key).text for path in (STORES, STORE, "/3.0/nowhere")]

    assert shop
    assert not [text for text in answers if re.search(key[:32], text)]
