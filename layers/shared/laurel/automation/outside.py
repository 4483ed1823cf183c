"""What automations ask of the world outside: webhooks, the event bus, and time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from laurel.model.contact import ContactRef


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What came of a webhook: the answer's ``status`` if there was one, and the ``fault``, None if it was taken."""

    status: int | None
    fault: str | None = None


class WebhookSender(Protocol):
    """Sends webhooks."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> WebhookAnswer: ...


class EventBus(Protocol):
    """Takes events."""

    def put(self, detail_type: str, detail: Mapping[str, Any]) -> None: ...


class Waits(Protocol):
    """Has a run taken up again at a time; the same ``name`` twice is one wait."""

    def wait(self, ref: ContactRef, run_id: str, name: str, until: datetime, now: datetime) -> None: ...
