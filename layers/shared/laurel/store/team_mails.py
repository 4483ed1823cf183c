"""Which users were sent which mail to the team, in Workspace for ninety days."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, unchanged_since, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEPT = timedelta(days=90)


class TeamMails:
    """The mails to teams in the Workspace table: that they were sent, neither their words nor any address."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def claim(self, account_id: str, key: str, user_id: str, now: datetime) -> bool:
        """Keep that a user is sent a mail; False if that is kept already."""
        values = attributes({"sent_at": epoch_ms(now), "expires_at": epoch_ms(now + _KEPT) // 1000})
        return written(
            self._client.put_item,
            TableName=self._table,
            Item=_key(account_id, key, user_id) | values,
            **unchanged_since(0),
        )

    def release(self, account_id: str, key: str, user_id: str) -> None:
        """Forget it, for a mail that was certainly not sent."""
        self._client.delete_item(TableName=self._table, Key=_key(account_id, key, user_id))


def _key(account_id: str, key: str, user_id: str) -> Item:
    digest = hashlib.sha256(key.encode()).hexdigest()
    return attributes({"pk": account_id, "sk": keys.team_mail(digest, user_id)})
