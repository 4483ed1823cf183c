"""A handful of signed deliveries for each platform, in the shapes that shops really send."""

import base64
import hashlib
import hmac
import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.demo import CURRENCY
from local.demo_people import PLACES, Person, people

ORDERS = 8
REFUNDED, CANCELLED = 2, 5
"""Which of the orders is partly given back, and which one is taken back."""
DAYS_APART = 5
SHOP_DOMAIN = "laurel-demo.myshopify.com"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request that a shop sends to its webhook URL."""

    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Sale:
    """An order before it takes the shape of a platform; amounts in cents."""

    number: int
    person: Person
    customer: int
    placed_at: datetime
    total: int
    refunded: int
    cancelled: bool

    @property
    def changed_at(self) -> datetime:
        """When it was refunded or cancelled, else when it was placed."""
        return self.placed_at + timedelta(days=2) if self.refunded or self.cancelled else self.placed_at


def deliveries(platform: str, secret: str, seed: int, until: datetime) -> Iterator[Delivery]:
    """What a shop on ``platform`` sends in the weeks before ``until``, signed with its secret.

    Generic deliveries are signed as of now, since a receiver refuses old ones: send them as they come.
    """
    dialect = {"shopify": _shopify, "woocommerce": _woocommerce, "generic": _generic}[platform]
    for sale in _sales(random.Random(f"{seed} {platform}"), until):  # noqa: S311 - no secret depends on it
        yield dialect(sale, secret)


def _sales(chance: random.Random, until: datetime) -> Iterator[Sale]:
    buyers = list(people(chance, ORDERS - 2))
    for index in range(ORDERS):
        total = chance.randrange(1_500, 18_000, 10)
        yield Sale(
            number=1001 + index,
            person=buyers[index % len(buyers)],
            customer=700 + index % len(buyers),
            placed_at=until - timedelta(days=DAYS_APART * (ORDERS - index), minutes=chance.randrange(600)),
            total=total,
            refunded=total // 4 if index == REFUNDED else 0,
            cancelled=index == CANCELLED,
        )


def _shopify(sale: Sale, secret: str) -> Delivery:
    status = "voided" if sale.cancelled else "partially_refunded" if sale.refunded else "paid"
    refund = {
        "id": 900_000 + sale.number,
        "order_id": 5_000_000 + sale.number,
        "created_at": _iso(sale.changed_at),
        "refund_line_items": [],
        "transactions": [
            {"id": 800_000 + sale.number, "kind": "refund", "status": "success", "amount": _money(sale.refunded)}
        ],
    }
    person = sale.person
    consent = {"subscribed": "subscribed", "unsubscribed": "unsubscribed"}.get(person.consent, "not_subscribed")
    body = {
        "id": 5_000_000 + sale.number,
        "name": f"#{sale.number}",
        "order_number": sale.number,
        "email": person.email,
        "created_at": _iso(sale.placed_at),
        "processed_at": _iso(sale.placed_at),
        "updated_at": _iso(sale.changed_at),
        "cancelled_at": _iso(sale.changed_at) if sale.cancelled else None,
        "test": False,
        "financial_status": status,
        "currency": CURRENCY,
        "total_price": _money(sale.total),
        "current_total_price": _money(sale.total - sale.refunded),
        "taxes_included": True,
        "customer_locale": PLACES[person.place].locale,
        "customer": {
            "id": 6_000_000 + sale.customer,
            "email": person.email,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email_marketing_consent": {"state": consent, "consent_updated_at": _iso(sale.placed_at)},
        },
        "refunds": [refund] if sale.refunded else [],
    }
    raw = _encoded(body)
    topic = "orders/cancelled" if sale.cancelled else "orders/updated" if sale.refunded else "orders/paid"
    return Delivery(
        {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": SHOP_DOMAIN,
            "X-Shopify-API-Version": "2026-07",
            "X-Shopify-Webhook-Id": str(uuid.uuid4()),
            "X-Shopify-Triggered-At": _iso(sale.changed_at),
            "X-Shopify-Hmac-Sha256": _signature(secret.encode(), raw),
        },
        raw,
    )


def _woocommerce(sale: Sale, secret: str) -> Delivery:
    person = sale.person
    body = {
        "id": sale.number,
        "number": str(sale.number),
        "status": "cancelled" if sale.cancelled else "completed",
        "currency": CURRENCY,
        "date_created_gmt": _gmt(sale.placed_at),
        "date_modified_gmt": _gmt(sale.changed_at),
        "date_paid_gmt": _gmt(sale.placed_at),
        "total": _money(sale.total),
        "customer_id": sale.customer,
        "billing": {"first_name": person.first_name, "last_name": person.last_name, "email": person.email},
        "refunds": [{"id": 90_000 + sale.number, "reason": "", "total": f"-{_money(sale.refunded)}"}]
        if sale.refunded
        else [],
    }
    raw = _encoded(body)
    event = "updated" if sale.refunded or sale.cancelled else "created"
    return Delivery(
        {
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": "https://shop.example.com/",
            "X-WC-Webhook-Topic": f"order.{event}",
            "X-WC-Webhook-Resource": "order",
            "X-WC-Webhook-Event": event,
            "X-WC-Webhook-ID": "1",
            "X-WC-Webhook-Delivery-ID": uuid.uuid4().hex,
            "X-WC-Webhook-Signature": _signature(secret.encode(), raw),
        },
        raw,
    )


def _generic(sale: Sale, secret: str) -> Delivery:
    person = sale.person
    event = "order.cancelled" if sale.cancelled else "order.updated" if sale.refunded else "order.created"
    raw = _encoded(
        {
            "type": event,
            "timestamp": _iso(sale.changed_at),
            "data": {
                "id": f"A-{sale.number}",
                "number": str(sale.number),
                "placed_at": _iso(sale.placed_at),
                "updated_at": _iso(sale.changed_at),
                "status": "cancelled" if sale.cancelled else "paid",
                "currency": CURRENCY,
                "total": _money(sale.total),
                "refunded": _money(sale.refunded),
                "customer": {
                    "id": f"K-{sale.customer}",
                    "email": person.email,
                    "first_name": person.first_name,
                    "last_name": person.last_name,
                    "locale": PLACES[person.place].locale,
                },
            },
        }
    )
    message, now = f"msg_{uuid.uuid4().hex}", str(int(datetime.now(UTC).timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = _signature(key, b".".join((message.encode(), now.encode(), raw)))
    return Delivery(
        {
            "Content-Type": "application/json",
            "webhook-id": message,
            "webhook-timestamp": now,
            "webhook-signature": f"v1,{signature}",
        },
        raw,
    )


def _signature(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def _encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _gmt(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
