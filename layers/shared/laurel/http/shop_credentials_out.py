"""Answers about credentials of shops, which never show them."""

from __future__ import annotations

from typing import Any

from laurel.http.formats import utc, utc_or_none
from laurel.shops.access import ShopAccess


def shop_access(access: ShopAccess) -> dict[str, Any]:
    """That a shop may be read, and whether that still works."""
    return {
        "platform": access.platform.value,
        "address": access.address,
        "ends_in": access.hint,
        "since": utc(access.since),
        "works": access.works,
        "worked_at": utc_or_none(access.worked_at),
        "refused_at": utc_or_none(access.refused_at),
    }


def state(access: ShopAccess | None) -> str:
    """Whether a shop may be read, for those who may not see with what."""
    if access is None:
        return "none"
    return "works" if access.works else "refused"
