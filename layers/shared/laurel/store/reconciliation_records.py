"""What a reconciliation compares: orders as they are kept, by id and by customer, and the rows made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from laurel.model.account import Store
from laurel.model.order import CustomerRef, LedgerOrder
from laurel.model.ranking import Figures, Metric, RankingRow
from laurel.model.reconciliation import Amount
from laurel.reconciliation.boards import People, RowsPage, StoredRow
from laurel.reconciliation.shop import KeptOrder
from laurel.store import keys
from laurel.store.dynamodb import Item, attribute, attributes, get_all, number, string, written
from laurel.store.ledger import Ledger
from laurel.store.ledger_items import FORMER, decode_order
from laurel.store.rankings import row_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_FEW = 10
"""Orders that are read first, where most customers have no more."""

_COUNTED = "sk, orders_count, total_spent"


class ReconciliationRecords:
    """Locators and orders in Ledger, rows in Rankings."""

    def __init__(self, client: DynamoDBClient, ledger: str, rankings: str) -> None:
        self._client = client
        self._ledger = ledger
        self._rankings = rankings
        self._facts = Ledger(client, ledger)

    def kept_orders(self, store: Store, order_ids: Sequence[str]) -> Mapping[str, KeptOrder]:
        """Orders by id, as they are kept; strongly consistent. One that moved away meanwhile is left out."""
        pk = attribute(keys.store_orders(store.account_id, store.id))
        locators = [{"pk": pk, "sk": attribute(keys.locator(id_))} for id_ in dict.fromkeys(order_ids)]
        wanted = [
            attributes(
                {
                    "pk": keys.person(store.account_id, store.audience_id, item["owner"]["S"]),
                    "sk": keys.order(store.id, keys.split(item["sk"]["S"])[1]),
                }
            )
            for item in get_all(self._client, self._ledger, locators, ConsistentRead=True)
        ]
        found = get_all(self._client, self._ledger, wanted, ConsistentRead=True)
        kept = {
            keys.split(item["sk"]["S"])[2]: KeptOrder(
                decode_order(item), string(item, "revision") or "", string(item, "digest") or ""
            )
            for item in found
        }
        return {id_: it for id_, it in kept.items() if not it.order.moved_to}

    def people(self, store: Store, after: str | None, limit: int) -> People:
        """The next so many orders of a store by id, each with who has it and who had it."""
        pk = keys.store_orders(store.account_id, store.id)
        start: dict[str, Any] = {}
        if after is not None:
            start["ExclusiveStartKey"] = attributes({"pk": pk, "sk": keys.locator(after)})
        answer = self._client.query(
            TableName=self._ledger,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": pk, ":prefix": keys.locator("")}),
            Limit=limit,
            **start,
        )
        last = answer.get("LastEvaluatedKey")
        return People(
            [(keys.split(item["sk"]["S"])[1], _people(item)) for item in answer["Items"]],
            keys.split(last["sk"]["S"])[1] if last else None,
        )

    def orders(self, ref: CustomerRef, *, settled: bool) -> Iterator[LedgerOrder]:
        """All orders ever kept under a customer, lazily; strongly consistent if they are to be settled."""
        return self._facts.orders_of(ref, _FEW, settled=settled)

    def rows(
        self, store: Store, wanted: Sequence[tuple[str, str]], *, settled: bool
    ) -> Mapping[tuple[str, str], StoredRow]:
        """Rows by customer and period; those that are not there are left out."""
        items = [
            attributes({"pk": keys.board(store.account_id, store.id, period), "sk": customer})
            for customer, period in wanted
        ]
        found = get_all(self._client, self._rankings, items, ConsistentRead=settled)
        return {(item["sk"]["S"], keys.split(item["pk"]["S"])[2]): _decode_row(item) for item in found}

    def period(self, store: Store, period: str, after: str | None, limit: int | None) -> RowsPage:
        """The next rows of a period: so many, or as many as DynamoDB answers with."""
        pk = keys.board(store.account_id, store.id, period)
        more: dict[str, Any] = {"Limit": limit} if limit else {}
        if after is not None:
            more["ExclusiveStartKey"] = attributes({"pk": pk, "sk": after})
        answer = self._client.query(
            TableName=self._rankings,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=attributes({":pk": pk}),
            ProjectionExpression=_COUNTED,
            **more,
        )
        last = answer.get("LastEvaluatedKey")
        rows = [
            (item["sk"]["S"], Amount(number(item, "orders_count") or 0, number(item, "total_spent") or 0))
            for item in answer["Items"]
        ]
        return RowsPage(rows, last["sk"]["S"] if last else None)

    def mend(self, store: Store, row: RankingRow, seen: int) -> bool:
        """Write a row in place of one of that version; False if another is there by now."""
        return written(
            self._client.put_item,
            TableName=self._rankings,
            Item=row_item(store, row),
            ConditionExpression="version = :seen",
            ExpressionAttributeValues={":seen": attribute(seen)},
        )


def _people(item: Item) -> list[str]:
    return [value["S"] for name, value in item.items() if name == "owner" or name.startswith(FORMER)]


def _decode_row(item: Item) -> StoredRow:
    return StoredRow(
        Figures(
            number(item, "orders_count") or 0, number(item, "total_spent") or 0, number(item, "last_order_at") or 0
        ),
        {metric: int(item[f"rank_{metric.value}"]["N"]) for metric in Metric if f"rank_{metric.value}" in item},
        number(item, "version") or 0,
    )
