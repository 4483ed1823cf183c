"""Senders of an account, in Workspace, and which account holds a domain or address."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from laurel.model.errors import Busy, SenderTaken
from laurel.model.sender import Sender, SenderKind, SenderState
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, is_cancelled, pages, plain_item, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Senders:
    """The senders in the Workspace table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def senders(self, account_id: str) -> list[Sender]:
        """All senders of an account, oldest first."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": keys.sender("")}),
            ConsistentRead=True,
        )
        found = [_decode(account_id, keys.split(item["sk"]["S"])[1], plain_item(item)) for item in query]
        return sorted(found, key=lambda sender: (sender.created_at, sender.id))

    def sender(self, account_id: str, sender_id: str) -> Sender | None:
        """A sender of the account, strongly consistent, or None."""
        item = self._get(attributes({"pk": account_id, "sk": keys.sender(sender_id)}))
        return _decode(account_id, sender_id, item) if item else None

    def holder(self, identity: str) -> str | None:
        """Id of the account that holds a domain or address, or None."""
        claim = self._get(_claim_key(identity))
        return str(claim["account_id"]) if claim else None

    def claim(self, sender: Sender) -> Sender:
        """Write a sender and hold its identity, both or neither; the earlier sender if the account holds it already.

        Raises ``SenderTaken`` if another account holds it, ``Busy`` if that changes just now.
        """
        claim = _claim_key(sender.identity) | attributes({"account_id": sender.account_id, "sender_id": sender.id})
        values = {
            "kind": sender.kind.value,
            "identity": sender.identity,
            "state": sender.state.value,
            "created_at": int(sender.created_at.timestamp()),
            "checked_at": int(sender.checked_at.timestamp()),
        }
        items = (claim, _key(sender) | attributes(values))
        writes: list[Any] = [
            {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}
            for item in items
        ]
        try:
            self._client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if not is_cancelled(error):
                raise
        else:
            return sender
        held = self._get(_claim_key(sender.identity))
        if held and held["account_id"] != sender.account_id:
            raise SenderTaken
        known = self.sender(sender.account_id, held["sender_id"]) if held else None
        if known is None:
            raise Busy(f"Sender {sender.identity!r}")
        return known

    def release(self, sender: Sender) -> None:
        """Remove a sender, and have nobody hold its identity; what is gone already stays so. Raises ``Busy``."""
        held = {
            "ConditionExpression": "sender_id = :sender",
            "ExpressionAttributeValues": attributes({":sender": sender.id}),
        }
        writes: list[Any] = [
            {"Delete": {"TableName": self._table, "Key": _claim_key(sender.identity), **held}},
            {"Delete": {"TableName": self._table, "Key": _key(sender)}},
        ]
        try:
            self._client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if not is_cancelled(error):
                raise
            if self.sender(sender.account_id, sender.id):
                raise Busy(f"Sender {sender.identity!r}") from None

    def save_state(self, sender: Sender) -> None:
        """Keep what the mail service said of a sender, unless the sender is gone."""
        values = {":state": sender.state.value, ":checked_at": int(sender.checked_at.timestamp())}
        written(
            self._client.update_item,
            TableName=self._table,
            Key=_key(sender),
            UpdateExpression="SET #state = :state, checked_at = :checked_at",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues=attributes(values),
        )

    def _get(self, key: Item) -> dict[str, Any] | None:
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return plain_item(answer["Item"]) if "Item" in answer else None


def _key(sender: Sender) -> Item:
    return attributes({"pk": sender.account_id, "sk": keys.sender(sender.id)})


def _claim_key(identity: str) -> Item:
    digest = hashlib.sha256(identity.encode()).hexdigest()
    return attributes({"pk": keys.sender_claim(digest), "sk": keys.CLAIM})


def _decode(account_id: str, sender_id: str, item: Mapping[str, Any]) -> Sender:
    return Sender(
        account_id=account_id,
        id=sender_id,
        kind=SenderKind(item["kind"]),
        identity=item["identity"],
        state=SenderState(item["state"]),
        created_at=datetime.fromtimestamp(item["created_at"], UTC),
        checked_at=datetime.fromtimestamp(item["checked_at"], UTC),
    )
