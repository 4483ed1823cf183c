"""Batches of PartiQL statements that insert items, for those who know no parameters in them."""

from __future__ import annotations

import re
from typing import Any

Item = dict[str, Any]
DUPLICATE: dict[str, Any] = {"Error": {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}}
_INSERT = re.compile(r'INSERT INTO "([^"]+)" VALUE \{(.+)\}')


def inserted(statement: str, parameters: list[Any]) -> tuple[str, Item]:
    """The table and the item of a statement whose values are all parameters."""
    read = _INSERT.fullmatch(statement)
    assert read, f"cannot read {statement!r}"
    return read[1], dict(zip(re.findall(r"'([^']+)': \?", read[2]), parameters, strict=True))


def teach_moto() -> None:
    """Have moto take such batches, which it would refuse."""
    from moto.dynamodb.exceptions import ConditionalCheckFailed
    from moto.dynamodb.models import DynamoDBBackend

    def insert_each(self: DynamoDBBackend, statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
        responses = []
        for it in statements:
            table, item = inserted(it["Statement"], it["Parameters"])
            try:
                self.put_item(table, item, condition_expression="attribute_not_exists(pk)")
            except ConditionalCheckFailed:
                responses.append(DUPLICATE)
            else:
                responses.append({"TableName": table})
        return responses

    DynamoDBBackend.batch_execute_statement = insert_each  # type: ignore[method-assign]
