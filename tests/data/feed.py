"""From orders to boards, on DynamoDB Local.

The use cases and the function are those that a deployed Laurel runs, and the stream is the Ledger's own.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING, Any

import boto3

from laurel.http import boards_out
from laurel.http.orders_in import order_report
from laurel.ingestion.record import Outcome, People, record_orders
from laurel.leaderboard.board import read_board
from laurel.model.account import HOUSE_ACCOUNT_ORDERS, Platform, Store, StoreState
from laurel.model.contact import Contact
from laurel.model.period import Calendar, TimeFrame
from laurel.model.ranking import Metric
from laurel.store.contacts import Contacts
from laurel.store.dynamodb import create_client
from laurel.store.ledger import Ledger
from laurel.store.rankings import Rankings
from laurel.store.workspace import Workspace
from tests.data.journey import CURRENCY, TIME_ZONE, Basket
from tests.data.reckoning import Line
from tests.support.streams import as_lambda
from tests.support.tables import Database, Tables

if TYPE_CHECKING:
    from types import ModuleType

STORE = Store(
    account_id="accountoftwo",
    id="groceryshops",
    audience_id="shopaudience",
    platform=Platform.API,
    name="Groceries",
    currency=CURRENCY,
    calendar=Calendar(TIME_ZONE),
    minimum_purchases=1,
    house_account_orders=HOUSE_ACCOUNT_ORDERS,
    calendar_revision=1,
    state=StoreState.CONNECTED,
    secrets=(),
    cursor_key="5f" * 32,
    created_at=datetime(2017, 1, 1, tzinfo=UTC),
)
_BATCH = 100
_PART = 500
_RECORDS = 1000
_PAGE = 1000
_OLDEST = {"ShardIteratorType": "TRIM_HORIZON"}


def connect_store(database: Database) -> None:
    """Make the store known."""
    assert Workspace(database.client, database.tables.workspace).save_store(STORE)


class Acquaintances:
    """Contacts in memory. Boards do not read them, and keeping them is half of all requests."""

    def __init__(self) -> None:
        self._known: dict[str, Contact] = {}

    def contact(self, account_id: str, audience_id: str, contact: str) -> Contact | None:
        """A contact, or None."""
        return self._known.get(contact)

    def look_up(self, account_id: str, audience_id: str, contact: str) -> Contact | None:
        """A contact, or None: nobody is ever erased."""
        return self._known.get(contact)

    def save(self, account_id: str, audience_id: str, contact: Contact) -> bool:
        """Keep a contact."""
        self._known[contact.id] = contact
        return True


def send(database: Database, orders: Iterable[Mapping[str, Any]], people: People) -> int:
    """Record orders in batches, as POST orders does; returns how many changed anything. None may be refused."""
    ledger = Ledger(database.client, database.tables.ledger)
    now, changed = datetime.now(UTC), 0
    for batch in batched(orders, _BATCH, strict=False):
        results = record_orders(ledger, people, STORE, [order_report(order) for order in batch], now)
        assert all(result.error is None for result in results), results
        changed += sum(result.outcome is Outcome.ACCEPTED for result in results)
    return changed


def send_baskets(endpoint: str, tables: Tables, baskets: Sequence[Basket], *, contacts: bool) -> int:
    """Record baskets in as many processes as there are processors; with ``contacts``, everybody becomes one."""
    parts = list(batched(baskets, _PART, strict=False))
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as pool:
        return sum(pool.map(partial(_send_part, endpoint, tables, contacts), parts))


def _send_part(endpoint: str, tables: Tables, contacts: bool, part: Sequence[Basket]) -> int:
    database = Database(create_client(endpoint_url=endpoint), tables)
    people = Contacts(database.client, tables.contacts) if contacts else Acquaintances()
    return send(database, (basket.as_sent() for basket in part), people)


def by_household(baskets: Iterable[Basket]) -> list[Basket]:
    """Each household's baskets together, so that a batch of the stream concerns few customers."""
    return sorted(baskets, key=lambda basket: (basket.household, basket.placed_at, basket.id))


class Stream:
    """The Ledger's stream, read on from where it was left; filtered the way the template has it filtered."""

    def __init__(self, database: Database, endpoint: str) -> None:
        self._client = boto3.client("dynamodbstreams", endpoint_url=endpoint)
        self._arn = database.client.describe_table(TableName=database.tables.ledger)["Table"]["LatestStreamArn"]
        self._last: dict[str, str] = {}

    def read(self) -> Iterator[dict[str, Any]]:
        """Batches of records of orders, until there are no more for now."""
        for shard in self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]:
            iterator = self._start(shard["ShardId"])
            while True:
                answer = self._client.get_records(ShardIterator=iterator, Limit=_RECORDS)
                if not answer["Records"]:
                    break
                self._last[shard["ShardId"]] = answer["Records"][-1]["dynamodb"]["SequenceNumber"]
                records = [
                    as_lambda(record)
                    for record in answer["Records"]
                    if record["dynamodb"]["Keys"]["sk"]["S"].startswith("order#")
                ]
                if records:
                    yield {"Records": records}
                iterator = answer["NextShardIterator"]

    def _start(self, shard: str) -> str:
        last = self._last.get(shard)
        place = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": last} if last else _OLDEST
        iterator: str = self._client.get_shard_iterator(StreamArn=self._arn, ShardId=shard, **place)["ShardIterator"]
        return iterator


def project(function: ModuleType, batches: Iterable[dict[str, Any]]) -> int:
    """Hand batches to the projecting function; returns how many records there were. None may fail."""
    count = 0
    for batch in batches:
        with contextlib.redirect_stdout(io.StringIO()):  # its log
            assert function.handler(batch, _Context()) == {"batchItemFailures": []}
        count += len(batch["Records"])
    return count


class _Context:
    function_name = "project"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:project"
    aws_request_id = "5f3c0d0e-0000-4000-8000-000000000000"


def board(database: Database, time_frame: str, metric: str, as_of: datetime) -> list[Line]:
    """A whole board, page by page, from the rows that the API answers with."""
    rankings = Rankings(database.client, database.tables.rankings)
    period = STORE.calendar.period_of_frame(TimeFrame(time_frame), as_of)
    lines: list[Line] = []
    cursor = None
    while True:
        page = read_board(rankings, STORE, period, Metric(metric), _PAGE, cursor)
        answer = boards_out.leaderboard(STORE, page, as_of, time_frame, None)
        lines.extend(
            Line(
                row["rank"],
                row["customer"],
                row["orders_count"],
                Decimal(row["total_spent"]),
                Decimal(row["average_order_value"]),
                int(datetime.fromisoformat(row["last_order_at"]).timestamp()),
            )
            for row in answer["rows"]
        )
        cursor = page.next_cursor
        if cursor is None:
            return lines


def differences(found: Sequence[Line], expected: Sequence[Line]) -> list[tuple[Line | None, Line | None]]:
    """Lines that differ, place by place; a missing one is None."""
    longest = max(len(found), len(expected))
    padded = ([*lines, *[None] * (longest - len(lines))] for lines in (found, expected))
    return [pair for pair in zip(*padded, strict=True) if pair[0] != pair[1]]
