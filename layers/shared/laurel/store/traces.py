"""What Workspace holds of people and stores beside its own: kept answers, results of jobs, platforms' requests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from laurel.model.account import Store
from laurel.model.alert import alert_ids
from laurel.model.job import JobState
from laurel.model.privacy import RequestState
from laurel.privacy.mentions import Mentions
from laurel.store import keys
from laurel.store.dynamodb import (
    Item,
    Value,
    attribute,
    attributes,
    number,
    pages,
    plain_item,
    setting,
    string,
    unchanged_since,
    written,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ANSWERS = "idempotency#"
_ERASURE = "/v1/erasures/"
_FINAL = frozenset({JobState.DONE.value, JobState.FAILED.value})


class Traces:
    """Finds and removes what speaks of somebody in the Workspace table. Reads are strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def answers(self, account_id: str, mentions: Mentions) -> list[Item]:
        """Keys of the answers, kept for their ``Idempotency-Key``, that speak of somebody; of erasures none does."""
        kept = ((item, string(item, "data") or "") for item in self._found(account_id, _ANSWERS))
        return [
            {"pk": item["pk"], "sk": item["sk"]}
            for item, said in kept
            if _ERASURE not in said and mentions.found_in(said)
        ]

    def remove(self, found: list[Item]) -> None:
        """Remove items by key."""
        for key in found:
            self._client.delete_item(TableName=self._table, Key=key)

    def suppressed(self, account_id: str, contact: str) -> bool:
        """True if the account keeps the contact's address among those that it does not write to."""
        key = attributes({"pk": account_id, "sk": keys.suppressed(contact)})
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return item is not None and "email" in item

    def forget_suppressed(self, account_id: str, contact: str) -> None:
        """Keep that nobody writes to a contact, and not to which address."""
        written(
            self._client.update_item,
            TableName=self._table,
            Key=attributes({"pk": account_id, "sk": keys.suppressed(contact)}),
            ConditionExpression="attribute_exists(pk)",
            **setting({"email": None}),
        )

    def alerts(self, account_id: str, audience_id: str, store_ids: Sequence[str], customer: str) -> list[Item]:
        """Keys of the alerts about a customer in these stores, and of that about their score.

        They are of any time: who comes back has no loyalty to lose for long.
        """
        found: list[Item] = []
        for id_ in alert_ids(store_ids, customer):
            key = attributes({"pk": account_id, "sk": keys.alert(audience_id, id_)})
            if "Item" in self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True):
                found.append(key)
        return found

    def jobs(self, account_id: str, audience_id: str, mentions: Mentions) -> tuple[list[Item], bool]:
        """Finished jobs that speak of somebody, as stored; and whether there are unfinished ones that do."""
        found = [
            item
            for item in self._found(account_id, keys.job(audience_id, ""))
            if mentions.found_in("\n".join(string(item, name) or "" for name in ("place", "result")))
        ]
        finished = [item for item in found if string(item, "state") in _FINAL]
        return finished, len(finished) < len(found)

    def scrub_jobs(self, jobs: list[Item], mentions: Mentions) -> None:
        """Take whoever is meant out of jobs. One that is written meanwhile is left for the next time."""
        for item in jobs:
            result = _without(json.loads(string(item, "result") or "null"), mentions)
            version = number(item, "version") or 0
            changed = {name: value for name, value in item.items() if name not in ("place", "result")}
            changed |= attributes({"result": json.dumps(result), "version": version + 1})
            written(self._client.put_item, TableName=self._table, Item=changed, **unchanged_since(version))

    def request(self, account_id: str, store_id: str, request_id: str) -> dict[str, Any] | None:
        """A platform's request, as kept, or None."""
        key = attributes({"pk": account_id, "sk": keys.privacy(store_id, request_id)})
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return plain_item(item) if item else None

    def move_request(
        self,
        account_id: str,
        store_id: str,
        request_id: str,
        state: RequestState,
        *,
        erasure_id: str | None = None,
        customers: Sequence[str] | None = None,
    ) -> None:
        """Say how far a platform's request is, and whom it is about; ready or done, it needs no looking after."""
        values: dict[str, Value] = {"state": state.value}
        if erasure_id:
            values["erasure"] = erasure_id
        if customers is not None:
            values["customers"] = list(customers)
        update = setting(values | ({} if state is RequestState.RUNNING else {"list_pk": None, "list_sk": None}))
        written(
            self._client.update_item,
            TableName=self._table,
            Key=attributes({"pk": account_id, "sk": keys.privacy(store_id, request_id)}),
            ConditionExpression="attribute_exists(pk)",
            **update,
        )

    def belongings(self, store: Store) -> list[Item]:
        """Keys of what else Workspace holds of a store, itself apart."""
        prefixes = (
            keys.privacy(store.id, ""),
            keys.import_(store.id, ""),
            keys.join("import-chunk", store.id, ""),
            keys.reconciliation(store.id, ""),
        )
        found = [item for prefix in prefixes for item in self._found(store.account_id, prefix)]
        alerts = self._found(store.account_id, keys.alert(store.audience_id, ""))
        found += [item for item in alerts if string(item, "store_id") == store.id]
        pk = attribute(store.account_id)
        alone = [
            {"pk": pk, "sk": attribute(sk)}
            for sk in (keys.rates(store.id), keys.reconciled(store.id), keys.refreshed(store.id))
        ]
        found += self._snapshots(store)
        return [*alone, *({"pk": item["pk"], "sk": item["sk"]} for item in found)]

    def _snapshots(self, store: Store) -> Iterator[Item]:
        return pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ProjectionExpression="pk, sk",
            ExpressionAttributeValues=attributes({":pk": keys.board_snapshots(store.account_id, store.id)}),
            ConsistentRead=True,
        )

    def _found(self, account_id: str, prefix: str) -> Iterator[Item]:
        return pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": prefix}),
            ConsistentRead=True,
        )


def _without(value: Any, mentions: Mentions) -> Any:
    """The value less all elements of lists that speak of somebody."""
    if isinstance(value, dict):
        return {name: _without(element, mentions) for name, element in value.items()}
    if isinstance(value, list):
        return [
            _without(element, mentions)
            for element in value
            if not (isinstance(element, dict) and mentions.found_in(json.dumps(element, ensure_ascii=False)))
        ]
    return value
