"""What is known of an order's refunds when its platform lists less than it states."""

from __future__ import annotations

from collections.abc import Mapping

UNLISTED = "unlisted"


def completed(refunds: Mapping[str, int], total: int) -> dict[str, int]:
    """Refunds of an order that is fully refunded: what they leave open of ``total`` is added as ``unlisted``."""
    open_ = total - sum(refunds.values())
    return {**refunds, UNLISTED: open_} if open_ > 0 else dict(refunds)
