"""How an audience's scores are spread: count, total, deciles, and a histogram of the same bins every day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Protocol

from laurel.model.account import Audience
from laurel.model.errors import Conflict
from laurel.model.scoring import HIGHEST_SCORE
from laurel.scoring.lists import ScoreList, ScorePage

MOST_LIVE = 20_000
"""Scores that are read while a client waits."""

BINS = (0, *(step * 10**power for power in range(8) for step in (1, 2, 5)))
"""The lowest score of each bin of a histogram; a bin ends before the next one begins, the last at the highest score."""

_TENTHS = range(1, 10)


@dataclass(frozen=True, slots=True)
class Distribution:
    """The scores of an audience at one time.

    ``deciles`` are nine scores that contacts really have: a tenth of the contacts has the first or less, half the fifth
    or less. They are empty, as ``lowest`` and ``highest`` are None, if nobody has a score. ``histogram`` counts
    contacts by bin.
    """

    as_of: datetime
    contacts: int
    total: int
    lowest: int | None
    highest: int | None
    deciles: tuple[int, ...]
    histogram: tuple[int, ...]

    @property
    def median(self) -> int | None:
        """The fifth decile."""
        return self.deciles[4] if self.deciles else None


class Tally:
    """Takes in scores, lowest first, page by page. ``expected`` of them settle in advance at which places deciles are.

    What it knows so far is small, and JSON can hold it.
    """

    def __init__(self, expected: int, kept: Mapping[str, Any] | None = None) -> None:
        kept = kept or {}
        self._places = [-(-tenth * expected // 10) for tenth in _TENTHS]
        self._contacts: int = kept.get("contacts", 0)
        self._total: int = kept.get("total", 0)
        self._lowest: int | None = kept.get("lowest")
        self._highest: int | None = kept.get("highest")
        self._deciles: list[int] = list(kept.get("deciles", ()))
        self._histogram: list[int] = list(kept.get("histogram", no_bins()))

    @property
    def contacts(self) -> int:
        """Scores taken in so far."""
        return self._contacts

    def add(self, scores: Sequence[int]) -> None:
        """Take in the next scores, lowest first."""
        if not scores:
            return
        while len(self._deciles) < len(_TENTHS):
            place = self._places[len(self._deciles)] - self._contacts
            if place > len(scores):
                break
            self._deciles.append(scores[max(place, 1) - 1])
        edges = [bisect_left(scores, lowest) for lowest in BINS] + [len(scores)]
        for index, (start, end) in enumerate(pairwise(edges)):
            self._histogram[index] += end - start
        self._lowest = scores[0] if self._lowest is None else self._lowest
        self._highest = scores[-1]
        self._contacts += len(scores)
        self._total += sum(scores)

    def kept(self) -> dict[str, Any]:
        """What a later ``Tally`` of the same scores needs to go on."""
        return {
            "contacts": self._contacts,
            "total": self._total,
            "lowest": self._lowest,
            "highest": self._highest,
            "deciles": self._deciles,
            "histogram": self._histogram,
        }

    def distribution(self, as_of: datetime) -> Distribution:
        """What was taken in. If scores went away meanwhile, the last deciles are the highest score."""
        missing = [] if self._highest is None else [self._highest] * (len(_TENTHS) - len(self._deciles))
        return Distribution(
            as_of,
            self._contacts,
            self._total,
            self._lowest,
            self._highest,
            (*self._deciles, *missing),
            tuple(self._histogram),
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The scores of an audience on a day, in UTC."""

    day: date
    distribution: Distribution


class SnapshotBook(Protocol):
    """Keeps one snapshot a day, for good."""

    def save(self, account_id: str, audience_id: str, snapshot: Snapshot) -> None: ...
    def latest(self, account_id: str, audience_id: str) -> Snapshot | None: ...


def no_bins() -> list[int]:
    """An empty histogram."""
    return [0] * len(BINS)


def bin_of(score: int) -> int:
    """The bin that a score falls into."""
    return bisect_right(BINS, score) - 1


def bins(histogram: Iterable[int]) -> list[tuple[int, int, int]]:
    """Lowest score, highest score and contacts of each bin."""
    ends = [lowest - 1 for lowest in BINS[1:]] + [HIGHEST_SCORE]
    return list(zip(BINS, ends, histogram, strict=True))


def current(scores: ScoreList, snapshots: SnapshotBook, audience: Audience, now: datetime) -> tuple[Distribution, bool]:
    """The spread of an audience's scores, and True if it was counted just now; of a large audience the last snapshot.

    Raises ``Conflict`` if a large audience has no snapshot yet.
    """
    known: list[int] = []
    page = ScorePage((), None)
    while len(known) <= MOST_LIVE:
        page = scores.scores(audience, page.last)
        known += page.scores
        if page.last is None:
            break
    if len(known) <= MOST_LIVE:
        tally = Tally(len(known))
        tally.add(known)
        return tally.distribution(now), True
    snapshot = snapshots.latest(audience.account_id, audience.id)
    if snapshot is None:
        raise Conflict(
            f"More than {MOST_LIVE} contacts have a score, and the first daily snapshot of them is still to be made."
        )
    return snapshot.distribution, False
