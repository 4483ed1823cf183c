"""Shopify's webhooks: bodies of the Admin REST API, one object each, without a wrapper.

Sources: Shopify's webhook topic list, "Verify deliveries", "Privacy law compliance", and the REST resources Order and
Refund. Orders and refunds have the shape of API version 2026-07; older ones lack fields, which then count as missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from laurel.ingestion.events import (
    Event,
    Ignored,
    OrderReport,
    PrivacyRequest,
    PrivacyRequestKind,
    Uninstalled,
)
from laurel.ingestion.fields import Fields
from laurel.ingestion.products import products_of
from laurel.ingestion.shopify_amounts import order_amounts, refund_amount
from laurel.model.contact import Consent, ConsentStatus, Person, full_name
from laurel.model.errors import InvalidInput
from laurel.model.order import Buyer, Deletion, Order, OrderState, Refund, revision

TOPIC_HEADER = "x-shopify-topic"

_STATES = {
    "pending": OrderState.PENDING,
    "authorized": OrderState.AUTHORIZED,
    "partially_paid": OrderState.PARTIALLY_PAID,
    "paid": OrderState.PAID,
    "partially_refunded": OrderState.PAID,
    "refunded": OrderState.PAID,
    "voided": OrderState.VOIDED,
    "expired": OrderState.VOIDED,
}

_CONSENTS = {
    "subscribed": ConsentStatus.SUBSCRIBED,
    "not_subscribed": ConsentStatus.NON_SUBSCRIBED,
    "pending": ConsentStatus.PENDING,
    "unsubscribed": ConsentStatus.UNSUBSCRIBED,
}


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What the headers tell, none of which is signed. ``id`` is the same in every retry."""

    id: str | None
    triggered_at: datetime | None
    test: bool


def read(headers: Mapping[str, str], body: Mapping[str, Any]) -> Event:
    """What a verified delivery means; header names are in lower case. Raises ``InvalidInput``.

    A topic that Laurel has no use for is ``Ignored``, and so is a test delivery of anything but an order.
    """
    reader = _READERS.get(_header(headers, TOPIC_HEADER).lower())
    if reader is None:
        return Ignored("unknown_topic")
    delivery = _delivery(headers)
    if delivery.test and reader is not _order:
        return Ignored("test_delivery")
    return reader(delivery, Fields(body))


def shop_domain(headers: Mapping[str, str], body: Mapping[str, Any]) -> str | None:
    """The ``….myshopify.com`` domain of a delivery: from the signed body where it names one, else from the headers."""
    fields = Fields(body)
    named = fields.text("myshopify_domain") or fields.text("shop_domain") or _header(headers, "x-shopify-shop-domain")
    return named.lower() or None


def _order(delivery: _Delivery, body: Fields) -> OrderReport:
    currency = body.currency("currency")
    amounts = order_amounts(body, currency)
    updated_at = body.instant("updated_at")
    state = _state(body)
    test = delivery.test or body.flag("test")
    buyer = _buyer(body)
    order = Order(
        id=body.identifier("id"),
        number=body.text("name") or body.label("order_number"),
        placed_at=body.optional_instant("processed_at") or body.instant("created_at"),
        total=amounts.total,
        currency=currency,
        state=state,
        revision=revision(updated_at, delivery.triggered_at, state, sum(amounts.refunds.values())),
        refunds=amounts.refunds,
        test=test,
        buyer=buyer,
        products=products_of(body, "product_id", "sku", "title"),
    )
    return OrderReport(order, None if test else _person(body, buyer, updated_at))


def _state(body: Fields) -> OrderState:
    """A status that is missing or not known is no payment."""
    status = body.text("financial_status")
    if body.optional_instant("cancelled_at"):
        return OrderState.CANCELLED
    return _STATES.get(status or "", OrderState.PENDING)


def _buyer(body: Fields) -> Buyer:
    """The customer; without one (a guest, a till) the address in the order and the name in its billing address."""
    customer = body.child("customer")
    return Buyer(
        customer_id=customer.optional_identifier("id"),
        email=customer.email("email") or body.email("email") or body.email("contact_email"),
        name=full_name(*_names(body)),
    )


