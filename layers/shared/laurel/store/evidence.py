"""Traces of messages, by which a machine's opens and clicks are told from a person's: in Ledger, beside activities.

Each sign is an attribute of its own of the message's one item, so that whoever adds one sees all that were added
before.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from laurel.ingestion.machines import MessageTrace
from laurel.model.activity import RETENTION
from laurel.model.contact import ContactRef
from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, failed_condition

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_HIT, _HONEYPOT = "hit#", "honeypot#"


class Evidence:
    """What is known of each message to each contact. Times are kept to the millisecond."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def trace(self, ref: ContactRef, message: str) -> MessageTrace:
        """What is known of a message; eventually consistent."""
        answer = self._client.get_item(TableName=self._table, Key=_key(ref, message))
        return _decode(answer.get("Item", {}))

    def add_hit(self, ref: ContactRef, message: str, activity_id: str, at: datetime) -> MessageTrace:
        """Add an open or click that may be a person's; returns all that is known then."""
        return self._add(_key(ref, message), _HIT + activity_id, at)

    def add_honeypot(self, ref: ContactRef, message: str, at: datetime) -> MessageTrace:
        """Add a click on a link that people cannot see; returns all that is known then."""
        return self._add(_key(ref, message), f"{_HONEYPOT}{epoch_ms(at)}", at)

    def add_delivery(self, ref: ContactRef, message: str, at: datetime) -> MessageTrace:
        """Add when a message was delivered, of several times the earliest; returns all that is known then."""
        earliest = "attribute_not_exists(delivered_at) OR delivered_at > :at"
        return self._add(_key(ref, message), "delivered_at", at, earliest)

    def mark_machine(self, ref: ContactRef, activity_id: str, reason: str, note: str | None = None) -> bool | None:
        """Mark an activity a machine's, once; False if it was already, None if there is no such activity."""
        values = {"machine": reason, "machine_note": note}
        present = attributes({f":{name}": value for name, value in values.items()})
        try:
            self._client.update_item(
                TableName=self._table,
                Key=attributes(
                    {"pk": keys.person(ref.account_id, ref.audience_id, ref.contact), "sk": keys.activity(activity_id)}
                ),
                UpdateExpression="SET " + ", ".join(f"{name[1:]} = {name}" for name in present),
                ConditionExpression="attribute_exists(pk) AND attribute_not_exists(machine)",
                ExpressionAttributeValues=present,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if (kept := failed_condition(error)) is None:
                raise
            return False if kept else None
        return True

    def _add(self, key: Item, sign: str, at: datetime, condition: str | None = None) -> MessageTrace:
        only: Any = {"ConditionExpression": condition} if condition else {}
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=key,
                UpdateExpression="SET #sign = :at, expires_at = :expires_at",
                ExpressionAttributeNames={"#sign": sign},
                ExpressionAttributeValues=attributes(
                    {":at": epoch_ms(at), ":expires_at": epoch_ms(at + RETENTION) // 1000}
                ),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **only,
            )
        except ClientError as error:
            if (kept := failed_condition(error)) is None:
                raise
            return _decode(kept)
        return _decode(answer["Attributes"])


def _key(ref: ContactRef, message: str) -> Item:
    return attributes({"pk": keys.person(ref.account_id, ref.audience_id, ref.contact), "sk": keys.delivery(message)})


def _decode(item: Item) -> MessageTrace:
    times = {
        name: datetime.fromtimestamp(int(value["N"]) / 1000, UTC)
        for name, value in item.items()
        if name == "delivered_at" or name.startswith((_HIT, _HONEYPOT))
    }
    return MessageTrace(
        delivered_at=times.pop("delivered_at", None),
        hits={name.removeprefix(_HIT): at for name, at in times.items() if name.startswith(_HIT)},
        honeypots=tuple(at for name, at in times.items() if name.startswith(_HONEYPOT)),
    )
