"""What requests to DynamoDB need permission for, and a client that tells of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.memory import MemoryDynamoDB
from tests.support.partiql import inserted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Call = tuple[str, str, str | None]
"""Action, table or queue, index."""


TRANSACTED = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def calls_of(operation: str, params: dict[str, Any]) -> Iterator[Call]:
    """What DynamoDB checks permission for when it is asked this."""
    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            ((kind, it),) = item.items()
            yield TRANSACTED[kind], it["TableName"], None
    elif operation == "BatchExecuteStatement":
        for it in params["Statements"]:
            yield "PartiQLInsert", inserted(it["Statement"], it["Parameters"])[0], None
    elif operation in ("BatchGetItem", "BatchWriteItem"):
        for table in params["RequestItems"]:
            yield operation, table, None
    else:
        yield operation, params["TableName"], params.get("IndexName")


class Told:
    """Speaks like a client of DynamoDB, and tells of each request before it is made."""

    def __init__(self, client: MemoryDynamoDB) -> None:
        self.tell: Callable[[str, dict[str, Any]], None] = lambda operation, params: None
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self._client, name)

        def ask(**params: Any) -> Any:
            self.tell("".join(map(str.capitalize, name.split("_"))), params)
            return method(**params)

        return ask
