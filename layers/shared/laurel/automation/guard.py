"""The guard against automations that set each other off for ever, or one contact off too often."""

from __future__ import annotations

from collections.abc import Sequence

from laurel.model.automation import MOST_RUNS_A_DAY, Automation
from laurel.model.automation_state import AutomationState, GuardReason


def stopped_by(automation: Automation, chain: Sequence[str], state: AutomationState, day: str) -> GuardReason | None:
    """Why a run must not begin that runs of the automations of a chain led to, or None."""
    if automation.id in chain:
        return GuardReason.LOOP
    if state.day == day and state.runs_that_day >= MOST_RUNS_A_DAY:
        return GuardReason.TOO_OFTEN
    return None
