"""What a rebuild costs a customer, by what was changed and how many orders the customer has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from benchmarks.meter import one_by_one
from benchmarks.place import Place, paid_order
from laurel.leaderboard.batch import Batch
from laurel.leaderboard.project import Projector
from laurel.model.account import Audience, Store
from laurel.model.job import Job, JobKind
from laurel.model.order import Buyer, CustomerRef, Order
from laurel.model.rates import Rates
from laurel.store.rates import RateTables
from laurel.store.rebuilds import Rebuilds
from laurel.store.workspace import RememberedStores, Workspace
from laurel.workspace import counting, stores
from laurel.workspace.rebuild import RebuildStore

SIZES = (1, 5)
_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_APART = timedelta(days=97, hours=7)
_RATES = Rates({("USD", f"{year}-{month:02}"): "0.9215" for year in (2025, 2026) for month in range(1, 13)})


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Units of one customer, on average; ``rows`` were written."""

    change: str
    orders: int
    reads: float
    writes: float
    rows: float


def measure(place: Place, customers: int) -> Iterator[Rebuilt]:
    """Stores of so many customers each, whose last order is in another currency, changed in one way after the other."""
    with patch("laurel.workspace.rebuild.at_once", one_by_one):
        for size in SIZES:
            shop = _Shop(place, size, customers)
            yield shop.rebuilt("on demand", lambda store: counting.rebuilt(store, "1"))
            yield shop.rebuilt("time zone", lambda store: stores.edited(store, {"time_zone": "America/New_York"}, "2"))
            yield shop.rebuilt(
                "first day of the week", lambda store: stores.edited(store, {"first_day_of_week": 7}, "3")
            )
            yield shop.rebuilt(
                "least purchases, 1 to 2", lambda store: stores.edited(store, {"minimum_purchases": 2}, "4")
            )
            yield shop.converted()


class _Shop:
    def __init__(self, place: Place, size: int, customers: int) -> None:
        self._place, self._size, self._customers = place, size, customers
        self._workspace = Workspace(place.client, place.tables.workspace)
        self._rates = RateTables(place.client, place.tables.workspace)
        self._walk = Rebuilds(place.client, place.tables.ledger, place.tables.rankings)
        self._store = replace(place.store, id=f"shop{size}", version=0)
        self._workspace.save_store(self._store)
        for number in range(customers):
            for nth in range(size):
                place.ledger.record_order(self._store, self._order(number, nth), None)
        refs = [self._ref(self._order(number, 0).customer) for number in range(customers)]
        self._batch().project(dict.fromkeys(refs), _NOW)

    def rebuilt(self, change: str, changed: Callable[[Store], Store]) -> Rebuilt:
        """Change the store and carry out the rebuild."""
        return self._measured(change, stores.change(self._workspace, self._store.account_id, self._store.id, changed))

    def converted(self) -> Rebuilt:
        """Declare rates and carry out the rebuild."""
        ids = self._store.account_id, self._store.id
        return self._measured("rates", stores.declare(self._workspace, self._rates, *ids, _RATES, "5"))

    def _measured(self, change: str, store: Store) -> Rebuilt:
        if store.rebuild is None:
            raise ValueError(change)
        audience = Audience(store.account_id, store.audience_id, "Customers", 1, _NOW)
        task = RebuildStore(self._workspace, self._walk, self._batch(), lambda: _NOW)
        job = Job(
            store.account_id, store.audience_id, store.rebuild.job, JobKind.REBUILD, _NOW, _NOW, {"store": store.id}
        )
        with self._place.meter.uses() as uses:
            while not job.is_finished:
                job = task.step(audience, job)
        result = job.result or {}
        return Rebuilt(
            change,
            self._size,
            sum(use.reads for use in uses) / self._customers,
            sum(use.writes for use in uses) / self._customers,
            result["rows"] / self._customers,
        )

    def _batch(self) -> Batch:
        remembered = RememberedStores(self._workspace)
        return Batch(Projector(self._place.ledger, self._place.rankings, remembered, self._rates), one_by_one)

    def _ref(self, customer: str) -> CustomerRef:
        return CustomerRef(self._store.account_id, self._store.audience_id, self._store.id, customer)

    def _order(self, number: int, nth: int) -> Order:
        placed_at = _NOW - nth * _APART - timedelta(hours=number)
        buyer = Buyer(str(number), f"customer.{number}@mail.example.com", "Francesca Lindqvist")
        currency = "EUR" if nth or self._size == 1 else "USD"
        return paid_order(f"{number:05}-{nth:02}", number, buyer, placed_at, currency)
