"""A score that falls."""

from __future__ import annotations

from datetime import datetime, timedelta

from laurel.alerts.facts import Facts, Fall
from laurel.model.alert import SCORE_DAYS, ScoreDrop, ScoreRule

LEAST_POINTS = 10
"""Fewer points lost are no news, however many percent they are."""


def score_falling(rule: ScoreRule, facts: Facts, now: datetime, ended: datetime | None) -> Fall | None:
    """The fall in the last 30 days, or since the last alert ``ended``."""
    since = max(now - timedelta(days=SCORE_DAYS), ended or datetime.min.replace(tzinfo=now.tzinfo))
    first = next((it for it in facts.changes if since < it.at <= now), None)
    if first is None or not first.before:
        return None
    drop = ScoreDrop(first.before, facts.score, (now - since).days if ended == since else SCORE_DAYS)
    by_points = rule.points is not None and drop.points >= rule.points
    by_percent = rule.percent is not None and 100 * drop.points >= rule.percent * drop.score_before
    if not by_points and not (by_percent and drop.points >= LEAST_POINTS):
        return None
    return Fall(drop, facts.changes[-1].at)


def has_recovered(reason: ScoreDrop, facts: Facts) -> bool:
    """True once half of what was lost is there again."""
    return 2 * (facts.score or 0) >= reason.score_before + (reason.score or 0)
