"""What the API answers about jobs and the spread of scores, as pydantic models for its description."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from laurel.model.job import JobKind, JobState
from laurel.model.reconciliation import CheckState
from laurel.model.reward import Refusal
from tools.openapi_answers import Answer, ContactId, Cursor, Customer, Instant
from tools.openapi_contacts import Score

JobId = Annotated[str, Field(pattern="^[a-z2-7]{14,17}$", examples=["3oc3gwj42xbqdk7w"], description="Sorts by time.")]
Count = Annotated[int, Field(ge=0)]
RuleNumber = Annotated[int | None, Field(description="Rules are numbered from 1, as they were sent; null for none.")]
Deciles = Annotated[
    list[int],
    Field(
        max_length=9, description="Nine scores: a tenth of the contacts has the first or less. Empty without scores."
    ),
]


class Progress(Answer):
    """How far a job is."""

    done: Annotated[
        int, Field(ge=0, description="Contacts; of an `expiry` entries, of a `rebuild` or `reconciliation` orders.")
    ]
    total: Annotated[int | None, Field(description="Null while it is not known.")]


class BulkResult(Answer):
    """What a bulk change came to."""

    changed: Count
    missing: Annotated[int, Field(ge=0, description="Named, but no contacts.")]


class WrongScore(Answer):
    """A score that its entries do not prove."""

    contact: ContactId
    kept: Annotated[Score, Field(description="The score as it was found.")]
    score: Annotated[Score, Field(description="The score as it is now.")]
    repaired: bool


class VerifyResult(Answer):
    """What proving all scores came to."""

    checked: Count
    wrong: Count
    repaired: Count
    contacts: Annotated[list[WrongScore], Field(max_length=100, description="The first hundred that were wrong.")]


class SnapshotResult(Answer):
    """The day whose snapshot was taken."""

    day: date
    contacts: Count


class ExpiryResult(Answer):
    """How many entries' points had had their time."""

    expired: Count


class DecayResult(Answer):
    """How many scores fell."""

    changed: Count


class RebuildResult(Answer):
    """What a rebuild came to."""

    customers: Annotated[int, Field(ge=0, description="Customers that were projected.")]
    rows: Annotated[int, Field(ge=0, description="Ranking rows that were written.")]
    converted: Annotated[int, Field(ge=0, description="Orders that got another rate, or lost theirs.")]
    superseded: Annotated[bool, Field(description="Another rebuild took its place.")]


class ReconciliationResult(Answer):
    """What a reconciliation came to; its figures are with the store."""

    store: str
    missing: Annotated[int, Field(ge=0, description="Orders of the shop that were not kept.")]
    outdated: Annotated[int, Field(ge=0, description="Orders that were not kept as the shop has them now.")]
    rows: Annotated[int, Field(ge=0, description="Rows of the boards that were wrong.")]
    repaired: Count
    shop: CheckState
    boards: CheckState


class AlertsResult(Answer):
    """What a look at all customers who are watched came to."""

    customers: Annotated[int, Field(ge=0, description="Customers that were looked at.")]
    opened: Annotated[int, Field(ge=0, description="Alerts that were opened.")]
    resolved: Annotated[int, Field(ge=0, description="Alerts that ended.")]
    mail: Annotated[
        Literal["sent", "not_due", "nothing_new", "no_sender", "sending_stopped", "nobody"],
        Field(description="What became of the mail to the team."),
    ]


class FoundByDryRun(Answer):
    """What a dry run found, by id; `GET .../automations/dry-runs/{job}` tells the names."""

    checked: Count
    met: Count
    done_before: Count
    touched: Count
    refused: Count
    refused_by: list[dict[str, Any]]
    touched_contacts: list[ContactId]
    refused_contacts: list[Any]


class InclusionResult(Answer):
    """What including those who met a trigger came to."""

    checked: Count
    met: Annotated[int, Field(ge=0, description="Contacts that met the trigger.")]
    begun: Annotated[int, Field(ge=0, description="Runs that were begun, or skipped by a condition.")]
    superseded: Annotated[bool, Field(description="The automation was paused, changed or deleted meanwhile.")]


class BackTestSide(Answer):
    """All scores together, as they are today or as the draft rules would have them."""

    contacts: Annotated[int, Field(ge=0, description="Contacts with a score.")]
    total: Count
    reached: Annotated[int, Field(ge=0, description="Contacts at the threshold or above.")]


