"""What a store's boards leave out, and why: reported, never dropped in silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from laurel.model.errors import FieldError


class SetAsideReason(StrEnum):
    """Why something is not ranked."""

    UNCONVERTED = "unconverted"
    UNIDENTIFIED = "unidentified"
    HOUSE_ACCOUNT = "house_account"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class SetAside:
    """An order in another currency, an order of nobody known, or a customer with more orders than the store allows.

    ``id`` is the order's or the customer's. ``total`` in minor units of ``currency``, ``placed_at`` in epoch seconds;
    ``orders_limit`` is the limit that a house account went over.
    """

    reason: SetAsideReason
    id: str
    customer: str
    version: int
    resolved: bool = False
    currency: str | None = None
    total: int | None = None
    placed_at: int | None = None
    orders_limit: int | None = None


@dataclass(frozen=True, slots=True)
class UnreadableDelivery:
    """A webhook delivery with a valid signature that could not be read, kept as it came.

    ``id`` is the same whenever the same body comes again under the same topic.
    """

    id: str
    topic: str
    received_at: datetime
    faults: tuple[FieldError, ...]
