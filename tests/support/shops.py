"""Shops that are asked for their orders, without any HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from laurel.ingestion.events import OrderReport
from laurel.model.account import Platform, Store
from laurel.shops.access import ShopAccess
from laurel.shops.shop import ChangedOrders, Shop, ShopCredentials, UnreadableOrder

CREDENTIALS = ShopCredentials(Platform.WOOCOMMERCE, "https://shop.example.com", "cs_0123456789", "ck_0123456789")


class FakeShop:
    """Answers with reports page by page, whatever ``since`` is; ``faults`` are raised first, one a request."""

    def __init__(
        self,
        *pages: Sequence[OrderReport | UnreadableOrder],
        faults: Sequence[Exception] = (),
        answered_at: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC),
    ) -> None:
        self.pages = pages
        self.faults = list(faults)
        self.answered_at = answered_at
        self.asked: list[tuple[datetime, str | None]] = []

    def changed(self, since: datetime, cursor: str | None) -> ChangedOrders:
        self.asked.append((since, cursor))
        if self.faults:
            raise self.faults.pop(0)
        at = int(cursor or 0)
        page = self.pages[at] if at < len(self.pages) else ()
        return ChangedOrders(
            orders=tuple(it for it in page if isinstance(it, OrderReport)),
            unreadable=tuple(it for it in page if isinstance(it, UnreadableOrder)),
            cursor=str(at + 1) if at + 1 < len(self.pages) else None,
            requests=1,
            answered_at=self.answered_at,
        )


class FakeAccesses:
    """Accesses and credentials of stores, in dictionaries."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[ShopAccess, ShopCredentials]] = {}
        self.notes: list[tuple[str, datetime, bool]] = []

    def access(self, store: Store) -> ShopAccess | None:
        found = self.kept.get((store.account_id, store.id))
        return found[0] if found else None

    def credentials(self, store: Store) -> ShopCredentials | None:
        found = self.kept.get((store.account_id, store.id))
        return found[1] if found else None

    def keep(self, access: ShopAccess, credentials: ShopCredentials) -> None:
        self.kept[access.account_id, access.store_id] = (access, credentials)

    def note(self, access: ShopAccess, at: datetime, *, worked: bool) -> None:
        self.notes.append((access.store_id, at, worked))

    def forget(self, account_id: str, store_id: str) -> None:
        self.kept.pop((account_id, store_id), None)


def pages_of(shop: Shop, since: datetime) -> list[ChangedOrders]:
    """All pages of what a shop has changed; fewer than a hundred."""
    cursor: str | None = None
    pages: list[ChangedOrders] = []
    while True:
        pages.append(shop.changed(since, cursor))
        cursor = pages[-1].cursor
        if cursor is None:
            return pages
        assert len(pages) < 100


def ids(pages: list[ChangedOrders]) -> list[str]:
    """Ids of the orders, in their order."""
    return [report.order.id for page in pages for report in page.orders]
