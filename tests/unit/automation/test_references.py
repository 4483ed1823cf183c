"""What automations may name beyond what the API's tests try: webhooks, where this machine is no place for them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from laurel.automation.references import Surroundings, require_sense
from laurel.http.automations_out import condition
from laurel.model.automation import MetricBetween, Step, StepKind
from laurel.model.errors import InvalidInput
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from tests.support.automating import an_automation
from tests.support.samples import a_store

LOCAL = an_automation(steps=(Step(StepKind.CALL_WEBHOOK, {"url": "http://127.0.0.1:8080/hook"}),))


def test_this_machine_is_called_only_where_that_is_allowed() -> None:
    require_sense(LOCAL, Surroundings({}, (), (), local=True))

    with pytest.raises(InvalidInput) as refused:
        require_sense(LOCAL, Surroundings({}, (), ()))

    assert [fault.pointer for fault in refused.value.errors] == ["/steps/0/url"]


def test_all_that_makes_no_sense_is_told_at_once_below_where_it_stands() -> None:
    wrong = replace(LOCAL, enabled=False, include_existing=True)

    with pytest.raises(InvalidInput) as refused:
        require_sense(wrong, Surroundings({}, (), ()), "/draft")

    assert [fault.pointer for fault in refused.value.errors] == ["/draft/include_existing", "/draft/steps/0/url"]


def test_an_amount_in_a_store_that_is_gone_is_not_told_since_nobody_knows_its_currency() -> None:
    store = a_store()
    figures = {
        metric: MetricBetween(store.id, metric, TimeFrame.ALL_TIME, least=5990)
        for metric in (Metric.TOTAL_SPENT, Metric.ORDERS_COUNT)
    }

    told = {metric: condition(it, {})["least"] for metric, it in figures.items()}

    assert told == {Metric.TOTAL_SPENT: None, Metric.ORDERS_COUNT: "5990"}
    assert condition(figures[Metric.TOTAL_SPENT], {store.id: store})["least"] == "59.90"
