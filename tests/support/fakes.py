"""Ports of the use cases, kept in plain lists and dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from laurel.ingestion.machines import MessageTrace
from laurel.model.account import Audience, Store
from laurel.model.activity import Activity
from laurel.model.contact import Contact, ContactRef, Erased
from laurel.model.errors import NotFound
from laurel.model.order import CustomerRef, Deletion, LedgerOrder, Order, Refund
from laurel.model.ranking import Figures, Metric, RankingRow, Standing
from laurel.model.rates import Rates
from laurel.model.setaside import SetAside


@dataclass(frozen=True)
class FakePage:
    """What ``FakeBoards`` answers."""

    standings: list[Standing]
    last_key: dict[str, str] | None


class FakeBoards:
    """Boards of one period; like an index, it leaves ties of value and second in an order of its own."""

    def __init__(
        self, period: str, rows: Iterable[tuple[str, int, int, int]], hidden: frozenset[Metric] = frozenset()
    ) -> None:
        """``rows`` are customer, purchases, spent and last order; no row is on a ``hidden`` board."""
        self.period = period
        self.hidden = hidden
        self.standings = {
            customer: Standing(customer, Figures(count, spent, last), None, None)
            for customer, count, spent, last in rows
        }
        self.counts = 0

    def _ranked(self, metric: Metric) -> list[Standing]:
        return sorted(self.standings.values(), key=lambda it: (it.figures.rank_key(metric), it.customer), reverse=True)

    def top_customers(
        self, store: Store, period: str, metric: Metric, limit: int, after: dict[str, str] | None = None
    ) -> FakePage:
        del store
        ranked = self._ranked(metric) if period == self.period else []
        if after:
            key = (int(after["rank_key"]), after["customer"])
            ranked = [it for it in ranked if (it.figures.rank_key(metric), it.customer) < key]
        page = ranked[:limit]
        last = None
        if len(ranked) > limit:
            last = {"customer": page[-1].customer, "rank_key": str(page[-1].figures.rank_key(metric))}
        return FakePage(page, last)

    def neighbours(
        self, store: Store, period: str, metric: Metric, customer: Standing, count: int
    ) -> tuple[list[Standing], list[Standing]]:
        del store, period
        ranked = self._ranked(metric)
        position = ranked.index(customer)
        return ranked[max(position - count, 0) : position], ranked[position + 1 : position + 1 + count]

    def count(
        self,
        store: Store,
        period: str,
        metric: Metric,
        above: int,
        up_to: int | None = None,
        at_most: int | None = None,
    ) -> int:
        del store, period
        self.counts += 1
        values = [it.figures.value(metric) for it in self.standings.values()]
        counted = sum(above < value and (up_to is None or value <= up_to) for value in values)
        return counted if at_most is None else min(counted, at_most)

    def next_better(self, store: Store, period: str, metric: Metric, value: int) -> Standing | None:
        del store, period
        better = [it for it in self._ranked(metric) if it.figures.value(metric) > value]
        return better[-1] if better else None

    def standing(self, store: Store, period: str, customer: str) -> tuple[Standing, frozenset[Metric]] | None:
        del store
        found = self.standings.get(customer) if period == self.period else None
        return (found, frozenset(Metric) - self.hidden) if found else None


class FakeStores:
    """Stores and audiences of accounts; ``beforehand`` writers come between a read and the next save."""

    def __init__(self, *stores: Store, audiences: Sequence[Audience] = ()) -> None:
        self._stores = {(store.account_id, store.id): store for store in stores}
        self._audiences = {(it.account_id, it.id): it for it in audiences}
        self.beforehand: list[Store] = []
        self.saves = 0
        self.privacy: dict[tuple[str, str], Mapping[str, object]] = {}

    def store(self, account_id: str, store_id: str) -> Store | None:
        return self._stores.get((account_id, store_id))

    def stores(self, account_id: str) -> list[Store]:
        return [store for (account, _), store in self._stores.items() if account == account_id]

    def save_store(self, store: Store) -> bool:
        self.saves += 1
        if self.beforehand:
            other = self.beforehand.pop()
            self._stores[other.account_id, other.id] = other
        known = self._stores.get((store.account_id, store.id))
        if (known.version if known else 0) != store.version:
            return False
        self._stores[store.account_id, store.id] = replace(store, version=store.version + 1)
        return True

    def audience(self, account_id: str, audience_id: str) -> Audience | None:
        return self._audiences.get((account_id, audience_id))

    def audiences(self, account_id: str) -> list[Audience]:
        return [audience for (account, _), audience in self._audiences.items() if account == account_id]

    def record_privacy_request(self, store: Store, request_id: str, details: Mapping[str, object]) -> bool:
        known = (store.id, request_id) in self.privacy
        self.privacy.setdefault((store.id, request_id), details)
        return not known


class FakePeople:
    """Contacts of all audiences; the first ``races`` saves meet a faster writer."""

    def __init__(self, *contacts: Contact, races: int = 0) -> None:
        self.contacts = {contact.id: contact for contact in contacts}
        self.races = races
        self.saves = 0
        self.erased: dict[str, Erased] = {}

    def contact(self, account_id: str, audience_id: str, contact: str) -> Contact | None:
        del account_id, audience_id
        return self.contacts.get(contact)

    def look_up(self, account_id: str, audience_id: str, contact: str) -> Contact | Erased | None:
        return self.erased.get(contact) or self.contact(account_id, audience_id, contact)

    def save(self, account_id: str, audience_id: str, contact: Contact) -> bool:
        del account_id, audience_id
        self.saves += 1
        if self.races:
            self.races -= 1
            return False
        self.contacts[contact.id] = contact
        self.erased.pop(contact.id, None)
        return True


@dataclass
class FakeFacts:
    """Orders and activities as they were recorded; what is in ``known`` changes nothing."""

    owners: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    recorded: list[Any] = field(default_factory=list)

    def owners_of(self, store: Store, order_ids: Sequence[str]) -> dict[str, str]:
        del store
        return {id_: self.owners[id_] for id_ in order_ids if id_ in self.owners}

    def record_order(self, store: Store, order: Order, owner: str | None, seen: int | None = None) -> bool:
        del store, seen
        return self._record(order.id, (order, owner))

    def record_refund(self, store: Store, refund: Refund) -> bool:
        del store
        return self._record(refund.refund_id, refund)

    def record_deletion(self, store: Store, deletion: Deletion) -> bool:
        del store
        return self._record(deletion.order_id, deletion)

    def record_activity(self, account_id: str, audience_id: str, contact: str, activity: Activity) -> bool:
        return self._record(activity.id, (account_id, audience_id, contact, activity))

    def _record(self, id_: str, fact: Any) -> bool:
        self.recorded.append(fact)
        return id_ not in self.known


class FakeEvidence:
    """Traces of messages and what was marked, by activity id; ``unknown`` activities cannot be marked.

    ``meanwhile`` are called one by one before a sign is added.
    """

    def __init__(self, *, unknown: Iterable[str] = ()) -> None:
        self.traces: dict[tuple[ContactRef, str], MessageTrace] = {}
        self.marked: dict[str, str] = {}
        self.unknown = set(unknown)
        self.meanwhile: list[Callable[[], object]] = []
        self.calls: list[str] = []

    def trace(self, ref: ContactRef, message: str) -> MessageTrace:
        self.calls.append("trace")
        return self.traces.get((ref, message), MessageTrace())

    def add_hit(self, ref: ContactRef, message: str, activity_id: str, at: datetime) -> MessageTrace:
        return self._added("add_hit", ref, message, lambda it: replace(it, hits={**it.hits, activity_id: at}))

    def add_honeypot(self, ref: ContactRef, message: str, at: datetime) -> MessageTrace:
        return self._added("add_honeypot", ref, message, lambda it: replace(it, honeypots=(*it.honeypots, at)))

    def add_delivery(self, ref: ContactRef, message: str, at: datetime) -> MessageTrace:
        def earliest(trace: MessageTrace) -> MessageTrace:
            return replace(trace, delivered_at=min(at, trace.delivered_at or at))

        return self._added("add_delivery", ref, message, earliest)

    def mark_machine(self, ref: ContactRef, activity_id: str, reason: str, note: str | None = None) -> bool | None:
        del ref, note
        self.calls.append("mark_machine")
        if activity_id in self.unknown:
            return None
        return self.marked.setdefault(activity_id, reason) is reason

    def _added(
        self, call: str, ref: ContactRef, message: str, change: Callable[[MessageTrace], MessageTrace]
    ) -> MessageTrace:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        self.calls.append(call)
        self.traces[ref, message] = change(self.traces.get((ref, message), MessageTrace()))
        return self.traces[ref, message]


class FakeOrders:
    """A customer's orders; ``meanwhile`` gives what each further read finds instead."""

    def __init__(self, *orders: LedgerOrder, meanwhile: Iterable[Sequence[LedgerOrder]] = ()) -> None:
        self.orders: Sequence[LedgerOrder] = orders
        self._meanwhile = iter(meanwhile)
        self.reads = 0

    def orders_of(self, ref: CustomerRef) -> Iterator[LedgerOrder]:
        del ref
        if self.reads:
            self.orders = next(self._meanwhile, self.orders)
        self.reads += 1
        return iter(self.orders)

    def set_rate(self, ref: CustomerRef, order: LedgerOrder, rate: str | None) -> LedgerOrder | None:
        del ref
        written = replace(order, rate=rate, changes=order.changes + 1)
        self.orders = [written if it.id == order.id else it for it in self.orders]
        return written


