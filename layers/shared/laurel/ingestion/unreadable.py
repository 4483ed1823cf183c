"""Deliveries that bear a valid signature and cannot be read: answered, so that the shop goes on sending, and kept."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Protocol

from laurel.model.account import Store
from laurel.model.errors import FieldError, InvalidInput, MalformedBody
from laurel.model.setaside import UnreadableDelivery

_LONGEST_TOPIC = 100
_LONGEST_FAULT = 500
_FAULTS_KEPT = 20


class UnreadableDeliveries(Protocol):
    """Keeps deliveries with their bodies; returns False for one that is kept already."""

    def keep(self, store: Store, delivery: UnreadableDelivery, body: bytes) -> bool: ...


def keep_unreadable(
    deliveries: UnreadableDeliveries,
    store: Store,
    topic: str,
    body: bytes,
    error: InvalidInput | MalformedBody,
    now: datetime,
) -> UnreadableDelivery:
    """Keep a delivery for somebody to look at, once however often it comes."""
    topic = topic.strip()[:_LONGEST_TOPIC]
    delivery = UnreadableDelivery(
        id=hashlib.sha256(topic.encode(errors="replace") + b"\n" + body).hexdigest(),
        topic=topic,
        received_at=now,
        faults=_faults(error),
    )
    deliveries.keep(store, delivery, body)
    return delivery


def _faults(error: InvalidInput | MalformedBody) -> tuple[FieldError, ...]:
    told = error.errors if isinstance(error, InvalidInput) else ()
    faults = told or (FieldError("", str(error)),)
    return tuple(FieldError(it.pointer[:_LONGEST_FAULT], it.detail[:_LONGEST_FAULT]) for it in faults[:_FAULTS_KEPT])
