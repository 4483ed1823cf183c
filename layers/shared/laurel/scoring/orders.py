"""What a change of an order means for scores: points when it becomes a purchase, taken back when it no longer is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from laurel.model.account import Store
from laurel.model.money import exponent
from laurel.model.order import LedgerOrder, OrderChange
from laurel.model.scoring import (
    ORDER_PLACED,
    ORDER_REFUNDED,
    Correction,
    Property,
    Step,
    Trigger,
    order_subject,
)


def steps_of_order(change: OrderChange, store: Store, changed_at: datetime) -> list[Step]:
    """Steps of one committed write of an order; a pure function of it, so a redelivery gives the same.

    Only a purchase in the store's currency earns, or one that has a rate: amounts are what was spent, less refunds, in
    the store's currency. A purchase whose time is changed is taken back at the old time and placed at the new one.
    """
    before, after = change.before, change.after
    was = before if before and before.is_purchase_in(store.currency) else None
    now = after if after.is_purchase_in(store.currency) else None
    stays = was is not None and now is not None and was.placed_at == now.placed_at
    subject, cause = order_subject(store.id, after.id), str(after.changes)
    steps: list[Step] = []
    if was and not stays:
        steps.append(
            Correction(subject, cause, _placed_at(was), changed_at, ORDER_PLACED, reason="no_longer_a_purchase")
        )
    if now and not stays:
        amount = amount_of(now, store)
        steps.append(Trigger(subject, cause, ORDER_PLACED, _placed_at(now), _properties(now, store), amount=amount))
    if was and now and stays and amount_of(was, store) != amount_of(now, store):
        amounts = (amount_of(was, store), amount_of(now, store))
        steps.append(
            Correction(subject, cause, _placed_at(now), changed_at, ORDER_PLACED, "amount_changed", amounts=amounts)
        )
    if was and after.refunded > was.refunded:
        refunded = _major(
            after.amount_in(after.refunded, store.currency) - after.amount_in(was.refunded, store.currency), store
        )
        properties = {**_properties(after, store), "amount": refunded}
        steps.append(Trigger(subject, cause, ORDER_REFUNDED, changed_at, properties, amount=refunded))
    return steps


def _placed_at(order: LedgerOrder) -> datetime:
    return datetime.fromtimestamp(order.placed_at or 0, UTC)


def amount_of(order: LedgerOrder, store: Store) -> Decimal:
    """What was spent on an order, less refunds, in major units of the store's currency."""
    return _major(order.spent_in(store.currency), store)


def _major(minor: int, store: Store) -> Decimal:
    return Decimal(minor).scaleb(-exponent(store.currency))


def _properties(order: LedgerOrder, store: Store) -> Mapping[str, Property]:
    properties: dict[str, Property | None] = {
        "store": store.id,
        "order": order.id,
        "number": order.number,
        "amount": amount_of(order, store),
        "total": _major(order.amount_in(order.total, store.currency), store),
        "currency": order.currency,
        "product": order.products or None,
    }
    return {name: value for name, value in properties.items() if value is not None}
