"""Which addresses are a shop's, and what is kept of credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from laurel.model.account import Platform
from laurel.model.errors import InvalidInput, NotFound, ShopRefused
from laurel.shops import connect
from laurel.shops.access import ShopAccess
from laurel.shops.http import Answer
from laurel.shops.shop import ShopCredentials
from tests.support.samples import NOW, a_store
from tests.support.shops import FakeAccesses

WOOCOMMERCE = a_store(platform=Platform.WOOCOMMERCE)
SHOPIFY = a_store(platform=Platform.SHOPIFY)
SECRET = "cs_never_shown_7788"


class FakeHttp:
    """Answers each request with the same."""

    def __init__(self, status: int = 200, body: bytes = b"[]") -> None:
        self.status, self.body = status, body
        self.urls: list[str] = []

    def get(self, url: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        del query, headers
        self.urls.append(url)
        return Answer(self.status, {}, self.body)


def woocommerce(url: str, *, local: bool = False) -> ShopCredentials:
    return connect.woocommerce_credentials(WOOCOMMERCE, url, "ck_key", SECRET, local=local)


def shopify(domain: str, *, local: bool = False, shop_domain: str | None = None) -> ShopCredentials:
    store = replace(SHOPIFY, shop_domain=shop_domain)
    return connect.shopify_credentials(store, domain, SECRET, local=local)


# ---- Addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://shop.example.com", "https://shop.example.com"),
        ("  https://Shop.Example.com/  ", "https://shop.example.com"),
        ("shop.example.com", "https://shop.example.com"),
        ("https://shop.example.com:443", "https://shop.example.com"),
        ("https://shop.example.com./", "https://shop.example.com"),
        ("https://example.com/tea/shop/", "https://example.com/tea/shop"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_the_address_of_a_woocommerce_shop(given: str, address: str) -> None:
    assert woocommerce(given).address == address


@pytest.mark.parametrize(
    "given",
    [
        "",
        "http://shop.example.com",
        "ftp://shop.example.com",
        "javascript://shop.example.com",
        "file:///etc/passwd",
        "https://",
        "https://localhost",
        "https://intranet",
        "https://127.0.0.1",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433",
        "https://0x7f000001",
        "https://[::1]",
        "https://[::1",
        "https://shop.example.com:8443",
        "https://shop.example.com:99999",
        "https://user:password@shop.example.com",
        "https://shop.example.com@127.0.0.1",
        "https://shop.example.com?redirect=1",
        "https://shop.example.com#part",
        "https://shop.example.com/a/../../b",
        "https://shop.example.com/a b",
        "https://shop.example.com/%2e%2e/",
        "https://shop.example.com\\@127.0.0.1",
        "https://shop.example.com\r\nHost: other",
        "https://-shop.example.com",
        "https://" + "a." * 200 + "example.com",
        "http://127.0.0.1:8080",
    ],
)
def test_what_is_no_public_address(given: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        woocommerce(given)

    assert [fault.pointer for fault in raised.value.errors] == ["/url"]


@pytest.mark.parametrize("given", ["example.myshopify.com", "https://Example.myshopify.com/"])
def test_the_domain_of_a_shopify_shop(given: str) -> None:
    assert shopify(given).address == "https://example.myshopify.com"


@pytest.mark.parametrize(
    "given",
    [
        "example.com",
        "myshopify.com",
        "example.myshopify.com.evil.example",
        "evil.example/example.myshopify.com",
        "example.myshopify.com/admin",
        "a.b.myshopify.com",
        "127.0.0.1",
        "http://127.0.0.1:80",
    ],
)
def test_what_is_none(given: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        shopify(given)

    assert [fault.pointer for fault in raised.value.errors] == ["/shop_domain"]


def test_it_is_the_store_s_own_domain() -> None:
    assert shopify("tea.myshopify.com", shop_domain="tea.myshopify.com")

    with pytest.raises(InvalidInput, match=r"tea\.myshopify\.com"):
        shopify("coffee.myshopify.com", shop_domain="tea.myshopify.com")


@pytest.mark.parametrize("given", ["http://127.0.0.1:8080/shop", "http://127.0.0.1"])
def test_a_shop_on_this_machine_where_that_is_allowed(given: str) -> None:
    address = {"http://127.0.0.1": "http://127.0.0.1:80"}.get(given, given)

    assert woocommerce(given, local=True).address == address
    assert shopify(given, local=True, shop_domain="tea.myshopify.com").address == address


@pytest.mark.parametrize("given", ["https://127.0.0.1", "http://localhost:80", "http://127.0.0.2", "http://10.0.0.1"])
def test_no_other_even_then(given: str) -> None:
    with pytest.raises(InvalidInput):
        woocommerce(given, local=True)


# ---- Credentials -----------------------------------------------------------------------------------------------------


def test_credentials_that_the_shop_takes_are_kept() -> None:
    accesses, http = FakeAccesses(), FakeHttp()
    credentials = woocommerce("https://shop.example.com/tea")

    access = connect.connect(accesses, http, WOOCOMMERCE, credentials, NOW)

    assert http.urls == ["https://shop.example.com/tea/wp-json/wc/v3/orders"]
    assert access == ShopAccess(
        WOOCOMMERCE.account_id,
        WOOCOMMERCE.id,
        Platform.WOOCOMMERCE,
        "https://shop.example.com/tea",
        "7788",
        NOW,
        worked_at=NOW,
    )
    assert accesses.credentials(WOOCOMMERCE) == credentials
    assert connect.existing(accesses, WOOCOMMERCE) == access


def test_those_that_it_refuses_leave_what_was_there() -> None:
    accesses = FakeAccesses()
    before = connect.connect(accesses, FakeHttp(), WOOCOMMERCE, woocommerce("https://shop.example.com"), NOW)

    with pytest.raises(ShopRefused):
        connect.connect(accesses, FakeHttp(403), WOOCOMMERCE, woocommerce("https://other.example.com"), NOW)

    assert accesses.access(WOOCOMMERCE) == before


def test_shopify_is_asked_by_a_version() -> None:
    http = FakeHttp(body=b'{"orders": []}')

    connect.connect(FakeAccesses(), http, SHOPIFY, shopify("tea.myshopify.com"), NOW)

    assert http.urls == ["https://tea.myshopify.com/admin/api/2026-07/orders.json"]


def test_credentials_are_given_up_once() -> None:
    accesses = FakeAccesses()
    access = connect.connect(accesses, FakeHttp(), WOOCOMMERCE, woocommerce("https://shop.example.com"), NOW)

    assert connect.disconnect(accesses, WOOCOMMERCE) == access
    with pytest.raises(NotFound):
        connect.disconnect(accesses, WOOCOMMERCE)


def test_secrets_do_not_show_in_logs_and_tracebacks() -> None:
    assert SECRET not in repr(woocommerce("https://shop.example.com"))
    assert "ck_key" not in repr(woocommerce("https://shop.example.com"))


def test_credentials_work_until_they_are_refused() -> None:
    access = connect.connect(FakeAccesses(), FakeHttp(), WOOCOMMERCE, woocommerce("https://shop.example.com"), NOW)
    refused = replace(access, refused_at=NOW + timedelta(days=1))
    again = replace(refused, worked_at=NOW + timedelta(days=2))

    assert [it.works for it in (access, refused, again, replace(refused, worked_at=None))] == [True, False, True, False]
