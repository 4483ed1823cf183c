"""What the API answers about automations, as pydantic models for its description."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from laurel.http.automations_in import AutomationConditionIn, StepIn, TriggerIn
from laurel.model.automation import ConditionKind, Repeat, StepKind
from laurel.model.automation_state import GuardReason
from tools.openapi_answers import Answer, ContactId, Cursor, Id, Instant
from tools.openapi_jobs import Count, JobId, JobSummary
from tools.openapi_runs import RunFact, RunId


class Guard(Answer):
    """The last time that the guard stopped a run of an automation before it began."""

    at: Instant
    reason: Annotated[
        GuardReason,
        Field(
            description=(
                "`loop`: a run of the same automation had led to it. `too_often`: the contact had ten runs that day."
            )
        ),
    ]
    contact: ContactId
    run: RunId
    chain: Annotated[list[Id], Field(description="The automations whose runs led to it, first cause first.")]
    times: Annotated[int, Field(ge=1, description="How often the guard has stopped runs of this automation.")]


class Automation(Answer):
    """When something happens to a contact, if all conditions hold: do this, step by step."""

    id: Id
    name: str
    enabled: Annotated[bool, Field(description="False while it is paused: it starts nothing, and its runs are held.")]
    trigger: TriggerIn
    conditions: list[AutomationConditionIn]
    steps: list[StepIn]
    repeat: Repeat
    hysteresis: Count
    include_existing: Annotated[
        bool, Field(description="Those who met the trigger when it was last enabled are included.")
    ]
    counts_history: bool
    created_at: Instant
    created_by: Annotated[str | None, Field(description="E-mail address of who made it.")]
    updated_at: Instant
    enabled_at: Annotated[Instant | None, Field(description="When it was last enabled.")]
    version: Annotated[int, Field(ge=1, description="Send it as `If-Match`, in quotes.")]
    inclusion_job: Annotated[JobId | None, Field(description="The job that includes those who met the trigger.")]
    guard: Guard | None
    last_run_at: Annotated[Instant | None, Field(description="When its last run began.")]
    runs_30_days: Annotated[int, Field(ge=0, description="Runs that began in the last 30 days.")]


class Automations(Answer):
    """All automations of an audience, in the order of their creation."""

    automations: list[Automation]


class RunContact(Answer):
    """Whom a run is for; of who was erased, the id alone."""

    id: ContactId
    email: str | None
    name: str | None
    profile: str


class AutomationRunSummary(RunFact):
    """A run of an automation, and how far it is."""

    contact: RunContact
    due_at: Annotated[Instant | None, Field(description="When its next step is to be taken.")]
    location: Annotated[str, Field(description="Where its steps are told in full.")]


class AutomationRuns(Answer):
    """A page of runs, newest first. Runs are kept for 400 days."""

    runs: list[AutomationRunSummary]
    next_cursor: Cursor


class StepOutcome(Answer):
    """What came of a step: a code, and figures that go with it."""

    step: Annotated[int, Field(ge=0, description="Index of the step.")]
    kind: StepKind | None
    at: Instant
    outcome: str
    detail: dict[str, Any]


class AutomationRun(AutomationRunSummary):
    """A run, its steps as they were when it began, and what came of each."""

    chain: Annotated[list[Id], Field(description="The automations whose runs led to it, its own last.")]
    log: list[StepOutcome]
    steps: list[StepIn]


class RefusedContact(RunContact):
    """Somebody who meets the trigger and not all conditions."""

    conditions: Annotated[list[int], Field(description="Indexes of the conditions that do not hold.")]


class RefusedBy(Answer):
    """How many a condition keeps out; somebody may be kept out by several."""

    condition: Annotated[int, Field(ge=0, description="Index of the condition.")]
    kind: ConditionKind
    contacts: Count


class DryRunResult(Answer):
    """Whom an automation would touch, were those included who meet its trigger now."""

    checked: Annotated[int, Field(ge=0, description="Contacts that were looked at.")]
    met: Annotated[int, Field(ge=0, description="Contacts that meet the trigger.")]
    done_before: Annotated[
        int, Field(ge=0, description="Of these, who had their one run already; they are not looked at further.")
    ]
    touched: Annotated[int, Field(ge=0, description="Of the rest, for whom all conditions hold.")]
    refused: Annotated[int, Field(ge=0, description="Of the rest, for whom one of them does not.")]
    refused_by: list[RefusedBy]
    touched_contacts: Annotated[list[RunContact], Field(max_length=1000, description="The first thousand.")]
    refused_contacts: Annotated[list[RefusedContact], Field(max_length=1000, description="The first thousand.")]


class DryRun(JobSummary):
    """A dry run, how far it is, and whom it found."""

    automation: Annotated[Id | None, Field(description="Null for a draft.")]
    name: str
    result: Annotated[DryRunResult | None, Field(description="Null until the job is done.")]
