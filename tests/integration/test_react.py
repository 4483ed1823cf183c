"""Runs of automations begin once for each crossing: told three times, by workers who are killed at every request."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from laurel.model.account import Store
from laurel.model.automation import (
    MOST_RUNS_A_DAY,
    Automation,
    ConsentIs,
    FirstPurchaseMade,
    HasTag,
    LocaleIs,
    MetricBetween,
    RankEnters,
    RankLeaves,
    Repeat,
    Run,
    RunState,
    ScoreBetween,
    ScoreEnters,
    ScoreFallsUnder,
    ScoreReaches,
    Silent,
    Slipping,
    TagAdded,
    run_id,
    run_subject,
)
from laurel.model.automation_state import GuardReason
from laurel.model.contact import ConsentStatus, ContactRef
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.scoring import Change, Effect, EffectKind
from laurel.model.signal import AlertRaised, Existing, FellSilent, Pulse, RankMoved, Signal
from laurel.scoring.apply import apply
from laurel.scoring.pulses import KeptPulse
from laurel.store.contact_stream import TAGGED_BY, TAGGED_VERSION
from laurel.store.contacts import Contacts
from laurel.store.dynamodb import attributes
from laurel.store.pulses import KeptPulses
from laurel.store.rankings import Rankings
from laurel.store.scores import Scores
from laurel.store.signals import Signals
from laurel.store.workspace import Workspace
from tests.support.api import stream_event
from tests.support.automating import Listener, an_audience, an_automation, is_let_through
from tests.support.memory import client_error
from tests.support.samples import ADA_ID, AUDIENCE, STORE, a_contact, a_row, at
from tests.support.stage import MemoryStage
from tests.support.tables import Database
from tools.react_again import records_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.integration

TOLD_AT = at("2026-11-22T10:00:00")
SPENT, RUNNING = Metric.TOTAL_SPENT, TimeFrame.MONTH_TO_DATE


class Killed(BaseException):
    """The worker's time is up."""


class Watched:
    """A client that tells of each request, before it is made and after it was."""

    def __init__(self, real: DynamoDBClient) -> None:
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None
        self._real = real

    def __getattr__(self, operation: str) -> Any:
        real = getattr(self._real, operation)

        def asked(**request: Any) -> Any:
            self.before(operation)
            answer = real(**request)
            self.after(operation)
            return answer

        return asked


class Scene:
    """An audience with one contact, and a listener to what happens to her."""

    def __init__(self, database: Database, client: Watched, listener: Listener, store: Store) -> None:
        self.client, self.listener, self.store = client, listener, store
        self._database = database
        self._plain, self._contacts = database.client, database.tables.contacts
        self.ref = ContactRef(store.account_id, AUDIENCE, ADA_ID)
        self.workspace = Workspace(database.client, database.tables.workspace)
        self.workspace.save_audience(an_audience(store.account_id))
        self.workspace.save_store(store)
        self.people = Contacts(database.client, database.tables.contacts)
        self.scores = Scores(database.client, database.tables.contacts)
        self.signals = Signals(database.client, database.tables.contacts)
        self.pulses = KeptPulses(database.client, database.tables.contacts)
        self.rankings = Rankings(database.client, database.tables.rankings)
        assert self.people.save(self.ref.account_id, AUDIENCE, a_contact(seen_at=TOLD_AT))
        self._seen: dict[tuple[str, str], Any] = {}
        self._numbers = itertools.count(1)
        self.told()

    def let_live(self) -> None:
        """Nobody is killed any more."""
        self.client.before = self.client.after = lambda _: None
        self.listener.queue.before = lambda: None

    def another(self, name: str) -> Scene:
        """The same in another account."""
        store = replace(self.store, account_id=f"{self.store.account_id}-{name}")
        return Scene(self._database, self.client, self.listener, store)

    def automate(self, *automations: Automation) -> None:
        for it in automations:
            assert self.listener.automations.save(replace(it, account_id=self.ref.account_id))

    def score(self, points: int | None, subject: str | None = None, when: datetime = TOLD_AT) -> None:
        """Somebody sets the score."""
        contact = self.scores.read(self.ref.account_id, AUDIENCE, 1, ADA_ID)
        assert contact
        effect = Effect(EffectKind.REMOVE) if points is None else Effect(EffectKind.SET, points)
        assert apply(self.scores, contact, [Change(subject or f"person:{next(self._numbers)}", when, effect)], ())

    def tag(self, *tags: str, run: str | None = None) -> None:
        """The contact has these tags from now on."""
        known = self.people.contact(self.ref.account_id, AUDIENCE, ADA_ID)
        assert known
        after = replace(known, tags=tags, version=known.version + 1)
        assert self.people.save(self.ref.account_id, AUDIENCE, after)
        if run:
            self._plain.update_item(
                TableName=self._contacts,
                Key=attributes({"pk": f"{self.ref.account_id}#{AUDIENCE}#{ADA_ID}", "sk": "profile"}),
                UpdateExpression=f"SET {TAGGED_BY} = :run, {TAGGED_VERSION} = :version",
                ExpressionAttributeValues=attributes({":run": run, ":version": after.version}),
            )

    def ranked(self, before: int | None, after: int | None, hour: int = 0) -> None:
        signal = RankMoved(TOLD_AT + timedelta(hours=hour), self.store.id, SPENT, RUNNING, "2026-11", before, after)
        self.signals.put(self.ref, signal)

    def told(self) -> list[dict[str, Any]]:
        """What the stream tells of since this was asked last, an item's last image only."""
        answer = self._plain.query(
            TableName=self._contacts,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=attributes({":pk": f"{self.ref.account_id}#{AUDIENCE}#{ADA_ID}"}),
            ConsistentRead=True,
        )
        items: dict[tuple[str, str], Any] = {(it["pk"]["S"], it["sk"]["S"]): it for it in answer["Items"]}
        changed = [item for key, item in items.items() if self._seen.get(key) != item]
        records: list[dict[str, Any]] = stream_event(changed, self._seen)["Records"]
        for record in records:
            record["dynamodb"]["ApproximateCreationDateTime"] = TOLD_AT.timestamp()
        self._seen = items
        return records

    def hear(self, records: list[dict[str, Any]] | None = None) -> list[str]:
        return self.listener.hear(self.told() if records is None else records)

    def runs(self, automation: str | None = None) -> list[Run]:
        return self.listener.runs_of(self.ref, automation)

    def sent(self) -> Counter[str]:
        """How often each run's message was sent."""
        return Counter(run for ref, run in self.listener.queue.sent if ref == self.ref)


