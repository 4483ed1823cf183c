"""What changed of orders after they began to count, in the Ledger, in their customer's partition."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from laurel.model.correction import OrderEffect, instant_of
from laurel.model.order import CustomerRef, epoch_ms
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, instant, number, pages

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Corrections:
    """Corrections in the Ledger table: appended, and removed with their person or store."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def keep(self, ref: CustomerRef, effect: OrderEffect, changes: int) -> None:
        """Keep what the change of an order that was its ``changes``-th did; twice is as once."""
        item = attributes(
            {
                "pk": keys.person(ref.account_id, ref.audience_id, ref.customer),
                "sk": keys.correction(ref.store_id, epoch_ms(effect.at), effect.order_id, changes),
                "placed_at": int(effect.placed_at.timestamp()),
                "created_at": epoch_ms(effect.at),
                "before": effect.before,
                "after": effect.after,
            }
        )
        self._client.put_item(TableName=self._table, Item=item)

    def corrections_since(self, ref: CustomerRef, instant: datetime) -> list[OrderEffect]:
        """A customer's corrections from an instant on, oldest first."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues=attributes(
                {
                    ":pk": keys.person(ref.account_id, ref.audience_id, ref.customer),
                    ":first": keys.corrections_from(ref.store_id, epoch_ms(instant)),
                    ":last": keys.corrections_from(ref.store_id, epoch_ms(datetime.max.replace(tzinfo=UTC))),
                }
            ),
        )
        return list(map(_decode, query))


def _decode(item: Item) -> OrderEffect:
    return OrderEffect(
        order_id=keys.split(item["sk"]["S"])[3],
        placed_at=instant_of(number(item, "placed_at") or 0),
        at=instant(item, "created_at"),
        before=number(item, "before"),
        after=number(item, "after"),
    )
