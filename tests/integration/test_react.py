"""Runs of automations begin once for each crossing: told three times, by workers who are killed at every request."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.automation import (
    FirstPurchaseMade,
    RankEnters,
    RankLeaves,
    RunState,
    ScoreEnters,
    ScoreFallsUnder,
    ScoreReaches,
    Silent,
    Slipping,
    TagAdded,
)
from laurel.model.signal import AlertRaised, FellSilent, Pulse
from laurel.scoring.pulses import KeptPulse
from tests.support.automating import an_automation, is_let_through
from tests.support.faults import client_error
from tests.support.samples import ADA_ID, AUDIENCE, STORE, at
from tests.support.scene import RUNNING, SPENT, TOLD_AT, Killed, Scene, a_scene
from tests.support.stage import MemoryStage
from tests.support.tables import Database
from tools.react_again import records_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from laurel.model.account import Store

pytestmark = pytest.mark.integration


@pytest.fixture
def scene(database: Database, monkeypatch: pytest.MonkeyPatch, store: Store) -> Scene:
    return a_scene(database, monkeypatch, store)


# ---- Every trigger ---------------------------------------------------------------------------------------------------


def _score(*points: int | None) -> Callable[[Scene], Iterator[None]]:
    def happens(scene: Scene) -> Iterator[None]:
        for it in points:
            scene.score(it)
            yield

    return happens


def _ranks(*ranks: int | None) -> Callable[[Scene], Iterator[None]]:
    def happens(scene: Scene) -> Iterator[None]:
        for hour, pair in enumerate(itertools.pairwise(ranks)):
            scene.ranked(*pair, hour)
            yield

    return happens


def _tags(*tags: tuple[str, ...]) -> Callable[[Scene], Iterator[None]]:
    def happens(scene: Scene) -> Iterator[None]:
        for it in tags:
            scene.tag(*it)
            yield

    return happens


def _signals(*signals: Any) -> Callable[[Scene], Iterator[None]]:
    def happens(scene: Scene) -> Iterator[None]:
        for it in signals:
            scene.signals.put(scene.ref, it)
            yield

    return happens


def _bought(*days: str) -> Callable[[Scene], Iterator[None]]:
    def happens(scene: Scene) -> Iterator[None]:
        seen = None
        for it in days:
            kept = KeptPulse(at(days[0]), at(it))
            assert scene.pulses.put(scene.ref, Pulse.PURCHASE, kept, seen)
            seen = kept
            yield

    return happens


EVERY_TRIGGER: dict[str, tuple[Any, Callable[[Scene], Iterator[None]], int]] = {
    "score rises": (ScoreReaches(100), _score(99, 100, 150, 99, 100), 2),
    "score falls": (ScoreFallsUnder(100), _score(100, 99, 5, 101, None), 2),
    "score enters": (ScoreEnters(50, 60), _score(55, 49, 70, 60, 59), 2),
    "rank enters": (RankEnters(STORE, SPENT, RUNNING, 10), _ranks(None, 10, 11, 3), 2),
    "rank leaves": (RankLeaves(STORE, SPENT, RUNNING, 10), _ranks(None, 10, 11, 3, None), 2),
    "tag added": (TagAdded("vip"), _tags(("vip",), ("lamps", "vip"), (), ("vip",)), 2),
    "silent": (
        Silent(Pulse.OPEN, 30),
        _signals(
            FellSilent(TOLD_AT, Pulse.OPEN, date(2026, 10, 23), 30),
            FellSilent(TOLD_AT, Pulse.OPEN, date(2026, 10, 23), 60),
            FellSilent(TOLD_AT, Pulse.OPEN, date(2026, 10, 22), 30),
        ),
        2,
    ),
    "first purchase": (FirstPurchaseMade(), _bought("2026-11-20T10:00:00", "2026-11-21T10:00:00"), 1),
    "slipping": (
        Slipping(frozenset({"overdue"})),
        _signals(
            AlertRaised(TOLD_AT, "overdue", "rule", STORE),
            AlertRaised(TOLD_AT, "left_first", "rule2", STORE),
            AlertRaised(TOLD_AT + timedelta(seconds=1), "overdue", "rule", STORE),
        ),
        2,
    ),
}


@pytest.mark.parametrize("trigger", EVERY_TRIGGER)
def test_every_crossing_begins_one_run(trigger: str, scene: Scene) -> None:
    # Given an automation, and things that happen, each told of three times
    given, happens, crossings = EVERY_TRIGGER[trigger]
    scene.automate(an_automation(trigger=given))
    heard: list[dict[str, Any]] = []
    for _ in happens(scene):
        records = scene.told()
        heard += records
        for _ in range(3):
            assert scene.hear(records) == []

    # When all of it is told once more
    assert scene.hear(heard) == []
    assert scene.hear() == []

    # Then each crossing has one run, whose message was sent
    runs = scene.runs()
    assert len(runs) == crossings
    assert {it.state for it in runs} == {RunState.WAITING}
    assert scene.sent().keys() == {it.id for it in runs}


@pytest.fixture
def scene_in_memory(monkeypatch: pytest.MonkeyPatch, store: Store) -> Scene:
    stage = MemoryStage()
    return a_scene(Database(stage.client, stage.tables), monkeypatch, store)


@pytest.mark.parametrize("trigger", EVERY_TRIGGER)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_who_is_killed_at_any_request_costs_nothing(trigger: str, moment: str, scene_in_memory: Scene) -> None:
    for request, life in killed_at_every_request(trigger, moment, scene_in_memory):
        assert len(life.runs()) == EVERY_TRIGGER[trigger][2], f"killed {moment} request {request}"
        assert life.sent().keys() == {it.id for it in life.runs()}


@pytest.mark.parametrize(("trigger", "moment"), [("score falls", "before"), ("rank enters", "after")])
def test_nor_does_it_elsewhere(trigger: str, moment: str, scene: Scene) -> None:
    for request, life in killed_at_every_request(trigger, moment, scene, step=7):
        assert len(life.runs()) == EVERY_TRIGGER[trigger][2], f"killed {moment} request {request}"
        assert life.sent().keys() == {it.id for it in life.runs()}


def killed_at_every_request(trigger: str, moment: str, first: Scene, step: int = 1) -> Iterator[tuple[int, Scene]]:
    """Have a worker killed at its first request, then so many requests later, until it is done before that.

    Gives the request and what is left, once all was told again.
    """
    given, happens, _ = EVERY_TRIGGER[trigger]
    for request in itertools.count(1, step):
        # Given a worker who is killed at that request
        scene = first.another(f"{moment}-{request}")
        scene.automate(an_automation(trigger=given, hysteresis=1))
        requests, killed = itertools.count(1), []

        def die(_operation: str = "", requests: Any = requests, killed: Any = killed, request: int = request) -> None:
            if next(requests) == request:
                killed.append(request)
                raise Killed

        setattr(scene.client, moment, die)
        if moment == "before":
            scene.listener.queue.before = die
        for _ in itertools.chain(happens(scene), ["its last run"]):
            records = scene.told()
            for _ in range(3):
                try:
                    assert scene.hear(records) == []
                except Killed:
                    continue
        scene.let_live()
        yield request, scene
        if not killed:
            break


def test_who_fails_comes_again_with_all_that_follows_and_holds_up_nobody(scene: Scene) -> None:
    # Given two crossings, the second of which cannot be kept
    scene.automate(an_automation())
    scene.score(100)
    scene.score(50)
    scene.score(100)
    records = scene.told()
    writes = itertools.count(1)

    def fail(operation: str) -> None:
        if operation == "transact_write_items" and next(writes) == 2:
            raise client_error("InternalServerError")

    scene.client.before = fail

    # Then it comes again; so does whatever else happened to her since
    failed = scene.hear(records)
    third = next(it for it in records if it["dynamodb"]["NewImage"].get("seq") == {"N": "3"})
    assert third["dynamodb"]["SequenceNumber"] in failed
    assert len(scene.runs()) == 1
    assert scene.hear([it for it in records if it["dynamodb"]["SequenceNumber"] in failed]) == []
    assert len(scene.runs()) == 2


@pytest.mark.parametrize("then", ["another trigger", "deleted", "deleted, and all others"])
def test_a_run_is_taken_up_whatever_became_of_its_automation(then: str, scene: Scene) -> None:
    # Given a worker who is killed right after a run began
    it, other = an_automation(), an_automation("other", TagAdded("vip"))
    scene.automate(it, other)
    scene.score(100)
    records = scene.told()

    def die(operation: str) -> None:
        if operation == "transact_write_items":
            raise Killed

    scene.client.after = die
    with pytest.raises(Killed):
        scene.hear(records)
    scene.let_live()
    (run,) = scene.runs()
    assert scene.sent() == {}

    # When its automation hears of something else by the time that all is told again, or is no more
    it, other = (
        replace(it, account_id=scene.ref.account_id, version=1),
        replace(other, account_id=scene.ref.account_id, version=1),
    )
    if then == "another trigger":
        assert scene.listener.automations.save(replace(it, trigger=TagAdded("lamps")))
    else:
        assert scene.listener.automations.delete(it)
    if then == "deleted, and all others":
        assert scene.listener.automations.delete(other)
    assert scene.hear(records) == []
    assert scene.hear() == []

    # Then its message is sent
    assert scene.runs() == [run]
    assert scene.sent() == {run.id: 1}


def test_a_run_whose_message_cannot_be_sent_is_told_again(scene: Scene) -> None:
    scene.automate(an_automation())
    scene.score(100)
    scene.hear()

    def fail() -> None:
        raise client_error("InternalServerError")

    scene.listener.queue.before = fail
    records = scene.told()
    assert scene.hear(records) == [it["dynamodb"]["SequenceNumber"] for it in records if is_let_through(it)]
    assert scene.listener.counted["RecordsNotReacted"] == 1


def test_a_record_that_nobody_can_read_is_reported(scene: Scene) -> None:
    scene.automate(an_automation())
    scene.score(100)
    records = scene.told()
    broken = {**records[0], "dynamodb": {**records[0]["dynamodb"], "SequenceNumber": "broken"}}
    broken["dynamodb"] = {name: it for name, it in broken["dynamodb"].items() if name != "NewImage"}
    broken["eventName"] = "INSERT"
    broken["dynamodb"]["Keys"] = {"pk": {"S": "a#b#c"}, "sk": {"S": "score#1"}}

    assert scene.hear([broken, *records]) == ["broken"]
    assert len(scene.runs()) == 1


# ---- Once more -------------------------------------------------------------------------------------------------------


def test_what_was_given_up_is_heard_of_again(scene: Scene, database: Database) -> None:
    # Given somebody of whom nothing was heard
    scene.automate(an_automation(hysteresis=5), an_automation("ranks", RankEnters(STORE, SPENT, RUNNING, 10)))
    for points in (100, 50, 100):
        scene.score(points)
    scene.ranked(None, 3)
    scene.signals.put(scene.ref, AlertRaised(TOLD_AT - timedelta(days=9), "overdue", "old", STORE))

    # When an operator has automations hear of her again
    partition = f"{scene.ref.account_id}#{AUDIENCE}#{ADA_ID}"
    for things in (4, 4 + 3):
        since = TOLD_AT - timedelta(days=2)
        records = list(records_of(database.client, database.tables.contacts, partition, since))
        assert len(records) == things
        assert scene.hear(records) == []

    # Then her runs begin, once, and are taken up
    assert Counter(it.automation_id for it in scene.runs()) == {"a1": 2, "ranks": 1}
    assert scene.sent() == {it.id: 1 for it in scene.runs()}
