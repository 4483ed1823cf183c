"""Ranks lost on the watched board from one closing to the next."""

from __future__ import annotations

from datetime import datetime

from laurel.alerts.facts import Closings, Facts, Fall
from laurel.model.alert import RankDrop


def left_first(n: int, facts: Facts) -> Fall | None:
    """The customer was among the first n, and is not any more.

    Of a board with fewer than 2n customers the first half is meant: in a small shop everybody is among the first 50.
    """
    found = facts.closings
    if found is None or found.rank_before is None:
        return None
    first = min(n, max(found.size // 2, 1))
    if found.rank_before > first or (found.rank is not None and found.rank <= first):
        return None
    return _fall(found, found.rank_before, first)


def rank_fell(k: int, facts: Facts) -> Fall | None:
    """The customer lost k ranks or more."""
    found = facts.closings
    if found is None or found.rank_before is None or _lost(found, found.rank_before) < k:
        return None
    return _fall(found, found.rank_before, k)


def is_back_in_first(reason: RankDrop, fell_at: datetime, facts: Facts) -> bool:
    """True once the customer is among the first n again, at a later closing or on the running board."""
    return any(rank <= reason.asked for rank in _later_ranks(reason, fell_at, facts))


def has_risen(reason: RankDrop, fell_at: datetime, facts: Facts) -> bool:
    """True once half of what the rule asks for is regained up to the rank before."""
    return any(rank <= reason.rank_before + reason.asked // 2 for rank in _later_ranks(reason, fell_at, facts))


def _later_ranks(reason: RankDrop, fell_at: datetime, facts: Facts) -> list[int]:
    found = facts.closings
    if found is None or found.metric is not reason.metric:
        return []
    later = found.rank if found.closed_at > fell_at else None
    return [rank for rank in (later, found.rank_now) if rank is not None]


def _lost(found: Closings, rank_before: int) -> int:
    return (found.unlisted if found.rank is None else found.rank) - rank_before


def _fall(found: Closings, rank_before: int, asked: int) -> Fall:
    lost = max(_lost(found, rank_before), 0)
    drop = RankDrop(found.metric, found.period_before, found.period, rank_before, found.rank, lost, asked)
    return Fall(drop, found.closed_at)
