"""Whatever happens in whatever order, scores are what their entries make them, and at rest nothing is missing.

The real function and the real storage code run against a plain recount (tests/support/points.py). Batches of the
Ledger's stream are delivered in order, and again, and again from an earlier place; in loose play also side by side and
in any order. People change scores in between, rules are edited, scores reset, opens turn out to be a machine's. All of
it takes turns at every request. Requests fail now and then, and workers die, before or after a request took effect.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
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

from laurel.model.account import Audience
from laurel.model.activity import Activity
from laurel.model.contact import ContactRef
from laurel.model.errors import Busy
from laurel.model.identity import contact_id
from laurel.model.order import Buyer, Order, OrderState, Refund, revision
from laurel.model.scoring import ORDER_PLACED, ORDER_REFUNDED, CapWindow, Change, Effect, EffectKind, ScoringRule
from laurel.scoring.apply import apply
from laurel.store.contacts import Contacts
from laurel.store.evidence import Evidence
from laurel.store.ledger import Ledger
from laurel.store.scores import Scores
from laurel.store.scoring_rules import ScoringRules
from laurel.store.workspace import Workspace
from tests.support.consumer import Records, consumer
from tests.support.faults import client_error
from tests.support.points import HIGHEST, Event, Line, Recount, heard, lines, recount, window
from tests.support.samples import ADA, BOB, NOW, a_contact, a_store, at
from tests.support.stage import MemoryStage, Stage, WatchedStage
from tests.support.steps import ADD, CLICKED, OPENED, PER_UNIT, REMOVE, SET, SUBTRACT, a_rule
from tests.support.tables import Database
from tests.support.turns import Turn, Turns

PEOPLE = {contact_id(email): email for email in (ADA, BOB)}
PLACED = [at("2026-11-16T10:00:00"), at("2026-11-17T10:00:00")]
VISITED, FORM, LEFT = "page.visited", "form.submitted", "unsubscribed"
STEADY = [
    a_rule(5, "opened"),
    a_rule(7, "clicked", activity=CLICKED, cap=(2, CapWindow.DAY)),
    a_rule(1, "whoever", activity=CLICKED, counts_machines=True),
    a_rule(60_000_000, "visited", activity=VISITED),
    a_rule(50_000_000, "visited often", activity=VISITED, kind=SUBTRACT, cap=(3, CapWindow.EVER)),
    a_rule(40, "form", activity=FORM, kind=SET),
    a_rule(0, "left", activity=LEFT, kind=REMOVE),
    a_rule(40_000_000, "placed", activity=ORDER_PLACED),
    a_rule(3_000_000, "per unit", activity=ORDER_PLACED, kind=PER_UNIT),
    a_rule(100, "first", activity=ORDER_PLACED, cap=(1, CapWindow.EVER)),
    a_rule(3, "refunded", activity=ORDER_REFUNDED, kind=SUBTRACT),
]
EDITED = a_rule(4, "edited", activity=ORDER_PLACED, kind=PER_UNIT)
CONFLICT = client_error(
    "TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}, {"Code": "None"}]
)
FAULTS = {
    "batch_get_item": client_error("ProvisionedThroughputExceededException"),
    "get_item": client_error("InternalServerError"),
    "query": client_error("InternalServerError"),
    "transact_write_items": CONFLICT,
}
NEVER = 1_000_000

_accounts = itertools.count()


class Killed(BaseException):
    """The worker's time is up."""


