"""The tiers of an audience, in Workspace, as one item."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from laurel.model.period import TimeFrame
from laurel.model.reward import ScoreAtLeast, SpentAtLeast, Tier, Tiers
from laurel.store import keys
from laurel.store.dynamodb import Value, attributes, plain_item, unchanged_since, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class TierBook:
    """The tiers in the Workspace table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def tiers(self, account_id: str, audience_id: str, *, settled: bool = False) -> Tiers:
        """The tiers of an audience, strongly consistent if ``settled``; none before there were any."""
        key = attributes({"pk": account_id, "sk": keys.tiers(audience_id)})
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=settled).get("Item")
        if item is None:
            return Tiers()
        values = plain_item(item)
        return Tiers(tuple(map(_decode, values["tiers"])), values["version"])

    def save(self, account_id: str, audience_id: str, tiers: Tiers) -> Tiers | None:
        """Write tiers as their next version; None if somebody else did since they were read."""
        saved = replace(tiers, version=tiers.version + 1)
        values: dict[str, Value] = {
            "pk": account_id,
            "sk": keys.tiers(audience_id),
            "tiers": [_encode(tier) for tier in saved.tiers],
            "version": saved.version,
        }
        is_saved = written(
            self._client.put_item, TableName=self._table, Item=attributes(values), **unchanged_since(tiers.version)
        )
        return saved if is_saved else None


def _encode(tier: Tier) -> dict[str, Value]:
    needs = tier.needs
    encoded: dict[str, Value] = (
        {"points": needs.points}
        if isinstance(needs, ScoreAtLeast)
        else {"store": needs.store_id, "time_frame": needs.time_frame.value, "amount": needs.amount}
    )
    return {"id": tier.id, "name": tier.name, "benefits": list(tier.benefits), "needs": encoded}


def _decode(values: dict[str, Any]) -> Tier:
    needs = values["needs"]
    return Tier(
        values["id"],
        values["name"],
        tuple(values["benefits"]),
        ScoreAtLeast(needs["points"])
        if "points" in needs
        else SpentAtLeast(needs["store"], TimeFrame(needs["time_frame"]), needs["amount"]),
    )
