"""Erasures and their receipts, in Workspace for good, and what is due of them and of platforms' requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from laurel.model.order import epoch_ms
from laurel.model.privacy import Erasure, ErasureKind, ErasureReason, ErasureState
from laurel.store import keys
from laurel.store.dynamodb import Item, Value, attributes, instant, pages, plain, string, unchanged_since, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is not done: an erasure, or a platform's request to a store."""

    account_id: str
    erasure_id: str | None = None
    store_id: str | None = None
    request_id: str | None = None


class Erasures:
    """The erasures in the Workspace table. Reads of one, or of an account's, are strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def erasure(self, account_id: str, erasure_id: str) -> Erasure | None:
        """An erasure, or None."""
        key = attributes({"pk": account_id, "sk": keys.erasure(erasure_id)})
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return _decode(answer["Item"]) if "Item" in answer else None

    def erasures(self, account_id: str, limit: int, after: str | None = None) -> tuple[list[Erasure], str | None]:
        """Erasures of an account, newest first; and the id after which to go on, if any."""
        start: dict[str, Any] = {}
        if after:
            start["ExclusiveStartKey"] = attributes({"pk": account_id, "sk": keys.erasure(after)})
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": keys.erasure("")}),
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit,
            **start,
        )
        last = answer.get("LastEvaluatedKey")
        return [_decode(item) for item in answer["Items"]], keys.split(last["sk"]["S"])[1] if last else None

    def save(self, erasure: Erasure) -> Erasure | None:
        """Write an erasure if nobody else wrote it since it was read, as its next version; None if somebody did."""
        saved = replace(erasure, version=erasure.version + 1)
        is_saved = written(
            self._client.put_item,
            TableName=self._table,
            Item=attributes(_encode(saved)),
            **unchanged_since(erasure.version),
        )
        return saved if is_saved else None

    def due(self) -> Iterator[Due]:
        """Everything of all accounts that is not done; eventually consistent."""
        query = pages(
            self._client,
            TableName=self._table,
            IndexName="by_list",
            KeyConditionExpression="list_pk = :pk",
            ExpressionAttributeValues=attributes({":pk": keys.ERASURES}),
        )
        for item in query:
            account_id = item["pk"]["S"]
            kind, *ids = keys.split(item["sk"]["S"])
            if kind == "erasure":
                yield Due(account_id, erasure_id=ids[0])
            else:
                yield Due(account_id, store_id=ids[0], request_id=ids[1])


def _encode(erasure: Erasure) -> dict[str, Value]:
    sk = keys.erasure(erasure.id)
    return {
        "pk": erasure.account_id,
        "sk": sk,
        "kind": erasure.kind.value,
        "reason": erasure.reason.value,
        "audience_id": erasure.audience_id,
        "created_at": epoch_ms(erasure.created_at),
        "updated_at": epoch_ms(erasure.updated_at),
        "customers": list(erasure.customers),
        "store_id": erasure.store_id,
        "request": erasure.request,
        "state": erasure.state.value,
        "removed": dict(erasure.removed),
        "place": json.dumps(erasure.place) if erasure.place else None,
        "settled_at": epoch_ms(erasure.settled_at) if erasure.settled_at else None,
        "finished_at": epoch_ms(erasure.finished_at) if erasure.finished_at else None,
        "version": erasure.version,
        "list_pk": None if erasure.is_done else keys.ERASURES,
        "list_sk": None if erasure.is_done else keys.join(erasure.account_id, erasure.id),
    }


def _decode(item: Item) -> Erasure:
    place = string(item, "place")
    return Erasure(
        account_id=item["pk"]["S"],
        id=keys.split(item["sk"]["S"])[1],
        kind=ErasureKind(item["kind"]["S"]),
        reason=ErasureReason(item["reason"]["S"]),
        audience_id=item["audience_id"]["S"],
        created_at=instant(item, "created_at"),
        updated_at=instant(item, "updated_at"),
        customers=tuple(plain(item["customers"])),
        store_id=string(item, "store_id"),
        request=string(item, "request"),
        state=ErasureState(item["state"]["S"]),
        removed=plain(item["removed"]),
        place=json.loads(place) if place else None,
        settled_at=instant(item, "settled_at") if "settled_at" in item else None,
        finished_at=instant(item, "finished_at") if "finished_at" in item else None,
        version=int(item["version"]["N"]),
    )
