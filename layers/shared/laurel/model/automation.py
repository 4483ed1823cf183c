"""Automations: when something happens to a contact, if conditions hold, do this and that."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from laurel.model.contact import ConsentStatus, ContactRef
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.signal import Pulse, Signal

MOST_AUTOMATIONS = 50
"""Automations of an audience."""

MOST_STEPS = 20
"""Steps of an automation."""

MOST_RUNS_A_DAY = 10
"""Runs of one automation that a contact may have in a day (UTC)."""

FRESH = timedelta(days=7)
"""What happened longer ago when it is told of is history, as an import brings it: it starts nothing unless asked."""

RUNS_KEPT = timedelta(days=400)

_ID_DIGITS = 24


# ---- When ------------------------------------------------------------------------------------------------------------


class TriggerKind(StrEnum):
    """What sets an automation off."""

    SCORE_REACHES = "score_reaches"
    SCORE_FALLS_UNDER = "score_falls_under"
    SCORE_ENTERS = "score_enters"
    RANK_ENTERS = "rank_enters"
    RANK_LEAVES = "rank_leaves"
    TAG_ADDED = "tag_added"
    SILENT = "silent"
    FIRST_PURCHASE = "first_purchase"
    SLIPPING = "slipping"


@dataclass(frozen=True, slots=True)
class ScoreReaches:
    """The score rises to ``points`` or more. No score is under every number."""

    points: int


@dataclass(frozen=True, slots=True)
class ScoreFallsUnder:
    """The score falls under ``points``, or is removed."""

    points: int


@dataclass(frozen=True, slots=True)
class ScoreEnters:
    """The score comes to lie between two numbers, both included, from above or below."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class RankEnters:
    """The customer comes to be among the first so many (1,000 at most) of a board."""

    store_id: str
    metric: Metric
    time_frame: TimeFrame
    first: int


@dataclass(frozen=True, slots=True)
class RankLeaves:
    """The customer is no longer among the first so many of a board."""

    store_id: str
    metric: Metric
    time_frame: TimeFrame
    first: int


@dataclass(frozen=True, slots=True)
class TagAdded:
    """The contact is given a tag."""

    tag: str


@dataclass(frozen=True, slots=True)
class Silent:
    """No purchase, open or click for so many days (UTC) since the last one."""

    pulse: Pulse
    days: int


@dataclass(frozen=True, slots=True)
class FirstPurchaseMade:
    """The contact buys for the first time, in any store of the audience."""


@dataclass(frozen=True, slots=True)
class Slipping:
    """An alert on loss of loyalty of one of these kinds is opened for the contact; of any kind if there are none."""

    alerts: frozenset[str] = frozenset()


type Trigger = (
    ScoreReaches
    | ScoreFallsUnder
    | ScoreEnters
    | RankEnters
    | RankLeaves
    | TagAdded
    | Silent
    | FirstPurchaseMade
    | Slipping
)

_TRIGGER_KINDS: dict[type[Any], TriggerKind] = {
    ScoreReaches: TriggerKind.SCORE_REACHES,
    ScoreFallsUnder: TriggerKind.SCORE_FALLS_UNDER,
    ScoreEnters: TriggerKind.SCORE_ENTERS,
    RankEnters: TriggerKind.RANK_ENTERS,
    RankLeaves: TriggerKind.RANK_LEAVES,
    TagAdded: TriggerKind.TAG_ADDED,
    Silent: TriggerKind.SILENT,
    FirstPurchaseMade: TriggerKind.FIRST_PURCHASE,
    Slipping: TriggerKind.SLIPPING,
}


def kind_of_trigger(trigger: Trigger) -> TriggerKind:
    """What kind of trigger this is."""
    return _TRIGGER_KINDS[type(trigger)]


# ---- If --------------------------------------------------------------------------------------------------------------


class ConditionKind(StrEnum):
    """What is asked before a run begins."""

    CONSENT = "consent"
    TAG = "tag"
    LOCALE = "locale"
    SCORE = "score"
    METRIC = "metric"


@dataclass(frozen=True, slots=True)
class ConsentIs:
    """The contact's consent status is one of these."""

    statuses: frozenset[ConsentStatus]


@dataclass(frozen=True, slots=True)
class HasTag:
    """The contact has the tag, or has not."""

    tag: str
    has: bool = True


@dataclass(frozen=True, slots=True)
class LocaleIs:
    """The contact's language is one of these; ``pt`` stands for ``pt-BR`` and others, too. Case does not matter."""

    locales: frozenset[str]


