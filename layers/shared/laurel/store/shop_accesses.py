"""Credentials of shops: what shows in Workspace, what opens in a parameter of SSM's that is encrypted, one a store."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from laurel.model.account import Platform, Store
from laurel.shops.access import ShopAccess
from laurel.shops.shop import ShopCredentials
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, plain_item, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from laurel.store.secrets import SSMClient


class ShownShopAccesses:
    """What shows of accesses to shops."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def access(self, store: Store) -> ShopAccess | None:
        """That a store's shop may be read, strongly consistent, or None."""
        key = _key(store.account_id, store.id)
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return _decode(store, plain_item(answer["Item"])) if "Item" in answer else None


class KeptShopAccesses(ShownShopAccesses):
    """Accesses to shops. ``prefix`` is what the names of this installation's parameters begin with."""

    def __init__(self, client: DynamoDBClient, table: str, ssm: Callable[[], SSMClient], prefix: str) -> None:
        super().__init__(client, table)
        self._ssm = ssm
        self._prefix = prefix

    def credentials(self, store: Store) -> ShopCredentials | None:
        """What opens a store's shop, and where that is: both come from one place, so that they belong together."""
        try:
            answer = self._ssm().get_parameter(Name=self._name(store.account_id, store.id), WithDecryption=True)
        except ClientError as error:
            if _is_missing(error):
                return None
            raise
        kept = json.loads(answer["Parameter"]["Value"])
        return ShopCredentials(Platform(kept["platform"]), kept["address"], kept["secret"], kept["key"])

    def keep(self, access: ShopAccess, credentials: ShopCredentials) -> None:
        """Keep credentials, in place of any before."""
        value = {
            "platform": credentials.platform.value,
            "address": credentials.address,
            "secret": credentials.secret,
            "key": credentials.key,
        }
        self._ssm().put_parameter(
            Name=self._name(access.account_id, access.store_id),
            Value=json.dumps(value),
            Type="SecureString",
            Overwrite=True,
        )
        shown = {
            "platform": access.platform.value,
            "address": access.address,
            "hint": access.hint,
            "since": int(access.since.timestamp()),
            "worked_at": None if access.worked_at is None else int(access.worked_at.timestamp()),
        }
        item = _key(access.account_id, access.store_id) | attributes(
            {name: value for name, value in shown.items() if value is not None}
        )
        self._client.put_item(TableName=self._table, Item=item)

    def note(self, access: ShopAccess, at: datetime, *, worked: bool) -> None:
        """Keep that the shop took the credentials, or refused them, unless they are gone or others came since."""
        written(
            self._client.update_item,
            TableName=self._table,
            Key=_key(access.account_id, access.store_id),
            UpdateExpression="SET #when = :at",
            ConditionExpression="since = :since",
            ExpressionAttributeNames={"#when": "worked_at" if worked else "refused_at"},
            ExpressionAttributeValues=attributes({":at": int(at.timestamp()), ":since": int(access.since.timestamp())}),
        )

    def forget(self, account_id: str, store_id: str) -> None:
        """Forget a store's credentials; those that are gone already stay so."""
        try:
            self._ssm().delete_parameter(Name=self._name(account_id, store_id))
        except ClientError as error:
            if not _is_missing(error):
                raise
        self._client.delete_item(TableName=self._table, Key=_key(account_id, store_id))

    def _name(self, account_id: str, store_id: str) -> str:
        return f"{self._prefix}/{account_id}/{store_id}"


def _key(account_id: str, store_id: str) -> Item:
    return attributes({"pk": account_id, "sk": keys.shop_access(store_id)})


def _decode(store: Store, item: Mapping[str, Any]) -> ShopAccess:
    return ShopAccess(
        account_id=store.account_id,
        store_id=store.id,
        platform=Platform(item["platform"]),
        address=item["address"],
        hint=item["hint"],
        since=datetime.fromtimestamp(item["since"], UTC),
        worked_at=_instant(item.get("worked_at")),
        refused_at=_instant(item.get("refused_at")),
    )


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _is_missing(error: ClientError) -> bool:
    return bool(error.response["Error"]["Code"] == "ParameterNotFound")
