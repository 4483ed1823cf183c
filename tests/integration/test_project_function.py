"""The function behind the Ledger's stream: batches, failures of single customers, and records that cannot be read."""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import boto3
import pytest

from laurel.leaderboard.project import Orders
from laurel.model.account import Store
from laurel.model.identity import contact_id
from laurel.model.order import CustomerRef, LedgerOrder, OrderState
from laurel.model.ranking import Metric
from laurel.store.corrections import Corrections
from laurel.store.ledger import Ledger
from laurel.store.rankings import Rankings
from laurel.store.workspace import Workspace
from laurel.telemetry import metrics
from tests.support.api import Context
from tests.support.functions import load_function
from tests.support.samples import ADA, ADA_ID, BOB, a_store, an_order
from tests.support.streams import as_lambda
from tests.support.tables import Database

BOB_ID = contact_id(BOB)
# Without being told, boto3 takes the account's own endpoint, which moto does not answer.
MOTO_STREAMS = "https://streams.dynamodb.us-east-1.amazonaws.com"


class Consumer:
    """The deployed function with its tables, and a shop that writes into them."""

    def __init__(self, module: ModuleType, database: Database, store: Store) -> None:
        self.module = module
        self.store = store
        self.database = database
        self.ledger = Ledger(database.client, database.tables.ledger)
        self.rankings = Rankings(database.client, database.tables.rankings)
        Workspace(database.client, database.tables.workspace).save_store(store)

    def tell(self, id_: str, email: str | None, total: int = 1000, **changes: Any) -> None:
        order = an_order(id_, email=email, total=total, **changes)
        owner = self.ledger.owners_of(self.store, [id_]).get(id_)
        assert self.ledger.record_order(self.store, order, owner)

    def run(self, records: list[dict[str, Any]]) -> list[str]:
        """Hand over a batch; gives the sequence numbers of records that shall come again."""
        answer = self.module.handler({"Records": records}, Context())
        assert list(answer) == ["batchItemFailures"]
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def board(self) -> list[tuple[str, int, int]]:
        """Everybody's purchases and what they spent, over all time."""
        page = self.rankings.top_customers(self.store, "all", Metric.TOTAL_SPENT, 100)
        return [(it.customer, it.figures.orders_count, it.figures.total_spent) for it in page.standings]


class Stream:
    """The Ledger's real stream, read as Lambda would with the template's filter."""

    def __init__(self, client: Any, table: str) -> None:
        self._streams = client
        (stream,) = client.list_streams(TableName=table)["Streams"]
        self._arn = stream["StreamArn"]
        self._seen: set[str] = set()

    def records(self) -> list[dict[str, Any]]:
        """Records of orders that were not given before."""
        new = []
        description = self._streams.describe_stream(StreamArn=self._arn)["StreamDescription"]
        assert description["StreamViewType"] == "NEW_AND_OLD_IMAGES"
        for shard in description["Shards"]:
            iterator = self._streams.get_shard_iterator(
                StreamArn=self._arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            new += self._streams.get_records(ShardIterator=iterator)["Records"]
        new = [record for record in new if record["dynamodb"]["SequenceNumber"] not in self._seen]
        self._seen |= {record["dynamodb"]["SequenceNumber"] for record in new}
        return [
            as_lambda(record)
            for record in new
            if record["dynamodb"]["Keys"]["sk"]["S"].startswith("order#")
            and "changes" in record["dynamodb"]["NewImage"]  # moto tells of a new item before it has its attributes
        ]


@pytest.fixture(autouse=True)
def _namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics.provider, "namespace", "Laurel")


@pytest.fixture
def store() -> Store:
    return a_store()


@pytest.fixture(params=["moto", pytest.param("local", marks=pytest.mark.dynamodb_local)])
def streamed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, store: Store) -> tuple[Consumer, Stream]:
    """The function on a DynamoDB whose streams it can be given."""
    database: Database = request.getfixturevalue("moto_tables" if request.param == "moto" else "dynamodb_local_tables")
    endpoint = MOTO_STREAMS if request.param == "moto" else request.getfixturevalue("dynamodb_local_endpoint")
    streams = boto3.client("dynamodbstreams", endpoint_url=endpoint)
    module = load_function("ProjectFunction", monkeypatch, database.tables)
    if request.param != "moto":
        _use(module, monkeypatch, database)
    return Consumer(module, database, store), Stream(streams, database.tables.ledger)


