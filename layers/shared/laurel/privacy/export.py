"""Everything that is kept of one person, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from laurel.model.account import Store
from laurel.model.contact import ContactRef
from laurel.model.identity import is_contact

LARGEST_PAGE = 2_000_000
"""Characters of a page's items as they are stored; an answer may have six megabytes."""
_MOST_ITEMS = 1_000


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that is kept. ``position`` is where to go on after it; ``size`` is about how long it is."""

    kind: str
    id: tuple[str, ...]
    values: Mapping[str, Any]
    position: Mapping[str, str]
    size: int


@dataclass(frozen=True, slots=True)
class ExportPage:
    """Some of what is kept; without a ``position`` to go on from it is the last of it."""

    records: list[Record]
    position: Mapping[str, str] | None


class Shelf(Protocol):
    """Reads what is kept of a person, in an order that stays, from a position on."""

    def records(self, ref: ContactRef, position: Mapping[str, str] | None) -> Iterator[Record]: ...
    def suppressed(self, ref: ContactRef) -> Iterator[Record]: ...
    def alerts(self, ref: ContactRef, stores: Sequence[Store]) -> Iterator[Record]: ...
    def mentioning(self, store: Store, contact: str) -> Iterator[Record]: ...


def read_page(
    shelf: Shelf, ref: ContactRef, stores: Sequence[Store], position: Mapping[str, str] | None = None
) -> ExportPage:
    """The next page.

    The last one also has alerts about the person, whether the account writes to the address, and the stores' unreadable
    deliveries that name it.
    """
    page: list[Record] = []
    size = 0
    for record in shelf.records(ref, position):
        if page and (size + record.size > LARGEST_PAGE or len(page) == _MOST_ITEMS):
            return ExportPage(page, page[-1].position)
        page.append(record)
        size += record.size
    page += shelf.alerts(ref, stores)
    if is_contact(ref.contact):
        page += shelf.suppressed(ref)
        page += [record for store in stores for record in shelf.mentioning(store, ref.contact)]
    return ExportPage(page, None)
