"""POST webhooks of a store's platform. The signature is checked over the raw bytes before anything is parsed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from laurel.http.app import App, lambda_handler
from laurel.ingestion.events import Event, Ignored, PrivacyRequest, Uninstalled
from laurel.ingestion.generic import Shapes
from laurel.ingestion.platforms import Dialect, dialects
from laurel.ingestion.record import Outcome, Recorder
from laurel.ingestion.unreadable import keep_unreadable
from laurel.model.account import Store, StoreState
from laurel.model.errors import BadSignature, InvalidInput, MalformedBody, NotFound, StoreDisconnected, WrongShop
from laurel.privacy.late import DiscreetShelf
from laurel.settings import settings
from laurel.store.contacts import Contacts
from laurel.store.ledger import Ledger
from laurel.store.process import dynamodb
from laurel.store.unreadable import Unreadable
from laurel.store.workspace import Workspace
from laurel.telemetry import count, logger

_WELCOME_AFTER_DISCONNECTION = PrivacyRequest | Uninstalled | Ignored


def _shapes() -> Shapes:
    from laurel.http import orders_in  # noqa: PLC0415, only Laurel's own format needs pydantic

    return orders_in


app = App()
_dialects = dialects(_shapes)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_contacts = Contacts(dynamodb(), settings().contacts_table)
_recorder = Recorder(Ledger(dynamodb(), settings().ledger_table), _contacts, _workspace)
_unreadable = DiscreetShelf(Unreadable(dynamodb(), settings().ledger_table), _contacts)


@app.post("/webhooks/{account}/{store}/{platform}")
def receive(account: str, store: str, platform: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    headers, raw = app.request.headers, app.request.body()
    target, dialect = _addressee(account, store, platform)
    logger.append_keys(account_id=account, store_id=store)
    if dialect.is_ping and dialect.is_ping(headers, raw):
        return _receipt(Outcome.IGNORED)
    try:
        dialect.verify(raw, headers, target.valid_secrets(now), now)
    except BadSignature:
        count("WebhooksUnverified")
        raise
    try:
        body = _parsed(raw)
        _require_same_shop(target, dialect, headers, body)
        event = dialect.read(headers, body)
    except (InvalidInput, MalformedBody) as error:
        if dialect.topic_header is None:
            raise
        return _set_aside(target, headers.get(dialect.topic_header, ""), raw, error, now)
    if not target.is_connected and not isinstance(event, _WELCOME_AFTER_DISCONNECTION):
        if target.state is StoreState.PAUSED:
            # Answered like any other: a shop that is refused stops sending for good.
            count("WebhooksPaused")
            return _receipt(Outcome.IGNORED)
        raise StoreDisconnected(store)
    outcome = _recorder.record(target, event, now)
    _report(event, outcome)
    return _receipt(outcome)


def _addressee(account_id: str, store_id: str, platform: str) -> tuple[Store, Dialect]:
    store = _workspace.store(account_id, store_id)
    if store is None or store.platform != platform or store.platform not in _dialects:
        raise NotFound(f"{platform} store", store_id)
    return store, _dialects[store.platform]


def _parsed(raw: bytes) -> Mapping[str, Any]:
    """The body as an object; an amount of money written as a number stays what was written."""
    try:
        body = json.loads(raw, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise MalformedBody(f"The body is not JSON: {error}.") from None
    if not isinstance(body, dict):
        raise MalformedBody("The body must be a JSON object.")
    return body


def _require_same_shop(store: Store, dialect: Dialect, headers: Mapping[str, str], body: Mapping[str, Any]) -> None:
    """Raise ``WrongShop`` if the delivery names another shop than the store does; one that names none may pass."""
    named = dialect.shop(headers, body) if dialect.shop and store.shop_domain else None
    if named and named != store.shop_domain:
        count("WebhooksOfOtherShops")
        logger.warning("webhook_of_other_shop", shop=named)
        raise WrongShop(named, store.shop_domain or "")


def _set_aside(
    store: Store, topic: str, raw: bytes, error: InvalidInput | MalformedBody, now: datetime
) -> dict[str, Any]:
    kept = keep_unreadable(_unreadable, store, topic, raw, error, now)
    count("WebhooksRejected")
    pointers = [fault.pointer for fault in kept.faults]
    logger.warning("webhook_unreadable", topic=kept.topic, delivery_id=kept.id, pointers=pointers)
    return _receipt(Outcome.REJECTED)


def _report(event: Event, outcome: Outcome) -> None:
    count(f"Webhooks{outcome.capitalize()}")
    if isinstance(event, Ignored):
        logger.info("webhook_ignored", reason=event.reason)
    elif isinstance(event, PrivacyRequest):
        count("PrivacyRequestsReceived")
        logger.warning("privacy_request", kind=event.kind.value, request_id=event.id)


def _receipt(outcome: Outcome) -> dict[str, Any]:
    return {"outcome": outcome.value}


handler = lambda_handler(app)
