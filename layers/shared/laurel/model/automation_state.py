"""What an automation remembers of a contact, and what its guard reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Mark:
    """A crossing of a trigger, or (``armed``) the value's going back by the hysteresis.

    ``order`` is its place in the series of values: the number of a score's entry, the hour of a snapshot.

    ``era`` is what values of one series have in common: an epoch of scores, a period of a board. ``spent`` crossings
    have used up what was armed before them.
    """

    order: int
    era: str
    armed: bool
    spent: bool = False


@dataclass(frozen=True, slots=True)
class AutomationState:
    """What one automation remembers of one contact: how often it fired, and its last marks.

    ``day`` (UTC) and ``runs_that_day`` count for the guard. ``version`` counts the writes; 0 is not kept yet.
    """

    automation_id: str
    fired: int = 0
    day: str = ""
    runs_that_day: int = 0
    marks: tuple[Mark, ...] = ()
    version: int = 0


class GuardReason(StrEnum):
    """Why the guard stopped a run before it began."""

    LOOP = "loop"
    """The run would have been set off by what a run of the same automation did."""
    TOO_OFTEN = "too_often"
    """The contact had ``MOST_RUNS_A_DAY`` of the automation that day."""


@dataclass(frozen=True, slots=True)
class GuardReport:
    """The last time that the guard stopped a run of an automation; ``chain`` are automation ids, first cause first."""

    at: datetime
    reason: GuardReason
    contact: str
    run: str
    chain: tuple[str, ...]
    times: int = 1
