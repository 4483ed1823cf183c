"""Answers about deliverability and suppressed addresses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from laurel.http.formats import utc, utc_or_none
from laurel.model.account import Account
from laurel.model.deliverability import PARTS, STOP, WARN, WINDOW, Concern, Counts, Standing
from laurel.model.message import Usage
from laurel.model.suppression import Suppression

_PROVIDERS = {
    Concern.BOUNCES: {"ses_review": 0.05, "ses_pause": 0.1},
    Concern.COMPLAINTS: {"ses_review": 0.001, "gmail": 0.003, "ses_pause": 0.005},
}


def deliverability(standing: Standing, account: Account, usage: Usage) -> dict[str, Any]:
    """How the account's sending stands, the limits that apply, and what is left to send."""
    return {
        "state": standing.state.value,
        "why": [concern.value for concern in standing.why],
        "window_days": WINDOW.days,
        "resumed_at": utc_or_none(standing.resumed_at),
        "totals": _counts(standing.totals),
        "bounce_rate": standing.bounce_rate,
        "complaint_rate": standing.complaint_rate,
        "limits": {concern.value: _limits(concern) for concern in Concern},
        "days": [{"day": tally.day.isoformat(), **_counts(tally.counts)} for tally in standing.days],
        "allowance": {
            "month": {"limit": account.plan.monthly_messages, "used": usage.month},
            "day": {"limit": account.daily_ceiling, "used": usage.day},
        },
    }


def suppressions(found: Iterable[Suppression], cursor: str | None) -> dict[str, Any]:
    """A page of suppressed addresses."""
    return {"suppressions": [suppression(it) for it in found], "next_cursor": cursor}


def suppression(suppression: Suppression) -> dict[str, Any]:
    """A suppressed address."""
    return {
        "id": suppression.address_id,
        "email": suppression.email,
        "reason": suppression.reason.value,
        "at": utc(suppression.at),
    }


def _counts(counts: Counts) -> dict[str, int]:
    return {
        "sent": counts.sent,
        "delivered": counts.delivered,
        "bounced": counts.bounced,
        "complained": counts.complained,
        "opened": counts.opened,
        "clicked": counts.clicked,
    }


def _limits(concern: Concern) -> dict[str, Any]:
    warn, stop = WARN[concern], STOP[concern]
    return {
        "warning": {"rate": warn.parts / PARTS, "messages": warn.least},
        "stop": {"rate": stop.parts / PARTS, "messages": stop.least},
        "providers": _PROVIDERS[concern],
    }
