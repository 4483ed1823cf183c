"""Contacts who have done nothing for so many days: a daily job tells of those whose day has come."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from laurel.model.account import Audience
from laurel.model.automation import Automation, Silent
from laurel.model.contact import ContactRef
from laurel.model.job import KEPT, Job, JobKind
from laurel.model.signal import FellSilent, KeptSignal, Pulse, SetBack
from laurel.scoring.bulk import midnight
from laurel.scoring.jobs import JobShelf, Queue, daily, first_unfinished, queue_unfinished
from laurel.scoring.work import at_once, finished

AT_ONCE = 100
"""Contacts of a step."""

type Position = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PulsePage:
    """Contacts whose last day it was, and where to go on, if anywhere."""

    contacts: Sequence[str]
    last: Position | None


class PulseList(Protocol):
    """Lists contacts by the day on which they last did something."""

    def last_on(
        self, account_id: str, audience_id: str, pulse: Pulse, day: date, after: Position | None, limit: int
    ) -> PulsePage: ...


class SignalBook(Protocol):
    """Tells of signals, each once."""

    def put(self, ref: ContactRef, signal: KeptSignal) -> bool: ...


class TellOfSilence:
    """Tells of everybody who has fallen silent, on every day from the first to the last of the job."""

    def __init__(self, lists: PulseList, signals: SignalBook) -> None:
        self._lists = lists
        self._signals = signals

    def step(self, audience: Audience, job: Job) -> Job:
        """Tell of the next hundred of a day and of a number of days."""
        place = job.place or {"day": job.input["first"], "at": 0, "after": None}
        day, waits = date.fromisoformat(place["day"]), job.input["waits"]
        pulse, days, since = Pulse(waits[place["at"]][0]), waits[place["at"]][1], waits[place["at"]][2]
        found = PulsePage((), None)
        if day >= date.fromisoformat(since):
            last = day - timedelta(days=days)
            found = self._lists.last_on(audience.account_id, audience.id, pulse, last, place["after"], AT_ONCE)
            signal = FellSilent(midnight(day), pulse, last, days)
            refs = [ContactRef(audience.account_id, audience.id, contact) for contact in found.contacts]
            at_once(lambda ref: self._signals.put(ref, signal), refs)
        done = job.done + len(found.contacts)
        if found.last:
            return replace(job, place={**place, "after": found.last}, done=done)
        following = _following(place, day, len(waits))
        job = replace(job, place=following, done=done)
        return job if following["day"] <= job.input["last"] else finished(job, {"silent": done})


def begin_silence(
    shelf: JobShelf, queue: Queue, audience: Audience, automations: Iterable[Automation], now: datetime
) -> int:
    """Start the day's job of an audience unless it is finished or nobody waits for silence; how many were queued.

    It makes up for days on which none was finished.
    """
    waits = _waits(automations)
    if not waits:
        return 0
    today = now.date()
    earliest = min(max(min(since for _, _, since in waits), today - KEPT), today)
    first = first_unfinished(shelf, audience, JobKind.SILENCE, earliest, today) or earliest
    asked = {
        "first": first.isoformat(),
        "last": today.isoformat(),
        "waits": [[pulse.value, days, since.isoformat()] for pulse, days, since in waits],
    }
    return queue_unfinished(shelf, queue, [daily(audience, JobKind.SILENCE, today, now, asked)])


def overdue(signal: SetBack, automations: Collection[Automation], now: datetime) -> list[FellSilent]:
    """The silences that are over already when a last day turns out to lie further back than was known."""
    lengths = {
        it.trigger.days for it in automations if isinstance(it.trigger, Silent) and it.trigger.pulse is signal.pulse
    }
    due = {days: signal.last + timedelta(days=days) for days in lengths}
    today = now.astimezone(UTC).date()
    return [
        FellSilent(midnight(day), signal.pulse, signal.last, days) for days, day in sorted(due.items()) if day <= today
    ]


def _waits(automations: Iterable[Automation]) -> list[tuple[Pulse, int, date]]:
    """What is waited for, each with the first day that it is waited for on."""
    found: dict[tuple[Pulse, int], date] = {}
    for it in automations:
        if it.enabled and it.enabled_at and isinstance(it.trigger, Silent):
            # A day begins at midnight: whose silence was over on that day was so before.
            wait, since = (it.trigger.pulse, it.trigger.days), it.enabled_at.astimezone(UTC).date() + timedelta(days=1)
            found[wait] = min(found.get(wait, since), since)
    return [(pulse, days, since) for (pulse, days), since in sorted(found.items())]


def _following(place: Mapping[str, Any], day: date, waits: int) -> dict[str, Any]:
    """The next length of the same day, or the first one of the next."""
    if place["at"] + 1 < waits:
        return {"day": place["day"], "at": place["at"] + 1, "after": None}
    return {"day": (day + timedelta(days=1)).isoformat(), "at": 0, "after": None}
