"""When contacts last did something: an item a contact and kind in Contacts, listed by its day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from laurel.automation.silence import Position, PulsePage
from laurel.model.activity import Activity
from laurel.model.contact import ContactRef
from laurel.model.order import LedgerOrder, epoch_ms
from laurel.model.signal import Pulse
from laurel.scoring.pulses import KeptPulse, Known
from laurel.store import keys
from laurel.store.contacts import is_mark
from laurel.store.dynamodb import Item, Value, attribute, attributes, get_all, instant, pages, written
from laurel.store.ledger_items import ERASED, decode_activity, decode_order

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_READ = "pk, sk, email, erased_at, first_at, last_at"
SET_BACK = "set_back"
"""Attribute of a day that lies before the one it takes the place of: what the filter of the stream looks for."""


class KeptPulses:
    """The pulses in the Contacts table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def read(self, account_id: str, audience_id: str, wanted: Mapping[str, Collection[Pulse]]) -> dict[str, Known]:
        """What is kept of so many pulses of each contact, strongly consistent; who is no contact is left out."""
        asked = [
            _key(ContactRef(account_id, audience_id, contact), sk)
            for contact, some in wanted.items()
            for sk in (keys.PROFILE, *map(keys.pulse, some))
        ]
        pulses: dict[str, dict[Pulse, KeptPulse]] = defaultdict(dict)
        profiles: dict[str, Item] = {}
        for item in get_all(self._client, self._table, asked, ConsistentRead=True, ProjectionExpression=_READ):
            contact, sk = keys.split(item["pk"]["S"])[2], item["sk"]["S"]
            if sk == keys.PROFILE:
                profiles[contact] = item
            else:
                kept = KeptPulse(instant(item, "first_at"), instant(item, "last_at"))
                pulses[contact][Pulse(keys.split(sk)[1])] = kept
        return {
            contact: Known(pulses[contact], instant(item, ERASED) if ERASED in item else None)
            for contact, item in profiles.items()
            if not is_mark(item)
        }

    def put(self, ref: ContactRef, pulse: Pulse, kept: KeptPulse, seen: KeptPulse | None) -> bool:
        """Keep a pulse if what is kept is as it was seen; False if not."""
        item: dict[str, Value] = {
            "day": kept.day.isoformat(),
            "first_at": epoch_ms(kept.first_at),
            "last_at": epoch_ms(kept.last_at),
            SET_BACK: "yes" if seen and kept.day < seen.day else None,
            "list_pk": keys.pulse_list(ref.account_id, ref.audience_id, pulse.value, kept.day.isoformat()),
            "list_sk": ref.contact,
        }
        whole = _key(ref, keys.pulse(pulse.value)) | attributes(item)
        return written(self._client.put_item, TableName=self._table, Item=whole, **_as_seen(seen))

    def remove(self, ref: ContactRef, pulse: Pulse, seen: KeptPulse) -> bool:
        """Remove a pulse if what is kept is as it was seen; False if not."""
        key = _key(ref, keys.pulse(pulse.value))
        return written(self._client.delete_item, TableName=self._table, Key=key, **_as_seen(seen))

    def last_on(
        self, account_id: str, audience_id: str, pulse: Pulse, day: date, after: Position | None, limit: int
    ) -> PulsePage:
        """Contacts who did something last on a day, so many at most; eventually consistent."""
        start: dict[str, Any] = {"ExclusiveStartKey": attributes(after)} if after else {}
        answer = self._client.query(
            TableName=self._table,
            IndexName="by_list",
            KeyConditionExpression="list_pk = :pk",
            ExpressionAttributeValues=attributes(
                {":pk": keys.pulse_list(account_id, audience_id, pulse.value, day.isoformat())}
            ),
            Limit=limit,
            **start,
        )
        last = answer.get("LastEvaluatedKey")
        return PulsePage(
            [item["list_sk"]["S"] for item in answer["Items"]],
            {name: value["S"] for name, value in last.items()} if last else None,
        )


class PulseFacts:
    """A contact's facts in the Ledger table, strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def orders(self, ref: ContactRef) -> Iterator[tuple[str, LedgerOrder]]:
        """Orders in all stores, each with its store's id."""
        for item in self._own(ref, "order#"):
            yield keys.split(item["sk"]["S"])[1], decode_order(item)

    def activities(self, ref: ContactRef) -> Iterator[Activity]:
        """Activities that are still kept."""
        return map(decode_activity, self._own(ref, keys.activity("")))

    def _own(self, ref: ContactRef, prefix: str) -> Iterator[Item]:
        return pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": _pk(ref), ":prefix": prefix}),
            ConsistentRead=True,
        )


def _as_seen(seen: KeptPulse | None) -> dict[str, Any]:
    if seen is None:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "last_at = :seen",
        "ExpressionAttributeValues": {":seen": attribute(epoch_ms(seen.last_at))},
    }


def _pk(ref: ContactRef) -> str:
    return keys.person(ref.account_id, ref.audience_id, ref.contact)


def _key(ref: ContactRef, sk: str) -> Item:
    return attributes({"pk": _pk(ref), "sk": sk})
