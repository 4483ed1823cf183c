"""Projection: recompute the rows of a customer whose orders changed.

Duplicated, reordered or replayed changes are harmless: every projection reads all of the customer's orders and writes
under their version, so the one triggered by the last change reads them all, has the highest version, and wins.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from laurel.leaderboard.rows import (
    calendar_revision_of,
    correction_of,
    empty_row,
    periods_touched,
    rate_for,
    rows_of,
    set_aside_entries,
    version_of,
)
from laurel.model.account import Store
from laurel.model.correction import OrderEffect
from laurel.model.identity import is_identified
from laurel.model.order import CustomerRef, LedgerOrder, OrderChange
from laurel.model.privacy import StoreErased
from laurel.model.ranking import RankingRow
from laurel.model.rates import Rates
from laurel.model.rebuild import Rebuild
from laurel.model.setaside import SetAside, SetAsideReason

_READS = 8
_SMALL = 250
_EVERYTHING = Rebuild("", everything=True)


class Orders(Protocol):
    """Reads a customer's orders, strongly consistent, lazily; keeps the rate that an order counts by.

    ``set_rate`` returns the order as it is then, or None if somebody else wrote it since it was read.
    """

    def orders_of(self, ref: CustomerRef) -> Iterator[LedgerOrder]: ...
    def set_rate(self, ref: CustomerRef, order: LedgerOrder, rate: str | None) -> LedgerOrder | None: ...


class Rows(Protocol):
    """Writes rows that are newer than what stands; returns the version in the way, or None if written."""

    def put_row(self, store: Store, row: RankingRow) -> int | None: ...
    def put_set_aside(self, store: Store, entry: SetAside, now: datetime) -> int | None: ...
    def house_account(self, store: Store, customer: str) -> SetAside | None: ...


class CorrectionBook(Protocol):
    """Keeps what changes of orders did to figures, each once by the order's number of changes."""

    def keep(self, ref: CustomerRef, effect: OrderEffect, changes: int) -> None: ...


class Stores(Protocol):
    """Knows stores; ``fresh`` bypasses what is remembered. Raises ``NotFound``."""

    def store(self, account_id: str, store_id: str, *, fresh: bool = False) -> Store: ...


class RateTables(Protocol):
    """Knows the rates that a store has declared: those it says it has, or newer ones."""

    def rates(self, store: Store) -> Rates: ...


class Unsettled(Exception):
    """The customer's orders changed during every read; the projection may be repeated."""


class _SetAsideForGood(Exception):
    """The customer is a house account."""

    def __init__(self, house: SetAside) -> None:
        super().__init__(house.customer)
        self.house = house


@dataclass(frozen=True, slots=True)
class Projection:
    """What a projection did.

    Rows written, rows that were newer already, whether the customer is a house account, how many orders were read, how
    many of them got another rate, and the store's calendar revision that all this was done under.
    """

    written: int
    outrun: int
    house_account: bool = False
    orders: int = 0
    converted: int = 0
    calendar_revision: int = 0


