"""Explain a score: its history, and how many of its points came from where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from laurel.model.scoring import PERSON, Points, ScoredContact, ScoreEntry

MOST_SUMMED = 5_000
"""Entries that the points by rule take in."""

_READINGS = 3


class ScoreHistory(Protocol):
    """Reads scores and their entries, latest causes first, strongly consistent."""

    def read(self, account_id: str, audience_id: str, epoch: int, contact: str) -> ScoredContact | None: ...
    def entries_of(
        self,
        account_id: str,
        audience_id: str,
        contact: str,
        *,
        before: str | None = None,
        first_page: int | None = None,
    ) -> Iterator[tuple[str, ScoreEntry]]: ...


@dataclass(frozen=True, slots=True)
class Share:
    """What one rule, or without one what changes by hand or by time, gave to the score in all."""

    rule_id: str | None
    activity: str
    points: int
    entries: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score with a page of its history.

    ``shares`` add up to the score; they are None on later pages, and where there are more than ``MOST_SUMMED`` entries.
    """

    score: Points
    epoch: int
    shares: Sequence[Share] | None
    entries: Sequence[ScoreEntry]
    next_cursor: dict[str, str] | None


def explain(history: ScoreHistory, contact: ScoredContact, limit: int, after: str | None = None) -> Explanation:
    """Explain a score as read. ``after`` is the ``entry`` of the cursor of the page before."""
    current, entries = _read(history, contact, limit + 1 if after else MOST_SUMMED + 1, after)
    page = entries[:limit]
    is_summed = after is None and len(entries) <= MOST_SUMMED
    return Explanation(
        score=current.state.points,
        epoch=current.state.epoch,
        shares=_shares(entry for _, entry in entries if entry.epoch == current.state.epoch) if is_summed else None,
        entries=[entry for _, entry in page],
        next_cursor={"entry": page[-1][0]} if len(entries) > limit else None,
    )


def _read(
    history: ScoreHistory, contact: ScoredContact, at_most: int, after: str | None
) -> tuple[ScoredContact, list[tuple[str, ScoreEntry]]]:
    """A score and its entries that belong together: no entry is younger than the score."""
    current, entries = contact, list[tuple[str, ScoreEntry]]()
    for _ in range(_READINGS):
        read = history.entries_of(
            current.account_id,
            current.audience_id,
            current.contact,
            before=after,
            first_page=at_most if after else None,
        )
        entries = list(islice(read, at_most))
        if max((entry.seq for _, entry in entries), default=0) <= current.state.seq:
            break
        again = history.read(current.account_id, current.audience_id, current.state.epoch, current.contact)
        current = again or current
    return current, entries


def _shares(entries: Iterable[ScoreEntry]) -> list[Share]:
    """The greatest share first. Points by hand and by time are told apart by their activity."""
    points: dict[tuple[str | None, str], int] = {}
    counts: dict[tuple[str | None, str], int] = {}
    for entry in entries:
        key = (None, entry.activity) if entry.rule_id == PERSON else (entry.rule_id, entry.activity)
        points[key] = points.get(key, 0) + entry.given
        counts[key] = counts.get(key, 0) + 1
    shares = [Share(rule_id, activity, points[key], counts[key]) for key in points for rule_id, activity in [key]]
    return sorted(shares, key=lambda share: (-share.points, share.rule_id or "", share.activity))
