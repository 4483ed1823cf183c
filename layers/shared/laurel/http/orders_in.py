"""From what a client sends to what the domain uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from laurel.http.schemas import ActivityIn, ContactIn, OrderIn, PersonIn, read
from laurel.ingestion.events import OrderReport
from laurel.ingestion.record import ActivityReport
from laurel.model.activity import Activity
from laurel.model.contact import Consent, ConsentSource, ConsentStatus, Person, full_name
from laurel.model.errors import InvalidInput
from laurel.model.identity import normalized_email
from laurel.model.money import currency, minor_units
from laurel.model.order import Buyer, Order, OrderState, revision

_STATES = {"partially_refunded": OrderState.PAID, "refunded": OrderState.PAID}
_WHOLE = "total"


def order_report(value: Any, pointer: str = "") -> OrderReport:
    """An order and its buyer from parsed JSON. Raises ``InvalidInput`` with pointers below ``pointer``."""
    order = read(OrderIn, value, pointer)
    code = _at(pointer + "/currency", partial(currency, order.currency))
    total = _at(pointer + "/total", partial(minor_units, order.total, code))
    refunds = _refunds(order, code, total, pointer)
    state = _STATES.get(order.status) or OrderState(order.status)
    updated_at = order.updated_at or order.placed_at
    customer = order.customer
    return OrderReport(
        Order(
            id=order.id,
            placed_at=order.placed_at.astimezone(UTC),
            total=total,
            currency=code,
            state=state,
            revision=revision(updated_at, None, state, sum(refunds.values())),
            number=order.number,
            refunds=refunds,
            test=order.test,
            buyer=Buyer(
                customer.id, normalized_email(customer.email), full_name(customer.first_name, customer.last_name)
            ),
        ),
        None
        if order.test or not customer.email
        else _person(customer, customer.email, updated_at, ConsentSource.ORDER),
    )


def activity_report(value: Any) -> ActivityReport:
    """An activity and its contact from parsed JSON. Raises ``InvalidInput``."""
    activity = read(ActivityIn, value)
    contact = activity.contact
    return ActivityReport(
        Activity(activity.id, activity.name, activity.occurred_at.astimezone(UTC), activity.properties),
        _person(contact, contact.email, activity.occurred_at, ConsentSource.PERSON),
    )


def _refunds(order: OrderIn, code: str, total: int, pointer: str) -> Mapping[str, int]:
    """Refunds by id; an absolute sum goes under one id. ``refunded`` as a status alone means all of it."""
    if order.refunds is not None:
        return {
            refund.id: _at(f"{pointer}/refunds/{index}/amount", partial(minor_units, refund.amount, code))
            for index, refund in enumerate(order.refunds)
        }
    if order.refunded is not None:
        return {_WHOLE: _at(pointer + "/refunded", partial(minor_units, order.refunded, code))}
    return {_WHOLE: total} if order.status == "refunded" else {}


def _person(person: PersonIn | ContactIn, email: str, seen_at: datetime, source: ConsentSource) -> Person:
    consent = person.consent
    return Person(
        email=email.strip().lower(),
        seen_at=seen_at.astimezone(UTC),
        first_name=person.first_name,
        last_name=person.last_name,
        locale=person.locale,
        tags=tuple(sorted(set(person.tags))),
        consent=Consent(ConsentStatus(consent.status), consent.at.astimezone(UTC)) if consent else None,
        consent_source=source,
    )


def _at[T](pointer: str, read_value: Callable[[], T]) -> T:
    try:
        return read_value()
    except InvalidInput as error:
        raise InvalidInput.at(pointer, str(error)) from None
