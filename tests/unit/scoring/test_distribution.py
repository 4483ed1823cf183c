"""How scores are spread, taken in page by page."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.account import Audience
from laurel.model.errors import Conflict
from laurel.model.scoring import HIGHEST_SCORE
from laurel.scoring import distribution
from laurel.scoring.distribution import BINS, Snapshot, Tally, bin_of, bins, current
from laurel.scoring.lists import Position, ScorePage
from tests.support.samples import ACCOUNT, AUDIENCE, NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from laurel.scoring.distribution import Distribution

AN_AUDIENCE = Audience(ACCOUNT, AUDIENCE, "Customers", 1, NOW)
SCORES = st.integers(0, HIGHEST_SCORE) | st.sampled_from([0, 1, 2, 5, 9, 10, HIGHEST_SCORE])


def spread(*pages: Sequence[int]) -> Distribution:
    """Pages of scores, kept as JSON in between."""
    expected = sum(map(len, pages))
    kept: dict[str, Any] | None = None
    for page in pages:
        tally = Tally(expected, kept)
        tally.add(page)
        kept = tally.kept()
    return Tally(expected, kept).distribution(NOW)


class FakeScores:
    """Scores in pages of two."""

    def __init__(self, *scores: int) -> None:
        self.scores_ = scores
        self.reads = 0

    def scores(self, audience: Audience, after: Position | None) -> ScorePage:
        del audience
        self.reads += 1
        start = int(after["at"]) if after else 0
        more = start + 2 < len(self.scores_)
        return ScorePage(self.scores_[start : start + 2], {"at": start + 2} if more else None)

    def count_scores(self, audience: Audience) -> int:
        del audience
        return len(self.scores_)


class FakeSnapshots:
    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self.snapshot = snapshot

    def save(self, account_id: str, audience_id: str, snapshot: Snapshot) -> None:
        del account_id, audience_id
        self.snapshot = snapshot

    def latest(self, account_id: str, audience_id: str) -> Snapshot | None:
        del account_id, audience_id
        return self.snapshot


@given(st.lists(SCORES, min_size=1, max_size=60), st.integers(1, 7))
def test_figures_are_those_of_the_whole_list_however_it_is_paged(scores: list[int], size: int) -> None:
    ascending = sorted(scores)
    pages = [ascending[start : start + size] for start in range(0, len(ascending), size)]

    found = spread(*pages)

    assert (found.contacts, found.total) == (len(scores), sum(scores))
    assert (found.lowest, found.highest) == (ascending[0], ascending[-1])
    assert list(found.deciles) == [ascending[ceil(tenth * len(scores) / 10) - 1] for tenth in range(1, 10)]
    assert found.median == ascending[(len(scores) - 1) // 2]
    for lowest, highest, contacts in bins(found.histogram):
        assert contacts == sum(lowest <= score <= highest for score in scores)


def test_nobody_has_a_score() -> None:
    found = spread([])

    assert (found.contacts, found.total, found.lowest, found.highest, found.median) == (0, 0, None, None, None)
    assert found.deciles == ()
    assert set(found.histogram) == {0}


def test_bins_cover_every_score_once() -> None:
    bounds = bins([0] * len(BINS))

    assert bounds[0][:2] == (0, 0)
    assert bounds[-1][1] == HIGHEST_SCORE
    assert [highest + 1 for _, highest, _ in bounds[:-1]] == [lowest for lowest, _, _ in bounds[1:]]
    assert [bin_of(score) for score in (0, 1, 2, 4, 5, 99, HIGHEST_SCORE)] == [0, 1, 2, 2, 3, 6, len(BINS) - 1]


def test_scores_that_went_away_meanwhile_leave_deciles_whole() -> None:
    tally = Tally(10)
    tally.add([1, 2, 3, 4, 5])

    assert tally.distribution(NOW).deciles == (1, 2, 3, 4, 5, 5, 5, 5, 5)


def test_scores_that_came_meanwhile_leave_deciles_whole() -> None:
    tally = Tally(1)
    tally.add([4])
    tally.add([7, 8])

    assert (tally.contacts, tally.distribution(NOW).deciles) == (3, (4,) * 9)


def test_few_scores_are_counted_live() -> None:
    found, live = current(FakeScores(1, 2, 3, 4, 5), FakeSnapshots(), AN_AUDIENCE, NOW)

    assert live
    assert (found.as_of, found.contacts, found.median) == (NOW, 5, 3)


def test_many_scores_are_left_to_the_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distribution, "MOST_LIVE", 3)
    kept = Snapshot(NOW.date(), spread([1, 2, 3, 4, 5]))
    scores = FakeScores(*range(100))

    found, live = current(scores, FakeSnapshots(kept), AN_AUDIENCE, NOW)

    assert (found, live) == (kept.distribution, False)
    assert scores.reads == 2, "no more than it takes to know"


def test_many_scores_without_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distribution, "MOST_LIVE", 3)

    with pytest.raises(Conflict, match="first daily snapshot"):
        current(FakeScores(*range(4)), FakeSnapshots(), AN_AUDIENCE, NOW)
