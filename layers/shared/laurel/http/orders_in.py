"""From what a client sends to what the domain uses."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from laurel.http.schemas import ActivityIn, ContactIn, OrderDeletionIn, OrderIn, OrderRefundIn, PersonIn, read
from laurel.ingestion import refunds
from laurel.ingestion.events import OrderReport
from laurel.ingestion.products import kept
from laurel.ingestion.record import ActivityReport
from laurel.model.activity import Activity
from laurel.model.contact import Consent, ConsentSource, ConsentStatus, Person, full_name
from laurel.model.errors import InvalidInput, located
from laurel.model.identity import address_in, normalized_email
from laurel.model.money import currency, minor_units
from laurel.model.order import Buyer, Deletion, Order, OrderState, Refund, revision

_REFUNDED = "refunded"
_STATES = {"partially_refunded": OrderState.PAID, _REFUNDED: OrderState.PAID}


def order_report(
    value: Any, pointer: str = "", *, triggered_at: datetime | None = None, cancelled: bool = False
) -> OrderReport:
    """An order and its buyer from parsed JSON. Raises ``InvalidInput`` with pointers below ``pointer``.

    ``triggered_at`` is when the event that reports the order happened, where there is one: the order changed then,
    unless it says otherwise. A ``cancelled`` order is that whatever its status, and may lack one.
    """
    order = read(OrderIn, _as_cancelled(value) if cancelled else value, pointer)
    code = located(pointer + "/currency", partial(currency, order.currency))
    total = located(pointer + "/total", partial(minor_units, order.total, code))
    given_back = _refunds(order, code, total, pointer)
    state = OrderState.CANCELLED if cancelled else _STATES.get(order.status) or OrderState(order.status)
    updated_at = order.updated_at or triggered_at or order.placed_at
    customer = order.customer or PersonIn()
    email = normalized_email(customer.email) or address_in(customer.id)
    return OrderReport(
        Order(
            id=order.id,
            placed_at=order.placed_at.astimezone(UTC),
            total=total,
            currency=code,
            state=state,
            revision=revision(updated_at, triggered_at, state, sum(given_back.values())),
            number=order.number or None,
            refunds=given_back,
            test=bool(order.test),
            buyer=Buyer(customer.id, email, full_name(customer.first_name, customer.last_name)),
            products=kept(order.products or ()),
        ),
        None if order.test or not email else _person(customer, email, updated_at, ConsentSource.ORDER),
    )


def order_refund(value: Any, pointer: str = "") -> Refund:
    """One refund of an order known by id alone. Raises ``InvalidInput`` with pointers below ``pointer``."""
    refund = read(OrderRefundIn, value, pointer)
    code = located(pointer + "/currency", partial(currency, refund.currency))
    amount = located(pointer + "/amount", partial(minor_units, refund.amount, code))
    return Refund(refund.order_id, refund.id, amount)


def order_deletion(value: Any, pointer: str, at: datetime) -> Deletion:
    """The deletion of an order known by id alone. Raises ``InvalidInput`` with pointers below ``pointer``."""
    return Deletion(read(OrderDeletionIn, value, pointer).id, at)


def activity_report(value: Any) -> ActivityReport:
    """An activity and its contact from parsed JSON. Raises ``InvalidInput``."""
    activity = read(ActivityIn, value)
    contact = activity.contact
    return ActivityReport(
        Activity(activity.id, activity.name, activity.occurred_at.astimezone(UTC), activity.properties),
        _person(contact, contact.email, activity.occurred_at, ConsentSource.PERSON),
    )


def contact_person(value: Any, seen_at: datetime, source: ConsentSource) -> Person:
    """A contact as it is known at ``seen_at``. Raises ``InvalidInput`` with pointers."""
    contact = read(ContactIn, value)
    return _person(contact, contact.email, seen_at, source)


def _as_cancelled(value: Any) -> Any:
    """The order with a status that agrees; one that was also refunded stays so, for its money was given back."""
    return {**value, "status": "cancelled"} if isinstance(value, dict) and value.get("status") != _REFUNDED else value


def _refunds(order: OrderIn, code: str, total: int, pointer: str) -> dict[str, int]:
    """Refunds by id, or one sum under the id ``refunded``; the status ``refunded`` means all of the total."""
    given_back = {
        refund.id: located(f"{pointer}/refunds/{index}/amount", partial(minor_units, refund.amount, code))
        for index, refund in enumerate(order.refunds or ())
    }
    if order.refunded is not None:
        if order.refunds is not None:
            raise InvalidInput.at(pointer + "/refunded", "Give either refunds or refunded, not both.")
        given_back[_REFUNDED] = located(pointer + "/refunded", partial(minor_units, order.refunded, code))
    return refunds.completed(given_back, total) if order.status == _REFUNDED else given_back


def _person(person: PersonIn | ContactIn, email: str, seen_at: datetime, source: ConsentSource) -> Person:
    consent = person.consent
    return Person(
        email=email.strip().lower(),
        seen_at=seen_at.astimezone(UTC),
        first_name=person.first_name or None,
        last_name=person.last_name or None,
        locale=person.locale,
        tags=tuple(dict.fromkeys(tag for tag in person.tags or () if tag)),
        consent=Consent(ConsentStatus(consent.status), consent.at.astimezone(UTC)) if consent else None,
        consent_source=source,
    )
