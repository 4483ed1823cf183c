"""Scoring rules of an audience, in Workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from laurel.model.order import epoch_ms
from laurel.model.scoring import (
    CapWindow,
    Condition,
    Effect,
    EffectKind,
    FrequencyCap,
    Operator,
    PropertyValue,
    ScoringRule,
)
from laurel.store import keys
from laurel.store.dynamodb import Value, attributes, pages, plain_item, unchanged_since, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class ScoringRules:
    """The scoring rules in the Workspace table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def rules(self, account_id: str, audience_id: str) -> list[ScoringRule]:
        """All rules of an audience in the order of their creation, strongly consistent."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": keys.scoring_rule(audience_id, "")}),
            ConsistentRead=True,
        )
        rules = [decode_rule(keys.split(item["sk"]["S"])[2], plain_item(item)) for item in query]
        return sorted(rules, key=lambda rule: (rule.created_at or datetime.min.replace(tzinfo=UTC), rule.id))

    def rule(self, account_id: str, audience_id: str, rule_id: str) -> ScoringRule | None:
        """A rule, strongly consistent, or None."""
        key = attributes({"pk": account_id, "sk": keys.scoring_rule(audience_id, rule_id)})
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return decode_rule(rule_id, plain_item(answer["Item"])) if "Item" in answer else None

    def save(self, account_id: str, audience_id: str, rule: ScoringRule) -> bool:
        """Write a rule if nobody else wrote it since it was read, as its next version; False if somebody did."""
        values = encode_rule(replace(rule, version=rule.version + 1))
        key: dict[str, Value] = {"pk": account_id, "sk": keys.scoring_rule(audience_id, rule.id)}
        return written(
            self._client.put_item, TableName=self._table, Item=attributes(key | values), **unchanged_since(rule.version)
        )

    def delete(self, account_id: str, audience_id: str, rule_id: str, version: int) -> bool:
        """Delete a rule if it still has this version; False if not."""
        key = attributes({"pk": account_id, "sk": keys.scoring_rule(audience_id, rule_id)})
        return written(self._client.delete_item, TableName=self._table, Key=key, **unchanged_since(version))


def encode_rule(rule: ScoringRule) -> dict[str, Value]:
    """A rule's values, as a table and JSON can hold them."""
    cap = rule.frequency_cap
    return {
        "name": rule.name,
        "enabled": rule.enabled,
        "activity": rule.activity,
        "effect": {"kind": rule.effect.kind.value, "points": rule.effect.points},
        "conditions": [
            {
                "property": condition.property,
                "operator": condition.operator.value,
                "values": [_encode_value(value) for value in condition.values],
            }
            for condition in rule.conditions
        ],
        "frequency_cap": {"times": cap.times, "window": cap.window.value} if cap else None,
        "expires_after_days": rule.expires_after_days,
        "counts_machines": rule.counts_machines,
        "created_at": epoch_ms(rule.created_at) if rule.created_at else None,
        "version": rule.version,
    }


def decode_rule(rule_id: str, item: Mapping[str, Any]) -> ScoringRule:
    """The rule that ``encode_rule`` was given; values that are None may be missing."""
    cap = item.get("frequency_cap")
    created_at = item.get("created_at")
    return ScoringRule(
        id=rule_id,
        name=item["name"],
        enabled=item["enabled"],
        activity=item["activity"],
        effect=Effect(EffectKind(item["effect"]["kind"]), item["effect"]["points"]),
        conditions=tuple(
            Condition(
                condition["property"],
                Operator(condition["operator"]),
                tuple(_decode_value(value) for value in condition["values"]),
            )
            for condition in item["conditions"]
        ),
        frequency_cap=FrequencyCap(cap["times"], CapWindow(cap["window"])) if cap else None,
        expires_after_days=item.get("expires_after_days"),
        counts_machines=item["counts_machines"],
        created_at=None if created_at is None else datetime.fromtimestamp(created_at / 1000, UTC),
        version=item["version"],
    )


def _encode_value(value: PropertyValue) -> Value:
    """Decimals are kept as text in a map of their own: numbers in a table are whole."""
    return {"decimal": str(value)} if isinstance(value, Decimal) else value


def _decode_value(value: Any) -> PropertyValue:
    return Decimal(value["decimal"]) if isinstance(value, dict) else value
