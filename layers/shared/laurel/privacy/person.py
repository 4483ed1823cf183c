"""Forget a person: find what is kept of them, count it, and take it out of every table.

Whatever has been read of somebody must not be written once they are forgotten. Three things see to that. An order stays
as an item of its id and time, marked as erased, which no delivery writes any more, and whose versions go on growing, so
that no late projection has the last word. In place of the profile stays a mark, by which facts from before are known as
such. And all is done a second time after ``SETTLING``, for those who had begun to write and had not written yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from laurel.leaderboard.project import Projection
from laurel.leaderboard.rows import periods_touched
from laurel.model.account import Store
from laurel.model.contact import ContactRef, full_name
from laurel.model.errors import Busy
from laurel.model.identity import is_contact, is_identified, mark_of
from laurel.model.order import CustomerRef, OrderChange
from laurel.privacy.mentions import Mentions, looking_for

_ATTEMPTS = 12

type Key = dict[str, Any]
type Kept = dict[str, Any]
"""An item as it is stored."""


class People(Protocol):
    """Finds and removes what is kept of a person. With ``until`` only what happened up to then is meant."""

    def profile(self, ref: ContactRef) -> Kept | None: ...
    def mark(self, ref: ContactRef, at: datetime) -> None: ...
    def is_marked(self, ref: ContactRef, at: datetime) -> bool: ...
    def orders(self, ref: CustomerRef, until: datetime | None) -> list[Kept]: ...
    def erased_orders(self, ref: CustomerRef) -> list[OrderChange]: ...
    def erase_orders(self, orders: Iterable[Kept], at: datetime) -> list[OrderChange]: ...
    def others(self, ref: ContactRef, until: datetime | None) -> list[tuple[str, str, Key]]: ...
    def shop_customer_locators(self, ref: ContactRef, others: Iterable[tuple[str, str, Key]]) -> list[Key]: ...
    def unreadable(self, store: Store, mentions: Mentions) -> list[Key]: ...
    def remove(self, items: Iterable[tuple[str, Key]]) -> None: ...
    def remove_facts(self, keys_: Iterable[Key]) -> None: ...


class Traces(Protocol):
    """Finds and removes what speaks of a person elsewhere."""

    def answers(self, account_id: str, mentions: Mentions) -> list[Key]: ...
    def alerts(self, account_id: str, audience_id: str, store_ids: Sequence[str], customer: str) -> list[Key]: ...
    def suppressed(self, account_id: str, contact: str) -> bool: ...
    def forget_suppressed(self, account_id: str, contact: str) -> None: ...
    def jobs(self, account_id: str, audience_id: str, mentions: Mentions) -> tuple[list[Kept], bool]: ...
    def scrub_jobs(self, jobs: list[Kept], mentions: Mentions) -> None: ...
    def remove(self, found: list[Key]) -> None: ...


class Projector(Protocol):
    """Brings a customer's ranking rows up to date."""

    def project(self, ref: CustomerRef, changes: Collection[OrderChange] | None, now: datetime) -> Projection: ...


@dataclass(frozen=True, slots=True)
class Found:
    """All that is to be removed of one customer. ``in_use`` tells that a job under way holds something, too."""

    customer: str
    stores: Sequence[Store]
    profile: bool
    orders: Mapping[str, list[Kept]]
    others: list[tuple[str, str, Key]]
    unreadable: list[Key]
    answers: list[Key]
    alerts: list[Key]
    jobs: list[Kept]
    suppressed: bool
    mentions: Mentions
    in_use: bool

    @property
    def counts(self) -> dict[str, int]:
        """How many things of each kind there are."""
        counted = Counter(kind for _, kind, _ in self.others)
        for store in self.stores:
            orders = self.orders[store.id]
            counted["orders"] += len(orders)
            if is_identified(self.customer):
                counted["ranking_rows"] += len(periods_touched(store, [_placed_at(order) for order in orders]))
        counted["profiles"] += self.profile
        counted["unreadable_deliveries"] += len(self.unreadable)
        counted["kept_answers"] += len(self.answers)
        counted["alerts"] += len(self.alerts)
        counted["job_results"] += len(self.jobs)
        counted["suppressed_addresses"] += self.suppressed
        return {kind: count for kind, count in sorted(counted.items()) if count}


