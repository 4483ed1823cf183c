"""An order as the Ledger keeps it: a fact with a revision, replaced only by what is newer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from laurel.model.identity import customer_key
from laurel.model.rates import converted

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class OrderState(StrEnum):
    """Where an order is in its life.

    Only a paid one is a purchase; a refund does not change the state, it changes the amount.
    """

    UNKNOWN = "unknown"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    VOIDED = "voided"
    CANCELLED = "cancelled"
    DELETED = "deleted"


_LIFECYCLE = {state: rank for rank, state in enumerate(OrderState)}


def epoch_ms(instant: datetime) -> int:
    """Whole milliseconds since 1970-01-01T00:00:00Z."""
    return (instant - _EPOCH) // _MILLISECOND


def revision(updated_at: datetime, triggered_at: datetime | None, state: OrderState, refunded: int) -> str:
    """A string that sorts as the states of one order follow each other.

    First the shop's own time of change, then the time at which the platform triggered the delivery; a tie goes to the
    state that can only come later: cancelled over open, more refunded over less.
    """
    triggered = epoch_ms(triggered_at) if triggered_at else 0
    return f"{epoch_ms(updated_at):014d}.{triggered:014d}.{_LIFECYCLE[state]}.{refunded:016d}"


def next_revision(before: str, state: OrderState, refunded: int) -> str:
    """The revision of a change that carries no time of its own: right after the present one."""
    updated, triggered, *_ = before.split(".")
    return f"{updated}.{int(triggered) + 1:014d}.{_LIFECYCLE[state]}.{refunded:016d}"


def seen_at(stated: str, at: datetime) -> str:
    """The revision of a state that the shop still answered with ``at`` a time."""
    updated, _, *rest = stated.split(".")
    return ".".join((updated, f"{epoch_ms(at):014d}", *rest))


@dataclass(frozen=True, slots=True)
class Buyer:
    """The person an order names; every field may be missing."""

    customer_id: str | None = None
    email: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One purchase with its refunds, as the shop last described it.

    ``total`` is gross with tax and shipping; ``refunds`` maps a refund's id to the money returned; all in minor units
    of ``currency``. ``products`` are ids, SKUs and names of what was bought.
    """

    id: str
    placed_at: datetime
    total: int
    currency: str
    state: OrderState
    revision: str
    number: str | None = None
    refunds: Mapping[str, int] = field(default_factory=dict)
    test: bool = False
    buyer: Buyer = Buyer()
    products: tuple[str, ...] = ()

    @property
    def customer(self) -> str:
        """Key of the customer the order is ranked under."""
        return customer_key(self.buyer.email, self.buyer.customer_id, self.id)

    @property
    def digest(self) -> str:
        """16 hex digits that change with anything but the revision."""
        content = [
            self.placed_at.isoformat(),
            self.total,
            self.currency,
            self.state,
            self.number,
            sorted(self.refunds.items()),
            self.test,
            self.buyer.customer_id,
            self.buyer.email,
            self.buyer.name,
            *self.products,
        ]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Refund:
    """Money returned on an order that is known by id alone, in minor units."""

    order_id: str
    refund_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class Deletion:
    """The shop deleted an order and said nothing but its id. ``at`` is the platform's time, where it gives one."""

    order_id: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class CustomerRef:
    """One customer of one store."""

    account_id: str
    audience_id: str
    store_id: str
    customer: str


@dataclass(frozen=True, slots=True)
class LedgerOrder:
    """An order as read back: what a ranking or a timeline needs of it.

    ``placed_at`` is in epoch seconds (None while only a refund or a deletion is known), ``refunded`` the sum of all
    refunds known. ``moved_to`` names the customer who has it now, ``customer_id``
    is the shop's own. ``changes`` counts the accepted writes of this item.
    Of an order of an erased person (``is_erased``) nothing is left but id, time and changes.
    ``rate`` is what one major unit of its currency is worth in the store's, if the store has declared that.
    """

    id: str
    customer: str
    placed_at: int | None
    total: int
    refunded: int
    currency: str
    state: OrderState
    test: bool
    changes: int
    moved_to: str | None = None
    number: str | None = None
    name: str | None = None
    email: str | None = None
    products: tuple[str, ...] = ()
    rate: str | None = None
    is_erased: bool = False
    customer_id: str | None = None

    @property
    def spent(self) -> int:
        """Total less refunds, never below 0."""
        return max(self.total - self.refunded, 0)

    def spent_in(self, currency: str) -> int:
        """What was spent, in minor units of the store's currency: converted once, after refunds."""
        return self.amount_in(self.spent, currency)

    def amount_in(self, amount: int, currency: str) -> int:
        """An amount of this order in minor units of the store's currency, at the order's own rate."""
        if self.currency == currency or self.rate is None:
            return amount
        return converted(amount, self.rate, self.currency, currency)

    @property
    def is_live(self) -> bool:
        """True if the order still stands under this customer and was neither a test nor deleted."""
        return (
            self.placed_at is not None and not self.moved_to and not self.test and self.state is not OrderState.DELETED
        )

    def is_purchase_in(self, currency: str) -> bool:
        """True for a paid order that is not fully refunded, not a test, and still this customer's.

        It is in that currency, or has a rate, which is always into the store's.
        """
        fully_refunded = self.refunded > 0 and self.refunded >= self.total
        counts = self.currency == currency or self.rate is not None
        return self.is_live and self.state is OrderState.PAID and counts and not fully_refunded


@dataclass(frozen=True, slots=True)
class OrderChange:
    """One committed write of an order: what was there before, if anything, and after; and when, where that is known."""

    before: LedgerOrder | None
    after: LedgerOrder
    at: datetime | None = None

    @property
    def placed_at(self) -> tuple[int | None, int | None]:
        """Epoch seconds before and after."""
        return (self.before.placed_at if self.before else None, self.after.placed_at)
