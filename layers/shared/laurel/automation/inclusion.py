"""Jobs that go through everyone in an audience for an automation: dry runs, and including who meets its trigger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from laurel.automation.activation import inclusion_of
from laurel.automation.conditions import Conditions
from laurel.automation.existing import Meeting
from laurel.model.account import Audience
from laurel.model.automation import Automation, Repeat, Run, kind_of_condition, run_id
from laurel.model.automation_state import AutomationState
from laurel.model.contact import Contact, ContactRef, Erased
from laurel.model.job import Job
from laurel.model.signal import Existing
from laurel.scoring.lists import ContactList, Position
from laurel.scoring.work import at_once, finished

MOST_LISTED = 1_000

_AT_ONCE = 100
_SOON = timedelta(minutes=1)
"""By then an automation is kept as enabled, or never will be for this job."""
_LOOKED_AGAIN = timedelta(seconds=5)


class People(Protocol):
    """Finds many contacts."""

    def look_up_all(
        self, account_id: str, audience_id: str, contacts: Sequence[str]
    ) -> Mapping[str, Contact | Erased]: ...


class RunBook(Protocol):
    """Finds runs, and what automations remember of a contact."""

    def states_of(self, ref: ContactRef) -> dict[str, AutomationState]: ...
    def run(self, ref: ContactRef, run_id: str) -> Run | None: ...


class AutomationBook(Protocol):
    """Finds automations."""

    def automation(self, account_id: str, audience_id: str, automation_id: str) -> Automation | None: ...


class Includer(Protocol):
    """Begins runs for those who meet a trigger already, each once for a request."""

    def include(self, audience: Audience, automation: Automation, ref: ContactRef, signal: Existing) -> Run | None: ...


class Everyone:
    """The contacts of an audience, a hundred at a time, and which of them meet a trigger."""

    def __init__(self, contacts: ContactList, people: People, meeting: Meeting) -> None:
        self._contacts = contacts
        self._people = people
        self._meeting = meeting

    def count(self, audience: Audience) -> int:
        """How many there are."""
        return self._contacts.count_contacts(audience)

    def next_who_meet(
        self, audience: Audience, automation: Automation, after: Position | None, now: datetime
    ) -> tuple[int, list[Contact], Position | None]:
        """How many were looked at, who of them meet the trigger, and where to go on, if anywhere."""
        page = self._contacts.contacts(audience, after, _AT_ONCE)
        ids = [listed.contact for listed in page.contacts]
        known = self._people.look_up_all(audience.account_id, audience.id, ids)
        people = [found for it in ids if isinstance(found := known.get(it), Contact)]
        return len(ids), self._meeting.those(audience, automation.trigger, people, now), page.last


class DryRun:
    """Finds out whom an automation would touch, and whom which condition keeps out."""

    def __init__(
        self,
        everyone: Everyone,
        conditions: Conditions,
        runs: RunBook,
        automation_of: Callable[[str, str, str, Mapping[str, Any]], Automation],
        now: Callable[[], datetime],
    ) -> None:
        """``automation_of`` reads an automation of an account and audience, by its id, as a job's input holds it."""
        self._everyone = everyone
        self._conditions = conditions
        self._runs = runs
        self._automation_of = automation_of
        self._now = now

    def step(self, audience: Audience, job: Job) -> Job:
        """Look at the next hundred contacts."""
        total = self._everyone.count(audience) if job.total is None else job.total
        asked, now = job.input, self._now()
        automation = self._automation_of(audience.account_id, audience.id, asked["automation"] or "", asked["kept"])
        place = job.place or {"after": None, "found": _nothing(automation)}
        found = dict(place["found"])
        looked_at, meeting, last = self._everyone.next_who_meet(audience, automation, place["after"], now)
        found["checked"] += looked_at
        found["met"] += len(meeting)

        def failing(contact: Contact) -> list[int] | None:
            return self._failing(audience, automation, contact, now)

        for contact, keeps_out in zip(meeting, at_once(failing, meeting), strict=True):
            _take_in(found, contact.id, keeps_out)
        done = job.done + looked_at
        job = replace(job, place={"after": last, "found": found}, done=done, total=max(total, done))
        return job if last else finished(job, found)

    def _failing(self, audience: Audience, automation: Automation, contact: Contact, now: datetime) -> list[int] | None:
        """Which conditions keep a contact out; None if the contact had the only run there is to have."""
        ref = ContactRef(audience.account_id, audience.id, contact.id)
        if automation.version and automation.repeat is Repeat.ONCE:
            state = self._runs.states_of(ref).get(automation.id)
            if state and state.fired:
                return None
        return [
            number
            for number, condition in enumerate(automation.conditions)
            if self._conditions.failing(audience, contact, [condition], now)
        ]


