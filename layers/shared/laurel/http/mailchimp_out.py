"""Stores, customers, orders and errors as Mailchimp's API shows them, as far as Laurel keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from laurel.http import problems
from laurel.http.formats import utc
from laurel.ingestion.mailchimp import KeptOrder
from laurel.ingestion.refunds import UNLISTED
from laurel.ingestion.shop_customers import Known
from laurel.model import errors
from laurel.model.account import Platform, Store
from laurel.model.contact import ConsentStatus
from laurel.model.money import major_units
from laurel.model.order import OrderState

_NAMED = (Platform.SHOPIFY, Platform.WOOCOMMERCE)
_STATUSES = {OrderState.UNKNOWN: "pending"} | {
    state: state.value for state in OrderState if state is not OrderState.UNKNOWN
}
_INVALID = "The resource submitted could not be validated. For field-specific details, see the 'errors' array."
_NOT_FOUND = "The requested resource could not be found."
_TITLES: dict[type[Exception], tuple[int, str, str | None]] = {
    errors.MalformedBody: (HTTPStatus.BAD_REQUEST, "JSON Parse Error", None),
    errors.InvalidInput: (HTTPStatus.BAD_REQUEST, "Invalid Resource", _INVALID),
    errors.CurrencyMismatch: (HTTPStatus.BAD_REQUEST, "Invalid Resource", _INVALID),
    errors.Conflict: (HTTPStatus.BAD_REQUEST, "Bad Request", None),
    errors.Unauthenticated: (HTTPStatus.UNAUTHORIZED, "API Key Invalid", None),
    errors.Forbidden: (HTTPStatus.FORBIDDEN, "User Does Not Have Access", None),
    errors.NotFound: (HTTPStatus.NOT_FOUND, "Resource Not Found", _NOT_FOUND),
    errors.StorePaused: (HTTPStatus.FORBIDDEN, "Forbidden", None),
    errors.Busy: (HTTPStatus.SERVICE_UNAVAILABLE, "Service Unavailable", None),
    Exception: (HTTPStatus.INTERNAL_SERVER_ERROR, "Internal Server Error", "Something went wrong on our side."),
}


def store(store: Store) -> dict[str, Any]:
    """A store."""
    return _told(
        {
            "id": store.id,
            "list_id": store.audience_id,
            "name": store.name,
            "platform": store.platform.value if store.platform in _NAMED else None,
            "domain": store.shop_domain,
            "currency_code": store.currency,
            "timezone": store.calendar.time_zone,
            "created_at": utc(store.created_at),
        }
    )


def customer(known: Known) -> dict[str, Any]:
    """A customer. Not opted in is everybody who is not subscribed."""
    contact = known.contact
    return _told(
        {
            "id": known.customer.id,
            "email_address": contact.email if contact else None,
            "opt_in_status": contact is not None and contact.status is ConsentStatus.SUBSCRIBED,
            "first_name": contact.first_name if contact else None,
            "last_name": contact.last_name if contact else None,
            "created_at": utc(known.customer.created_at),
        }
    )


def order(store: Store, kept: KeptOrder) -> dict[str, Any]:
    """An order, with what was left of its total after refunds, as ``order_total`` is meant."""
    it = kept.order
    listed = it.refunded - kept.refunds.get(UNLISTED, 0)
    return _told(
        {
            "id": it.id,
            "store_id": store.id,
            "customer": _told({"id": it.customer_id, "email_address": it.email}),
            "financial_status": _financial_status(kept),
            "currency_code": it.currency,
            "order_total": amount(max(it.total - listed, 0), it.currency),
            "processed_at_foreign": None if it.placed_at is None else utc(datetime.fromtimestamp(it.placed_at, UTC)),
            "updated_at_foreign": _changed_at(kept),
        }
    )


def page(name: str, store_id: str | None, rows: Sequence[Any], total: int | None) -> dict[str, Any]:
    """A page of a list."""
    return _told({"store_id": store_id, name: list(rows), "total_items": total})


def amount(minor: int, currency: str) -> float:
    """An amount as the JSON number that Mailchimp's clients expect.

    Amounts have 15 digits at most, and a float of so many is printed as it was written.
    """
    return float(Decimal(major_units(minor, currency)))


def problem(error: Exception, instance: str) -> dict[str, Any]:
    """An error as Mailchimp's clients expect it; ``type`` is Laurel's own name of it, ``instance`` the request's id."""
    status, title, detail = next(_TITLES[kind] for kind in type(error).__mro__ if kind in _TITLES)
    document: dict[str, Any] = {
        "type": problems.problem_of(error).type,
        "title": title,
        "status": int(status),
        "detail": detail or str(error),
        "instance": instance,
    }
    if isinstance(error, errors.CurrencyMismatch):
        document["errors"] = [{"field": "currency_code", "message": str(error)}]
    elif isinstance(error, errors.InvalidInput):
        document["errors"] = [
            {"field": fault.pointer.strip("/").replace("/", "."), "message": fault.detail} for fault in error.errors
        ]
    return document


def _financial_status(kept: KeptOrder) -> str:
    it = kept.order
    if it.state is OrderState.PAID and it.refunded:
        return "refunded" if it.refunded >= it.total else "partially_refunded"
    return _STATUSES[it.state]


def _changed_at(kept: KeptOrder) -> str | None:
    """The shop's own time of change, which a revision begins with."""
    milliseconds = int(kept.revision.partition(".")[0] or 0)
    return utc(datetime.fromtimestamp(milliseconds / 1000, UTC)) if milliseconds else None


def _told(members: dict[str, Any]) -> dict[str, Any]:
    """What is known; nothing is made up for the rest."""
    return {name: value for name, value in members.items() if value is not None}
