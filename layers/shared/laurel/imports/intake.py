"""Record what the rows of a chunk tell, through the ways that API clients and webhooks use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from zlib import crc32
from zoneinfo import ZoneInfo

from laurel.imports.contacts import contact_of
from laurel.imports.faults import Fault, FaultyRow, faults_of
from laurel.imports.layout import Layout
from laurel.imports.orders import order_of
from laurel.imports.rows import Blank, Group
from laurel.imports.run import Counts
from laurel.ingestion.events import OrderReport
from laurel.ingestion.record import ManyFacts, OrderResult, Outcome, People, record_many_orders, remember
from laurel.model.account import Store
from laurel.model.activity import Activity
from laurel.model.contact import ConsentSource, Contact, Erased, Person, merged
from laurel.model.errors import InvalidInput
from laurel.model.identity import is_identified, mark_of
from laurel.model.order import Deletion, Order, Refund
from laurel.scoring.work import at_once

_LANES = 8
_AT_ONCE = 100
"""Orders, or people, that are looked up in one request."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_WITH_OTHERS = "Another row of the same order is wrong."
_ERASED = "This is from before the person was erased. It is not kept."


class Shapes(Protocol):
    """Reads JSON in the API's own shapes. Raises ``InvalidInput`` with pointers."""

    def order_report(self, value: Any) -> OrderReport: ...
    def contact_person(self, value: Any, seen_at: datetime, source: ConsentSource) -> Person: ...


class ManyPeople(People, Protocol):
    """Keeps contacts, and looks up many at a time; unknown ones are absent.

    ``add_all`` tells the ids of those that were unknown and are kept now.
    """

    def look_up_all(
        self, account_id: str, audience_id: str, contacts: Sequence[str]
    ) -> Mapping[str, Contact | Erased]: ...
    def add_all(self, account_id: str, audience_id: str, contacts: Sequence[Contact]) -> set[str]: ...


@dataclass(slots=True)
class Taken:
    """What became of the rows of a chunk."""

    accepted: int = 0
    unchanged: int = 0
    rejected: int = 0
    empty: int = 0
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, group: Group, faults: Sequence[Fault]) -> None:
        """Count rows that are rejected, and say of each why."""
        self.rejected += len(group.rows)
        told = {fault.row for fault in faults}
        self.faults += faults
        self.faults += [Fault(row.number, "", _WITH_OTHERS) for row in group.rows if row.number not in told]

    def count(self, group: Group, outcome: Outcome) -> None:
        """Count rows that could be read."""
        if outcome is Outcome.ACCEPTED:
            self.accepted += len(group.rows)
        elif outcome is Outcome.UNCHANGED:
            self.unchanged += len(group.rows)
        else:
            self.refuse(group, [Fault(group.number, "", _ERASED)])

    @property
    def counts(self) -> Counts:
        """The numbers."""
        return Counts(self.accepted, self.unchanged, self.rejected, self.empty)


