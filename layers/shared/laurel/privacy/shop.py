"""Forget a store: its orders, boards and settings, and whoever was known from nowhere else.

Before a page of anything is removed it is counted, and how far the page goes (``counted``) is kept with the counts.

The store is closed first. From then on nobody takes its facts or projects them, so that its items can be removed and
need no marks; who had begun before that is outlasted by doing all a second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from laurel.model.account import Store
from laurel.model.contact import ContactRef
from laurel.model.identity import is_contact
from laurel.model.order import CustomerRef
from laurel.model.privacy import Erasure, added
from laurel.privacy.mentions import looking_for
from laurel.privacy.person import Forgetter, Kept, Key
from laurel.privacy.person import Traces as PersonTraces

_PAGE = 100
_DAY = timedelta(days=1)
_YEARS = 50
_BOARDS = 100
_BEGINNING: dict[str, Any] = {
    "stage": "customers",
    "counted": None,
    "first": None,
    "last": None,
    "board": 0,
    "in_use": False,
}


class Shops(Protocol):
    """Closes stores for good, and knows what they were."""

    def close_store(self, account_id: str, store_id: str) -> Store | None: ...


class Shelves(Protocol):
    """Finds and removes what is kept of a store."""

    def owners(self, store: Store, at_most: int) -> list[tuple[str, Key]]: ...
    def facts_of_store(self, ref: CustomerRef) -> list[tuple[str, Kept]]: ...
    def has_other_orders(self, ref: CustomerRef) -> bool: ...
    def rest_of_store(self, store: Store, at_most: int) -> list[tuple[str, Key]]: ...
    def rows(self, store: Store, period: str, at_most: int) -> list[tuple[str, Key]]: ...
    def remove(self, items: Iterable[tuple[str, Key]]) -> None: ...
    def remove_facts(self, keys_: Iterable[Key]) -> None: ...


class Traces(PersonTraces, Protocol):
    """Finds and removes what Workspace holds of a store beside the store itself."""

    def belongings(self, store: Store) -> list[Key]: ...


class Credentials(Protocol):
    """Forgets what a store's shop was read with."""

    def forget(self, account_id: str, store_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class ShopForgetter:
    """Forgets one store, step by step: customers, what is left of its facts, its boards, what speaks of it."""

    shops: Shops
    shelves: Shelves
    traces: Traces
    people: Forgetter
    credentials: Credentials

    def step(self, erasure: Erasure, now: datetime) -> tuple[Erasure, bool]:
        """The erasure after a step, and whether it was the last one.

        Then its place says between which times orders were placed, and whether jobs under way hold somebody.
        """
        store = self.shops.close_store(erasure.account_id, erasure.store_id or "")
        if store is None:
            return erasure, True
        place = _BEGINNING | dict(erasure.place or {})
        stages = {
            "customers": self._customers,
            "facts": self._facts,
            "years": self._years,
            "boards": self._boards,
            "elsewhere": self._elsewhere,
        }
        counts, following = stages[place["stage"]](store, erasure, place, now)
        finished = following is None
        left = {name: place[name] for name in ("first", "last", "in_use")}
        return replace(erasure, removed=added(erasure.removed, counts), place=following or left), finished

    def _customers(self, store: Store, erasure: Erasure, place: dict[str, Any], now: datetime) -> _Step:
        """Count a page of orders and those who placed them, and note when; then remove them, locators last."""
        owners = self.shelves.owners(store, _PAGE)
        if not owners:
            return {}, {**place, "stage": "facts", "counted": None}
        if place["counted"]:
            owners = [(owner, key) for owner, key in owners if key["sk"]["S"] <= place["counted"]]
        until = erasure.created_at if erasure.settled_at else None
        counts: Counter[str] = Counter()
        forgotten: list[str] = []
        for customer in sorted({owner for owner, _ in owners}):
            ref = CustomerRef(store.account_id, store.audience_id, store.id, customer)
            facts = self.shelves.facts_of_store(ref)
            person = ContactRef(ref.account_id, ref.audience_id, customer)
            found = None
            if is_contact(customer) and not self.shelves.has_other_orders(ref):
                found = self.people.find(person, [], until, elsewhere=False)
                forgotten.append(customer)
            if place["counted"]:
                if found:
                    self.people.forget(person, found, erasure.created_at, now, until)
                self.shelves.remove_facts({"pk": item["pk"], "sk": item["sk"]} for _, item in facts)
            else:
                counts.update(kind for kind, _ in facts if kind == "orders" or not found)
                counts.update(found.counts if found else {})
                place = _widened(place, [item for _, item in facts])
        mentions = looking_for(forgotten)
        named = looking_for(forgotten, words=forgotten)
        answers = self.traces.answers(store.account_id, named) if forgotten else []
        jobs, in_use = self.traces.jobs(store.account_id, store.audience_id, mentions) if forgotten else ([], False)
        place["in_use"] = place["in_use"] or in_use
        if place["counted"]:
            self.traces.remove(answers)
            self.traces.scrub_jobs(jobs, mentions)
            self.shelves.remove_facts(key for _, key in owners)
        else:
            counts.update({"kept_answers": len(answers), "job_results": len(jobs)})
        return counts, {**place, "counted": None if place["counted"] else owners[-1][1]["sk"]["S"]}

    def _facts(self, store: Store, erasure: Erasure, place: dict[str, Any], now: datetime) -> _Step:
        """What is left in the store's own partition."""
        del erasure, now
        rest = self.shelves.rest_of_store(store, _PAGE)
        if not rest:
            return {}, {**place, "stage": "years", "counted": None}
        if place["counted"]:
            self.shelves.remove_facts(key for _, key in rest if key["sk"]["S"] <= place["counted"])
            return {}, {**place, "counted": None}
        return Counter(kind for kind, _ in rest), {**place, "counted": rest[-1][1]["sk"]["S"]}

    def _years(self, store: Store, erasure: Erasure, place: dict[str, Any], now: datetime) -> _Step:
        """Take in the years in which orders stood once, and stand no more: they have empty rows."""
        del erasure
        around = [place["first"], place["last"], int(now.timestamp())]
        years = [datetime.fromtimestamp(time, UTC).year for time in around if time is not None]
        for year in range(max(min(years) - _YEARS, 1970), max(years) + 2):
            if self.shelves.rows(store, str(year), 1):
                first, end = (int(datetime(it, 1, 1, tzinfo=UTC).timestamp()) for it in (year, year + 1))
                place = _taken_in(place, [first, end])
        return {}, {**place, "stage": "boards", "counted": None}

    def _boards(self, store: Store, erasure: Erasure, place: dict[str, Any], now: datetime) -> _Step:
        """Rows of the next board that has any; of so many boards at most."""
        del erasure, now
        boards = [*BESIDE_PERIODS, *_periods(store, place["first"], place["last"])]
        at = place["board"]
        for board in boards[at : at + _BOARDS]:
            if rows := self.shelves.rows(store, board, _PAGE):
                if place["counted"] and at == place["board"]:
                    self.shelves.remove(row for row in rows if row[1]["sk"]["S"] <= place["counted"])
                    return {}, {**place, "counted": None}
                return {"ranking_rows": len(rows)}, {**place, "board": at, "counted": rows[-1][1]["sk"]["S"]}
            at += 1
        stage = "boards" if at < len(boards) else "elsewhere"
        return {}, {**place, "stage": stage, "board": at, "counted": None}

    def _elsewhere(self, store: Store, erasure: Erasure, place: dict[str, Any], now: datetime) -> _Step:
        """Credentials, settings, requests and kept answers."""
        del erasure, now
        answers = self.traces.answers(store.account_id, looking_for((), words=[store.id]))
        if not place["counted"]:
            return {"kept_answers": len(answers)}, {**place, "counted": "answers"}
        self.credentials.forget(store.account_id, store.id)
        self.traces.remove([*answers, *self.traces.belongings(store)])
        return {}, None


BESIDE_PERIODS = ("set-aside", "rebuilt")
"""What a store has in Rankings beside its periods."""

type _Step = tuple[dict[str, int] | Counter[str], dict[str, Any] | None]


def _periods(store: Store, first: int | None, last: int | None) -> list[str]:
    """Ids of all periods between two epoch seconds, under every calendar that the store ever had."""
    if first is None or last is None:
        return []
    day, end = datetime.fromtimestamp(first, UTC) - _DAY, datetime.fromtimestamp(last, UTC) + _DAY
    found: set[str] = set()
    while day <= end:
        for calendar in store.calendars:
            found.update(calendar.periods_of(day))
        day += _DAY
    return sorted(found)


def _widened(place: dict[str, Any], items: Iterable[Kept]) -> dict[str, Any]:
    """The place with the times of these orders among its own."""
    return _taken_in(place, [int(item["placed_at"]["N"]) for item in items if "placed_at" in item])


def _taken_in(place: dict[str, Any], times: list[int]) -> dict[str, Any]:
    known = [time for time in (place["first"], place["last"], *times) if time is not None]
    return {**place, "first": min(known, default=None), "last": max(known, default=None)}
