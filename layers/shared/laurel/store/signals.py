"""Signals that are items of their own, in their contacts' partitions, whose stream automations listen to."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from laurel.model.contact import ContactRef
from laurel.model.order import epoch_ms
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.signal import KEPT, AlertRaised, FellSilent, KeptSignal, Pulse, RankMoved, SignalKind
from laurel.store import keys
from laurel.store.dynamodb import Item, Value, attributes, instant, number, string, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Signals:
    """The signals in the Contacts table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def put(self, ref: ContactRef, signal: KeptSignal) -> bool:
        """Tell of a signal, once; False if it has been told of before."""
        item: dict[str, Value] = {
            "pk": keys.person(ref.account_id, ref.audience_id, ref.contact),
            "sk": keys.signal(signal.kind.value, *signal.key),
            "at": epoch_ms(signal.at),
            "expires_at": epoch_ms(signal.at + KEPT) // 1000,
            **_encode(signal),
        }
        return written(
            self._client.put_item,
            TableName=self._table,
            Item=attributes(item),
            ConditionExpression="attribute_not_exists(pk)",
        )


def decode_signal(item: Item) -> KeptSignal:
    """The signal of such an item. Raises ``LookupError`` or ``ValueError``."""
    kind = SignalKind(keys.split(item["sk"]["S"])[1])
    at = instant(item, "at")
    if kind is SignalKind.RANK:
        return RankMoved(
            at,
            item["store"]["S"],
            Metric(item["metric"]["S"]),
            TimeFrame(item["time_frame"]["S"]),
            item["period"]["S"],
            number(item, "before"),
            number(item, "after"),
        )
    if kind is SignalKind.SILENT:
        return FellSilent(at, Pulse(item["pulse"]["S"]), date.fromisoformat(item["last"]["S"]), int(item["days"]["N"]))
    if kind is SignalKind.ALERT:
        return AlertRaised(at, item["alert"]["S"], item["rule"]["S"], string(item, "store") or "")
    raise ValueError(kind)


def _encode(signal: KeptSignal) -> dict[str, Value]:
    match signal:
        case RankMoved():
            return {
                "store": signal.store_id,
                "metric": signal.metric.value,
                "time_frame": signal.time_frame.value,
                "period": signal.period,
                "before": signal.before,
                "after": signal.after,
            }
        case FellSilent():
            return {"pulse": signal.pulse.value, "last": signal.last.isoformat(), "days": signal.days}
        case AlertRaised():
            return {"alert": signal.alert, "rule": signal.alert_id, "store": signal.store_id}
