"""Runs of automations: taken up when they are due, and taken further step by step.

Whoever works on a run has it for a while: it is written as running, and due again when that while is over, before
anything is done. So a message that comes twice finds nothing to do, and one that comes after its worker was killed
finds the step that was begun and does it again; each step is made so that this does no harm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from laurel.automation.outside import Waits
from laurel.automation.task import Did, Outcome, Task
from laurel.model.automation import Automation, Run, RunState, Step, StepOutcome
from laurel.model.contact import Contact, ContactRef, Erased

LEASE = timedelta(minutes=3)
"""For so long a run is its worker's alone. A worker is at an end before, and its message comes again after."""

SHARE = timedelta(seconds=20)
"""After so long a worker leaves what is left of a run to the next."""

RELEASED_AT_ONCE = 100

_NOW = timedelta(0)


class StopReason(StrEnum):
    """Why a run ends before its last step."""

    AUTOMATION_DELETED = "automation_deleted"
    CONTACT_GONE = "contact_gone"


class Went(StrEnum):
    """What came of taking up a run."""

    DONE = "done"
    WAITS = "waits"
    """For its time, or for a worker who has it."""
    HELD = "held"
    STOPPED = "stopped"
    FAILED = "failed"
    NOTHING = "nothing"
    """It had ended before, is gone, or somebody else was faster."""


class RunBook(Protocol):
    """Keeps runs; ``save`` returns None if somebody else wrote the run since it was read, or it is gone."""

    def run(self, ref: ContactRef, run_id: str) -> Run | None: ...
    def save(self, run: Run) -> Run | None: ...


class HeldBook(Protocol):
    """Lists the runs of automations that are paused."""

    def hold(self, it: Run) -> None: ...
    def let_go(self, ref: ContactRef, run_id: str) -> None: ...
    def held(
        self, account_id: str, audience_id: str, automation_id: str, at_most: int
    ) -> list[tuple[ContactRef, str]]: ...


class AutomationBook(Protocol):
    """Finds automations."""

    def automation(self, account_id: str, audience_id: str, automation_id: str) -> Automation | None: ...


class People(Protocol):
    """Finds contacts."""

    def look_up(self, account_id: str, audience_id: str, contact: str) -> Contact | Erased | None: ...


class Queue(Protocol):
    """Has runs taken up."""

    def send(self, ref: ContactRef, run_id: str) -> None: ...


class _Outrun(Exception):
    """Somebody else wrote the run."""


