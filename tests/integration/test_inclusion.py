"""Who meets a trigger already, on tables: found by dry runs, and included once, whoever is killed meanwhile."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.automation import inclusion
from laurel.automation.activation import new_inclusion
from laurel.automation.conditions import Conditions
from laurel.automation.existing import Meeting
from laurel.automation.inclusion import DryRun, Everyone, Include
from laurel.automation.react import Reactor
from laurel.leaderboard.snapshot import take
from laurel.model.account import Audience
from laurel.model.alert import Alert, AlertKind, AlertState, Lateness
from laurel.model.automation import (
    Automation,
    ConsentIs,
    FirstPurchaseMade,
    HasTag,
    MetricBetween,
    RankEnters,
    RankLeaves,
    Repeat,
    Run,
    RunState,
    ScoreEnters,
    ScoreFallsUnder,
    ScoreReaches,
    Silent,
    Slipping,
    Step,
    StepKind,
    TagAdded,
    Trigger,
)
from laurel.model.contact import ConsentStatus, ContactRef
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind, JobState
from laurel.model.period import TimeFrame
from laurel.model.ranking import Figures, Metric
from laurel.model.scoring import Change, Effect, EffectKind
from laurel.model.signal import Pulse
from laurel.scoring.apply import apply
from laurel.scoring.pulses import KeptPulse
from laurel.scoring.work import Chunk, Rest, Worker
from laurel.store.alerts import Alerts
from laurel.store.automation_items import decode_automation, encode_automation
from laurel.store.automations import Automations
from laurel.store.board_snapshots import BoardSnapshots
from laurel.store.contacts import Contacts
from laurel.store.jobs import Jobs
from laurel.store.pulses import KeptPulses
from laurel.store.rankings import Rankings
from laurel.store.runs import Runs
from laurel.store.score_lists import ScoreLists
from laurel.store.score_search import ScoreSearch
from laurel.store.scores import Scores
from laurel.store.seal import Seal
from laurel.store.workspace import Workspace
from tests.support.samples import NOW, a_contact, a_row, a_store
from tests.support.seals import FakeKMS
from tests.support.stage import MemoryStage, WatchedStage
from tests.support.tables import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.integration
_accounts = itertools.count()
SPENT = Metric.TOTAL_SPENT
NAMES = ("ada", "ben", "cleo", "dan", "eve")
IDS = {contact_id(f"{name}@example.com"): name for name in NAMES}
OF = {name: id_ for id_, name in IDS.items()}
DO = (Step(StepKind.ADD_TAG, {"tag": "regular"}),)


class Killed(BaseException):
    """The worker's process is no more."""


def _nothing(_operation: str) -> None:
    """Lets a request pass."""


