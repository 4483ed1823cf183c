"""Snapshots of boards, in Workspace: written once, signed, and read by when they were taken."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from laurel.model.account import Store
from laurel.model.errors import SnapshotTampered
from laurel.model.order import epoch_ms
from laurel.model.ranking import Figures, Metric
from laurel.model.snapshot import Snapshot
from laurel.store import keys
from laurel.store.dynamodb import Item, attribute, attributes, number, string, written, written_together

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_RUNNING_KEPT = timedelta(days=8)
_LARGEST = 350_000
"""Characters of an item's content; DynamoDB's items have 400 KB."""
_REMEMBERED = 32
_LOOKED_UP_SECONDS = 300.0


class Seal(Protocol):
    """Signs digests, and tells whether they were signed."""

    def sign(self, digest: bytes) -> bytes: ...
    def is_genuine(self, digest: bytes, signature: bytes) -> bool: ...


class _NoSeal:
    """Signs nothing, and takes nothing for genuine."""

    def sign(self, digest: bytes) -> bytes:
        raise RuntimeError(f"There is no key to sign {digest.hex()} with.")

    def is_genuine(self, digest: bytes, signature: bytes) -> bool:
        del digest, signature
        return False


@dataclass(frozen=True, slots=True)
class Listed:
    """A snapshot in a list; ``hour`` is the instant it was due at."""

    period: str
    hour: datetime
    taken_at: datetime
    closed: bool
    customers: int


class BoardSnapshots:
    """A store's snapshots, which never change. Reads of one by name are strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str, seal: Seal | None = None) -> None:
        """Without a ``seal`` there is nothing to keep or verify by: for who reads what need not be verified."""
        self._client = client
        self._table = table
        self._seal = seal or _NoSeal()

    def keep(self, snapshot: Snapshot) -> bool:
        """Sign and keep a snapshot; False if there is one of this period and hour, or close, already."""
        items = self._items(snapshot)
        if len(items) > 1:
            absent = {"TableName": self._table, "ConditionExpression": "attribute_not_exists(pk)"}
            return written_together(self._client, [{"Put": {**absent, "Item": item}} for item in items])
        return written(
            self._client.put_item, TableName=self._table, Item=items[0], ConditionExpression="attribute_not_exists(pk)"
        )

    def closed(self, store: Store, period: str, *, verified: bool = True) -> Snapshot | None:
        """What a period's boards showed at its close. Raises ``SnapshotTampered`` if that is not what was kept."""
        return self._get(store, keys.closing_snapshot(period), verified=verified)

    def of_hour(self, store: Store, period: str, hour: datetime) -> Snapshot | None:
        """What a running period's boards showed in an hour of the store's, not verified."""
        return self._get(store, keys.running_snapshot(period, epoch_ms(hour)), verified=False)

    def latest(self, store: Store, period: str) -> Snapshot | None:
        """The last one of a period, not verified; of a complete period the closing one, if there is one."""
        return self._last(store, keys.join(period, ""), keys.closing_snapshot(period))

    def before(self, store: Store, period: str, instant: datetime) -> Snapshot | None:
        """The last one of a period that was due at an instant or earlier, not verified; never the closing one."""
        return self._last(store, keys.join(period, ""), keys.running_snapshot(period, epoch_ms(instant)))

    def listed(
        self, store: Store, *, closed: bool, limit: int, after: str | None = None
    ) -> tuple[list[Listed], str | None]:
        """Closing snapshots, or those of running periods, newest first; and where to go on, if there are more."""
        list_pk = keys.listed_snapshots(store.account_id, store.id, closed=closed)
        start: dict[str, Any] = {}
        if after is not None:
            hour, period, *_ = keys.split(after)
            sk = keys.closing_snapshot(period) if closed else keys.running_snapshot(period, int(hour))
            start["ExclusiveStartKey"] = _key(store, sk) | attributes({"list_pk": list_pk, "list_sk": after})
        answer = self._client.query(
            TableName=self._table,
            IndexName="by_list",
            KeyConditionExpression="list_pk = :pk",
            ExpressionAttributeValues=attributes({":pk": list_pk}),
            ScanIndexForward=False,
            Limit=limit,
            **start,
        )
        last = answer.get("LastEvaluatedKey")
        return [_decode_listed(item) for item in answer["Items"]], last["list_sk"]["S"] if last else None

    def is_genuine(self, store: Store, listed: Listed) -> bool:
        """True if a snapshot of the list is what was kept when it was taken."""
        hour = epoch_ms(listed.hour)
        sk = keys.closing_snapshot(listed.period) if listed.closed else keys.running_snapshot(listed.period, hour)
        try:
            return self._get(store, sk, verified=True) is not None
        except SnapshotTampered:
            return False

    def _items(self, snapshot: Snapshot) -> list[Item]:
        """The item, and parts of the content that are too much for it: ids from outside may be long."""
        content = _content(snapshot)
        signature = self._seal.sign(hashlib.sha256(content).digest())
        text = base64.b64encode(zlib.compress(content, 9)).decode()
        parts = [text[start : start + _LARGEST] for start in range(0, len(text), _LARGEST)]
        hour = epoch_ms(snapshot.hour)
        sk = keys.closing_snapshot(snapshot.period) if snapshot.closed else keys.running_snapshot(snapshot.period, hour)
        pk = keys.board_snapshots(snapshot.account_id, snapshot.store_id)
        expires_at = None if snapshot.closed else int((snapshot.hour + _RUNNING_KEPT).timestamp())
        listed = f"{hour:014d}", snapshot.period, str(epoch_ms(snapshot.taken_at)), str(snapshot.customers)
        first = attributes(
            {
                "pk": pk,
                "sk": sk,
                "list_pk": keys.listed_snapshots(snapshot.account_id, snapshot.store_id, closed=snapshot.closed),
                "list_sk": keys.join(*listed),
                "content": parts[0],
                "parts": len(parts) - 1 or None,
                "signature": base64.b64encode(signature).decode(),
                "expires_at": expires_at,
            }
        )
        more = [
            attributes({"pk": pk, "sk": keys.snapshot_part(sk, at), "content": part, "expires_at": expires_at})
            for at, part in enumerate(parts[1:])
        ]
        return [first, *more]

    def _get(self, store: Store, sk: str, *, verified: bool) -> Snapshot | None:
        item = self._client.get_item(TableName=self._table, Key=_key(store, sk), ConsistentRead=True).get("Item")
        return self._decode(store, item, verified=verified) if item else None

    def _last(self, store: Store, first: str, last: str) -> Snapshot | None:
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": attribute(keys.board_snapshots(store.account_id, store.id)),
                ":first": attribute(first),
                ":last": attribute(last),
            },
            ScanIndexForward=False,
            Limit=1,
        )
        return self._decode(store, answer["Items"][0], verified=False) if answer["Items"] else None

    def _decode(self, store: Store, item: Item, *, verified: bool) -> Snapshot:
        """The snapshot of an item, which says itself of what it is one: content under another's key is no match."""
        sk = item["sk"]["S"]
        period, moment = keys.split(sk)
        try:
            content = zlib.decompress(base64.b64decode(self._text(store, item)))
            signature = base64.b64decode(string(item, "signature") or "")
            if verified and not self._seal.is_genuine(hashlib.sha256(content).digest(), signature):
                raise SnapshotTampered(store.id, period)
            snapshot = _snapshot(json.loads(content))
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise SnapshotTampered(store.id, period) from error
        of = (snapshot.account_id, snapshot.store_id, snapshot.period, snapshot.closed)
        if of != (store.account_id, store.id, period, moment == keys.CLOSED) or not (
            snapshot.closed or epoch_ms(snapshot.hour) == int(moment)
        ):
            raise SnapshotTampered(store.id, period)
        return snapshot

    def _text(self, store: Store, item: Item) -> str:
        text = string(item, "content") or ""
        for at in range(number(item, "parts") or 0):
            key = _key(store, keys.snapshot_part(item["sk"]["S"], at))
            part = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {})
            text += string(part, "content") or ""
        return text


