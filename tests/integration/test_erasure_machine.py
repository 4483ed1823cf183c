"""Whatever is delivered, projected, scored and erased in whatever order, nobody who was forgotten leaves a trace.

The real storage code and use cases run as pieces of work that take turns at every request. Deliveries, projections of
the stream's records (each as often as it likes, late), scores and the erasure interleave in all ways; workers
are killed on the way and begun again. As on AWS, none of them lives longer than an erasure waits before it looks a
second time. At the end every record of the stream is delivered again, late deliveries come, all tables are searched.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from laurel.ingestion.events import OrderReport
from laurel.ingestion.record import ActivityReport, record_activity
from laurel.leaderboard.project import Unsettled
from laurel.leaderboard.rows import periods_at
from laurel.model.activity import Activity
from laurel.model.contact import full_name
from laurel.model.errors import Busy
from laurel.model.identity import contact_id
from laurel.model.order import Buyer
from laurel.model.privacy import Erasure, ErasureKind, ErasureReason
from laurel.scoring.orders import steps_of_order
from laurel.scoring.triggers import trigger_of
from laurel.store.ledger_items import order_change
from tests.support.office import Office
from tests.support.samples import ADA, ADA_ID, BOB, NOW, a_person, an_order
from tests.support.stage import MemoryStage
from tests.support.turns import Turn, Turns

BOB_ID = contact_id(BOB)
NAMES = {ADA: ("Ada", "Zwölfnagel"), BOB: ("Bob", "Berg")}
NUMBER = "kunde4711"
WORDS = (ADA, "zwölfnagel", NUMBER)
PLACED = ["2025-12-31T23:30:00", "2026-06-30T22:30:00", "2026-11-20T10:00:00"]
BUYERS: list[tuple[str | None, str | None]] = [(ADA, None), (ADA, NUMBER), (BOB, None), (None, None)]
ORDER = st.fixed_dictionaries(
    {
        "id_": st.sampled_from("123"),
        "buyer": st.sampled_from(BUYERS),
        "placed": st.sampled_from(PLACED),
        "total": st.sampled_from([0, 500, 1000]),
        "currency": st.sampled_from(["EUR", "EUR", "USD"]),
    }
)


class ErasureMachine(RuleBasedStateMachine):
    """Facts of two people come in; one of them is forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.stage = MemoryStage()
        self.office = Office(self.stage.client, self.stage.tables, "account")
        self.turns = Turns()
        self.work: list[Turn] = []
        self.erasure: Erasure | None = None
        self.clock = 0
        self.random = random.Random(0)
        self.stage.before = self.turns.pause

    @initialize(seed=st.integers(0, 2**32), orders=st.lists(ORDER, min_size=1, max_size=3))
    def open(self, seed: int, orders: list[dict[str, Any]]) -> None:
        """Something has happened before, and is on the boards."""
        self.random = random.Random(seed)
        for told in orders:
            self.office.recorder.record(self.office.store, self._told(**told), NOW)
        self._visit("a", ADA)
        for record in list(self.stage.records):
            self._deliver(record)

    # ---- What happens ------------------------------------------------------------------------------------------------

    @rule(told=ORDER)
    def order_comes(self, told: dict[str, Any]) -> None:
        order = self._told(**told)
        self._start(lambda: self.office.recorder.record(self.office.store, order, NOW))

    @rule(id_=st.sampled_from("ab"), email=st.sampled_from([ADA, BOB]))
    def activity_comes(self, id_: str, email: str) -> None:
        self._start(lambda: self._visit(id_, email))

    @precondition(lambda self: self.stage.records)
    @rule(choice=st.integers(0, 10**6))
    def stream_tells(self, choice: int) -> None:
        """Any record, as often as it likes."""
        record = self.stage.records[choice % len(self.stage.records)]
        self._start(lambda: self._deliver(record))

    @precondition(lambda self: self.erasure is None)
    @rule()
    def somebody_is_forgotten(self) -> None:
        store = self.office.store
        self.erasure = Erasure(
            store.account_id,
            "e1",
            ErasureKind.PERSON,
            ErasureReason.OWNER,
            store.audience_id,
            NOW,
            NOW,
            customers=(ADA_ID,),
        )
        self.office.erasures.save(self.erasure)

    @precondition(lambda self: self.erasure)
    @rule()
    def eraser_begins(self) -> None:
        erasure = self.erasure
        assert erasure
        self._start(lambda: self.office.eraser.work(erasure.account_id, erasure.id))

    @precondition(lambda self: self.work)
    @rule(choices=st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
    def time_passes(self, choices: list[int]) -> None:
        for choice in choices:
            if self.work:
                turn = self.work[choice % len(self.work)]
                turn.step()
                self._forget_done()

    @precondition(lambda self: self.work)
    @rule(choice=st.integers(0, 10**6))
    def worker_is_killed(self, choice: int) -> None:
        turn = self.work.pop(choice % len(self.work))
        turn.abandon()

    @invariant()
    def nothing_fails(self) -> None:
        self._forget_done()

    # ---- The end -----------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if not self.erasure:
                self.somebody_is_forgotten()
            self._end()
        finally:
            self.turns.close()

    def _end(self) -> None:
        assert self.erasure
        self._end_work(self.erasure)
        prompt = self.random.random() < 0.5
        for record in list(self.stage.records) if prompt else ():
            self._deliver(record)
        self.office.finish(self.erasure)
        # A stream that lags behind by more than an erasure waits takes the last rows away when it has caught up.
        assert not prompt or self.office.traces_of(*WORDS) == []
        records = [*self.stage.records, *self.stage.records]
        self.random.shuffle(records)
        for record in records:
            self._deliver(record)
        for id_ in "1239":
            late = self._order(id_, (ADA, None), placed=PLACED[0], updated="2026-12-24T00:00:00")
            self.office.recorder.record(self.office.store, late, self.office.now)
        self._visit("a", ADA)
        for record in list(self.stage.records):
            self._deliver(record)
        assert self.office.traces_of(*WORDS) == []
        self._check_boards()

    def _end_work(self, erasure: Erasure) -> None:
        """All who are under way end, one way or the other, before the erasure looks a second time."""
        for turn in self.work:
            for _ in range(self.random.randrange(15)):
                if not turn.done:
                    turn.step()
        if self.random.random() < 0.7:
            self.office.eraser.work(erasure.account_id, erasure.id)
        for turn in self.work:
            if self.random.random() < 0.2:
                turn.abandon()
            else:
                while not turn.done:
                    turn.step()
        self.work.clear()

    def _check_boards(self) -> None:
        """Each board is what a plain recount of the orders comes to."""
        expected: dict[tuple[str, str], list[int]] = {}
        for customer in (ADA_ID, BOB_ID):
            for order in self.office._orders(customer, self.office.store).values():
                if order.is_purchase_in("EUR"):
                    assert customer == BOB_ID
                    assert order.placed_at is not None
                    for period in periods_at(self.office.store.calendar, order.placed_at):
                        expected.setdefault((period, customer), []).append(order.spent)
        periods = {row["pk"]["S"].split("#")[2] for row in self.office.items() if "total_spent" in row}
        found = {
            (period, customer): row for period in periods for customer, row in self.office.board(period=period).items()
        }
        assert found == {place: (len(spent), sum(spent)) for place, spent in expected.items()}

    # ---- Pieces of work ----------------------------------------------------------------------------------------------

    def _start(self, work: Callable[[], Any]) -> None:
        self.work.append(self.turns.start(work))

    def _forget_done(self) -> None:
        for turn in [turn for turn in self.work if turn.done]:
            self.work.remove(turn)
            # Whoever meets others again and again gives up; a delivery or a message comes again.
            if turn.error and not isinstance(turn.error, Busy | Unsettled):
                raise turn.error

    def _told(self, id_: str, buyer: tuple[str | None, str | None], **facts: Any) -> OrderReport:
        """An order as it is at the next moment."""
        self.clock += 1
        updated = (NOW - timedelta(days=1) + timedelta(seconds=self.clock)).isoformat()
        return self._order(id_, buyer, updated=updated, **facts)

    @staticmethod
    def _order(id_: str, buyer: tuple[str | None, str | None], **facts: Any) -> OrderReport:
        email, customer_id = buyer
        first, last = NAMES[email or ADA]
        order = an_order(id_, **facts)
        named = Buyer(customer_id, email, full_name(first, last) if email else None)
        order = replace(order, buyer=named)
        person = a_person(email, seen_at=order.placed_at, first_name=first, last_name=last) if email else None
        return OrderReport(order, person)

    def _visit(self, id_: str, email: str) -> None:
        office = self.office
        activity = Activity(f"{id_}-{email[0]}", "page.visited", NOW - timedelta(hours=1), {"who": email})
        first, last = NAMES[email]
        person = a_person(email, seen_at=activity.occurred_at, first_name=first, last_name=last)
        report = ActivityReport(activity, person)
        account, audience = office.audience.account_id, office.audience.id
        record_activity(office.ledger, office.evidence, office.contacts, account, audience, report, NOW)
        office.score(person.contact_id, trigger_of(activity))

    def _deliver(self, record: dict[str, Any]) -> None:
        """What the two consumers do with an order's record."""
        if not record["dynamodb"]["Keys"]["sk"]["S"].startswith("order#"):
            return
        ref, change = order_change(record["dynamodb"])
        self.office.projector.project(ref, [change], self.office.now)
        if ref.customer in (ADA_ID, BOB_ID):
            self.office.score(ref.customer, *steps_of_order(change, self.office.store, NOW))


def test_nobody_who_was_forgotten_leaves_a_trace() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        ErasureMachine, settings=settings(max_examples=60, stateful_step_count=25, deadline=None)
    )
