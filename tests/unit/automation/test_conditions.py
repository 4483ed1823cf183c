"""Conditions that a contact has to meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from laurel.automation.conditions import Conditions, speaks
from laurel.model.account import Store
from laurel.model.automation import Condition, ConsentIs, HasTag, LocaleIs, MetricBetween, ScoreBetween
from laurel.model.contact import Consent, ConsentStatus
from laurel.model.period import TimeFrame
from laurel.model.ranking import Figures, Metric
from tests.support.automating import an_audience
from tests.support.samples import NOW, STORE, a_contact, a_store

YEAR = TimeFrame.YEAR_TO_DATE


class Boards:
    """One store, in which everybody bought three times for 10.00 this year. ``reads`` counts how often it is asked."""

    def __init__(self, **store: Any) -> None:
        self.reads = 0
        self._store = a_store(**store)

    def store(self, _account: str, store_id: str) -> Store | None:
        return self._store if store_id == STORE else None

    def figures_in(self, _store: Store, periods: Sequence[str], _customer: str) -> Mapping[str, Figures]:
        self.reads += 1
        return {"2026": Figures(3, 1_000, 0)} if "2026" in periods else {}


def holds(condition: Condition, **contact: Any) -> bool:
    boards = Boards()
    return Conditions(boards, boards).failing(an_audience(), a_contact(**contact), [condition], NOW) is None


@pytest.mark.parametrize(
    ("condition", "contact", "expected"),
    [
        (ConsentIs(frozenset({ConsentStatus.NON_SUBSCRIBED})), {}, True),
        (ConsentIs(frozenset({ConsentStatus.SUBSCRIBED})), {}, False),
        (ConsentIs(frozenset(ConsentStatus)), {"consent": Consent(ConsentStatus.SUBSCRIBED, NOW)}, True),
        (HasTag("vip"), {"tags": ("lamps", "vip")}, True),
        (HasTag("vip"), {"tags": ("VIP",)}, False),
        (HasTag("vip", has=False), {}, True),
        (HasTag("vip", has=False), {"tags": ("vip",)}, False),
        (LocaleIs(frozenset({"de"})), {"locale": "de-AT"}, True),
        (LocaleIs(frozenset({"de"})), {}, False),
        (ScoreBetween(10, 20), {"score": 10, "score_epoch": 1}, True),
        (ScoreBetween(10, 20), {"score": 20, "score_epoch": 1}, True),
        (ScoreBetween(10, 20), {"score": 21, "score_epoch": 1}, False),
        (ScoreBetween(10, 20), {"score": 9, "score_epoch": 1}, False),
        (ScoreBetween(least=0), {}, False),
        (ScoreBetween(most=0), {}, True),
        (ScoreBetween(), {}, True),
        # A score from before the audience's scores were reset is none
        (ScoreBetween(least=0), {"score": 10, "score_epoch": 0}, False),
        (MetricBetween(STORE, Metric.ORDERS_COUNT, YEAR, 3, 3), {}, True),
        (MetricBetween(STORE, Metric.ORDERS_COUNT, YEAR, 4), {}, False),
        (MetricBetween(STORE, Metric.ORDERS_COUNT, YEAR, most=2), {}, False),
        (MetricBetween(STORE, Metric.TOTAL_SPENT, YEAR, 1_000, 1_000), {}, True),
        # 10.00 in three purchases are a little more than 3.33 each
        (MetricBetween(STORE, Metric.AVERAGE_ORDER_VALUE, YEAR, 333), {}, True),
        (MetricBetween(STORE, Metric.AVERAGE_ORDER_VALUE, YEAR, 334), {}, False),
        (MetricBetween(STORE, Metric.AVERAGE_ORDER_VALUE, YEAR, most=333), {}, False),
        (MetricBetween(STORE, Metric.TOTAL_SPENT, TimeFrame.LAST_YEAR, most=0), {}, True),
        (MetricBetween("gone", Metric.TOTAL_SPENT, YEAR, most=0), {}, False),
    ],
)
def test_a_condition(condition: Condition, contact: dict[str, Any], expected: bool) -> None:
    assert holds(condition, **contact) == expected


def test_a_store_of_another_audience_is_none() -> None:
    boards = Boards(audience_id="other")
    condition = MetricBetween(STORE, Metric.ORDERS_COUNT, YEAR, most=9)

    assert Conditions(boards, boards).failing(an_audience(), a_contact(), [condition], NOW) is condition


def test_what_costs_a_reading_is_asked_last() -> None:
    boards = Boards()
    costly, cheap = MetricBetween(STORE, Metric.ORDERS_COUNT, YEAR, 4), HasTag("vip")

    assert Conditions(boards, boards).failing(an_audience(), a_contact(), [costly, cheap], NOW) is cheap
    assert boards.reads == 0


@pytest.mark.parametrize(
    ("locale", "wanted", "expected"),
    [
        ("pt-BR", {"pt"}, True),
        ("pt_BR", {"pt-br"}, True),
        ("pt", {"pt-BR"}, False),
        ("EN", {"en", "de"}, True),
        ("eng", {"en"}, False),
        (None, {"en"}, False),
    ],
)
def test_languages(locale: str | None, wanted: set[str], expected: bool) -> None:
    assert speaks(locale, frozenset(wanted)) == expected
