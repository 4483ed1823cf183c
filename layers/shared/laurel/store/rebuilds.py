"""What a rebuild walks along: a store's orders, as their locators tell them, and who of its customers is done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from laurel.model.account import Store
from laurel.store import keys
from laurel.store.dynamodb import attribute, attributes, get_all

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """Owners of a store's next orders, how many orders these are, and the last one's id (None at the end)."""

    owners: list[str]
    orders: int
    last: str | None


class Rebuilds:
    """Locators in Ledger, and marks in Rankings."""

    def __init__(self, client: DynamoDBClient, ledger: str, rankings: str) -> None:
        self._client = client
        self._ledger = ledger
        self._rankings = rankings

    def page(self, store: Store, after: str | None, limit: int) -> OrdersPage:
        """The next so many orders of a store by id; strongly consistent."""
        answer = self._client.query(**self._locators(store, after), Limit=limit)
        last = answer.get("LastEvaluatedKey")
        owners = dict.fromkeys(item["owner"]["S"] for item in answer["Items"])
        return OrdersPage(list(owners), len(answer["Items"]), keys.split(last["sk"]["S"])[1] if last else None)

    def count(self, store: Store, after: str | None) -> tuple[int, str | None]:
        """How many orders one page of DynamoDB's holds, and the last one's id (None at the end)."""
        answer = self._client.query(**self._locators(store, after), Select="COUNT")
        last = answer.get("LastEvaluatedKey")
        return answer["Count"], keys.split(last["sk"]["S"])[1] if last else None

    def marked(self, store: Store, job: str, customers: Collection[str]) -> set[str]:
        """Who of these customers is done, as far as this job is concerned."""
        pk = keys.board(store.account_id, store.id, keys.REBUILT)
        wanted = [attributes({"pk": pk, "sk": customer}) for customer in customers]
        found = get_all(self._client, self._rankings, wanted, ConsistentRead=True)
        return {item["sk"]["S"] for item in found if item["job"]["S"] == job}

    def mark(self, store: Store, job: str, customer: str, now: datetime) -> None:
        """Say that a customer is done. The mark expires by TTL."""
        self._client.put_item(
            TableName=self._rankings,
            Item=attributes(
                {
                    "pk": keys.board(store.account_id, store.id, keys.REBUILT),
                    "sk": customer,
                    "job": job,
                    "expires_at": int((now + _KEPT).timestamp()),
                }
            ),
        )

    def _locators(self, store: Store, after: str | None) -> Any:
        pk = keys.store_orders(store.account_id, store.id)
        query: dict[str, Any] = {
            "TableName": self._ledger,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": attributes({":pk": pk, ":prefix": keys.locator("")}),
            "ConsistentRead": True,
        }
        if after is not None:
            query["ExclusiveStartKey"] = {"pk": attribute(pk), "sk": attribute(keys.locator(after))}
        return query
