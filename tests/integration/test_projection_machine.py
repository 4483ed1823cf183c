"""Whatever happens in whatever order, the boards end up equal to a plain recount.

The real storage code and the real projector run against a model of the same rules. Deliveries and projections are
pieces of work that take turns at every request, so that they interleave in all ways, and some stall on the way. A Query
reads item by item. Requests fail now and then, before or after they took effect; whoever sent them tries again, as
webhooks and streams do.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from laurel.leaderboard.board import read_board
from laurel.leaderboard.project import Projector, Unsettled
from laurel.model.account import Store
from laurel.model.errors import Busy
from laurel.model.identity import is_identified
from laurel.model.order import Buyer, CustomerRef, Deletion, Order, OrderChange, OrderState, Refund, revision
from laurel.model.ranking import Metric
from laurel.model.setaside import SetAsideReason
from laurel.store import keys
from laurel.store.ledger import Ledger
from laurel.store.ledger_items import order_change
from laurel.store.rankings import Rankings
from tests.support.fakes import FakeRates
from tests.support.faults import client_error
from tests.support.recount import METRICS, Row, Shop, Version
from tests.support.samples import ADA, BOB, NOW, a_store, seconds
from tests.support.stage import MemoryStage, Stage, WatchedStage
from tests.support.tables import Database
from tests.support.turns import Turn, Turns

FIRST_UPDATE = seconds("2027-01-01T00:00:00")
PLACED = [
    seconds("2025-12-31T22:59:59"),  # still 2025 in Berlin
    seconds("2025-12-31T23:00:00"),  # already 2026 in Berlin, in the same ISO week
    seconds("2026-06-30T22:30:00"),  # July in Berlin
    seconds("2026-11-22T22:59:59"),  # a Sunday
    seconds("2026-11-22T23:00:00"),  # already Monday in Berlin
]
ORDERS = ["1", "2", "3#%23"]
BUYERS = [(ADA, None), (ADA, "7"), (ADA, None), (BOB, None), (None, "8#"), (None, None)]
REFUNDS = {"a": 300, "c": 450}
FEW = 2
NEVER = 1_000_000
CONFLICT = [{"Code": "None"}, {"Code": "TransactionConflict"}, {"Code": "None"}]
FAULTS = {
    "update_item": client_error("TransactionConflictException"),
    "put_item": client_error("TransactionConflictException"),
    "transact_write_items": client_error("TransactionCanceledException", CancellationReasons=CONFLICT),
    "query": client_error("InternalServerError"),
    "get_item": client_error("InternalServerError"),
}

_accounts = itertools.count()


class Shops:
    """The store as it is now; a projection under way goes on with what it was given."""

    def __init__(self, store: Store) -> None:
        self.known = store

    def store(self, account_id: str, store_id: str, *, fresh: bool = False) -> Store:
        del account_id, store_id, fresh
        return self.known


class ProjectionMachine(RuleBasedStateMachine):
    """Facts come in, projections run; at the end everything is delivered and compared."""

    told: Bundle[Version] = Bundle("told")

    def __init__(self, stage: Stage, make_projector: Callable[..., Projector] = Projector) -> None:
        super().__init__()
        self.stage = stage
        self.store = a_store(account_id=f"account{next(_accounts)}", minimum_purchases=2)
        self.shop = Shop("EUR", "Europe/Berlin", minimum_purchases=2)
        self.ledger = Ledger(stage.client, stage.tables.ledger)
        self.rankings = Rankings(stage.client, stage.tables.rankings)
        self.shops = Shops(self.store)
        self.projector = make_projector(self.ledger, self.rankings, self.shops, FakeRates())
        self.turns = Turns()
        self.senders: list[tuple[str, Turn]] = []
        self.work: list[Turn] = []
        self.steps_to_stall: dict[Turn, int] = {}
        self.records: list[tuple[CustomerRef, OrderChange]] = []
        self.records_seen = len(stage.records)
        self.undelivered: set[int] = set()
        self.clock = 0
        self.has_house_accounts = False
        self.fault: tuple[str, str] | None = None
        self.random = random.Random(0)
        stage.before, stage.after = self._before, self._after

    # ---- What happens ------------------------------------------------------------------------------------------------

    @initialize(seed=st.integers(0, 2**32), house_accounts=st.booleans())
    def open_shop(self, seed: int, house_accounts: bool) -> None:
        self.random = random.Random(seed)
        self.has_house_accounts = house_accounts
        if house_accounts:
            self.shops.known = self.store = replace(self.store, house_account_orders=FEW)

    @rule(
        target=told,
        id_=st.sampled_from(ORDERS),
        buyer=st.sampled_from(BUYERS),
        placed_at=st.sampled_from(PLACED),
        total=st.sampled_from([0, 500, 1000, 1001]),
        currency=st.sampled_from(["EUR", "EUR", "EUR", "USD"]),
        state=st.sampled_from(["paid", "paid", "paid", "pending", "cancelled"]),
        test=st.sampled_from([False, False, False, True]),
        refunds=st.sampled_from([(), (), (("a", 300),), (("a", 500), ("b", 500))]),
    )
    def order_changes(self, id_: str, buyer: tuple[str | None, str | None], **facts: Any) -> Version:
        self.clock += 1
        version = Version(id_, FIRST_UPDATE + self.clock, email=buyer[0], customer_id=buyer[1], **facts)
        self.shop.describe(version)
        self._send(id_, lambda: self._record(version))
        return version

    @rule(version=told)
    def delivery_is_repeated(self, version: Version) -> None:
        known = self.shop.orders[version.id]
        if version.revision == known.revision and version != known.version:
            self._tell_at_once(version)
        else:
            self._send(version.id, lambda: self._record(version))

    @rule(version=told, total=st.sampled_from([700, 900]), buyer=st.sampled_from(BUYERS))
    def order_changes_within_the_same_second(
        self, version: Version, total: int, buyer: tuple[str | None, str | None]
    ) -> None:
        known = self.shop.orders[version.id]
        if known.version and not known.deleted:
            self._tell_at_once(replace(known.version, total=total, email=buyer[0], customer_id=buyer[1]))

    @rule(id_=st.sampled_from(ORDERS), refund=st.sampled_from(sorted(REFUNDS)))
    def money_is_returned(self, id_: str, refund: str) -> None:
        self.shop.refund(id_, refund, REFUNDS[refund])
        self._send(id_, lambda: self.ledger.record_refund(self.store, Refund(id_, refund, REFUNDS[refund])))

    @rule(id_=st.sampled_from(ORDERS))
    def order_is_deleted(self, id_: str) -> None:
        self.clock += 1
        moment = FIRST_UPDATE + self.clock
        self.shop.delete(id_, moment)
        deletion = Deletion(id_, datetime.fromtimestamp(moment, UTC))
        self._send(id_, lambda: self.ledger.record_deletion(self.store, deletion))

    @rule(id_=st.sampled_from(ORDERS))
    def order_is_deleted_nobody_knows_when(self, id_: str) -> None:
        self._settle(id_)
        self.shop.delete(id_, None)
        self.ledger.record_deletion(self.store, Deletion(id_, None))
        self._listen()

    @precondition(lambda self: self.records)
    @rule(picks=st.lists(st.integers(0, 1000), min_size=1, max_size=6))
    def stream_delivers(self, picks: list[int]) -> None:
        self._project({pick % len(self.records) for pick in picks})

    @rule(picks=st.lists(st.tuples(st.integers(0, 7), st.sampled_from([1, 2, 5, 30])), min_size=1, max_size=12))
    def work_goes_on(self, picks: list[tuple[int, int]]) -> None:
        for pick, steps in picks:
            if busy := self._busy():
                self._step(busy[pick % len(busy)], steps)

    @precondition(lambda self: self._busy())
    @rule()
    def all_work_is_done_but_what_stalls(self) -> None:
        while going := [turn for turn in self._busy() if self.steps_to_stall[turn] > 0]:
            self._step(self.random.choice(going), self.random.choice([1, 5, 30]))

    @rule(operation=st.sampled_from(sorted(FAULTS)), when=st.sampled_from(["before", "after"]))
    def next_request_fails(self, operation: str, when: str) -> None:
        self.fault = (operation, when)

    @invariant()
    def no_order_stands_twice(self) -> None:
        standing = [
            item["sk"]["S"]
            for item in self.stage.items(self.stage.tables.ledger, self.store.account_id)
            if item["sk"]["S"].startswith("order#") and "moved_to" not in item
        ]
        assert len(standing) == len(set(standing))

    def teardown(self) -> None:
        try:
            self._finish()
            self._compare(self._house_accounts() if self.has_house_accounts else frozenset())
            if self.has_house_accounts:
                self._everybody_buys_again_under_a_higher_limit()
                self._compare(frozenset())
        finally:
            self.turns.close()

    # ---- How it is done ----------------------------------------------------------------------------------------------

    def _before(self, operation: str) -> None:
        self.turns.pause(operation)
        if self.turns.current and self.fault == (operation, "before"):
            self.fault = None
            raise FAULTS[operation]

    def _after(self, operation: str) -> None:
        if self.turns.current and self.fault == (operation, "after"):
            self.fault = None
            raise client_error("InternalServerError")

    def _record(self, version: Version) -> None:
        state, refunds = OrderState(version.state), dict(version.refunds)
        updated_at = datetime.fromtimestamp(version.updated_at, UTC)
        order = Order(
            id=version.id,
            placed_at=datetime.fromtimestamp(version.placed_at, UTC),
            total=version.total,
            currency=version.currency,
            state=state,
            revision=revision(updated_at, None, state, sum(refunds.values())),
            refunds=refunds,
            test=version.test,
            buyer=Buyer(version.customer_id, version.email),
        )
        self.ledger.record_order(self.store, order, self.ledger.owners_of(self.store, [order.id]).get(order.id))

    def _start(self, work: Callable[[], Any]) -> Turn:
        def until_it_works() -> None:
            while True:
                try:
                    work()
                except (ClientError, Busy, Unsettled):
                    continue
                return

        turn = self.turns.start(until_it_works)
        self.work.append(turn)
        self.steps_to_stall[turn] = self.random.choice([NEVER, self.random.randint(1, 25)])
        return turn

    def _step(self, turn: Turn, steps: int) -> None:
        """Let a piece of work go on; somewhere on the way it may stall, and is then left alone for long."""
        while steps and not turn.done:
            turn.step()
            steps -= 1
            self.steps_to_stall[turn] -= 1
            if not self.steps_to_stall[turn]:
                break
        self._listen()

    def _send(self, id_: str, work: Callable[[], Any]) -> None:
        self.senders.append((id_, self._start(work)))

    def _settle(self, id_: str) -> None:
        """Bring to an end what is under way about an order, where the outcome depends on what comes first."""
        for of, turn in self.senders:
            if of == id_:
                turn.finish()
        self._listen()

    def _tell_at_once(self, version: Version) -> None:
        self._settle(version.id)
        self.shop.describe(version)
        self._record(version)
        self._listen()

    def _listen(self) -> None:
        """Take in what the stream has to tell; most of it is worked on soon."""
        records = self.stage.records
        for record in records[self.records_seen :]:
            if record["dynamodb"]["Keys"]["sk"]["S"].startswith("order#"):
                self.undelivered.add(len(self.records))
                self.records.append(order_change(record["dynamodb"]))
        self.records_seen = len(records)
        if self.undelivered and self.random.random() < 0.5:
            self._project(self._some_undelivered())

    def _project(self, wanted: Iterable[int]) -> None:
        batch: dict[CustomerRef, list[OrderChange]] = defaultdict(list)
        for index in wanted:
            ref, change = self.records[index]
            batch[ref].append(change)
            self.undelivered.discard(index)
        for ref, changes in batch.items():
            self._start(lambda ref=ref, changes=changes: self.projector.project(ref, changes, NOW))  # type: ignore[misc]

    def _busy(self) -> list[Turn]:
        self.work = [turn for turn in self.work if not turn.done]
        return self.work

    def _finish(self) -> None:
        """Deliver and do everything, in any order."""
        self._listen()
        while (busy := self._busy()) or self.undelivered:
            if busy:
                going = [turn for turn in busy if self.steps_to_stall[turn] > 0] or busy
                self._step(self.random.choice(going), self.random.choice([1, 2, 5, 30]))
            else:
                self._project(self._some_undelivered())

    def _some_undelivered(self) -> list[int]:
        waiting = sorted(self.undelivered)
        return self.random.sample(waiting, self.random.randint(1, min(3, len(waiting))))

    def _house_accounts(self) -> frozenset[str]:
        kept: dict[str, int] = defaultdict(int)
        for item in self.stage.items(self.stage.tables.ledger, self.store.account_id):
            if item["sk"]["S"].startswith("order#"):
                kept[keys.split(item["pk"]["S"])[2]] += 1
        return frozenset(customer for customer, orders in kept.items() if orders > FEW and is_identified(customer))

    def _everybody_buys_again_under_a_higher_limit(self) -> None:
        self.shops.known = self.store = replace(self.store, house_account_orders=20_000)
        for number, (email, customer_id) in enumerate(BUYERS):
            self.clock += 1
            version = Version(
                id=f"again-{number}",
                updated_at=FIRST_UPDATE + self.clock,
                placed_at=PLACED[0],
                total=100,
                currency="EUR",
                state="paid",
                test=False,
                refunds=(),
                email=email,
                customer_id=customer_id,
            )
            self.shop.describe(version)
            self._record(version)
        self._finish()

    # ---- What must hold ----------------------------------------------------------------------------------------------

    def _compare(self, house_accounts: frozenset[str]) -> None:
        expected = self.shop.rows(left_out=house_accounts)
        assert self._rows() == expected
        for period in sorted({period for period, _ in expected}):
            for metric in METRICS:
                assert self._board(period, metric) == self.shop.board(expected, period, metric), (period, metric)
        for reason in ("unconverted", "unidentified"):
            kept = self.rankings.set_aside(self.store, SetAsideReason(reason), 100)
            assert {it.id: (it.customer, it.currency, it.total) for it in kept} == self.shop.set_aside(reason)
        houses = self.rankings.set_aside(self.store, SetAsideReason.HOUSE_ACCOUNT, 100)
        assert {it.customer: it.orders_limit for it in houses} == dict.fromkeys(house_accounts, FEW)

    def _rows(self) -> dict[tuple[str, str], Row]:
        """Rows as stored that are on any board. Checks that the others count nothing, house accounts apart."""
        rows = {}
        for item in self.stage.items(self.stage.tables.rankings, self.store.account_id):
            period = keys.split(item["pk"]["S"])[2]
            if period in (keys.SET_ASIDE, keys.REBUILT):
                continue
            row = Row(*(int(item[name]["N"]) for name in ("orders_count", "total_spent", "last_order_at")))
            boards = {metric for metric in METRICS if f"rank_{metric}" in item}
            if boards:
                rows[period, item["sk"]["S"]] = row
                assert boards == set(METRICS if row.orders_count >= self.shop.minimum_purchases else METRICS[:2])
                average = Decimal(row.total_spent) / row.orders_count
                exact = average.quantize(Decimal("0.000001"), ROUND_HALF_UP)
                assert Decimal(item["average_order_value"]["N"]) == exact
            elif not self.has_house_accounts:
                assert row.orders_count == 0
        return rows

    def _board(self, period: str, metric: str) -> list[tuple[int, str]]:
        """A whole board, read in pages of two."""
        rows, cursor = [], None
        while True:
            page = read_board(self.rankings, self.store, self.store.calendar.period(period), Metric(metric), 2, cursor)
            rows += [(it.rank, -it.standing.figures.last_order_at, it.standing.customer) for it in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert [row[:2] for row in rows] == sorted(row[:2] for row in rows)
        return [(rank, customer) for rank, _, customer in sorted(rows)]


def run_machine(make_stage: Callable[[], Stage], *, max_examples: int, steps: int) -> None:
    factory: Any = lambda: ProjectionMachine(make_stage())  # noqa: E731
    run_state_machine_as_test(factory, settings=settings(max_examples=max_examples, stateful_step_count=steps))


def test_boards_equal_a_recount() -> None:
    run_machine(MemoryStage, max_examples=100, steps=30)


@pytest.mark.dynamodb_local
def test_boards_equal_a_recount_on_dynamodb_local(dynamodb_local_tables: Database) -> None:
    stage = WatchedStage(dynamodb_local_tables)
    run_machine(lambda: stage, max_examples=5, steps=15)
