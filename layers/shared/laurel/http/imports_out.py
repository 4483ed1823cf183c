"""What imports look like in answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from laurel.http.formats import utc
from laurel.imports.run import Import, ImportState

UPLOAD_SECONDS = 3600
DOWNLOAD_SECONDS = 3600


class Links(Protocol):
    """Makes links to files that work for a while, for whoever has them."""

    def upload_url(self, key: str, seconds: int) -> str: ...
    def download_url(self, key: str, seconds: int, name: str) -> str: ...


def started(it: Import, links: Links, now: datetime) -> dict[str, Any]:
    """A new import, and where to send its file."""
    expires_at = now + timedelta(seconds=UPLOAD_SECONDS)
    upload = {"method": "PUT", "url": links.upload_url(it.upload, UPLOAD_SECONDS), "expires_at": utc(expires_at)}
    return {**import_(it, links), "upload": upload}


def import_(it: Import, links: Links) -> dict[str, Any]:
    """An import, how far it is, and where its rejected rows are once it is over."""
    link = None
    if it.counts.rejected and it.finished_at is not None and not it.gave_up:
        link = links.download_url(it.rejected_rows, DOWNLOAD_SECONDS, f"rejected-{it.id}.csv")
    return {**summary(it), "rejected_rows_url": link}


def summary(it: Import) -> dict[str, Any]:
    """An import and how far it is."""
    rate, left = it.rate(), it.time_left()
    return {
        "id": it.id,
        "store_id": it.store_id,
        "kind": it.kind.value,
        "file_name": it.file_name,
        "dry_run": it.dry_run,
        "state": it.state.value,
        "rows": {
            "total": it.rows,
            "read": it.counts.read,
            "accepted": it.counts.accepted,
            "unchanged": it.counts.unchanged,
            "rejected": it.counts.rejected,
            "empty": it.counts.empty,
        },
        "rows_per_second": None if rate is None else round(rate, 1),
        "seconds_left": None if left is None else round(left.total_seconds()),
        "error": it.error if it.state is ImportState.FAILED else None,
        "by": it.by,
        "created_at": utc(it.created_at),
        "started_at": it.started_at and utc(it.started_at),
        "finished_at": it.finished_at and utc(it.finished_at),
        "location": f"/v1/stores/{it.store_id}/imports/{it.id}",
    }


def imports(found: Iterable[Import], cursor: str | None) -> dict[str, Any]:
    """A page of imports, newest first."""
    return {"imports": [summary(it) for it in found], "next_cursor": cursor}
