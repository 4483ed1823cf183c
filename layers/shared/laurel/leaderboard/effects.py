"""What a customer's orders, refunds and cancellations did to the figures of a period since some instant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from laurel.model.account import Store
from laurel.model.correction import OrderEffect, counted, instant_of
from laurel.model.order import CustomerRef, LedgerOrder
from laurel.model.period import Period
from laurel.model.ranking import NO_FIGURES, Figures
from laurel.model.snapshot import FIRST, Snapshot


class CorrectionHistory(Protocol):
    """Reads what changes of a customer's orders did, from an instant on."""

    def corrections_since(self, ref: CustomerRef, instant: datetime) -> list[OrderEffect]: ...


class OrderHistory(Protocol):
    """Reads a customer's orders."""

    def orders_of(self, ref: CustomerRef) -> Iterator[LedgerOrder]: ...


@dataclass(frozen=True, slots=True)
class FiguresDifference:
    """Later figures less earlier ones: purchases, and minor units."""

    orders_count: int
    total_spent: int


def ref_of(store: Store, customer: str) -> CustomerRef:
    """A customer of a store."""
    return CustomerRef(store.account_id, store.audience_id, store.id, customer)


def difference(then: Figures | None, now: Figures | None) -> FiguresDifference:
    """Figures now less figures then; no figures are those of no purchases."""
    before, after = then or NO_FIGURES, now or NO_FIGURES
    return FiguresDifference(after.orders_count - before.orders_count, after.total_spent - before.total_spent)


def known_difference(since: Snapshot, then: Figures | None, now: Figures | None) -> FiguresDifference | None:
    """The same, or None where figures then are not known: a snapshot lists the first of larger boards."""
    return None if then is None and since.customers > FIRST else difference(then, now)


def left_over(whole: FiguresDifference | None, effects: Sequence[OrderEffect]) -> FiguresDifference | None:
    """What of a difference, if it is known, the effects do not account for; None if they do."""
    if whole is None:
        return None
    left = FiguresDifference(
        whole.orders_count - sum(effect.orders_count for effect in effects),
        whole.total_spent - sum(effect.total_spent for effect in effects),
    )
    return left if left.orders_count or left.total_spent else None


def corrections(
    history: CorrectionHistory, store: Store, customer: str, period: Period, since: datetime
) -> list[OrderEffect]:
    """What changed of the period's orders since an instant."""
    found = history.corrections_since(ref_of(store, customer), since)
    return [effect for effect in found if is_within(period, effect.placed_at)]


def placements(
    orders: Iterable[LedgerOrder], store: Store, period: Period, since: datetime | None
) -> list[OrderEffect]:
    """The period's orders that were placed since an instant, or all of them, with what they count for now."""
    found: list[OrderEffect] = []
    for order in orders:
        amount = counted(order, store.currency)
        if amount is None or order.placed_at is None:
            continue
        at = instant_of(order.placed_at)
        if is_within(period, at) and (since is None or at >= since):
            found.append(OrderEffect(order.id, at, at, None, amount))
    return found


def is_within(period: Period, instant: datetime) -> bool:
    """True for an instant of the period."""
    return (period.start is None or period.start <= instant) and (period.end is None or instant < period.end)
