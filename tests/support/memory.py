"""DynamoDB in this process' memory: the operations and expressions that Laurel's storage code uses, and no others.

It does two things that no emulator does. A Query reads item by item and calls ``before`` in between, because on AWS a
Query is not a snapshot; and every request calls ``before`` first, which may let others go ahead or raise an error, and
every write ``after`` it was done. Both are called by whoever sent the request, and while they last others may go on:
what a request does to an item, and a whole transaction, is one piece for all other threads. tests/integration runs the
same storage tests on this, on moto and on DynamoDB Local.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from tests.support.expressions import Condition, Item, comparable, tokens, updated
from tests.support.faults import client_error
from tests.support.partiql import DUPLICATE, inserted

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEY = ("pk", "sk")
_LONGEST_KEY = {"pk": 2048, "sk": 1024}
_MOST_IN_TRANSACTION = 100
_MOST_STATEMENTS = 25


@dataclass(frozen=True, slots=True)
class _Index:
    name: str
    hash_key: str
    range_key: str
    attributes: frozenset[str] | None


@dataclass(slots=True)
class _Table:
    indexes: dict[str, _Index]
    streams: bool
    partitions: dict[str, dict[str, Item]] = field(default_factory=lambda: defaultdict(dict))


class MemoryDynamoDB:
    """Speaks like boto3's low-level client. ``records`` are the streams' records, in the order of the writes."""

    def __init__(self) -> None:
        self.before: Callable[[str], None] = lambda operation: None
        self.after: Callable[[str], None] = lambda operation: None
        self.calls: list[str] = []
        self.records: list[dict[str, Any]] = []
        self._tables: dict[str, _Table] = {}
        self._lock = threading.RLock()

    def as_client(self) -> DynamoDBClient:
        """The same object, typed as what adapters ask for."""
        return cast("DynamoDBClient", self)

    def create_table(self, **definition: Any) -> None:
        indexes = {}
        for index in definition.get("GlobalSecondaryIndexes", ()):
            range_key = next(key["AttributeName"] for key in index["KeySchema"] if key["KeyType"] == "RANGE")
            hash_key = next(key["AttributeName"] for key in index["KeySchema"] if key["KeyType"] == "HASH")
            projection = index["Projection"]
            shown = None
            if projection["ProjectionType"] != "ALL":
                shown = frozenset({*_KEY, hash_key, range_key, *projection.get("NonKeyAttributes", ())})
            indexes[index["IndexName"]] = _Index(index["IndexName"], hash_key, range_key, shown)
        self._tables[definition["TableName"]] = _Table(indexes, "StreamSpecification" in definition)

    def get_waiter(self, _name: str) -> MemoryDynamoDB:
        return self

    def wait(self, **_arguments: Any) -> None: ...

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool = False) -> dict[str, Any]:  # noqa: N803
        del ConsistentRead
        self._begin("get_item")
        found = self._find(TableName, Key)
        return {"Item": _copied(found)} if found else {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803
        self._begin("batch_get_item")
        responses = {}
        for table, request in RequestItems.items():
            found = (self._find(table, key) for key in request["Keys"])
            responses[table] = [_copied(item) for item in found if item]
        return {"Responses": responses, "UnprocessedKeys": {}}

    def put_item(self, *, TableName: str, Item: Item, **request: Any) -> dict[str, Any]:  # noqa: N803
        self._begin("put_item")
        with self._lock:
            self._require(TableName, Item, request)
            self._store(TableName, _copied(Item))
        self.after("put_item")
        return {}

    def batch_execute_statement(self, *, Statements: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._begin("batch_execute_statement")
        if len(Statements) > _MOST_STATEMENTS:
            raise client_error("ValidationException")
        responses = []
        for it in Statements:
            self.before("insert")
            table, item = inserted(it["Statement"], it["Parameters"])
            with self._lock:
                stands = self._find(table, item)
                if not stands:
                    self._store(table, _copied(item))
            responses.append(DUPLICATE if stands else {"TableName": table})
            self.after("insert")
        self.after("batch_execute_statement")
        return {"Responses": responses}

    def update_item(self, *, TableName: str, Key: Item, **request: Any) -> dict[str, Any]:  # noqa: N803
        self._begin("update_item")
        with self._lock:
            self._require(TableName, Key, request)
            updated = self._update(TableName, Key, request)
        self.after("update_item")
        return {"Attributes": _copied(updated)} if "ReturnValues" in request else {}

    def delete_item(self, *, TableName: str, Key: Item, **request: Any) -> dict[str, Any]:  # noqa: N803
        self._begin("delete_item")
        with self._lock:
            self._require(TableName, Key, request)
            deleted = self._tables[TableName].partitions[Key["pk"]["S"]].pop(Key["sk"]["S"], None)
        self.after("delete_item")
        return {"Attributes": deleted} if deleted and "ReturnValues" in request else {}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._begin("transact_write_items")
        writes = [operation for entry in TransactItems for operation in entry.items()]
        keys = [write["Item"] if kind == "Put" else write["Key"] for kind, write in writes]
        places = {
            (write["TableName"], key["pk"]["S"], key["sk"]["S"]) for (_, write), key in zip(writes, keys, strict=True)
        }
        if len(places) < len(writes) or len(writes) > _MOST_IN_TRANSACTION:
            raise client_error("ValidationException")
        with self._lock:
            reasons = []
            for (_, write), key in zip(writes, keys, strict=True):
                met = Condition(write).holds(self._find(write["TableName"], key) or {})
                reasons.append({"Code": "None" if met else "ConditionalCheckFailed"})
            if any(reason["Code"] != "None" for reason in reasons):
                raise client_error("TransactionCanceledException", CancellationReasons=reasons)
            for kind, write in writes:
                if kind == "Put":
                    self._store(write["TableName"], _copied(write["Item"]))
                elif kind == "Delete":
                    partitions = self._tables[write["TableName"]].partitions
                    partitions[write["Key"]["pk"]["S"]].pop(write["Key"]["sk"]["S"], None)
                elif kind == "Update":
                    self._update(write["TableName"], write["Key"], write)
        self.after("transact_write_items")
        return {}

    def query(self, *, TableName: str, **request: Any) -> dict[str, Any]:  # noqa: N803
        self._begin("query")
        condition = Condition(request, "KeyConditionExpression")
        wanted = Condition(request, "FilterExpression")
        projection = tokens(request.get("ProjectionExpression", ""))
        condition.check_all_used(wanted, also=projection)
        if {"pk", "sk"} & set(tokens(request.get("FilterExpression", ""))):
            raise client_error("ValidationException")
        table = self._tables[TableName]
        _, _, hash_value, *_ = tokens(request["KeyConditionExpression"])
        pk = request["ExpressionAttributeValues"][hash_value]["S"]
        index = table.indexes[request["IndexName"]] if "IndexName" in request else None
        if index:
            with self._lock:
                candidates: Iterable[Item] = self._in_index(self._indexed(table, index, pk), index, request)
        elif request.get("ScanIndexForward", True):
            candidates = self._one_by_one(table.partitions.get(pk, {}), request)
        else:
            candidates = self._backwards(table.partitions.get(pk, {}), request)
        limit, read, items = request.get("Limit"), 0, []
        last = None
        for item in candidates:
            if not condition.holds(item):
                continue
            read += 1
            if wanted.holds(item):
                items.append(_copied(item))
            if limit and read == limit:
                names = {*_KEY, index.hash_key, index.range_key} if index else {*_KEY}
                last = {name: item[name] for name in names}
                break
        answer: dict[str, Any] = {"Count": len(items), "ScannedCount": read}
        if request.get("Select") != "COUNT":
            shown = index.attributes if index else None
            if projection:
                names = request.get("ExpressionAttributeNames", {})
                shown = frozenset(names.get(token, token) for token in projection)
            answer["Items"] = [
                {name: value for name, value in item.items() if shown is None or name in shown} for item in items
            ]
        return answer | ({"LastEvaluatedKey": last} if last else {})

    def scan(self, *, TableName: str) -> dict[str, Any]:  # noqa: N803
        partitions = self._tables[TableName].partitions
        with self._lock:
            items = [item for partition in partitions.values() for item in partition.values()]
        return {"Items": [_copied(item) for item in items]}

    def fill_from(self, other: MemoryDynamoDB) -> None:
        """Hold what another one holds."""
        for name, table in other._tables.items():
            for pk, items in table.partitions.items():
                self._tables[name].partitions[pk] = {sk: _copied(item) for sk, item in items.items()}

    def _begin(self, operation: str) -> None:
        self.before(operation)
        self.calls.append(operation)

    def _one_by_one(self, partition: dict[str, Item], request: Mapping[str, Any]) -> Iterator[Item]:
        """In the order of the sort key; time passes between coming to an item and reading it."""
        position = request["ExclusiveStartKey"]["sk"]["S"] if "ExclusiveStartKey" in request else ""
        while following := [sk for sk in tuple(partition) if sk > position]:
            position = min(following)
            self.before("item")
            if item := partition.get(position):
                yield item

    @staticmethod
    def _backwards(partition: dict[str, Item], request: Mapping[str, Any]) -> Iterator[Item]:
        position = request["ExclusiveStartKey"]["sk"]["S"] if "ExclusiveStartKey" in request else None
        for sk in sorted(partition, reverse=True):
            if (position is None or sk < position) and (item := partition.get(sk)):
                yield item

    @staticmethod
    def _indexed(table: _Table, index: _Index, pk: str) -> Iterable[Item]:
        if index.hash_key == "pk":
            return table.partitions.get(pk, {}).values()
        items = (item for partition in table.partitions.values() for item in partition.values())
        return (item for item in items if item.get(index.hash_key) == {"S": pk})

    @staticmethod
    def _in_index(items: Iterable[Item], index: _Index, request: Mapping[str, Any]) -> list[Item]:
        def position(item: Item) -> tuple[Any, str, str]:
            return comparable(item[index.range_key]), item["pk"]["S"], item["sk"]["S"]

        forward = request.get("ScanIndexForward", True)
        items = sorted((item for item in items if index.range_key in item), key=position, reverse=not forward)
        if "ExclusiveStartKey" in request:
            start = position(request["ExclusiveStartKey"])
            items = [item for item in items if (position(item) > start if forward else position(item) < start)]
        return items

    def _find(self, table: str, key: Mapping[str, Any]) -> Item | None:
        if any(not 0 < len(key[name]["S"].encode()) <= most for name, most in _LONGEST_KEY.items()):
            raise client_error("ValidationException")
        return self._tables[table].partitions.get(key["pk"]["S"], {}).get(key["sk"]["S"])

    def _require(self, table: str, key: Mapping[str, Any], request: Mapping[str, Any]) -> None:
        condition = Condition(request)
        if "UpdateExpression" not in request:
            condition.check_all_used()
        kept = self._find(table, key)
        if not condition.holds(kept or {}):
            shown = kept if request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" else None
            more: dict[str, Any] = {"Item": _copied(shown)} if shown else {}
            raise client_error("ConditionalCheckFailedException", **more)

    def _update(self, table: str, key: Item, request: Mapping[str, Any]) -> Item:
        item = _copied(updated(self._find(table, key) or key, request))
        self._store(table, item)
        return item

    def _store(self, name: str, item: Item) -> None:
        table, pk, sk = self._tables[name], item["pk"]["S"], item["sk"]["S"]
        before = table.partitions[pk].get(sk)
        table.partitions[pk][sk] = item
        if table.streams and before != item:
            images = {"NewImage": _copied(item)} | ({"OldImage": _copied(before)} if before else {})
            keys = {key: item[key] for key in _KEY}
            number = str(len(self.records) + 1)
            self.records.append(
                {
                    "eventName": "MODIFY" if before else "INSERT",
                    "table": name,
                    "dynamodb": {
                        "ApproximateCreationDateTime": 1_795_312_579,
                        "Keys": keys,
                        "SequenceNumber": number,
                        **images,
                    },
                }
            )


def _copied(item: Mapping[str, Any]) -> Item:
    """A copy of an item, in a fraction of the time that ``deepcopy`` takes."""
    return {name: _copied_value(it) if "M" in it or "L" in it else it.copy() for name, it in item.items()}


def _copied_value(value: Item) -> Item:
    if "M" in value:
        return {"M": _copied(value["M"])}
    if "L" in value:
        return {"L": [_copied_value(it) for it in value["L"]]}
    return value.copy()