@pytest.fixture
def scene(database: Database, monkeypatch: pytest.MonkeyPatch, store: Store) -> Scene:
    return a_scene(database, monkeypatch, store)


def a_scene(database: Database, monkeypatch: pytest.MonkeyPatch, store: Store) -> Scene:
    client = Watched(database.client)
    listener = Listener(monkeypatch, Database(cast("DynamoDBClient", client), database.tables))
    return Scene(database, client, listener, store)


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
    kill_at_every_request(trigger, moment, scene_in_memory)


@pytest.mark.parametrize(("trigger", "moment"), [("score falls", "before"), ("rank enters", "after")])
def test_nor_does_it_elsewhere(trigger: str, moment: str, scene: Scene) -> None:
    kill_at_every_request(trigger, moment, scene, step=7)


def kill_at_every_request(trigger: str, moment: str, first: Scene, step: int = 1) -> None:
    """Have a worker killed at its first request, then so many requests later, until it is done before that."""
    given, happens, crossings = EVERY_TRIGGER[trigger]
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

        # Then there is one run for each crossing, and its message was sent
        scene.let_live()
        runs = scene.runs()
        assert len(runs) == crossings, f"killed {moment} request {request}"
        assert scene.sent().keys() == {it.id for it in runs}
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


# ---- What counts -----------------------------------------------------------------------------------------------------


def test_once_is_once(scene: Scene) -> None:
    scene.automate(an_automation(repeat=Repeat.ONCE))
    for points in (100, 50, 100, 50, 100):
        scene.score(points)
        scene.hear()

    assert len(scene.runs()) == 1


def test_hysteresis_is_remembered_between_batches(scene: Scene) -> None:
    scene.automate(an_automation(hysteresis=10))
    for points in (100, 99, 100, 95, 101, 90, 100):
        scene.score(points)
        scene.hear()

    assert len(scene.runs()) == 2


def test_what_a_transaction_wrote_may_be_heard_backwards(scene: Scene) -> None:
    # Given a score that reached a hundred, fell, and reached it again
    scene.automate(an_automation(hysteresis=10))
    for points in (100, 50, 100):
        scene.score(points)

    # When that is heard from its end
    scene.hear(scene.told()[::-1])

    # Then it counts twice all the same
    assert len(scene.runs()) == 2


def test_history_starts_nothing_unless_asked(scene: Scene) -> None:
    old = TOLD_AT - timedelta(days=8)
    scene.automate(an_automation("now", hysteresis=5), an_automation("always", hysteresis=5, counts_history=True))
    scene.score(100, when=old)
    scene.hear()
    assert [it.automation_id for it in scene.runs()] == ["always"]

    # But it is remembered: a score that trembles since does not count
    scene.score(99)
    scene.score(100)
    scene.hear()
    assert scene.runs("now") == []
    scene.score(95)
    scene.score(100)
    scene.hear()
    assert len(scene.runs("now")) == 1


