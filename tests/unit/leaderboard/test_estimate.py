"""Ranks of who is too far down to be counted."""

from __future__ import annotations

import random

import pytest

from laurel.leaderboard import board
from laurel.leaderboard.board import read_figures, read_place
from laurel.leaderboard.estimate import RANKS_COUNTED, estimated_rank
from laurel.model.ranking import Figures, Metric
from tests.support.fakes import FakeBoards
from tests.support.samples import NOW
from tests.support.shelves import SHOP, Shelf, spending

NOVEMBER = SHOP.calendar.period("2026-11")
SPENT = Metric.TOTAL_SPENT


def test_an_estimate_is_within_one_hundredth_of_the_board() -> None:
    # Given 60,000 customers who spent as people do: few a lot, most a little
    luck = random.Random(7)
    amounts = sorted((int(luck.lognormvariate(8, 1.2)) for _ in range(60_000)), reverse=True)
    snapshot = Shelf().take("2026-11", spending((str(at), amount) for at, amount in enumerate(amounts)), NOW)

    for at in range(RANKS_COUNTED + 600, 60_000, 777):
        exact = 1 + sum(amount > amounts[at] for amount in amounts)
        assert abs(estimated_rank(snapshot, SPENT, amounts[at]) - exact) <= 600


def test_equal_values_share_an_estimate_that_counts_those_who_are_better() -> None:
    # Given 40,000 customers of whom 24,000 bought once
    rows = {str(at): Figures(1 if at < 24_000 else 2 + at % 50, 100, 0) for at in range(40_000)}
    snapshot = Shelf().take("2026-11", rows, NOW)

    assert abs(estimated_rank(snapshot, Metric.ORDERS_COUNT, 1) - 16_001) <= 400


def test_below_everybody_is_last_and_nobody_who_was_counted_out_is_better_than_those_who_were() -> None:
    rows = spending((str(at), 100 + at) for at in range(20_000))
    snapshot = Shelf().take("2026-11", rows, NOW)

    assert estimated_rank(snapshot, SPENT, 0) == 20_000
    assert estimated_rank(snapshot, SPENT, 10**9) == RANKS_COUNTED + 1
    ranks = [estimated_rank(snapshot, SPENT, value) for value in range(0, 25_000, 37)]
    assert ranks == sorted(ranks, reverse=True)


def test_figures_and_places_beyond_what_is_counted_are_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "RANKS_COUNTED", 3)
    monkeypatch.setattr("laurel.leaderboard.estimate.RANKS_COUNTED", 3)
    rows = [(f"c{number:02}", 1, 5000 - 100 * number, 1) for number in range(40)]
    boards = FakeBoards("2026-11", rows)
    shelf = Shelf()
    shelf.take("2026-11", {who: Figures(*figures) for who, *figures in rows}, NOW)

    near, far = (read_place(boards, SHOP, NOVEMBER, SPENT, who, shelf) for who in ("c07", "c20"))
    figures = read_figures(boards, SHOP, NOVEMBER, "c20", shelf)

    assert near.exact
    assert near.customer.rank == 8
    assert not far.exact
    ranks = [row.rank for row in (*far.above, far.customer, *far.below)]
    assert ranks == list(range(ranks[0], ranks[0] + 11))
    assert abs(far.customer.rank - 21) <= 1
    assert figures.ranks[SPENT] is not None
    assert SPENT in figures.estimated
    assert read_figures(boards, SHOP, NOVEMBER, "c01", shelf).estimated == frozenset()


def test_without_a_snapshot_a_place_is_counted_out_and_figures_leave_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "RANKS_COUNTED", 3)
    boards = FakeBoards("2026-11", [(f"c{number:02}", 1, 5000 - 100 * number, 1) for number in range(40)])

    place = read_place(boards, SHOP, NOVEMBER, SPENT, "c20", Shelf())

    assert (place.exact, place.customer.rank) == (True, 21)
    figures = read_figures(boards, SHOP, NOVEMBER, "c20", Shelf())
    assert (figures.ranks[SPENT], figures.estimated) == (None, frozenset())
