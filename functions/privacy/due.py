"""Every hour: begin what platforms have asked, and take up again every erasure that is not done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.privacy.requests import Clerk
from laurel.settings import settings
from laurel.store.erasures import Due, Erasures
from laurel.store.ledger import Ledger
from laurel.store.process import dynamodb
from laurel.store.queue import ErasureQueue, sqs
from laurel.store.traces import Traces
from laurel.store.workspace import Workspace
from laurel.telemetry import count, entry_point, logger

_erasures = Erasures(dynamodb(), settings().workspace_table)
_queue = ErasureQueue(sqs(), settings().erasures_queue_url)
_clerk = Clerk(
    _erasures,
    _queue,
    Workspace(dynamodb(), settings().workspace_table),
    Ledger(dynamodb(), settings().ledger_table),
    Traces(dynamodb(), settings().workspace_table),
)


class PrivacyRequestsFailed(Exception):
    """Some requests could not be looked after."""


@entry_point
def handler(_event: dict[str, Any], _context: Any) -> None:
    """Look after what is due. Raises ``PrivacyRequestsFailed``, so that Lambda tries again what is not begun yet."""
    now = datetime.now(UTC)
    failed = 0
    for due in _erasures.due():
        try:
            _look_after(due, now)
        except Exception:  # noqa: BLE001, whatever failed, others' requests are looked after
            logger.exception("privacy_request_failed", account_id=due.account_id, store_id=due.store_id)
            failed += 1
    count("PrivacyRequestsFailed", failed)
    if failed:
        raise PrivacyRequestsFailed(f"{failed} requests")


def _look_after(due: Due, now: datetime) -> None:
    if due.erasure_id:
        # Doing one at the same time twice does no harm, and losing its message would.
        _queue.send(due.account_id, due.erasure_id)
    elif due.store_id and due.request_id:
        state = _clerk.look_after(due.account_id, due.store_id, due.request_id, now)
        if state:
            count(f"PrivacyRequests{state.capitalize()}")
