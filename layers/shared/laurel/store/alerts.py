"""Alerts on loss of loyalty, in Workspace: one item for each customer and kind, from its first opening on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from laurel.model.alert import (
    KEPT,
    Alert,
    AlertKind,
    AlertState,
    Lateness,
    RankDrop,
    Reason,
    Resolution,
    ScoreDrop,
    SpendDrop,
)
from laurel.model.order import epoch_ms
from laurel.model.ranking import Metric
from laurel.store import keys
from laurel.store.dynamodb import (
    Item,
    Value,
    attributes,
    count_items,
    get_all,
    instant,
    pages,
    plain,
    string,
    unchanged_since,
    written,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_INDEX = "by_list"
_AT_ONCE = 100
_HIGHEST = 10**16
"""Above any worth, and any time in milliseconds: what is left of it sorts the highest first."""


class Alerts:
    """The alerts in the Workspace table. Reads by key are strongly consistent, lists are not."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def alert(self, account_id: str, audience_id: str, alert_id: str) -> Alert | None:
        """An alert, or None."""
        return next(iter(self.alerts(account_id, audience_id, [alert_id])), None)

    def alerts(self, account_id: str, audience_id: str, ids: Iterable[str]) -> list[Alert]:
        """Those alerts of these ids that there are, in no order."""
        wanted = [attributes({"pk": account_id, "sk": keys.alert(audience_id, id_)}) for id_ in dict.fromkeys(ids)]
        return [_decode(item) for item in get_all(self._client, self._table, wanted, ConsistentRead=True)]

    def listed(
        self, account_id: str, audience_id: str, state: AlertState, limit: int, after: str | None = None
    ) -> tuple[list[Alert], str | None]:
        """Alerts of a state, who is worth most first, of resolved ones the latest; and the place to go on, if any."""
        pk = keys.alert_list(account_id, audience_id, state.value)
        start: dict[str, Any] = {}
        if after:
            sk = keys.alert(audience_id, keys.split(after)[1])
            start["ExclusiveStartKey"] = attributes({"pk": account_id, "sk": sk, "list_pk": pk, "list_sk": after})
        answer = self._client.query(
            TableName=self._table,
            IndexName=_INDEX,
            KeyConditionExpression="list_pk = :pk",
            ExpressionAttributeValues=attributes({":pk": pk}),
            Limit=limit,
            **start,
        )
        places = [item["list_sk"]["S"] for item in answer["Items"]]
        by_id = {it.id: it for it in self.alerts(account_id, audience_id, [keys.split(it)[1] for it in places])}
        found = [by_id[id_] for id_ in (keys.split(place)[1] for place in places) if id_ in by_id]
        # What changed its state a moment ago may still be listed under the one before.
        following = answer["LastEvaluatedKey"]["list_sk"]["S"] if "LastEvaluatedKey" in answer else None
        return [it for it in found if it.state is state], following

    def all_open(self, account_id: str, audience_id: str) -> Iterator[Alert]:
        """Every open alert, who is worth most first."""
        after = None
        while True:
            found, after = self.listed(account_id, audience_id, AlertState.OPEN, _AT_ONCE, after)
            yield from found
            if after is None:
                return

    def count(self, account_id: str, audience_id: str, state: AlertState) -> int:
        """How many alerts there are of a state."""
        return count_items(
            self._client,
            TableName=self._table,
            IndexName=_INDEX,
            KeyConditionExpression="list_pk = :pk",
            ExpressionAttributeValues=attributes({":pk": keys.alert_list(account_id, audience_id, state.value)}),
        )

    def under_way(self, account_id: str, audience_id: str) -> list[tuple[str, str, str]]:
        """Store, customer and id of every alert that is open or snoozed."""
        found: list[tuple[str, str, str]] = []
        for state in (AlertState.OPEN, AlertState.SNOOZED):
            query = pages(
                self._client,
                TableName=self._table,
                IndexName=_INDEX,
                KeyConditionExpression="list_pk = :pk",
                ExpressionAttributeValues=attributes({":pk": keys.alert_list(account_id, audience_id, state.value)}),
            )
            for item in query:
                _, id_, store_id, customer = keys.split(item["list_sk"]["S"])
                found.append((store_id, customer, id_))
        return found

    def save(self, alert: Alert, now: datetime) -> Alert | None:
        """Write an alert if nobody else wrote it since it was read, as its next version; None if somebody did."""
        saved = replace(alert, version=alert.version + 1)
        is_saved = written(
            self._client.put_item,
            TableName=self._table,
            Item=attributes(_encode(saved, now)),
            **unchanged_since(alert.version),
        )
        return saved if is_saved else None


def _encode(alert: Alert, now: datetime) -> dict[str, Value]:
    first = epoch_ms(alert.resolved_at) if alert.resolved_at else min(alert.worth, _HIGHEST - 1)
    place = keys.join(f"{_HIGHEST - 1 - first:016d}", alert.id, alert.store_id, alert.customer)
    return {
        "pk": alert.account_id,
        "sk": keys.alert(alert.audience_id, alert.id),
        "list_pk": keys.alert_list(alert.account_id, alert.audience_id, alert.state.value),
        "list_sk": place,
        "store_id": alert.store_id,
        "kind": alert.kind.value,
        "customer": alert.customer,
        "state": alert.state.value,
        "reason": _encode_reason(alert.reason),
        "fell_at": epoch_ms(alert.fell_at),
        "opened_at": epoch_ms(alert.opened_at),
        "written_at": epoch_ms(now),
        "worth": alert.worth,
        "currency": alert.currency,
        "told": alert.told or None,
        "snoozed_until": _milliseconds(alert.snoozed_until),
        "resolved_at": _milliseconds(alert.resolved_at),
        "resolution": alert.resolution.value if alert.resolution else None,
        "version": alert.version,
        "expires_at": epoch_ms(alert.resolved_at + KEPT) // 1000 if alert.resolved_at else None,
    }


def _decode(item: Item) -> Alert:
    kind = AlertKind(item["kind"]["S"])
    resolution = string(item, "resolution")
    return Alert(
        account_id=item["pk"]["S"],
        audience_id=keys.split(item["sk"]["S"])[1],
        store_id=item["store_id"]["S"],
        kind=kind,
        customer=item["customer"]["S"],
        state=AlertState(item["state"]["S"]),
        reason=_decode_reason(kind, plain(item["reason"])),
        fell_at=instant(item, "fell_at"),
        opened_at=instant(item, "opened_at"),
        worth=int(item["worth"]["N"]),
        currency=item["currency"]["S"],
        told="told" in item,
        snoozed_until=instant(item, "snoozed_until") if "snoozed_until" in item else None,
        resolved_at=instant(item, "resolved_at") if "resolved_at" in item else None,
        resolution=Resolution(resolution) if resolution else None,
        version=int(item["version"]["N"]),
    )


def _encode_reason(reason: Reason) -> dict[str, Value]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(reason).items()
        if value is not None
    }


def _decode_reason(kind: AlertKind, kept: Mapping[str, Any]) -> Reason:
    match kind:
        case AlertKind.LEFT_FIRST | AlertKind.RANK_FELL:
            return RankDrop(**{"rank": None, **kept, "metric": Metric(kept["metric"])})
        case AlertKind.SPEND_DOWN:
            return SpendDrop(**{"days": None, **kept})
        case AlertKind.OVERDUE:
            return Lateness(**{**kept, "last_purchase": date.fromisoformat(kept["last_purchase"])})
        case AlertKind.SCORE_FALLING:
            return ScoreDrop(**{"score": None, **kept})


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else epoch_ms(at)