@dataclass(frozen=True, slots=True)
class Forgetter:
    """Forgets one customer at a time: first ``find``, then ``forget`` what was found. Both may be repeated."""

    people: People
    traces: Traces
    projector: Projector

    def find(
        self, audience: ContactRef, stores: Sequence[Store], until: datetime | None, *, elsewhere: bool = True
    ) -> Found:
        """Everything that is kept of a customer (the ``contact`` of the reference), in these stores of the audience.

        Who is known by an id of a shop's own is not looked for outside of the stores. Without ``elsewhere`` kept
        answers and jobs are left to whoever asks for many at once.
        """
        customer = audience.contact
        orders = {store.id: self.people.orders(_at(audience, store), until) for store in stores}
        contact = is_contact(customer)
        profile = self.people.profile(audience) if contact else None
        known = profile is not None and not (until and self.people.is_marked(audience, until))
        names = [_name(profile)] if profile and known else []
        addresses = [_text(profile, "email")] if profile and known else []
        for kept in orders.values():
            names += [_text(order, "name") for order in kept]
            addresses += [_text(order, "email") for order in kept]
        ids = [customer] if contact else []
        mentions = looking_for(ids)
        by_name = looking_for(ids, names, {address for address in addresses if address})
        elsewhere = elsewhere and contact
        jobs, in_use = (
            self.traces.jobs(audience.account_id, audience.audience_id, mentions) if elsewhere else ([], False)
        )
        return Found(
            customer=customer,
            stores=stores,
            profile=known,
            orders=orders,
            others=self._others(audience, stores, until),
            unreadable=[key for store in stores for key in self.people.unreadable(store, by_name)],
            answers=self.traces.answers(audience.account_id, looking_for(ids, words=ids)) if elsewhere else [],
            alerts=self.traces.alerts(
                audience.account_id, audience.audience_id, [store.id for store in stores], customer
            ),
            jobs=jobs,
            suppressed=contact and self.traces.suppressed(audience.account_id, customer),
            mentions=mentions,
            in_use=in_use,
        )

    def forget(
        self, audience: ContactRef, found: Found, at: datetime, now: datetime, until: datetime | None = None
    ) -> None:
        """Remove what was found, and leave a mark of the time ``at``. Raises ``Busy`` if orders never stand still."""
        # First of all what is found by a name, for the name will be gone.
        self.people.remove_facts(found.unreadable)
        for mark in self._marks(audience, found.stores):
            self.people.mark(mark, at)
        for store in found.stores:
            ref = _at(audience, store)
            before = self.people.erased_orders(ref)
            changes = self._erase_orders(ref, found.orders[store.id], at, until)
            if before or changes:
                self.projector.project(ref, [*before, *changes], now)
        self.people.remove_facts(self.people.shop_customer_locators(audience, found.others))
        self.people.remove((table, key) for table, _, key in found.others)
        self.traces.remove([*found.answers, *found.alerts])
        if found.suppressed:
            self.traces.forget_suppressed(audience.account_id, found.customer)
        self.traces.scrub_jobs(found.jobs, found.mentions)

    def _erase_orders(
        self, ref: CustomerRef, orders: list[Kept], at: datetime, until: datetime | None
    ) -> list[OrderChange]:
        changes: list[OrderChange] = []
        for _ in range(_ATTEMPTS):
            changes += self.people.erase_orders(orders, at)
            orders = self.people.orders(ref, until)
            if not orders:
                return changes
        raise Busy(f"Customer {ref.customer!r}")

    def _others(
        self, audience: ContactRef, stores: Sequence[Store], until: datetime | None
    ) -> list[tuple[str, str, Key]]:
        """All other items; of who is known by a shop's own id only those of the shop."""
        others = self.people.others(audience, until)
        if is_contact(audience.contact):
            return others
        ids = {store.id for store in stores}
        return [it for it in others if _store_of(it[2]) in ids]

    @staticmethod
    def _marks(audience: ContactRef, stores: Sequence[Store]) -> list[ContactRef]:
        if not is_identified(audience.contact):
            return []
        ids = {mark_of(audience.contact, store.id) for store in stores}
        if is_contact(audience.contact):
            ids = {audience.contact}
        return [ContactRef(audience.account_id, audience.audience_id, id_) for id_ in sorted(ids)]


def _at(audience: ContactRef, store: Store) -> CustomerRef:
    return CustomerRef(audience.account_id, audience.audience_id, store.id, audience.contact)


def _text(item: Kept, name: str) -> str | None:
    return item[name]["S"] if name in item else None


def _name(profile: Kept) -> str | None:
    return full_name(_text(profile, "first_name"), _text(profile, "last_name"))


def _placed_at(order: Kept) -> int | None:
    return int(order["placed_at"]["N"]) if "placed_at" in order else None


def _store_of(key: Key) -> str:
    """The store that an item of a person is about, by its key; of those that are of no store something else."""
    return str(key["sk"]["S"]).split("#")[1]
