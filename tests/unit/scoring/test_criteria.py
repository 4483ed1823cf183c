"""What a search may ask for, in words."""

from __future__ import annotations

from typing import Any

import pytest

from laurel.http.schemas import read
from laurel.http.scoring_in import ScoreQuery, asked_of
from laurel.model.account import Audience, Store
from laurel.model.contact import ConsentStatus
from laurel.model.errors import InvalidInput, NotFound
from laurel.model.ranking import Metric
from laurel.model.scoring import HIGHEST_SCORE
from laurel.scoring.criteria import criteria_of
from laurel.scoring.search import ScoreCriteria
from tests.support.samples import ACCOUNT, AUDIENCE, NOW, STORE, a_store

WITHIN = Audience(ACCOUNT, AUDIENCE, "Customers", 1, NOW)


class Stores:
    def store(self, account_id: str, store_id: str) -> Store | None:
        assert account_id == ACCOUNT
        known = {STORE: a_store(), "yen": a_store(id="yen", currency="JPY"), "other": a_store(audience_id="other")}
        return known.get(store_id)


def criteria(**asked: str) -> ScoreCriteria:
    return criteria_of(Stores(), WITHIN, asked, NOW)


@pytest.mark.parametrize(
    ("asked", "bounds"),
    [
        ({}, (0, HIGHEST_SCORE)),
        ({"above": "5"}, (6, HIGHEST_SCORE)),
        ({"at_least": "5"}, (5, HIGHEST_SCORE)),
        ({"equals": "5"}, (5, 5)),
        ({"at_most": "5"}, (0, 5)),
        ({"below": "5"}, (0, 4)),
        ({"above": "5", "at_least": "3", "below": "9", "at_most": "20"}, (6, 8)),
        ({"equals": "5", "at_least": "6"}, (6, 5)),
    ],
)
def test_bounds_are_combined(asked: dict[str, str], bounds: tuple[int, int]) -> None:
    found = criteria(**asked)

    assert (found.at_least, found.at_most) == bounds
    assert found.is_empty is (bounds[0] > bounds[1])


def test_scores_begin_with_the_highest_and_addresses_with_a() -> None:
    assert criteria().ascending is False
    assert criteria(none="true").ascending is True
    assert criteria(order="asc").ascending is True
    assert criteria(none="true", order="desc").ascending is False


def test_figures_are_of_all_time_unless_told_otherwise() -> None:
    asked = criteria(store=STORE).figures
    november = criteria(store=STORE, time_frame="month_to_date").figures
    named = criteria(store=STORE, period="2025").figures

    assert asked
    assert november
    assert named
    assert (asked.period.id, asked.metric) == ("all", Metric.TOTAL_SPENT)
    assert (november.period.id, named.period.id) == ("2026-11", "2025")


@pytest.mark.parametrize(
    ("store", "metric", "text", "value"),
    [
        (STORE, Metric.ORDERS_COUNT, "3", 3),
        (STORE, Metric.TOTAL_SPENT, "59.9", 5990),
        (STORE, Metric.AVERAGE_ORDER_VALUE, "59.90", 5990 * 10**6),
        ("yen", Metric.TOTAL_SPENT, "59", 59),
    ],
)
def test_bounds_of_a_metric_are_in_its_exact_value(store: str, metric: Metric, text: str, value: int) -> None:
    found = criteria(store=store, rank_by=metric.value, metric_at_least=text, metric_at_most=text).figures

    assert found is not None
    assert (found.at_least, found.at_most) == (value, value)


@pytest.mark.parametrize("store", ["other", "nobody's"])
def test_a_store_of_another_audience_is_not_there(store: str) -> None:
    with pytest.raises(NotFound):
        criteria(store=store)


@pytest.mark.parametrize(
    "asked",
    [
        {"above": "٣"},
        {"above": " 3"},
        {"store": "yen", "metric_at_least": "1.5"},
        {"store": STORE, "metric_at_least": "1e3"},
        {"store": STORE, "rank_by": "orders_count", "metric_at_most": "1.0"},
    ],
)
def test_what_is_no_number_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        criteria(**asked)


@pytest.mark.parametrize(
    "body",
    [
        {"above": 3, "below": 9, "tag": "vip", "status": "subscribed"},
        {"none": True},
        {"none": False, "equals": 0},
        {"store": STORE, "time_frame": "last_month", "rank_by": "orders_count", "metric_at_least": "2"},
        {"store": STORE, "period": "2026-W01", "metric_at_most": "10.00"},
    ],
)
def test_a_body_asks_like_a_query_string(body: dict[str, Any]) -> None:
    as_text = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in body.items()}

    assert asked_of(read(ScoreQuery, body)) == as_text
    assert criteria(**asked_of(read(ScoreQuery, body))) == criteria(**as_text)


def test_consent_is_part_of_it() -> None:
    assert criteria(status="cleaned").status is ConsentStatus.CLEANED
