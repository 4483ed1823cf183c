"""Connect, change and disconnect stores."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from laurel.ingestion.signatures import fault_of_secret, new_secret
from laurel.model.account import HOUSE_ACCOUNT_ORDERS, Audience, Platform, Store, StoreState, WebhookSecret
from laurel.model.errors import Busy, Conflict, InvalidInput, NotFound, StoreDisconnected, StorePaused, located
from laurel.model.identity import new_id
from laurel.model.money import currency
from laurel.model.period import Calendar, time_zone
from laurel.model.rates import Rates
from laurel.workspace.counting import counted_anew, with_rates

ROTATION = timedelta(hours=24)
_MOST_REPLACED = 10
_ATTEMPTS = 8
_AROUND_DOMAIN = re.compile(r"^[a-z]+://|[:/?#].*$", re.DOTALL)
_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)+")
_SHOPIFY_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")

Change = Callable[[Store], Store]


class StoreBook(Protocol):
    """Keeps stores and audiences; ``save_store`` returns False if another writer was faster."""

    def store(self, account_id: str, store_id: str) -> Store | None: ...
    def save_store(self, store: Store) -> bool: ...
    def audience(self, account_id: str, audience_id: str) -> Audience | None: ...
    def audiences(self, account_id: str) -> list[Audience]: ...


class RateShelf(Protocol):
    """Keeps tables of rates; ``save`` returns False if another writer of the store was faster."""

    def rates(self, store: Store) -> Rates: ...
    def save(self, store: Store, rates: Rates) -> bool: ...


@dataclass(frozen=True, slots=True)
class StorePlan:
    """What a merchant says when connecting a store. ``secret`` is given where the platform dictates it.

    ``id`` is given where a shop's own client names its store.
    """

    platform: Platform
    name: str
    currency: str
    time_zone: str
    first_day_of_week: int = 1
    minimum_purchases: int = 1
    house_account_orders: int = HOUSE_ACCOUNT_ORDERS
    audience_id: str | None = None
    secret: str | None = None
    shop_domain: str | None = None
    id: str | None = None


def connect(book: StoreBook, account_id: str, plan: StorePlan, now: datetime) -> Store:
    """Connect a store; its one secret is in the answer and nowhere else afterwards.

    Raises ``InvalidInput`` for an unknown currency, time zone or audience, and for a secret or domain of no use.
    """
    store = Store(
        account_id=account_id,
        id=plan.id or new_id(),
        audience_id=_audience_id(book, account_id, plan.audience_id),
        platform=plan.platform,
        name=plan.name,
        currency=located("/currency", lambda: currency(plan.currency)),
        calendar=Calendar(located("/time_zone", lambda: time_zone(plan.time_zone)), plan.first_day_of_week),
        minimum_purchases=plan.minimum_purchases,
        house_account_orders=plan.house_account_orders,
        calendar_revision=1,
        state=StoreState.CONNECTED,
        secrets=_first_secret(plan),
        cursor_key=secrets.token_hex(32),
        created_at=now,
        shop_domain=domain_of_shop(plan.platform, plan.shop_domain),
    )
    if not book.save_store(store):
        raise Conflict(f"Store {store.id!r} exists already.")
    return store


def change(book: StoreBook, account_id: str, store_id: str, changed: Change) -> Store:
    """Apply a change to the store as it stands; repeats it if another writer was faster. Raises ``NotFound``."""
    for _ in range(_ATTEMPTS):
        store = existing(book, account_id, store_id)
        wanted = changed(store)
        if wanted == store or book.save_store(wanted):
            return wanted
    raise Busy(f"Store {store_id!r}")


def declare(book: StoreBook, tables: RateShelf, account_id: str, store_id: str, rates: Rates, job: str) -> Store:
    """Give the store another table of rates, and the rebuild that it needs, under that id.

    The table that it has already changes nothing. Raises ``NotFound``.
    """
    for _ in range(_ATTEMPTS):
        store = existing(book, account_id, store_id)
        if tables.rates(store).table == rates.table:
            return store
        wanted, table = with_rates(store, rates, job)
        if tables.save(wanted, table):
            return wanted
    raise Busy(f"Store {store_id!r}")


def edited(store: Store, changes: Mapping[str, Any], job: str) -> Store:
    """The store with some of its fields replaced, and with a rebuild, under that id, if they need one.

    ``time_zone`` and ``first_day_of_week`` make another calendar. Raises ``InvalidInput`` for a domain of no use or an
    unknown time zone, and ``Conflict`` if the store has had too many calendars.
    """
    wanted = dict(changes)
    if "shop_domain" in wanted:
        wanted["shop_domain"] = domain_of_shop(store.platform, wanted["shop_domain"])
    zone = wanted.pop("time_zone", store.calendar.time_zone)
    first_day = wanted.pop("first_day_of_week", store.calendar.first_day_of_week)
    calendar = Calendar(located("/time_zone", lambda: time_zone(zone)), first_day)
    return counted_anew(store, replace(store, calendar=calendar, **wanted), job)


def rotated(store: Store, secret: str | None, now: datetime) -> Store:
    """The store with a new secret, the one before valid for another ``ROTATION``, and those before for what they have.

    Raises ``InvalidInput`` for a given secret of no use and ``Conflict`` where there are no webhooks.
    """
    if store.platform is Platform.API:
        raise Conflict("A store of platform 'api' takes no webhooks and has no secret.")
    previous = [WebhookSecret(kept.value, now + ROTATION) for kept in store.secrets[:1]]
    previous += [kept for kept in store.secrets[1:] if kept.expires_at and now < kept.expires_at]
    return replace(store, secrets=(_secret(store.platform, secret), *previous[:_MOST_REPLACED]))


def require_open(store: Store) -> None:
    """Raise ``StorePaused`` or ``StoreDisconnected`` unless the store takes orders."""
    if store.state is StoreState.PAUSED:
        raise StorePaused(store.id)
    if not store.is_connected:
        raise StoreDisconnected(store.id)


def existing(book: StoreBook, account_id: str, store_id: str) -> Store:
    """The store, or ``NotFound``."""
    store = book.store(account_id, store_id)
    if store is None:
        raise NotFound("store", store_id)
    return store


def _first_secret(plan: StorePlan) -> tuple[WebhookSecret, ...]:
    if plan.platform is Platform.API:
        if plan.secret:
            raise InvalidInput.at("/secret", "A store of platform 'api' takes no webhooks and needs no secret.")
        return ()
    return (_secret(plan.platform, plan.secret),)


def _secret(platform: Platform, given: str | None) -> WebhookSecret:
    if given and (fault := fault_of_secret(platform, given)):
        raise InvalidInput.at("/secret", fault)
    return WebhookSecret(given or new_secret(platform))


def domain_of_shop(platform: Platform, given: str | None) -> str | None:
    """A domain as deliveries name it: in lower case, without scheme, path, port or final dot."""
    if given is None:
        return None
    domain = _AROUND_DOMAIN.sub("", given.strip().lower()).rstrip(".")
    if platform is Platform.SHOPIFY and not _SHOPIFY_DOMAIN.fullmatch(domain):
        detail = "This must be the domain that Shopify gave the shop, such as example.myshopify.com."
        raise InvalidInput.at("/shop_domain", detail)
    if not _DOMAIN.fullmatch(domain):
        raise InvalidInput.at("/shop_domain", "This must be a domain, such as shop.example.com.")
    return domain


def _audience_id(book: StoreBook, account_id: str, wanted: str | None) -> str:
    if wanted is not None:
        if book.audience(account_id, wanted) is None:
            raise InvalidInput.at("/audience_id", f"There is no audience {wanted!r} in this account.")
        return wanted
    audiences = book.audiences(account_id)
    if len(audiences) != 1:
        raise InvalidInput.at("/audience_id", f"The account has {len(audiences)} audiences; say which one.")
    return audiences[0].id
