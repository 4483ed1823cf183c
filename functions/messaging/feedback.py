"""EventBridge: what the mail service tells of mail that was sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.ingestion.record import Outcome
from laurel.messaging.feedback import FeedbackKind, Unheard, read
from laurel.messaging.hear import Ear, Refusal
from laurel.model.errors import InvalidInput
from laurel.settings import settings
from laurel.store.contacts import Contacts
from laurel.store.deliverability import Tallies
from laurel.store.evidence import Evidence
from laurel.store.feedback import Heard
from laurel.store.ledger import Ledger
from laurel.store.process import dynamodb
from laurel.store.suppressions import Suppressions
from laurel.telemetry import count, entry_point, logger

_ear = Ear(
    Heard(dynamodb(), settings().contacts_table, settings().workspace_table),
    Ledger(dynamodb(), settings().ledger_table),
    Evidence(dynamodb(), settings().ledger_table),
    Contacts(dynamodb(), settings().contacts_table),
    Suppressions(dynamodb(), settings().workspace_table),
)
_tallies = Tallies(dynamodb(), settings().workspace_table)


@entry_point
def handler(event: dict[str, Any], _context: Any) -> None:
    """Keep one event; what cannot be kept comes again, and at last goes to the dead letters."""
    try:
        feedback = read(event["detail"])
    except InvalidInput:
        logger.exception("feedback_unreadable", event_id=event["id"], detail_type=event["detail-type"])
        raise
    if isinstance(feedback, Unheard):
        count("FeedbackIgnored")
        return
    outcome = _ear.hear(feedback, datetime.now(UTC))
    if isinstance(outcome, Refusal):
        logger.warning(
            "feedback_refused",
            reason=outcome.value,
            kind=feedback.kind.value,
            account_id=feedback.ref.account_id,
            contact=feedback.ref.contact,
            message_id=feedback.message_id,
            mail_id=feedback.mail_id,
        )
        count("FeedbackRefused")
        return
    count(f"Feedback{outcome.capitalize()}")
    if outcome is Outcome.ACCEPTED and feedback.kind in (FeedbackKind.BOUNCE, FeedbackKind.COMPLAINT):
        _watch(feedback.ref.account_id)


def _watch(account_id: str) -> None:
    """Tell the operator of an account that may send no more."""
    standing = _tallies.standing(account_id, datetime.now(UTC))
    if standing.is_stopped:
        logger.warning("sending_stopped", account_id=account_id, why=list(standing.why))
        count("SendingStopped")
