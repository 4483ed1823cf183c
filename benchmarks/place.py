"""Where the storage benchmarks run: Laurel's tables on DynamoDB Local, and a store."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING

from benchmarks import samples
from benchmarks.meter import Meter
from laurel.leaderboard.project import Projector
from laurel.model.account import Store
from laurel.model.order import Buyer, CustomerRef, Order, OrderState, revision
from laurel.store import keys
from laurel.store.contacts import Contacts
from laurel.store.corrections import Corrections
from laurel.store.dynamodb import Item, attributes, create_client
from laurel.store.ledger import Ledger
from laurel.store.ledger_items import content
from laurel.store.rankings import Rankings
from laurel.store.rates import RateTables
from laurel.store.workspace import RememberedStores, Workspace
from tests.support.tables import Tables, create_tables
from tools import dynamodb_local

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BATCH = 25
CREDENTIALS = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}


@dataclass(frozen=True, slots=True)
class Place:
    """Laurel's storage on a DynamoDB of its own, whose client is metered."""

    client: DynamoDBClient
    tables: Tables
    meter: Meter
    store: Store

    @property
    def ledger(self) -> Ledger:
        """Its Ledger."""
        return Ledger(self.client, self.tables.ledger)

    @property
    def rankings(self) -> Rankings:
        """Its Rankings."""
        return Rankings(self.client, self.tables.rankings)

    @property
    def contacts(self) -> Contacts:
        """Its Contacts."""
        return Contacts(self.client, self.tables.contacts)

    def projector(self) -> Projector:
        """A projector that knows the store already, as a function does from its second batch on."""
        stores = RememberedStores(Workspace(self.client, self.tables.workspace))
        stores.store(self.store.account_id, self.store.id)
        rates = RateTables(self.client, self.tables.workspace)
        corrections = Corrections(self.client, self.tables.ledger)
        return Projector(self.ledger, self.rankings, stores, rates, corrections)

    def ref(self, customer: str) -> CustomerRef:
        """A customer of the store."""
        return CustomerRef(self.store.account_id, self.store.audience_id, self.store.id, customer)

    def put(self, table: str, items: Iterable[Item]) -> None:
        """Write items past all use cases, to have many."""
        for some in batched(items, _BATCH, strict=False):
            left = {table: [{"PutRequest": {"Item": item}} for item in some]}
            while left:
                left = self.client.batch_write_item(RequestItems=left)["UnprocessedItems"]  # type: ignore[arg-type, assignment]


def paid_order(id_: str, number: int, buyer: Buyer, placed_at: datetime, currency: str = "EUR") -> Order:
    """An order that was paid and has not changed since, of a sum that goes with its number."""
    return Order(
        id=id_,
        placed_at=placed_at,
        total=1_000 + number % 9_000,
        currency=currency,
        state=OrderState.PAID,
        revision=revision(placed_at, None, OrderState.PAID, 0),
        number=f"#{number}",
        buyer=buyer,
    )


def ledger_item(store: Store, order: Order) -> Item:
    """An order as the Ledger keeps it after its first write."""
    key = attributes(
        {
            "pk": keys.person(store.account_id, store.audience_id, order.customer),
            "sk": keys.order(store.id, order.id),
            "changes": 1,
        }
    )
    return key | {name: value for name, value in content(order).items() if value is not None}


@contextlib.contextmanager
def place(heap: str = "1g", *, streams: bool = True) -> Iterator[Place]:
    """A new one; without ``streams`` it keeps no records of what was written.

    Raises ``tools.npm_package.Unavailable``.
    """
    with dynamodb_local.running(heap=heap) as endpoint:
        client = create_client(endpoint_url=endpoint, **CREDENTIALS)
        tables = create_tables(client, streams=streams)
        meter = Meter(client)
        store = replace(samples.STORE, version=0, created_at=datetime(2026, 1, 5, tzinfo=UTC))
        Workspace(client, tables.workspace).save_store(store)
        yield Place(client, tables, meter, store)
