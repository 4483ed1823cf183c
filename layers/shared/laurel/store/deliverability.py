"""What became of an account's messages, day by day, in its partition of Workspace.

A day's counters are spread over a few items, so that much feedback at once does not stand in its own way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from laurel.model.deliverability import Counts, DayTally, Resumption, Standing, first_day, standing_of
from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, instant, number, pages

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SHARES = 4
_NAMES = tuple(field.name for field in fields(Counts))


class Tallies:
    """The tallies in the Workspace table. Days are UTC's."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def standing(self, account_id: str, now: datetime) -> Standing:
        """How an account's sending stands; eventually consistent."""
        return standing_of(*self._read(account_id, first_day(now)), now)

    def resume(self, account_id: str, now: datetime) -> None:
        """Let nothing count any more that is known by now of messages sent until now."""
        today = now.astimezone(UTC).date()
        days, _ = self._read(account_id, today)
        before = next((tally.counts for tally in days if tally.day == today), Counts())
        item = attributes({"pk": account_id, "sk": keys.deliverability(keys.RESUMED), "at": epoch_ms(now)})
        self._client.put_item(TableName=self._table, Item=item | _encode(before))

    def _read(self, account_id: str, first: date) -> tuple[list[DayTally], Resumption | None]:
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :resumed",
            ExpressionAttributeValues=attributes(
                {
                    ":pk": account_id,
                    ":first": keys.deliverability(first.isoformat()),
                    ":resumed": keys.deliverability(keys.RESUMED),
                }
            ),
        )
        resumption, days = None, defaultdict[str, Counts](Counts)
        for item in query:
            day = keys.split(item["sk"]["S"])[1]
            if day == keys.RESUMED:
                resumption = Resumption(instant(item, "at"), _decode(item))
            else:
                days[day] += _decode(item)
        return [DayTally(date.fromisoformat(day), counts) for day, counts in days.items()], resumption


def counted(table: str, account_id: str, day: date, message_id: str, counts: Counts) -> Any:
    """The part of a transaction that adds to a day's tally what became of a message sent on it."""
    share = int(message_id[:8], 16) % _SHARES
    more = attributes({f":{name}": count for name, count in zip(_NAMES, counts.values(), strict=True) if count})
    return {
        "Update": {
            "TableName": table,
            "Key": attributes({"pk": account_id, "sk": keys.deliverability(day.isoformat(), share)}),
            "UpdateExpression": "ADD " + ", ".join(f"{name[1:]} {name}" for name in more),
            "ExpressionAttributeValues": more,
        }
    }


def _encode(counts: Counts) -> Item:
    return attributes(dict(zip(_NAMES, counts.values(), strict=True)))


def _decode(item: Item) -> Counts:
    return Counts(*(number(item, name) or 0 for name in _NAMES))
