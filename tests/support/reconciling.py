"""A store of its own, all that reconciles it, and orders as its shop tells of them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from laurel.ingestion.events import OrderReport
from laurel.ingestion.record import Recorder
from laurel.leaderboard.batch import Batch
from laurel.leaderboard.project import Projector
from laurel.model.account import Audience
from laurel.model.contact import Person
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind
from laurel.model.order import CustomerRef, Order
from laurel.model.reconciliation import Amount, Reconciliation
from laurel.reconciliation.begin import begin
from laurel.reconciliation.boards import CompareBoards
from laurel.reconciliation.shop import CompareShop
from laurel.reconciliation.work import Reconcile
from laurel.scoring.work import Chunk, Rest, Worker, at_once
from laurel.shops.access import ShopAccess
from laurel.store import keys
from laurel.store.contacts import Contacts
from laurel.store.dynamodb import attributes
from laurel.store.jobs import Jobs
from laurel.store.ledger import Ledger
from laurel.store.rankings import Rankings, row_item
from laurel.store.rates import RateTables
from laurel.store.reconciliation_records import ReconciliationRecords
from laurel.store.reconciliations import Reconciliations
from laurel.store.unreadable import Unreadable
from laurel.store.workspace import RememberedStores, Workspace
from tests.support.samples import NOW, a_store, an_order
from tests.support.shops import CREDENTIALS, FakeAccesses, FakeShop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from laurel.model.ranking import RankingRow
    from laurel.shops.shop import UnreadableOrder
    from tests.support.tables import Database

_accounts = itertools.count()


class Killed(BaseException):
    """The worker's process is no more."""


class World:
    """A store of its own, with all that reconciles it and a clock whose time passes while a job rests."""

    def __init__(self, database: Database, **settings: Any) -> None:
        client, tables = database
        self.database = database
        self.now = NOW
        account = f"reconciled-{next(_accounts)}"
        self.store = a_store(account_id=account, **settings)
        self.audience = Audience(account, self.store.audience_id, "Customers", 1, self.store.created_at)
        self.workspace = Workspace(client, tables.workspace)
        self.workspace.save_audience(self.audience)
        assert self.workspace.save_store(self.store)
        self.jobs = Jobs(client, tables.workspace)
        self.runs = Reconciliations(client, tables.workspace)
        self.ledger = Ledger(client, tables.ledger)
        self.rankings = Rankings(client, tables.rankings)
        self.records = ReconciliationRecords(client, tables.ledger, tables.rankings)
        self.contacts = Contacts(client, tables.contacts)
        self.unreadable = Unreadable(client, tables.ledger)
        self.recorder = Recorder(self.ledger, self.contacts, self.workspace)
        rates = RateTables(client, tables.workspace)
        self.projector = Projector(self.ledger, self.rankings, RememberedStores(self.workspace), rates)
        self.accesses = FakeAccesses()
        self.shop: Any = FakeShop()
        self.queue: list[tuple[str, str, str]] = []
        self.ended: list[Job] = []
        self.begun: Callable[[], None] = lambda: None

    def worker(self) -> Worker:
        """A worker of another process: it remembers nothing."""
        reconcile = Reconcile(
            self.workspace,
            self.runs,
            CompareShop(
                self.accesses, lambda *_: self.shop, self.records, self.recorder, self.unreadable, lambda: self.now
            ),
            CompareBoards(self.records, self.rankings, Batch(self.projector, at_once), lambda: self.now),
            lambda: self.now,
        )
        return Worker(
            self.jobs, self.workspace, {JobKind.RECONCILIATION: reconcile}, lambda: self.now, self.ended.append
        )

    def send(self, *job: str) -> None:
        """As the queue does."""
        self.queue.append((job[0], job[1], job[2]))

    def order(self, id_: str, email: str | None = "ada@example.com", *, project: bool = True, **changes: Any) -> Order:
        """Record an order, and have it projected."""
        order = an_order(id_, email=email, **changes)
        self.record(order)
        if project:
            self.project(order.customer)
        return order

    def record(self, order: Order) -> None:
        person = Person(email=order.buyer.email, seen_at=order.placed_at) if order.buyer.email else None
        self.recorder.record(self.store, OrderReport(order, person), self.now)

    def ref(self, customer: str) -> CustomerRef:
        return CustomerRef(self.store.account_id, self.store.audience_id, self.store.id, customer)

    def project(self, customer: str) -> None:
        self.projector.project(self.ref(customer), None, self.now)

    def reconcile(self) -> Reconciliation:
        """A whole run, chunk by chunk, each by another process; who is killed is followed by another."""
        job = begin(self.runs, self.jobs, self, self.store, self.now)
        self.begun()
        while self.queue:
            message = self.queue.pop(0)
            try:
                chunk: Chunk | Rest = self.worker().work(*message)
            except Killed:
                chunk = Chunk.GOES_ON
            if isinstance(chunk, Rest):
                self.now += chunk.after
            if chunk not in (Chunk.FINISHED, Chunk.DROPPED):
                self.queue.append(message)
        run = self.runs.run(self.store, job.id)
        assert run
        return run

    def connect(self, *pages: Sequence[OrderReport | UnreadableOrder], **more: Any) -> None:
        """Let the shop be asked; it answers with these pages."""
        self.accesses.keep(
            ShopAccess(self.store.account_id, self.store.id, self.store.platform, "https://shop", "0042", NOW),
            CREDENTIALS,
        )
        self.shop = FakeShop(*pages, **{"answered_at": NOW, **more})

    def kept(self, id_: str) -> tuple[int, str]:
        """Total and state of an order as it is kept."""
        order = self.records.kept_orders(self.store, [id_])[id_].order
        return order.total, order.state.value

    def put(self, row: RankingRow) -> None:
        """Write a row, whatever is there."""
        self.database.client.put_item(TableName=self.database.tables.rankings, Item=row_item(self.store, row))

    def drop(self, period: str, customer: str) -> None:
        key = attributes({"pk": keys.board(self.store.account_id, self.store.id, period), "sk": customer})
        self.database.client.delete_item(TableName=self.database.tables.rankings, Key=key)

    def forget_order(self, order: Order) -> None:
        """Take an order out of the Ledger, as if it had never been there."""
        pk = keys.person(self.store.account_id, self.store.audience_id, order.customer)
        locator = keys.store_orders(self.store.account_id, self.store.id), keys.locator(order.id)
        for key in ((pk, keys.order(self.store.id, order.id)), locator):
            self.database.client.delete_item(
                TableName=self.database.tables.ledger, Key=attributes({"pk": key[0], "sk": key[1]})
            )

    def totals(self, period: str = "all") -> dict[str, tuple[int, int]]:
        """The rows of a period that count something."""
        rows = self.records.period(self.store, period, None, None).rows
        return {customer: (it.orders, it.total) for customer, it in rows if it != Amount()}


ADA, BEN, CLEO = (contact_id(f"{name}@example.com") for name in ("ada", "ben", "cleo"))


def told(id_: str = "1", email: str = "ada@example.com", **changes: Any) -> OrderReport:
    """An order as the shop has it."""
    order = an_order(id_, email=email, **changes)
    return OrderReport(order, Person(email=email, seen_at=order.placed_at))
