"""POST billing events of Stripe. The signature is checked over the raw bytes before anything is parsed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.http.app import App, lambda_handler
from laurel.ingestion.signatures import verify_stripe
from laurel.model.errors import BadSignature, BillingNotConnected, MalformedBody
from laurel.settings import settings
from laurel.store.plans import Plans
from laurel.store.process import dynamodb
from laurel.store.secrets import RememberedSecret, ssm
from laurel.telemetry import count, logger
from laurel.workspace.billing import OfNoConcern, Outcome, SubscriptionEvent, Unplaced, read_event, take_in

app = App()
_plans = Plans(dynamodb(), settings().workspace_table)
_secret = RememberedSecret(ssm, settings().billing_secret_parameter)


@app.post("/billing/stripe")
def receive() -> dict[str, Any]:
    if not _secret.parameter:
        raise BillingNotConnected
    try:
        verify_stripe(app.request.body(), app.request.headers, _secret.values(), datetime.now(UTC))
    except BadSignature:
        count("BillingUnverified")
        raise
    event = app.json_body()
    if not isinstance(event, dict):
        raise MalformedBody("The body must be a JSON object.")
    logger.append_keys(event_id=event.get("id"), event_type=event.get("type"))
    outcome = _outcome(read_event(event))
    count(f"Billing{outcome.capitalize()}")
    return {"outcome": outcome.value}


def _outcome(found: SubscriptionEvent | OfNoConcern | Unplaced) -> Outcome:
    """Stripe is told that the event has arrived, also if nothing can be done about it: it would only send it again."""
    if isinstance(found, OfNoConcern):
        logger.info("billing_ignored", reason=found.reason)
        return Outcome.IGNORED
    if isinstance(found, Unplaced):
        logger.error("billing_unplaced", reason=found.reason)
        return Outcome.REJECTED
    logger.append_keys(account_id=found.account_id, subscription=found.subscription)
    outcome = take_in(_plans, found)
    if outcome is Outcome.REJECTED:
        logger.error("billing_unplaced", reason="there is no such account")
    else:
        logger.info("billing_taken_in", outcome=outcome.value, plan=found.state.plan.value)
    return outcome


handler = lambda_handler(app)
