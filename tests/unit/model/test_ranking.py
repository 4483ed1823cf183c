"""Ranking keys put customers in order, exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from laurel.model.ranking import (
    Figures,
    Metric,
    average_micros,
    last_order_of_key,
    lowest_key_above,
    value_of_key,
)

LATEST = 7_258_118_399  # the last second of 2199
LARGEST_VALUE = 20_000 * 10**15 * 10**6

figures = st.builds(
    Figures,
    orders_count=st.integers(1, 100_000),
    total_spent=st.integers(0, 20_000 * 10**15) | st.integers(0, 1000),
    last_order_at=st.integers(1, LATEST),
)
metrics = st.sampled_from(Metric)


@pytest.mark.parametrize(
    ("total", "count", "micros"),
    [
        (10_000, 3, 3_333_333_333),
        (20_000, 3, 6_666_666_667),
        (1, 2, 500_000),
        (1, 3_000_000, 0),
        (1, 2_000_000, 1),
        (3, 2_000_000, 2),
        (0, 5, 0),
        (0, 0, 0),
    ],
)
def test_an_average_is_rounded_to_the_millionth_of_a_minor_unit(total: int, count: int, micros: int) -> None:
    assert average_micros(total, count) == micros


@given(total=st.integers(0, 10**20), count=st.integers(1, 10**5))
def test_an_average_is_never_off_by_more_than_half_a_millionth(total: int, count: int) -> None:
    assert abs(Fraction(average_micros(total, count), 10**6) - Fraction(total, count)) <= Fraction(1, 2 * 10**6)


def test_a_metrics_value_is_what_decides_the_rank() -> None:
    of = Figures(3, 10_000, 1_795_168_800)

    assert [of.value(metric) for metric in Metric] == [3, 3_333_333_333, 10_000]
    assert [of.rank_key(metric) for metric in Metric] == [
        301_795_168_800,
        333_333_333_301_795_168_800,
        1_000_001_795_168_800,
    ]


@given(one=figures, other=figures, metric=metrics)
def test_keys_sort_by_value_then_by_the_last_order(one: Figures, other: Figures, metric: Metric) -> None:
    def rank(of: Figures) -> tuple[int, int]:
        return of.value(metric), of.last_order_at

    assert (one.rank_key(metric) < other.rank_key(metric)) == (rank(one) < rank(other))


@given(of=figures, metric=metrics)
def test_a_key_tells_what_it_was_made_of(of: Figures, metric: Metric) -> None:
    key = of.rank_key(metric)

    assert (value_of_key(key), last_order_of_key(key)) == (of.value(metric), of.last_order_at)


@given(of=figures, metric=metrics, value=st.integers(0, 10**6))
@example(of=Figures(1, 1000, LATEST), metric=Metric.TOTAL_SPENT, value=1000)
@example(of=Figures(1, 1001, 1), metric=Metric.TOTAL_SPENT, value=1000)
def test_the_lowest_key_above_a_value_parts_better_from_equal(of: Figures, metric: Metric, value: int) -> None:
    assert (of.rank_key(metric) >= lowest_key_above(value)) == (of.value(metric) > value)


@given(one=figures, other=figures)
def test_averages_that_differ_visibly_rank_as_the_exact_ones(one: Figures, other: Figures) -> None:
    exact = [Fraction(of.total_spent, of.orders_count) for of in (one, other)]
    if abs(exact[0] - exact[1]) <= Fraction(1, 10**6):
        return
    ranked = [of.value(Metric.AVERAGE_ORDER_VALUE) for of in (one, other)]
    assert (ranked[0] < ranked[1]) == (exact[0] < exact[1])


@given(of=figures, metric=metrics)
def test_a_key_fits_a_dynamodb_number(of: Figures, metric: Metric) -> None:
    assert len(str(of.rank_key(metric))) <= 38
