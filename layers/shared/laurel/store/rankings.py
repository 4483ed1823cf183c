"""Rankings: one row a customer and period, one index a metric, and what the boards leave out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from laurel.model.account import Store
from laurel.model.period import ALL
from laurel.model.ranking import (
    Figures,
    Metric,
    RankingRow,
    Standing,
    average_micros,
    last_order_of_key,
    lowest_key_above,
)
from laurel.model.setaside import SetAside, SetAsideReason
from laurel.store import keys
from laurel.store.dynamodb import Item, attribute, attributes, failed_condition, get_all, number, pages, string

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_NAME_LENGTH = 80
_RESOLVED_KEPT = timedelta(days=30)
_HIGHEST_KEY = 10**37
_FIGURES = "pk, sk, orders_count, total_spent, last_order_at"
_NAMES = "pk, sk, orders_count, #name, email"
_NAMES_ALIAS = {"#name": "name"}
_SHOWN = f"rank_{Metric.TOTAL_SPENT.value}"
"""Whoever is on any board is on this one."""
_AT_ONCE = 2_000
"""Rows that one answer has of a whole board: some 700 KB, which come well within the client's time."""
_RANKED = f"orders_count, total_spent, last_order_at, {_SHOWN}"
_OLDER = "attribute_not_exists(version) OR version < :version"


@dataclass(frozen=True, slots=True)
class Page:
    """Standings in rank order, and the key to go on from (None at the end)."""

    standings: list[Standing]
    last_key: dict[str, str] | None


