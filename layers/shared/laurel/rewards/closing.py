"""Start the jobs that give awards: at a board's close, every day, and when somebody asks for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from laurel.model.account import Audience, Store
from laurel.model.job import Job, JobKind, job_id
from laurel.model.period import Period, kind_of_frame
from laurel.model.ranking import BoardView, Metric
from laurel.model.reward import FirstOfBoard, InTier, Programme, ProgrammeState, ScoreAtLeast
from laurel.model.snapshot import Snapshot
from laurel.scoring.bulk import midnight
from laurel.scoring.jobs import JobShelf, Queue, queue_unfinished

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NAME = 8


class ProgrammeShelf(Protocol):
    """Lists the programmes of an audience."""

    def programmes(self, account_id: str, audience_id: str) -> list[Programme]: ...


def begin(
    programmes: ProgrammeShelf, shelf: JobShelf, queue: Queue, store: Store, period: Period, now: datetime
) -> int:
    """Start the awards of each active programme on the boards of a store that closed with a period; how many.

    Their ids are made of programme and period: however often it is begun, each job is there once, and one that is not
    finished is queued again. A programme gives nothing for a period that was over before there was the programme.
    """
    wanted = []
    for it in programmes.programmes(store.account_id, store.audience_id):
        if it.state is not ProgrammeState.ACTIVE or it.store_id != store.id or not isinstance(it.who, FirstOfBoard):
            continue
        if period.end and kind_of_frame(it.who.time_frame) is period.kind and it.created_at < period.end:
            board = board_of(store, period, it.who.metric, BoardView.CLOSED)
            asked = {"board": board, "first": it.who.first, "occasion": occasion_of(board)}
            wanted.append(_job(it, period.end, now, asked))
    return queue_unfinished(shelf, queue, wanted)


def begin_daily(programmes: ProgrammeShelf, shelf: JobShelf, queue: Queue, audience: Audience, now: datetime) -> int:
    """Start the day's awards of each active programme for a score or a tier, as ``begin`` does; how many."""
    today = midnight(now.date())
    wanted = [
        _job(it, today, now, {"occasion": occasion})
        for it in programmes.programmes(audience.account_id, audience.id)
        if it.state is ProgrammeState.ACTIVE and not it.is_used_up and (occasion := _once(it))
    ]
    return queue_unfinished(shelf, queue, wanted)


@dataclass(frozen=True, slots=True)
class BeginAtClose:
    """Told of snapshots, starts the awards of those that closed a period."""

    programmes: ProgrammeShelf
    shelf: JobShelf
    queue: Queue

    def __call__(self, store: Store, before: Snapshot | None, after: Snapshot) -> None:
        """Twice for the same snapshot changes nothing."""
        del before
        if after.closed:
            period = store.calendar.period(after.period)
            begin(self.programmes, self.shelf, self.queue, store, period, after.taken_at)


def board_of(store: Store, period: Period, metric: Metric, view: BoardView) -> dict[str, str]:
    """A board, as a job's input names it."""
    return {"store": store.id, "period": period.id, "metric": metric.value, "view": view.value}


def occasion_of(board: Mapping[str, str]) -> str:
    """The occasion of a board's awards: the same for its close and by hand."""
    return ":".join((board["store"], board["metric"], board["period"]))


def _once(programme: Programme) -> str | None:
    """The one occasion of a programme for a score or a tier."""
    if isinstance(programme.who, ScoreAtLeast):
        return "score"
    return f"tier:{programme.who.tier_id}" if isinstance(programme.who, InTier) else None


def _job(programme: Programme, at: datetime, now: datetime, asked: Mapping[str, Any]) -> Job:
    digest = hashlib.sha256(programme.id.encode()).digest()
    name = "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:_NAME])
    return Job(
        programme.account_id,
        programme.audience_id,
        job_id(at, name),
        JobKind.AWARD,
        created_at=now,
        updated_at=now,
        input={"programme": programme.id, **asked},
    )
