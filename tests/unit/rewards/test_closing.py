"""Awards begin when a board closes and once a day, each as one job however often that is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from laurel.model.account import Audience
from laurel.model.job import Job, JobState
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.reward import (
    Benefit,
    BenefitKind,
    Budget,
    FirstOfBoard,
    InTier,
    Programme,
    ProgrammeState,
    ScoreAtLeast,
    Tally,
)
from laurel.rewards.closing import begin, begin_daily
from tests.support.rewards import a_programme
from tests.support.samples import ACCOUNT, AUDIENCE, NOW, STORE, a_store

BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
OCTOBER = a_store().calendar.period("2026-10")


class Jobs:
    """Programmes, jobs and the queue of these."""

    def __init__(self, *programmes: Programme) -> None:
        self.kept = programmes
        self.saved: dict[str, Job] = {}
        self.sent: list[str] = []

    def programmes(self, account_id: str, audience_id: str) -> list[Programme]:
        return [it for it in self.kept if (it.account_id, it.audience_id) == (account_id, audience_id)]

    def job(self, account_id: str, audience_id: str, job_id: str) -> Job | None:
        return self.saved.get(job_id)

    def save(self, job: Job) -> Job | None:
        known = self.saved.get(job.id)
        if (known.version if known else 0) != job.version:
            return None
        self.saved[job.id] = replace(job, version=job.version + 1)
        return self.saved[job.id]

    def send(self, account_id: str, audience_id: str, job_id: str) -> None:
        self.sent.append(job_id)


def of_board(id_: str = "programmeaaa", frame: TimeFrame = TimeFrame.LAST_MONTH, **changes: Any) -> Programme:
    who = FirstOfBoard(Metric.TOTAL_SPENT, frame, 10)
    return a_programme(id=id_, **{"who": who, "store_id": STORE, "created_at": BEFORE, **changes})


def test_a_close_starts_the_programmes_of_its_board() -> None:
    jobs = Jobs(of_board(), of_board("programmebbb"))

    assert begin(jobs, jobs, jobs, a_store(), OCTOBER, NOW) == 2

    board = {"store": STORE, "period": "2026-10", "metric": "total_spent", "view": "closed"}
    inputs = [job.input for job in jobs.saved.values()]
    assert [it["programme"] for it in inputs] == ["programmeaaa", "programmebbb"]
    assert all(it["board"] == board and it["first"] == 10 for it in inputs)
    assert all(it["occasion"] == f"{STORE}:total_spent:2026-10" for it in inputs)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": ProgrammeState.PAUSED},
        {"state": ProgrammeState.ENDED},
        {"store_id": "another"},
        {"frame": TimeFrame.LAST_WEEK},
        {"created_at": OCTOBER.end},
        {"who": ScoreAtLeast(5)},
    ],
    ids=str,
)
def test_others_are_left_alone(changes: dict[str, Any]) -> None:
    jobs = Jobs(of_board(**changes))

    assert begin(jobs, jobs, jobs, a_store(), OCTOBER, NOW) == 0
    assert jobs.saved == {}


def test_a_close_that_is_told_again_is_the_same_job() -> None:
    jobs = Jobs(of_board())
    for hours in range(3):
        assert begin(jobs, jobs, jobs, a_store(), OCTOBER, NOW + timedelta(hours=hours)) == 1

    (job,) = jobs.saved.values()
    assert jobs.sent == [job.id] * 3
    jobs.saved[job.id] = replace(job, state=JobState.DONE)
    assert begin(jobs, jobs, jobs, a_store(), OCTOBER, NOW) == 0
    november = a_store().calendar.period("2026-11")
    assert begin(jobs, jobs, jobs, a_store(), november, NOW) == 1


def test_scores_and_tiers_are_looked_at_daily() -> None:
    used_up = {"budget": Budget(awards=5), "tally": Tally(awards=5)}
    worth = {
        "budget": Budget(value=100),
        "tally": Tally(value=60),
        "benefit": Benefit(BenefitKind.EARLY_ACCESS, worth=50),
    }
    jobs = Jobs(
        a_programme(id="score", who=ScoreAtLeast(100)),
        a_programme(id="tier", who=InTier("gold")),
        a_programme(id="paused", who=ScoreAtLeast(100), state=ProgrammeState.PAUSED),
        a_programme(id="used", who=ScoreAtLeast(100), **used_up),
        a_programme(id="worth", who=ScoreAtLeast(100), **worth),
        a_programme(id="hand"),
        of_board("board"),
    )
    audience = Audience(ACCOUNT, AUDIENCE, "Customers", 1, BEFORE)

    assert begin_daily(jobs, jobs, jobs, audience, NOW) == 2
    assert begin_daily(jobs, jobs, jobs, audience, NOW + timedelta(hours=3)) == 2

    asked = [(job.input["programme"], job.input["occasion"]) for job in jobs.saved.values()]
    assert asked == [("score", "score"), ("tier", "tier:gold")]
    assert begin_daily(jobs, jobs, jobs, audience, NOW + timedelta(days=1)) == 2
    assert len(jobs.saved) == 4
