"""A store's rates of other currencies, in Workspace beside the store."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from laurel.model.account import Store
from laurel.model.rates import Rates
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, string, unchanged_since, written_together
from laurel.store.workspace import store_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class RateTables:
    """Reads and writes tables of rates."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table
        self._known: dict[tuple[str, str], Rates] = {}

    def rates(self, store: Store) -> Rates:
        """The table that the store says it has, or a newer one; remembered until the store says that there is one."""
        if not store.rates_revision:
            return Rates()
        known = self._known.get((store.account_id, store.id))
        if known is None or known.revision < store.rates_revision:
            known = self._known[store.account_id, store.id] = self._read(store)
        return known

    def save(self, store: Store, rates: Rates) -> bool:
        """Write a store and its table if nobody else wrote the store since it was read; False if so."""
        saved = replace(store, version=store.version + 1)
        table: dict[str, dict[str, str]] = defaultdict(dict)
        for (currency, month), rate in sorted(rates.table.items()):
            table[currency][month] = rate
        item = {**self._key(store), **attributes({"rates": json.dumps(table), "revision": rates.revision})}
        writes: Any = [
            {"Put": {"TableName": self._table, "Item": store_item(saved), **unchanged_since(store.version)}},
            {"Put": {"TableName": self._table, "Item": item}},
        ]
        return written_together(self._client, writes)

    def _read(self, store: Store) -> Rates:
        item = self._client.get_item(TableName=self._table, Key=self._key(store), ConsistentRead=True).get("Item", {})
        kept = json.loads(string(item, "rates") or "{}")
        table = {(currency, month): rate for currency, months in kept.items() for month, rate in months.items()}
        return Rates(table, int(item["revision"]["N"]) if item else store.rates_revision)

    @staticmethod
    def _key(store: Store) -> Item:
        return attributes({"pk": store.account_id, "sk": keys.rates(store.id)})
