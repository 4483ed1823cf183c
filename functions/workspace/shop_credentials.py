"""Credentials of a store's shop: tried and kept, shown without the secret, given up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.http import shop_credentials_out
from laurel.http.app import App, lambda_handler
from laurel.model.account import Platform, Store
from laurel.model.errors import Conflict
from laurel.settings import settings
from laurel.shops import connect
from laurel.shops.shop import ShopCredentials
from laurel.store.process import dynamodb
from laurel.store.secrets import ssm
from laurel.store.shop_accesses import KeptShopAccesses
from laurel.store.workspace import Workspace
from laurel.workspace import stores

app = App(dynamodb)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_accesses = KeptShopAccesses(dynamodb(), settings().workspace_table, ssm, settings().shop_parameters)


@app.get("/stores/{store}/shop-credentials")
def get_shop_credentials(store: str) -> dict[str, Any]:
    return shop_credentials_out.shop_access(connect.existing(_accesses, _store(store)))


@app.put("/stores/{store}/shop-credentials")
def replace_shop_credentials(store: str) -> dict[str, Any]:
    from laurel.store.shop_http import AT_ONCE, ShopHttp  # noqa: PLC0415, nothing else here asks a shop

    found = _store(store)
    credentials = _credentials(found)
    http = ShopHttp(AT_ONCE, local=settings().local_shops)
    access = connect.connect(_accesses, http, found, credentials, datetime.now(UTC))
    return shop_credentials_out.shop_access(access)


@app.delete("/stores/{store}/shop-credentials")
def delete_shop_credentials(store: str) -> dict[str, Any]:
    return shop_credentials_out.shop_access(connect.disconnect(_accesses, _store(store)))


def _store(store_id: str) -> Store:
    return stores.existing(_workspace, app.caller.account_id, store_id)


def _credentials(store: Store) -> ShopCredentials:
    """What the body gives; which members it has is up to the store's platform."""
    from laurel.http import shop_credentials_in as models  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, as above

    body, local = app.json_body(), settings().local_shops
    if store.platform is Platform.SHOPIFY:
        shopify = read(models.ShopifyCredentials, body)
        return connect.shopify_credentials(store, shopify.shop_domain, shopify.access_token, local=local)
    if store.platform is Platform.WOOCOMMERCE:
        sent = read(models.WooCommerceCredentials, body)
        return connect.woocommerce_credentials(store, sent.url, sent.consumer_key, sent.consumer_secret, local=local)
    read(models.ShopCredentialsIn, body)
    raise Conflict(f"A store of platform {store.platform.value!r} has no API to read orders from.")


handler = lambda_handler(app)
