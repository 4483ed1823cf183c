"""A store's orders as they are kept in Ledger, by the shop's own ids."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from laurel.ingestion.mailchimp import KeptOrder
from laurel.model.account import Store
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, count_items, get_all, pages, plain, string
from laurel.store.ledger_items import decode_order

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTEMPTS = 3


class ShopOrders:
    """Orders in the Ledger table, read one by one or by the page."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def order(self, store: Store, order_id: str) -> KeptOrder | None:
        """An order by its id, strongly consistent, or None; looks again where it was just moved to."""
        item: Item = {}
        for _ in range(_ATTEMPTS):
            owner = string(self._get(_locator(store, order_id)), "owner")
            item = self._get(_key(store, order_id, owner)) if owner else {}
            if not item or "moved_to" not in item:
                break
        return _decode(item) if item else None

    def of_customer(self, store: Store, customer: str) -> list[KeptOrder]:
        """All orders of a customer that stand."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes(
                {
                    ":pk": keys.person(store.account_id, store.audience_id, customer),
                    ":prefix": keys.orders(store.id),
                }
            ),
        )
        return _standing(query)

    def page(self, store: Store, offset: int, count: int) -> list[KeptOrder]:
        """Those that stand of so many orders after the first ``offset``, by id."""
        locators = islice(pages(self._client, TableName=self._table, **self._of_store(store)), offset, offset + count)
        wanted = [_key(store, keys.split(item["sk"]["S"])[1], item["owner"]["S"]) for item in locators]
        found = _standing(get_all(self._client, self._table, wanted))
        return sorted(found, key=lambda kept: kept.order.id)

    def count(self, store: Store) -> int:
        """How many orders a store has ever had."""
        return count_items(self._client, TableName=self._table, **self._of_store(store))

    def _of_store(self, store: Store) -> dict[str, Any]:
        return {
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": attributes(
                {":pk": keys.store_orders(store.account_id, store.id), ":prefix": keys.locator("")}
            ),
        }

    def _get(self, key: Item) -> Item:
        return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {})


def _locator(store: Store, order_id: str) -> Item:
    return attributes({"pk": keys.store_orders(store.account_id, store.id), "sk": keys.locator(order_id)})


def _key(store: Store, order_id: str, owner: str) -> Item:
    pk = keys.person(store.account_id, store.audience_id, owner)
    return attributes({"pk": pk, "sk": keys.order(store.id, order_id)})


def _standing(items: Iterable[Item]) -> list[KeptOrder]:
    kept = [_decode(item) for item in items if "moved_to" not in item]
    return [order for order in kept if order.stands]


def _decode(item: Item) -> KeptOrder:
    refunds = plain(item["refunds"]) if "refunds" in item else {}
    return KeptOrder(decode_order(item), string(item, "revision") or "", refunds)
