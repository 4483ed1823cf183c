"""What rebuilds and rates look like in answers."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import quote

from laurel.model.account import Store
from laurel.model.job import Job, JobState
from laurel.model.rates import Rates

REBUILDING = "Laurel-Rebuilding"
"""Header of CSV answers whose figures are being computed again."""


class JobShelf(Protocol):
    """Finds jobs."""

    def job(self, account_id: str, audience_id: str, job_id: str) -> Job | None: ...


def rebuilding(store: Store, jobs: JobShelf) -> dict[str, Any]:
    """Whether the store's boards are being computed again, and how far that is.

    A job that is not there was lost on its way, and is started again within a day.
    """
    if store.rebuild is None:
        return {"rebuilding": False, "rebuild": None}
    job = jobs.job(store.account_id, store.audience_id, store.rebuild.job)
    return {
        "rebuilding": True,
        "rebuild": {
            "state": (job.state if job else JobState.QUEUED).value,
            "progress": {"done": job.done if job else 0, "total": job.total if job else None},
            "job": f"/v1/audiences/{quote(store.audience_id, safe='')}/jobs/{store.rebuild.job}",
        },
    }


def rebuilding_header(store: Store | None) -> dict[str, str]:
    """Says of a CSV answer with figures of this store that these are not complete, if so."""
    return {REBUILDING: "true"} if store and store.rebuild else {}


def rates(store: Store, declared: Rates) -> dict[str, Any]:
    """A store's rates, by currency and month."""
    return {
        "currency": store.currency,
        "rates": [
            {"currency": currency, "month": month, "rate": rate}
            for (currency, month), rate in sorted(declared.table.items())
        ],
    }
