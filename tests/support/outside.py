"""EventBridge as far as Laurel uses it: one-time schedules, and a bus."""

from __future__ import annotations

import json
from typing import Any

from tests.support.faults import client_error


class FakeScheduler:
    """Schedules by name; a name that there is cannot be made again."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}
        self.calls: list[str] = []

    def create_schedule(self, **request: Any) -> Any:
        self.calls += ["CreateSchedule", "PassRole"]  # AWS asks for the permission to have it act as the role, too
        if request["Name"] in self.made:
            raise client_error("ConflictException")
        self.made[request["Name"]] = request


class FakeBus:
    """Events in the order in which they were put."""

    def __init__(self) -> None:
        self.entries: list[dict[str, str]] = []
        self.failed = 0
        self.calls: list[str] = []

    def put_events(self, *, Entries: list[dict[str, str]]) -> Any:  # noqa: N803
        self.calls.append("PutEvents")
        self.entries += Entries
        return {"FailedEntryCount": self.failed}

    @property
    def details(self) -> list[Any]:
        """What the events say."""
        return [json.loads(entry["Detail"]) for entry in self.entries]
