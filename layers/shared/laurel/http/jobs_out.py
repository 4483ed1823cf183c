"""What jobs and the spread of scores look like in answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from laurel.http.formats import utc
from laurel.model.job import Job
from laurel.scoring.distribution import Distribution, Snapshot, bins


def job(job: Job) -> dict[str, Any]:
    """A job with what came of it, if it is done."""
    return {**summary(job), "result": job.result}


def summary(job: Job) -> dict[str, Any]:
    """A job, and where to follow it."""
    return {
        "id": job.id,
        "kind": job.kind.value,
        "state": job.state.value,
        "progress": {"done": job.done, "total": job.total},
        "error": job.error,
        "by": job.by,
        "created_at": utc(job.created_at),
        "updated_at": utc(job.updated_at),
        "location": f"/v1/audiences/{quote(job.audience_id, safe='')}/jobs/{job.id}",
    }


def jobs(found: Iterable[Job], cursor: str | None) -> dict[str, Any]:
    """A page of jobs, newest first."""
    return {"jobs": [summary(job) for job in found], "next_cursor": cursor}


def distribution(found: Distribution, *, live: bool) -> dict[str, Any]:
    """How scores are spread; ``live`` if they were counted just now."""
    return {**_spread(found), "live": live}


def snapshots(found: Iterable[Snapshot]) -> dict[str, Any]:
    """How scores were spread, day by day."""
    return {"snapshots": [{"day": it.day.isoformat(), **_spread(it.distribution)} for it in found]}


def _spread(found: Distribution) -> dict[str, Any]:
    return {
        "as_of": utc(found.as_of),
        "contacts": found.contacts,
        "total": found.total,
        "lowest": found.lowest,
        "highest": found.highest,
        "median": found.median,
        "deciles": list(found.deciles),
        "histogram": [
            {"from": lowest, "to": highest, "contacts": contacts} for lowest, highest, contacts in bins(found.histogram)
        ],
    }