class Rankings:
    """The Rankings table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def put_row(self, store: Store, row: RankingRow) -> int | None:
        """Write a row unless a newer version stands; returns that newer (or equal) version, None if written."""
        return self._put_newer(row_item(store, row), row.version)

    def put_set_aside(self, store: Store, entry: SetAside, now: datetime) -> int | None:
        """Write an entry unless a newer version stands, as ``put_row``; a resolved one expires by TTL."""
        item = attributes(
            {
                "pk": keys.board(store.account_id, store.id, keys.SET_ASIDE),
                "sk": keys.set_aside(entry.reason.value, entry.id),
                "customer": entry.customer,
                "currency": entry.currency,
                "total": entry.total,
                "placed_at": entry.placed_at,
                "orders_limit": entry.orders_limit,
                "version": entry.version,
                "resolved": entry.resolved or None,
                "expires_at": int((now + _RESOLVED_KEPT).timestamp()) if entry.resolved else None,
            }
        )
        return self._put_newer(item, entry.version)

    def set_aside(self, store: Store, reason: SetAsideReason, at_most: int) -> list[SetAside]:
        """Unresolved entries of one reason, at most so many."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            FilterExpression="attribute_not_exists(resolved)",
            ExpressionAttributeValues=attributes(
                {
                    ":pk": keys.board(store.account_id, store.id, keys.SET_ASIDE),
                    ":prefix": keys.set_aside(reason.value, ""),
                }
            ),
        )
        return list(map(_decode_set_aside, islice(query, at_most)))

    def house_account(self, store: Store, customer: str) -> SetAside | None:
        """The entry that says this customer has too many orders to be ranked, if there is one; strongly consistent."""
        key = {
            "pk": keys.board(store.account_id, store.id, keys.SET_ASIDE),
            "sk": keys.set_aside(SetAsideReason.HOUSE_ACCOUNT.value, customer),
        }
        item = self._client.get_item(TableName=self._table, Key=attributes(key), ConsistentRead=True).get("Item")
        return None if item is None or "resolved" in item else _decode_set_aside(item)

    def top_customers(
        self, store: Store, period: str, metric: Metric, limit: int, after: dict[str, str] | None = None
    ) -> Page:
        """One page of a board, best first. ``after`` is the ``last_key`` of the page before."""
        query = self._ranked(store, period, metric)
        if after:
            query["ExclusiveStartKey"] = self._start_key(
                store, period, metric, after["customer"], int(after["rank_key"])
            )
        answer = self._client.query(**query, Limit=limit)
        last = answer.get("LastEvaluatedKey")
        last_key = {"customer": last["sk"]["S"], "rank_key": last[f"rank_{metric.value}"]["N"]} if last else None
        return Page([_decode_standing(item, metric) for item in answer["Items"]], last_key)

    def neighbours(
        self, store: Store, period: str, metric: Metric, customer: Standing, count: int
    ) -> tuple[list[Standing], list[Standing]]:
        """Up to ``count`` standings right above (best first) and right below a customer."""
        start = self._start_key(store, period, metric, customer.customer, customer.figures.rank_key(metric))
        above, below = (
            self._client.query(
                **self._ranked(store, period, metric, forward=forward), ExclusiveStartKey=start, Limit=count
            )["Items"]
            for forward in (True, False)
        )
        return (
            [_decode_standing(item, metric) for item in reversed(above)],
            [_decode_standing(item, metric) for item in below],
        )

    def count(
        self,
        store: Store,
        period: str,
        metric: Metric,
        above: int,
        up_to: int | None = None,
        at_most: int | None = None,
    ) -> int:
        """How many customers have a value strictly above ``above`` (and not above ``up_to``).

        Counts no further than ``at_most``.
        """
        query = self._ranked(store, period, metric)
        query["KeyConditionExpression"] += " AND #rank BETWEEN :low AND :high"
        query["ExpressionAttributeNames"] = {"#rank": f"rank_{metric.value}"}
        query["ExpressionAttributeValues"][":low"] = attribute(lowest_key_above(above))
        query["ExpressionAttributeValues"][":high"] = attribute(
            lowest_key_above(up_to) - 1 if up_to is not None else _HIGHEST_KEY
        )
        counted = 0
        while True:
            if at_most is not None:
                query["Limit"] = at_most - counted
            answer = self._client.query(**query, Select="COUNT")
            counted += answer["Count"]
            last = answer.get("LastEvaluatedKey")
            if not last or (at_most is not None and counted >= at_most):
                return counted
            query["ExclusiveStartKey"] = last

    def next_better(self, store: Store, period: str, metric: Metric, value: int) -> Standing | None:
        """The closest standing with a strictly better value."""
        query = self._ranked(store, period, metric, forward=True)
        query["KeyConditionExpression"] += " AND #rank >= :floor"
        query["ExpressionAttributeNames"] = {"#rank": f"rank_{metric.value}"}
        query["ExpressionAttributeValues"][":floor"] = attribute(lowest_key_above(value))
        items = self._client.query(**query, Limit=1)["Items"]
        return _decode_standing(items[0], metric) if items else None

    def standing(self, store: Store, period: str, customer: str) -> tuple[Standing, frozenset[Metric]] | None:
        """A customer's figures in a period and the boards that show them, or None if there are none."""
        key = attributes({"pk": keys.board(store.account_id, store.id, period), "sk": customer})
        item = self._client.get_item(TableName=self._table, Key=key).get("Item")
        if item is None or not number(item, "orders_count"):
            return None
        boards = frozenset(metric for metric in Metric if f"rank_{metric.value}" in item)
        return Standing(customer, _decode_figures(item), string(item, "name"), string(item, "email")), boards

    def figures_in(self, store: Store, periods: Sequence[str], customer: str) -> dict[str, Figures]:
        """A customer's figures by period; those without purchases are left out."""
        found = self.figures_at(store, [(period, customer) for period in periods])
        return {period: figures for (period, _), figures in found.items()}

    def all_figures(self, store: Store, period: str) -> Iterator[tuple[str, Figures]]:
        """Everyone that a period's boards show, with their figures, by customer: nobody is met twice or missed.

        Rows stay in their place in the table while their figures change, and move in its indexes.
        """
        rows = pages(
            self._client,
            each_page=_AT_ONCE,
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ProjectionExpression=f"sk, {_RANKED}",
            ExpressionAttributeValues=attributes({":pk": keys.board(store.account_id, store.id, period)}),
        )
        return ((item["sk"]["S"], _decode_figures(item)) for item in rows if _SHOWN in item)

    def figures_at(self, store: Store, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], Figures]:
        """Figures by (period, customer); those without purchases are left out."""
        return {at: _decode_figures(item) for at, item in self._rows_at(store, wanted, _FIGURES)}

    def names_of(self, store: Store, customers: Collection[str]) -> dict[str, tuple[str | None, str | None]]:
        """Name and address of customers with any purchases, as their newest orders tell."""
        rows = self._rows_at(store, [(ALL, customer) for customer in customers], _NAMES, _NAMES_ALIAS)
        return {customer: (string(item, "name"), string(item, "email")) for (_, customer), item in rows}

    def _rows_at(
        self,
        store: Store,
        wanted: Collection[tuple[str, str]],
        projection: str,
        aliases: Mapping[str, str] | None = None,
    ) -> Iterator[tuple[tuple[str, str], Item]]:
        by_key = {
            (keys.board(store.account_id, store.id, period), customer): (period, customer)
            for period, customer in wanted
        }
        rows = [attributes({"pk": pk, "sk": sk}) for pk, sk in by_key]
        named = {"ExpressionAttributeNames": aliases} if aliases else {}
        for item in get_all(self._client, self._table, rows, ProjectionExpression=projection, **named):
            if number(item, "orders_count"):
                yield by_key[item["pk"]["S"], item["sk"]["S"]], item

    def rows_of_store(self, store: Store, period: str) -> Iterator[Item]:
        """Every row of a period as stored, for reconciliation and tests."""
        return pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=attributes({":pk": keys.board(store.account_id, store.id, period)}),
        )

    def _put_newer(self, item: Item, version: int) -> int | None:
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=_OLDER,
                ExpressionAttributeValues={":version": attribute(version)},
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if (kept := failed_condition(error)) is None:
                raise
            return number(kept, "version")
        return None

    def _ranked(self, store: Store, period: str, metric: Metric, *, forward: bool = False) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "IndexName": f"by_{metric.value}",
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": attributes({":pk": keys.board(store.account_id, store.id, period)}),
            "ScanIndexForward": forward,
        }

    @staticmethod
    def _start_key(store: Store, period: str, metric: Metric, customer: str, rank_key: int) -> Item:
        return attributes(
            {
                "pk": keys.board(store.account_id, store.id, period),
                "sk": customer,
                f"rank_{metric.value}": rank_key,
            }
        )


