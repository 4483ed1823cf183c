"""Reconciliations on tables: what differs is found, repaired and counted once, whoever is killed meanwhile."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from laurel.ingestion.events import OrderReport
from laurel.ingestion.record import Recorder
from laurel.leaderboard.batch import Batch
from laurel.leaderboard.project import Projector
from laurel.model.account import Audience, StoreState
from laurel.model.contact import Person
from laurel.model.errors import FieldError, InvalidInput, ShopRefused, ShopUnavailable, ShopUnreadable
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind, JobState
from laurel.model.order import CustomerRef, Order, OrderState, revision
from laurel.model.ranking import RankingRow
from laurel.model.reconciliation import Amount, CheckState, DayFigures, PeriodFigures, Reconciliation
from laurel.reconciliation import boards as comparing
from laurel.reconciliation.begin import begin
from laurel.reconciliation.boards import SETTLING, CompareBoards
from laurel.reconciliation.shop import EARLIER, FIRST, OVERLAP, PAUSES, UNDER_WAY, CompareShop
from laurel.reconciliation.work import Reconcile
from laurel.scoring.work import Chunk, Rest, Worker, at_once
from laurel.shops.access import ShopAccess
from laurel.shops.shop import UnreadableOrder
from laurel.store import keys
from laurel.store.contacts import Contacts
from laurel.store.dynamodb import attributes
from laurel.store.jobs import Jobs
from laurel.store.ledger import Ledger
from laurel.store.rankings import Rankings, row_item
from laurel.store.rates import RateTables
from laurel.store.reconciliation_records import ReconciliationRecords
from laurel.store.reconciliations import Reconciliations
from laurel.store.traces import Traces
from laurel.store.unreadable import Unreadable
from laurel.store.workspace import RememberedStores, Workspace
from laurel.workspace.counting import rebuilt
from tests.support.samples import NOW, a_store, an_order, at
from tests.support.shops import CREDENTIALS, FakeAccesses, FakeShop
from tests.support.stage import MemoryStage
from tests.support.tables import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

pytestmark = pytest.mark.integration
_accounts = itertools.count()
PERIODS = ("2026", "2026-11", "2026-Q4", "2026-W47", "all")


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


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


ADA, BEN, CLEO = (contact_id(f"{name}@example.com") for name in ("ada", "ben", "cleo"))


# ---- The Ledger against the boards -----------------------------------------------------------------------------------


def test_boards_in_step_have_no_differences_and_the_sums_of_both_sides(world: World) -> None:
    world.order("1")
    world.order("2", placed="2026-10-31T10:00:00")
    world.order("3", "ben@example.com", refunds={"r": 990})
    world.order("4", "ben@example.com", state=OrderState.PENDING)
    world.order("5", None)

    run = world.reconcile()

    assert (run.boards.state, run.boards.customers, run.boards.differences) == (CheckState.DONE, 2, 0)
    both = Amount(3, 2 * 5990 + 5000)
    assert run.boards.periods["all"] == PeriodFigures(both, both)
    assert run.boards.periods["2026-10"] == PeriodFigures(Amount(1, 5990), Amount(1, 5990))
    assert set(run.boards.periods) == {*PERIODS, "2026-10", "2026-W44"}
    assert (run.shop.state, run.finished_at) == (CheckState.NO_CREDENTIALS, NOW)
    assert world.runs.reconciled(world.store).finished_at == NOW
    (job,) = world.ended
    assert (job.state, job.done, job.total) == (JobState.DONE, 5, 5)


def test_a_customer_who_was_never_projected_is_found_and_projected(world: World) -> None:
    world.order("1")
    world.order("2", "ben@example.com", project=False)

    run = world.reconcile()

    assert (run.boards.differences, run.boards.repaired) == (5, 5)
    assert run.boards.periods["all"] == PeriodFigures(Amount(2, 11980), Amount(1, 5990), 1, 1)
    assert world.totals() == {ADA: (1, 5990), BEN: (1, 5990)}
    assert world.reconcile().boards.differences == 0


def test_rows_that_claim_to_be_as_new_are_put_right(world: World) -> None:
    order = world.order("1")
    expected = world.database.client.get_item(
        TableName=world.database.tables.rankings,
        Key=attributes({"pk": keys.board(world.store.account_id, world.store.id, "all"), "sk": ADA}),
    )["Item"]
    wrong = {**expected, "total_spent": {"N": "1"}}
    newer = {**expected, "version": {"N": "9999999999999"}, "orders_count": {"N": "7"}}
    newer["pk"] = attributes({"pk": keys.board(world.store.account_id, world.store.id, "2026-11")})["pk"]
    for item in (wrong, newer):
        world.database.client.put_item(TableName=world.database.tables.rankings, Item=item)
    world.drop("2026-Q4", order.customer)

    run = world.reconcile()

    assert (run.boards.differences, run.boards.repaired) == (3, 3)
    assert run.boards.periods["2026-11"] == PeriodFigures(Amount(1, 5990), Amount(7, 5990), 1, 1)
    assert run.boards.periods["2026-Q4"] == PeriodFigures(Amount(1, 5990), Amount(), 1, 1)
    assert [world.totals(period) for period in PERIODS] == [{ADA: (1, 5990)}] * 5
    world.order("2")
    assert world.totals("2026-11") == {ADA: (2, 11980)}, "what comes later counts again"


def test_a_row_that_is_missing_from_an_index_is_wrong(world: World) -> None:
    world.order("1")
    key = attributes({"pk": keys.board(world.store.account_id, world.store.id, "all"), "sk": ADA})
    client, tables = world.database
    client.update_item(TableName=tables.rankings, Key=key, UpdateExpression="REMOVE rank_total_spent")

    run = world.reconcile()

    assert (run.boards.differences, run.boards.repaired) == (1, 1)
    assert "rank_total_spent" in client.get_item(TableName=tables.rankings, Key=key)["Item"]


def test_rows_without_any_order_behind_them_are_emptied(world: World) -> None:
    world.order("1")
    lost = world.order("2", "ben@example.com")
    world.order("3", "cleo@example.com")
    world.forget_order(lost)
    stray = RankingRow("2026-03", CLEO, comparing.Figures(2, 500, 1), None, None, 1, frozenset(comparing.Metric))
    world.put(stray)

    run = world.reconcile()

    assert (run.boards.differences, run.boards.repaired) == (6, 6)
    assert run.boards.periods["2026-03"] == PeriodFigures(Amount(), Amount(2, 500), 1, 1)
    assert run.boards.periods["all"] == PeriodFigures(Amount(2, 11980), Amount(3, 17970), 1, 1)
    assert (world.totals(), world.totals("2026-03")) == ({ADA: (1, 5990), CLEO: (1, 5990)}, {})
    world.record(lost)
    world.project(BEN)
    assert world.totals()[BEN] == (1, 5990), "who comes back counts again"


def test_runs_are_forgotten_with_their_store(world: World) -> None:
    run = world.reconcile()

    client, tables = world.database
    belongings = Traces(client, tables.workspace).belongings(world.store)

    assert {keys.reconciliation(world.store.id, run.id), keys.reconciled(world.store.id)} <= {
        key["sk"]["S"] for key in belongings
    }


def test_what_is_on_its_way_is_no_difference(world: World) -> None:
    world.order("1")
    world.order("2", "ben@example.com", project=False)
    job = begin(world.runs, world.jobs, world, world.store, world.now)
    message = world.queue.pop()
    while not isinstance(chunk := world.worker().work(*message), Rest):
        assert chunk is Chunk.GOES_ON
    assert timedelta(0) < chunk.after <= SETTLING

    world.project(BEN)
    world.now += chunk.after
    while world.worker().work(*message) is not Chunk.FINISHED:
        pass

    run = world.runs.run(world.store, job.id)
    assert run
    assert run.boards.differences == 0
    assert run.boards.periods["all"].ledger == run.boards.periods["all"].rankings == Amount(2, 11980)


def test_a_customer_who_keeps_buying_is_left_to_the_next_run(world: World) -> None:
    world.order("0", project=False)
    job = begin(world.runs, world.jobs, world, world.store, world.now)
    message = world.queue.pop()
    bought = 0
    while (chunk := world.worker().work(*message)) is not Chunk.FINISHED:
        if isinstance(chunk, Rest):
            bought += 1
            world.order(f"1{bought}", project=False)
            world.now += chunk.after

    run = world.runs.run(world.store, job.id)
    assert run
    assert (run.boards.unsettled, run.boards.differences, bought) == (1, 0, comparing.MOST_LOOKS)
    world.now += timedelta(days=1)
    assert (world.reconcile().boards.repaired, world.totals()) == (5, {ADA: (6, 6 * 5990)})


def test_house_accounts_are_counted_and_left_alone(database: Database) -> None:
    world = World(database, house_account_orders=2)
    for number in range(3):
        world.order(str(number))
    world.order("9", "ben@example.com")

    run = world.reconcile()

    assert (run.boards.customers, run.boards.house_accounts, run.boards.differences) == (1, 1, 0)


def test_orders_that_went_to_another_customer_count_for_that_one_alone(world: World) -> None:
    world.order("1")
    moved = an_order("1", email="ben@example.com", updated="2026-11-21T10:00:00")
    world.record(moved)
    world.project(BEN)

    run = world.reconcile()

    assert run.boards.periods["all"] == PeriodFigures(Amount(1, 5990), Amount(2, 11980), 1, 1)
    assert world.totals() == {BEN: (1, 5990)}


def test_customers_of_several_orders_are_compared_once_and_of_many_pages(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "AT_ONCE", 2)
    for number in range(13):
        world.order(str(number), f"{number % 4}@example.com", placed=f"2026-11-{number + 1:02}T10:00:00")

    run = world.reconcile()

    assert (run.boards.customers, run.boards.differences) == (4, 0)
    assert run.boards.periods["all"] == PeriodFigures(Amount(13, 13 * 5990), Amount(13, 13 * 5990))


def test_boards_that_are_computed_again_are_not_compared(world: World) -> None:
    world.order("1", project=False)
    kept = world.workspace.store(world.store.account_id, world.store.id)
    assert kept
    assert world.workspace.save_store(rebuilt(kept, "job1"))

    run = world.reconcile()

    assert (run.boards.state, run.boards.differences) == (CheckState.REBUILDING, 0)
    assert world.runs.reconciled(world.store).finished_at is None


def test_a_lost_board_comes_back_whatever_its_size(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_SUSPECTS", 3)
    monkeypatch.setattr(comparing, "AT_ONCE", 2)
    for number in range(10):
        world.order(str(number), f"{number}@example.com", project=False)

    run = world.reconcile()

    assert (run.boards.differences, run.boards.repaired) == (50, 50)
    assert len(world.totals()) == 10


# ---- The shop against the Ledger -------------------------------------------------------------------------------------


def told(id_: str = "1", email: str = "ada@example.com", **changes: Any) -> OrderReport:
    """An order as the shop has it."""
    order = an_order(id_, email=email, **changes)
    return OrderReport(order, Person(email=email, seen_at=order.placed_at))


def test_what_webhooks_lost_is_found_recorded_and_counted_by_day(world: World) -> None:
    world.order("1", project=False)
    world.order("2", placed="2026-11-19T10:00:00")
    changed = told("2", placed="2026-11-19T10:00:00", updated="2026-11-20T10:00:00", total=7000)
    world.connect([told("1"), changed], [told("3", "ben@example.com", placed="2026-11-19T23:30:00")])

    run = world.reconcile()

    assert run.shop.days == {
        "2026-11-19": DayFigures(Amount(1, 7000), Amount(1, 5990), outdated=1, repaired=1),
        "2026-11-20": DayFigures(Amount(2, 11980), Amount(1, 5990), missing=1, repaired=1),
    }
    assert (run.shop.state, run.shop.checked, run.shop.requests) == (CheckState.DONE, 3, 2)
    assert (world.kept("2"), world.kept("3")) == ((7000, "paid"), (5990, "paid"))
    profile = world.contacts.contact(world.store.account_id, world.store.audience_id, BEN)
    assert profile, "who bought is a contact, as by a webhook"
    assert world.accesses.notes == [(world.store.id, NOW, True)]
    assert world.ended[0].result == {
        "store": world.store.id,
        "missing": 1,
        "outdated": 1,
        "rows": 10,
        "repaired": 12,
        "shop": "done",
        "boards": "done",
    }


def test_a_run_takes_up_where_the_last_one_ended(world: World) -> None:
    world.connect([])
    first = world.reconcile()
    world.now += timedelta(days=1)
    world.connect([], answered_at=world.now)
    second = world.reconcile()

    assert first.shop.since == NOW - FIRST
    assert first.shop.until == NOW - UNDER_WAY
    assert second.shop.since == NOW - UNDER_WAY - OVERLAP
    assert world.runs.reconciled(world.store).shop_until == world.now - UNDER_WAY
    assert [run.id for run in world.runs.runs(world.store, 5)] == [second.id, first.id]


def test_the_first_run_looks_no_further_back_than_the_store_is_old(database: Database) -> None:
    world = World(database, created_at=NOW - timedelta(days=3))
    world.connect([])

    assert world.reconcile().shop.since == NOW - timedelta(days=3)


def test_what_changed_just_now_is_left_to_the_next_run(world: World) -> None:
    world.connect([told("1"), told("2", updated="2026-11-22T11:55:00")], [told("3", updated="2026-11-22T11:56:00")])

    run = world.reconcile()

    assert (run.shop.checked, run.shop.whole.missing, run.shop.requests) == (1, 1, 2)
    assert set(world.records.kept_orders(world.store, ["1", "2", "3"])) == {"1"}


def test_orders_at_the_border_of_two_pages_are_counted_once(world: World) -> None:
    moment = "2026-11-20T10:00:00"
    page = [told("1", updated="2026-11-20T09:59:00"), told("2", updated=moment), told("3", updated=moment)]
    world.connect(page, page[1:], [*page[2:], told("4", updated="2026-11-20T10:01:00")])

    run = world.reconcile()

    assert (run.shop.checked, run.shop.whole.missing) == (4, 4)
    assert run.shop.whole.shop == Amount(4, 4 * 5990)


def test_a_shop_without_a_clock_is_timed_by_ours(world: World) -> None:
    world.connect([told("1")], answered_at=NOW - FIRST)

    assert world.reconcile().shop.until == NOW - UNDER_WAY


def test_what_is_kept_newer_or_erased_or_deleted_is_no_difference(world: World) -> None:
    world.order("1", updated="2026-11-21T10:00:00", total=1)
    world.order("2", state=OrderState.DELETED)
    world.order("3", "ben@example.com")
    item = attributes({"pk": keys.person(world.store.account_id, world.store.audience_id, BEN), "sk": ""})
    key = {**item, **attributes({"sk": keys.order(world.store.id, "3")})}
    world.database.client.update_item(
        TableName=world.database.tables.ledger,
        Key=key,
        UpdateExpression="SET erased_at = :at",
        ExpressionAttributeValues=attributes({":at": 1}),
    )
    deleted = [told(id_, state=OrderState.DELETED) for id_ in ("2", "4")]
    world.connect([told("1"), *deleted, told("2", total=2), told("3", "ben@example.com", total=3)])

    run = world.reconcile()

    assert (run.shop.checked, run.shop.whole.missing, run.shop.whole.outdated) == (4, 0, 0)
    assert world.kept("1") == (1, "paid")


def test_a_change_within_the_second_of_the_one_that_is_kept_is_found(world: World) -> None:
    moment = at("2026-11-20T10:00:00")
    delivered = revision(moment, moment + timedelta(milliseconds=400), OrderState.PAID, 0)
    world.order("1", revision=delivered)
    world.connect([told("1", total=7000)])

    run = world.reconcile()

    assert (run.shop.whole.outdated, run.shop.whole.repaired, world.kept("1")) == (1, 1, (7000, "paid"))
    world.now += timedelta(days=1)
    world.connect([told("1", total=7000)], answered_at=world.now)
    assert world.reconcile().shop.whole.outdated == 0


def test_orders_of_somebody_who_was_erased_are_not_brought_back(world: World) -> None:
    world.order("1", "ben@example.com")
    mark = {"pk": keys.person(world.store.account_id, world.store.audience_id, CLEO), "sk": keys.PROFILE}
    erased_at = int(at("2026-11-21T00:00:00").timestamp() * 1000)
    world.database.client.put_item(
        TableName=world.database.tables.contacts, Item=attributes({**mark, "erased_at": erased_at, "version": 1})
    )
    world.connect([told("2", "cleo@example.com")])

    run = world.reconcile()

    assert (run.shop.checked, run.shop.whole.missing, run.shop.whole.repaired) == (1, 0, 0)
    assert world.records.kept_orders(world.store, ["2"]) == {}


def test_orders_that_cannot_be_read_are_kept_for_somebody_to_look_at(world: World) -> None:
    fault = InvalidInput("No.", (FieldError("/total", "No amount."),))
    world.connect([UnreadableOrder("order.updated", b'{"id": 1}', fault), told("1")])

    run = world.reconcile()

    assert (run.shop.unreadable, run.shop.whole.repaired) == (1, 1)
    assert [it.topic for it in world.unreadable.of_store(world.store, 5)] == ["order.updated"]


@pytest.mark.parametrize(
    ("fault", "state"),
    [(ShopRefused(401), CheckState.REFUSED), (ShopUnreadable("No API."), CheckState.UNREADABLE)],
)
def test_a_shop_that_cannot_be_asked_is_told_of_and_boards_are_compared(
    world: World, fault: Exception, state: CheckState
) -> None:
    world.order("1", project=False)
    world.connect([told("1")], faults=[fault])

    run = world.reconcile()

    assert (run.shop.state, run.boards.repaired) == (state, 5)
    reconciled = world.runs.reconciled(world.store)
    assert (reconciled.shop_until, reconciled.finished_at) == (None, None)
    noted = [(world.store.id, NOW, False)] if state is CheckState.REFUSED else []
    assert world.accesses.notes == noted


def test_a_shop_that_is_not_available_is_asked_again_later(world: World) -> None:
    world.connect([told("1")], [told("2")], faults=[ShopUnavailable("Down.")] * len(PAUSES))

    run = world.reconcile()

    assert (run.shop.state, run.shop.whole.repaired) == (CheckState.DONE, 2)
    assert world.now >= NOW + sum(PAUSES, timedelta())


def test_a_shop_that_stays_away_is_left_to_the_next_run(world: World) -> None:
    world.connect([told("1")], faults=[ShopUnavailable("Down.")] * (len(PAUSES) + 1))

    run = world.reconcile()

    assert (run.shop.state, run.boards.state) == (CheckState.UNAVAILABLE, CheckState.DONE)


def test_days_that_are_long_ago_are_one(world: World) -> None:
    world.connect([told(str(year), placed=f"{year}-01-01T10:00:00") for year in (2019, 2020)])

    assert world.reconcile().shop.days == {EARLIER: DayFigures(Amount(2, 11980), missing=2, repaired=2)}


def test_a_store_that_takes_no_orders_any_more_is_not_asked(world: World) -> None:
    world.connect([told("1")])
    begin(world.runs, world.jobs, world, world.store, world.now)
    kept = world.workspace.store(world.store.account_id, world.store.id)
    assert kept
    world.workspace.save_store(replace(kept, state=StoreState.PAUSED))

    assert world.worker().work(*world.queue.pop()) is Chunk.FINISHED

    assert (world.ended[0].state, world.ended[0].error) == (JobState.FAILED, "The store is not connected any more.")
    assert world.shop.asked == []


# ---- Killed workers --------------------------------------------------------------------------------------------------


def in_disorder(stage: MemoryStage) -> World:
    """A store that something is wrong with in every way."""
    world = World(Database(stage.client, stage.tables))
    world.order("1")
    world.order("2", "ben@example.com", project=False)
    world.put(RankingRow("2026-03", CLEO, comparing.Figures(2, 500, 1), None, None, 1, frozenset(comparing.Metric)))
    world.drop("2026-11", ADA)
    world.connect([told("1", updated="2026-11-21T10:00:00", total=7000), told("3")], [told("4", "cleo@example.com")])
    return world


def test_whoever_is_killed_everything_is_repaired_and_counted_once() -> None:
    calm = in_disorder(MemoryStage())
    expected = calm.reconcile()
    survived = None
    for requests in itertools.count(1):
        stage = MemoryStage()
        world = in_disorder(stage)
        left = iter(range(1, requests + 1))

        def kill(_: str, left: Any = left, last: int = requests) -> None:
            if next(left, None) == last:
                raise Killed

        world.begun = partial(setattr, stage, "after", kill)
        run = world.reconcile()

        assert run.shop.days == expected.shop.days, requests
        assert run.boards == expected.boards, requests
        assert world.totals() == calm.totals()
        if next(left, None) is not None:
            survived = requests
            break
    assert survived
    assert survived > 20, "writes were there to be killed after"