def test_a_first_purchase_of_long_ago_starts_nothing(scene: Scene) -> None:
    # As of those who had bought before this was kept
    scene.automate(an_automation(trigger=FirstPurchaseMade()))
    kept = KeptPulse(at("2025-01-01T10:00:00"), TOLD_AT)
    assert scene.pulses.put(scene.ref, Pulse.PURCHASE, kept, None)
    scene.hear()

    assert scene.runs() == []


def test_one_that_is_paused_starts_nothing(scene: Scene) -> None:
    scene.automate(an_automation(enabled=False, hysteresis=5))
    scene.score(100)
    records = scene.told()
    scene.hear(records)

    # Nor once it is enabled, for what it heard of before
    (it,) = scene.listener.automations.automations(scene.ref.account_id, AUDIENCE)
    assert scene.listener.automations.save(replace(it, enabled=True, enabled_at=TOLD_AT + timedelta(minutes=1)))
    scene.hear(records)
    assert scene.runs() == []


def test_what_was_told_before_it_was_enabled_starts_nothing(scene: Scene) -> None:
    scene.automate(
        an_automation("late", enabled_at=TOLD_AT + timedelta(seconds=1)), an_automation("there", enabled_at=TOLD_AT)
    )
    scene.score(100)
    scene.hear()

    assert [it.automation_id for it in scene.runs()] == ["there"]


def test_nobody_who_was_erased_sets_anything_off(scene: Scene) -> None:
    scene.automate(an_automation())
    scene.score(100)
    records = scene.told()
    version = scene.people.contact(scene.ref.account_id, AUDIENCE, ADA_ID)
    assert version
    came_back = replace(version, erased_at=TOLD_AT + timedelta(seconds=2), version=version.version + 1)
    assert scene.people.save(scene.ref.account_id, AUDIENCE, came_back)
    scene._plain.update_item(
        TableName=scene._contacts,
        Key=attributes({"pk": f"{scene.ref.account_id}#{AUDIENCE}#{ADA_ID}", "sk": "profile"}),
        UpdateExpression="SET erased_at = :at",
        ExpressionAttributeValues=attributes({":at": round((TOLD_AT.timestamp() + 2) * 1000)}),
    )

    assert scene.hear(records) == []
    assert scene.runs() == []


def test_an_audience_without_automations_costs_one_reading(scene: Scene) -> None:
    scene.score(100)
    records = scene.told()
    asked: list[str] = []
    scene.client.before = asked.append

    assert scene.hear(records) == []
    assert asked == ["query"]


def test_what_no_automation_listens_to_costs_no_more_than_that(scene: Scene) -> None:
    scene.automate(an_automation(), an_automation("a2", TagAdded("vip")))
    scene.score(50)
    records = scene.told()
    asked: list[str] = []
    scene.client.before = asked.append

    assert scene.hear(records) == []
    assert asked == ["query", "get_item"]


# ---- Conditions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (ConsentIs(frozenset({ConsentStatus.SUBSCRIBED})), "consent"),
        (HasTag("vip"), "tag"),
        (LocaleIs(frozenset({"pt"})), "locale"),
        (ScoreBetween(least=101), "score"),
        (MetricBetween(STORE, SPENT, RUNNING, least=1), "metric"),
    ],
)
def test_a_run_whose_conditions_do_not_hold_is_kept_with_the_reason(condition: Any, reason: str, scene: Scene) -> None:
    scene.automate(an_automation(conditions=(condition,), repeat=Repeat.ONCE))
    scene.score(100)
    scene.hear()

    (run,) = scene.runs()
    assert (run.state, run.reason) == (RunState.SKIPPED, reason)
    assert scene.sent() == {}

    # It does not count as the one time that there is
    scene.score(50)
    scene.score(100)
    scene.hear()
    assert len(scene.runs()) == 2


def test_a_run_whose_conditions_hold_begins(scene: Scene) -> None:
    scene.rankings.put_row(scene.store, a_row(ADA_ID, 2, 5_000))
    scene.tag("vip")
    conditions = (
        ConsentIs(frozenset({ConsentStatus.NON_SUBSCRIBED})),
        HasTag("vip"),
        HasTag("gone", has=False),
        ScoreBetween(100, 100),
        MetricBetween(STORE, SPENT, RUNNING, 5_000, 5_000),
        MetricBetween(STORE, Metric.AVERAGE_ORDER_VALUE, RUNNING, 2_500, 2_500),
        MetricBetween(STORE, Metric.ORDERS_COUNT, TimeFrame.LAST_MONTH, most=0),
    )
    scene.automate(an_automation(conditions=conditions))
    scene.score(100)
    scene.hear()

    (run,) = scene.runs()
    assert run.state is RunState.WAITING
    assert run.cause == {"kind": "score", "at": "2026-11-22T10:00:00.000+00:00", "after": 100}


# ---- The guard -------------------------------------------------------------------------------------------------------


