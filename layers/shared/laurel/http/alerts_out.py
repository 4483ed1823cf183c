"""What alerts look like in answers: names are looked up, never kept with them; reasons are data, not sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from laurel.http.formats import profile, utc, utc_or_none
from laurel.model.account import Store
from laurel.model.alert import Alert, AlertRules, Lateness, RankDrop, Reason, ScoreDrop, SpendDrop
from laurel.model.money import major_units

Names = Mapping[tuple[str, str], tuple[str | None, str | None]]
"""Name and e-mail address by store and customer: ids from outside are a store's own."""


def alerts(found: Iterable[Alert], names: Names, total: int, cursor: str | None) -> dict[str, Any]:
    """A page of alerts; ``total`` is how many there are of this state."""
    return {"alerts": [alert(it, names) for it in found], "total": total, "next_cursor": cursor}


def alert(it: Alert, names: Names) -> dict[str, Any]:
    """An alert."""
    name, email = names.get((it.store_id, it.customer), (None, None))
    return {
        "id": it.id,
        "kind": it.kind.value,
        "state": it.state.value,
        "store_id": it.store_id,
        "customer": it.customer,
        "name": name,
        "email": email,
        "profile": profile(it.audience_id, it.customer),
        "reason": _reason(it.reason, it.currency),
        "worth": major_units(it.worth, it.currency),
        "currency": it.currency,
        "fell_at": utc(it.fell_at),
        "opened_at": utc(it.opened_at),
        "snoozed_until": utc_or_none(it.snoozed_until),
        "resolved_at": utc_or_none(it.resolved_at),
        "resolution": it.resolution.value if it.resolution else None,
    }


def rules(rules: AlertRules, stores: Sequence[Store]) -> dict[str, Any]:
    """What is watched for: ``stores`` are all of the audience that show boards."""
    score = rules.score_falling
    return {
        "score_falling": {"points": score.points, "percent": score.percent} if score else None,
        "digest": rules.digest.value,
        "stores": [_of_store(rules, store.id) for store in stores],
        "version": rules.version,
    }


def _of_store(rules: AlertRules, store_id: str) -> dict[str, Any]:
    own = rules.of_store(store_id)
    spend = own.spend_down
    return {
        "store_id": store_id,
        "watch": {
            "rank_by": own.watch.metric.value,
            "period": own.watch.period.value,
            "first": own.watch.first,
        },
        "left_first": own.left_first,
        "rank_fell": own.rank_fell,
        "spend_down": {"percent": spend.percent, "period": spend.period.value} if spend else None,
        "overdue": own.overdue,
    }


def _reason(reason: Reason, currency: str) -> dict[str, Any]:
    match reason:
        case RankDrop():
            return {
                "rank_by": reason.metric.value,
                "period_before": reason.period_before,
                "period": reason.period,
                "rank_before": reason.rank_before,
                "rank": reason.rank,
                "ranks_lost": reason.at_least,
                "asked": reason.asked,
            }
        case SpendDrop():
            return {
                "period_before": reason.period_before,
                "period": reason.period,
                "spent_before": major_units(reason.spent_before, currency),
                "spent": major_units(reason.spent, currency),
                "percent": reason.percent,
                "days": reason.days,
                "asked": reason.asked,
            }
        case Lateness():
            return {
                "last_purchase": reason.last_purchase.isoformat(),
                "purchases": reason.purchases,
                "usual_days": reason.usual_days,
                "late_after": reason.late_after,
                "late_since": reason.late_since.isoformat(),
            }
        case ScoreDrop():
            return {
                "score_before": reason.score_before,
                "score": reason.score,
                "points": reason.points,
                "percent": reason.percent,
                "days": reason.days,
            }
