"""Deliveries of a Shopify shop in short, and what Laurel reads in them."""

from __future__ import annotations

from typing import Any

import pytest

from laurel.ingestion import shopify
from laurel.ingestion.events import Event, OrderReport
from laurel.model.errors import InvalidInput
from laurel.model.order import Order
from tests.support.webhook_events import body_of

MISSING = object()


def deliver(topic: str, body: dict[str, Any], **headers: str) -> Event:
    """The event of a webhook; ``headers`` are Shopify's own, without their prefix."""
    named = {f"x-shopify-{name.replace('_', '-')}": value for name, value in headers.items()}
    return shopify.read({"x-shopify-topic": topic, **named}, body)


def report(body: dict[str, Any], **headers: str) -> OrderReport:
    """What is read in a webhook about an order."""
    event = deliver("orders/updated", body, **headers)
    assert isinstance(event, OrderReport)
    return event


def order(body: dict[str, Any], **headers: str) -> Order:
    """The order of it."""
    return report(body, **headers).order


def paid(**changes: object) -> dict[str, Any]:
    """The sample of a paid order with changes; what is ``MISSING`` is left out."""
    body = body_of("webhooks-shopify-orders-paid") | changes
    return {name: value for name, value in body.items() if value is not MISSING}


def sale(total: str, current: str, *refunds: dict[str, Any], **changes: object) -> dict[str, Any]:
    """A paid order of a shop whose prices exclude tax."""
    changes = {"taxes_included": False, "financial_status": "paid"} | changes
    return paid(total_price=total, current_total_price=current, total_price_set=None, refunds=list(refunds), **changes)


def refund(
    id_: int = 1,
    *,
    lines: tuple[tuple[str, str], ...] = (),
    money: tuple[str, ...] = (),
    restock_type: str = "no_restock",
    of_return: object = None,
    **changes: object,
) -> dict[str, Any]:
    """A refund of lines (subtotal, tax) with successful refund transactions."""
    return {
        "id": id_,
        "order_id": 5678901234567,
        "return": of_return,
        "refund_line_items": [
            {"subtotal": float(subtotal), "total_tax": float(tax), "restock_type": restock_type}
            for subtotal, tax in lines
        ],
        "refund_shipping_lines": [],
        "order_adjustments": [],
        "transactions": [{"kind": "refund", "status": "success", "amount": amount} for amount in money],
        **changes,
    }


def spent(body: dict[str, Any]) -> tuple[int, int]:
    """Total and what is left of it."""
    read = order(body)
    return read.total, read.total - sum(read.refunds.values())


def at_fault(body: dict[str, Any], topic: str = "orders/updated") -> str:
    """Where in a body is what cannot be read."""
    with pytest.raises(InvalidInput) as refusal:
        deliver(topic, body)
    (fault,) = refusal.value.errors
    return fault.pointer
