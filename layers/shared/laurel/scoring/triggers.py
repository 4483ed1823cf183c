"""What a change of an activity means for scores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from laurel.model.activity import Activity, ActivityChange
from laurel.model.scoring import Correction, ScoringRule, Step, Trigger, activity_subject

MACHINE = "machine"


def trigger_of(activity: Activity) -> Trigger:
    """An activity as rules see it."""
    return Trigger(
        subject=activity_subject(activity.id),
        cause="",
        name=activity.name,
        at=activity.occurred_at,
        properties=activity.properties,
        machine=activity.machine is not None,
    )


def steps_of_activity(change: ActivityChange, rules: Sequence[ScoringRule], changed_at: datetime) -> list[Step]:
    """A new activity triggers rules; one that was later judged a machine's gives back what only people earn."""
    before, after = change.before, change.after
    if before is None:
        return [trigger_of(after)]
    if before.machine is None and after.machine is not None:
        return [
            Correction(
                subject=activity_subject(after.id),
                cause=MACHINE,
                subject_at=after.occurred_at,
                at=changed_at,
                activity=after.name,
                reason=after.machine,
                spared=frozenset(rule.id for rule in rules if rule.counts_machines),
            )
        ]
    return []