def row_item(store: Store, row: RankingRow) -> Item:
    """A row as it is stored."""
    figures = row.figures
    item = attributes(
        {
            "pk": keys.board(store.account_id, store.id, row.period),
            "sk": row.customer,
            "orders_count": figures.orders_count,
            "total_spent": figures.total_spent,
            "name": row.name[:_NAME_LENGTH] if row.name else None,
            "email": row.email,
            "last_order_at": figures.last_order_at,
            "version": row.version,
            **{f"rank_{metric.value}": figures.rank_key(metric) for metric in row.boards},
        }
    )
    item["average_order_value"] = {"N": _six_decimals(average_micros(figures.total_spent, figures.orders_count))}
    return item


def _six_decimals(micros: int) -> str:
    return f"{micros // 10**6}.{micros % 10**6:06d}"


def _decode_figures(item: Item) -> Figures:
    return Figures(int(item["orders_count"]["N"]), int(item["total_spent"]["N"]), int(item["last_order_at"]["N"]))


def _decode_standing(item: Item, metric: Metric) -> Standing:
    figures = Figures(
        int(item["orders_count"]["N"]),
        int(item["total_spent"]["N"]),
        last_order_of_key(int(item[f"rank_{metric.value}"]["N"])),
    )
    return Standing(item["sk"]["S"], figures, string(item, "name"), string(item, "email"))


def _decode_set_aside(item: Item) -> SetAside:
    reason, id_ = keys.split(item["sk"]["S"])
    return SetAside(
        reason=SetAsideReason(reason),
        id=id_,
        customer=item["customer"]["S"],
        version=int(item["version"]["N"]),
        resolved="resolved" in item,
        currency=string(item, "currency"),
        total=number(item, "total"),
        placed_at=number(item, "placed_at"),
        orders_limit=number(item, "orders_limit"),
    )
