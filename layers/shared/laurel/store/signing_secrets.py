"""The secret of an account that signs its outgoing webhooks, in Workspace."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from laurel.automation.signing import SigningSecrets, first_secret, rotated
from laurel.model.account import WebhookSecret
from laurel.model.errors import Busy
from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.dynamodb import Item, Value, attributes, instant, number, unchanged_since, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_TRIES = 5


class SigningSecretBook:
    """The signing secrets in the Workspace table: of each account its own, made when it is first asked for."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def known(self, account_id: str) -> SigningSecrets | None:
        """The account's secrets, strongly consistent, or None if none was made yet."""
        answer = self._client.get_item(TableName=self._table, Key=_key(account_id), ConsistentRead=True)
        return _decode(account_id, answer["Item"]) if "Item" in answer else None

    def made(self, account_id: str, now: datetime) -> SigningSecrets:
        """The account's secrets; if there are none, one is made, and whoever asks at the same time gets the same.

        Raises ``Busy``.
        """
        for _ in range(_TRIES):
            if known := self.known(account_id):
                return known
            fresh = first_secret(account_id, now)
            if self._put(fresh):
                return fresh
        raise Busy("The signing secret")

    def rotate(self, account_id: str, now: datetime) -> SigningSecrets:
        """Replace the account's secret; the one before stays valid for a day. Raises ``Busy``."""
        for _ in range(_TRIES):
            new = rotated(self.made(account_id, now), now)
            if self._put(new):
                return new
        raise Busy("The signing secret")

    def _put(self, it: SigningSecrets) -> bool:
        """True unless somebody else was faster."""
        secrets: list[Value] = [_secret(secret) for secret in it.secrets]
        values: dict[str, Value] = {"secrets": secrets, "created_at": epoch_ms(it.created_at), "version": it.version}
        return written(
            self._client.put_item,
            TableName=self._table,
            Item=_key(it.account_id) | attributes(values),
            **unchanged_since(it.version - 1),
        )


def _key(account_id: str) -> Item:
    return attributes({"pk": account_id, "sk": keys.SIGNING})


def _secret(it: WebhookSecret) -> dict[str, Value]:
    secret: dict[str, Value] = {"value": it.value}
    return secret | ({"expires_at": epoch_ms(it.expires_at)} if it.expires_at else {})


def _decode(account_id: str, item: Item) -> SigningSecrets:
    secrets = tuple(
        WebhookSecret(it["M"]["value"]["S"], instant(it["M"], "expires_at") if "expires_at" in it["M"] else None)
        for it in item["secrets"]["L"]
    )
    return SigningSecrets(account_id, secrets, instant(item, "created_at"), number(item, "version") or 1)
