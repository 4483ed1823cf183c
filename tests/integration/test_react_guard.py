"""The guard over runs: loops and crowds of them are stopped, and reported once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from laurel.model.automation import MOST_RUNS_A_DAY, RunState, ScoreFallsUnder, ScoreReaches, TagAdded, run_subject
from laurel.model.automation_state import GuardReason
from tests.support.automating import an_automation
from tests.support.samples import ADA_ID, AUDIENCE
from tests.support.scene import Killed, Scene, a_scene

if TYPE_CHECKING:
    from laurel.model.account import Store
    from tests.support.tables import Database

pytestmark = pytest.mark.integration


@pytest.fixture
def scene(database: Database, monkeypatch: pytest.MonkeyPatch, store: Store) -> Scene:
    return a_scene(database, monkeypatch, store)


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
