"""What the API answers about single runs of automations, as pydantic models for its description."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from laurel.model.automation import RunState
from tools.openapi_answers import Answer, Id, Instant

RunId = Annotated[str, Field(pattern="^[0-9a-f]{24}$", examples=["5f3c0d0e9a7b4c2d1e8f6a3b"])]


class RunFact(Answer):
    """A run of an automation in its contact's timeline."""

    id: RunId
    automation_id: Id
    automation_name: Annotated[str, Field(description="As it was when the run began.")]
    automation_version: int
    state: Annotated[
        RunState,
        Field(description="`done`, `skipped` (a condition did not hold), `failed` and `stopped` are final."),
    ]
    reason: Annotated[
        str | None,
        Field(description="Why it was skipped (the kind of the condition), failed or stopped, as a code."),
    ]
    cause: Annotated[dict[str, Any], Field(description="What set it off: its `kind`, and figures that go with it.")]
    started_at: Instant
    steps_done: Annotated[int, Field(ge=0)]
    steps_total: Annotated[int, Field(ge=0)]


class AutomationEntry(Answer):
    """A run of an automation."""

    at: Instant
    kind: Literal["automation"]
    id: str
    automation: RunFact
