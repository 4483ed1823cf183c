"""A merchant's installation of storage code and use cases, which forgets people; and a search for what is left."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from laurel.ingestion.events import OrderReport
from laurel.ingestion.record import ActivityReport, Outcome, Recorder, record_activity
from laurel.leaderboard.project import Projector
from laurel.model.account import Audience, Store
from laurel.model.activity import Activity
from laurel.model.contact import ContactRef
from laurel.model.order import CustomerRef, LedgerOrder, OrderChange
from laurel.model.privacy import Erasure, ErasureState
from laurel.model.scoring import ORDER_PLACED, Effect, EffectKind, ScoringRule, Step
from laurel.privacy.person import Forgetter
from laurel.privacy.requests import Clerk
from laurel.privacy.shop import ShopForgetter
from laurel.privacy.work import Again, Eraser
from laurel.scoring.apply import apply
from laurel.scoring.triggers import trigger_of
from laurel.store.contacts import Contacts
from laurel.store.corrections import Corrections
from laurel.store.erasures import Erasures
from laurel.store.evidence import Evidence
from laurel.store.forgetting import Forgetting
from laurel.store.ledger import Ledger
from laurel.store.rankings import Rankings
from laurel.store.rates import RateTables
from laurel.store.scores import Scores
from laurel.store.traces import Traces
from laurel.store.workspace import RememberedStores, Workspace
from tests.support.samples import NOW, a_person, a_store, an_order
from tests.support.search import Search
from tests.support.shops import FakeAccesses

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.support.tables import Tables

RULES = (
    ScoringRule("visits", "Visits", enabled=True, activity="page.visited", effect=Effect(EffectKind.ADD, 5)),
    ScoringRule("buys", "Buys", enabled=True, activity=ORDER_PLACED, effect=Effect(EffectKind.ADD, 10)),
)


@dataclass
class FakeQueue:
    """Erasures to be taken up, and after which time."""

    sent: list[tuple[str, str, timedelta]] = field(default_factory=list)

    def send(self, account_id: str, erasure_id: str, after: timedelta = timedelta(0)) -> None:
        self.sent.append((account_id, erasure_id, after))


class Office:
    """An account with two stores in one audience. ``now`` is what its clock shows."""

    def __init__(self, client: DynamoDBClient, tables: Tables, account_id: str, *, connect: bool = True) -> None:
        """Without ``connect`` account, audience and stores are there already."""
        self.client, self.tables = client, tables
        self.now = NOW
        self.store = a_store(account_id=account_id)
        self.other = replace(self.store, id="storebbbbbbb", name="Tea Shop")
        self.audience = Audience(account_id, self.store.audience_id, "Customers", 1, NOW)
        self.workspace = Workspace(client, tables.workspace)
        self.ledger = Ledger(client, tables.ledger)
        self.contacts = Contacts(client, tables.contacts)
        self.rankings = Rankings(client, tables.rankings)
        self.scores = Scores(client, tables.contacts)
        self.evidence = Evidence(client, tables.ledger)
        self.traces = Traces(client, tables.workspace)
        self.erasures = Erasures(client, tables.workspace)
        self.queue = FakeQueue()
        self.accesses = FakeAccesses()
        self.recorder = Recorder(self.ledger, self.contacts, self.workspace)
        self.forgetting = Forgetting(client, tables.ledger, tables.contacts, tables.rankings)
        for store in (self.store, self.other) if connect else ():
            assert self.workspace.save_store(store)
        self.workspace.save_audience(self.audience)

    @property
    def projector(self) -> Projector:
        """As a function's that has just been started."""
        stores = RememberedStores(self.workspace)
        rates = RateTables(self.client, self.tables.workspace)
        corrections = Corrections(self.client, self.tables.ledger)
        return Projector(self.ledger, self.rankings, stores, rates, corrections)

    @property
    def eraser(self) -> Eraser:
        people = Forgetter(self.forgetting, self.traces, self.projector)
        shops = ShopForgetter(self.workspace, self.forgetting, self.traces, people, self.accesses)
        return Eraser(self.erasures, self.workspace, self.traces, people, shops, lambda: self.now)

    @property
    def clerk(self) -> Clerk:
        return Clerk(self.erasures, self.queue, self.workspace, self.ledger, self.traces)

    def ref(self, contact: str) -> ContactRef:
        return ContactRef(self.store.account_id, self.store.audience_id, contact)

    # ---- What happens ------------------------------------------------------------------------------------------------

    def order(self, id_: str = "1001", store: Store | None = None, **facts: Any) -> Outcome:
        """A delivery of an order, by a customer with first and last name, and its projection."""
        order = an_order(id_, **facts)
        person = None
        if order.buyer.email:
            first, _, last = (order.buyer.name or "").partition(" ")
            person = a_person(
                order.buyer.email, seen_at=order.placed_at, first_name=first or None, last_name=last or None
            )
        within = store or self.store
        owner = self.ledger.owners_of(within, [id_]).get(id_, order.customer)
        customers = {owner, order.customer}
        before = {customer: self._orders(customer, within) for customer in customers}
        outcome = self.recorder.record(within, OrderReport(order, person), self.now)
        for customer in customers:
            after = self._orders(customer, within)
            changes = [OrderChange(before[customer].get(it), now, self.now) for it, now in after.items()]
            changes = [change for change in changes if change.before != change.after]
            if changes:
                self.projector.project(self._customer(customer, within), changes, self.now)
        return outcome

    def project(self, customer: str, store: Store | None = None) -> None:
        self.projector.project(self._customer(customer, store or self.store), None, self.now)

    def _orders(self, customer: str, store: Store) -> dict[str, LedgerOrder]:
        return {order.id: order for order in self.ledger.orders_of(self._customer(customer, store))}

    @staticmethod
    def _customer(customer: str, store: Store) -> CustomerRef:
        return CustomerRef(store.account_id, store.audience_id, store.id, customer)

    def visit(self, id_: str, email: str, at: datetime, **properties: Any) -> Outcome:
        """An activity, and the points that it gives."""
        activity = Activity(id_, "page.visited", at, properties)
        report = ActivityReport(activity, a_person(email, seen_at=at))
        account, audience = self.audience.account_id, self.audience.id
        outcome = record_activity(self.ledger, self.evidence, self.contacts, account, audience, report, self.now)
        self.score(report.person.contact_id, trigger_of(activity))
        return outcome

    def score(self, contact: str, *steps: Step) -> int:
        known = self.scores.read(self.audience.account_id, self.audience.id, 1, contact)
        return len(apply(self.scores, known, steps, RULES, lambda _: None)) if known else 0

    # ---- Forgetting --------------------------------------------------------------------------------------------------

    def erase(self, erasure: Erasure) -> Erasure:
        """Do an erasure until it is done, the second time included."""
        self.erasures.save(erasure)
        return self.finish(erasure)

    def finish(self, erasure: Erasure) -> Erasure:
        for _ in range(100):
            again = self.eraser.work(erasure.account_id, erasure.id)
            if again is None:
                break
            self.wait(again)
        return self.kept(erasure)

    def first_time(self, erasure: Erasure) -> Erasure:
        """Do what is done at once, and leave the second time."""
        self.erasures.save(erasure)
        again = self.eraser.work(erasure.account_id, erasure.id)
        kept = self.kept(erasure)
        assert again
        assert kept.state is ErasureState.SETTLING
        return kept

    def wait(self, again: Again) -> None:
        self.now += again.after

    def kept(self, erasure: Erasure) -> Erasure:
        kept = self.erasures.erasure(erasure.account_id, erasure.id)
        assert kept
        return kept

    # ---- What is left ------------------------------------------------------------------------------------------------

    def items(self) -> list[dict[str, Any]]:
        """Everything of the account, in all tables."""
        found: list[dict[str, Any]] = []
        for table in self.tables:
            start: dict[str, Any] = {}
            while True:
                answer: Any = self.client.scan(TableName=table, **start)
                found += answer["Items"]
                if "LastEvaluatedKey" not in answer:
                    break
                start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        return [item for item in found if item["pk"]["S"].split("#")[0] == self.store.account_id]

    def traces_of(self, *words: str) -> list[dict[str, Any]]:
        """Items in which one of these words stands, however it is written."""
        search = Search(*words, but=("example",))
        return [item for item in self.items() if search.found_in(item)]

    def board(self, store: Store | None = None, period: str = "all") -> dict[str, tuple[int, int]]:
        """Purchases and money of everybody on a board."""
        rows = self.rankings.rows_of_store(store or self.store, period)
        return {
            row["sk"]["S"]: (int(row["orders_count"]["N"]), int(row["total_spent"]["N"]))
            for row in rows
            if "rank_orders_count" in row
        }
