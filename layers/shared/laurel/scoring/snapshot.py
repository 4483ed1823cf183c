"""The daily snapshot: walk through all scores of an audience, lowest first, and keep how they are spread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from laurel.model.account import Audience
from laurel.model.job import Job
from laurel.model.order import epoch_ms
from laurel.scoring.distribution import Snapshot, SnapshotBook, Tally
from laurel.scoring.lists import ScoreList
from laurel.scoring.work import finished


class TakeSnapshot:
    """Takes in one reading's scores a step."""

    def __init__(self, scores: ScoreList, snapshots: SnapshotBook, now: Callable[[], datetime]) -> None:
        self._scores = scores
        self._snapshots = snapshots
        self._now = now

    def step(self, audience: Audience, job: Job) -> Job:
        """Take in the next scores. All are of the epoch in which the job began."""
        place = job.place or self._begun(audience)
        audience = replace(audience, score_epoch=place["epoch"])
        tally = Tally(place["expected"], place["tally"])
        page = self._scores.scores(audience, place["after"])
        tally.add(page.scores)
        job = replace(
            job,
            place={**place, "after": page.last, "tally": tally.kept()},
            done=tally.contacts,
            total=max(place["expected"], tally.contacts),
        )
        if page.last:
            return job
        as_of = datetime.fromtimestamp(place["as_of"] / 1000, UTC)
        snapshot = Snapshot(date.fromisoformat(job.input["day"]), tally.distribution(as_of))
        self._snapshots.save(audience.account_id, audience.id, snapshot)
        return finished(job, {"day": snapshot.day.isoformat(), "contacts": tally.contacts})

    def _begun(self, audience: Audience) -> dict[str, Any]:
        return {
            "expected": self._scores.count_scores(audience),
            "epoch": audience.score_epoch,
            "as_of": epoch_ms(self._now()),
            "after": None,
            "tally": None,
        }
