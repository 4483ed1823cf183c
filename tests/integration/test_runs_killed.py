"""Workers that are killed between each two things they ask of others: every step of a run is done once all the same.

What goes out to others, a webhook or an event, may go out twice when a worker was killed right after it did, and has
the same id then; mail to the team goes out once at most.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from laurel.model.automation import Delay, DelayUnit, Run, RunState, Step, StepKind
from tests.support.faults import client_error
from tests.support.samples import NOW
from tests.support.stage import MemoryStage, Stage, WatchedStage
from tests.support.tables import Database
from tests.support.workshop import STEPS, Killed, Workshop

pytestmark = pytest.mark.integration

_numbers = itertools.count()
FAULT = client_error("InternalServerError", ResponseMetadata={"HTTPStatusCode": 500})
FEWEST = 10
"""Things that a worker of any of these runs asks of others."""

DAY = Delay(1, DelayUnit.DAYS)
WHOLE = (
    STEPS[StepKind.CHANGE_SCORE],
    replace(STEPS[StepKind.ADD_TAG], delay=Delay(5, DelayUnit.MINUTES)),
    STEPS[StepKind.GIVE_REWARD],
    replace(STEPS[StepKind.SEND_TEMPLATE], delay=DAY),
    STEPS[StepKind.REMOVE_TAG],
    STEPS[StepKind.NOTIFY_TEAM],
    STEPS[StepKind.CALL_WEBHOOK],
    STEPS[StepKind.PUT_EVENT],
)
RUNS: dict[str, tuple[Step, ...]] = {kind.value: (it, STEPS[StepKind.ADD_TAG]) for kind, it in STEPS.items()}
RUNS |= {"whole": WHOLE, "waits": (replace(STEPS[StepKind.CHANGE_SCORE], delay=DAY),)}


def stop_at(shop: Workshop, stage: Stage, number: int, how: BaseException) -> list[str]:
    """Have whoever comes to so many-eth thing stopped there; the names of all things done."""
    names: list[str] = []

    def go(name: str) -> None:
        names.append(name)
        if len(names) - 1 == number:
            raise how

    shop.step = go
    stage.before, stage.after = (lambda it: go(f"before {it}")), (lambda it: go(f"after {it}"))
    return names


def workshop(stage: Stage) -> Workshop:
    return Workshop(Database(stage.client, stage.tables), f"killed{next(_numbers)}")


def assert_done_once(shop: Workshop, run: Run, *, after_kill: bool) -> None:
    known = shop.known(run)
    assert (known.state, known.step) == (RunState.DONE, len(run.steps))
    assert [it.step for it in known.log] == list(range(len(run.steps)))
    assert {it.outcome for it in known.log} <= {"done", "unchanged"}
    kinds = [it.kind for it in run.steps]
    assert len(shop.entries) == (StepKind.CHANGE_SCORE in kinds)
    assert list(shop.tags) == (["thanked"] if StepKind.ADD_TAG in kinds else [])
    assert len(shop.kept(shop.ada)) == (StepKind.SEND_TEMPLATE in kinds)
    assert len(shop.awards.awards_of(shop.ada)) == (StepKind.GIVE_REWARD in kinds)
    programme = shop.awards.programme(run.ref.account_id, run.ref.audience_id, "best")
    assert programme
    assert programme.tally.awards == (StepKind.GIVE_REWARD in kinds)
    mailed = [mail.to for mail in shop.ses.sent]
    assert len(mailed) == len(set(mailed))
    if StepKind.NOTIFY_TEAM in kinds:
        assert len(mailed) in ((1, 2) if after_kill else (2,))
    for found, kind in ((webhook_ids(shop), StepKind.CALL_WEBHOOK), (event_ids(shop), StepKind.PUT_EVENT)):
        assert len(set(found)) == (kind in kinds)
        assert len(found) <= (2 if after_kill else 1)
    assert shop.dead == []


def webhook_ids(shop: Workshop) -> list[str]:
    return [headers["webhook-id"] for _, headers, _ in shop.web.sent]


def event_ids(shop: Workshop) -> list[str]:
    return [detail["id"] for detail in shop.bus.details]


def killed_everywhere(
    name: str, stages: Callable[[], Stage], *, every: int = 1, how: BaseException | None = None
) -> None:
    """Once at each thing that a worker asks of others, until one gets through."""
    for number in itertools.count(0, every):
        stage = stages()
        shop = workshop(stage)
        run = shop.start(*RUNS[name])
        names = stop_at(shop, stage, number, how or Killed())

        shop.rest(copies=1 + number % 3)

        shop.step = stage.before = stage.after = lambda _: None
        stopped = len(names) > number
        assert_done_once(shop, run, after_kill=stopped)
        if not stopped:
            assert number >= FEWEST, "it was stopped often enough"
            return


@pytest.mark.parametrize("name", RUNS)
def test_whoever_is_killed_wherever(name: str) -> None:
    killed_everywhere(name, MemoryStage)


@pytest.mark.parametrize("name", RUNS)
def test_whatever_fails_wherever(name: str) -> None:
    killed_everywhere(name, MemoryStage, how=FAULT)


@pytest.mark.parametrize("name", RUNS)
def test_messages_that_come_three_times_do_nothing_three_times(name: str, database: Database) -> None:
    shop = Workshop(database, f"thrice{next(_numbers)}")
    run = shop.start(*RUNS[name])

    shop.rest(copies=3)

    assert_done_once(shop, run, after_kill=False)


def test_killed_here_and_there_on_real_tables(database: Database) -> None:
    killed_everywhere("whole", lambda: WatchedStage(database), every=9)


@pytest.mark.parametrize("name", RUNS)
def test_the_message_of_a_run_that_nobody_took_up_may_be_sent_again(name: str) -> None:
    shop = Workshop()
    run = shop.start(*RUNS[name])
    shop.letters.clear()
    assert not shop.known(run).has_begun

    shop.runs_queue.send(run.ref, run.id)
    shop.rest()

    assert_done_once(shop, run, after_kill=False)


@pytest.mark.parametrize("number", range(40))
def test_killed_while_holding_and_releasing(number: int) -> None:
    stage = MemoryStage()
    shop = workshop(stage)
    run = shop.start(STEPS[StepKind.CHANGE_SCORE])
    shop.pause()
    stop_at(shop, stage, number, Killed())
    shop.rest()
    try:
        shop.pause(enabled=True)
    except Killed:
        stop_at(shop, stage, -1, Killed())
        automation = shop.automations.automation(run.ref.account_id, run.ref.audience_id, "thank")
        assert automation
        shop.pause(enabled=True)

    shop.rest()

    shop.step = stage.before = stage.after = lambda _: None
    assert_done_once(shop, run, after_kill=True)
    assert shop.now > NOW
    assert shop.held.held(run.ref.account_id, run.ref.audience_id, "thank", 10) == []
