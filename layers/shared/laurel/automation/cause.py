"""What set a run off, as data that words are made of. It names nobody."""

from __future__ import annotations

from typing import Any

from laurel.model.signal import (
    AlertRaised,
    Existing,
    FellSilent,
    FirstPurchase,
    RankMoved,
    ScoreMoved,
    Signal,
    TagGiven,
)


def cause_of(signal: Signal) -> dict[str, Any]:
    """What a run's ``cause`` holds; what is None is left out."""
    told: dict[str, Any] = {
        "kind": signal.kind.value,
        "at": signal.at.isoformat(timespec="milliseconds"),
        "run": signal.run,
    }
    match signal:
        case ScoreMoved():
            told |= {"before": signal.before, "after": signal.after}
        case TagGiven():
            told |= {"tag": signal.tag}
        case RankMoved():
            told |= {
                "store": signal.store_id,
                "metric": signal.metric.value,
                "time_frame": signal.time_frame.value,
                "period": signal.period,
                "before": signal.before,
                "after": signal.after,
            }
        case FellSilent():
            told |= {"pulse": signal.pulse.value, "last": signal.last.isoformat(), "days": signal.days}
        case AlertRaised():
            told |= {"alert": signal.alert, "store": signal.store_id or None}
        case FirstPurchase() | Existing():
            pass
    return {name: value for name, value in told.items() if value is not None}
