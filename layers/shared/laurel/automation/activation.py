"""The job that an automation asks for when it is enabled: to include those who meet its trigger already."""

from __future__ import annotations

from datetime import datetime

from laurel.model.automation import Automation
from laurel.model.job import Job, JobKind, job_id

_ID_LETTERS = 7


def inclusion_of(automation: Automation) -> str | None:
    """Id of the job that includes those who met the trigger when an automation was enabled; None if nobody asked."""
    if not automation.include_existing or automation.enabled_at is None:
        return None
    return job_id(automation.enabled_at, automation.id[:_ID_LETTERS])


def new_inclusion(automation: Automation, now: datetime, by: str | None) -> Job | None:
    """The job that an automation, about to be kept as enabled, asks for; None if it asks for none."""
    id_ = inclusion_of(automation)
    if id_ is None:
        return None
    return Job(
        automation.account_id,
        automation.audience_id,
        id_,
        JobKind.INCLUSION,
        created_at=now,
        updated_at=now,
        input={"automation": automation.id, "name": automation.name},
        by=by,
    )
