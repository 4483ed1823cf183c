"""What happens in a shop over some weeks, made up by a seeded generator: each order with every version it ever had.

Bodies are those of the samples in events/, as WooCommerce and Shopify write them in webhooks and in lists of orders.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from tests.support.recount import Shop, Version
from tests.support.webhook_events import body_of

_SECONDS_OF_WEEKS = 20 * 24 * 60 * 60


@dataclass(frozen=True)
class Delivery:
    """A webhook: of which order and version (from 0), when it was sent, what it says, and the headers that say so."""

    order: str
    version: int
    sent_at: int
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass(frozen=True)
class Story:
    """An order, from the first version to the last."""

    id: str
    versions: list[Version]
    bodies: list[dict[str, Any]]
    deliveries: list[Delivery]

    @property
    def is_deleted(self) -> bool:
        """True for an order that is in the trash at last."""
        return self.versions[-1].state == "deleted"


def stories(platform: str, orders: int, until: datetime, seed: int) -> list[Story]:
    """So many orders, all of whose changes happened before."""
    chance = random.Random(seed)
    return [_story(platform, 10_000 + number, until, chance) for number in range(orders)]


def recount(told: list[Story], time_zone: str) -> Shop:
    """What the boards must say at the end of all stories, counted independently."""
    shop = Shop("EUR", time_zone, 1)
    for story in told:
        last = story.versions[-1]
        if story.is_deleted:
            shop.describe(story.versions[-2])
            shop.delete(story.id, None)
        else:
            shop.describe(last)
    return shop


def _story(platform: str, number: int, until: datetime, chance: random.Random) -> Story:
    placed = until - timedelta(days=1, seconds=chance.randrange(_SECONDS_OF_WEEKS))
    placed = placed.replace(microsecond=0)
    email = f"buyer-{chance.randrange(40)}@example.com"
    total = chance.randint(100, 20_000)
    versions: list[Version] = []

    def describe(state: str, total: int, refunds: tuple[tuple[str, int], ...] = ()) -> None:
        updated = placed + timedelta(minutes=7 * len(versions), seconds=chance.randrange(60))
        seconds = int(updated.timestamp()), int(placed.timestamp())
        versions.append(Version(str(number), *seconds, total, "EUR", state, False, refunds, email, None))

    for stage in _life(platform, number, total, chance):
        describe(*stage)
    bodies = [_BODIES[platform](it, number) for it in versions]
    return Story(
        str(number),
        versions,
        bodies,
        [
            Delivery(str(number), place, version.updated_at, *_delivered(platform, place, version, body))
            for place, (version, body) in enumerate(zip(versions, bodies, strict=True))
        ],
    )


def _life(
    platform: str, number: int, total: int, chance: random.Random
) -> Iterator[tuple[str, int, tuple[tuple[str, int], ...]]]:
    """States, totals and refunds, one after the other; no two in a row are the same."""
    if chance.random() < 0.5:
        yield "pending", total, ()
    yield "paid", total, ()
    if chance.random() < 0.3:
        total += chance.randint(1, 2_000)
        yield "paid", total, ()
    fate = chance.random()
    if fate < 0.1:
        yield "cancelled", total, ()
    elif fate < 0.2 and platform == "woocommerce":
        yield "deleted", total, ()
    elif fate < 0.4 and platform == "woocommerce":
        yield "paid", total, ((str(number + 500_000), chance.randint(1, total)),)


def _delivered(
    platform: str, place: int, version: Version, body: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    if platform == "shopify":
        triggered = datetime.fromtimestamp(version.updated_at, UTC) + timedelta(milliseconds=300)
        topic = "orders/updated" if place else "orders/create"
        return body, {"x-shopify-topic": topic, "x-shopify-triggered-at": triggered.isoformat()}
    if version.state == "deleted":
        return {"id": int(version.id)}, {"x-wc-webhook-topic": "order.deleted"}
    return body, {"x-wc-webhook-topic": "order.updated" if place else "order.created"}


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _woocommerce(version: Version, number: int) -> dict[str, Any]:
    states = {"pending": "on-hold", "paid": "processing", "cancelled": "cancelled", "deleted": "trash"}
    body = copy.deepcopy(_sample("webhooks-woocommerce-order-created"))
    return body | {
        "id": number,
        "number": str(number),
        "status": states[version.state],
        "total": _amount(version.total),
        "date_created_gmt": _time(version.placed_at),
        "date_modified_gmt": _time(version.updated_at),
        "customer_id": 0,
        "billing": body["billing"] | {"email": version.email},
        "refunds": [{"id": int(id_), "reason": "", "total": f"-{_amount(cents)}"} for id_, cents in version.refunds],
    }


def _shopify(version: Version, number: int) -> dict[str, Any]:
    body = copy.deepcopy(_sample("webhooks-shopify-orders-create"))
    money = {"amount": _amount(version.total), "currency_code": "EUR"}
    amounts = dict.fromkeys(("total_price", "current_total_price"), money["amount"])
    sets = {f"{name}_set": {"shop_money": money, "presentment_money": money} for name in amounts}
    updated = _time(version.updated_at) + "Z"
    return (
        body
        | amounts
        | sets
        | {
            "id": number,
            "name": f"#{number}",
            "financial_status": "pending" if version.state == "pending" else "paid",
            "cancelled_at": updated if version.state == "cancelled" else None,
            "created_at": _time(version.placed_at) + "Z",
            "processed_at": _time(version.placed_at) + "Z",
            "updated_at": updated,
            "email": version.email,
            "contact_email": version.email,
            "customer": body["customer"] | {"email": version.email},
            "refunds": [],
        }
    )


@cache
def _sample(name: str) -> dict[str, Any]:
    return body_of(name)


_BODIES = {"woocommerce": _woocommerce, "shopify": _shopify}
