"""Whatever happens in whatever order, and whoever is killed, each crossing has one run when all has come to rest.

The real function and the real storage code run against a plain count. Scores, ranks and tags change; the Contacts'
stream is delivered in batches, in order, from where the last one failed, and now and then again, in any order. Requests
fail and workers die, before or after a request took effect. At last the automations may listen to something else, or be
deleted: each run that began by then has its message all the same.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from laurel.model.automation import (
    Automation,
    RankEnters,
    RankLeaves,
    Repeat,
    RunState,
    ScoreEnters,
    ScoreFallsUnder,
    ScoreReaches,
    TagAdded,
)
from laurel.model.contact import ContactRef
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.scoring import Change, Effect, EffectKind
from laurel.model.signal import RankMoved
from laurel.scoring.apply import apply
from laurel.store.contacts import Contacts
from laurel.store.scores import Scores
from laurel.store.signals import Signals
from laurel.store.workspace import Workspace
from tests.support.automating import Listener, an_audience, an_automation, is_let_through
from tests.support.faults import client_error
from tests.support.samples import ACCOUNT, ADA_ID, AUDIENCE, STORE, a_contact
from tests.support.stage import MemoryStage
from tests.support.tables import Database

TOLD_AT = datetime.fromtimestamp(1_795_312_579, UTC)
"""When all that the tables in memory keep was written."""

BOARD = (STORE, Metric.TOTAL_SPENT, TimeFrame.MONTH_TO_DATE)
AUTOMATIONS = [
    an_automation("rises", ScoreReaches(100)),
    an_automation("rises far", ScoreReaches(100), hysteresis=10),
    an_automation("falls", ScoreFallsUnder(100)),
    an_automation("falls far", ScoreFallsUnder(100), hysteresis=10),
    an_automation("enters", ScoreEnters(95, 105), hysteresis=3),
    an_automation("once", ScoreReaches(110), repeat=Repeat.ONCE),
    an_automation("ranks", RankEnters(*BOARD, 10), hysteresis=2),
    an_automation("loses", RankLeaves(*BOARD, 10)),
    an_automation("tagged", TagAdded("vip")),
]
ANYTHING = client_error("InternalServerError")
CONFLICT = client_error("TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}])
NEVER = 1_000_000


class Killed(BaseException):
    """The worker's time is up."""