def test_two_automations_that_set_each_other_off_are_stopped_and_reported(scene: Scene) -> None:
    # Given one that takes points from who reaches a hundred, and one that gives points to who falls under sixty
    taking = an_automation("taking", ScoreReaches(100))
    giving = an_automation("giving", ScoreFallsUnder(60))
    scene.automate(taking, giving)
    done: set[str] = set()
    scene.score(100)

    # When both do what they do, for as long as they do it
    for _ in range(10):
        scene.hear()
        for it in scene.runs():
            if it.state is RunState.WAITING and it.id not in done:
                done.add(it.id)
                scene.score(50 if it.automation_id == "taking" else 110, run_subject(it.id, 0))

    # Then the third run is stopped, tells why, and is told of at its automation
    taken, given, stopped = sorted(scene.runs(), key=lambda it: len(it.chain))
    assert (taken.chain, given.chain) == (("taking",), ("taking", "giving"))
    assert (stopped.automation_id, stopped.state, stopped.reason) == ("taking", RunState.STOPPED, "loop")
    assert stopped.chain == ("taking", "giving", "taking")
    (report,) = scene.listener.automations.reports(scene.ref.account_id, AUDIENCE).values()
    assert (report.reason, report.contact, report.run, report.times) == (GuardReason.LOOP, ADA_ID, stopped.id, 1)
    assert report.chain == stopped.chain
    assert scene.listener.counted["AutomationLoops"] == 1
    assert scene.listener.counted["RunsBegun"] == 2


def test_a_loop_over_tags_is_found_too(scene: Scene) -> None:
    scene.automate(an_automation("tagging", ScoreReaches(100)), an_automation("scoring", TagAdded("vip")))
    scene.score(100)
    scene.hear()
    (first,) = scene.runs()
    scene.tag("vip", run=first.id)
    scene.hear()
    second = scene.runs("scoring")[0]
    assert second.chain == ("tagging", "scoring")
    scene.score(10, run_subject(second.id, 0))
    scene.score(100, run_subject(second.id, 1))
    scene.hear()

    assert [it.state for it in sorted(scene.runs("tagging"), key=lambda it: len(it.chain))] == [
        RunState.WAITING,
        RunState.STOPPED,
    ]


def test_a_chain_that_does_not_come_back_goes_on(scene: Scene) -> None:
    scene.automate(an_automation("first", ScoreReaches(100)), an_automation("second", ScoreFallsUnder(60)))
    scene.score(100)
    scene.hear()
    (run,) = scene.runs()
    scene.score(50, run_subject(run.id, 0))
    scene.hear()

    assert scene.runs("second")[0].state is RunState.WAITING


def test_a_contact_has_so_many_runs_of_an_automation_a_day(scene: Scene) -> None:
    scene.automate(an_automation())
    for _ in range(MOST_RUNS_A_DAY + 2):
        scene.score(100)
        scene.score(50)
    records = scene.told()
    scene.hear(records)
    scene.hear(records)
    scene.hear()

    states = Counter((it.state, it.reason) for it in scene.runs())
    assert states == {(RunState.WAITING, None): MOST_RUNS_A_DAY, (RunState.STOPPED, "too_often"): 2}
    (report,) = scene.listener.automations.reports(scene.ref.account_id, AUDIENCE).values()
    assert report.reason is GuardReason.TOO_OFTEN


def test_a_report_that_was_lost_is_made_good(scene: Scene) -> None:
    # Given a worker who is killed before it can tell that a run was stopped
    scene.automate(an_automation())
    scene.score(100)
    scene.hear()
    (run,) = scene.runs()
    scene.score(50)
    scene.score(100, run_subject(run.id, 0))
    scene.hear()
    records = scene.told()

    def die(operation: str) -> None:
        if operation == "update_item":
            raise Killed

    scene.client.before = die
    with pytest.raises(Killed):
        scene.hear(records)
    scene.client.before = lambda _: None

    # Then it is told of when the record comes again, once
    for _ in range(2):
        scene.hear(records)
    (report,) = scene.listener.automations.reports(scene.ref.account_id, AUDIENCE).values()
    assert report.times == 1


# ---- Those who meet it already ---------------------------------------------------------------------------------------


def test_who_meets_it_already_is_included_once(scene: Scene) -> None:
    it = replace(an_automation(repeat=Repeat.ONCE), account_id=scene.ref.account_id)
    signal: Signal = Existing(TOLD_AT, "activation1")
    for _ in range(3):
        scene.listener.reactor.include(an_audience(scene.ref.account_id), it, scene.ref, cast("Existing", signal))

    (run,) = scene.runs()
    assert run.id == run_id("a1", signal)
    assert run.cause["kind"] == "existing"

    # And is not again by crossing
    scene.automate(it)
    scene.score(100)
    scene.hear()
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
