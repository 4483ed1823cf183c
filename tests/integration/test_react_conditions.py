"""Runs whose conditions do not hold are kept with the reason, and begin nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.automation import ConsentIs, HasTag, LocaleIs, MetricBetween, Repeat, RunState, ScoreBetween
from laurel.model.contact import ConsentStatus
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from tests.support.automating import an_automation
from tests.support.samples import ADA_ID, STORE, a_row
from tests.support.scene import RUNNING, SPENT, Scene, a_scene

if TYPE_CHECKING:
    from laurel.model.account import Store
    from tests.support.tables import Database

pytestmark = pytest.mark.integration


@pytest.fixture
def scene(database: Database, monkeypatch: pytest.MonkeyPatch, store: Store) -> Scene:
    return a_scene(database, monkeypatch, store)


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (ConsentIs(frozenset({ConsentStatus.SUBSCRIBED})), "consent"),
        (HasTag("vip"), "tag"),
        (LocaleIs(frozenset({"pt"})), "locale"),
        (ScoreBetween(least=101), "score"),
        (MetricBetween(STORE, SPENT, RUNNING, least=1), "metric"),
    ],
)
def test_a_run_whose_conditions_do_not_hold_is_kept_with_the_reason(condition: Any, reason: str, scene: Scene) -> None:
    scene.automate(an_automation(conditions=(condition,), repeat=Repeat.ONCE))
    scene.score(100)
    scene.hear()

    (run,) = scene.runs()
    assert (run.state, run.reason) == (RunState.SKIPPED, reason)
    assert scene.sent() == {}

    # It does not count as the one time that there is
    scene.score(50)
    scene.score(100)
    scene.hear()
    assert len(scene.runs()) == 2


def test_a_run_whose_conditions_hold_begins(scene: Scene) -> None:
    scene.rankings.put_row(scene.store, a_row(ADA_ID, 2, 5_000))
    scene.tag("vip")
    conditions = (
        ConsentIs(frozenset({ConsentStatus.NON_SUBSCRIBED})),
        HasTag("vip"),
        HasTag("gone", has=False),
        ScoreBetween(100, 100),
        MetricBetween(STORE, SPENT, RUNNING, 5_000, 5_000),
        MetricBetween(STORE, Metric.AVERAGE_ORDER_VALUE, RUNNING, 2_500, 2_500),
        MetricBetween(STORE, Metric.ORDERS_COUNT, TimeFrame.LAST_MONTH, most=0),
    )
    scene.automate(an_automation(conditions=conditions))
    scene.score(100)
    scene.hear()

    (run,) = scene.runs()
    assert run.state is RunState.WAITING
    assert run.cause == {"kind": "score", "at": "2026-11-22T10:00:00.000+00:00", "after": 100}
