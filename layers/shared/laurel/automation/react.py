"""Begin runs of automations, exactly one for each crossing, however often it is told of.

A run's id is made of its automation and of the signal that set it off. The run, and what its automation remembers of
the contact, are written in one transaction, on condition that there is no such run and that what is remembered is as it
was read. What follows, ``announce`` does once the stream tells of the run itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from laurel.automation.cause import cause_of
from laurel.automation.conditions import Conditions
from laurel.automation.edges import Edge, edge_of, settle
from laurel.automation.guard import stopped_by
from laurel.automation.silence import overdue
from laurel.model.account import Audience
from laurel.model.automation import FRESH, Automation, Run, RunState, kind_of_condition, run_id
from laurel.model.automation_state import AutomationState, Mark
from laurel.model.contact import Contact, ContactRef, Erased
from laurel.model.errors import Busy
from laurel.model.signal import Existing, RankMoved, ScoreMoved, SetBack, Signal

_ATTEMPTS = 20
_STREAM_TIME = timedelta(seconds=1)
"""What stream records tell the time by."""


class RunShelf(Protocol):
    """Keeps runs and what automations remember. ``begin`` and ``remember`` return False if things are not as read."""

    def states_of(self, ref: ContactRef) -> dict[str, AutomationState]: ...
    def remember(self, ref: ContactRef, state: AutomationState) -> bool: ...
    def begin(self, run: Run, state: AutomationState) -> bool: ...
    def run(self, ref: ContactRef, run_id: str) -> Run | None: ...


class People(Protocol):
    """Finds contacts."""

    def look_up(self, account_id: str, audience_id: str, contact: str) -> Contact | Erased | None: ...


@dataclass(frozen=True, slots=True)
class Told:
    """What a record of the Contacts' stream tells of a contact, and when it was written."""

    ref: ContactRef
    at: datetime
    signals: tuple[Signal | SetBack, ...]


@dataclass(frozen=True, slots=True)
class _Heard:
    """A signal, as it concerns one contact."""

    ref: ContactRef
    contact: Contact
    signal: Signal
    at: datetime


class Reactor:
    """Begins runs."""

    def __init__(self, runs: RunShelf, people: People, conditions: Conditions) -> None:
        self._runs = runs
        self._people = people
        self._conditions = conditions

    def react(self, audience: Audience, automations: Sequence[Automation], told: Told) -> list[Run]:
        """Begin what a record sets off, and give the runs that began. Raises ``Busy`` if others were always faster.

        ``automations`` are all of the audience, paused ones too: those remember what they hear, and begin nothing.
        """
        begun: list[Run] = []
        for signal in _signals(automations, told):
            edges = {it.id: edge for it in automations if (edge := edge_of(it, signal))}
            contact = self._present(told) if edges else None
            if contact is None:
                continue
            heard = _Heard(told.ref, contact, signal, told.at)
            states = self._runs.states_of(told.ref)
            for automation in automations:
                if automation.id in edges:
                    run = self._settled(audience, automation, heard, edges[automation.id], states)
                    begun += [run] if run else []
        return begun

    def include(self, audience: Audience, automation: Automation, ref: ContactRef, signal: Existing) -> Run | None:
        """Begin a run for a contact who meets the trigger already; None if there is none to begin.

        The same request begins a run once, however often it is made.
        """
        told = Told(ref, signal.at, (signal,))
        return next(iter(self.react(audience, [automation], told)), None)

    def _present(self, told: Told) -> Contact | None:
        """The contact, unless they are gone, or what is told is of the time before they were erased."""
        ref = told.ref
        contact = self._people.look_up(ref.account_id, ref.audience_id, ref.contact)
        if not isinstance(contact, Contact):
            return None
        return None if contact.erased_at and told.at + _STREAM_TIME <= contact.erased_at else contact

    def _settled(
        self,
        audience: Audience,
        automation: Automation,
        heard: _Heard,
        edge: Edge,
        states: Mapping[str, AutomationState],
    ) -> Run | None:
        """The run that began, if one did."""
        state = states.get(automation.id, AutomationState(automation.id))
        counts = _may_begin(automation, heard)
        for _ in range(_ATTEMPTS):
            settled = settle(automation, state, edge, counts=counts)
            if settled.fires:
                run, after = self._new_run(audience, automation, heard, settled.state, _fired(heard, settled.fires))
                if self._runs.begin(run, after):
                    return run
                if self._runs.run(heard.ref, run.id):
                    return None
            elif settled.state == state or self._runs.remember(heard.ref, settled.state):
                return None
            state = self._runs.states_of(heard.ref).get(automation.id, AutomationState(automation.id))
        raise Busy(f"Contact {heard.ref.contact!r}")

    def _new_run(
        self, audience: Audience, automation: Automation, heard: _Heard, state: AutomationState, signal: Signal
    ) -> tuple[Run, AutomationState]:
        """A run, not kept yet, and what its automation is to remember with it."""
        day = heard.at.astimezone(UTC).date().isoformat()
        chain = self._chain(heard.ref, signal)
        reason: str | None = stopped_by(automation, chain, state, day)
        run_state = RunState.STOPPED if reason else RunState.WAITING
        if reason is None:
            failing = self._conditions.failing(audience, heard.contact, automation.conditions, heard.at)
            if failing:
                run_state, reason = RunState.SKIPPED, kind_of_condition(failing).value
        run = Run(
            ref=heard.ref,
            id=run_id(automation.id, signal),
            automation_id=automation.id,
            automation_name=automation.name,
            automation_version=automation.version,
            steps=automation.steps,
            started_at=heard.at,
            cause=cause_of(signal),
            chain=(*chain, automation.id),
            state=run_state,
            reason=reason,
        )
        return run, replace(
            state,
            fired=state.fired + (run_state is RunState.WAITING),
            day=day,
            runs_that_day=(state.runs_that_day if state.day == day else 0) + (run_state is not RunState.STOPPED),
        )

    def _chain(self, ref: ContactRef, signal: Signal) -> tuple[str, ...]:
        """The automations whose runs led to a signal."""
        parent = self._runs.run(ref, signal.run) if signal.run else None
        return parent.chain if parent else ()


def _signals(automations: Collection[Automation], told: Told) -> Iterable[Signal]:
    for signal in told.signals:
        if isinstance(signal, SetBack):
            yield from overdue(signal, automations, told.at)
        else:
            yield signal


def _may_begin(automation: Automation, heard: _Heard) -> bool:
    """False for one that is paused, or was when this was told, and for what is history by then."""
    if not automation.enabled or (automation.enabled_at and heard.at + _STREAM_TIME <= automation.enabled_at):
        return False
    return automation.counts_history or heard.signal.at >= heard.at - FRESH


def _fired(heard: _Heard, mark: Mark) -> Signal:
    """The signal that a run is for: the one heard or, if that came too late, the one that it lets count now."""
    signal = heard.signal
    match signal:
        case ScoreMoved() if mark.order != signal.seq:
            return replace(signal, seq=mark.order, before=None, after=None)
        case RankMoved() if mark.order != round(signal.at.timestamp()):
            return replace(signal, at=datetime.fromtimestamp(mark.order, UTC), before=None, after=None)
    return signal
