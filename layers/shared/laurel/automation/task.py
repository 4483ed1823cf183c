"""One step of a run that is to be done, and what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from laurel.model.automation import Run, Step, run_subject
from laurel.model.contact import Contact


class Outcome(StrEnum):
    """What the log of a run says of a step."""

    BEGUN = "begun"
    """It is being done; or its worker was killed, and it is to be done again."""
    DONE = "done"
    UNCHANGED = "unchanged"
    """There was nothing to do: the contact had the tag already, or not."""
    REFUSED = "refused"
    """It may not be, as a message to somebody who wants none; the run goes on."""
    RETRIED = "retried"
    """It did not work out, and is tried again."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Did:
    """What came of a step; ``detail`` makes words of it, without personal data.

    ``again`` is after what time to try again, of a step that is retried, ``reason`` why a run failed.
    """

    outcome: Outcome
    detail: Mapping[str, Any] = field(default_factory=dict)
    again: timedelta | None = None

    @property
    def reason(self) -> str | None:
        problem = self.detail.get("problem")
        return problem if isinstance(problem, str) else None


@dataclass(frozen=True, slots=True)
class Task:
    """The present step of a run, for a contact as they are now. ``begun_at`` is when it was begun first."""

    run: Run
    contact: Contact
    begun_at: datetime
    now: datetime

    @property
    def step(self) -> Step:
        """What is to be done."""
        return self.run.steps[self.run.step]

    @property
    def subject(self) -> str:
        """Names the step as the cause of what it does to the contact."""
        return run_subject(self.run.id, self.run.step)

    @property
    def key(self) -> str:
        """48 hex digits that no other step of anybody's has, and this one each time it is done."""
        ref = self.run.ref
        parts = (ref.account_id, ref.audience_id, ref.contact, self.subject)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:48]

    @property
    def attempts(self) -> int:
        """How often the step was tried before and is to be tried again."""
        log = self.run.log
        return sum(it.step == self.run.step and it.outcome == Outcome.RETRIED for it in log)
