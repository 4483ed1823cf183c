"""Which column holds what: headings of our own, of Shopify's exports and of WooCommerce's export plugins.

Sources: Shopify's help pages "Exporting orders" and "Customer CSV"; the column tables of WooCommerce's "Import Export
Suite" and of "Customer/Order/Coupon Export". Headings are compared without case, spaces and signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

_SIGNS = re.compile(r"[^a-z0-9]+")


class Kind(StrEnum):
    """What a file holds."""

    ORDERS = "orders"
    CONTACTS = "contacts"


class Origin(StrEnum):
    """Whose headings a file has."""

    LAUREL = "laurel"
    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"


FIELDS: Mapping[Kind, frozenset[str]] = {
    Kind.ORDERS: frozenset(
        {
            "id", "number", "placed_at", "updated_at", "cancelled_at", "paid_at", "status", "currency", "total",
            "refunded", "test", "customer_id", "email", "first_name", "last_name", "name", "tags", "product", "sku",
            "payment_method",
        }
    ),
    Kind.CONTACTS: frozenset(
        {
            "email", "first_name", "last_name", "name", "locale", "tags", "consent", "consent_at", "created_at",
        }
    ),
}  # fmt: skip
REQUIRED: Mapping[Kind, frozenset[str]] = {
    Kind.ORDERS: frozenset({"id", "placed_at", "total"}),
    Kind.CONTACTS: frozenset({"email"}),
}

_HEADINGS: Mapping[tuple[Kind, Origin], Mapping[str, tuple[str, ...]]] = {
    (Kind.ORDERS, Origin.LAUREL): {name: (name,) for name in sorted(FIELDS[Kind.ORDERS])},
    (Kind.ORDERS, Origin.SHOPIFY): {
        "id": ("Id",),
        "number": ("Name",),
        "placed_at": ("Created at",),
        "paid_at": ("Paid at",),
        "cancelled_at": ("Cancelled at",),
        "status": ("Financial Status",),
        "currency": ("Currency",),
        "total": ("Total",),
        "refunded": ("Refunded Amount",),
        "email": ("Email",),
        "name": ("Billing Name", "Shipping Name"),
        "product": ("Lineitem name",),
        "sku": ("Lineitem sku",),
    },
    (Kind.ORDERS, Origin.WOOCOMMERCE): {
        "id": ("order_id", "Order ID"),
        "number": ("order_number", "Order Number"),
        "placed_at": ("order_date", "Order Date", "date"),
        "paid_at": ("paid_date", "Paid Date"),
        "status": ("status", "Order Status"),
        "currency": ("order_currency", "Order Currency", "currency"),
        "total": ("order_total", "Order Total", "Order Total Amount"),
        "refunded": ("refunded_total", "Order Refund Amount", "total_refunded"),
        "customer_id": ("customer_id", "Customer User ID"),
        "email": ("billing_email", "Email (Billing)", "customer_email"),
        "first_name": ("billing_first_name", "First Name (Billing)"),
        "last_name": ("billing_last_name", "Last Name (Billing)"),
        "product": ("item_name", "Item Name"),
        "sku": ("item_sku", "SKU"),
        "payment_method": ("payment_method",),
    },
    (Kind.CONTACTS, Origin.LAUREL): {name: (name,) for name in sorted(FIELDS[Kind.CONTACTS])},
    (Kind.CONTACTS, Origin.SHOPIFY): {
        "email": ("Email",),
        "first_name": ("First Name",),
        "last_name": ("Last Name",),
        "tags": ("Tags",),
        "consent": ("Accepts Email Marketing", "Accepts Marketing"),
        "locale": ("Language",),
    },
    (Kind.CONTACTS, Origin.WOOCOMMERCE): {
        "email": ("user_email", "customer_email", "Email", "billing_email"),
        "first_name": ("first_name", "First Name", "billing_first_name"),
        "last_name": ("last_name", "Last Name", "billing_last_name"),
        "created_at": ("user_registered", "Sign Up", "date_registered"),
        "locale": ("locale",),
    },
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The fields of a file and the headings they stand under, and whose headings those are (None for a mapping)."""

    kind: Kind
    origin: Origin | None
    headings: Mapping[str, str]

    def heading(self, field: str) -> str:
        """What the column of a field is called in the file; the field's own name if it has none."""
        return self.headings.get(field, field)


class UnknownColumns(Exception):
    """The headings are not enough to know what the file holds; ``str`` says what is missing.

    It does not say what is there: a file without headings begins with somebody's data.
    """


def recognised(kind: Kind, headings: Sequence[str]) -> Columns:
    """The columns of a file, by whichever headings explain most of what is needed. Raises ``UnknownColumns``."""
    candidates = [_matched(kind, origin, headings) for origin in Origin]
    best = max(candidates, key=lambda it: (len(REQUIRED[kind] & it.headings.keys()), len(it.headings)))
    _check(best)
    return best


def mapped(kind: Kind, headings: Sequence[str], mapping: Mapping[str, str]) -> Columns:
    """The columns of a file as ``mapping`` (heading by field) names them. Raises ``UnknownColumns``."""
    if unknown := sorted(mapping.keys() - FIELDS[kind]):
        raise UnknownColumns(f"There is no field {unknown[0]!r}. There are: {', '.join(sorted(FIELDS[kind]))}.")
    if absent := sorted(set(mapping.values()) - set(headings)):
        raise UnknownColumns(f"The file has no column {absent[0]!r}, which mapping names.")
    columns = Columns(kind, None, dict(mapping))
    _check(columns)
    return columns


def _matched(kind: Kind, origin: Origin, headings: Sequence[str]) -> Columns:
    known = {_plain(heading): heading for heading in reversed(headings)}
    found = {
        field: known[_plain(name)]
        for field, names in _HEADINGS[kind, origin].items()
        for name in reversed(names)
        if _plain(name) in known
    }
    return Columns(kind, origin, found)


def _check(columns: Columns) -> None:
    missing = sorted(REQUIRED[columns.kind] - columns.headings.keys())
    if missing:
        known = dict.fromkeys(name for origin in Origin for name in _HEADINGS[columns.kind, origin].get(missing[0], ()))
        raise UnknownColumns(
            f"The file's first line has no column for {', '.join(missing)}. Name it with mapping, or call it one of: "
            f"{', '.join(known)}."
        )


def _plain(heading: str) -> str:
    return _SIGNS.sub("", heading.lower())
