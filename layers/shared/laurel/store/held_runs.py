"""The runs that wait for their automation to be enabled again, in Contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from laurel.model.automation import Run
from laurel.model.contact import ContactRef
from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.dynamodb import Item, Value, attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class HeldRuns:
    """The list of held runs in the Contacts table: an item beside each run, in its contact's partition."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def hold(self, it: Run) -> None:
        """Put a run on the list."""
        ref = it.ref
        values: dict[str, Value] = {
            "started_at": epoch_ms(it.started_at),
            "list_pk": keys.held_list(ref.account_id, ref.audience_id, it.automation_id),
            "list_sk": keys.held_place(ref.contact, it.id),
        }
        self._client.put_item(TableName=self._table, Item=_key(ref, it.id) | attributes(values))

    def let_go(self, ref: ContactRef, run_id: str) -> None:
        """Take a run off the list."""
        self._client.delete_item(TableName=self._table, Key=_key(ref, run_id))

    def held(self, account_id: str, audience_id: str, automation_id: str, at_most: int) -> list[tuple[ContactRef, str]]:
        """Some of an automation's runs on the list."""
        answer = self._client.query(
            TableName=self._table,
            IndexName="by_list",
            KeyConditionExpression="list_pk = :pk",
            ExpressionAttributeValues=attributes({":pk": keys.held_list(account_id, audience_id, automation_id)}),
            Limit=at_most,
        )
        places = (keys.split(item["list_sk"]["S"]) for item in answer["Items"])
        return [(ContactRef(account_id, audience_id, contact), run_id) for contact, run_id in places]


def _key(ref: ContactRef, run_id: str) -> Item:
    return attributes({"pk": keys.person(ref.account_id, ref.audience_id, ref.contact), "sk": keys.held(run_id)})
