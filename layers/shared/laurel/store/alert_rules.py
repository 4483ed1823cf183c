"""What is watched for in an audience, and when its team was last mailed, in Workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from laurel.model.alert import AlertRules, Digest, ScoreRule, SpendRule, StoreRules, Watch
from laurel.model.order import epoch_ms
from laurel.model.period import PeriodKind
from laurel.model.ranking import Metric
from laurel.store import keys
from laurel.store.dynamodb import Value, attributes, instant, plain_item, unchanged_since, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class KeptAlertRules:
    """The rules in the Workspace table; reads are strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def rules(self, account_id: str, audience_id: str) -> AlertRules:
        """An audience's rules; those that every audience begins with if it has set none."""
        key = attributes({"pk": account_id, "sk": keys.alert_rules(audience_id)})
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if item is None:
            return AlertRules(account_id, audience_id)
        values = plain_item(item)
        score = values.get("score_falling")
        return AlertRules(
            account_id,
            audience_id,
            ScoreRule(score.get("points"), score.get("percent")) if score else None,
            Digest(values["digest"]),
            {store_id: _decode(kept) for store_id, kept in values["stores"].items()},
            values["version"],
        )

    def save(self, rules: AlertRules) -> AlertRules | None:
        """Write rules if nobody else wrote them since they were read, as their next version; None if somebody did."""
        saved = replace(rules, version=rules.version + 1)
        score = rules.score_falling
        values: dict[str, Value] = {
            "pk": rules.account_id,
            "sk": keys.alert_rules(rules.audience_id),
            "score_falling": {"points": score.points, "percent": score.percent} if score else None,
            "digest": rules.digest.value,
            "stores": {store_id: _encode(own) for store_id, own in rules.stores.items()},
            "version": saved.version,
        }
        is_saved = written(
            self._client.put_item, TableName=self._table, Item=attributes(values), **unchanged_since(rules.version)
        )
        return saved if is_saved else None

    def mailed_at(self, account_id: str, audience_id: str) -> datetime | None:
        """Up to when the team was told of new alerts, or None."""
        key = attributes({"pk": account_id, "sk": keys.alert_digest(audience_id)})
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return instant(item, "mailed_at") if item else None

    def mailed(self, account_id: str, audience_id: str, at: datetime) -> None:
        """Keep up to when the team was told."""
        key: dict[str, Value] = {"pk": account_id, "sk": keys.alert_digest(audience_id)}
        self._client.put_item(TableName=self._table, Item=attributes({**key, "mailed_at": epoch_ms(at)}))


def _encode(own: StoreRules) -> dict[str, Value]:
    spend = own.spend_down
    return {
        "metric": own.watch.metric.value,
        "period": own.watch.period.value,
        "first": own.watch.first,
        "left_first": own.left_first,
        "rank_fell": own.rank_fell,
        "spend_down": {"percent": spend.percent, "period": spend.period.value} if spend else None,
        "overdue": own.overdue,
    }


def _decode(kept: Mapping[str, Any]) -> StoreRules:
    spend = kept.get("spend_down")
    return StoreRules(
        Watch(Metric(kept["metric"]), PeriodKind(kept["period"]), kept["first"]),
        kept.get("left_first"),
        kept.get("rank_fell"),
        SpendRule(spend["percent"], PeriodKind(spend["period"])) if spend else None,
        kept["overdue"],
    )
