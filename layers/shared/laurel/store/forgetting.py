"""Takes people and stores out of Ledger, Contacts and Rankings."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from laurel.model.account import Store
from laurel.model.activity import RETENTION
from laurel.model.contact import ContactRef
from laurel.model.order import CustomerRef, OrderChange, epoch_ms
from laurel.privacy.mentions import Mentions
from laurel.scoring.work import at_once
from laurel.store import keys
from laurel.store.contacts import is_mark
from laurel.store.dynamodb import (
    Item,
    attributes,
    failed_condition,
    is_cancelled,
    number,
    pages,
    string,
    unchanged_since,
    written_first,
)
from laurel.store.ledger_items import ERASED, FORMER, assignment, decode_order, erased, is_erased

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTEMPTS = 12
_RETENTION_MS = int(RETENTION.total_seconds() * 1000)
_KINDS = {
    "activity": "activities",
    "delivery": "deliveries",
    "score": "score_entries",
    "message": "messages",
    "content": "message_contents",
    "shop-customer": "shop_customers",
    "unreadable": "unreadable_deliveries",
    "reward": "awards",
    "order": "orders",
    "correction": "order_corrections",
    "run": "automation_runs",
    "automation-state": "automation_states",
    "signal": "signals",
    "pulse": "pulses",
    "held": "held_runs",
}


class Forgetting:
    """Finds and removes what is kept of a person or a store.

    With ``until`` only what happened up to then is meant; without, everything. All reads are strongly consistent.
    """

    def __init__(self, client: DynamoDBClient, ledger: str, contacts: str, rankings: str) -> None:
        self._client = client
        self._ledger = ledger
        self._contacts = contacts
        self._rankings = rankings

    # ---- A person ----------------------------------------------------------------------------------------------------

    def profile(self, ref: ContactRef) -> Item | None:
        """A contact's profile as it is stored, or None if there is none or no more than a mark."""
        item = self._profile(ref)
        return None if item is None or is_mark(item) else item

    def is_marked(self, ref: ContactRef, at: datetime) -> bool:
        """True if the contact has been erased at that time or since."""
        item = self._profile(ref)
        return item is not None and (number(item, ERASED) or 0) >= epoch_ms(at)

    def mark(self, ref: ContactRef, at: datetime) -> None:
        """Put a mark in the profile's place, once; whatever has been read of the profile can't be written from then."""
        for _ in range(_ATTEMPTS):
            item = self._profile(ref) or {}
            if (number(item, ERASED) or 0) >= epoch_ms(at):
                return
            version = number(item, "version") or 0
            left = {**_profile_key(ref), **attributes({ERASED: epoch_ms(at), "version": version + 1})}
            if written_first(self._client.put_item, TableName=self._contacts, Item=left, **unchanged_since(version)):
                return
        raise RuntimeError("a profile never stood still")

    def orders(self, ref: CustomerRef, until: datetime | None) -> list[Item]:
        """A customer's orders in a store that are to be erased, as stored."""
        found = self._partition(
            self._ledger, keys.person(ref.account_id, ref.audience_id, ref.customer), keys.orders(ref.store_id)
        )
        return [item for item in found if not is_erased(item) and _is_until(item, until)]

    def erased_orders(self, ref: CustomerRef) -> list[OrderChange]:
        """A customer's orders in a store that were erased before, as changes that change nothing."""
        found = self._partition(
            self._ledger, keys.person(ref.account_id, ref.audience_id, ref.customer), keys.orders(ref.store_id)
        )
        return [OrderChange(order, order) for order in map(decode_order, found) if order.is_erased]

    def erase_orders(self, orders: Iterable[Item], at: datetime) -> list[OrderChange]:
        """Take everything but id and time out of orders; what was changed thereby. One that changes meanwhile waits."""
        changes = at_once(lambda item: self._erase_order(item, at), list(orders))
        return [change for change in changes if change]

    def others(self, ref: ContactRef, until: datetime | None) -> list[tuple[str, str, Item]]:
        """Whatever else the person's partitions hold, as (table, kind in plural, key)."""
        pk = keys.person(ref.account_id, ref.audience_id, ref.contact)
        found = [
            (self._ledger, _kind(item), item) for item in self._partition(self._ledger, pk) if _kind(item) != "orders"
        ]
        own = [item for item in self._partition(self._contacts, pk) if item["sk"]["S"] != keys.PROFILE]
        later = {_id(item) for item in own if _kind(item) == "messages" and not _is_until(item, until)}
        found += [
            (self._contacts, _kind(item), item)
            for item in own
            if not (_kind(item) == "message_contents" and _id(item) in later)
        ]
        return [(table, kind, _key(item)) for table, kind, item in found if _is_until(item, until)]

    def shop_customer_locators(self, ref: ContactRef, others: Iterable[tuple[str, str, Item]]) -> list[Item]:
        """Keys of the items that tell who a shop's customer is, of those that are about to be removed."""
        found = []
        for _, kind, key in others:
            if kind == "shop_customers":
                _, store_id, digest = keys.split(key["sk"]["S"])
                pk = keys.store_orders(ref.account_id, store_id)
                found.append(attributes({"pk": pk, "sk": keys.shop_customer_locator(digest)}))
        return found

    def remove(self, items: Iterable[tuple[str, Item]]) -> None:
        """Remove items by table and key; what is gone already is gone."""
        at_once(lambda it: self._client.delete_item(TableName=it[0], Key=it[1]), list(items))

    def remove_facts(self, keys_: Iterable[Item]) -> None:
        """Remove items of the Ledger by key."""
        self.remove((self._ledger, key) for key in keys_)

    # ---- A store -----------------------------------------------------------------------------------------------------

    def unreadable(self, store: Store, mentions: Mentions) -> list[Item]:
        """Keys of a store's unreadable deliveries that speak of somebody."""
        pk = keys.store_orders(store.account_id, store.id)
        found = self._partition(self._ledger, pk, keys.unreadable(""))
        return [_key(item) for item in found if mentions.found_in(text_of(item))]

    def owners(self, store: Store, at_most: int) -> list[tuple[str, Item]]:
        """Customers of the store's first orders, former ones too, with the key of each order's locator.

        They are of so many orders at most.
        """
        pk = keys.store_orders(store.account_id, store.id)
        locators = islice(self._partition(self._ledger, pk, keys.locator(""), first_page=at_most), at_most)
        return [
            (value["S"], _key(item))
            for item in locators
            for name, value in item.items()
            if name == "owner" or name.startswith(FORMER)
        ]

    def facts_of_store(self, ref: CustomerRef) -> list[tuple[str, Item]]:
        """What the customer's partition holds of a store, erased orders too, as (kind in plural, item)."""
        pk = keys.person(ref.account_id, ref.audience_id, ref.customer)
        prefixes = (keys.orders(ref.store_id), keys.shop_customers(ref.store_id), keys.corrections(ref.store_id))
        return [(_kind(item), item) for prefix in prefixes for item in self._partition(self._ledger, pk, prefix)]

    def has_other_orders(self, ref: CustomerRef) -> bool:
        """True if the customer has orders in other stores of the audience."""
        pk = keys.person(ref.account_id, ref.audience_id, ref.customer)
        own = keys.orders(ref.store_id)
        return any(
            not item["sk"]["S"].startswith(own) and not is_erased(item)
            for item in self._partition(self._ledger, pk, "order#")
        )

    def rest_of_store(self, store: Store, at_most: int) -> list[tuple[str, Item]]:
        """What the store's own partition of the Ledger still holds, at most so many, as (kind in plural, key)."""
        rest = self._partition(self._ledger, keys.store_orders(store.account_id, store.id))
        return [(_kind(item), _key(item)) for item in islice(rest, at_most)]

    def rows(self, store: Store, period: str, at_most: int) -> list[tuple[str, Item]]:
        """Rows of a period of the store's boards, at most so many, as (table, key)."""
        rows = self._partition(self._rankings, keys.board(store.account_id, store.id, period), first_page=at_most)
        return [(self._rankings, _key(item)) for item in islice(rows, at_most)]

    def _erase_order(self, item: Item, at: datetime) -> OrderChange | None:
        """None if somebody else changed the order, or erased it, in the meantime."""
        update = assignment(erased(item, epoch_ms(at)))
        update["ExpressionAttributeValues"][":seen"] = item["changes"]
        try:
            answer = self._client.update_item(
                TableName=self._ledger,
                Key=_key(item),
                ConditionExpression="changes = :seen",
                ReturnValues="ALL_NEW",
                **update,
            )
        except ClientError as error:
            if failed_condition(error) is None and not is_cancelled(error):
                raise
            return None
        return OrderChange(decode_order(item), decode_order(answer["Attributes"]))

    def _profile(self, ref: ContactRef) -> Item | None:
        answer = self._client.get_item(TableName=self._contacts, Key=_profile_key(ref), ConsistentRead=True)
        return answer.get("Item")

    def _partition(self, table: str, pk: str, prefix: str = "", first_page: int | None = None) -> Iterator[Item]:
        condition, values = "pk = :pk", {":pk": pk}
        if prefix:
            condition, values = f"{condition} AND begins_with(sk, :prefix)", values | {":prefix": prefix}
        return pages(
            self._client,
            first_page,
            TableName=table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=attributes(values),
            ConsistentRead=True,
        )


