"""Laurel's tables, watched: who writes can be stopped, made to fail, and what a stream would tell is kept.

``MemoryStage`` is fast and reads item by item; ``WatchedStage`` stands before a real client and reads a page of one
item at a time, which comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, cast

from tests.support.memory import Item, MemoryDynamoDB
from tests.support.partiql import inserted
from tests.support.tables import Database, Tables, create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Stage(Protocol):
    """Where a test plays. ``records`` are the Ledger's stream records, in the order of the writes."""

    before: Callable[[str], None]
    after: Callable[[str], None]

    @property
    def client(self) -> DynamoDBClient: ...
    @property
    def tables(self) -> Tables: ...
    @property
    def records(self) -> list[dict[str, Any]]: ...
    def items(self, table: str, account_id: str) -> list[Item]: ...


class MemoryStage:
    """Tables in memory."""

    def __init__(self) -> None:
        self._database = MemoryDynamoDB()
        self.tables = create_tables(self.client)

    def copy(self) -> MemoryStage:
        """The same tables as they are, unwatched, for one of several things that may happen next."""
        copied = MemoryStage()
        copied._database.fill_from(self._database)
        return copied

    @property
    def client(self) -> DynamoDBClient:
        return cast("DynamoDBClient", self._database)

    @property
    def before(self) -> Callable[[str], None]:
        return self._database.before

    @before.setter
    def before(self, hook: Callable[[str], None]) -> None:
        self._database.before = hook

    @property
    def after(self) -> Callable[[str], None]:
        return self._database.after

    @after.setter
    def after(self, hook: Callable[[str], None]) -> None:
        self._database.after = hook

    @property
    def records(self) -> list[dict[str, Any]]:
        return [record for record in self._database.records if record["table"] == self.tables.ledger]

    def items(self, table: str, account_id: str) -> list[Item]:
        """All items of an account."""
        return _of_account(self._database.scan(TableName=table)["Items"], account_id)


class WatchedStage:
    """Tables on a real DynamoDB. Good for one thread at a time, since an image is read before and after each write."""

    def __init__(self, database: Database) -> None:
        self.before: Callable[[str], None] = lambda operation: None
        self.after: Callable[[str], None] = lambda operation: None
        self.records: list[dict[str, Any]] = []
        self.tables = database.tables
        self._real = database.client

    @property
    def client(self) -> DynamoDBClient:
        return cast("DynamoDBClient", self)

    def items(self, table: str, account_id: str) -> list[Item]:
        """All items of an account."""
        pages = self._real.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return _of_account([cast("Item", item) for page in pages for item in page["Items"]], account_id)

    def get_item(self, **request: Any) -> Any:
        self.before("get_item")
        return self._real.get_item(**request)

    def batch_get_item(self, **request: Any) -> Any:
        self.before("batch_get_item")
        return self._real.batch_get_item(**request)

    def query(self, **request: Any) -> Any:
        self.before("query")
        if request["TableName"] == self.tables.ledger:
            request["Limit"] = 1
        return self._real.query(**request)

    def put_item(self, **request: Any) -> Any:
        return self._write("put_item", request, [(request["TableName"], request["Item"])])

    def update_item(self, **request: Any) -> Any:
        return self._write("update_item", request, [(request["TableName"], request["Key"])])

    def delete_item(self, **request: Any) -> Any:
        return self._write("delete_item", request, [(request["TableName"], request["Key"])])

    def batch_execute_statement(self, **request: Any) -> Any:
        places = [inserted(it["Statement"], it["Parameters"]) for it in request["Statements"]]
        return self._write("batch_execute_statement", request, places)

    def transact_write_items(self, **request: Any) -> Any:
        writes = [write for entry in request["TransactItems"] for write in entry.values()]
        places = [(it["TableName"], it["Key"] if "Key" in it else it["Item"]) for it in writes]
        return self._write("transact_write_items", request, places)

    def _write(self, operation: str, request: dict[str, Any], places: list[tuple[str, Item]]) -> Any:
        self.before(operation)
        keys = [{"pk": item["pk"], "sk": item["sk"]} for table, item in places if table == self.tables.ledger]
        old = [self._image(key) for key in keys]
        answer = getattr(self._real, operation)(**request)
        for key, before in zip(keys, old, strict=True):
            if (now := self._image(key)) != before:
                images = {"NewImage": now} | ({"OldImage": before} if before else {})
                told = {"ApproximateCreationDateTime": 1_795_312_579, "SequenceNumber": str(len(self.records))}
                self.records.append({"dynamodb": {"Keys": key, **told, **images}})
        self.after(operation)
        return answer

    def _image(self, key: Item) -> Item | None:
        found = self._real.get_item(TableName=self.tables.ledger, Key=key, ConsistentRead=True)
        return cast("Item | None", found.get("Item"))


def _of_account(items: list[Item], account_id: str) -> list[Item]:
    return [item for item in items if item["pk"]["S"].partition("#")[0] == account_id]