class ScoringMachine(RuleBasedStateMachine):
    """Facts come in and are scored; at the end everything is delivered and counted once more."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.monkeypatch = pytest.MonkeyPatch()
        self.store = a_store(account_id=f"account{next(_accounts)}")
        self.account, self.audience = self.store.account_id, self.store.audience_id
        self.ledger = Ledger(stage.client, stage.tables.ledger)
        self.evidence = Evidence(stage.client, stage.tables.ledger)
        self.scores = Scores(stage.client, stage.tables.contacts)
        self.rules = ScoringRules(stage.client, stage.tables.workspace)
        self.workspace = Workspace(stage.client, stage.tables.workspace)
        self.consume = consumer(self.monkeypatch, Database(stage.client, stage.tables))
        self.versions: dict[str, list[ScoringRule]] = defaultdict(list)
        self.changes: dict[str, tuple[str, int]] = {}
        self.activities: list[tuple[str, str]] = []
        self.numbers = itertools.count(1)
        self.records: Records = []
        self.records_seen = len(stage.records)
        self.turns = Turns()
        self.work: list[Turn] = []
        self.deliveries: dict[Turn, tuple[int, int]] = {}
        self.steps_to_stall: dict[Turn, int] = {}
        self.position = 0
        self.undelivered: set[int] = set()
        self.loose = False
        self.fault: tuple[str, str, str] | None = None
        self.random = random.Random(0)
        stage.before, stage.after = self._before, self._after

    # ---- What happens ------------------------------------------------------------------------------------------------

    @initialize(seed=st.integers(0, 2**32), loose=st.booleans())
    def open_shop(self, seed: int, loose: bool) -> None:
        self.random, self.loose = random.Random(seed), loose
        self.workspace.save_audience(Audience(self.account, self.audience, "Newsletter", 1, NOW))
        self.workspace.save_store(self.store)
        contacts = Contacts(self.stage.client, self.stage.tables.contacts)
        for contact, email in PEOPLE.items():
            assert contacts.save(self.account, self.audience, a_contact(id=contact, email=email))
        for number, steady in enumerate([*STEADY, EDITED]):
            self._save(replace(steady, created_at=NOW + timedelta(seconds=number)))

    @rule(
        who=st.sampled_from(sorted(PEOPLE)),
        name=st.sampled_from([OPENED, OPENED, CLICKED, CLICKED, VISITED, FORM, LEFT, "ignored"]),
        day=st.integers(16, 18),
        machine=st.sampled_from([None, None, None, "scanner"]),
        more=st.integers(1, 3),
    )
    def activities_happen(self, who: str, name: str, day: int, machine: str | None, more: int) -> None:
        for _ in range(more):
            number = next(self.numbers)
            moment = at(f"2026-11-{day}T10:00:00") + timedelta(seconds=number)
            activity = Activity(f"a{number}", name, moment, {}, machine)
            assert self.ledger.record_activity(self.account, self.audience, who, activity)
            self.activities.append((who, activity.id))
        self._listen()

    @precondition(lambda self: self.activities)
    @rule(pick=st.integers(0, 1000))
    def activity_turns_out_to_be_a_machines(self, pick: int) -> None:
        who, activity = self.activities[pick % len(self.activities)]
        self.evidence.mark_machine(ContactRef(self.account, self.audience, who), activity, "too_fast")
        self._listen()

    @rule(
        id_=st.sampled_from(["1", "2"]),
        email=st.sampled_from([ADA, ADA, BOB]),
        placed_at=st.sampled_from([PLACED[0], *PLACED]),
        total=st.sampled_from([0, 500, 1000, 1999]),
        state=st.sampled_from(["paid", "paid", "paid", "pending", "cancelled"]),
        refunds=st.sampled_from([{}, {}, {"a": 300}, {"a": 1999}]),
    )
    def order_changes(self, id_: str, email: str, state: str, refunds: dict[str, int], **facts: Any) -> None:
        known = revision(NOW + timedelta(seconds=next(self.numbers)), None, OrderState(state), sum(refunds.values()))
        order = Order(
            id=id_,
            currency="EUR",
            state=OrderState(state),
            revision=known,
            refunds=refunds,
            buyer=Buyer(None, email),
            **facts,
        )
        self.ledger.record_order(self.store, order, self.ledger.owners_of(self.store, [id_]).get(id_))
        self._listen()

    @rule(id_=st.sampled_from(["1", "2"]), refund=st.sampled_from(["a", "b"]), amount=st.sampled_from([100, 450]))
    def money_is_returned(self, id_: str, refund: str, amount: int) -> None:
        if self.ledger.owners_of(self.store, [id_]):
            self.ledger.record_refund(self.store, Refund(id_, refund, amount))
            self._listen()

    @rule(
        who=st.sampled_from(sorted(PEOPLE)),
        kind=st.sampled_from([ADD, SUBTRACT, SET, REMOVE]),
        points=st.sampled_from([0, 1, 12, HIGHEST - 5]),
    )
    def somebody_changes_a_score(self, who: str, kind: EffectKind, points: int) -> None:
        number = next(self.numbers)
        points = 0 if kind is REMOVE else points
        change = Change(f"person:{number}", NOW + timedelta(seconds=number), Effect(kind, points), by="ada")
        self.changes[change.subject] = (kind.value, points)
        self._start(lambda: self._change(who, change))

    @rule()
    def scores_are_reset(self) -> None:
        self.workspace.reset_scores(self.account, self.audience)

    @rule(
        points=st.sampled_from([4, 6, 2_000_000]),
        enabled=st.sampled_from([True, True, False]),
        kind=st.sampled_from([PER_UNIT, PER_UNIT, ADD]),
    )
    def a_rule_is_edited(self, points: int, enabled: bool, kind: EffectKind) -> None:
        known = self.rules.rule(self.account, self.audience, EDITED.id)
        assert known
        self._save(replace(known, enabled=enabled, effect=Effect(kind, points)))

    @rule(length=st.integers(1, 8))
    def stream_delivers(self, length: int) -> None:
        if self.loose and self.records:
            self._deliver(self.random.randrange(len(self.records)), length)
        elif not self.deliveries and self.position < len(self.records):
            self._deliver(self.position, length)

    @rule(back=st.integers(1, 12))
    def stream_is_read_again(self, back: int) -> None:
        if not self.deliveries:
            self.position = max(self.position - back, 0)

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

    @rule(
        operation=st.sampled_from(sorted(FAULTS)),
        when=st.sampled_from(["before", "after"]),
        how=st.sampled_from(["fails", "killed"]),
    )
    def next_request_goes_wrong(self, operation: str, when: str, how: str) -> None:
        self.fault = (operation, when, how)

    @invariant()
    def profiles_and_entries_agree(self) -> None:
        items = self.stage.items(self.stage.tables.contacts, self.account)
        entries = Counter(item["pk"]["S"] for item in items if item["sk"]["S"].startswith("score#"))
        for item in items:
            if item["sk"]["S"] == "profile":
                assert int(item.get("score_seq", {"N": "0"})["N"]) == entries[item["pk"]["S"]]
                assert 0 <= int(item.get("score", {"N": "0"})["N"]) <= HIGHEST

    def teardown(self) -> None:
        try:
            self._finish()
            self._compare()
        finally:
            self.turns.close()
            self.monkeypatch.undo()

    # ---- How it is done ----------------------------------------------------------------------------------------------

    def _before(self, operation: str) -> None:
        self.turns.pause(operation)
        self._go_wrong(operation, "before")

    def _after(self, operation: str) -> None:
        self._go_wrong(operation, "after")

    def _go_wrong(self, operation: str, when: str) -> None:
        if self.turns.current and self.fault and self.fault[:2] == (operation, when):
            how, self.fault = self.fault[2], None
            if how == "killed":
                raise Killed
            raise FAULTS[operation] if when == "before" else client_error("InternalServerError")

    def _save(self, changed: ScoringRule) -> None:
        assert self.rules.save(self.account, self.audience, changed)
        self.versions[changed.id].append(changed)

    def _change(self, who: str, change: Change) -> None:
        """What a person asked for, and asks for again as long as there is no answer."""
        while True:
            try:
                audience = self.workspace.audience(self.account, self.audience)
                assert audience
                known = self.scores.read(self.account, self.audience, audience.score_epoch, who)
                assert known
                apply(self.scores, known, [change], [], pause=lambda _: None)
            except (ClientError, Busy, Killed):
                continue
            return

    def _deliver(self, start: int, length: int) -> None:
        batch = self.records[start : start + length]
        turn = self._start(lambda: self._consume(start, batch))
        self.deliveries[turn] = (start, start + len(batch))

    def _consume(self, start: int, batch: Records) -> int:
        """Deliver a batch; gives the place from where it has to come again, its end if all is done."""
        try:
            failed = set(self.consume(batch))
        except Killed:
            return start
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        return start + next((place for place, number in enumerate(numbers) if number in failed), len(batch))

    def _start(self, work: Callable[[], Any]) -> Turn:
        turn = self.turns.start(work)
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
        if turn.done:
            done = turn.finish()
            if turn in self.deliveries:
                start, _ = self.deliveries.pop(turn)
                self.position = done
                self.undelivered -= set(range(start, done))

    def _listen(self) -> None:
        """Take in what the stream has to tell of facts."""
        for record in self.stage.records[self.records_seen :]:
            sk = record["dynamodb"]["Keys"]["sk"]["S"]
            if sk.startswith(("order#", "activity#")):
                self.undelivered.add(len(self.records))
                self.records.append(record)
        self.records_seen = len(self.stage.records)

    def _busy(self) -> list[Turn]:
        self.work = [turn for turn in self.work if not turn.done]
        return self.work

    def _finish(self) -> None:
        """Deliver and do everything; in loose play in any order."""
        while (busy := self._busy()) or self.undelivered or self._reads_on():
            if busy:
                going = [turn for turn in busy if self.steps_to_stall[turn] > 0] or busy
                self._step(self.random.choice(going), self.random.choice([1, 2, 5, 30]))
            elif self.loose:
                self._deliver(self.random.choice(sorted(self.undelivered)), self.random.randint(1, 8))
            else:
                self.position = min(self.position, *self.undelivered, len(self.records))
                self._deliver(self.position, self.random.randint(1, 8))

    def _reads_on(self) -> bool:
        """Who reads again from an earlier place goes on to the end."""
        return not self.loose and self.position < len(self.records)

    # ---- What must be true -------------------------------------------------------------------------------------------

    def _compare(self) -> None:
        items = self.stage.items(self.stage.tables.contacts, self.account)
        entries = lines(items)
        profiles = {item["pk"]["S"].split("#")[2]: item for item in items if item["sk"]["S"] == "profile"}
        now = self.workspace.audience(self.account, self.audience)
        assert now
        for contact, profile in profiles.items():
            own = [it for it in self.records if it["dynamodb"]["Keys"]["pk"]["S"].split("#")[2] == contact]
            events = [event for record in own for event in heard(record)]
            told = recount(entries.get(contact, []), events, self.versions, self.changes)
            read = self.scores.read(self.account, self.audience, now.score_epoch, contact)
            assert read
            assert read.state.seq == told.seq
            if told.seq:
                assert int(profile["score_epoch"]["N"]) == told.epoch
                assert (int(profile["score"]["N"]) if "score" in profile else None) == told.score
                assert ("score_pk" in profile) == (told.score is not None)
            assert read.state.points == (told.score if told.epoch == now.score_epoch else None)
            self._check_that_nothing_is_missing(entries.get(contact, []), events)
            if not self.loose and told.epoch == now.score_epoch:
                for steady in STEADY:
                    self._check_what_was_taken_back(steady, events, told)

    def _check_that_nothing_is_missing(self, entries: Collection[Line], events: Collection[Event]) -> None:
        by_hand = [line.subject for line in entries if line.rule == "person"]
        assert len(by_hand) == len(set(by_hand))
        fired = Counter((line.subject, line.cause, line.activity, line.rule) for line in entries if not line.corrects)
        assert all(times == 1 for times in fired.values())
        for steady in STEADY:
            named = [it for it in events if it.activity == steady.activity and it.what in ("did", "placed", "refunded")]
            named = [it for it in named if steady.counts_machines or not it.machine]
            if steady.frequency_cap:
                happened = Counter(window(steady, it.at) for it in named)
                counted = Counter(
                    window(steady, line.subject_at) for line in entries if line.rule == steady.id and not line.corrects
                )
                for name, times in happened.items():
                    assert counted[name] >= min(times, steady.frequency_cap.times)
            else:
                for it in named:
                    assert fired[it.subject, it.cause, it.activity, steady.id] == 1

    @staticmethod
    def _check_what_was_taken_back(steady: ScoringRule, events: Collection[Event], told: Recount) -> None:
        last = {(it.subject, it.at): it for it in events if it.activity == steady.activity and it.what != "refunded"}
        for (subject, moment), event in last.items():
            left = told.left(subject, moment, steady.id)
            if event.what == "gone" or (event.what == "judged" and not steady.counts_machines):
                assert left == 0
            elif steady.effect.kind is PER_UNIT:
                assert 0 <= left <= steady.effect.points * event.units[1]


def run_machine(make_stage: Callable[[], Stage], *, max_examples: int, steps: int) -> None:
    factory: Any = lambda: ScoringMachine(make_stage())  # noqa: E731
    run_state_machine_as_test(factory, settings=settings(max_examples=max_examples, stateful_step_count=steps))


@pytest.mark.slow
def test_scores_equal_a_recount() -> None:
    run_machine(MemoryStage, max_examples=100, steps=40)


@pytest.mark.dynamodb_local
def test_scores_equal_a_recount_on_dynamodb_local(dynamodb_local_tables: Database) -> None:
    stage = WatchedStage(dynamodb_local_tables)
    run_machine(lambda: stage, max_examples=5, steps=15)