def text_of(delivery: Item) -> str:
    """The body of an unreadable delivery, and what was wrong with it; only the latter if it was too large to keep."""
    said = str(delivery.get("faults", ""))
    if body := string(delivery, "body"):
        said += "\n" + zlib.decompress(base64.b64decode(body)).decode(errors="replace")
    return said


def _profile_key(ref: ContactRef) -> Item:
    return attributes({"pk": keys.person(ref.account_id, ref.audience_id, ref.contact), "sk": keys.PROFILE})


def _key(item: Item) -> Item:
    return {"pk": item["pk"], "sk": item["sk"]}


def _kind(item: Item) -> str:
    kind = keys.split(item["sk"]["S"])[0]
    return _KINDS.get(kind, kind)


def _id(item: Item) -> str:
    return keys.split(item["sk"]["S"])[1]


_HAPPENED_AT: dict[str, Callable[[Item], int]] = {
    "order": lambda item: (number(item, "placed_at") or 0) * 1000,
    "activity": lambda item: number(item, "occurred_at") or 0,
    "delivery": lambda item: (number(item, "expires_at") or 0) * 1000 - _RETENTION_MS,
    "score": lambda item: int(_id(item)),
    "run": lambda item: number(item, "started_at") or 0,
    "signal": lambda item: number(item, "at") or 0,
    "held": lambda item: number(item, "started_at") or 0,
}


def _is_until(item: Item, until: datetime | None) -> bool:
    """True for what happened up to a time; what tells no time did."""
    if until is None:
        return True
    kind = keys.split(item["sk"]["S"])[0]
    at = _HAPPENED_AT[kind](item) if kind in _HAPPENED_AT else number(item, "created_at") or 0
    return at <= epoch_ms(until)
