"""All items of a person, as they are stored, for the export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from laurel.model.account import Store
from laurel.model.alert import alert_ids
from laurel.model.contact import ContactRef
from laurel.privacy.export import Record
from laurel.privacy.mentions import looking_for
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, pages, plain_item
from laurel.store.forgetting import text_of
from laurel.store.ledger_items import ERASED

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_INNER = frozenset({"pk", "sk", "list_pk", "list_sk", "score_pk", "version", "changes", "digest", "revision"})
"""Attributes that are about how an item is kept, not about the person."""


class PersonRecords:
    """Reads the partitions of a person in Ledger and Contacts, strongly consistent; and what Workspace has of them."""

    def __init__(self, client: DynamoDBClient, ledger: str, contacts: str, workspace: str) -> None:
        self._client = client
        self._ledger = ledger
        self._contacts = contacts
        self._workspace = workspace

    def records(self, ref: ContactRef, position: Mapping[str, str] | None) -> Iterator[Record]:
        """Everything but the marks of what was erased or went to another customer."""
        tables = {"contacts": self._contacts, "ledger": self._ledger}
        begun = position is None
        for name, table in tables.items():
            start: dict[str, Any] = {}
            if position and position["table"] == name:
                begun = True
                start["ExclusiveStartKey"] = attributes({"pk": _pk(ref), "sk": position["sk"]})
            if not begun:
                continue
            for item in self._partition(table, ref, start):
                if ERASED in item and "email" not in item:
                    continue
                if "moved_to" not in item:
                    yield _record(item, name)

    def suppressed(self, ref: ContactRef) -> Iterator[Record]:
        """That the account does not write to the contact's address, and why, if that is so."""
        key = attributes({"pk": ref.account_id, "sk": keys.suppressed(ref.contact)})
        item = self._client.get_item(TableName=self._workspace, Key=key, ConsistentRead=True).get("Item")
        if item:
            yield _record(item, "workspace")

    def alerts(self, ref: ContactRef, stores: Sequence[Store]) -> Iterator[Record]:
        """Alerts about the person, in these stores."""
        for id_ in alert_ids([store.id for store in stores], ref.contact):
            key = attributes({"pk": ref.account_id, "sk": keys.alert(ref.audience_id, id_)})
            item = self._client.get_item(TableName=self._workspace, Key=key, ConsistentRead=True).get("Item")
            if item:
                yield _record(item, "workspace")

    def mentioning(self, store: Store, contact: str) -> Iterator[Record]:
        """Unreadable deliveries of a store that name the contact's address."""
        mentions = looking_for([contact])
        query = pages(
            self._client,
            TableName=self._ledger,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes(
                {":pk": keys.store_orders(store.account_id, store.id), ":prefix": keys.unreadable("")}
            ),
            ConsistentRead=True,
        )
        for item in query:
            if mentions.found_in(text := text_of(item)):
                values = {"store_id": store.id, "topic": item["topic"]["S"], "body": text.partition("\n")[2]}
                yield Record("unreadable", tuple(keys.split(item["sk"]["S"])[1:]), values, {}, len(text))

    def _partition(self, table: str, ref: ContactRef, start: dict[str, Any]) -> Iterator[Item]:
        return pages(
            self._client,
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=attributes({":pk": _pk(ref)}),
            ConsistentRead=True,
            **start,
        )


def _pk(ref: ContactRef) -> str:
    return keys.person(ref.account_id, ref.audience_id, ref.contact)


def _record(item: Item, table: str) -> Record:
    sk = item["sk"]["S"]
    kind, *ids = keys.split(sk)
    values = {name: value for name, value in plain_item(item).items() if name not in _INNER}
    return Record(kind, tuple(ids), values, {"table": table, "sk": sk}, len(str(item)))
