"""Who belongs to an account, in Workspace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from laurel.model.account import Role
from laurel.model.user import Member
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, pages, plain_item, setting, written, written_together

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Users:
    """The users of accounts in the Workspace table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def members(self, account_id: str) -> list[Member]:
        """All users of an account, strongly consistent, who came first first."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": keys.user("")}),
            ConsistentRead=True,
        )
        found = [_decode(account_id, keys.split(item["sk"]["S"])[1], plain_item(item)) for item in query]
        return sorted(found, key=lambda member: (member.created_at, member.id))

    def member(self, account_id: str, user_id: str) -> Member | None:
        """A user of the account, strongly consistent, or None."""
        answer = self._client.get_item(TableName=self._table, Key=_key(account_id, user_id), ConsistentRead=True)
        return _decode(account_id, user_id, plain_item(answer["Item"])) if "Item" in answer else None

    def add(self, member: Member) -> None:
        """Write a user; one who is there already stays as they are."""
        values = {
            "email": member.email,
            "name": member.name,
            "role": member.role.value,
            "locale": member.locale,
            "created_at": int(member.created_at.timestamp()),
        }
        written(
            self._client.put_item,
            TableName=self._table,
            Item=_key(member.account_id, member.id) | attributes(values),
            ConditionExpression="attribute_not_exists(pk)",
        )

    def change(self, seen: Member, wanted: Member, owner: Member | None) -> bool:
        """Write role and leaving if the role is as ``seen`` and ``owner``, if there is one, is an owner who stays.

        Both or neither: of two owners who take each other's role away, one comes first. False if it was not written.
        """
        update = setting({"role": wanted.role.value, "leaving": wanted.leaving or None})
        update["ExpressionAttributeValues"] |= attributes({":seen": seen.role.value})
        condition = {"ConditionExpression": "#role = :seen"}
        writes: list[Any] = [{"Update": {"TableName": self._table, "Key": self._key_of(seen), **update, **condition}}]
        if owner:
            check = {
                "ConditionExpression": "#role = :owner AND attribute_not_exists(leaving)",
                "ExpressionAttributeNames": {"#role": "role"},
                "ExpressionAttributeValues": attributes({":owner": Role.OWNER.value}),
            }
            writes.append({"ConditionCheck": {"TableName": self._table, "Key": self._key_of(owner), **check}})
        return written_together(self._client, writes)

    def forget(self, member: Member) -> None:
        """Take a user off the list; one who is gone already stays so."""
        self._client.delete_item(TableName=self._table, Key=self._key_of(member))

    @staticmethod
    def _key_of(member: Member) -> Item:
        return _key(member.account_id, member.id)


def _key(account_id: str, user_id: str) -> Item:
    return attributes({"pk": account_id, "sk": keys.user(user_id)})


def _decode(account_id: str, user_id: str, item: Mapping[str, Any]) -> Member:
    return Member(
        account_id=account_id,
        id=user_id,
        email=item["email"],
        name=item.get("name"),
        role=Role(item["role"]),
        locale=item["locale"],
        created_at=datetime.fromtimestamp(item["created_at"], UTC),
        leaving=item.get("leaving", False),
    )