class RememberedSnapshots:
    """Snapshots for a function that reads the same ones again and again.

    They never change; which one is the last of a period is looked up once in five minutes at most. One that is not
    there yet, or was tampered with, is looked for again.
    """

    def __init__(self, snapshots: BoardSnapshots) -> None:
        self._snapshots = snapshots
        self._known: OrderedDict[tuple[str, ...], tuple[float, Snapshot]] = OrderedDict()

    def closed(self, store: Store, period: str, *, verified: bool = True) -> Snapshot | None:
        """As ``BoardSnapshots.closed``; verified once."""
        key = ("closed", store.account_id, store.id, period, str(verified))
        return self._recall(key) or self._remember(key, self._snapshots.closed(store, period, verified=verified))

    def latest(self, store: Store, period: str) -> Snapshot | None:
        """As ``BoardSnapshots.latest``."""
        key = ("latest", store.account_id, store.id, period)
        return self._recall(key) or self._remember(key, self._snapshots.latest(store, period))

    def before(self, store: Store, period: str, instant: datetime) -> Snapshot | None:
        """As ``BoardSnapshots.before``; hours begin at quarters of UTC's, within which the answer is the same."""
        quarter = instant.replace(minute=instant.minute - instant.minute % 15, second=0, microsecond=0)
        key = ("before", store.account_id, store.id, period, quarter.isoformat())
        return self._recall(key) or self._remember(key, self._snapshots.before(store, period, quarter))

    def _recall(self, key: tuple[str, ...]) -> Snapshot | None:
        at, known = self._known.get(key, (0.0, None))
        if known is None or (key[0] != "closed" and monotonic() - at >= _LOOKED_UP_SECONDS):
            return None
        self._known.move_to_end(key)
        return known

    def _remember(self, key: tuple[str, ...], snapshot: Snapshot | None) -> Snapshot | None:
        if snapshot is None:
            return None
        self._known[key] = monotonic(), snapshot
        self._known.move_to_end(key)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return snapshot