class World:
    """An audience of five, and jobs that go through it.

    Its clock stands still but for jobs that rest, unless it ``ticks`` whenever somebody looks.
    """

    def __init__(self, database: Database) -> None:
        self.stage = WatchedStage(database)
        client, tables = self.stage.client, self.stage.tables
        self.now, self.ticks = NOW, timedelta(0)
        account = f"including-{next(_accounts)}"
        self.store = a_store(account_id=account)
        self.audience = Audience(account, self.store.audience_id, "Customers", 1, self.store.created_at)
        self.workspace = Workspace(client, tables.workspace)
        self.workspace.save_audience(self.audience)
        assert self.workspace.save_store(self.store)
        self.contacts = Contacts(client, tables.contacts)
        for name in NAMES:
            contact = a_contact(id=OF[name], email=f"{name}@example.com")
            assert self.contacts.save(account, self.audience.id, contact)
        self.jobs = Jobs(client, tables.workspace)
        self.automations = Automations(client, tables.workspace)
        self.runs = Runs(client, tables.contacts)
        self.scores = Scores(client, tables.contacts)
        self.rankings = Rankings(client, tables.rankings)
        self.pulses = KeptPulses(client, tables.contacts)
        self.alerts = Alerts(client, tables.workspace)
        self.snapshots = BoardSnapshots(client, tables.workspace, Seal(FakeKMS, "key"))
        self.kill: dict[str, Callable[[str], None]] = {"before": _nothing, "after": _nothing}

    # ---- What happens ------------------------------------------------------------------------------------------------

    def ref(self, name: str) -> ContactRef:
        return ContactRef(self.audience.account_id, self.audience.id, OF[name])

    def score(self, **points: int) -> None:
        """Give scores."""
        for name, given in points.items():
            known = self.scores.read(self.audience.account_id, self.audience.id, 1, OF[name])
            assert known
            assert apply(self.scores, known, [Change(f"person:{name}", NOW, Effect(EffectKind.SET, given))], ())

    def tag(self, tag: str, *names: str) -> None:
        """Give a tag."""
        for name in names:
            known = self.contacts.contact(self.audience.account_id, self.audience.id, OF[name])
            assert known
            tagged = replace(known, tags=(*known.tags, tag), version=known.version + 1)
            assert self.contacts.save(self.audience.account_id, self.audience.id, tagged)

    def spend(self, period: str = "all", **totals: int) -> None:
        """Write rows of a board."""
        for name, total in totals.items():
            self.rankings.put_row(self.store, a_row(OF[name], total_spent=total, period=period))

    def close(self, period: str, *, closed: bool, **totals: int) -> None:
        """Take a snapshot."""
        rows = [(OF[name], Figures(1, total, 1_700_000_000)) for name, total in totals.items()]
        assert self.snapshots.keep(take(self.store, period, rows, NOW, NOW, closed=closed))

    def bought(self, days_ago: int, name: str) -> None:
        """Somebody bought something last so many days ago."""
        at = NOW - timedelta(days=days_ago)
        assert self.pulses.put(self.ref(name), Pulse.PURCHASE, KeptPulse(at, at), None)

    def alert(self, name: str, state: AlertState = AlertState.OPEN) -> None:
        """An alert on loss of loyalty."""
        reason: Any = Lateness(NOW.date(), 4, 30, 40)
        whose = self.audience.account_id, self.audience.id, self.store.id
        assert self.alerts.save(Alert(*whose, AlertKind.OVERDUE, OF[name], state, reason, NOW, NOW, 1, "EUR"), NOW)

    # ---- What is done ------------------------------------------------------------------------------------------------

    def automation(self, trigger: Trigger, *conditions: Any, **more: Any) -> Automation:
        """An automation as it is kept."""
        made = Automation(
            self.audience.account_id, self.audience.id, "regularsaaaa", "Regulars", True, trigger, DO, conditions,
            include_existing=True, created_at=NOW, updated_at=NOW, enabled_at=NOW,
        )  # fmt: skip
        made = replace(made, **more)
        assert self.automations.save(made)
        return replace(made, version=made.version + 1)

    def worker(self) -> Worker:
        """A worker of another process: it remembers nothing."""
        client, tables = self.stage.client, self.stage.tables
        search = ScoreSearch(client, tables.contacts, tables.rankings)
        meeting = Meeting(self.workspace, self.snapshots, self.alerts, search, self.pulses)
        everyone = Everyone(ScoreLists(client, tables.contacts), self.contacts, meeting)
        conditions = Conditions(self.workspace, self.rankings)
        reactor = Reactor(self.runs, self.contacts, conditions)

        def now() -> datetime:
            self.now += self.ticks
            return self.now

        tasks: Any = {
            JobKind.DRY_RUN: DryRun(everyone, conditions, self.runs, decode_automation, now),
            JobKind.INCLUSION: Include(everyone, self.automations, reactor, self.runs, now),
        }
        return Worker(self.jobs, self.workspace, tasks, now)

    def work(self, job: Job) -> Job:
        """Work a job off, each chunk by another process; who is killed, as ``kill`` has it, is followed by another."""
        kept = self.jobs.save(job) or job
        while True:
            self.stage.before, self.stage.after = self.kill["before"], self.kill["after"]
            try:
                chunk = self.worker().work(kept.account_id, kept.audience_id, kept.id)
            except Killed:
                continue
            finally:
                self.stage.before = self.stage.after = _nothing
            if isinstance(chunk, Rest):
                self.now += chunk.after
            elif chunk is not Chunk.GOES_ON:
                break
        done = self.jobs.job(kept.account_id, kept.audience_id, kept.id)
        assert done
        assert done.state is JobState.DONE, done.error
        return done

    def dry_run(self, automation: Automation) -> dict[str, Any]:
        """What a dry run finds, with names for ids."""
        asked = {"automation": automation.id, "name": automation.name, "kept": encode_automation(automation)}
        job = Job(
            self.audience.account_id, self.audience.id, f"dry{len(automation.name)}", JobKind.DRY_RUN, NOW, NOW, asked
        )
        found: Any = self.work(job).result
        return {
            **found,
            "touched_contacts": {IDS[contact] for contact in found["touched_contacts"]},
            "refused_contacts": {IDS[contact]: failing for contact, failing in found["refused_contacts"]},
        }

    def include(self, automation: Automation) -> dict[str, Any]:
        """What including those who meet its trigger comes to."""
        job = new_inclusion(automation, NOW, None)
        assert job
        result: Any = self.work(job).result
        return dict(result)

    def begun(self) -> dict[str, list[Run]]:
        """Runs by name."""
        found = {name: list(self.runs.runs_of(self.ref(name))) for name in NAMES}
        return {name: runs for name, runs in found.items() if runs}


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr("laurel.scoring.work._THREADS", 1)
    return World(database)


