"""A snapshot says what a recount in the plainest way says."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.leaderboard import snapshot as taking
from laurel.leaderboard.snapshot import take
from laurel.model import snapshot as model
from laurel.model.ranking import Figures, Metric
from laurel.model.snapshot import Snapshot
from tests.support.samples import NOW, a_store

COUNT, SPENT, AVERAGE = Metric.ORDERS_COUNT, Metric.TOTAL_SPENT, Metric.AVERAGE_ORDER_VALUE
SHOP = a_store(minimum_purchases=2)
MONTH = "2026-11"


def taken(rows: Iterable[tuple[str, Figures]]) -> Snapshot:
    return take(SHOP, MONTH, rows, NOW, NOW, closed=False)


def recounted(rows: dict[str, Figures], metric: Metric) -> list[tuple[int, str]]:
    def value(figures: Figures) -> Fraction:
        if metric is AVERAGE:
            return Fraction(figures.total_spent, figures.orders_count)
        return Fraction(figures.total_spent if metric is SPENT else figures.orders_count)

    shown = {it: row for it, row in rows.items() if metric is not AVERAGE or row.orders_count >= 2}
    ranked = [
        (1 + sum(value(other) > value(row) for other in shown.values()), -row.last_order_at, customer)
        for customer, row in shown.items()
    ]
    return [(rank, customer) for rank, _, customer in sorted(ranked)]


@given(
    st.dictionaries(
        st.integers(0, 99).map("c{:02}".format),
        st.builds(Figures, st.integers(1, 4), st.integers(0, 12), st.integers(1, 3)),
        max_size=40,
    ),
    st.randoms(use_true_random=False),
)
def test_boards_are_those_of_a_recount(rows: dict[str, Figures], order: random.Random) -> None:
    shuffled = list(rows.items())
    order.shuffle(shuffled)

    with pytest.MonkeyPatch.context() as patch:
        for module in (taking, model):
            patch.setattr(module, "FIRST", 7)
        patch.setattr(taking, "_HELD", 9)
        snapshot = taken(shuffled)
        for metric in Metric:
            board = recounted(rows, metric)
            assert [(it.rank, it.standing.customer) for it in snapshot.ranked(metric)] == board[:7]
            for rank, customer in board:
                among_first = customer in [it for _, it in board[:7]]
                assert snapshot.rank_of(customer, metric) == (rank if among_first else None)
            assert snapshot.size(metric) == len(board)
            assert snapshot.lists_all(metric) == (len(board) <= 7)

    assert snapshot.customers == len(rows)
    assert snapshot.orders_count == sum(it.orders_count for it in rows.values())
    assert snapshot.total_spent == sum(it.total_spent for it in rows.values())


def test_quantiles_are_values_that_customers_have_lowest_to_highest() -> None:
    snapshot = taken((f"c{number}", Figures(number, 10 * number, number)) for number in range(1, 1002))

    assert len(snapshot.quantiles[SPENT]) == 101
    assert [snapshot.quantiles[SPENT][at] for at in (0, 1, 50, 99, 100)] == [10, 110, 5010, 9910, 10010]
    assert snapshot.quantiles[COUNT][50] == 501
    # Who bought once is not on the board of averages.
    assert snapshot.size(AVERAGE) == 1000
    assert set(snapshot.quantiles[AVERAGE]) == {10_000_000}


def test_nobody_is_no_trouble() -> None:
    snapshot = taken([])

    assert snapshot.customers == snapshot.orders_count == snapshot.total_spent == 0
    assert snapshot.quantiles == dict.fromkeys(Metric, ())
    assert snapshot.ranked(SPENT) == []
    assert snapshot.rank_of("c1", SPENT) is None


def test_someone_is_listed_for_another_board_only() -> None:
    frequent = [(f"often{number}", Figures(9, 1, 1)) for number in range(1000)]
    snapshot = taken([*frequent, ("once", Figures(1, 500, 1)), ("never", Figures(1, 0, 1))])

    assert snapshot.rank_of("once", SPENT) == 1
    assert snapshot.rank_of("once", COUNT) is None
    assert snapshot.figures_of("once") == Figures(1, 500, 1)
    assert snapshot.figures_of("never") is None
    assert snapshot.rank_of("often7", SPENT) == 2


def test_it_names_nobody() -> None:
    snapshot = taken([("c1", Figures(1, 1, 1))])

    (first,) = snapshot.ranked(SPENT)
    assert (first.standing.name, first.standing.email) == (None, None)


def test_what_it_has_worked_out_is_no_part_of_it() -> None:
    snapshot = taken([("c1", Figures(3, 1, 1))])
    again = replace(snapshot)
    snapshot.ranked(SPENT)

    assert snapshot == again
    assert "_ranked" not in repr(snapshot)


def test_two_hundred_thousand_customers_take_little_memory() -> None:
    draw = random.Random(7)

    def rows() -> Iterator[tuple[str, Figures]]:
        for number in range(200_000):
            count = draw.randrange(1, 40)
            yield f"{number:032x}", Figures(count, count * draw.randrange(100, 20_000), 1_790_000_000 + number)

    tracemalloc.start()
    snapshot = taken(rows())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert snapshot.customers == 200_000
    assert 1_000 <= len(snapshot.rows) <= 3_000
    assert most < 25_000_000, "bytes: as much as three numbers a customer, and one board's in order"
