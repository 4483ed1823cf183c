"""Reconciliations whose workers are killed after any request: all is repaired and counted once."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import pytest

from laurel.model.ranking import RankingRow
from laurel.reconciliation import boards as comparing
from tests.support.reconciling import ADA, CLEO, Killed, World, told
from tests.support.stage import MemoryStage
from tests.support.tables import Database

pytestmark = pytest.mark.integration


def in_disorder(stage: MemoryStage) -> World:
    """A store that something is wrong with in every way."""
    world = World(Database(stage.client, stage.tables))
    world.order("1")
    world.order("2", "ben@example.com", project=False)
    world.put(RankingRow("2026-03", CLEO, comparing.Figures(2, 500, 1), None, None, 1, frozenset(comparing.Metric)))
    world.drop("2026-11", ADA)
    world.connect([told("1", updated="2026-11-21T10:00:00", total=7000), told("3")], [told("4", "cleo@example.com")])
    return world


def test_whoever_is_killed_everything_is_repaired_and_counted_once() -> None:
    calm = in_disorder(MemoryStage())
    expected = calm.reconcile()
    survived = None
    for requests in itertools.count(1):
        stage = MemoryStage()
        world = in_disorder(stage)
        left = iter(range(1, requests + 1))

        def kill(_: str, left: Any = left, last: int = requests) -> None:
            if next(left, None) == last:
                raise Killed

        world.begun = partial(setattr, stage, "after", kill)
        run = world.reconcile()

        assert run.shop.days == expected.shop.days, requests
        assert run.boards == expected.boards, requests
        assert world.totals() == calm.totals()
        if next(left, None) is not None:
            survived = requests
            break
    assert survived
    assert survived > 20, "writes were there to be killed after"
