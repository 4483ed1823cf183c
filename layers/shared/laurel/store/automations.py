"""Automations of an audience, and what the guard reported of them, in Workspace."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from laurel.model.automation import Automation
from laurel.model.automation_state import GuardReason, GuardReport
from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.automation_items import decode_automation, encode_automation
from laurel.store.dynamodb import (
    Item,
    Value,
    attributes,
    instant,
    pages,
    plain,
    plain_item,
    setting,
    unchanged_since,
    written,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Automations:
    """The automations in the Workspace table. Reads are strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def automations(self, account_id: str, audience_id: str) -> list[Automation]:
        """All automations of an audience, by their ids."""
        found = self._all(account_id, keys.automation(audience_id, ""))
        return [decode_automation(account_id, audience_id, _id(item), plain_item(item)) for item in found]

    def automation(self, account_id: str, audience_id: str, automation_id: str) -> Automation | None:
        """An automation, or None."""
        key = attributes({"pk": account_id, "sk": keys.automation(audience_id, automation_id)})
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return decode_automation(account_id, audience_id, automation_id, plain_item(item)) if item else None

    def save(self, it: Automation) -> bool:
        """Write an automation if nobody else wrote it since it was read, as its next version; False if somebody did."""
        values = encode_automation(replace(it, version=it.version + 1))
        key: dict[str, Value] = {"pk": it.account_id, "sk": keys.automation(it.audience_id, it.id)}
        return written(
            self._client.put_item, TableName=self._table, Item=attributes(key | values), **unchanged_since(it.version)
        )

    def delete(self, it: Automation) -> bool:
        """Delete an automation, and its guard's report, if it still has this version; False if not."""
        key = attributes({"pk": it.account_id, "sk": keys.automation(it.audience_id, it.id)})
        if not written(self._client.delete_item, TableName=self._table, Key=key, **unchanged_since(it.version)):
            return False
        self._client.delete_item(TableName=self._table, Key=_guard_key(it.account_id, it.audience_id, it.id))
        return True

    def report(self, account_id: str, audience_id: str, automation_id: str, found: GuardReport) -> bool:
        """Keep that the guard stopped a run of an automation. A run that was reported last is not counted twice."""
        values: dict[str, Value] = {
            "at": epoch_ms(found.at),
            "reason": found.reason.value,
            "contact": found.contact,
            "run": found.run,
            "chain": list(found.chain),
        }
        update = setting(values)
        update["UpdateExpression"] += " ADD times :one"
        update["ExpressionAttributeValues"][":one"] = {"N": "1"}
        return written(
            self._client.update_item,
            TableName=self._table,
            Key=_guard_key(account_id, audience_id, automation_id),
            ConditionExpression="attribute_not_exists(pk) OR #run <> :run",
            **update,
        )

    def reports(self, account_id: str, audience_id: str) -> dict[str, GuardReport]:
        """What the guard reported last, by automation id."""
        found = self._all(account_id, keys.automation_guard(audience_id, ""))
        return {_id(item): _decode_report(item) for item in found}

    def _all(self, account_id: str, prefix: str) -> Any:
        return pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": prefix}),
            ConsistentRead=True,
        )


def _id(item: Item) -> str:
    return keys.split(item["sk"]["S"])[2]


def _guard_key(account_id: str, audience_id: str, automation_id: str) -> Item:
    return attributes({"pk": account_id, "sk": keys.automation_guard(audience_id, automation_id)})


def _decode_report(item: Item) -> GuardReport:
    return GuardReport(
        at=instant(item, "at"),
        reason=GuardReason(item["reason"]["S"]),
        contact=item["contact"]["S"],
        run=item["run"]["S"],
        chain=tuple(plain(item["chain"])),
        times=int(item["times"]["N"]),
    )
