"""Read and write units of whatever a DynamoDB client is asked, as DynamoDB Local counts them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.partiql import inserted

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_READS = frozenset({"GetItem", "BatchGetItem", "Query"})
_INSERTS = "BatchExecuteStatement"
_METERED = (*_READS, "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", _INSERTS)

_KB = 1024
_LOCAL_INDEX_FACTOR = 4.0


@dataclass(frozen=True, slots=True)
class Use:
    """One request: what it named, and its units on the table itself and on each index."""

    operation: str
    table: str
    sort_key: str
    units: float
    of_table: float
    of_indexes: dict[str, float]
    refused: bool = False

    @property
    def reads(self) -> float:
        """Read units."""
        return self.units if self.operation in _READS else 0.0

    @property
    def writes(self) -> float:
        """Write units."""
        return 0.0 if self.operation in _READS else self.units


class Meter:
    """Asks for the units of every request of a client and keeps them."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client
        self._uses: list[Use] = []
        self._asked: dict[str, Any] = {}
        self._is_weighing = False
        for operation in _METERED:
            client.meta.events.register(f"provide-client-params.dynamodb.{operation}", self._ask)
            client.meta.events.register(f"after-call.dynamodb.{operation}", self._keep)

    @contextlib.contextmanager
    def uses(self) -> Iterator[list[Use]]:
        """The requests made meanwhile. One thread at a time."""
        uses: list[Use] = []
        self._uses = uses
        try:
            yield uses
        finally:
            self._uses = []

    def _ask(self, params: dict[str, Any], **_: Any) -> Any:
        if self._is_weighing:
            return params
        self._asked = params
        return {**params, "ReturnConsumedCapacity": "INDEXES"}

    def _keep(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if self._is_weighing:
            return
        if model.name == _INSERTS:
            self._uses += self._inserted(parsed)
            return
        key = self._asked.get("Key") or self._asked.get("Item") or {}
        sort_key = key.get("sk", {}).get("S", "")
        if "Error" in parsed and parsed["Error"]["Code"] == "ConditionalCheckFailedException":
            # DynamoDB Local reports nothing here. AWS counts the item that stood in the way, at least one unit.
            self._uses.append(Use(model.name, self._asked["TableName"], sort_key, 1.0, 1.0, {}, refused=True))
            return
        consumed = parsed.get("ConsumedCapacity", [])
        for capacity in consumed if isinstance(consumed, list) else [consumed]:
            table = capacity["TableName"]
            units = max(float(capacity["CapacityUnits"]), self._least(table))
            of_table = float(capacity.get("Table", {}).get("CapacityUnits", 0.0))
            indexes = {
                name: float(units["CapacityUnits"])
                for name, units in capacity.get("GlobalSecondaryIndexes", {}).items()
            }
            if model.name == "TransactWriteItems":
                of_table = self._transacted(table)
                indexes = {name: units / _LOCAL_INDEX_FACTOR for name, units in indexes.items()}
                units = of_table + sum(indexes.values())
            self._uses.append(Use(model.name, table, sort_key, units, of_table, indexes))

    def _inserted(self, parsed: Mapping[str, Any]) -> Iterator[Use]:
        """Items that statements inserted, of which DynamoDB Local tells nothing.

        AWS counts what it does for a put: a unit for each KB of the item, and of its entry in each index that has it.
        """
        for statement, response in zip(self._asked["Statements"], parsed["Responses"], strict=True):
            table, item = inserted(statement["Statement"], statement["Parameters"])
            if "Error" in response:
                yield Use(_INSERTS, table, item["sk"]["S"], 1.0, 1.0, {}, refused=True)
                continue
            units = float(-(-_size(item) // _KB))
            indexes = {name: units for name, keys in self._indexes_of(table).items() if keys <= item.keys()}
            yield Use(_INSERTS, table, item["sk"]["S"], units + sum(indexes.values()), units, indexes)

    def _indexes_of(self, table: str) -> dict[str, set[str]]:
        """Names of a table's indexes, and the attributes that an item needs to be in them."""
        indexes = self._client.describe_table(TableName=table)["Table"].get("GlobalSecondaryIndexes", [])
        return {it["IndexName"]: {key["AttributeName"] for key in it["KeySchema"]} for it in indexes}

    def _transacted(self, table: str) -> float:
        """Units of the items that a transaction wrote: AWS counts two for each KB of each item, and its indexes once.

        DynamoDB Local counts four for each KB of all items together, and of the entries of an index.
        """
        writes = [write for entry in self._asked["TransactItems"] for write in entry.values()]
        self._is_weighing = True
        try:
            items = [
                write.get("Item") or self._client.get_item(TableName=table, Key=write["Key"])["Item"]
                for write in writes
                if write["TableName"] == table
            ]
        finally:
            self._is_weighing = False
        return float(sum(2 * -(-_size(item) // _KB) for item in items))

    def _least(self, table: str) -> float:
        """A unit for each key of a strongly consistent BatchGetItem, half of one of any other, half a unit for a Query.

        If only to find nothing; DynamoDB Local counts only what it finds.
        """
        if "KeyConditionExpression" in self._asked:
            return 0.5
        asked = self._asked.get("RequestItems", {}).get(table, {})
        return len(asked.get("Keys", ())) * (1.0 if asked.get("ConsistentRead") else 0.5)


def one_by_one[T, R](act: Callable[[T], R], things: Sequence[T]) -> list[R]:
    """In place of several threads, of which a meter counts one."""
    return [act(thing) for thing in things]


def _size(value: Any) -> int:
    """Bytes of an item or of an attribute's value, nearly as AWS counts them: names, UTF-8, and a few for a number."""
    if isinstance(value, dict):
        return sum(len(name.encode()) + _size(content) for name, content in value.items())
    if isinstance(value, list):
        return sum(map(_size, value))
    return len(str(value).encode())
