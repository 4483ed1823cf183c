"""Start the day's look at an audience's customers."""

from __future__ import annotations

from datetime import datetime

from laurel.model.account import Audience
from laurel.model.job import JobKind
from laurel.scoring.jobs import JobShelf, Queue, daily, queue_unfinished


def begin_alerts(shelf: JobShelf, queue: Queue, audience: Audience, now: datetime) -> int:
    """Start the day's job of an audience unless it is finished; how many were queued.

    Days that were missed need no making up: alerts are opened by what is known on the day of the look.
    """
    return queue_unfinished(shelf, queue, [daily(audience, JobKind.ALERTS, now.date(), now, {})])
