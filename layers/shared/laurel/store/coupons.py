"""Pools of coupon codes in Workspace: an item a code, under one key while it is free and another once it was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from laurel.model.errors import Busy
from laurel.model.reward import Programme
from laurel.store import keys
from laurel.store.dynamodb import attributes, is_cancelled
from laurel.store.programmes import programme_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_AT_ONCE = 49
"""Codes of a transaction, which may have a hundred parts: each code takes two, and the count of all takes one."""

_TRIES = 20


class CouponPools:
    """The coupons in the Workspace table. ``Awards`` takes them from here."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def add(self, programme: Programme, codes: Sequence[str]) -> int:
        """Add codes to a pool and count them; those that it has, or has given, are left out. How many were added."""
        return sum(self._add(programme, some) for some in batched(dict.fromkeys(codes), _AT_ONCE, strict=False))

    def codes(
        self, programme: Programme, limit: int, after: Mapping[str, str] | None = None
    ) -> tuple[list[tuple[str, bool]], dict[str, str] | None]:
        """A page of codes, each with whether it was given, those that were not first; and where to go on, if anywhere.

        Strongly consistent.
        """
        pk = keys.coupons(programme.account_id, programme.id)
        start: dict[str, Any] = {"ExclusiveStartKey": attributes({"pk": pk, "sk": after["sk"]})} if after else {}
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=attributes({":pk": pk}),
            ConsistentRead=True,
            Limit=limit,
            **start,
        )
        last = answer.get("LastEvaluatedKey")
        parts = [keys.split(item["sk"]["S"]) for item in answer["Items"]]
        return [(code, kind == "given") for kind, code in parts], {"sk": last["sk"]["S"]} if last else None

    def _add(self, programme: Programme, codes: Sequence[str]) -> int:
        for _ in range(_TRIES):
            if not codes:
                return 0
            try:
                self._client.transact_write_items(TransactItems=list(self._writes(programme, codes)))
            except ClientError as error:
                if not is_cancelled(error):
                    raise
                response: Mapping[str, Any] = error.response
                reasons = enumerate(response.get("CancellationReasons", []))
                # After the first write, every two are about a code.
                known = {(place - 1) // 2 for place, it in reasons if it.get("Code") == "ConditionalCheckFailed"}
                codes = [code for number, code in enumerate(codes) if number not in known]
            else:
                return len(codes)
        raise Busy(f"Programme {programme.id!r}")

    def _writes(self, programme: Programme, codes: Sequence[str]) -> Iterator[Any]:
        pk = keys.coupons(programme.account_id, programme.id)
        unknown = {"TableName": self._table, "ConditionExpression": "attribute_not_exists(pk)"}
        yield {
            "Update": {
                "TableName": self._table,
                "Key": programme_key(programme),
                "UpdateExpression": "ADD coupons :added",
                "ExpressionAttributeValues": attributes({":added": len(codes)}),
            }
        }
        for code in codes:
            yield {"Put": {**unknown, "Item": attributes({"pk": pk, "sk": keys.free_coupon(code)})}}
            yield {"ConditionCheck": {**unknown, "Key": attributes({"pk": pk, "sk": keys.given_coupon(code)})}}