@dataclass(frozen=True, slots=True)
class Intake:
    """Records the rows of one store's file. ``asked_at`` is when the import was asked for."""

    facts: ManyFacts
    people: ManyPeople
    shapes: Shapes
    store: Store
    layout: Layout
    asked_at: datetime

    def orders(self, found: Iterable[Group | Fault | Blank], now: datetime) -> Taken:
        """Record orders. Each is one fact, whoever else records it at the same time."""
        taken, reports = Taken(), list[tuple[Group, OrderReport]]()
        for group in _readable(found, taken):
            try:
                reports.append((group, self.shapes.order_report(self._order(group))))
            except (FaultyRow, InvalidInput) as error:
                taken.refuse(group, self._faults(error, group))
        for results in at_once(lambda lane: self._record(lane, now), _lanes_of_orders(reports)):
            for (group, _), result in results:
                if result.error:
                    taken.refuse(group, self._faults(result.error, group))
                else:
                    taken.count(group, result.outcome)
        return taken

    def contacts(self, found: Iterable[Group | Fault | Blank], now: datetime) -> Taken:
        """Make contacts of people, or refresh those they are."""
        taken, persons = Taken(), list[tuple[Group, Person, datetime]]()
        for group in _readable(found, taken):
            try:
                persons.append((group, *self._person(group)))
            except (FaultyRow, InvalidInput) as error:
                taken.refuse(group, self._faults(error, group))
        for results in at_once(lambda lane: self._remember(lane, now), _lanes_of_people(persons)):
            for (group, _, _), outcome in results:
                taken.count(group, outcome)
        return taken

    def _order(self, group: Group) -> Any:
        if self.layout.columns is None:
            return group.value
        return order_of(group, self.layout, ZoneInfo(self.store.calendar.time_zone), self.store.currency)

    def _person(self, group: Group) -> tuple[Person, datetime]:
        """A person and as of when the row says so: of what tells no time nobody knows whether it is from long ago."""
        if self.layout.columns is None:
            # A consent in JSON always says when it was given.
            person = self.shapes.contact_person(group.value, self.asked_at, ConsentSource.PERSON)
            return person, person.consent.at if person.consent else _LONG_AGO
        row = contact_of(group, self.layout, ZoneInfo(self.store.calendar.time_zone), self.asked_at)
        return self.shapes.contact_person(row.value, self.asked_at, row.source), row.told_at or _LONG_AGO

    def _faults(self, error: Exception, group: Group) -> Sequence[Fault]:
        if isinstance(error, FaultyRow):
            return error.faults
        return faults_of(error, group.number, self.layout.columns)

    def _record(
        self, lane: Sequence[tuple[Group, OrderReport]], now: datetime
    ) -> list[tuple[tuple[Group, OrderReport], OrderResult]]:
        results = list[tuple[tuple[Group, OrderReport], OrderResult]]()
        for start in range(0, len(lane), _AT_ONCE):
            some = lane[start : start + _AT_ONCE]
            reports = [report for _, report in some]
            people = Acquainted(self.people, self.store, _buyers(self.store, reports))
            people.introduce([it.person for it in reports if it.person and self.store.counts(it.order.currency)], now)
            recorded = record_many_orders(self.facts, people, self.store, reports, now)
            results += zip(some, recorded, strict=True)
        return results

    def _remember(
        self, lane: Sequence[tuple[Group, Person, datetime]], now: datetime
    ) -> list[tuple[tuple[Group, Person, datetime], Outcome]]:
        results = list[tuple[tuple[Group, Person, datetime], Outcome]]()
        account_id, audience_id = self.store.account_id, self.store.audience_id
        for start in range(0, len(lane), _AT_ONCE):
            some = lane[start : start + _AT_ONCE]
            people = Acquainted(self.people, self.store, [person.contact_id for _, person, _ in some])
            people.introduce([person for _, person, _ in some], now)
            for it in some:
                _, person, told_at = it
                kept = remember(people, self.facts, account_id, audience_id, person, now, fact_at=told_at)
                results.append((it, people.outcome(person.contact_id) if kept else Outcome.IGNORED))
        return results


def _readable(found: Iterable[Group | Fault | Blank], taken: Taken) -> Iterable[Group]:
    """The rows that say something; the others are counted."""
    for it in found:
        if isinstance(it, Blank):
            taken.empty += 1
        elif isinstance(it, Fault):
            taken.rejected += 1
            taken.faults.append(it)
        else:
            yield it


def _buyers(store: Store, reports: Sequence[OrderReport]) -> list[str]:
    """Under which ids it is kept who the buyers are, or that they were erased."""
    return [
        report.person.contact_id if report.person else mark_of(report.order.customer, store.id)
        for report in reports
        if report.person or is_identified(report.order.customer)
    ]


def _lanes_of_orders(reports: Sequence[tuple[Group, OrderReport]]) -> list[list[tuple[Group, OrderReport]]]:
    """Reports to be recorded one after the other, those of a person together, and those of an order.

    The newest of a person go first: what they say of the person stays, and the others need not write it again.
    """
    lane_of: dict[str, int] = {}
    lanes = dict[int, list[tuple[Group, OrderReport]]]()
    for group, report in reports:
        lane = lane_of.setdefault(report.order.id, crc32(report.order.customer.encode()) % _LANES)
        lanes.setdefault(lane, []).append((group, report))
    for some in lanes.values():
        some.sort(key=lambda it: it[1].person.seen_at if it[1].person else it[1].order.placed_at, reverse=True)
    return list(lanes.values())


def _lanes_of_people(persons: Sequence[tuple[Group, Person, datetime]]) -> list[list[tuple[Group, Person, datetime]]]:
    """Rows to be recorded one after the other, those of a person together."""
    lanes = dict[int, list[tuple[Group, Person, datetime]]]()
    for it in persons:
        lanes.setdefault(crc32(it[1].contact_id.encode()) % _LANES, []).append(it)
    return list(lanes.values())


