"""Stores as Mailchimp's API connects, changes and disconnects them: under an id of the shop's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from laurel.ingestion.mailchimp import StoreNews
from laurel.model.account import Platform, Store, StoreState
from laurel.model.errors import Conflict, InvalidInput, NotFound, StorePaused, located
from laurel.model.period import time_zone
from laurel.workspace.stores import StoreBook, StorePlan, change, connect, domain_of_shop

_UTC = "UTC"


class Stores(StoreBook, Protocol):
    """Keeps stores, and lists them."""

    def stores(self, account_id: str) -> list[Store]: ...


def listed(book: Stores, account_id: str) -> list[Store]:
    """Stores, oldest first: one that was disconnected is gone, as seen from here."""
    found = [store for store in book.stores(account_id) if store.shows_boards]
    return sorted(found, key=lambda store: (store.created_at, store.id))


def existing(book: StoreBook, account_id: str, store_id: str) -> Store:
    """A store that was not disconnected. Raises ``NotFound``."""
    store = book.store(account_id, store_id)
    if store is None or not store.shows_boards:
        raise NotFound("store", store_id)
    return store


def taking(book: StoreBook, account_id: str, store_id: str) -> Store:
    """A store that takes orders. Raises ``NotFound`` or ``StorePaused``."""
    store = existing(book, account_id, store_id)
    if not store.is_connected:
        raise StorePaused(store_id)
    return store


def create(book: StoreBook, account_id: str, news: StoreNews, now: datetime) -> Store:
    """Connect a store, or connect again one that was disconnected, which has its orders still.

    Raises ``Conflict`` if it is connected already.
    """
    store_id, list_id = news.id or "", news.list_id or ""
    if book.audience(account_id, list_id) is None:
        raise InvalidInput.at("/list_id", f"There is no audience {list_id!r} in this account.")
    known = book.store(account_id, store_id)
    if known and known.shows_boards:
        raise _exists()
    if known:
        _check(known, news)
        return change(book, account_id, store_id, lambda store: _changed(_connected(store), news))
    plan = StorePlan(
        platform=Platform.API,
        name=news.name or "",
        currency=news.currency or "",
        time_zone=_zone(news.time_zone),
        audience_id=list_id,
        shop_domain=_domain(Platform.API, news.domain),
        id=store_id,
    )
    try:
        return connect(book, account_id, plan, now)
    except Conflict:
        raise _exists() from None


def update(book: StoreBook, account_id: str, store_id: str, news: StoreNews) -> Store:
    """Change name or domain. Raises ``NotFound``, or ``InvalidInput`` for what stays as it is.

    A time zone is left alone: a plugin sends it with every change of its settings, and it decides all the boards.
    """
    _check(existing(book, account_id, store_id), news)
    return change(book, account_id, store_id, lambda store: _changed(store, news))


def delete(book: StoreBook, account_id: str, store_id: str) -> None:
    """Disconnect a store; what it sold stays until its data is deleted in Laurel. Raises ``NotFound``."""
    existing(book, account_id, store_id)
    change(book, account_id, store_id, lambda store: replace(store, state=StoreState.DISCONNECTED))


def _connected(store: Store) -> Store:
    return store if store.shows_boards else replace(store, state=StoreState.CONNECTED)


def _changed(store: Store, news: StoreNews) -> Store:
    domain = _domain(store.platform, news.domain) or store.shop_domain
    return replace(store, name=news.name or store.name, shop_domain=domain)


def _check(store: Store, news: StoreNews) -> None:
    if news.list_id not in (None, store.audience_id):
        raise InvalidInput.at("/list_id", "A store stays in its list.")
    if news.currency not in (None, store.currency):
        raise InvalidInput.at("/currency_code", f"The store sells in {store.currency}, for good.")


def _zone(given: str | None) -> str:
    return located("/timezone", lambda: time_zone(given or _UTC))


def _domain(platform: Platform, given: str | None) -> str | None:
    """The shop's domain, if that is what was given: plugins send a site's address, whatever it is."""
    try:
        return domain_of_shop(platform, given)
    except InvalidInput:
        return None


def _exists() -> Conflict:
    return Conflict("A store with the provided ID already exists in the account.")
