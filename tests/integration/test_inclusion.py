"""Who meets a trigger already, on tables: found by dry runs, and included once, whoever is killed meanwhile."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.automation import inclusion
from laurel.model.alert import AlertState
from laurel.model.automation import (
    ConsentIs,
    FirstPurchaseMade,
    HasTag,
    MetricBetween,
    RankEnters,
    RankLeaves,
    Repeat,
    RunState,
    ScoreEnters,
    ScoreFallsUnder,
    ScoreReaches,
    Silent,
    Slipping,
    TagAdded,
    Trigger,
)
from laurel.model.contact import ConsentStatus
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.signal import Pulse
from tests.support.faults import Killed
from tests.support.including import World, let_pass
from tests.support.samples import NOW, a_store
from tests.support.stage import MemoryStage
from tests.support.tables import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.integration
SPENT = Metric.TOTAL_SPENT


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
            world.kill["after"] = world.stage.after = let_pass
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