class Acquainted:
    """People of whom many are looked up at once; who has been changed by others since is looked up alone.

    What was looked up may be a moment old. It does no harm: a profile is written only over the version that was seen.
    """

    def __init__(self, people: ManyPeople, store: Store, wanted: Sequence[str]) -> None:
        self._people = people
        self._store = store
        unique = list(dict.fromkeys(wanted))
        found = people.look_up_all(store.account_id, store.audience_id, unique) if unique else {}
        self._seen: dict[str, Contact | Erased | None] = {contact: found.get(contact) for contact in unique}
        self._changed = set[str]()

    def introduce(self, persons: Sequence[Person], now: datetime) -> None:
        """Write the profiles of those of whom nothing is known, many at a time; of a person the first one counts.

        Who has tags is left to ``remember``, which keeps these as activities; so is whom somebody else wrote meanwhile.
        """
        unknown = dict[str, Contact]()
        for person in persons:
            if person.contact_id not in unknown and self._seen[person.contact_id] is None and not person.tags:
                unknown[person.contact_id] = merged(None, person, now)
        if not unknown:
            return
        added = self._people.add_all(self._store.account_id, self._store.audience_id, list(unknown.values()))
        self._seen |= {id_: unknown[id_] for id_ in added}
        self._changed |= added

    def contact(self, account_id: str, audience_id: str, contact: str) -> Contact | None:
        """A contact, or None."""
        found = self.look_up(account_id, audience_id, contact)
        return None if isinstance(found, Erased) else found

    def look_up(self, account_id: str, audience_id: str, contact: str) -> Contact | Erased | None:
        """A contact or the mark of one, as it was seen or last written here."""
        if contact in self._seen:
            return self._seen[contact]
        return self._people.look_up(account_id, audience_id, contact)

    def save(self, account_id: str, audience_id: str, contact: Contact) -> bool:
        """Write the profile; False if another writer was faster."""
        self._seen.pop(contact.id, None)
        if not self._people.save(account_id, audience_id, contact):
            return False
        self._seen[contact.id] = contact
        self._changed.add(contact.id)
        return True

    def outcome(self, contact: str) -> Outcome:
        """Whether a contact was written since the last time this was asked."""
        if contact not in self._changed:
            return Outcome.UNCHANGED
        self._changed.remove(contact)
        return Outcome.ACCEPTED


class Nothing:
    """Facts and people of a dry run: whatever is told is new, and nothing is written."""

    def owners_of(self, store: Store, order_ids: Sequence[str]) -> dict[str, str]:
        """No order is known."""
        del store, order_ids
        return {}

    def record_order(self, store: Store, order: Order, owner: str | None, seen: int | None = None) -> bool:
        """Would be recorded."""
        del store, order, owner, seen
        return True

    def add_orders(self, store: Store, orders: Sequence[Order]) -> set[str]:
        """Would be kept."""
        del store
        return {order.id for order in orders}

    def record_refund(self, store: Store, refund: Refund) -> bool:
        """Would be recorded."""
        del store, refund
        return True

    def record_deletion(self, store: Store, deletion: Deletion) -> bool:
        """Would be recorded."""
        del store, deletion
        return True

    def record_activity(self, account_id: str, audience_id: str, contact: str, activity: Activity) -> bool:
        """Would be recorded."""
        del account_id, audience_id, contact, activity
        return True

    def contact(self, account_id: str, audience_id: str, contact: str) -> Contact | None:
        """Nobody is known."""
        del account_id, audience_id, contact
        return None

    def look_up(self, account_id: str, audience_id: str, contact: str) -> Contact | Erased | None:
        """Nobody is known."""
        del account_id, audience_id, contact
        return None

    def look_up_all(self, account_id: str, audience_id: str, contacts: Sequence[str]) -> Mapping[str, Contact | Erased]:
        """Nobody is known."""
        del account_id, audience_id, contacts
        return {}

    def save(self, account_id: str, audience_id: str, contact: Contact) -> bool:
        """Would be kept."""
        del account_id, audience_id, contact
        return True

    def add_all(self, account_id: str, audience_id: str, contacts: Sequence[Contact]) -> set[str]:
        """Would be kept."""
        del account_id, audience_id
        return {contact.id for contact in contacts}
