"""The function that takes runs further: batches, failures of single messages, releases, what it counts."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from laurel import settings
from laurel.model.automation import RunState, StepKind
from laurel.model.contact import ContactRef
from laurel.store import event_bus, mail_service, process, queue, schedules
from laurel.telemetry import metrics
from tests.support.api import Context, queue_event
from tests.support.functions import load_function
from tests.support.workshop import STEPS, Workshop

pytestmark = pytest.mark.integration

ADD_TAG, EVENT, TELL = STEPS[StepKind.ADD_TAG], STEPS[StepKind.PUT_EVENT], STEPS[StepKind.NOTIFY_TEAM]


class Function:
    """The function beside a workshop's tables, queue and outside. ``counted`` is what it counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shop = Workshop()
        self.counted: Counter[str] = Counter()
        monkeypatch.setattr(metrics.provider, "namespace", "Laurel")
        monkeypatch.setattr(process, "create_client", lambda: self.shop.stage.client)
        for module in (queue, schedules, event_bus):
            monkeypatch.setattr(module, "create_client", lambda: self.shop)
        monkeypatch.setattr(mail_service, "create_client", lambda: self.shop.ses)
        self.module: Any = load_function("RunFunction", monkeypatch, self.shop.stage.tables)
        monkeypatch.setenv("MAIL_TENANTS", "off")
        settings.settings.cache_clear()
        monkeypatch.setattr(self.module, "count", lambda name, value=1: self.counted.update({name: value}))

    def take(self, *bodies: Any) -> list[str]:
        """Have messages taken; the numbers of those that are to come again."""
        said = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
        messages = [{"MessageId": str(n), "ReceiptHandle": str(n), "Body": it} for n, it in enumerate(said)]
        answer = self.module.handler(queue_event(messages), Context())
        return [it["itemIdentifier"] for it in answer["batchItemFailures"]]

    def take_all(self) -> list[str]:
        """Have everything in the queue taken."""
        bodies = [it.body for it in self.shop.letters]
        self.shop.letters.clear()
        return self.take(*bodies)

    @property
    def non_zero(self) -> dict[str, int]:
        return {name: value for name, value in self.counted.items() if value}


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Function:
    return Function(monkeypatch)


def test_runs_of_a_batch_are_taken_as_far_as_they_go(function: Function) -> None:
    shop = function.shop
    run = shop.start(ADD_TAG, EVENT, TELL)

    assert function.take_all() == []

    assert shop.known(run).state is RunState.DONE
    assert (list(shop.tags), len(shop.bus.entries), len(shop.ses.sent)) == (["thanked"], 1, 2)
    assert function.non_zero == {"RunsDone": 1}


def test_only_those_that_fail_come_again(function: Function, caplog: pytest.LogCaptureFixture) -> None:
    shop = function.shop
    shop.automation(ADD_TAG)
    first, second = (shop.begin(ADD_TAG, run_id=id_) for id_ in ("r1", "r2"))
    good = [it.body for it in shop.letters]

    failed = function.take(good[0], "no JSON", {"account": "a"}, good[1], {**good[0], "run": "gone"})

    assert failed == ["1", "2"]
    assert {shop.known(it).state for it in (first, second)} == {RunState.DONE}
    assert function.non_zero == {"RunsDone": 2, "RunsNothing": 1, "RunsNotTaken": 2}
    assert [it.message for it in caplog.records] == ["run_not_taken"] * 2


def test_what_is_held_is_let_go_on(function: Function) -> None:
    shop = function.shop
    run = shop.start(ADD_TAG)
    shop.pause()
    assert function.take_all() == []
    assert function.non_zero == {"RunsHeld": 1}

    shop.pause(enabled=True)
    assert function.take_all() == []
    assert function.take_all() == []

    assert shop.known(run).state is RunState.DONE


def test_ends_that_are_nobodys_wish_are_logged(function: Function, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    shop = function.shop
    shop.automation(ADD_TAG)
    nobody = ContactRef(shop.account.id, shop.ada.audience_id, "0" * 32)
    shop.begin(ADD_TAG, ref=nobody)

    assert function.take_all() == []

    assert [it.message for it in caplog.records] == ["run_ended"]
