"""The installation's own event bus (Amazon EventBridge), for whoever runs it to listen to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol, cast

from botocore.config import Config

from laurel.model.errors import Busy
from laurel.store.client import lean_client

SOURCE = "laurel"

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})


class EventsClient(Protocol):
    """As much of botocore's client as is used."""

    def put_events(self, *, Entries: list[dict[str, str]]) -> Any: ...  # noqa: N803, botocore's name


def create_client(**options: Any) -> EventsClient:
    """A low-level client; ``options`` as ``lean_client`` takes them."""
    return cast("EventsClient", lean_client("events", _CONFIG, **options))


@cache
def events() -> EventsClient:
    """The process's client, made on first use."""
    return create_client()


class EventBus:
    """Puts events on one bus."""

    def __init__(self, client: Callable[[], EventsClient], name: str) -> None:
        self._client = client
        self._name = name

    def put(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Put an event on the bus. Raises ``Busy`` if the bus did not take it."""
        entry = {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": detail_type,
            "Detail": json.dumps(detail, ensure_ascii=False),
        }
        if self._client().put_events(Entries=[entry])["FailedEntryCount"]:
            raise Busy("The event bus")
