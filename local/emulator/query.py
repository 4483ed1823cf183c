"""DynamoDB Query whose time does not grow with the partition.

Why: stock MiniStack reads, sorts and filters the whole partition on every Query, however few items are wanted: 0.4 s in
a partition of 10,000 items and 4 s in one of 100,000, on the one thread that serves all requests. A leaderboard page is
50 rows of such a partition.

Here a sorted view of each large partition that was queried once is kept up to date with every write. A Query looks up
the run of items that its page can hold, and MiniStack's own code then works on a table that has no others: what is
valid, filtered, projected and returned is its decision as before. Whatever is not understood takes the stock way.
"""

# ruff: noqa: SLF001 - replaces what MiniStack keeps to itself

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb

from local.emulator import sorted_views
from local.emulator.key_range import sort_key_range
from local.emulator.sorted_views import Item, Place, Table

type Request = dict[str, Any]

SMALL = 100
"""Items up to which the stock way is as fast."""

_narrowed: ContextVar[tuple[str, Table] | None] = ContextVar("narrowed", default=None)


class _NarrowableTables(AccountRegionScopedDict):  # type: ignore[misc]  # MiniStack has no types
    """MiniStack's tables, of which one is replaced for as long as a Query works on it."""

    __slots__ = ()

    def get(self, key: str, default: Any = None) -> Any:
        """The narrowed table of this name, else the table itself."""
        narrowed = _narrowed.get()
        return narrowed[1] if narrowed is not None and narrowed[0] == key else super().get(key, default)


def apply() -> None:
    """Keep views with every write and use them in every Query."""
    query, set_item, remove_item = dynamodb._query, dynamodb._set_item, dynamodb._remove_item

    def set_item_and_views(table: Table, partition: Any, sort: Any, item: Item) -> Item | None:
        with sorted_views.lock:
            old: Item | None = set_item(table, partition, sort, item)
            sorted_views.update(table, (partition, sort), old=old, new=item)
        return old

    def remove_item_and_views(table: Table, partition: Any, sort: Any) -> Item | None:
        with sorted_views.lock:
            old: Item | None = remove_item(table, partition, sort)
            sorted_views.update(table, (partition, sort), old=old, new=None)
        return old

    def query_narrowed(request: Request) -> Any:
        with sorted_views.lock:
            narrowed = _narrow(request)
        token = _narrowed.set(narrowed)
        try:
            return query(request)
        finally:
            _narrowed.reset(token)

    dynamodb._tables.__class__ = _NarrowableTables
    dynamodb._set_item = set_item_and_views
    dynamodb._remove_item = remove_item_and_views
    dynamodb._query = query_narrowed


def _narrow(request: Request) -> tuple[str, Table] | None:
    """The queried table's name, and the table with only those items that the page can hold; None to leave it alone."""
    name, index, condition = request.get("TableName"), request.get("IndexName"), request.get("KeyConditionExpression")
    if not isinstance(name, str) or not isinstance(condition, str):
        return None
    name = dynamodb._normalize_table_name(name)
    table = dynamodb._tables.get(name)
    keys = _keys(table, index) if table else None
    if keys is None:
        return None
    hash_name, range_name = keys
    names, values = request.get("ExpressionAttributeNames") or {}, request.get("ExpressionAttributeValues") or {}
    try:
        partition = dynamodb._extract_pk_from_condition(condition, values, names, hash_name)
        if partition is None or sorted_views.size(table, index, partition) <= SMALL:
            return None
        kind = dynamodb._get_attr_type(table, range_name)
        clauses = dynamodb._key_condition_clauses(dynamodb._tokenize(condition))
        wanted = sort_key_range(clauses, range_name, names, lambda value: dynamodb._sort_key_value(values[value], kind))
    except (ValueError, LookupError, TypeError):
        return None  # an invalid request, which MiniStack explains
    if wanted is None:
        return None
    view = sorted_views.view(table, index, partition, range_name)
    after, forward = request.get("ExclusiveStartKey"), request.get("ScanIndexForward", True)
    found = view.between(wanted, after=after, forward=forward)
    return name, _with_only(table, index, partition, _one_page(table, index, found, request.get("Limit")))


def _keys(table: Table, index: str | None) -> tuple[str, str] | None:
    """Names of partition and sort key; None where one is missing, or an index has several."""
    if not index:
        return (table["pk_name"], table["sk_name"]) if table.get("sk_name") else None
    definition = dynamodb._index_def(table, index)
    if definition is None:
        return None
    hashes, ranges = dynamodb._index_key_lists(definition)
    return (hashes[0], ranges[0]) if len(hashes) == len(ranges) == 1 else None


def _one_page(table: Table, index: str | None, places: Iterable[Place], limit: int | None) -> list[Place]:
    """As many places as MiniStack needs to see that a page is full: ``limit``, or the first beyond 1 MB."""
    page: list[Place] = []
    total = 0
    for place in places:
        page.append(place)
        item = table["items"][place[0]][place[1]]
        total += dynamodb._item_size_bytes(dynamodb._apply_index_projection(item, table, index) if index else item)
        if total > dynamodb._DDB_PAGE_SIZE_BYTES or (limit is not None and len(page) >= limit):
            break
    return page


def _with_only(table: Table, index: str | None, partition: Any, places: list[Place]) -> Table:
    items: dict[Any, dict[Any, Item]] = {}
    for base, sort in places:
        items.setdefault(base, {})[sort] = table["items"][base][sort]
    narrowed = table | {"items": items}
    if index:
        narrowed[dynamodb._INDEX_MEMBERS] = {index: {partition: dict.fromkeys(places)}}
    return narrowed
