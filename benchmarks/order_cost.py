"""What one order costs in read and write units, request by request, with the reason for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby

from benchmarks import samples
from benchmarks.meter import Use
from benchmarks.place import Place
from laurel.http.orders_in import order_report
from laurel.ingestion.events import OrderReport
from laurel.ingestion.record import Outcome, Recorder
from laurel.model.correction import instant_of
from laurel.model.identity import contact_id
from laurel.model.order import LedgerOrder, OrderChange, Refund
from laurel.store.workspace import Workspace

_NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """Like requests of one delivery: how many, their units all together, and what they are for."""

    request: str
    reason: str
    count: int
    reads: float
    writes: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What happened to an order, and what it cost."""

    what: str
    steps: tuple[Step, ...]

    @property
    def reads(self) -> float:
        """Read units of all steps."""
        return sum(step.reads for step in self.steps)

    @property
    def writes(self) -> float:
        """Write units of all steps."""
        return sum(step.writes for step in self.steps)


def measure(place: Place) -> Iterator[Cost]:
    """An order's life, delivered by webhook and projected: each event's cost."""
    shop = _Shop(place)
    first, second = samples.ORDER, {**samples.ORDER, "id": "4712", "number": "#4712", "total": "18.50"}
    second |= {"placed_at": "2026-11-20T17:30:00+01:00", "updated_at": "2026-11-20T17:30:01+01:00"}
    edited = {**second, "total": "21.00", "updated_at": "2026-11-20T17:40:00+01:00"}
    delivered = "2026-11-20T17:50:00+01:00"
    yield shop.event("A new customer's first order", lambda: shop.order(first))
    yield shop.event("A known customer's further order, in the same week", lambda: shop.order(second))
    yield shop.event("The same webhook once more", lambda: shop.order(second), changes=False)
    yield shop.event("An edit that changes the total", lambda: shop.order(edited))
    shipped = {**edited, "number": "#4712-A", "updated_at": delivered}
    yield shop.event("An edit that changes no figure", lambda: shop.order(shipped))
    yield shop.event("A refund", lambda: shop.refund(Refund("4712", "r1", 500)))


class _Shop:
    def __init__(self, place: Place) -> None:
        self._place = place
        self._recorder = Recorder(place.ledger, place.contacts, Workspace(place.client, place.tables.workspace))
        self._projector = place.projector()
        self._ref = place.ref(contact_id(samples.EMAIL))

    def order(self, described: Mapping[str, object]) -> Outcome:
        report: OrderReport = order_report(described)
        return self._recorder.record(self._place.store, report, _NOW)

    def refund(self, refund: Refund) -> Outcome:
        return self._recorder.record(self._place.store, refund, _NOW)

    def event(self, what: str, deliver: Callable[[], Outcome], *, changes: bool = True) -> Cost:
        """Deliver, then project what changed, as the Ledger's stream would have it."""
        before = self._orders()
        with self._place.meter.uses() as delivering:
            outcome = deliver()
        if (outcome is Outcome.ACCEPTED) != changes:
            raise RuntimeError(f"{what}: {outcome}")
        after = self._orders()
        changed = [
            OrderChange(before.get(id_), order, _NOW if id_ in before else instant_of(order.placed_at or 0))
            for id_, order in after.items()
            if before.get(id_) != order
        ]
        projecting: list[Use] = []
        if changed:
            with self._place.meter.uses() as projecting:
                self._projector.project(self._ref, changed, _NOW)
        store_read = Use("GetItem", self._place.tables.workspace, "store", 1.0, 1.0, {})
        return Cost(what, tuple(_steps(self._place, [store_read, *delivering], projecting)))

    def _orders(self) -> dict[str, LedgerOrder]:
        return {order.id: replace(order) for order in self._place.ledger.orders_of(self._ref)}


def _steps(place: Place, delivering: Sequence[Use], projecting: Sequence[Use]) -> Iterator[Step]:
    for (request, reason), uses in groupby([*delivering, *projecting], lambda use: _explained(place, use)):
        some = list(uses)
        yield Step(request, reason, len(some), sum(use.reads for use in some), sum(use.writes for use in some))


def _explained(place: Place, use: Use) -> tuple[str, str]:
    tables, kind = place.tables, use.sort_key.partition("#")[0]
    table = next(name for name, physical in tables._asdict().items() if physical == use.table).capitalize()
    reasons = {
        (tables.workspace, "GetItem"): "the store: secret, currency, calendar",
        (tables.contacts, "GetItem"): "who the buyer is known as",
        (tables.contacts, "UpdateItem"): "the buyer's profile: name, locale, consent, last seen",
        (tables.ledger, "BatchGetItem"): "locator: under which customer the order is kept",
        (tables.ledger, "GetItem"): "locator: under which customer the order is kept",
        (tables.ledger, "PutItem"): "locator: a new order's customer, claimed once",
        (tables.ledger, "Query"): "the customer's orders, strongly consistent",
    }
    if kind == "correction":
        reason = "what the change did to the customer's figures"
    elif use.table == tables.ledger and use.operation == "UpdateItem":
        reason = "refused: not newer than what is kept" if use.refused else "the order itself"
    elif use.table == tables.rankings and kind not in ("unconverted", "unidentified", "house_account"):
        indexes = " + ".join(f"{units:g}" for units in use.of_indexes.values())
        reason = f"a row of one period: {use.of_table:g} for the row + {indexes or 0} for its index entries"
    else:
        reason = reasons[use.table, use.operation]
    return f"{use.operation} {table}", reason
