"""The key of an account that signs the links in its mails, in Workspace."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, failed_condition

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class LinkKeys:
    """The link keys in the Workspace table: one an account, made when its first link is."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def known(self, account_id: str) -> bytes | None:
        """The account's key, or None if it never made a link."""
        answer = self._client.get_item(TableName=self._table, Key=_key(account_id), ConsistentRead=True)
        return bytes.fromhex(answer["Item"]["link_key"]["S"]) if "Item" in answer else None

    def made(self, account_id: str) -> bytes:
        """The account's key, which is made if there is none; whoever asks at the same time gets the same."""
        known = self.known(account_id)
        if known:
            return known
        item = _key(account_id) | attributes({"link_key": secrets.token_hex(32)})
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if (kept := failed_condition(error)) is None:
                raise
            item = kept
        return bytes.fromhex(item["link_key"]["S"])


def _key(account_id: str) -> Item:
    return attributes({"pk": account_id, "sk": keys.LINK_KEY})
