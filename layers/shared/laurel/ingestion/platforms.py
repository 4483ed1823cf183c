"""One entry a platform: how its deliveries are verified, recognised and read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from laurel.ingestion import generic, shopify, woocommerce
from laurel.ingestion.events import Event
from laurel.ingestion.signatures import verify_shopify, verify_standard, verify_woocommerce
from laurel.model.account import Platform

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A platform's way of talking. ``verify`` raises ``BadSignature``, ``read`` raises ``InvalidInput``.

    A platform that stops sending to a receiver which refuses a few deliveries in a row has a ``topic_header``: what of
    its cannot be read is kept under that topic, and not refused. ``shop`` tells the domain of the shop that a delivery
    names, if it names one, and raises ``InvalidInput``.
    """

    verify: Callable[[bytes, Headers, Sequence[str], datetime], None]
    read: Callable[[Headers, Mapping[str, Any]], Event]
    is_ping: Callable[[Headers, bytes], bool] | None = None
    topic_header: str | None = None
    shop: Callable[[Headers, Mapping[str, Any]], str | None] | None = None


def dialects(shapes: Callable[[], generic.Shapes]) -> dict[Platform, Dialect]:
    """The dialects of all platforms that send webhooks.

    ``shapes`` is asked for when a delivery in Laurel's own format comes, and not before: shops that have a format of
    their own do without what it takes to read it.
    """
    return {
        Platform.SHOPIFY: Dialect(
            lambda raw, headers, secrets, _: verify_shopify(raw, headers, secrets),
            shopify.read,
            topic_header=shopify.TOPIC_HEADER,
            shop=shopify.shop_domain,
        ),
        Platform.WOOCOMMERCE: Dialect(
            lambda raw, headers, secrets, _: verify_woocommerce(raw, headers, secrets),
            woocommerce.read,
            woocommerce.is_ping,
            topic_header=woocommerce.TOPIC_HEADER,
        ),
        Platform.GENERIC: Dialect(verify_standard, lambda headers, body: generic.read(headers, body, shapes())),
    }