class FakeRates:
    """The rates of every store."""

    def __init__(self, table: Mapping[tuple[str, str], str] | None = None) -> None:
        self.table = dict(table or {})

    def rates(self, store: Store) -> Rates:
        return Rates(self.table, store.rates_revision)


class FakeRows:
    """Ranking rows and set-aside entries, newest versions only."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], RankingRow] = {}
        self.entries: dict[tuple[str, str], SetAside] = {}
        self.looked_up = 0

    def put_row(self, store: Store, row: RankingRow) -> int | None:
        del store
        standing = self.rows.get((row.period, row.customer))
        if standing and standing.version >= row.version:
            return standing.version
        self.rows[row.period, row.customer] = row
        return None

    def put_set_aside(self, store: Store, entry: SetAside, now: datetime) -> int | None:
        del store, now
        standing = self.entries.get((entry.reason.value, entry.id))
        if standing and standing.version >= entry.version:
            return standing.version
        self.entries[entry.reason.value, entry.id] = entry
        return None

    def house_account(self, store: Store, customer: str) -> SetAside | None:
        del store
        self.looked_up += 1
        entry = self.entries.get(("house_account", customer))
        return None if entry is None or entry.resolved else entry


class FakeStoreReader:
    """The store as remembered and, when asked for a fresh look, as it is."""

    def __init__(self, remembered: Store | None, fresh: Store | None = None) -> None:
        self._remembered = remembered
        self._fresh = fresh or remembered

    def store(self, account_id: str, store_id: str, *, fresh: bool = False) -> Store:
        del account_id
        store = self._fresh if fresh else self._remembered
        if store is None:
            raise NotFound("store", store_id)
        return store
