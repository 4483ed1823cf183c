"""Alerts on loss of loyalty: what is watched for, and a customer who seems to slip away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from laurel.model.period import PeriodKind
from laurel.model.ranking import Metric

MOST_WATCHED = 1_000
"""Customers of a store who are looked at each day, and ranks that snapshots list."""

SCORE_DAYS = 30
"""Over how many days a score is watched."""

LAPSED_AFTER = timedelta(days=180)
"""Who has not returned by then is not slipping away: they are gone. The alert ends by itself."""

KEPT = timedelta(days=400)
"""How long an alert is kept after it ended; until then the same fall cannot open it again."""

_ID_DIGITS = 24


class AlertKind(StrEnum):
    """How loyalty shows that it is being lost."""

    LEFT_FIRST = "left_first"
    RANK_FELL = "rank_fell"
    SPEND_DOWN = "spend_down"
    OVERDUE = "overdue"
    SCORE_FALLING = "score_falling"


class AlertState(StrEnum):
    """A snoozed alert opens again by itself; a resolved one only after a new fall."""

    OPEN = "open"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Resolution(StrEnum):
    """Why an alert ended: the customer came back, somebody said so, or it is long ago."""

    RETURNED = "returned"
    BY_HAND = "by_hand"
    LAPSED = "lapsed"


class Digest(StrEnum):
    """How often the team is mailed what is new."""

    DAILY = "daily"
    WEEKLY = "weekly"
    OFF = "off"


# ---- Rules ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is watched: the first so many of a board at its last closings."""

    metric: Metric = Metric.TOTAL_SPENT
    period: PeriodKind = PeriodKind.MONTH
    first: int = 200


@dataclass(frozen=True, slots=True)
class SpendRule:
    """Spending is down by so many percent against the customer's own week, month, quarter or year before."""

    percent: int = 50
    period: PeriodKind = PeriodKind.QUARTER


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """The score fell by so many points or by so many percent in 30 days; either may be None, not both."""

    points: int | None = None
    percent: int | None = 30


@dataclass(frozen=True, slots=True)
class StoreRules:
    """What is watched for in a store; None for what is not.

    ``left_first`` is the n of the first n of the watched board, ``rank_fell`` the k of ranks lost on it between two
    closings.
    """

    watch: Watch = Watch()
    left_first: int | None = 50
    rank_fell: int | None = 100
    spend_down: SpendRule | None = SpendRule()
    overdue: bool = True


@dataclass(frozen=True, slots=True)
class AlertRules:
    """What is watched for in an audience. Stores that ``stores`` does not name have the rules of ``StoreRules()``."""

    account_id: str
    audience_id: str
    score_falling: ScoreRule | None = ScoreRule()
    digest: Digest = Digest.WEEKLY
    stores: Mapping[str, StoreRules] = field(default_factory=dict)
    version: int = 0

    def of_store(self, store_id: str) -> StoreRules:
        """The rules of a store."""
        return self.stores.get(store_id, StoreRules())


# ---- Reasons --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RankDrop:
    """Ranks at two closings that follow each other; None for who is not listed at the later one.

    ``asked`` is the rule's n or k, ``at_least`` how many ranks were lost at the least.
    """

    metric: Metric
    period_before: str
    period: str
    rank_before: int
    rank: int | None
    at_least: int
    asked: int


@dataclass(frozen=True, slots=True)
class SpendDrop:
    """What was spent in two periods that follow each other, in minor units.

    ``days`` are the days since the beginning of both that are compared, None for complete periods.
    """

    period_before: str
    period: str
    spent_before: int
    spent: int
    days: int | None
    asked: int

    @property
    def percent(self) -> int:
        """By how much it is down, rounded down."""
        return 100 * (self.spent_before - self.spent) // self.spent_before


@dataclass(frozen=True, slots=True)
class Lateness:
    """A purchase that did not come: ``usual_days`` lie between purchases, ``late_after`` is too many."""

    last_purchase: date
    purchases: int
    usual_days: int
    late_after: int

    @property
    def late_since(self) -> date:
        """The first day that is too late."""
        return self.last_purchase + timedelta(days=self.late_after + 1)


@dataclass(frozen=True, slots=True)
class ScoreDrop:
    """A score now (None if it was taken away) and what it fell from, in the last ``days``."""

    score_before: int
    score: int | None
    days: int

    @property
    def points(self) -> int:
        """Points lost."""
        return self.score_before - (self.score or 0)

    @property
    def percent(self) -> int:
        """By how much it is down, rounded down."""
        return 100 * self.points // self.score_before


type Reason = RankDrop | SpendDrop | Lateness | ScoreDrop


# ---- Alerts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alert:
    """A customer who seems to slip away, for one kind of reason. It names nobody: ``customer`` is an id.

    ``fell_at`` is since when what it tells of is so. ``worth`` is what the customer spent in the year before
    ``opened_at``, in minor units of the store's currency, by which alerts are listed. ``told`` is True once automations
    have heard of it. ``version`` counts the writes.
    """

    account_id: str
    audience_id: str
    store_id: str
    kind: AlertKind
    customer: str
    state: AlertState
    reason: Reason
    fell_at: datetime
    opened_at: datetime
    worth: int
    currency: str
    told: bool = False
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    resolution: Resolution | None = None
    version: int = 0

    @property
    def id(self) -> str:
        """What the alert is found by."""
        return alert_id(self.store_id, self.kind, self.customer)

    @property
    def is_over(self) -> bool:
        """True once it is resolved."""
        return self.state is AlertState.RESOLVED


def alert_id(store_id: str, kind: AlertKind, customer: str) -> str:
    """One id for each customer and kind in a store; for scores, which are of no store, in the audience."""
    scope = "" if kind is AlertKind.SCORE_FALLING else store_id
    return hashlib.sha256(f"{scope}\n{kind.value}\n{customer}".encode()).hexdigest()[:_ID_DIGITS]


def alert_ids(store_ids: Iterable[str], customer: str) -> list[str]:
    """Ids of all alerts that there may be of a customer, in these stores."""
    of_stores = [alert_id(it, kind, customer) for it in store_ids for kind in AlertKind]
    return list(dict.fromkeys([*of_stores, alert_id("", AlertKind.SCORE_FALLING, customer)]))
