"""Customers as a shop's own client numbers them, in Ledger.

Who one is stands beside the store's order locators, under a digest of the shop's id; the id itself stands in the
person's own partition, and so goes with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from laurel.ingestion.shop_customers import ShopCustomer, digest
from laurel.model.account import Store
from laurel.store import keys
from laurel.store.dynamodb import Item, Value, attributes, count_items, get_all, number, pages, string

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class ShopCustomers:
    """A shop's customers in the Ledger table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def customer(self, store: Store, customer_id: str) -> ShopCustomer | None:
        """A customer by the shop's id, strongly consistent, or None."""
        named = digest(customer_id)
        owner = string(self._get(_locator(store, named)), "owner")
        return _decode(self._get(_own(store, owner, named)), owner) if owner else None

    def keep(self, store: Store, customer: ShopCustomer, before: ShopCustomer | None) -> None:
        """Write who a customer is. First what is in the person's partition: after a crash nothing leads nowhere."""
        named = digest(customer.id)
        about: dict[str, Value] = {"id": customer.id, "created_at": int(customer.created_at.timestamp())}
        self._client.put_item(TableName=self._table, Item=_own(store, customer.owner, named) | attributes(about))
        locator = _locator(store, named) | attributes({"owner": customer.owner})
        self._client.put_item(TableName=self._table, Item=locator)
        if before and before.owner != customer.owner:
            self._client.delete_item(TableName=self._table, Key=_own(store, before.owner, named))

    def forget(self, store: Store, customer: ShopCustomer) -> None:
        """Take a customer out; the person, and what they bought, stays."""
        named = digest(customer.id)
        for key in (_locator(store, named), _own(store, customer.owner, named)):
            self._client.delete_item(TableName=self._table, Key=key)

    def page(self, store: Store, offset: int, count: int) -> list[ShopCustomer]:
        """So many customers after the first ``offset``, in an order that stays."""
        located = list(islice(self._locators(store), offset, offset + count))
        wanted = [_own(store, item["owner"]["S"], keys.split(item["sk"]["S"])[1]) for item in located]
        found = {
            keys.split(item["sk"]["S"])[2]: _decode(item, keys.split(item["pk"]["S"])[2])
            for item in get_all(self._client, self._table, wanted)
        }
        page = [found.get(keys.split(item["sk"]["S"])[1]) for item in located]
        return [customer for customer in page if customer]

    def of_person(self, store: Store, owner: str) -> list[ShopCustomer]:
        """All customers of a store that a person is."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes(
                {
                    ":pk": keys.person(store.account_id, store.audience_id, owner),
                    ":prefix": keys.shop_customers(store.id),
                }
            ),
        )
        return [customer for item in query if (customer := _decode(item, owner))]

    def count(self, store: Store) -> int:
        """How many customers a store has."""
        return count_items(self._client, TableName=self._table, **_of_store(store, keys.shop_customer_locator("")))

    def _locators(self, store: Store) -> Iterator[Item]:
        return pages(self._client, TableName=self._table, **_of_store(store, keys.shop_customer_locator("")))

    def _get(self, key: Item) -> Item:
        return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {})


def _of_store(store: Store, prefix: str) -> dict[str, Any]:
    return {
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
        "ExpressionAttributeValues": attributes(
            {":pk": keys.store_orders(store.account_id, store.id), ":prefix": prefix}
        ),
    }


def _locator(store: Store, named: str) -> Item:
    return attributes({"pk": keys.store_orders(store.account_id, store.id), "sk": keys.shop_customer_locator(named)})


def _own(store: Store, owner: str, named: str) -> Item:
    pk = keys.person(store.account_id, store.audience_id, owner)
    return attributes({"pk": pk, "sk": keys.shop_customer(store.id, named)})


def _decode(item: Item, owner: str) -> ShopCustomer | None:
    """A customer; None for one whose person has just been changed, or was erased."""
    if not item:
        return None
    return ShopCustomer(item["id"]["S"], owner, datetime.fromtimestamp(number(item, "created_at") or 0, UTC))