class ReactMachine(RuleBasedStateMachine):
    """Things happen and are told of; at the end everything is told once more, and counted."""

    def __init__(self) -> None:
        super().__init__()
        self.monkeypatch = pytest.MonkeyPatch()
        self.stage = MemoryStage()
        client, tables = self.stage.client, self.stage.tables
        self.listener = Listener(self.monkeypatch, Database(client, tables))
        self.listener.queue.before = lambda: self.ask("send")
        self.people = Contacts(client, tables.contacts)
        self.scores = Scores(client, tables.contacts)
        self.signals = Signals(client, tables.contacts)
        self.ref = ContactRef(ACCOUNT, AUDIENCE, ADA_ID)
        Workspace(client, tables.workspace).save_audience(an_audience())
        assert self.people.save(ACCOUNT, AUDIENCE, a_contact(seen_at=TOLD_AT))
        for it in AUTOMATIONS:
            assert self.listener.automations.save(it)
        self.points: list[int | None] = [None]
        self.ranks: list[int | None] = [None]
        self.tags: list[frozenset[str]] = [frozenset()]
        self.heard = 0
        self.at_last = "they listen"
        self.asked, self.fault = 0, (NEVER, "kill", "before")

    @initialize(at_last=st.sampled_from(["they listen", "they listen", "other triggers", "deleted"]))
    def begin(self, at_last: str) -> None:
        self.at_last = at_last
        self.stage.before = self.ask
        self.stage.after = lambda operation: self.ask(operation, "after")

    def teardown(self) -> None:
        self.fault = (NEVER, "kill", "before")
        for it in self.listener.automations.automations(ACCOUNT, AUDIENCE):
            if self.at_last == "other triggers":
                assert self.listener.automations.save(replace(it, trigger=TagAdded("nobody's")))
            elif self.at_last == "deleted":
                assert self.listener.automations.delete(it)
        assert self.listener.hear(self.records()) == []
        assert self.listener.hear(self.records()) == [], "runs that began just now"
        self.count()
        self.monkeypatch.undo()

    # ---- What happens ------------------------------------------------------------------------------------------------

    @rule(changes=st.lists(st.one_of(st.none(), st.integers(84, 116)), min_size=1, max_size=4))
    def score(self, changes: list[int | None]) -> None:
        """Several changes of a score, in one transaction."""
        with self.undisturbed():
            contact = self.scores.read(ACCOUNT, AUDIENCE, 1, ADA_ID)
            assert contact
            steps = [
                Change(f"person:{len(self.points) + place}", TOLD_AT, _effect(it)) for place, it in enumerate(changes)
            ]
            apply(self.scores, contact, steps, ())
            self.points += changes

    @rule(rank=st.one_of(st.none(), st.integers(6, 15)))
    def rank(self, rank: int | None) -> None:
        with self.undisturbed():
            hour = TOLD_AT + timedelta(hours=len(self.ranks))
            moved = RankMoved(hour, *BOARD, "2026-11", self.ranks[-1], rank)
            assert self.signals.put(self.ref, moved)
            self.ranks.append(rank)

    @rule(tags=st.frozensets(st.sampled_from(["vip", "lamps"])))
    def tag(self, tags: frozenset[str]) -> None:
        with self.undisturbed():
            known = self.people.contact(ACCOUNT, AUDIENCE, ADA_ID)
            assert known
            assert self.people.save(
                ACCOUNT, AUDIENCE, replace(known, tags=tuple(sorted(tags)), version=known.version + 1)
            )
            self.tags.append(tags)

    @rule(
        at=st.integers(0, 12),
        how=st.sampled_from(["kill", "fail", "conflict"]),
        when=st.sampled_from(["before", "after"]),
    )
    def trouble(self, at: int, how: str, when: str) -> None:
        """Some request from now on fails, or is its worker's last."""
        self.asked, self.fault = 0, (at, how, when)

    # ---- What is told ------------------------------------------------------------------------------------------------

    @rule(size=st.integers(1, 6))
    def hear(self, size: int) -> None:
        """The next batch; from where it failed it comes again."""
        batch = self.records()[self.heard : self.heard + size]
        failed = self.tell(batch)
        if failed is not None:
            numbers = [it["dynamodb"]["SequenceNumber"] for it in batch]
            self.heard += min((numbers.index(it) for it in failed), default=len(batch))

    @rule(data=st.data())
    def hear_again(self, data: st.DataObject) -> None:
        """Some of what was delivered, and what was not yet, in any order."""
        records = self.records()
        if records:
            self.tell(data.draw(st.permutations(data.draw(st.lists(st.sampled_from(records), max_size=6)))))

    @invariant()
    def no_more_than_there_should_be(self) -> None:
        with self.undisturbed():
            for automation, begun in Counter(it.automation_id for it in self.listener.runs_of(self.ref)).items():
                assert begun <= self.expected()[automation], automation

    # ---- The plain count ---------------------------------------------------------------------------------------------

    def count(self) -> None:
        runs = self.listener.runs_of(self.ref)
        begun = Counter(it.automation_id for it in runs)
        assert begun == +self.expected() if self.at_last == "they listen" else begun <= self.expected()
        waiting = {it.id for it in runs if it.state is RunState.WAITING}
        assert {run for _, run in self.listener.queue.sent} == waiting

    def expected(self) -> Counter[str]:
        given = sum("vip" in after and "vip" not in before for before, after in itertools.pairwise(self.tags))
        found = Counter({"tagged": given})
        for it in AUTOMATIONS:
            if it.id != "tagged":
                found[it.id] = crossings(it, self.ranks if it.id in ("ranks", "loses") else self.points)
        return found

    # ---- Workings ----------------------------------------------------------------------------------------------------

    def records(self) -> list[dict[str, Any]]:
        told: Any = self.stage._database.records
        contacts = self.stage.tables.contacts
        return [it for it in told if it["table"] == contacts and is_let_through(it)]

    def tell(self, batch: Sequence[dict[str, Any]]) -> list[str] | None:
        try:
            return self.listener.hear(batch)
        except (Killed, ClientError):
            return None

    def ask(self, _operation: str, when: str = "before") -> None:
        at, how, moment = self.fault
        if when != moment:
            return
        self.asked += 1
        if self.asked > at:
            self.fault = (NEVER, how, moment)
            raise {"kill": Killed(), "fail": ANYTHING, "conflict": CONFLICT}[how]

    def undisturbed(self) -> Any:
        return _Undisturbed(self)


class _Undisturbed:
    """Nothing fails meanwhile."""

    def __init__(self, machine: ReactMachine) -> None:
        self._machine = machine

    def __enter__(self) -> None:
        self._fault, self._machine.fault = self._machine.fault, (NEVER, "kill", "before")

    def __exit__(self, *_: object) -> None:
        self._machine.fault = self._fault


def _effect(points: int | None) -> Effect:
    return Effect(EffectKind.REMOVE) if points is None else Effect(EffectKind.SET, points)


def crossings(it: Automation, values: Sequence[int | None]) -> int:
    """How often it fires by the book: one value after another, armed or not."""
    armed, times, back = True, 0, it.hysteresis
    for before, after in itertools.pairwise(values):
        beyond = [_is_beyond(it, value) for value in (before, after)]
        if beyond[1] and not beyond[0] and armed:
            times, armed = times + 1, it.hysteresis == 0
        armed = armed or _is_back(it, after, back)
    return min(times, 1) if it.repeat is Repeat.ONCE else times


def _is_beyond(it: Automation, value: int | None) -> bool:
    match it.trigger:
        case ScoreReaches(points):
            return value is not None and value >= points
        case ScoreFallsUnder(points):
            return value is None or value < points
        case ScoreEnters(least, most):
            return value is not None and least <= value <= most
        case RankEnters(_, _, _, first):
            return value is not None and value <= first
        case RankLeaves(_, _, _, first):
            return value is None or value > first
    raise AssertionError


def _is_back(it: Automation, value: int | None, back: int) -> bool:
    match it.trigger:
        case ScoreReaches(points):
            return value is None or value <= points - back
        case ScoreFallsUnder(points):
            return value is not None and value >= points + back
        case ScoreEnters(least, most):
            return value is None or value <= least - back or value >= most + back
        case RankEnters(_, _, _, first):
            return value is None or value >= first + back
    return True


def test_each_crossing_has_one_run() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        ReactMachine, settings=settings(max_examples=20, stateful_step_count=25, deadline=None)
    )
