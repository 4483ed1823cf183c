"""Addresses that an account does not write to, in its partition of Workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from laurel.model.identity import contact_id
from laurel.model.order import epoch_ms
from laurel.model.suppression import Suppression, SuppressionReason
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, instant, string, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Suppressions:
    """The suppressed addresses in the Workspace table. Reads are strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def suppression(self, account_id: str, email: str) -> Suppression | None:
        """Why the account does not write to an address, or None if it may."""
        key = _key(account_id, contact_id(email))
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return _decode(item) if item else None

    def suppressions(
        self, account_id: str, limit: int, after: str | None = None
    ) -> tuple[list[Suppression], str | None]:
        """Suppressed addresses in no order that means anything; and the address id after which to go on, if any."""
        start: dict[str, Any] = {"ExclusiveStartKey": _key(account_id, after)} if after else {}
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": keys.suppressed("")}),
            ConsistentRead=True,
            Limit=limit,
            **start,
        )
        last = answer.get("LastEvaluatedKey")
        return list(map(_decode, answer["Items"])), keys.split(last["sk"]["S"])[1] if last else None

    def suppress(self, suppression: Suppression) -> bool:
        """Write to an address no more; False if it was so already, for the reason it was."""
        said = {"email": suppression.email, "reason": suppression.reason.value, "at": epoch_ms(suppression.at)}
        return written(
            self._client.put_item,
            TableName=self._table,
            Item=_key(suppression.account_id, suppression.address_id) | attributes(said),
            ConditionExpression="attribute_not_exists(pk)",
        )

    def release(self, account_id: str, address_id: str) -> Suppression | None:
        """Let an address be written to again; what it was suppressed for, or None if it was not."""
        answer = self._client.delete_item(
            TableName=self._table, Key=_key(account_id, address_id), ReturnValues="ALL_OLD"
        )
        return _decode(answer["Attributes"]) if answer.get("Attributes") else None


def _key(account_id: str, address_id: str) -> Item:
    return attributes({"pk": account_id, "sk": keys.suppressed(address_id)})


def _decode(item: Item) -> Suppression:
    return Suppression(
        account_id=item["pk"]["S"],
        email=string(item, "email"),
        reason=SuppressionReason(item["reason"]["S"]),
        at=instant(item, "at"),
        address_id=keys.split(item["sk"]["S"])[1],
    )
