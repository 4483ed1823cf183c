"""Credentials of shops over the API: tried, kept in SSM, never shown, given up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Platform, Role
from laurel.store.secrets import ssm
from tests.support.functions import SHOP_PARAMETERS
from tests.support.shop_server import KEY, SECRET, TOKEN, Reply, ShopServer, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

BOTH = pytest.mark.parametrize(
    ("platform", "secret"), [(Platform.WOOCOMMERCE, SECRET), (Platform.SHOPIFY, TOKEN)], ids=["woocommerce", "shopify"]
)


@pytest.fixture
def shop() -> Iterator[ShopServer]:
    with serving(ShopServer()) as server:
        yield server


def connected(tenant: Tenant, platform: Platform) -> dict[str, str]:
    return {"store": tenant.connect(platform.value)["id"]}


def kept(tenant: Tenant, store: dict[str, str]) -> Any:
    """What SSM has of a store, or None."""
    client: Any = ssm()
    name = f"{SHOP_PARAMETERS}/{tenant.account_id}/{store['store']}"
    found = client.get_parameters(Names=[name], WithDecryption=True)["Parameters"]
    return found[0] if found else None


@BOTH
def test_credentials_are_tried_and_kept(tenant: Tenant, shop: ShopServer, platform: Platform, secret: str) -> None:
    store = connected(tenant, platform)

    told = tenant.owner.ok("replaceShopCredentials", body=shop.body(platform), **store)

    assert len(shop.asked) == 1
    assert told == {
        "platform": platform.value,
        "address": shop.address,
        "ends_in": secret[-4:],
        "since": told["since"],
        "works": True,
        "worked_at": told["since"],
        "refused_at": None,
    }
    assert tenant.owner.ok("getShopCredentials", **store) == told
    parameter = kept(tenant, store)
    assert parameter["Type"] == "SecureString"
    assert json.loads(parameter["Value"]) == {
        "platform": platform.value,
        "address": shop.address,
        "secret": secret,
        "key": KEY if platform is Platform.WOOCOMMERCE else "",
    }


def test_the_store_says_whether_its_shop_may_be_read(tenant: Tenant, shop: ShopServer) -> None:
    store = connected(tenant, Platform.SHOPIFY)
    viewer = tenant.as_(Role.VIEWER)
    said = [viewer.ok("getStore", **store)["shop_access"]]

    tenant.owner.ok("replaceShopCredentials", body=shop.body(Platform.SHOPIFY), **store)
    said.append(viewer.ok("getStore", **store)["shop_access"])
    tenant.owner.ok("deleteShopCredentials", **store)
    said.append(viewer.ok("getStore", **store)["shop_access"])

    assert said == ["none", "works", "none"]


@BOTH
def test_the_secret_is_nowhere_else(
    api: Gateway, tenant: Tenant, shop: ShopServer, platform: Platform, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = connected(tenant, platform)
    headers = {"Idempotency-Key": "kept"}

    answers = [
        tenant.owner("replaceShopCredentials", body=shop.body(platform), headers=headers, **store),
        tenant.owner("getShopCredentials", **store),
        tenant.owner("getStore", **store),
        tenant.owner("replaceShopCredentials", body=shop.body(platform) | {"more": secret}, **store),
        tenant.owner("deleteShopCredentials", **store),
    ]

    assert [answer.status for answer in answers] == [200, 200, 200, 422, 200]
    for hidden in (secret, KEY):
        assert not any(hidden in answer.text for answer in answers)
        assert not any(hidden in str(api.items(table)) for table in api.database.tables._fields)
        assert hidden not in "".join(capsys.readouterr())


@BOTH
def test_credentials_that_are_refused_change_nothing(
    tenant: Tenant, shop: ShopServer, platform: Platform, secret: str
) -> None:
    store = connected(tenant, platform)
    before = tenant.owner.ok("replaceShopCredentials", body=shop.body(platform), **store)
    wrong = {name: value.replace(secret, "another-secret") for name, value in shop.body(platform).items()}

    answer = tenant.owner("replaceShopCredentials", body=wrong, **store)

    assert (answer.status, answer.problem) == (422, "shop-refused")
    assert tenant.owner.ok("getShopCredentials", **store) == before
    assert secret in kept(tenant, store)["Value"]


@pytest.mark.parametrize(
    ("reply", "status", "problem"),
    [
        (Reply(503), 424, "shop-unavailable"),
        (Reply(429, headers={"Retry-After": "2.0"}), 424, "shop-unavailable"),
        (Reply(302, headers={"Location": "http://169.254.169.254/"}), 424, "shop-unreadable"),
        (Reply(404), 424, "shop-unreadable"),
        (Reply(200, b"<html>Welcome</html>"), 424, "shop-unreadable"),
        (Reply(401), 422, "shop-refused"),
        (Reply(403), 422, "shop-refused"),
    ],
)
def test_a_shop_that_does_not_answer_as_one(
    tenant: Tenant, shop: ShopServer, reply: Reply, status: int, problem: str
) -> None:
    store = connected(tenant, Platform.WOOCOMMERCE)
    shop.replies = [reply]

    answer = tenant.owner("replaceShopCredentials", body=shop.body(Platform.WOOCOMMERCE), **store)

    assert (answer.status, answer.problem) == (status, problem)
    assert len(shop.asked) == 1
    assert tenant.owner("getShopCredentials", **store).problem == "not-found"
    assert kept(tenant, store) is None


def test_new_ones_take_the_place_of_old_ones(tenant: Tenant, shop: ShopServer) -> None:
    store = connected(tenant, Platform.WOOCOMMERCE)
    tenant.owner.ok("replaceShopCredentials", body=shop.body(Platform.WOOCOMMERCE), **store)
    with serving(ShopServer(secret="cs_another_secret_0099")) as other:
        told = tenant.owner.ok("replaceShopCredentials", body=other.body(Platform.WOOCOMMERCE), **store)

    assert (told["address"], told["ends_in"]) == (other.address, "0099")
    assert json.loads(kept(tenant, store)["Value"])["address"] == other.address


def test_credentials_are_given_up(tenant: Tenant, shop: ShopServer) -> None:
    store = connected(tenant, Platform.WOOCOMMERCE)
    told = tenant.owner.ok("replaceShopCredentials", body=shop.body(Platform.WOOCOMMERCE), **store)

    assert tenant.owner.ok("deleteShopCredentials", **store) == told

    assert kept(tenant, store) is None
    for operation in ("getShopCredentials", "deleteShopCredentials"):
        assert tenant.owner(operation, **store).problem == "not-found"


def test_an_erased_store_leaves_none(api: Gateway, tenant: Tenant, shop: ShopServer) -> None:
    store = connected(tenant, Platform.WOOCOMMERCE)
    tenant.owner.ok("replaceShopCredentials", body=shop.body(Platform.WOOCOMMERCE), **store)
    tenant.owner.ok("disconnectStore", **store)
    tenant.owner.ok("eraseStore", **store)

    api.work_on_erasures()

    assert kept(tenant, store) is None
    assert not any("shop-access" in item["sk"]["S"] for item in api.items("workspace") if store["store"] in str(item))


@pytest.mark.parametrize("platform", ["api", "generic"])
def test_stores_of_other_platforms_have_none(tenant: Tenant, shop: ShopServer, platform: str) -> None:
    store = {"store": tenant.connect(platform)["id"]}

    for body in (shop.body(Platform.WOOCOMMERCE), shop.body(Platform.SHOPIFY)):
        assert tenant.owner("replaceShopCredentials", body=body, **store).problem == "conflict"

    assert shop.asked == []


def test_the_body_is_of_the_store_s_platform(tenant: Tenant, shop: ShopServer) -> None:
    for platform, other in (
        (Platform.SHOPIFY, Platform.WOOCOMMERCE),
        (Platform.WOOCOMMERCE, Platform.SHOPIFY),
    ):
        answer = tenant.owner("replaceShopCredentials", body=shop.body(other), **connected(tenant, platform))

        assert answer.problem == "invalid-input"

    assert shop.asked == []


@pytest.mark.parametrize("secret", ["short", "with space in it", "líne-of-letters", "x" * 256, "new\nline-in-it"])
def test_what_can_be_no_secret(tenant: Tenant, shop: ShopServer, secret: str) -> None:
    body = shop.body(Platform.WOOCOMMERCE) | {"consumer_secret": secret}

    answer = tenant.owner("replaceShopCredentials", body=body, **connected(tenant, Platform.WOOCOMMERCE))

    assert answer.problem == "invalid-input"
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/consumer_secret"]
    assert secret not in answer.text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MARKETER])
def test_they_are_the_owners_business(tenant: Tenant, role: Role) -> None:
    store = connected(tenant, Platform.WOOCOMMERCE)

    for operation in ("getShopCredentials", "deleteShopCredentials"):
        assert tenant.as_(role)(operation, **store).problem == "forbidden"
