"""What an order does to its customer's figures, and what later changes of the order do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from laurel.model.order import LedgerOrder

FRESH = timedelta(minutes=1)
"""An order that begins to count so soon after it was placed did so when it was placed."""


class OrderEffectKind(StrEnum):
    """An order begins to count, counts for less, counts no more, or counts for more."""

    PLACED = "placed"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """One change of what an order counts for, in minor units of the store's currency; None where it does not count.

    ``at`` is when it was placed or, of a later change, when the Ledger took it in.
    """

    order_id: str
    placed_at: datetime
    at: datetime
    before: int | None
    after: int | None

    @property
    def kind(self) -> OrderEffectKind:
        """What kind of change it is."""
        if self.before is None:
            return OrderEffectKind.PLACED
        if self.after is None:
            return OrderEffectKind.CANCELLED
        return OrderEffectKind.REFUNDED if self.after < self.before else OrderEffectKind.CORRECTED

    @property
    def orders_count(self) -> int:
        """Purchases won or lost."""
        return (self.after is not None) - (self.before is not None)

    @property
    def total_spent(self) -> int:
        """Minor units won or lost."""
        return (self.after or 0) - (self.before or 0)


def counted(order: LedgerOrder | None, currency: str) -> int | None:
    """What an order counts for, in minor units of the store's currency; None if it is no purchase."""
    return order.spent_in(currency) if order and order.is_purchase_in(currency) else None


def instant_of(seconds: int) -> datetime:
    """The instant of an epoch second."""
    return datetime.fromtimestamp(seconds, UTC)
