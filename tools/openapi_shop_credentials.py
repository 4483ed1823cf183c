"""What the API answers about credentials of shops, as a pydantic model for its description, and the prose of it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from laurel.model.account import Platform
from tools.openapi_answers import Answer, Instant

OPERATIONS = ("getShopCredentials", "replaceShopCredentials", "deleteShopCredentials")

DESCRIPTIONS = {
    "getShopCredentials": "Never shows the credentials. 404 if the store has none.",
    "replaceShopCredentials": (
        "Laurel reads orders from the shop with them, and finds what webhooks lost. They are tried first: one request "
        "is made to the shop, and if it refuses (`shop-refused`), does not answer (`shop-unavailable`) or is no such "
        "shop (`shop-unreadable`), what was kept before stays.\n\n"
        "WooCommerce: `url`, `consumer_key` and `consumer_secret` of a REST API key that may read. Shopify: "
        "`shop_domain` and the `access_token` of an app with the scope `read_orders`. Stores of other platforms have "
        "none and are answered 409."
    ),
    "deleteShopCredentials": "The answer tells what was given up. Take them back in the shop, too.",
}

EXAMPLES: dict[str, dict[str, Any]] = {
    "replaceShopCredentials": {
        "woocommerce": {
            "url": "https://shop.example.com",
            "consumer_key": "ck_0123456789abcdef0123456789abcdef01234567",
            "consumer_secret": "cs_0123456789abcdef0123456789abcdef01234567",
        },
        "shopify": {
            "shop_domain": "example.myshopify.com",
            "access_token": "shpat_0123456789abcdef0123456789abcdef",
        },
    }
}


class ShopAccess(Answer):
    """That Laurel may read from a store's shop; what it may do so with is not shown."""

    platform: Platform
    address: Annotated[str, Field(examples=["https://shop.example.com"])]
    ends_in: Annotated[str, Field(description="The secret's last four characters.", examples=["4567"])]
    since: Annotated[Instant, Field(description="When these credentials were kept.")]
    works: Annotated[bool, Field(description="False if the shop refused them when they were last used.")]
    worked_at: Annotated[Instant | None, Field(description="When the shop last took them.")]
    refused_at: Annotated[Instant | None, Field(description="When the shop last refused them.")]
