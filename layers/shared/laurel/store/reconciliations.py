"""Runs of reconciliations, in Workspace for ninety days, and how far each store is reconciled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from laurel.model.account import Store
from laurel.model.order import epoch_ms
from laurel.model.reconciliation import (
    KEPT,
    BoardFigures,
    Reconciled,
    Reconciliation,
    ShopFigures,
    kept_boards,
    kept_shop,
    read_boards,
    read_shop,
)
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, instant, string, unchanged_since, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Reconciliations:
    """The reconciliations in the Workspace table. Reads are strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def begin(self, run: Reconciliation) -> None:
        """Keep a run that begins; one that is there already stays as it is."""
        written(self._client.put_item, TableName=self._table, Item=_encode(run), **unchanged_since(0))

    def finish(self, run: Reconciliation, reconciled: Reconciled) -> None:
        """Keep what a run came to, and how far its store is reconciled. Done again it changes nothing."""
        self._client.put_item(TableName=self._table, Item=_encode(run))
        self._client.put_item(
            TableName=self._table,
            Item=attributes(
                {
                    "pk": run.account_id,
                    "sk": keys.reconciled(run.store_id),
                    "shop_until": epoch_ms(reconciled.shop_until) if reconciled.shop_until else None,
                    "finished_at": epoch_ms(reconciled.finished_at) if reconciled.finished_at else None,
                }
            ),
        )

    def run(self, store: Store, run_id: str) -> Reconciliation | None:
        """A run, or None."""
        item = self._get(store, keys.reconciliation(store.id, run_id))
        return _decode(item) if item else None

    def runs(self, store: Store, at_most: int) -> list[Reconciliation]:
        """The store's last runs, newest first."""
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes(
                {":pk": store.account_id, ":prefix": keys.reconciliation(store.id, "")}
            ),
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=at_most,
        )
        return [_decode(item) for item in answer["Items"]]

    def reconciled(self, store: Store) -> Reconciled:
        """How far the store is reconciled."""
        item = self._get(store, keys.reconciled(store.id)) or {}
        return Reconciled(
            shop_until=instant(item, "shop_until") if "shop_until" in item else None,
            finished_at=instant(item, "finished_at") if "finished_at" in item else None,
        )

    def _get(self, store: Store, sk: str) -> Item | None:
        key = attributes({"pk": store.account_id, "sk": sk})
        return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")


def _encode(run: Reconciliation) -> Item:
    return attributes(
        {
            "pk": run.account_id,
            "sk": keys.reconciliation(run.store_id, run.id),
            "audience_id": run.audience_id,
            "began_at": epoch_ms(run.began_at),
            "by": run.by,
            "finished_at": epoch_ms(run.finished_at) if run.finished_at else None,
            "shop": _json(kept_shop(run.shop)),
            "boards": _json(kept_boards(run.boards)),
            "expires_at": epoch_ms(run.began_at + KEPT) // 1000,
        }
    )


def _decode(item: Item) -> Reconciliation:
    _, store_id, run_id = keys.split(item["sk"]["S"])
    return Reconciliation(
        account_id=item["pk"]["S"],
        audience_id=item["audience_id"]["S"],
        store_id=store_id,
        id=run_id,
        began_at=instant(item, "began_at"),
        by=string(item, "by"),
        finished_at=instant(item, "finished_at") if "finished_at" in item else None,
        shop=_read_shop(item),
        boards=_read_boards(item),
    )


def _read_shop(item: Item) -> ShopFigures:
    return read_shop(json.loads(item["shop"]["S"]))


def _read_boards(item: Item) -> BoardFigures:
    return read_boards(json.loads(item["boards"]["S"]))


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))
