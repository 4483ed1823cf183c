"""How far stores' snapshots are: one item a store in Workspace."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from laurel.leaderboard.refresh import Mark, Progress
from laurel.model.account import Store
from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.dynamodb import Item, attribute, attributes, pages, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TOLD = "told_"
_TELLING = "telling_"


class Refreshes:
    """Progress by store. Reads are strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def progress(self, store: Store) -> Progress:
        """How far a store's snapshots are."""
        item = self._client.get_item(TableName=self._table, Key=_key(store), ConsistentRead=True).get("Item")
        return _decode(item or {})

    def of_account(self, account_id: str) -> dict[str, Progress]:
        """The same by store, of an account's stores that have any."""
        items = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": keys.refreshed("")}),
            ConsistentRead=True,
        )
        return {keys.split(item["sk"]["S"])[1]: _decode(item) for item in items}

    def begin(self, store: Store, board: str, before: Mark | None, after: Mark) -> bool:
        """Write down that a snapshot is being told; False if another is, or ``before`` is not the last one told."""
        seen = "#told = :before" if before else "attribute_not_exists(#told)"
        return self._update(
            store,
            board,
            UpdateExpression="SET #telling = :after",
            ConditionExpression=f"attribute_not_exists(#telling) AND {seen}",
            ExpressionAttributeValues={":after": _encode(after)} | ({":before": _encode(before)} if before else {}),
        )

    def end(self, store: Store, board: str, after: Mark) -> bool:
        """Write down that the snapshot that was being told is told; False if somebody did that before."""
        return self._update(
            store,
            board,
            UpdateExpression="SET #told = :after REMOVE #telling",
            ConditionExpression="#telling = :after",
            ExpressionAttributeValues={":after": _encode(after)},
        )

    def _update(self, store: Store, board: str, **update: Any) -> bool:
        return written(
            self._client.update_item,
            TableName=self._table,
            Key=_key(store),
            ExpressionAttributeNames={"#told": _TOLD + board, "#telling": _TELLING + board},
            **update,
        )


def _key(store: Store) -> Item:
    return attributes({"pk": store.account_id, "sk": keys.refreshed(store.id)})


def _encode(mark: Mark) -> Item:
    return attribute(keys.join(mark.period, str(epoch_ms(mark.hour))))


def _decode(item: Item) -> Progress:
    marks = {name: _mark(value["S"]) for name, value in item.items() if name.startswith((_TOLD, _TELLING))}
    return Progress(
        {name.removeprefix(_TOLD): mark for name, mark in marks.items() if name.startswith(_TOLD)},
        {name.removeprefix(_TELLING): mark for name, mark in marks.items() if name.startswith(_TELLING)},
    )


def _mark(text: str) -> Mark:
    period, hour = keys.split(text)
    return Mark(period, datetime.fromtimestamp(int(hour) / 1000, UTC))