class Include:
    """Begins runs for those who met a trigger when their automation was enabled."""

    def __init__(
        self,
        everyone: Everyone,
        automations: AutomationBook,
        includer: Includer,
        runs: RunBook,
        now: Callable[[], datetime],
    ) -> None:
        self._everyone = everyone
        self._automations = automations
        self._includer = includer
        self._runs = runs
        self._now = now

    def step(self, audience: Audience, job: Job) -> Job:
        """Begin the runs of the next hundred contacts."""
        now = self._now()
        place = job.place or {"after": None, "met": 0, "begun": 0}
        automation = self._automations.automation(audience.account_id, audience.id, job.input["automation"])
        if automation is None or not _is_asked_for(automation, job):
            if now - job.created_at < _SOON and job.place is None:
                return replace(job, pause=_LOOKED_AGAIN)
            return finished(job, _included(job.done, place, superseded=True))
        total = self._everyone.count(audience) if job.total is None else job.total
        looked_at, meeting, last = self._everyone.next_who_meet(audience, automation, place["after"], now)
        signal = Existing(max(now, automation.enabled_at or now), job.id)
        begun = sum(at_once(lambda contact: self._includes(audience, automation, contact, signal), meeting))
        place = {"after": last, "met": place["met"] + len(meeting), "begun": place["begun"] + begun}
        done = job.done + looked_at
        job = replace(job, place=place, done=done, total=max(total, done))
        return job if last else finished(job, _included(done, place, superseded=False))

    def _includes(self, audience: Audience, automation: Automation, contact: Contact, signal: Existing) -> bool:
        """True if there is a run now, begun just now or by a worker who was killed before it was counted."""
        ref = ContactRef(audience.account_id, audience.id, contact.id)
        begun = self._includer.include(audience, automation, ref, signal)
        return begun is not None or self._runs.run(ref, run_id(automation.id, signal)) is not None


def _is_asked_for(automation: Automation, job: Job) -> bool:
    """True while an automation is enabled as it was when the job was made."""
    return automation.enabled and inclusion_of(automation) == job.id


def _included(checked: int, place: Mapping[str, Any], *, superseded: bool) -> dict[str, Any]:
    return {"checked": checked, "met": place["met"], "begun": place["begun"], "superseded": superseded}


def _nothing(automation: Automation) -> dict[str, Any]:
    return {
        "checked": 0,
        "met": 0,
        "done_before": 0,
        "touched": 0,
        "refused": 0,
        "refused_by": [{"kind": kind_of_condition(it).value, "contacts": 0} for it in automation.conditions],
        "touched_contacts": [],
        "refused_contacts": [],
    }


def _take_in(found: dict[str, Any], contact: str, keeps_out: list[int] | None) -> None:
    if keeps_out is None:
        found["done_before"] += 1
    elif keeps_out:
        found["refused"] += 1
        for number in keeps_out:
            found["refused_by"][number]["contacts"] += 1
        if len(found["refused_contacts"]) < MOST_LISTED:
            found["refused_contacts"].append([contact, keeps_out])
    else:
        found["touched"] += 1
        if len(found["touched_contacts"]) < MOST_LISTED:
            found["touched_contacts"].append(contact)
