"""Every minute: look after the messages of the outbox whose time has come, or that somebody has lost."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from laurel.messaging.sweep import Swept, sweep
from laurel.settings import settings
from laurel.store.messages import Messages
from laurel.store.process import dynamodb
from laurel.store.queue import MailQueue, sqs
from laurel.telemetry import count, entry_point, logger

_BUDGET = timedelta(seconds=45)
"""After this time the rest is left to the next minute."""

_messages = Messages(dynamodb(), settings().contacts_table)
_queue = MailQueue(sqs(), settings().mail_queue_url)
_now = partial(datetime.now, UTC)


class SweepFailed(Exception):
    """Some messages could not be looked after. The next minute's sweep tries again."""


@entry_point
def handler(_event: dict[str, Any], _context: Any) -> None:
    """Queue what is due and name what is unknown. Raises ``SweepFailed`` after the others are looked after."""
    until = _now() + _BUDGET
    done: Counter[Swept] = Counter()
    failed = 0
    for ref, message_id in _messages.due(_now()):
        if _now() >= until:
            break
        try:
            swept = sweep(_messages, _queue, ref, message_id, _now())
        except Exception:  # noqa: BLE001, whatever failed, others are looked after
            logger.exception("sweep_failed", account_id=ref.account_id, message_id=message_id)
            failed += 1
            continue
        done[swept] += 1
        if swept is Swept.UNKNOWN:
            logger.error(
                "mail_unknown",
                account_id=ref.account_id,
                audience_id=ref.audience_id,
                contact=ref.contact,
                message_id=message_id,
            )
    count("MailDue", done[Swept.QUEUED])
    count("MailQueuedAgain", done[Swept.QUEUED_AGAIN])
    count("MailUnknown", done[Swept.UNKNOWN])
    if failed:
        raise SweepFailed(f"{failed} messages")
