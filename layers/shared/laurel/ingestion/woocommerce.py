"""WooCommerce's webhooks: orders as its REST API v3 shows them, built when the delivery is made.

Sources: ``WC_Webhook`` of WooCommerce, and its REST API documentation, "Webhooks", "Orders" and "Refunds". A delivery
id is a hash of the webhook and the second, shared by all orders of that second and new in a re-send: it identifies
nothing and is not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from laurel.ingestion import refunds
from laurel.ingestion.events import Event, Ignored, OrderReport
from laurel.ingestion.fields import Fields
from laurel.ingestion.products import products_of
from laurel.model.contact import Person, full_name
from laurel.model.order import Buyer, Deletion, Order, OrderState, revision

TOPIC_HEADER = "x-wc-webhook-topic"

_ORDER_TOPICS = frozenset({"order.created", "order.updated", "order.restored"})
_PING = re.compile(rb"webhook_id=[0-9]+")
_GUEST = "0"
_CASH_ON_DELIVERY = "cod"

_STATES = {
    "pending": OrderState.PENDING,
    "on-hold": OrderState.PENDING,
    "checkout-draft": OrderState.PENDING,
    "completed": OrderState.PAID,
    "refunded": OrderState.PAID,
    "cancelled": OrderState.CANCELLED,
    "failed": OrderState.VOIDED,
    "trash": OrderState.DELETED,
}


def is_ping(headers: Mapping[str, str], raw: bytes) -> bool:
    """True for the unsigned form post that WooCommerce sends when a webhook is saved, and that must be answered 200."""
    return _PING.fullmatch(raw.strip()) is not None and not any(name.startswith("x-wc-webhook-") for name in headers)


def read(headers: Mapping[str, str], body: Mapping[str, Any]) -> Event:
    """What a verified delivery means; header names are in lower case. Raises ``InvalidInput``."""
    topic = headers.get(TOPIC_HEADER, "").strip().lower()
    if topic in _ORDER_TOPICS:
        return _order(Fields(body))
    if topic == "order.deleted":
        return Deletion(Fields(body).identifier("id"), None)
    return Ignored("unknown_topic")


def _order(body: Fields) -> OrderReport:
    currency = body.currency("currency")
    total = body.money("total", currency)
    given_back = _refunds(body, currency, total)
    created_at = body.instant("date_created_gmt", UTC)
    modified_at = body.optional_instant("date_modified_gmt", UTC) or created_at
    state = _state(body)
    buyer = _buyer(body)
    order = Order(
        id=body.identifier("id"),
        number=body.label("number"),
        placed_at=created_at,
        total=total,
        currency=currency,
        state=state,
        revision=revision(modified_at, None, state, sum(given_back.values())),
        refunds=given_back,
        buyer=buyer,
        products=products_of(body, "product_id", "sku", "name"),
    )
    return OrderReport(order, _person(body, buyer, modified_at))


def _state(body: Fields) -> OrderState:
    """Where the order is in its life.

    ``processing`` means paid, except for cash on delivery, which WooCommerce puts there unpaid: that is paid once there
    is a date of payment, at the latest with ``completed``. A status of the shop's own (or a plugin's) is paid if there
    is a date of payment.
    """
    status = _status(body)
    if status in _STATES:
        return _STATES[status]
    paid = body.optional_instant("date_paid_gmt", UTC) is not None
    if status == "processing" and body.text("payment_method") != _CASH_ON_DELIVERY:
        paid = True
    return OrderState.PAID if paid else OrderState.PENDING


def _status(body: Fields) -> str:
    return (body.text("status") or "").removeprefix("wc-")


def _refunds(body: Fields, currency: str, total: int) -> dict[str, int]:
    """Money given back by refund id; WooCommerce writes it as a negative total, and leaves the order's total gross."""
    given_back = {}
    for refund in body.children("refunds"):
        given_back[refund.identifier("id")] = abs(refund.optional_money("total", currency) or 0)
    return refunds.completed(given_back, total) if _status(body) == "refunded" else given_back


def _buyer(body: Fields) -> Buyer:
    billing = body.child("billing")
    customer_id = body.optional_identifier("customer_id")
    return Buyer(
        customer_id=None if customer_id == _GUEST else customer_id,
        email=billing.email("email"),
        name=full_name(billing.text("first_name"), billing.text("last_name")),
    )


def _person(body: Fields, buyer: Buyer, seen_at: datetime) -> Person | None:
    """The person who paid. WooCommerce states no consent."""
    if not buyer.email:
        return None
    billing = body.child("billing")
    return Person(buyer.email, seen_at, billing.text("first_name"), billing.text("last_name"))
