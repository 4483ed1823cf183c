"""Which shops Laurel may read from, and with what: kept, shown without the secret, given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from laurel.model.account import Platform, Store
from laurel.shops.shop import ShopCredentials


@dataclass(frozen=True, slots=True)
class ShopAccess:
    """That Laurel may read from a store's shop, without what it may do so with.

    ``hint`` is the last four characters of the secret. ``worked_at`` and ``refused_at`` are when the shop last took
    the credentials and last refused them.
    """

    account_id: str
    store_id: str
    platform: Platform
    address: str
    hint: str
    since: datetime
    worked_at: datetime | None = None
    refused_at: datetime | None = None

    @property
    def works(self) -> bool:
        """False if the shop refused the credentials when they were last used."""
        return self.refused_at is None or (self.worked_at is not None and self.worked_at > self.refused_at)


class ShopAccesses(Protocol):
    """Keeps accesses, and what they are given by apart from them.

    ``credentials`` is None for a store that has none. ``note`` says how their use went, and does nothing where they
    are gone or others came since.
    """

    def access(self, store: Store) -> ShopAccess | None: ...
    def credentials(self, store: Store) -> ShopCredentials | None: ...
    def keep(self, access: ShopAccess, credentials: ShopCredentials) -> None: ...
    def note(self, access: ShopAccess, at: datetime, *, worked: bool) -> None: ...
    def forget(self, account_id: str, store_id: str) -> None: ...
