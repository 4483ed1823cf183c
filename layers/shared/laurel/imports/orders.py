"""Rows of a table as orders in the API's own shape, to be read by the very code that reads what clients send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from laurel.imports.cells import Reader
from laurel.imports.columns import Origin
from laurel.imports.layout import Layout
from laurel.imports.rows import Group
from laurel.imports.values import Unreadable

_STATUSES: Mapping[str, str] = {
    "paid": "paid",
    "completed": "paid",
    "complete": "paid",
    "pending": "pending",
    "on-hold": "pending",
    "unpaid": "pending",
    "pending payment": "pending",
    "checkout-draft": "pending",
    "authorized": "authorized",
    "partially_paid": "partially_paid",
    "partially_refunded": "partially_refunded",
    "refunded": "refunded",
    "voided": "voided",
    "expired": "voided",
    "failed": "voided",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}
_CASH_ON_DELIVERY = "cod"


_MOST_PRODUCTS, _LONGEST_PRODUCT = 20, 100
_OF_A_LINE = frozenset({"product", "sku"})


def order_of(group: Group, layout: Layout, zone: tzinfo, currency: str) -> dict[str, Any]:
    """An order in the shape of the API. ``zone`` and ``currency`` are the store's, for what the file does not say.

    Raises ``FaultyRow`` with all faults that can be told apart from the API's own rules.
    """
    reader = Reader(group.rows[0], layout, zone)
    order: dict[str, Any] = {
        "id": reader.text("id"),
        "number": reader.text("number"),
        "placed_at": reader.time("placed_at"),
        "updated_at": reader.time("updated_at"),
        "total": reader.money("total"),
        "currency": reader.text("currency") or currency,
        "status": _status(reader),
        "refunded": reader.money("refunded"),
        "test": reader.flag("test"),
        "products": _products(reader, group) or None,
        "customer": _customer(reader) or None,
    }
    _check_lines(reader, group)
    reader.raise_faults()
    return {name: value for name, value in order.items() if value is not None}


def _status(reader: Reader) -> str | None:
    """Where the order is in its life, in the API's words; paid if the file tells of no other and has no status."""
    if reader.text("cancelled_at"):
        return "cancelled"
    if "status" not in reader.columns.headings:
        return "paid"
    return reader.read("status", lambda text: _known_status(reader, text), "pending")


def _known_status(reader: Reader, text: str) -> str:
    plain = text.lower().removeprefix("wc-")
    if plain == "processing":
        paid = reader.text("paid_at") or reader.text("payment_method") != _CASH_ON_DELIVERY
        return "paid" if paid else "pending"
    known = _STATUSES.get(plain) or _STATUSES.get(plain.replace(" ", "_"))
    if known is None and reader.columns.origin is Origin.WOOCOMMERCE:
        # A status of the shop's own, or of a plugin: paid if there is a date of payment.
        return "paid" if reader.text("paid_at") else "pending"
    if known is None:
        raise Unreadable(f"This is no status. There are: {', '.join(sorted(set(_STATUSES.values())))}.")
    return known


def _products(reader: Reader, group: Group) -> list[str]:
    found = (reader.text_in(row.value, field) for row in group.rows for field in ("product", "sku"))
    return list(dict.fromkeys(it[:_LONGEST_PRODUCT] for it in found if it))[:_MOST_PRODUCTS]


def _customer(reader: Reader) -> dict[str, Any]:
    first, last = reader.names()
    found = {
        "id": reader.text("customer_id"),
        "email": reader.text("email"),
        "first_name": first,
        "last_name": last,
        "tags": reader.tags() or None,
    }
    return {name: value for name, value in found.items() if value}


def _check_lines(reader: Reader, group: Group) -> None:
    """Note where a further row says something else of the order: which of them is right nobody knows."""
    for row in group.rows[1:]:
        for field in sorted(reader.columns.headings.keys() - _OF_A_LINE):
            said = reader.text_in(row.value, field)
            if said and said != reader.text(field):
                reader.fault(row.number, field, f"This is not what row {group.number} says of the same order.")
