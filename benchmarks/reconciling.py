"""What a reconciliation costs: a customer whose rows are compared, and an order that a shop has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from benchmarks.meter import Use, one_by_one
from benchmarks.place import Place, paid_order
from laurel.ingestion.events import OrderReport
from laurel.ingestion.record import Recorder
from laurel.leaderboard.batch import Batch
from laurel.leaderboard.project import Projector
from laurel.model.contact import Person
from laurel.model.order import Buyer, CustomerRef
from laurel.model.reconciliation import BoardFigures, CheckState, ShopFigures
from laurel.reconciliation.boards import SETTLING, CompareBoards
from laurel.reconciliation.shop import CompareShop
from laurel.shops.access import ShopAccess
from laurel.store.rates import RateTables
from laurel.store.reconciliation_records import ReconciliationRecords
from laurel.store.unreadable import Unreadable
from laurel.store.workspace import RememberedStores, Workspace
from tests.support.shops import CREDENTIALS, FakeAccesses, FakeShop

SIZES = (1, 5)
_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_APART = timedelta(days=97, hours=7)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Units of one customer, or of one order of the shop's, on average."""

    what: str
    orders: int
    reads: float
    writes: float


def measure(place: Place, customers: int) -> Iterator[Reconciled]:
    """Stores of so many customers each: boards in step, boards that were lost, and orders of a shop."""
    with patch("laurel.reconciliation.boards.at_once", one_by_one):
        for size in SIZES:
            shop = _Shop(place, size, customers)
            yield shop.boards("a customer in step")
            shop.lose_boards()
            yield shop.boards("a customer who is on no board")
    shop = _Shop(place, 1, customers)
    yield shop.orders("an order of the shop that is kept", 0)
    yield shop.orders("an order of the shop that is not", 1)


class _Shop:
    def __init__(self, place: Place, size: int, customers: int) -> None:
        self._place, self._size, self._customers = place, size, customers
        self._workspace = Workspace(place.client, place.tables.workspace)
        self._store = replace(place.store, id=f"reconciled{size}", version=0, created_at=_NOW - timedelta(days=900))
        self._workspace.save_store(self._store)
        self._records = ReconciliationRecords(place.client, place.tables.ledger, place.tables.rankings)
        self._recorder = Recorder(place.ledger, place.contacts, self._workspace)
        self._now = _NOW
        for number in range(customers):
            for nth in range(size):
                self._recorder.record(self._store, _report(number, nth), _NOW)
        self._batch().project({self._ref(number): None for number in range(customers)}, _NOW)

    def boards(self, what: str) -> Reconciled:
        """Compare, and repair."""
        task = CompareBoards(self._records, self._place.rankings, self._batch(), lambda: self._now)
        figures, at, pause = BoardFigures(), None, None
        with self._place.meter.uses() as uses:
            while figures.state in (CheckState.WAITING, CheckState.RUNNING):
                self._now += SETTLING if pause else timedelta(0)
                figures, at, pause = task.step(self._store, figures, at)
        return self._averaged(what, self._size, uses)

    def lose_boards(self) -> None:
        """Take all rows away."""
        client, table = self._place.client, self._place.tables.rankings
        for item in client.scan(TableName=table, ProjectionExpression="pk, sk")["Items"]:
            client.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})

    def orders(self, what: str, nth: int) -> Reconciled:
        """Hold a page of the shop's orders against the Ledger."""
        accesses = FakeAccesses()
        access = ShopAccess(self._store.account_id, self._store.id, self._store.platform, "https://shop", "0042", _NOW)
        accesses.keep(access, CREDENTIALS)
        shop = FakeShop([_report(number, nth) for number in range(self._customers)], answered_at=_NOW)
        task = CompareShop(
            accesses,
            lambda *_: shop,
            self._records,
            self._recorder,
            Unreadable(self._place.client, self._place.tables.ledger),
            lambda: _NOW,
        )
        figures, at = ShopFigures(), None
        with self._place.meter.uses() as uses:
            while figures.state in (CheckState.WAITING, CheckState.RUNNING):
                figures, at, _ = task.step(self._store, "run", figures, at, _NOW - timedelta(days=1))
        return self._averaged(what, 1, uses)

    def _averaged(self, what: str, orders: int, uses: Sequence[Use]) -> Reconciled:
        reads, writes = sum(use.reads for use in uses), sum(use.writes for use in uses)
        return Reconciled(what, orders, reads / self._customers, writes / self._customers)

    def _batch(self) -> Batch:
        rates = RateTables(self._place.client, self._place.tables.workspace)
        remembered = RememberedStores(self._workspace)
        return Batch(Projector(self._place.ledger, self._place.rankings, remembered, rates), one_by_one)

    def _ref(self, number: int) -> CustomerRef:
        customer = _report(number, 0).order.customer
        return CustomerRef(self._store.account_id, self._store.audience_id, self._store.id, customer)


def _report(number: int, nth: int) -> OrderReport:
    placed_at = _NOW - nth * _APART - timedelta(hours=number + 1)
    email = f"customer.{number}@mail.example.com"
    buyer = Buyer(str(number), email, "Francesca Lindqvist")
    order = paid_order(f"{number:05}-{nth:02}", number, buyer, placed_at)
    return OrderReport(order, Person(email, placed_at, "Francesca", "Lindqvist"))
