"""Large partitions of tables and indexes, kept in the order of their sort keys."""

# ruff: noqa: SLF001 - looks into what MiniStack keeps to itself

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.services import dynamodb
from sortedcontainers import SortedDict  # type: ignore[import-untyped]

from local.emulator.key_range import KeyRange

type Item = dict[str, Any]
type Table = dict[str, Any]
type Place = tuple[Any, Any]
"""Partition and sort key of an item in its table, also where it is reached through an index."""


class _Highest:
    """Comes after every value of every type, to find the end of a run of equal sort keys."""

    def __lt__(self, other: object) -> bool:
        return False

    def __gt__(self, other: object) -> bool:
        return True


HIGHEST = _Highest()

lock = threading.RLock()
"""Held while items and views change together: MiniStack also removes expired items on a thread of its own."""

_tables: dict[str, "_Views"] = {}


@dataclass(slots=True)
class _Views:
    """The views of one table. They are void once all its items or its indexes were replaced."""

    items: object
    indexes: object
    partitions: dict[tuple[str | None, Any], "View"] = field(default_factory=dict)


class View:
    """One partition of a table or an index, in order."""

    def __init__(self, table: Table, range_name: str) -> None:
        self._order = dynamodb._index_order_keys(table, range_name)
        self._places = SortedDict()

    def add(self, place: Place, item: Item) -> None:
        """Take an item in."""
        self._places[self._key(item)] = place

    def discard(self, item: Item) -> None:
        """Take an item out, if it is in."""
        self._places.pop(self._key(item), None)

    def between(self, keys: KeyRange, *, after: Item | None, forward: bool) -> Iterator[Place]:
        """The places of the items whose sort keys are in a range, beyond the key ``after``."""
        places = self._places
        start, stop = 0, len(places)
        if keys.low is not None:
            start = places.bisect_left((keys.low,)) if keys.with_low else places.bisect_right((keys.low, HIGHEST))
        if keys.high is not None:
            stop = places.bisect_right((keys.high, HIGHEST)) if keys.with_high else places.bisect_left((keys.high,))
        if after and forward:
            start = max(start, places.bisect_right(self._key(after)))
        elif after:
            stop = min(stop, places.bisect_left(self._key(after)))
        order = range(start, stop) if forward else range(stop - 1, start - 1, -1)
        return (places.peekitem(i)[1] for i in order)

    def _key(self, item: Item) -> tuple[Any, ...]:
        return tuple(dynamodb._index_order_value(item, name, kind) for name, kind in self._order)


def view(table: Table, index: str | None, partition: Any, range_name: str) -> View:
    """The view of one partition, made from its items the first time."""
    views = _valid(table) or _tables.setdefault(
        table["TableArn"], _Views(table["items"], table.get(dynamodb._INDEX_MEMBERS))
    )
    found = views.partitions.get((index, partition))
    if found is None:
        found = views.partitions[index, partition] = View(table, range_name)
        for place in places(table, index, partition):
            found.add(place, table["items"][place[0]][place[1]])
    return found


def size(table: Table, index: str | None, partition: Any) -> int:
    """How many items a partition has."""
    return len(_members(table, index, partition))


def places(table: Table, index: str | None, partition: Any) -> Iterator[Place]:
    """Where a partition's items are, in no order."""
    members = _members(table, index, partition)
    return iter(members) if index else ((partition, sort) for sort in members)


def update(table: Table, place: Place, *, old: Item | None, new: Item | None) -> None:
    """Follow the write of one item."""
    views = _valid(table)
    if views is None or not views.partitions:
        return
    for index, hash_names, range_names in ((None, [], []), *dynamodb._index_key_schemas(table)):
        for item, is_new in ((old, False), (new, True)):
            if item is None:
                continue
            partition = dynamodb._index_partition(item, hash_names, range_names) if index else place[0]
            found = views.partitions.get((index, partition))
            if found is not None and is_new:
                found.add(place, item)
            elif found is not None:
                found.discard(item)


def _valid(table: Table) -> _Views | None:
    views = _tables.get(table["TableArn"])
    if views is None:
        return None
    if views.items is table["items"] and views.indexes is table.get(dynamodb._INDEX_MEMBERS):
        return views
    del _tables[table["TableArn"]]
    return None


def _members(table: Table, index: str | None, partition: Any) -> Mapping[Any, Any]:
    partitions: Mapping[Any, Any] = dynamodb._index_members(table).get(index, {}) if index else table["items"]
    return partitions.get(partition) or {}
