"""Laurel's own webhook format for any other shop: Standard Webhooks envelopes with an order in the shape of the API.

docs/webhooks.md describes it. What ``data`` holds is read by the very code that reads what API clients send.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from laurel.ingestion.events import Event, Ignored, OrderReport
from laurel.ingestion.fields import Fields
from laurel.model.order import Deletion, Refund

_ENVELOPE = frozenset({"type", "timestamp", "data"})
_ORDER_TYPES = frozenset({"order.created", "order.updated", "order.paid", "order.cancelled"})
_DATA = "/data"


class Shapes(Protocol):
    """Reads JSON in the API's own shapes. Raises ``InvalidInput`` with pointers below ``pointer``.

    ``triggered_at`` is when the event happened, and so when the order changed unless it says otherwise; ``cancelled``
    goes before the order's own status.
    """

    def order_report(
        self, value: Any, pointer: str, *, triggered_at: datetime | None, cancelled: bool
    ) -> OrderReport: ...
    def order_refund(self, value: Any, pointer: str) -> Refund: ...
    def order_deletion(self, value: Any, pointer: str, at: datetime) -> Deletion: ...


def read(_headers: Mapping[str, str], body: Mapping[str, Any], shapes: Shapes) -> Event:
    """What a verified delivery means. Raises ``InvalidInput``.

    All of it is in the signed body: ``type``, ``timestamp`` (when it happened) and ``data``.
    """
    envelope = Fields(body)
    type_ = envelope.text("type")
    if type_ is None:
        raise envelope.fault("type", "type is required.")
    if type_ not in {*_ORDER_TYPES, "order.deleted", "order.refunded"}:
        return Ignored("unknown_topic")
    envelope.forbid_unknown(_ENVELOPE)
    timestamp = envelope.instant("timestamp")
    data = body.get("data")
    if type_ == "order.deleted":
        return shapes.order_deletion(data, _DATA, timestamp)
    if type_ == "order.refunded":
        return shapes.order_refund(data, _DATA)
    return shapes.order_report(data, _DATA, triggered_at=timestamp, cancelled=type_ == "order.cancelled")
