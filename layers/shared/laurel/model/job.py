"""Jobs: work on many contacts that takes longer than a request, done in chunks and followed by its progress."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from laurel.model.order import epoch_ms

if TYPE_CHECKING:
    from laurel.model.account import Store

KEPT = timedelta(days=90)
MOST_CONTACTS = 10_000
"""Contacts of a bulk change."""

_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_TIME_DIGITS = 9
_RANDOM_DIGITS = 7


class JobKind(StrEnum):
    """What a job does."""

    BULK = "bulk"
    VERIFY = "verify"
    BACK_TEST = "back_test"
    SNAPSHOT = "snapshot"
    EXPIRY = "expiry"
    DECAY = "decay"
    SILENCE = "silence"
    REBUILD = "rebuild"
    RECONCILIATION = "reconciliation"
    ALERTS = "alerts"
    AWARD = "award"
    DRY_RUN = "dry_run"
    INCLUSION = "inclusion"


class JobState(StrEnum):
    """Where a job is in its life; ``done`` and ``failed`` are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work in an audience.

    ``input``, ``place`` and ``result`` hold what JSON can hold: what is to be done, where to go on and what was found
    so far, and what came of it. ``done`` and ``total`` count contacts (of an expiry entries, of rebuilds and
    reconciliations orders); ``total`` is None while it is not known. ``gave_up`` is set if it failed again and again,
    not because of what was asked. ``version`` counts the writes.

    ``pause`` is of the step that was just taken, and not kept: what it found is to be saved before the next one, which
    is to be taken so much later.
    """

    account_id: str
    audience_id: str
    id: str
    kind: JobKind
    created_at: datetime
    updated_at: datetime
    input: Mapping[str, Any] = field(default_factory=dict)
    by: str | None = None
    state: JobState = JobState.QUEUED
    done: int = 0
    total: int | None = None
    place: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None
    error: str | None = None
    gave_up: bool = False
    version: int = 0
    pause: timedelta | None = None

    @classmethod
    def of_store(cls, store: Store, id_: str, kind: JobKind, now: datetime, by: str | None) -> Job:
        """A new job about a store."""
        return cls(
            store.account_id,
            store.audience_id,
            id_,
            kind,
            created_at=now,
            updated_at=now,
            input={"store": store.id},
            by=by,
        )

    @property
    def is_finished(self) -> bool:
        """True once nothing is left to do, or nothing can be done."""
        return self.state in (JobState.DONE, JobState.FAILED)

    @property
    def subject(self) -> str:
        """Names the job as the cause of points."""
        return f"job:{self.id}"


def job_id(started_at: datetime, name: str | None = None) -> str:
    """An id that sorts by time; with a name it is the same for each call with the same arguments.

    ``name`` is made of lower-case letters.
    """
    milliseconds, digits = epoch_ms(started_at), ""
    for _ in range(_TIME_DIGITS):
        milliseconds, digit = divmod(milliseconds, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits + (name or "".join(secrets.choice(_DIGITS) for _ in range(_RANDOM_DIGITS)))
