"""What clients send about credentials of shops. See ``laurel.http.schemas``, of which this is a part."""

from typing import Annotated

from pydantic import Field, RootModel, StringConstraints

from laurel.http.schemas import Body

_Secret = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[!-~]{8,255}$")]


class WooCommerceCredentials(Body):
    """What a WooCommerce shop lets its orders be read for."""

    url: Annotated[
        str,
        StringConstraints(max_length=500),
        Field(description="The shop's address, with `https`.", examples=["https://shop.example.com"]),
    ]
    consumer_key: Annotated[_Secret, Field(examples=["ck_0123456789abcdef0123456789abcdef01234567"])]
    consumer_secret: Annotated[_Secret, Field(examples=["cs_0123456789abcdef0123456789abcdef01234567"])]


class ShopifyCredentials(Body):
    """What a Shopify shop lets its orders be read for."""

    shop_domain: Annotated[
        str,
        StringConstraints(max_length=500),
        Field(description="The one that ends in `.myshopify.com`.", examples=["example.myshopify.com"]),
    ]
    access_token: Annotated[
        _Secret,
        Field(
            description="An Admin API access token with the scope `read_orders`.",
            examples=["shpat_0123456789abcdef0123456789abcdef"],
        ),
    ]


class ShopCredentialsIn(RootModel[WooCommerceCredentials | ShopifyCredentials]):
    """Credentials of the store's platform."""