def _use(module: ModuleType, monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    projector = replace(
        module._projector,
        orders=Ledger(database.client, database.tables.ledger),
        rows=Rankings(database.client, database.tables.rankings),
        corrections=Corrections(database.client, database.tables.ledger),
    )
    monkeypatch.setattr(module, "_projector", replace(projector, stores=_Stores(database)))


class _Stores:
    def __init__(self, database: Database) -> None:
        self._workspace = Workspace(database.client, database.tables.workspace)

    def store(self, account_id: str, store_id: str, *, fresh: bool = False) -> Store:
        del fresh
        store = self._workspace.store(account_id, store_id)
        assert store
        return store


def test_the_stream_brings_the_boards_up_to_date(streamed: tuple[Consumer, Stream]) -> None:
    # Given orders of two customers, an order of nobody and a refund of an order not yet known
    consumer, stream = streamed
    consumer.tell("1", ADA, 1000)
    consumer.tell("2", ADA, 500)
    consumer.tell("3", BOB, 1200)
    consumer.tell("4", None)

    # When the stream delivers
    assert consumer.run(stream.records()) == []

    # Then the boards count them
    assert consumer.board() == [(ADA_ID, 2, 1500), (BOB_ID, 1, 1200)]

    # And when an order is cancelled and another one changes its customer
    consumer.tell("1", ADA, 1000, updated="2026-11-21", state=OrderState.CANCELLED)
    consumer.tell("2", BOB, 500, updated="2026-11-21")
    assert consumer.run(stream.records()) == []

    # Then the boards have moved with them
    assert consumer.board() == [(BOB_ID, 2, 1700)]


# ---- On moto alone ---------------------------------------------------------------------------------------------------


@pytest.fixture
def consumer(moto_tables: Database, monkeypatch: pytest.MonkeyPatch, store: Store) -> Consumer:
    return Consumer(load_function("ProjectFunction", monkeypatch, moto_tables.tables), moto_tables, store)


@pytest.fixture
def stream(consumer: Consumer) -> Stream:
    return Stream(boto3.client("dynamodbstreams", endpoint_url=MOTO_STREAMS), consumer.database.tables.ledger)


@pytest.fixture
def sequence_numbers() -> Iterator[int]:
    return itertools.count(900)


class Watching:
    """Reads orders for the projector, notes whose, and fails for some customers."""

    def __init__(self, orders: Orders, failing: tuple[str, ...] = ()) -> None:
        self._orders = orders
        self._failing = failing
        self.reads: Counter[str] = Counter()

    def orders_of(self, ref: CustomerRef) -> Iterator[LedgerOrder]:
        self.reads[ref.customer] += 1
        if ref.customer in self._failing:
            raise TimeoutError
        return self._orders.orders_of(ref)


def watch(consumer: Consumer, monkeypatch: pytest.MonkeyPatch, failing: tuple[str, ...] = ()) -> Watching:
    watching = Watching(consumer.ledger, failing)
    monkeypatch.setattr(consumer.module, "_projector", replace(consumer.module._projector, orders=watching))
    return watching


def test_a_batch_is_folded_by_customer(consumer: Consumer, stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given five changes of three orders of one customer
    for day in ("20", "21", "22"):
        consumer.tell("1", ADA, placed="2026-11-01", updated=f"2026-11-{day}", total=int(day))
    consumer.tell("2", ADA)
    consumer.tell("3", ADA)
    watching = watch(consumer, monkeypatch)

    # When they come in one batch
    assert consumer.run(stream.records()) == []

    # Then the customer's orders were read once, being as the batch told
    assert watching.reads == {ADA_ID: 1}
    assert consumer.board() == [(ADA_ID, 3, 2022)]


def test_only_the_records_of_customers_that_failed_come_again(
    consumer: Consumer, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a customer whose orders cannot be read just now
    for id_, email in (("1", ADA), ("2", BOB), ("3", ADA), ("4", BOB)):
        consumer.tell(id_, email)
    records = stream.records()
    watch(consumer, monkeypatch, failing=(ADA_ID,))

    # When the batch is delivered
    failed = consumer.run(records)

    # Then the others are done
    of_ada = [record["dynamodb"]["SequenceNumber"] for record in (records[0], records[2])]
    assert sorted(failed) == sorted(of_ada)
    assert consumer.board() == [(BOB_ID, 2, 2000)]

    # And the rest is done when it comes again
    watch(consumer, monkeypatch)
    assert consumer.run([it for it in records if it["dynamodb"]["SequenceNumber"] in failed]) == []
    assert sorted(consumer.board()) == sorted([(BOB_ID, 2, 2000), (ADA_ID, 2, 2000)])


POISON: dict[str, Any] = {
    "without an image": {"Keys": {"pk": {"S": "a#b#c"}, "sk": {"S": "order#s#1"}}},
    "without keys": {"NewImage": {}},
    "of a shorter partition": {"Keys": {"pk": {"S": "a#b"}, "sk": {"S": "order#s#1"}}, "NewImage": {}},
    "of a shorter sort key": {"Keys": {"pk": {"S": "a#b#c"}, "sk": {"S": "order"}}, "NewImage": {}},
    "of no store": {
        "Keys": {"pk": {"S": "a#b#c"}, "sk": {"S": "order#s"}},
        "NewImage": {"pk": {"S": "a#b#c"}, "sk": {"S": "order#s"}},
    },
    "in a state nobody knows": {
        "Keys": {"pk": {"S": "a#b#c"}, "sk": {"S": "order#s#1"}},
        "NewImage": {"pk": {"S": "a#b#c"}, "sk": {"S": "order#s#1"}, "state": {"S": "lost"}},
    },
    "with a total that is no number": {
        "Keys": {"pk": {"S": "a#b#c"}, "sk": {"S": "order#s#1"}},
        "NewImage": {"pk": {"S": "a#b#c"}, "sk": {"S": "order#s#1"}, "total": {"S": "59.90"}},
    },
    "of an unknown store": {
        "Keys": {"pk": {"S": "a#b#c"}, "sk": {"S": "order#s#1"}},
        "NewImage": {"pk": {"S": "a#b#c"}, "sk": {"S": "order#s#1"}, "changes": {"N": "1"}},
    },
}


def test_records_that_cannot_be_worked_on_hold_up_nobody_else(
    consumer: Consumer, stream: Stream, sequence_numbers: Iterator[int]
) -> None:
    # Given a batch of all sorts of poison around one good record
    consumer.tell("1", ADA)
    poison = [
        {"dynamodb": {**record, "SequenceNumber": str(number)}}
        for record, number in zip(POISON.values(), sequence_numbers, strict=False)
    ]
    batch = [*poison[:3], *stream.records(), *poison[3:]]

    # When it is delivered
    failed = consumer.run(batch)

    # Then every poisoned record is reported and the good one is done
    assert sorted(failed) == [record["dynamodb"]["SequenceNumber"] for record in poison]
    assert consumer.board() == [(ADA_ID, 1, 1000)]


def test_customers_are_worked_on_at_the_same_time(
    consumer: Consumer, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given eight customers, whose projections all wait until eight have begun
    for number in range(8):
        consumer.tell(str(number), f"customer{number}@example.com")
    together = threading.Barrier(8, timeout=30)
    read = Ledger.orders_of

    def waiting(self: Ledger, ref: CustomerRef) -> Iterator[LedgerOrder]:
        together.wait()
        return read(self, ref)

    monkeypatch.setattr(Ledger, "orders_of", waiting)

    # When they come in one batch, none of them fails
    assert consumer.run(stream.records()) == []
    assert len(consumer.board()) == 8


def test_a_batch_of_more_customers_than_a_metric_holds_values_is_counted_whole(
    consumer: Consumer, stream: Stream, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a batch of 30 customers with a house account among them
    consumer.database.client.delete_item(
        TableName=consumer.database.tables.workspace,
        Key={"pk": {"S": consumer.store.account_id}, "sk": {"S": f"store#{consumer.store.id}"}},
    )
    workspace = Workspace(consumer.database.client, consumer.database.tables.workspace)
    workspace.save_store(replace(consumer.store, house_account_orders=1))
    for number in range(30):
        consumer.tell(str(number), f"customer{number}@example.com")
    consumer.tell("till-1", ADA)
    consumer.tell("till-2", ADA)

    # When it is projected
    consumer.run(stream.records())

    # Then one line of metrics tells all of it
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    (told,) = lines
    assert told["RecordsProjected"] == [32.0]
    assert told["RecordsFailed"] == [0.0]
    assert told["RowsWritten"] == [155.0]
    assert told["HouseAccountOrders"] == [2.0]


def test_an_empty_batch_is_no_failure(consumer: Consumer) -> None:
    assert consumer.run([]) == []
