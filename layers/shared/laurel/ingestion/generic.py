"""Laurel's own webhook format for any other shop: Standard Webhooks envelopes with an order in the shape of the API.

docs/webhooks.md describes it. Money is a decimal string in major units, times carry an offset. Members that are not
described are refused, because a misspelt ``refunds`` would make a wrong total.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from laurel.ingestion import refunds
from laurel.ingestion.events import Event, Ignored, OrderReport
from laurel.ingestion.fields import Fields
from laurel.model.contact import Consent, ConsentStatus, Person, full_name
from laurel.model.order import Buyer, Deletion, Order, OrderState, Refund, revision

REFUNDED = "refunded"
_ORDER_TYPES = frozenset({"order.created", "order.updated", "order.paid", "order.cancelled"})

_ENVELOPE = frozenset({"type", "timestamp", "data"})
_ORDER = frozenset(
    "id number placed_at updated_at status currency total refunded refunds test customer".split()  # noqa: SIM905
)
_CUSTOMER = frozenset({"id", "email", "first_name", "last_name", "locale", "tags", "consent"})
_CONSENT = frozenset({"status", "at"})
_LISTED_REFUND = frozenset({"id", "amount"})
_REFUND = frozenset({"id", "order_id", "currency", "amount"})

_CONSENTS = tuple(status.value for status in ConsentStatus if status is not ConsentStatus.CLEANED)
_STATES = {
    "pending": OrderState.PENDING,
    "authorized": OrderState.AUTHORIZED,
    "partially_paid": OrderState.PARTIALLY_PAID,
    "paid": OrderState.PAID,
    "partially_refunded": OrderState.PAID,
    "refunded": OrderState.PAID,
    "voided": OrderState.VOIDED,
    "cancelled": OrderState.CANCELLED,
}


def read(_headers: Mapping[str, str], body: Mapping[str, Any]) -> Event:
    """What a verified delivery means. Raises ``InvalidInput``.

    All of it is in the signed body: ``type``, ``timestamp`` (when it happened) and ``data``.
    """
    envelope = Fields(body)
    type_ = envelope.text("type")
    if type_ is None:
        raise envelope.fault("type", "type is required.")
    if type_ not in {*_ORDER_TYPES, "order.deleted", "order.refunded"}:
        return Ignored("unknown_topic")
    envelope.forbid_unknown(_ENVELOPE)
    timestamp = envelope.instant("timestamp")
    data = envelope.child("data")
    if type_ == "order.deleted":
        return Deletion(data.identifier("id"), timestamp)
    if type_ == "order.refunded":
        return _refund(data)
    return _order(data, timestamp, cancelled=type_ == "order.cancelled")


def _order(data: Fields, timestamp: datetime, *, cancelled: bool) -> OrderReport:
    data.forbid_unknown(_ORDER)
    currency = data.currency("currency")
    total = data.decimal("total", currency)
    given_back = _refunds(data, currency, total)
    updated_at = data.optional_instant("updated_at") or timestamp
    state = OrderState.CANCELLED if cancelled else _state(data)
    test = data.flag("test")
    buyer = _buyer(data)
    order = Order(
        id=data.identifier("id"),
        number=data.label("number"),
        placed_at=data.instant("placed_at"),
        total=total,
        currency=currency,
        state=state,
        revision=revision(updated_at, timestamp, state, sum(given_back.values())),
        refunds=given_back,
        test=test,
        buyer=buyer,
    )
    person = _person(data.child("customer"), buyer, updated_at)
    return OrderReport(order, None if test else person)


def _state(data: Fields) -> OrderState:
    state = _STATES.get(data.text("status") or "")
    if state is None:
        raise data.fault("status", f"status must be one of: {', '.join(_STATES)}.")
    return state


def _refunds(data: Fields, currency: str, total: int) -> dict[str, int]:
    """Refunds by id, or one sum under the id ``refunded``; the status ``refunded`` means all of the total."""
    given_back = {}
    for refund in data.children("refunds"):
        refund.forbid_unknown(_LISTED_REFUND)
        given_back[refund.identifier("id")] = refund.decimal("amount", currency)
    if data.has("refunded"):
        if data.has("refunds"):
            raise data.fault("refunded", "Give either refunds or refunded, not both.")
        given_back[REFUNDED] = data.decimal("refunded", currency)
    return refunds.completed(given_back, total) if data.text("status") == "refunded" else given_back


def _buyer(data: Fields) -> Buyer:
    customer = data.child("customer")
    customer.forbid_unknown(_CUSTOMER)
    email = customer.email("email")
    if customer.has("email") and not email:
        raise customer.fault("email", "email must be an address such as ada@example.com, or null.")
    return Buyer(
        customer_id=customer.optional_identifier("id"),
        email=email,
        name=full_name(customer.text("first_name"), customer.text("last_name")),
    )


def _person(customer: Fields, buyer: Buyer, seen_at: datetime) -> Person | None:
    consent = _consent(customer.child("consent")) if customer.has("consent") else None
    if not buyer.email:
        return None
    return Person(
        email=buyer.email,
        seen_at=seen_at,
        first_name=customer.text("first_name"),
        last_name=customer.text("last_name"),
        locale=customer.text("locale"),
        tags=customer.words("tags"),
        consent=consent,
    )


def _consent(decision: Fields) -> Consent:
    decision.forbid_unknown(_CONSENT)
    status = decision.text("status")
    if status not in _CONSENTS:
        raise decision.fault("status", f"status must be one of: {', '.join(_CONSENTS)}.")
    return Consent(ConsentStatus(status), decision.instant("at"))


def _refund(data: Fields) -> Refund:
    data.forbid_unknown(_REFUND)
    currency = data.currency("currency")
    return Refund(data.identifier("order_id"), data.identifier("id"), data.decimal("amount", currency))