def _scores(world: World) -> None:
    world.score(ada=0, ben=49, cleo=50, dan=100)


def _boards(world: World) -> None:
    world.close("2026-11", closed=False, ada=500, ben=400, cleo=400, dan=100)
    world.close("2026-10", closed=True, ada=100, eve=900)


def _alerts(world: World) -> None:
    world.alert("ada")
    world.alert("ben", AlertState.SNOOZED)


def _purchases(world: World) -> None:
    world.spend(ada=1, eve=1)
    world.spend("2026-11", dan=1)


def _pulses(world: World) -> None:
    for name, days in (("ada", 10), ("ben", 30), ("cleo", 31)):
        world.bought(days, name)


STORE = a_store().id
MEETING: list[tuple[Callable[[World], None], Trigger, str]] = [
    (_scores, ScoreReaches(50), "cleo dan"),
    (_scores, ScoreReaches(0), "ada ben cleo dan"),
    (_scores, ScoreFallsUnder(50), "ada ben eve"),
    (_scores, ScoreEnters(49, 50), "ben cleo"),
    (_boards, RankEnters(STORE, SPENT, TimeFrame.MONTH_TO_DATE, 2), "ada ben cleo"),
    (_boards, RankLeaves(STORE, SPENT, TimeFrame.MONTH_TO_DATE, 1), "ben cleo dan"),
    (_boards, RankEnters(STORE, SPENT, TimeFrame.LAST_MONTH, 1), "eve"),
    (_boards, RankLeaves(STORE, SPENT, TimeFrame.LAST_MONTH, 1), "ada"),
    (_boards, RankEnters(STORE, SPENT, TimeFrame.LAST_YEAR, 1), ""),
    (_boards, RankEnters("gone", SPENT, TimeFrame.MONTH_TO_DATE, 10), ""),
    (lambda world: world.tag("vip", "ben", "eve"), TagAdded("vip"), "ben eve"),
    (_pulses, Silent(Pulse.PURCHASE, 30), "ben cleo"),
    (_pulses, Silent(Pulse.OPEN, 30), ""),
    (_purchases, FirstPurchaseMade(), "ada eve"),
    (_alerts, Slipping(), "ada"),
    (_alerts, Slipping(frozenset({"overdue"})), "ada"),
    (_alerts, Slipping(frozenset({"left_first"})), ""),
]


@pytest.mark.parametrize(("before", "trigger", "names"), MEETING, ids=[str(it[1]) for it in MEETING])
def test_who_meets_a_trigger_already_is_found_and_included(
    world: World, before: Callable[[World], None], trigger: Trigger, names: str
) -> None:
    before(world)
    automation = world.automation(trigger)
    expected = set(names.split())

    tried = world.dry_run(automation)
    included = world.include(automation)

    assert (tried["checked"], tried["met"], tried["touched"]) == (5, len(expected), len(expected))
    assert tried["touched_contacts"] == expected
    assert included == {"checked": 5, "met": len(expected), "begun": len(expected), "superseded": False}
    begun = world.begun()
    assert set(begun) == expected
    assert all(len(runs) == 1 for runs in begun.values())


def test_who_is_kept_out_is_told_by_each_condition_that_does_not_hold(world: World) -> None:
    world.score(ada=100, ben=100, cleo=100)
    world.tag("vip", "ada", "ben")
    world.spend(ada=5000, cleo=7000)
    automation = world.automation(
        ScoreReaches(100),
        HasTag("vip"),
        MetricBetween(world.store.id, SPENT, TimeFrame.ALL_TIME, 5000),
        ConsentIs(frozenset({ConsentStatus.NON_SUBSCRIBED})),
    )

    tried = world.dry_run(automation)

    assert tried["touched_contacts"] == {"ada"}
    assert tried["refused_contacts"] == {"ben": [1], "cleo": [0]}
    assert (tried["met"], tried["touched"], tried["refused"], tried["done_before"]) == (3, 1, 2, 0)
    assert [it["contacts"] for it in tried["refused_by"]] == [1, 1, 0]
    assert [it["kind"] for it in tried["refused_by"]] == ["tag", "metric", "consent"]
    assert world.begun() == {}


def test_counts_are_exact_beyond_what_is_listed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inclusion, "MOST_LISTED", 1)
    monkeypatch.setattr(inclusion, "_AT_ONCE", 2)
    world.tag("vip", "ada", "ben")

    tried = world.dry_run(world.automation(ScoreFallsUnder(10), HasTag("vip")))

    assert (tried["checked"], tried["met"], tried["touched"], tried["refused"]) == (5, 5, 2, 3)
    assert (len(tried["touched_contacts"]), len(tried["refused_contacts"])) == (1, 1)


