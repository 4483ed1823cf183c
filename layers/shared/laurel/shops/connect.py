"""Let Laurel read a store's shop, see whether it may, and give that up."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from laurel.model.account import Platform, Store
from laurel.model.errors import InvalidInput, NotFound
from laurel.shops.access import ShopAccess, ShopAccesses
from laurel.shops.http import Http
from laurel.shops.shop import ShopCredentials
from laurel.shops.shopify import Shopify
from laurel.shops.woocommerce import WooCommerce

_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_SHOPIFY_HOST = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_LOCAL_HOST = "127.0.0.1"
_HINT = 4


def open_shop(http: Http, credentials: ShopCredentials) -> WooCommerce | Shopify:
    """The shop that these credentials are for."""
    if credentials.platform is Platform.SHOPIFY:
        return Shopify(http, credentials)
    return WooCommerce(http, credentials)


def woocommerce_credentials(store: Store, url: str, key: str, secret: str, *, local: bool) -> ShopCredentials:
    """Credentials of a WooCommerce store. Raises ``InvalidInput``; ``local`` allows a shop on this machine."""
    return ShopCredentials(store.platform, _shop_address(url, "/url", local=local), secret, key)


def shopify_credentials(store: Store, domain: str, token: str, *, local: bool) -> ShopCredentials:
    """Credentials of a Shopify store. Raises ``InvalidInput``; ``local`` allows a shop on this machine."""
    address = _shop_address(domain, "/shop_domain", local=local)
    host = urlsplit(address).hostname or ""
    if host != _LOCAL_HOST and (address != f"https://{host}" or not _SHOPIFY_HOST.fullmatch(host)):
        raise InvalidInput.at("/shop_domain", "This must be a domain such as example.myshopify.com.")
    if store.shop_domain and host not in (store.shop_domain, _LOCAL_HOST):
        raise InvalidInput.at("/shop_domain", f"The store's shop_domain is {store.shop_domain!r}.")
    return ShopCredentials(store.platform, address, token)


def connect(
    accesses: ShopAccesses, http: Http, store: Store, credentials: ShopCredentials, now: datetime
) -> ShopAccess:
    """Keep credentials that the shop takes, in place of any before.

    Raises ``ShopRefused``, ``ShopUnavailable`` or ``ShopUnreadable``, and keeps nothing then.
    """
    open_shop(http, credentials).check()
    access = ShopAccess(
        account_id=store.account_id,
        store_id=store.id,
        platform=store.platform,
        address=credentials.address,
        hint=credentials.secret[-_HINT:],
        since=now,
        worked_at=now,
    )
    accesses.keep(access, credentials)
    return access


def existing(accesses: ShopAccesses, store: Store) -> ShopAccess:
    """The access to a store's shop. Raises ``NotFound``."""
    access = accesses.access(store)
    if access is None:
        raise NotFound("access to the shop of store", store.id)
    return access


def disconnect(accesses: ShopAccesses, store: Store) -> ShopAccess:
    """Forget the credentials of a store. Raises ``NotFound``."""
    access = existing(accesses, store)
    accesses.forget(store.account_id, store.id)
    return access


def _shop_address(given: str, pointer: str, *, local: bool) -> str:
    """The address of a shop without a final slash: ``https`` and a public name, unless it is on this machine."""
    text = given.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = (parts.hostname or "").rstrip(".").encode("idna").decode(), parts.port
    except ValueError:
        raise _no_address(pointer) from None
    path = parts.path.rstrip("/")
    if _says_more(parts) or not _PATH.fullmatch(path) or "/.." in path:
        raise _no_address(pointer)
    if local and host == _LOCAL_HOST and parts.scheme == "http":
        return f"http://{host}:{port or 80}{path}"
    if parts.scheme != "https" or port not in (None, 443) or not _HOST.fullmatch(host):
        raise _no_address(pointer)
    return f"https://{host}{path}"


def _says_more(parts: SplitResult) -> bool:
    return bool(parts.username or parts.password or parts.query or parts.fragment)


def _no_address(pointer: str) -> InvalidInput:
    return InvalidInput.at(
        pointer, "This must be the address of a shop that everybody can reach, such as https://shop.example.com."
    )
