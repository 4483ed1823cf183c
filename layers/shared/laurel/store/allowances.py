"""How many messages an account has sent, one item a month, counted before a message is accepted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from laurel.model.message import Limits, Usage
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, failed_condition, number

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Allowances:
    """The counters in the Workspace table. Months and days are UTC's."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def count(self, account_id: str, now: datetime, limits: Limits) -> Usage | None:
        """Count one more message in a single conditional write; the present counts instead if a limit is reached."""
        if not (limits.month and limits.day):
            return self.usage(account_id, now)
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(account_id, now),
                UpdateExpression="ADD sent :one, #day :one",
                ConditionExpression=(
                    "(attribute_not_exists(sent) OR sent < :month) AND (attribute_not_exists(#day) OR #day < :ceiling)"
                ),
                ExpressionAttributeNames={"#day": _day(now)},
                ExpressionAttributeValues=attributes({":one": 1, ":month": limits.month, ":ceiling": limits.day}),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if (kept := failed_condition(error)) is None:
                raise
            return _decode(kept, now)
        return None

    def give_back(self, account_id: str, counted_at: datetime) -> None:
        """Take back what was counted for a message that was not accepted after all."""
        self._client.update_item(
            TableName=self._table,
            Key=_key(account_id, counted_at),
            UpdateExpression="ADD sent :less, #day :less",
            ExpressionAttributeNames={"#day": _day(counted_at)},
            ExpressionAttributeValues=attributes({":less": -1}),
        )

    def usage(self, account_id: str, now: datetime) -> Usage:
        """What was counted so far, strongly consistent."""
        answer = self._client.get_item(TableName=self._table, Key=_key(account_id, now), ConsistentRead=True)
        return _decode(answer.get("Item", {}), now)


def _key(account_id: str, now: datetime) -> Item:
    return attributes({"pk": account_id, "sk": keys.messages_of_month(f"{now.astimezone(UTC):%Y-%m}")})


def _day(now: datetime) -> str:
    return f"sent_on_{now.astimezone(UTC):%d}"


def _decode(item: Item, now: datetime) -> Usage:
    return Usage(number(item, "sent") or 0, number(item, _day(now)) or 0)
