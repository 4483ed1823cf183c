"""Webhook deliveries that could not be read, in Ledger for thirty days."""

from __future__ import annotations

import base64
import hashlib
import zlib
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from laurel.model.account import Store
from laurel.model.errors import FieldError
from laurel.model.setaside import UnreadableDelivery
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, pages, plain_item, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

RETENTION = timedelta(days=30)
_LARGEST_BODY = 300_000
"""Characters of a compressed body; an item may have 400 KB."""


class Unreadable:
    """Unreadable deliveries in the Ledger table, beside their store's order locators."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def keep(self, store: Store, delivery: UnreadableDelivery, body: bytes | None) -> bool:
        """Keep a delivery and, if there is to be one, its body; False if it is kept already."""
        item = attributes(
            {
                "pk": keys.store_orders(store.account_id, store.id),
                "sk": keys.unreadable(delivery.id),
                "topic": delivery.topic,
                "received_at": int(delivery.received_at.timestamp()),
                "faults": [{"pointer": fault.pointer, "detail": fault.detail} for fault in delivery.faults],
                "expires_at": int((delivery.received_at + RETENTION).timestamp()),
            }
        )
        return written(
            self._client.put_item,
            TableName=self._table,
            Item=item | ({} if body is None else _body(body)),
            ConditionExpression="attribute_not_exists(pk)",
        )

    def of_store(self, store: Store, at_most: int) -> list[UnreadableDelivery]:
        """A store's unreadable deliveries, at most so many, without their bodies."""
        query = pages(
            self._client,
            at_most,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes(
                {":pk": keys.store_orders(store.account_id, store.id), ":prefix": keys.unreadable("")}
            ),
            ProjectionExpression="sk, topic, received_at, faults",
        )
        return [_decode(plain_item(item)) for item in islice(query, at_most)]


def _body(body: bytes) -> Item:
    """The body's bytes, compressed, as base64; of one that is too large no more than its length and SHA-256."""
    compressed = base64.b64encode(zlib.compress(body)).decode()
    if len(compressed) <= _LARGEST_BODY:
        return attributes({"body": compressed})
    return attributes({"truncated": True, "body_bytes": len(body), "body_sha256": hashlib.sha256(body).hexdigest()})


def _decode(item: dict[str, Any]) -> UnreadableDelivery:
    return UnreadableDelivery(
        id=keys.split(item["sk"])[1],
        topic=item["topic"],
        received_at=datetime.fromtimestamp(item["received_at"], UTC),
        faults=tuple(FieldError(fault["pointer"], fault["detail"]) for fault in item["faults"]),
    )
