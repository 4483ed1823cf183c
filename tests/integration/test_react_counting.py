"""What counts as a crossing that begins a run: how often, how late and whoever was there before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest

from laurel.model.automation import FirstPurchaseMade, Repeat, TagAdded, run_id
from laurel.model.signal import Existing, Pulse, Signal
from laurel.scoring.pulses import KeptPulse
from laurel.store.dynamodb import attributes
from tests.support.automating import an_audience, an_automation
from tests.support.samples import ADA_ID, AUDIENCE, at
from tests.support.scene import TOLD_AT, Scene, a_scene

if TYPE_CHECKING:
    from laurel.model.account import Store
    from tests.support.tables import Database

pytestmark = pytest.mark.integration


@pytest.fixture
def scene(database: Database, monkeypatch: pytest.MonkeyPatch, store: Store) -> Scene:
    return a_scene(database, monkeypatch, store)


# ---- What counts -----------------------------------------------------------------------------------------------------


def test_once_is_once(scene: Scene) -> None:
    scene.automate(an_automation(repeat=Repeat.ONCE))
    for points in (100, 50, 100, 50, 100):
        scene.score(points)
        scene.hear()

    assert len(scene.runs()) == 1


def test_hysteresis_is_remembered_between_batches(scene: Scene) -> None:
    scene.automate(an_automation(hysteresis=10))
    for points in (100, 99, 100, 95, 101, 90, 100):
        scene.score(points)
        scene.hear()

    assert len(scene.runs()) == 2


def test_what_a_transaction_wrote_may_be_heard_backwards(scene: Scene) -> None:
    # Given a score that reached a hundred, fell, and reached it again
    scene.automate(an_automation(hysteresis=10))
    for points in (100, 50, 100):
        scene.score(points)

    # When that is heard from its end
    scene.hear(scene.told()[::-1])

    # Then it counts twice all the same
    assert len(scene.runs()) == 2


def test_history_starts_nothing_unless_asked(scene: Scene) -> None:
    old = TOLD_AT - timedelta(days=8)
    scene.automate(an_automation("now", hysteresis=5), an_automation("always", hysteresis=5, counts_history=True))
    scene.score(100, when=old)
    scene.hear()
    assert [it.automation_id for it in scene.runs()] == ["always"]

    # But it is remembered: a score that trembles since does not count
    scene.score(99)
    scene.score(100)
    scene.hear()
    assert scene.runs("now") == []
    scene.score(95)
    scene.score(100)
    scene.hear()
    assert len(scene.runs("now")) == 1


def test_a_first_purchase_of_long_ago_starts_nothing(scene: Scene) -> None:
    # As of those who had bought before this was kept
    scene.automate(an_automation(trigger=FirstPurchaseMade()))
    kept = KeptPulse(at("2025-01-01T10:00:00"), TOLD_AT)
    assert scene.pulses.put(scene.ref, Pulse.PURCHASE, kept, None)
    scene.hear()

    assert scene.runs() == []


def test_one_that_is_paused_starts_nothing(scene: Scene) -> None:
    scene.automate(an_automation(enabled=False, hysteresis=5))
    scene.score(100)
    records = scene.told()
    scene.hear(records)

    # Nor once it is enabled, for what it heard of before
    (it,) = scene.listener.automations.automations(scene.ref.account_id, AUDIENCE)
    assert scene.listener.automations.save(replace(it, enabled=True, enabled_at=TOLD_AT + timedelta(minutes=1)))
    scene.hear(records)
    assert scene.runs() == []


def test_what_was_told_before_it_was_enabled_starts_nothing(scene: Scene) -> None:
    scene.automate(
        an_automation("late", enabled_at=TOLD_AT + timedelta(seconds=1)), an_automation("there", enabled_at=TOLD_AT)
    )
    scene.score(100)
    scene.hear()

    assert [it.automation_id for it in scene.runs()] == ["there"]


def test_nobody_who_was_erased_sets_anything_off(scene: Scene) -> None:
    scene.automate(an_automation())
    scene.score(100)
    records = scene.told()
    version = scene.people.contact(scene.ref.account_id, AUDIENCE, ADA_ID)
    assert version
    came_back = replace(version, erased_at=TOLD_AT + timedelta(seconds=2), version=version.version + 1)
    assert scene.people.save(scene.ref.account_id, AUDIENCE, came_back)
    scene._plain.update_item(
        TableName=scene._contacts,
        Key=attributes({"pk": f"{scene.ref.account_id}#{AUDIENCE}#{ADA_ID}", "sk": "profile"}),
        UpdateExpression="SET erased_at = :at",
        ExpressionAttributeValues=attributes({":at": round((TOLD_AT.timestamp() + 2) * 1000)}),
    )

    assert scene.hear(records) == []
    assert scene.runs() == []


def test_an_audience_without_automations_costs_one_reading(scene: Scene) -> None:
    scene.score(100)
    records = scene.told()
    asked: list[str] = []
    scene.client.before = asked.append

    assert scene.hear(records) == []
    assert asked == ["query"]


def test_what_no_automation_listens_to_costs_no_more_than_that(scene: Scene) -> None:
    scene.automate(an_automation(), an_automation("a2", TagAdded("vip")))
    scene.score(50)
    records = scene.told()
    asked: list[str] = []
    scene.client.before = asked.append

    assert scene.hear(records) == []
    assert asked == ["query", "get_item"]


# ---- Those who meet it already ---------------------------------------------------------------------------------------


def test_who_meets_it_already_is_included_once(scene: Scene) -> None:
    it = replace(an_automation(repeat=Repeat.ONCE), account_id=scene.ref.account_id)
    signal: Signal = Existing(TOLD_AT, "activation1")
    for _ in range(3):
        scene.listener.reactor.include(an_audience(scene.ref.account_id), it, scene.ref, cast("Existing", signal))

    (run,) = scene.runs()
    assert run.id == run_id("a1", signal)
    assert run.cause["kind"] == "existing"

    # And is not again by crossing
    scene.automate(it)
    scene.score(100)
    scene.hear()
    assert len(scene.runs()) == 1
