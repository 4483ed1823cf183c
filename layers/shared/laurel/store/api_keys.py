"""API keys of an account, in Workspace, and whose a key is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from laurel.model.account import Role
from laurel.model.api_key import ApiKey
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, pages, plain_item, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class ApiKeys:
    """The API keys in the Workspace table. Of a key itself nothing is kept but its SHA-256."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def keys(self, account_id: str) -> list[ApiKey]:
        """All keys of an account, oldest first."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": keys.api_key("")}),
            ConsistentRead=True,
        )
        found = [_decode(account_id, keys.split(item["sk"]["S"])[1], plain_item(item)) for item in query]
        return sorted(found, key=lambda key: (key.created_at, key.id))

    def key(self, account_id: str, key_id: str) -> ApiKey | None:
        """A key of the account, strongly consistent, or None."""
        item = self._get(attributes({"pk": account_id, "sk": keys.api_key(key_id)}))
        return _decode(account_id, key_id, item) if item else None

    def by_fingerprint(self, fingerprint: str) -> ApiKey | None:
        """Whose key has this SHA-256, strongly consistent: a revoked one is nobody's at once."""
        claim = self._get(_claim_key(fingerprint))
        return self.key(claim["account_id"], claim["key_id"]) if claim else None

    def add(self, key: ApiKey) -> None:
        """Write a key, and whose it is, both or neither."""
        claim = _claim_key(key.fingerprint) | attributes({"account_id": key.account_id, "key_id": key.id})
        values = {
            "name": key.name,
            "role": key.role.value,
            "fingerprint": key.fingerprint,
            "hint": key.hint,
            "created_at": int(key.created_at.timestamp()),
        }
        items = (claim, _key(key) | attributes(values))
        writes: list[Any] = [
            {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}
            for item in items
        ]
        self._client.transact_write_items(TransactItems=writes)

    def remove(self, key: ApiKey) -> None:
        """Forget a key; one that is gone already stays so."""
        writes: list[Any] = [
            {"Delete": {"TableName": self._table, "Key": item}} for item in (_claim_key(key.fingerprint), _key(key))
        ]
        self._client.transact_write_items(TransactItems=writes)

    def note_use(self, key: ApiKey, at: datetime) -> None:
        """Keep when a key was last used, unless it is gone."""
        written(
            self._client.update_item,
            TableName=self._table,
            Key=_key(key),
            UpdateExpression="SET last_used_at = :at",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues=attributes({":at": int(at.timestamp())}),
        )

    def _get(self, key: Item) -> dict[str, Any] | None:
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return plain_item(answer["Item"]) if "Item" in answer else None


def _key(key: ApiKey) -> Item:
    return attributes({"pk": key.account_id, "sk": keys.api_key(key.id)})


def _claim_key(fingerprint: str) -> Item:
    return attributes({"pk": keys.api_key_claim(fingerprint), "sk": keys.CLAIM})


def _decode(account_id: str, key_id: str, item: Mapping[str, Any]) -> ApiKey:
    last = item.get("last_used_at")
    return ApiKey(
        account_id=account_id,
        id=key_id,
        name=item["name"],
        role=Role(item["role"]),
        fingerprint=item["fingerprint"],
        hint=item["hint"],
        created_at=datetime.fromtimestamp(item["created_at"], UTC),
        last_used_at=None if last is None else datetime.fromtimestamp(last, UTC),
    )
