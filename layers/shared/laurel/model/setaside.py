"""What a store's boards leave out, and why: reported, never dropped in silence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SetAsideReason(StrEnum):
    """Why something is not ranked."""

    UNCONVERTED = "unconverted"
    UNIDENTIFIED = "unidentified"
    HOUSE_ACCOUNT = "house_account"


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