@dataclass(frozen=True, slots=True)
class ScoreBetween:
    """The score is at least and at most this; no score is under every number."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class MetricBetween:
    """The customer's figure in a store and time frame is at least and at most this.

    In purchases, or in the currency's minor units, also of the average. Who has no purchase there has 0.
    """

    store_id: str
    metric: Metric
    time_frame: TimeFrame
    least: int | None = None
    most: int | None = None


type Condition = ConsentIs | HasTag | LocaleIs | ScoreBetween | MetricBetween

_CONDITION_KINDS: dict[type[Any], ConditionKind] = {
    ConsentIs: ConditionKind.CONSENT,
    HasTag: ConditionKind.TAG,
    LocaleIs: ConditionKind.LOCALE,
    ScoreBetween: ConditionKind.SCORE,
    MetricBetween: ConditionKind.METRIC,
}


def kind_of_condition(condition: Condition) -> ConditionKind:
    """What kind of condition this is."""
    return _CONDITION_KINDS[type(condition)]


# ---- Then ------------------------------------------------------------------------------------------------------------


class StepKind(StrEnum):
    """What an automation does."""

    SEND_TEMPLATE = "send_template"
    ADD_TAG = "add_tag"
    REMOVE_TAG = "remove_tag"
    CHANGE_SCORE = "change_score"
    GIVE_REWARD = "give_reward"
    NOTIFY_TEAM = "notify_team"
    CALL_WEBHOOK = "call_webhook"
    PUT_EVENT = "put_event"


class DelayUnit(StrEnum):
    """What a delay is counted in; a day has 24 hours."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Delay:
    """How long to wait before a step, counted from the one before or from the beginning."""

    amount: int
    unit: DelayUnit

    @property
    def length(self) -> timedelta:
        return timedelta(**{self.unit.value: self.amount})


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. What ``settings`` hold depends on the kind, and is what JSON can hold.

    ``send_template``: template, and store or None; ``add_tag`` and ``remove_tag``: tag; ``change_score``: effect (add,
    subtract, set or remove) and points; ``give_reward``: programme; ``notify_team``: note; ``call_webhook``: url;
    ``put_event``: name.
    """

    kind: StepKind
    settings: Mapping[str, Any] = field(default_factory=dict)
    delay: Delay | None = None


# ---- Automations -----------------------------------------------------------------------------------------------------


class Repeat(StrEnum):
    """How often a contact may set an automation off."""

    ONCE = "once"
    EVERY_TIME = "every_time"


@dataclass(frozen=True, slots=True)
class Automation:
    """A trigger, conditions and steps, in an audience.

    ``hysteresis`` (points or ranks) is how far a value has to go back before the same trigger is armed again.
    ``include_existing``: enabling it includes those who meet the trigger already; ``counts_history`` lets facts start
    something that are older than ``FRESH``. ``version`` counts the writes; ``enabled_at`` is when it was last enabled.
    """

    account_id: str
    audience_id: str
    id: str
    name: str
    enabled: bool
    trigger: Trigger
    steps: tuple[Step, ...]
    conditions: tuple[Condition, ...] = ()
    repeat: Repeat = Repeat.ONCE
    hysteresis: int = 0
    include_existing: bool = False
    counts_history: bool = False
    created_at: datetime | None = None
    created_by: str | None = None
    updated_at: datetime | None = None
    enabled_at: datetime | None = None
    version: int = 0


# ---- Runs ------------------------------------------------------------------------------------------------------------


class RunState(StrEnum):
    """Where a run is in its life; the last four are final."""

    WAITING = "waiting"
    RUNNING = "running"
    HELD = "held"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def is_final(self) -> bool:
        return self not in (RunState.WAITING, RunState.RUNNING, RunState.HELD)


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What came of a step: a code, and what makes words of it, as JSON can hold it. Without personal data."""

    step: int
    at: datetime
    outcome: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One going through of an automation for one contact, with the steps as they were when it began.

    ``step`` is the index of the next step, ``due`` when it is to be taken. ``cause`` is what set it off, as data.
    ``chain`` are the automations whose runs led to this one, its own last. ``reason`` says why it was skipped (the kind
    of the condition that did not hold), stopped or failed. ``version`` counts the writes.
    """

    ref: ContactRef
    id: str
    automation_id: str
    automation_name: str
    automation_version: int
    steps: tuple[Step, ...]
    started_at: datetime
    cause: Mapping[str, Any]
    chain: tuple[str, ...]
    state: RunState = RunState.WAITING
    step: int = 0
    due: datetime | None = None
    reason: str | None = None
    log: tuple[StepOutcome, ...] = ()
    version: int = 1

    @property
    def has_begun(self) -> bool:
        """False while nobody has taken the run up."""
        return self.version > 1 or self.state is not RunState.WAITING


def run_id(automation_id: str, signal: Signal) -> str:
    """24 hex digits; the same for the same automation and signal of a contact."""
    parts = (automation_id, signal.kind.value, *signal.key)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_ID_DIGITS]


_SUBJECT = "run"


def run_subject(run: str, step: int) -> str:
    """Names a run's step as the cause of points."""
    return f"{_SUBJECT}:{run}:{step}"


def run_of_subject(subject: str) -> str | None:
    """The run that caused points, or None if something else did."""
    kind, _, rest = subject.partition(":")
    return rest.partition(":")[0] if kind == _SUBJECT and rest else None