@dataclass(frozen=True, slots=True)
class Projector:
    """Projects one customer at a time; safe to share between threads if its ports are.

    ``corrections`` are for who is told of each change once it was made; who projects again needs none.
    """

    orders: Orders
    rows: Rows
    stores: Stores
    rates: RateTables
    corrections: CorrectionBook | None = None

    def project(
        self, ref: CustomerRef, changes: Collection[OrderChange] | None, now: datetime, scope: Rebuild = _EVERYTHING
    ) -> Projection:
        """Bring the rows that the changes touch up to date; without changes, all of the customer's within ``scope``.

        Of a store that was erased there is nothing to project. Raises ``NotFound`` for an unknown one and ``Unsettled``
        if orders or calendar never stood still.
        """
        for attempt in range(_READS):
            try:
                store = self.stores.store(ref.account_id, ref.store_id, fresh=attempt > 0)
            except StoreErased:
                return Projection(0, 0)
            result, calendar_revision = self._project(store, ref, changes, now, scope)
            if calendar_revision <= store.calendar_revision:
                return result
        raise Unsettled(ref.customer)

    def _project(
        self, store: Store, ref: CustomerRef, changes: Collection[OrderChange] | None, now: datetime, scope: Rebuild
    ) -> tuple[Projection, int]:
        """The projection, and the highest calendar revision it met."""
        revision = store.calendar_revision
        try:
            first, house = self._first_read(store, ref)
        except _SetAsideForGood as still:
            self._keep_set_aside(store, still.house, changes or (), now)
            return Projection(0, 0, house_account=True, orders=_SMALL, calendar_revision=revision), revision
        settled = self._settled(ref, first, changes or ())
        orders, conversions = self._at_their_rates(store, ref, settled)
        over_limit = sum(not order.is_erased for order in orders.values()) > store.house_account_orders
        foreign = [order.placed_at for order in orders.values() if order.currency != store.currency]
        instants = [instant for change in (*(changes or ()), *conversions) for instant in change.placed_at]
        if changes is None or over_limit or house:
            instants += [order.placed_at for order in orders.values()]
        touched = periods_touched(store, instants)
        ranked = is_identified(ref.customer)
        rows = rows_of(store, ref.customer, orders.values(), touched, ranked=not over_limit) if ranked else []
        if changes is None:
            converted = periods_touched(store, foreign) if scope.rates else set()
            rows = [row for row in rows if scope.concerns(row.figures.orders_count) or row.period in converted]
        standing = [self.rows.put_row(store, row) for row in rows]
        if self.corrections and ranked and not over_limit:
            self._keep_corrections(self.corrections, store, ref, orders, changes or ())
        if changes is None:
            told = orders.values() if scope.everything else ()
            changes = [OrderChange(order, order) for order in told]
        for entry in self._entries(store, ref, orders, (*changes, *conversions), over_limit=over_limit, house=house):
            self.rows.put_set_aside(store, entry, now)
        outrun = [version for version in standing if version is not None]
        met = max((calendar_revision_of(version) for version in outrun), default=revision)
        written = len(rows) - len(outrun)
        return Projection(written, len(outrun), over_limit, len(orders), len(conversions), revision), met

    def _first_read(self, store: Store, ref: CustomerRef) -> tuple[dict[str, LedgerOrder], SetAside | None]:
        """Orders by id, and the customer's house account entry if there is one; small customers are not looked up.

        Raises ``_SetAsideForGood``, without reading on, for a house account whose limit has not been raised since.
        """
        seen: dict[str, LedgerOrder] = {}
        house = None
        many = min(_SMALL, store.least_house_account_orders)
        standing = 0
        for order in self.orders.orders_of(ref):
            seen[order.id] = order
            standing += not order.is_erased
            if standing == many and not order.is_erased:
                house = self.rows.house_account(store, ref.customer)
                if house and house.orders_limit and store.house_account_orders <= house.orders_limit:
                    raise _SetAsideForGood(house)
        if standing < many <= len(seen):
            house = self.rows.house_account(store, ref.customer)
        return seen, house

    def _keep_set_aside(self, store: Store, house: SetAside, changes: Collection[OrderChange], now: datetime) -> None:
        """What changes of a house account's orders still need: no row in a period they left, and their own entries."""
        left = [it.before.placed_at for it in changes if it.before and it.before.placed_at != it.after.placed_at]
        for period in sorted(periods_touched(store, left)):
            self.rows.put_row(store, empty_row(period, house.customer, house.version))
        for change in changes:
            for entry in set_aside_entries(store, change.before, change.after):
                self.rows.put_set_aside(store, entry, now)

    def _settled(
        self, ref: CustomerRef, seen: dict[str, LedgerOrder], changes: Collection[OrderChange]
    ) -> dict[str, LedgerOrder]:
        """Orders read until two reads agree, because a Query is not a snapshot.

        Nothing but what the changes tell was so before the read began, and needs no second one.
        """
        told = _changes({it.after.id: it.after for it in sorted(changes, key=lambda it: it.after.changes)})
        for _ in range(_READS):
            if _changes(seen).items() <= told.items():
                return seen
            again = {order.id: order for order in self.orders.orders_of(ref)}
            if _changes(again) == _changes(seen):
                return again
            seen = again
        raise Unsettled(ref.customer)

    def _at_their_rates(
        self, store: Store, ref: CustomerRef, orders: dict[str, LedgerOrder]
    ) -> tuple[dict[str, LedgerOrder], list[OrderChange]]:
        """Orders with the rates that they count by, and what was changed for that; read again until two reads agree."""
        conversions: list[OrderChange] = []
        for _ in range(_READS):
            foreign = [order for order in orders.values() if order.currency != store.currency]
            if not foreign or (not store.rates_revision and all(order.rate is None for order in foreign)):
                return orders, conversions
            rates = self.rates.rates(store)
            wanted = {order.id: rate_for(store, rates, order) for order in foreign}
            wrong = [order for order in foreign if order.rate != wanted[order.id]]
            if not wrong:
                return orders, conversions
            kept = ((order, self.orders.set_rate(ref, order, wanted[order.id])) for order in wrong)
            written = [OrderChange(before, after) for before, after in kept if after]
            conversions += written
            orders = self._settled(ref, orders | {it.after.id: it.after for it in written}, ())
        raise Unsettled(ref.customer)

    @staticmethod
    def _keep_corrections(
        book: CorrectionBook,
        store: Store,
        ref: CustomerRef,
        orders: Mapping[str, LedgerOrder],
        changes: Iterable[OrderChange],
    ) -> None:
        """Keep what the changes did; nothing of an order that was erased since."""
        for change in changes:
            order = orders.get(change.after.id)
            if order and not order.is_erased and (effect := correction_of(store, change)):
                book.keep(ref, effect, change.after.changes)

    @staticmethod
    def _entries(
        store: Store,
        ref: CustomerRef,
        orders: dict[str, LedgerOrder],
        changes: Iterable[OrderChange],
        *,
        over_limit: bool,
        house: SetAside | None,
    ) -> Iterator[SetAside]:
        for change in changes:
            if order := orders.get(change.after.id):
                yield from set_aside_entries(store, change.before, order)
        if over_limit or house:
            yield SetAside(
                reason=SetAsideReason.HOUSE_ACCOUNT,
                id=ref.customer,
                customer=ref.customer,
                version=version_of(store, orders.values()),
                resolved=not over_limit,
                orders_limit=store.house_account_orders,
            )


def _changes(orders: dict[str, LedgerOrder]) -> dict[str, int]:
    return {id_: order.changes for id_, order in orders.items()}
