"""Who has done nothing for so many days: started every day, made up for, told once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from laurel.automation.silence import PulsePage, TellOfSilence, begin_silence, overdue
from laurel.model.automation import Automation, Silent
from laurel.model.contact import ContactRef
from laurel.model.job import Job, JobState
from laurel.model.signal import FellSilent, KeptSignal, Pulse, SetBack
from tests.support.automating import an_audience, an_automation
from tests.support.samples import ACCOUNT, AUDIENCE, at

TODAY = at("2026-11-22T03:00:00")


def waiting(
    days: int = 30, pulse: Pulse = Pulse.PURCHASE, since: str = "2026-01-01T12:00:00", **more: Any
) -> Automation:
    return an_automation(f"{pulse}{days}", Silent(pulse, days), enabled_at=at(since), **more)


class Shelf:
    """Jobs in a dictionary, and the queue that they are put into."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.queued: list[str] = []

    def job(self, _account: str, _audience: str, job_id: str) -> Job | None:
        return self.jobs.get(job_id)

    def save(self, job: Job) -> Job | None:
        known = self.jobs.get(job.id)
        if (known.version if known else 0) != job.version:
            return None
        self.jobs[job.id] = replace(job, version=job.version + 1)
        return self.jobs[job.id]

    def send(self, _account: str, _audience: str, job_id: str) -> None:
        self.queued.append(job_id)

    def begin(self, now: datetime = TODAY, *automations: Automation) -> int:
        return begin_silence(self, self, an_audience(), automations or (waiting(),), now)


class Days:
    """Contacts by what they did and the day on which they did it last. Pages are of two."""

    def __init__(self, days: Mapping[tuple[Pulse, str], list[str]]) -> None:
        self.days = days
        self.signals: list[tuple[str, FellSilent]] = []

    def last_on(
        self, account_id: str, audience_id: str, pulse: Pulse, day: date, after: Mapping[str, Any] | None, limit: int
    ) -> PulsePage:
        assert (account_id, audience_id) == (ACCOUNT, AUDIENCE)
        assert limit >= 2
        found = self.days.get((pulse, day.isoformat()), [])
        start = after["at"] if after else 0
        more = start + 2 < len(found)
        return PulsePage(found[start : start + 2], {"at": start + 2} if more else None)

    def put(self, ref: ContactRef, signal: KeptSignal) -> bool:
        assert isinstance(signal, FellSilent)
        self.signals.append((ref.contact, signal))
        return True


def worked_off(days: Days, job: Job) -> Job:
    task = TellOfSilence(days, days)
    while not job.is_finished:
        job = task.step(an_audience(), job)
    return job


def test_a_day_tells_of_those_whose_day_has_come() -> None:
    # Given people who bought 30, 31 and 29 days ago, and one who opened something 30 days ago
    days = Days(
        {
            (Pulse.PURCHASE, "2026-10-23"): ["ada", "bob", "eve"],
            (Pulse.PURCHASE, "2026-10-22"): ["kim"],
            (Pulse.PURCHASE, "2026-10-24"): ["lee"],
            (Pulse.OPEN, "2026-10-23"): ["max"],
        }
    )
    shelf = Shelf()
    assert shelf.begin() == 1
    (job,) = shelf.jobs.values()

    done = worked_off(days, replace(job, input={**job.input, "first": "2026-11-22"}))

    assert done.result == {"silent": 3}
    signal = FellSilent(at("2026-11-22"), Pulse.PURCHASE, date(2026, 10, 23), 30)
    assert days.signals == [("ada", signal), ("bob", signal), ("eve", signal)]


def test_nobody_waits_and_nothing_is_started() -> None:
    shelf = Shelf()

    assert shelf.begin(TODAY, an_automation()) == 0
    assert shelf.begin(TODAY, waiting(enabled=False)) == 0
    assert shelf.jobs == {}


def test_a_day_is_started_once_and_queued_until_it_is_finished() -> None:
    shelf = Shelf()
    assert [shelf.begin() for _ in range(3)] == [1, 1, 1]
    (job,) = shelf.jobs.values()
    shelf.jobs[job.id] = replace(job, state=JobState.DONE)

    assert shelf.begin() == 0
    assert shelf.queued == [job.id] * 3


def test_days_that_were_missed_are_made_up_for() -> None:
    # Given a day that was finished, and two on which nothing ran
    shelf = Shelf()
    shelf.begin(TODAY - timedelta(days=3))
    (job,) = shelf.jobs.values()
    shelf.jobs[job.id] = replace(job, state=JobState.DONE)
    shelf.begin()
    latest = shelf.jobs[max(shelf.jobs)]
    assert (latest.input["first"], latest.input["last"]) == ("2026-11-20", "2026-11-22")

    # Then each of the three days tells of its own
    days = Days({(Pulse.PURCHASE, f"2026-10-2{day}"): [f"c{day}"] for day in range(5)})
    assert worked_off(days, latest).result == {"silent": 3}
    assert [(contact, it.at) for contact, it in days.signals] == [
        ("c1", at("2026-11-20")),
        ("c2", at("2026-11-21")),
        ("c3", at("2026-11-22")),
    ]


def test_each_wait_begins_the_day_after_it_was_enabled() -> None:
    # Given one of long ago and one of yesterday, and no day that was finished
    shelf = Shelf()
    shelf.begin(TODAY, waiting(since="2026-11-18T00:00:00"), waiting(7, Pulse.CLICK, "2026-11-21T23:00:00"))
    (job,) = shelf.jobs.values()
    assert job.input["first"] == "2026-11-19"

    days = Days(
        {
            (Pulse.PURCHASE, "2026-10-20"): ["ada"],
            (Pulse.CLICK, "2026-11-14"): ["too early"],
            (Pulse.CLICK, "2026-11-15"): ["bob"],
        }
    )
    worked_off(days, job)
    assert [contact for contact, _ in days.signals] == ["ada", "bob"]


def test_no_more_days_are_made_up_for_than_jobs_are_kept() -> None:
    shelf = Shelf()
    shelf.begin()
    (job,) = shelf.jobs.values()

    assert job.input["first"] == (TODAY - timedelta(days=90)).date().isoformat()


@pytest.mark.parametrize(("last", "days"), [("2026-10-23", [7, 30]), ("2026-10-24", [7]), ("2026-11-20", [])])
def test_a_purchase_that_was_undone_may_have_been_the_last_for_long(last: str, days: list[int]) -> None:
    back = SetBack(Pulse.PURCHASE, date.fromisoformat(last), date(2026, 11, 21))
    automations = [waiting(30), waiting(7), waiting(3, Pulse.OPEN), waiting(300), an_automation()]

    found = overdue(back, automations, TODAY)
    assert [it.days for it in found] == days
    assert all(it.at.date() == it.last + timedelta(days=it.days) for it in found)