class Runner:
    """Takes up runs. ``do`` does a step, ``clock`` tells the time."""

    def __init__(
        self,
        runs: RunBook,
        held: HeldBook,
        automations: AutomationBook,
        people: People,
        waits: Waits,
        do: Callable[[Task], Did],
        clock: Callable[[], datetime],
    ) -> None:
        self._runs = runs
        self._held = held
        self._automations = automations
        self._people = people
        self._waits = waits
        self._do = do
        self._clock = clock

    def go_on(self, ref: ContactRef, run_id: str) -> Went:
        """Take up a run, if it is there and due, and take it as far as it goes now.

        Raises what ``do`` raises; the run can then be taken up again once its lease is over.
        """
        run = self._runs.run(ref, run_id)
        if run is None or run.state.is_final:
            return Went.NOTHING
        try:
            return self._go_on(run)
        except _Outrun:
            return Went.NOTHING

    def release(self, queue: Queue, account_id: str, audience_id: str, automation_id: str) -> bool:
        """Have runs that were held taken up again; True if there may be more of them."""
        found = self._held.held(account_id, audience_id, automation_id, RELEASED_AT_ONCE)
        for ref, run_id in found:
            queue.send(ref, run_id)
            self._held.let_go(ref, run_id)
        return len(found) == RELEASED_AT_ONCE

    def _go_on(self, run: Run) -> Went:
        due = run.due if run.has_begun else run.due or _first_due(run)
        if due and due > self._now():
            return self._wait(run if run.due else self._saved(replace(run, due=due)))
        ref = run.ref
        automation = self._automations.automation(ref.account_id, ref.audience_id, run.automation_id)
        if automation is None:
            return self._stopped(run, StopReason.AUTOMATION_DELETED)
        if not automation.enabled:
            held = self._hold(run)
            if held is None:
                return Went.HELD
            run = held
        was_held = run.state is RunState.HELD
        run = self._taken(run)
        if was_held:
            self._held.let_go(ref, run.id)
        return self._steps(run)

    def _hold(self, run: Run) -> Run | None:
        """Hold a run; the run, if its automation was enabled meanwhile.

        It is on the list before it is looked again, so that whoever enables the automation then finds it there.
        """
        self._held.hold(run)
        if run.state is not RunState.HELD:
            run = self._saved(replace(run, state=RunState.HELD, due=None))
        ref = run.ref
        automation = self._automations.automation(ref.account_id, ref.audience_id, run.automation_id)
        return run if automation is None or automation.enabled else None

    def _taken(self, run: Run) -> Run:
        """The run, now this worker's, with its step marked as begun; when it was begun first stays."""
        now = self._now()
        return self._saved(replace(run, state=RunState.RUNNING, due=now + LEASE, log=_with_begun(run, now)))

    def _steps(self, run: Run) -> Went:
        began = self._now()
        while True:
            did = self._did(run)
            if did is None:
                return self._stopped(run, StopReason.CONTACT_GONE)
            now = self._now()
            log = (*run.log[:-1], StepOutcome(run.step, now, did.outcome.value, did.detail))
            if did.outcome is Outcome.FAILED:
                self._saved(replace(run, state=RunState.FAILED, due=None, reason=did.reason, log=log))
                return Went.FAILED
            if did.again is not None:
                return self._wait(self._saved(replace(run, state=RunState.WAITING, due=now + did.again, log=log)))
            run = replace(run, step=run.step + 1, log=log)
            if run.step == len(run.steps):
                break
            delay = _delay(run.steps[run.step])
            if delay or now - began >= SHARE:
                return self._wait(self._saved(replace(run, state=RunState.WAITING, due=now + (delay or _NOW))))
            run = self._taken(run)
        self._saved(replace(run, state=RunState.DONE, due=None))
        return Went.DONE

    def _did(self, run: Run) -> Did | None:
        """What came of the present step, None if its contact is gone."""
        ref = run.ref
        contact = self._people.look_up(ref.account_id, ref.audience_id, ref.contact)
        if not isinstance(contact, Contact):
            return None
        return self._do(Task(run, contact, run.log[-1].at, self._now()))

    def _stopped(self, run: Run, reason: StopReason) -> Went:
        self._held.let_go(run.ref, run.id)
        self._saved(replace(run, state=RunState.STOPPED, due=None, reason=reason.value, log=_without_begun(run)))
        return Went.STOPPED

    def _wait(self, run: Run) -> Went:
        """Have the run taken up when it is due; a wait that was asked for before is the same wait."""
        due = run.due or self._now()
        self._waits.wait(run.ref, run.id, _name_of_wait(run), due, self._now())
        return Went.WAITS

    def _saved(self, run: Run) -> Run:
        saved = self._runs.save(run)
        if saved is None:
            raise _Outrun
        return saved

    def _now(self) -> datetime:
        """The time to the millisecond, as it is kept."""
        now = self._clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _first_due(run: Run) -> datetime:
    return run.started_at + (_delay(run.steps[0]) or _NOW)


def _delay(step: Step) -> timedelta | None:
    return step.delay.length if step.delay else None


def _is_begun(run: Run) -> bool:
    last = run.log[-1] if run.log else None
    return last is not None and last.step == run.step and last.outcome == Outcome.BEGUN


def _with_begun(run: Run, now: datetime) -> tuple[StepOutcome, ...]:
    return run.log if _is_begun(run) else (*run.log, StepOutcome(run.step, now, Outcome.BEGUN.value))


def _without_begun(run: Run) -> tuple[StepOutcome, ...]:
    return run.log[:-1] if _is_begun(run) else run.log


def _name_of_wait(run: Run) -> str:
    """A name that no other wait has, whoever's it is: of the run, its step, and how often that was tried."""
    ref = run.ref
    whose = (ref.account_id, ref.audience_id, ref.contact, run.id, str(run.step), str(len(run.log)))
    return hashlib.sha256("\n".join(whose).encode()).hexdigest()[:48]
