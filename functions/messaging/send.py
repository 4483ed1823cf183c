"""Queue of mail: send the mail of each message, once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

from laurel.messaging.outbox import BusyReason, Delivery, Outbox, Outcome, Sources, Uncertain
from laurel.messaging.pace import Pace
from laurel.model.contact import ContactRef
from laurel.settings import settings
from laurel.store.contacts import Contacts
from laurel.store.deliverability import Tallies
from laurel.store.link_keys import LinkKeys
from laurel.store.mail_service import SESMail, ses
from laurel.store.messages import Messages
from laurel.store.process import dynamodb
from laurel.store.senders import Senders
from laurel.store.suppressions import Suppressions
from laurel.store.workspace import Workspace
from laurel.telemetry import count, entry_point, logger

_THREADS = 5
_NEEDS_SOMEBODY = (BusyReason.QUOTA, BusyReason.HELD)

_mail = SESMail(ses(), settings().mail_configuration_set, tenants=settings().mail_tenants)
_outbox = Outbox(
    Sources(
        messages=Messages(dynamodb(), settings().contacts_table),
        accounts=Workspace(dynamodb(), settings().workspace_table),
        people=Contacts(dynamodb(), settings().contacts_table),
        senders=Senders(dynamodb(), settings().workspace_table),
        suppressions=Suppressions(dynamodb(), settings().workspace_table),
        standings=Tallies(dynamodb(), settings().workspace_table),
        link_keys=LinkKeys(dynamodb(), settings().workspace_table),
    ),
    _mail,
    settings().api_url,
    partial(datetime.now, UTC),
    Pace(_mail.rate).wait,
)


@entry_point
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Send the batch; messages that failed before their mail was begun come again, at last as dead letters."""
    records = event["Records"]
    with ThreadPoolExecutor(_THREADS) as pool:
        deliveries = list(pool.map(_deliver, records))
    for outcome in Outcome:
        found = sum(it.outcome is outcome for it in deliveries if it)
        count(f"Mail{outcome.title().replace('_', '')}", found)
    count("MailHeld", sum(it.why in _NEEDS_SOMEBODY for it in deliveries if it))
    failed = [record["messageId"] for record, it in zip(records, deliveries, strict=True) if it is None]
    count("MailNotBegun", len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _deliver(record: Mapping[str, Any]) -> Delivery | None:
    """What became of a message, None if it is to come again. Counts nothing: counters are for one thread."""
    try:
        body = json.loads(record["body"])
        return _sent(ContactRef(body["account"], body["audience"], body["contact"]), body["message"])
    except Exception:  # noqa: BLE001, whatever failed, only this message comes again
        logger.exception("mail_not_begun", delivery=record["messageId"])
        return None


def _sent(ref: ContactRef, message_id: str) -> Delivery:
    try:
        delivery = _outbox.deliver(ref, message_id)
    except Uncertain as uncertain:
        # Nobody else is let near it. If nothing is heard of it, the sweep calls it unknown.
        logger.exception("mail_uncertain", account_id=ref.account_id, message_id=message_id, mail=uncertain.mail_id)
        return Delivery(Outcome.DROPPED)
    if delivery.why:
        logger.info("mail_not_sent", account_id=ref.account_id, message_id=message_id, why=delivery.why.value)
    return delivery