def _names(body: Fields) -> tuple[str | None, str | None]:
    customer, billing = body.child("customer"), body.child("billing_address")
    names = customer.text("first_name"), customer.text("last_name")
    return names if any(names) else (billing.text("first_name"), billing.text("last_name"))


def _person(body: Fields, buyer: Buyer, updated_at: datetime) -> Person | None:
    if not buyer.email:
        return None
    customer = body.child("customer")
    first_name, last_name = _names(body)
    return Person(
        email=buyer.email,
        seen_at=updated_at,
        first_name=first_name,
        last_name=last_name,
        locale=body.text("customer_locale"),
        tags=customer.words("tags"),
        consent=_consent(customer.child("email_marketing_consent")),
    )


def _consent(decision: Fields) -> Consent | None:
    """The customer's last decision on e-mail, with its own time.

    ``buyer_accepts_marketing`` has none: it repeats what was ticked at some checkout, so it is no decision.
    """
    status = _CONSENTS.get(decision.text("state") or "")
    at = decision.optional_instant("consent_updated_at")
    return Consent(status, at) if status and at else None


def _refund(_delivery: _Delivery, body: Fields) -> Refund | Ignored:
    """Money given back; a refund that moved none yet is reported again, with its order, once it does."""
    refund = Refund(body.identifier("order_id"), body.identifier("id"), refund_amount(body))
    return refund if refund.amount else Ignored("refund_without_money")


def _deletion(delivery: _Delivery, body: Fields) -> Deletion:
    return Deletion(body.identifier("id"), delivery.triggered_at)


def _data_request(_delivery: _Delivery, body: Fields) -> PrivacyRequest:
    return PrivacyRequest(
        id=f"data-request-{body.child('data_request').identifier('id')}",
        kind=PrivacyRequestKind.CUSTOMER_DATA,
        subject=_subject(body),
        orders=body.identifiers("orders_requested"),
    )


def _customer_redact(delivery: _Delivery, body: Fields) -> PrivacyRequest:
    subject, orders = _subject(body), body.identifiers("orders_to_redact")
    return PrivacyRequest(
        id=f"redact-{delivery.id or _content_id(*sorted(subject.items()), orders)}",
        kind=PrivacyRequestKind.CUSTOMER_ERASURE,
        subject=subject,
        orders=orders,
    )


def _shop_redact(delivery: _Delivery, body: Fields) -> PrivacyRequest:
    return PrivacyRequest(
        id=f"shop-redact-{delivery.id or _content_id(body.optional_identifier('shop_id'))}",
        kind=PrivacyRequestKind.STORE_ERASURE,
        subject={},
    )


def _subject(body: Fields) -> dict[str, str]:
    customer = body.child("customer")
    known = {
        "customer_id": customer.optional_identifier("id"),
        "email": customer.email("email"),
        "phone": customer.text("phone"),
    }
    return {name: value for name, value in known.items() if value}


def _uninstalled(delivery: _Delivery, _body: Fields) -> Uninstalled:
    return Uninstalled(delivery.triggered_at)


def _delivery(headers: Mapping[str, str]) -> _Delivery:
    return _Delivery(
        id=_header(headers, "x-shopify-event-id") or _header(headers, "x-shopify-webhook-id") or None,
        triggered_at=_triggered_at(headers),
        test=_header(headers, "x-shopify-test").lower() == "true",
    )


def _triggered_at(headers: Mapping[str, str]) -> datetime | None:
    """The time of the change in nanoseconds, as far as it can be read: an unsigned header must not cost an order."""
    try:
        return Fields(headers).optional_instant("x-shopify-triggered-at")
    except InvalidInput:
        return None


def _header(headers: Mapping[str, str], name: str) -> str:
    return headers.get(name, "").strip()


def _content_id(*content: object) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()[:32]


_READERS: Mapping[str, Callable[[_Delivery, Fields], Event]] = {
    "orders/create": _order,
    "orders/updated": _order,
    "orders/paid": _order,
    "orders/cancelled": _order,
    "orders/delete": _deletion,
    "refunds/create": _refund,
    "customers/data_request": _data_request,
    "customers/redact": _customer_redact,
    "shop/redact": _shop_redact,
    "app/uninstalled": _uninstalled,
}
