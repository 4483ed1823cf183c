"""A ranking row is a pure function of the customer's orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from laurel.model.account import Store
from laurel.model.correction import FRESH, OrderEffect, counted, instant_of
from laurel.model.identity import is_identified
from laurel.model.order import LedgerOrder, OrderChange
from laurel.model.period import Calendar
from laurel.model.ranking import NO_FIGURES, Figures, Metric, RankingRow, least_purchases
from laurel.model.rates import Rates
from laurel.model.setaside import SetAside, SetAsideReason

_CALENDAR = 10**12


def version_of(store: Store, orders: Iterable[LedgerOrder]) -> int:
    """Version of what these orders give.

    It grows with every change of an order and outgrows all with the calendar's revision.
    """
    return store.calendar_revision * _CALENDAR + sum(order.changes for order in orders)


def calendar_revision_of(version: int) -> int:
    """The calendar revision under which a version was computed."""
    return version // _CALENDAR


def periods_at(calendar: Calendar, placed_at: int) -> tuple[str, ...]:
    """Ids of the five periods that hold an epoch second."""
    return calendar.periods_of(datetime.fromtimestamp(placed_at, UTC))


def periods_touched(store: Store, instants: Collection[int | None]) -> set[str]:
    """Ids of all periods that hold any of these epoch seconds, under the store's calendar and those before it."""
    return {period for calendar in store.calendars for period in periods_of(calendar, instants)}


def periods_of(calendar: Calendar, instants: Iterable[int | None]) -> set[str]:
    """Ids of all periods that hold any of these epoch seconds; None is no instant."""
    return {period for placed_at in instants if placed_at is not None for period in periods_at(calendar, placed_at)}


def rows_of(
    store: Store, customer: str, orders: Collection[LedgerOrder], periods: Iterable[str], *, ranked: bool = True
) -> list[RankingRow]:
    """The customer's row of each period. A row without purchases is in no index; with ``ranked`` false none is.

    A period that only a calendar of the past has holds no purchases. A row without purchases names nobody.
    """
    purchases: dict[str, list[LedgerOrder]] = defaultdict(list)
    for order in orders:
        if order.placed_at is not None and order.is_purchase_in(store.currency):
            for period in periods_at(store.calendar, order.placed_at):
                purchases[period].append(order)
    latest = sorted((order for order in orders if order.is_live), key=lambda order: order.placed_at or 0, reverse=True)
    version = version_of(store, orders)
    name = next((order.name for order in latest if order.name), None)
    email = next((order.email for order in latest if order.email), None)
    return [
        _row(store, period, customer, _figures(store, purchases[period]), name, email, version, ranked=ranked)
        for period in sorted(periods)
    ]


def empty_row(period: str, customer: str, version: int) -> RankingRow:
    """A row that counts nothing and is in no index."""
    return RankingRow(period, customer, NO_FIGURES, None, None, version, frozenset())


def _row(
    store: Store,
    period: str,
    customer: str,
    figures: Figures,
    name: str | None,
    email: str | None,
    version: int,
    *,
    ranked: bool,
) -> RankingRow:
    count = figures.orders_count
    boards = [it for it in Metric if ranked and count >= least_purchases(it, store.minimum_purchases)]
    shown = (name, email) if count else (None, None)
    return RankingRow(period, customer, figures, *shown, version, frozenset(boards))


def _figures(store: Store, purchases: Collection[LedgerOrder]) -> Figures:
    if not purchases:
        return NO_FIGURES
    return Figures(
        orders_count=len(purchases),
        total_spent=sum(order.spent_in(store.currency) for order in purchases),
        last_order_at=max(order.placed_at or 0 for order in purchases),
    )


def rate_for(store: Store, rates: Rates, order: LedgerOrder) -> str | None:
    """The rate that an order counts by: its own, unless it is a purchase that the store's table has another for."""
    if order.currency == store.currency or order.placed_at is None or not order.is_purchase_in(order.currency):
        return order.rate
    month = periods_at(store.calendar, order.placed_at)[1]
    return rates.rate_of(order.total, order.currency, month, store.currency)


def correction_of(store: Store, change: OrderChange) -> OrderEffect | None:
    """What a change of an order did to its customer's figures, unless the order itself tells it.

    One that began to count when it was placed does, and so does one from before the store was connected.
    """
    before, after = (counted(order, store.currency) for order in (change.before, change.after))
    placed_at = change.after.placed_at
    if change.at is None or placed_at is None or before == after:
        return None
    placed = instant_of(placed_at)
    if before is None and (change.at - placed <= FRESH or placed < store.created_at):
        return None
    return OrderEffect(change.after.id, placed, change.at, before, after)


def set_aside_reason(store: Store, order: LedgerOrder | None) -> SetAsideReason | None:
    """Why a paid order is on no board, or None if it is ranked or is no purchase at all."""
    if order is None or not order.is_purchase_in(order.currency):
        return None
    if not order.is_purchase_in(store.currency):
        return SetAsideReason.UNCONVERTED
    return None if is_identified(order.customer) else SetAsideReason.UNIDENTIFIED


def set_aside_entries(store: Store, before: LedgerOrder | None, now: LedgerOrder) -> list[SetAside]:
    """The entry an order needs as it stands now, and the end of the one it needed before."""
    reasons = {reason for reason in (set_aside_reason(store, before), set_aside_reason(store, now)) if reason}
    return [
        SetAside(
            reason=reason,
            id=now.id,
            customer=now.customer,
            version=now.changes,
            resolved=reason is not set_aside_reason(store, now),
            currency=now.currency,
            total=now.spent,
            placed_at=now.placed_at,
        )
        for reason in sorted(reasons)
    ]