class CrossingContact(Answer):
    """A contact on the other side of the threshold."""

    contact: ContactId
    email: str
    today: Score
    draft: Score
    rule: Annotated[RuleNumber, Field(description="The draft rule that moves the contact's score furthest.")]


class Crossing(Answer):
    """Contacts that cross the threshold in one direction."""

    count: Count
    contacts: Annotated[list[CrossingContact], Field(max_length=100, description="The first hundred, by e-mail.")]


class BackTestRule(Answer):
    """What a draft rule would have done."""

    rule: Annotated[int, Field(ge=1)]
    name: str
    fired: Count
    points: Annotated[int, Field(description="What it gives in all.")]
    contacts: Annotated[int, Field(ge=0, description="Contacts whom it fires for.")]


class BackTestBin(Answer):
    """Contacts whose score lies between two bounds, both included."""

    from_: Annotated[int, Field(alias="from")]
    to: int
    today: Count
    draft: Count


class BackTestResult(Answer):
    """Today's scores beside those that the draft rules would have given."""

    days: int
    threshold: int
    contacts: Annotated[int, Field(ge=0, description="Contacts that were compared.")]
    replayed: Annotated[int, Field(ge=0, description="Activities and orders that were replayed.")]
    today: BackTestSide
    draft: BackTestSide
    rising: Annotated[Crossing, Field(description="Under the threshold today, at it or above with the draft.")]
    falling: Annotated[Crossing, Field(description="At the threshold or above today, under it with the draft.")]
    rules: list[BackTestRule]
    dominant_rule: Annotated[RuleNumber, Field(description="The rule that gives, or takes, the most points in all.")]
    histogram: list[BackTestBin]


class AwardOutcome(Answer):
    """What became of a contact's award."""

    contact: Customer
    outcome: Literal["given"] | Refusal


class AwardResult(Answer):
    """What came of giving awards."""

    given: Count
    refused: Annotated[dict[Refusal, int], Field(description="How many got nothing, by reason.")]
    contacts: Annotated[list[AwardOutcome], Field(max_length=1000, description="The first thousand.")]


class JobSummary(Answer):
    """A job and how far it is."""

    id: JobId
    kind: JobKind
    state: JobState
    progress: Progress
    error: Annotated[str | None, Field(description="Why the job failed, for people.")]
    by: Annotated[str | None, Field(description="E-mail address of who asked for it; null for those of the schedule.")]
    created_at: Instant
    updated_at: Instant
    location: Annotated[str, Field(description="Where to follow it.")]


class Job(JobSummary):
    """A job, how far it is, and what came of it."""

    result: Annotated[
        BackTestResult
        | BulkResult
        | VerifyResult
        | SnapshotResult
        | ExpiryResult
        | DecayResult
        | RebuildResult
        | ReconciliationResult
        | FoundByDryRun
        | InclusionResult
        | AlertsResult
        | AwardResult
        | None,
        Field(description="Null until the job is done."),
    ]


class Jobs(Answer):
    """A page of jobs, newest first. Jobs are kept for 90 days."""

    jobs: list[JobSummary]
    next_cursor: Cursor


class Bin(Answer):
    """Contacts whose score lies between two bounds, both included."""

    from_: Annotated[int, Field(alias="from")]
    to: int
    contacts: Count


class Spread(Answer):
    """How scores are spread at one time."""

    as_of: Instant
    contacts: Annotated[int, Field(ge=0, description="Contacts that have a score.")]
    total: Annotated[int, Field(ge=0, description="All scores together: the value of the contact base.")]
    lowest: Score
    highest: Score
    median: Annotated[Score, Field(description="The fifth decile.")]
    deciles: Deciles
    histogram: Annotated[list[Bin], Field(description="The same bins for every audience and day.")]


class Distribution(Spread):
    """How the scores of an audience are spread."""

    live: Annotated[bool, Field(description="Counted just now; false for the last daily snapshot of a large audience.")]


class Snapshot(Spread):
    """How the scores of an audience were spread on a day."""

    day: date


class Snapshots(Answer):
    """Daily snapshots, oldest first."""

    snapshots: list[Snapshot]