def _key(store: Store, sk: str) -> Item:
    return attributes({"pk": keys.board_snapshots(store.account_id, store.id), "sk": sk})


def _decode_listed(item: Item) -> Listed:
    hour, period, taken_at, customers = keys.split(item["list_sk"]["S"])
    _, moment = keys.split(item["sk"]["S"])
    return Listed(period, _instant(int(hour)), _instant(int(taken_at)), moment == keys.CLOSED, int(customers))


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _content(snapshot: Snapshot) -> bytes:
    """What is signed: everything the snapshot says, the same bytes for the same."""
    said = {
        "account": snapshot.account_id,
        "store": snapshot.store_id,
        "period": snapshot.period,
        "taken_at": epoch_ms(snapshot.taken_at),
        "hour": epoch_ms(snapshot.hour),
        "closed": snapshot.closed,
        "currency": snapshot.currency,
        "minimum_purchases": snapshot.minimum_purchases,
        "calendar_revision": snapshot.calendar_revision,
        "customers": snapshot.customers,
        "average_customers": snapshot.average_customers,
        "orders_count": snapshot.orders_count,
        "total_spent": snapshot.total_spent,
        "quantiles": {metric.value: list(values) for metric, values in snapshot.quantiles.items()},
        "rows": [
            [customer, figures.orders_count, figures.total_spent, figures.last_order_at]
            for customer, figures in snapshot.rows
        ],
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _snapshot(said: dict[str, Any]) -> Snapshot:
    return Snapshot(
        account_id=said["account"],
        store_id=said["store"],
        period=said["period"],
        taken_at=_instant(said["taken_at"]),
        hour=_instant(said["hour"]),
        closed=said["closed"],
        currency=said["currency"],
        minimum_purchases=said["minimum_purchases"],
        calendar_revision=said["calendar_revision"],
        customers=said["customers"],
        average_customers=said["average_customers"],
        orders_count=said["orders_count"],
        total_spent=said["total_spent"],
        quantiles={Metric(metric): tuple(values) for metric, values in said["quantiles"].items()},
        rows=tuple((customer, Figures(*figures)) for customer, *figures in said["rows"]),
    )
