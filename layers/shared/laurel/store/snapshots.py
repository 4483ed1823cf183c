"""Daily figures of an audience's scores, in Workspace for good."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from laurel.model.order import epoch_ms
from laurel.scoring.distribution import Distribution, Snapshot
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, pages, plain_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Snapshots:
    """The snapshots in the Workspace table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def save(self, account_id: str, audience_id: str, snapshot: Snapshot) -> None:
        """Keep the figures of a day; those of the same day are replaced."""
        found = snapshot.distribution
        item = attributes(
            {
                "pk": account_id,
                "sk": keys.score_snapshot(audience_id, snapshot.day.isoformat()),
                "as_of": epoch_ms(found.as_of),
                "contacts": found.contacts,
                "total": found.total,
                "lowest": found.lowest,
                "highest": found.highest,
                "deciles": list(found.deciles),
                "histogram": list(found.histogram),
            }
        )
        self._client.put_item(TableName=self._table, Item=item)

    def latest(self, account_id: str, audience_id: str) -> Snapshot | None:
        """The newest figures, or None if there are none."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": keys.score_snapshot(audience_id, "")}),
            ScanIndexForward=False,
            Limit=1,
        )
        return next(map(_decode, answer["Items"]), None)

    def between(self, account_id: str, audience_id: str, first: date, last: date) -> list[Snapshot]:
        """Figures of the days from ``first`` to ``last``, both included, oldest first."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues=attributes(
                {
                    ":pk": account_id,
                    ":first": keys.score_snapshot(audience_id, first.isoformat()),
                    ":last": keys.score_snapshot(audience_id, last.isoformat()),
                }
            ),
        )
        return [_decode(item) for item in query]


def _decode(item: Item) -> Snapshot:
    values: dict[str, Any] = plain_item(item)
    return Snapshot(
        date.fromisoformat(keys.split(values["sk"])[2]),
        Distribution(
            as_of=datetime.fromtimestamp(values["as_of"] / 1000, UTC),
            contacts=values["contacts"],
            total=values["total"],
            lowest=values.get("lowest"),
            highest=values.get("highest"),
            deciles=tuple(values["deciles"]),
            histogram=tuple(values["histogram"]),
        ),
    )
