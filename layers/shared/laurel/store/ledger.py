"""Ledger: facts, appended or replaced by key, never computed.

An order lives in its customer's partition. A locator item, ``account#store`` / ``locator#order_id``, names that
customer; it is read consistently, so that two deliveries which disagree about the customer can never leave the order
counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from laurel.model.account import Store
from laurel.model.activity import RETENTION, Activity
from laurel.model.errors import Busy, Conflict
from laurel.model.identity import customer_key
from laurel.model.order import CustomerRef, Deletion, LedgerOrder, Order, OrderState, Refund, epoch_ms, revision
from laurel.store import keys
from laurel.store.dynamodb import (
    Item,
    attribute,
    attributes,
    failed_condition,
    get_all,
    insert_all,
    is_cancelled,
    number,
    pages,
    string,
)
from laurel.store.ledger_items import (
    ERASED,
    FORMER,
    NAMELESS,
    NEWER,
    NOTICE,
    assignment,
    content,
    decode_activity,
    decode_order,
    first_content,
    following,
    is_newer,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FIRST_PAGE = 250
_ATTEMPTS = 12
_STANDS = "attribute_not_exists(moved_to) AND attribute_not_exists(erased_at)"


class Ledger:
    """The Ledger table. Writes return True if they changed anything."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def orders_of(
        self, ref: CustomerRef, first_page: int | None = None, *, settled: bool = True
    ) -> Iterator[LedgerOrder]:
        """All orders ever kept under a customer, moved and deleted ones too; strongly consistent if ``settled``.

        They are read lazily, first ``first_page`` alone, or ``FIRST_PAGE``.
        """
        query = pages(
            self._client,
            first_page or FIRST_PAGE,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes(
                {
                    ":pk": keys.person(ref.account_id, ref.audience_id, ref.customer),
                    ":prefix": keys.orders(ref.store_id),
                }
            ),
            ConsistentRead=settled,
        )
        return map(decode_order, query)

    def history_of(
        self, account_id: str, audience_id: str, contact: str
    ) -> Iterator[tuple[str, LedgerOrder | Activity]]:
        """Everything the Ledger holds of a person, as (store id or "", fact)."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=attributes({":pk": keys.person(account_id, audience_id, contact)}),
        )
        for item in query:
            kind, *rest = keys.split(item["sk"]["S"])
            if kind == "order":
                yield rest[0], decode_order(item)
            elif kind == "activity":
                yield "", decode_activity(item)

    def owners_of(self, store: Store, order_ids: Sequence[str]) -> dict[str, str]:
        """Whose partitions hold these orders (at most 100); unknown orders are absent. Strongly consistent."""
        pk = attribute(keys.store_orders(store.account_id, store.id))
        wanted = [{"pk": pk, "sk": attribute(keys.locator(id_))} for id_ in dict.fromkeys(order_ids)]
        found = get_all(self._client, self._table, wanted, ConsistentRead=True)
        return {keys.split(item["sk"]["S"])[1]: item["owner"]["S"] for item in found}

    def customers_of(self, store: Store) -> set[str]:
        """Everyone who has an order of the store, unidentified orders included."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes(
                {":pk": keys.store_orders(store.account_id, store.id), ":prefix": keys.locator("")}
            ),
            ConsistentRead=True,
        )
        return {item["owner"]["S"] for item in query}

    def add_orders(self, store: Store, orders: Sequence[Order]) -> set[str]:
        """Keep orders of which nothing is known, each once; the ids of those that were kept.

        An order is claimed before it is written, as one by one. Any other may be known by now, or claimed and not yet
        written: it is left to ``record_order``.
        """
        locators = [{**self._locator(store, it.id), "owner": attribute(it.customer)} for it in orders]
        claimed = [it for it, new in zip(orders, insert_all(self._client, self._table, locators), strict=True) if new]
        items = [self._order_key(store, it.id, it.customer) | first_content(it) for it in claimed]
        inserted = insert_all(self._client, self._table, items)
        return {it.id for it, new in zip(claimed, inserted, strict=True) if new}

    def record_order(self, store: Store, order: Order, owner: str | None, seen: int | None = None) -> bool:
        """Keep the order unless what is kept is as new. ``owner`` is what ``owners_of`` said, None if unknown.

        A changed customer moves the order: the old item stays as a mark, so that versions only grow. An erased order
        stays erased. With ``seen`` the order is kept only in place of one that had so many changes.
        """
        for _ in range(_ATTEMPTS):
            owner = owner or self._claim(store, order.id, order.customer)
            same = owner == order.customer
            settled = self._replace(store, order, seen) if same else self._move(store, order, owner, seen)
            if settled is not None:
                return settled
            owner = self._owner_of(store, order.id)
        raise Busy(f"Order {order.id!r}")

    def record_refund(self, store: Store, refund: Refund) -> bool:
        """Keep money returned on an order, known or not yet known; a refund is added once by its id."""
        return self._amend(
            store,
            refund.order_id,
            update="SET #notice = :amount ADD changes :one",
            condition="(attribute_not_exists(#notice) OR #notice <> :amount)",
            names={"#notice": NOTICE + refund.refund_id},
            values={":amount": refund.amount},
        )

    def record_deletion(self, store: Store, deletion: Deletion) -> bool:
        """Mark an order deleted, known or not yet known.

        With the platform's time the deletion takes its place among the order's revisions; without one it follows the
        present state.
        """
        for _ in range(_ATTEMPTS):
            current = self._read(store, deletion.order_id)
            if current and "moved_to" in current:
                continue
            if current and ERASED in current:
                return False
            if current and not deletion.at and string(current, "state") == OrderState.DELETED:
                return False
            before = string(current, "revision") if current else None
            if deletion.at:
                after = revision(deletion.at, deletion.at, OrderState.DELETED, 0)
                if before and before >= after:
                    return False
            else:
                after = following(before)
            try:
                return self._amend(
                    store,
                    deletion.order_id,
                    update="SET #state = :deleted, revision = :after, digest = :deleted ADD changes :one",
                    condition="revision = :before" if before else "attribute_not_exists(revision)",
                    names={"#state": "state"},
                    values={":deleted": OrderState.DELETED.value, ":after": after, ":before": before},
                    strict=True,
                )
            except _Raced:
                continue
        raise Busy(f"Order {deletion.order_id!r}")

    def set_rate(self, ref: CustomerRef, order: LedgerOrder, rate: str | None) -> LedgerOrder | None:
        """Keep the rate by which an order counts in the store's currency, None for none.

        Returns the order as it is then, or None if somebody else wrote it since it was read.
        """
        key = attributes(
            {"pk": keys.person(ref.account_id, ref.audience_id, ref.customer), "sk": keys.order(ref.store_id, order.id)}
        )
        values = {"rate": rate and attribute(rate), "rate_of": attribute(order.currency)}
        try:
            self._client.update_item(**self._if_unchanged(key, {"changes": attribute(order.changes)}, values))
        except ClientError as error:
            if is_cancelled(error) or failed_condition(error) is not None:
                return None
            raise
        return replace(order, rate=rate, changes=order.changes + 1)

    def record_activity(self, account_id: str, audience_id: str, contact: str, activity: Activity) -> bool:
        """Append an activity once. Raises ``Conflict`` if its id was used for something else."""
        item = attributes(
            {
                "pk": keys.person(account_id, audience_id, contact),
                "sk": keys.activity(activity.id),
                "name": activity.name,
                "occurred_at": epoch_ms(activity.occurred_at),
                "properties": dict(activity.properties),
                "machine": activity.machine,
                "digest": activity.digest,
                "expires_at": epoch_ms(activity.occurred_at + RETENTION) // 1000,
            }
        )
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if (kept := failed_condition(error)) is None:
                raise
            if string(kept, "digest") != activity.digest:
                raise Conflict(f"Activity {activity.id!r} was already sent with other content.") from None
            return False
        return True

    def _claim(self, store: Store, order_id: str, customer: str) -> str:
        """Become the order's first owner; returns whoever is."""
        try:
            self._client.put_item(
                TableName=self._table,
                Item={**self._locator(store, order_id), "owner": attribute(customer)},
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if is_cancelled(error):
                return self._owner_of(store, order_id) or self._claim(store, order_id, customer)
            if (kept := failed_condition(error)) is None:
                raise
            return str(kept["owner"]["S"])
        return customer

    def _replace(self, store: Store, order: Order, seen: int | None) -> bool | None:
        """Write under the same customer; None if the order was or is being moved away."""
        update = assignment(content(order))
        update["ExpressionAttributeValues"] |= attributes(
            {":revision": order.revision, ":digest": order.digest, ":seen": seen}
        )
        unchanged = "" if seen is None else " AND changes = :seen"
        try:
            self._client.update_item(
                TableName=self._table,
                Key=self._order_key(store, order.id, order.customer),
                ConditionExpression=f"{_STANDS} AND {NEWER}{unchanged}",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **update,
            )
        except ClientError as error:
            if is_cancelled(error):
                return None
            if (kept := failed_condition(error)) is None:
                raise
            return None if "moved_to" in kept else False
        return True

    def _move(self, store: Store, order: Order, owner: str, seen: int | None) -> bool | None:
        """Take the order from its owner to the customer it names now; None if another writer was faster.

        ``changes`` goes past the mark's, so that it grows with every change of the order wherever that is kept.
        """
        source_key = self._order_key(store, order.id, owner)
        target_key = self._order_key(store, order.id, order.customer)
        source, target = (
            self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", {})
            for key in (source_key, target_key)
        )
        if "moved_to" in source:
            return None
        if ERASED in source or ERASED in target:
            return False
        if not is_newer(order, source) or seen not in (None, number(source, "changes")):
            return False
        notices = {name: source[name] for name in source if name.startswith(NOTICE)}
        described = content(order) | notices | {"moved_to": None}
        past_mark = (number(source, "changes") or 0) + 2 - (number(target, "changes") or 0)
        moved = {"moved_to": attribute(order.customer), "revision": attribute(order.revision)}
        mark = {**NAMELESS, **moved}
        locator: Any = {
            "TableName": self._table,
            "Key": self._locator(store, order.id),
            "UpdateExpression": "SET #owner = :customer, #was = :owner",
            "ConditionExpression": "#owner = :owner",
            "ExpressionAttributeNames": {"#owner": "owner", "#was": FORMER + owner},
            "ExpressionAttributeValues": attributes({":customer": order.customer, ":owner": owner}),
        }
        try:
            self._client.transact_write_items(
                TransactItems=[
                    {"Update": self._if_unchanged(source_key, source, mark)},
                    {"Update": self._if_unchanged(target_key, target, described, max(past_mark, 1))},
                    {"Update": locator},
                ]
            )
        except ClientError as error:
            if is_cancelled(error):
                return None
            raise
        return True

    def _if_unchanged(self, key: Item, seen: Item, values: Mapping[str, Any], changes: int = 1) -> Any:
        """An update of an order's item on condition that nobody wrote it since it was read."""
        update = assignment(values, changes)
        if seen:
            update["ExpressionAttributeValues"][":seen"] = seen["changes"]
        condition = "changes = :seen" if seen else "attribute_not_exists(pk)"
        return {"TableName": self._table, "Key": key, "ConditionExpression": condition, **update}

    def _amend(
        self,
        store: Store,
        order_id: str,
        *,
        update: str,
        condition: str,
        names: Mapping[str, str],
        values: Mapping[str, Any],
        strict: bool = False,
    ) -> bool:
        """Update an order known by id alone where it stands; an unknown one is kept apart until the shop describes it.

        ``strict`` raises ``_Raced`` where the condition does not hold, instead of taking it for a repetition.
        """
        for _ in range(_ATTEMPTS):
            owner = self._owner_of(store, order_id) or self._claim(store, order_id, customer_key(None, None, order_id))
            try:
                self._client.update_item(
                    TableName=self._table,
                    Key=self._order_key(store, order_id, owner),
                    UpdateExpression=update,
                    ConditionExpression=f"{_STANDS} AND {condition}",
                    ExpressionAttributeNames=dict(names),
                    ExpressionAttributeValues=attributes({**values, ":one": 1}),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                if is_cancelled(error):
                    continue
                if (kept := failed_condition(error)) is None:
                    raise
                if "moved_to" in kept:
                    continue
                if ERASED in kept:
                    return False
                if strict:
                    raise _Raced from None
                return False
            return True
        raise Busy(f"Order {order_id!r}")

    def _read(self, store: Store, order_id: str) -> Item | None:
        owner = self._owner_of(store, order_id)
        if owner is None:
            return None
        key = self._order_key(store, order_id, owner)
        return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")

    def _owner_of(self, store: Store, order_id: str) -> str | None:
        answer = self._client.get_item(TableName=self._table, Key=self._locator(store, order_id), ConsistentRead=True)
        return string(answer.get("Item", {}), "owner")

    @staticmethod
    def _locator(store: Store, order_id: str) -> Item:
        return attributes({"pk": keys.store_orders(store.account_id, store.id), "sk": keys.locator(order_id)})

    @staticmethod
    def _order_key(store: Store, order_id: str, customer: str) -> Item:
        return attributes(
            {"pk": keys.person(store.account_id, store.audience_id, customer), "sk": keys.order(store.id, order_id)}
        )


class _Raced(Exception):
    """An optimistic condition did not hold."""