def test_a_run_that_a_condition_skips_is_kept_with_its_reason(world: World) -> None:
    world.score(ada=100, ben=100)
    world.tag("vip", "ada")

    included = world.include(world.automation(ScoreReaches(100), HasTag("vip")))

    assert (included["met"], included["begun"]) == (2, 2)
    states = {name: (run.state, run.reason, run.cause["kind"]) for name, (run,) in world.begun().items()}
    assert states == {
        "ada": (RunState.WAITING, None, "existing"),
        "ben": (RunState.SKIPPED, "tag", "existing"),
    }


def test_whoever_had_their_one_run_has_no_other(world: World) -> None:
    world.score(ada=100)
    first = world.automation(ScoreReaches(100))
    world.include(first)
    assert world.dry_run(first)["done_before"] == 1
    assert world.automations.save(replace(first, enabled_at=NOW + timedelta(days=1)))
    world.score(ben=100)

    again = world.include(replace(first, enabled_at=NOW + timedelta(days=1)))

    assert (again["met"], again["begun"]) == (2, 1)
    assert {name: len(runs) for name, runs in world.begun().items()} == {"ada": 1, "ben": 1}


def test_every_request_includes_anew_if_every_time_counts(world: World) -> None:
    world.score(ada=100)
    first = world.automation(ScoreReaches(100), repeat=Repeat.EVERY_TIME)
    world.include(first)
    assert world.automations.save(replace(first, enabled_at=NOW + timedelta(days=1)))

    again = world.include(replace(first, enabled_at=NOW + timedelta(days=1)))

    assert again["begun"] == 1
    assert len(world.begun()["ada"]) == 2


def test_a_job_waits_until_its_automation_is_kept(world: World) -> None:
    world.score(ada=100)
    paused = world.automation(ScoreReaches(100), enabled=False, include_existing=False)
    enabled = replace(paused, enabled=True, include_existing=True, enabled_at=NOW)
    rests = iter([lambda: None, lambda: world.automations.save(enabled)])
    work, world.worker = world.worker, lambda: (next(rests, lambda: None)(), work())[1]  # type: ignore[method-assign]

    included = world.include(enabled)

    assert included["begun"] == 1
    assert world.now == NOW + timedelta(seconds=5)


@pytest.mark.parametrize("change", [{"enabled": False}, {"enabled_at": NOW + timedelta(days=1)}, None])
def test_what_nobody_asks_for_any_more_is_left(world: World, change: dict[str, Any] | None) -> None:
    world.score(ada=100)
    automation = world.automation(ScoreReaches(100))
    if change:
        assert world.automations.save(replace(automation, **change))
    else:
        assert world.automations.delete(automation)

    included = world.include(automation)

    assert included == {"checked": 0, "met": 0, "begun": 0, "superseded": True}
    assert world.begun() == {}
    assert world.now == NOW + timedelta(minutes=1), "it waited for a change that might be on its way"


def test_a_pause_ends_an_inclusion_that_is_under_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inclusion, "_AT_ONCE", 2)
    world.score(ada=100, ben=100, eve=100)
    automation = world.automation(ScoreReaches(100))

    def pause(operation: str) -> None:
        if operation == "transact_write_items":
            world.kill["after"] = world.stage.after = _nothing
            assert world.automations.save(replace(automation, enabled=False))

    world.kill["after"] = pause
    included = world.include(automation)

    assert included["superseded"] is True
    assert set(world.begun()) == {"ada", "ben"}, "what was being done is done"


@pytest.mark.parametrize("repeat", Repeat)
def test_a_killed_worker_loses_nobody_and_includes_nobody_twice(
    repeat: Repeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("laurel.scoring.work._THREADS", 1)
    monkeypatch.setattr(inclusion, "_AT_ONCE", 2)
    stage = MemoryStage()
    killings = 0
    for moment in ("before", "after"):
        for number in itertools.count(1):
            world = World(Database(stage.client, stage.tables))
            world.score(ada=100, cleo=100, eve=100)
            world.tag("vip", "ada", "eve")
            automation = world.automation(ScoreReaches(100), HasTag("vip"), repeat=repeat)
            left = iter(range(number))
            killed: list[bool] = []

            def kill(_: str, left: Iterator[int] = left, killed: list[bool] = killed) -> None:
                if next(left, None) is None and not killed:
                    killed.append(True)
                    raise Killed

            world.kill[moment] = kill
            world.ticks = timedelta(seconds=1)
            included = world.include(automation)

            assert included == {"checked": 5, "met": 3, "begun": 3, "superseded": False}
            begun = world.begun()
            assert {name: len(runs) for name, runs in begun.items()} == {"ada": 1, "cleo": 1, "eve": 1}
            waiting = {name for name, (run,) in begun.items() if run.state is RunState.WAITING}
            assert waiting == {"ada", "eve"}
            if not killed:
                break
            killings += 1
    assert killings > 25
