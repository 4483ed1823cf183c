"""Read and write units of whatever a DynamoDB client is asked, as DynamoDB Local counts them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_READS = frozenset({"GetItem", "BatchGetItem", "Query"})
_METERED = (*_READS, "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")

# AWS charges two units for each item of up to 1 KB that a transaction writes; DynamoDB Local reports four.
_TRANSACTIONS_REPORTED = 2.0


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
        self._uses: list[Use] = []
        self._asked: dict[str, Any] = {}
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
        self._asked = params
        return {**params, "ReturnConsumedCapacity": "INDEXES"}

    def _keep(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        key = self._asked.get("Key") or self._asked.get("Item") or {}
        sort_key = key.get("sk", {}).get("S", "")
        if "Error" in parsed and parsed["Error"]["Code"] == "ConditionalCheckFailedException":
            # DynamoDB Local reports nothing here. AWS counts the item that stood in the way, at least one unit.
            self._uses.append(Use(model.name, self._asked["TableName"], sort_key, 1.0, 1.0, {}, refused=True))
            return
        consumed = parsed.get("ConsumedCapacity", [])
        factor = _TRANSACTIONS_REPORTED if model.name == "TransactWriteItems" else 1.0
        for capacity in consumed if isinstance(consumed, list) else [consumed]:
            indexes = {
                name: float(units["CapacityUnits"]) / factor
                for name, units in capacity.get("GlobalSecondaryIndexes", {}).items()
            }
            self._uses.append(
                Use(
                    model.name,
                    capacity["TableName"],
                    sort_key,
                    max(float(capacity["CapacityUnits"]) / factor, self._least(capacity["TableName"])),
                    float(capacity.get("Table", {}).get("CapacityUnits", 0.0)) / factor,
                    indexes,
                )
            )

    def _least(self, table: str) -> float:
        """A unit for each key of a strongly consistent BatchGetItem, half a unit for a Query, if only to find nothing.

        DynamoDB Local counts only what it finds.
        """
        if "KeyConditionExpression" in self._asked:
            return 0.5
        return float(len(self._asked.get("RequestItems", {}).get(table, {}).get("Keys", ())))
