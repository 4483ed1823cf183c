"""Runs of automations: read, taken further, and held while their automation is paused, in Contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from laurel.model.automation import Run
from laurel.model.contact import ContactRef
from laurel.store import keys
from laurel.store.dynamodb import Item, attribute, attributes, failed_condition, is_cancelled, setting
from laurel.store.run_items import decode_run, progress, run_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Runs:
    """The runs in the Contacts table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def run(self, ref: ContactRef, run_id: str) -> Run | None:
        """A run, strongly consistent, or None if there is none, as after its contact was erased."""
        answer = self._client.get_item(TableName=self._table, Key=run_key(ref, run_id), ConsistentRead=True)
        return decode_run(answer["Item"]) if "Item" in answer else None

    def save(self, it: Run) -> bool:
        """Write how far a run is, if it still has the version before; False if not, or if it is gone."""
        update = setting(progress(it))
        update["ExpressionAttributeValues"][":before"] = attribute(it.version - 1)
        try:
            self._client.update_item(
                TableName=self._table, Key=run_key(it.ref, it.id), ConditionExpression="#version = :before", **update
            )
        except ClientError as error:
            if failed_condition(error) is None and not is_cancelled(error):
                raise
            return False
        return True

    def hold(self, it: Run) -> None:
        """List a run among those that wait for their automation to be enabled again."""
        ref = it.ref
        values = {
            "list_pk": keys.held_list(ref.account_id, ref.audience_id, it.automation_id),
            "list_sk": keys.held_place(ref.contact, it.id),
        }
        self._client.put_item(TableName=self._table, Item=_held_key(ref, it.id) | attributes(values))

    def let_go(self, ref: ContactRef, run_id: str) -> None:
        """Take a run off that list."""
        self._client.delete_item(TableName=self._table, Key=_held_key(ref, run_id))

    def held(self, account_id: str, audience_id: str, automation_id: str, at_most: int) -> list[tuple[ContactRef, str]]:
        """Runs on that list."""
        answer = self._client.query(
            TableName=self._table,
            IndexName="by_list",
            KeyConditionExpression="list_pk = :list",
            ExpressionAttributeValues=attributes({":list": keys.held_list(account_id, audience_id, automation_id)}),
            Limit=at_most,
        )
        places = (keys.split(item["list_sk"]["S"]) for item in answer["Items"])
        return [(ContactRef(account_id, audience_id, contact), run_id) for contact, run_id in places]


def _held_key(ref: ContactRef, run_id: str) -> Item:
    return attributes({"pk": keys.person(ref.account_id, ref.audience_id, ref.contact), "sk": keys.held(run_id)})
