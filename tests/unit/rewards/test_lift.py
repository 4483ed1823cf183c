"""What a reward does is told as it is: against effects of known size, and against figures published elsewhere."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.contact import ContactRef
from laurel.model.order import CustomerRef, LedgerOrder, OrderState
from laurel.model.reward import Award, AwardState, Programme
from laurel.rewards.lift import (
    LEAST_PERSONS,
    MOST_PERSONS,
    Bought,
    Difference,
    differences,
    measure,
    of_means,
    of_shares,
)
from tests.support.rewards import a_person, a_programme
from tests.support.samples import ACCOUNT, AUDIENCE, NOW, a_kept_order, a_store

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = timedelta(days=1)
REPEATS = 400


class Awards:
    def __init__(self, *awards: Award) -> None:
        self.awards = awards

    def all_awards(self, programme: Programme) -> Iterator[Award]:
        return iter(self.awards)


class Orders:
    def __init__(self, **orders: list[LedgerOrder]) -> None:
        self.orders = orders

    def orders_of(self, ref: CustomerRef) -> Iterator[LedgerOrder]:
        return iter(self.orders.get(f"{ref.store_id}_{int(ref.customer, 16)}", []))


def an_award(number: int, days_ago: float, state: AwardState = AwardState.GIVEN) -> Award:
    programme = a_programme()
    ref = ContactRef(ACCOUNT, AUDIENCE, a_person(number))
    return Award(ref, programme.id, "fair", NOW - days_ago * DAY, state, programme.benefit)


def bought(days_ago: float, total: int = 1000, **changes: Any) -> LedgerOrder:
    placed_at = int((NOW - days_ago * DAY).timestamp())
    return replace(a_kept_order(), placed_at=placed_at, total=total, **changes)


def measured(awards: Awards, orders: Orders, days: int = 10, **changes: Any) -> Any:
    stores = [a_store(id="one"), a_store(id="two"), a_store(id="else", audience_id="other", currency="JPY")]
    stores = changes.pop("stores", stores)
    return measure(
        awards, orders, a_programme(**changes), stores, days, NOW, lambda act, things: [act(it) for it in things]
    )


def test_only_what_was_bought_in_the_days_after_counts() -> None:
    orders = Orders(
        one_1=[bought(20.1), bought(20), bought(10.1, 500), bought(10), bought(15, state=OrderState.PENDING)],
        two_1=[bought(12, 300), bought(12, 300, refunded=300), bought(12, 300, test=True)],
        else_1=[bought(12)],
        one_2=[bought(25, 700)],
    )
    awards = Awards(an_award(1, 20), an_award(2, 30, AwardState.HELD_OUT), an_award(3, 9))

    lift = measured(awards, orders)

    assert (lift.awarded.persons, lift.awarded.buyers, lift.awarded.orders, lift.awarded.spent) == (1, 1, 3, 1800)
    assert (lift.held_out.persons, lift.held_out.orders, lift.held_out.spent) == (1, 1, 700)
    assert (lift.too_recent, lift.beyond, lift.differences, lift.currency) == (1, False, None, "EUR")
    of_one = measured(awards, orders, store_id="one")
    assert of_one.awarded.orders == 2


def test_money_of_several_currencies_is_not_added_up() -> None:
    people = [an_award(number, 20, AwardState.HELD_OUT if number % 2 else AwardState.GIVEN) for number in range(100)]

    lift = measured(Awards(*people), Orders(), stores=[a_store(id="one"), a_store(id="two", currency="USD")])

    assert lift.currency is None
    assert lift.differences is not None
    assert lift.differences.spent_per_head is None


def test_a_person_counts_once_and_from_the_first_award_on() -> None:
    awards = Awards(an_award(1, 11, AwardState.REVOKED), an_award(1, 30))

    lift = measured(awards, Orders(one_1=[bought(25), bought(5)]))

    assert (lift.awarded.persons, lift.awarded.orders) == (1, 1)


def test_no_more_than_so_many_are_looked_at() -> None:
    awards = Awards(*(an_award(number, 20) for number in range(MOST_PERSONS + 5)))

    lift = measured(awards, Orders())

    assert (lift.awarded.persons, lift.beyond) == (MOST_PERSONS, True)


def test_too_few_persons_tell_nothing() -> None:
    group = [Bought(1, 100)] * LEAST_PERSONS

    assert differences(group, group[1:]) is None
    assert differences(group[1:], group) is None
    assert differences(group, group) is not None


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
    ],
)
def test_shares_have_the_intervals_that_newcombe_published(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    """Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10."""
    found = of_shares(*counts)

    assert (round(found.low, 4), round(found.high, 4)) == pytest.approx((low, high), abs=1e-4)


def test_means_have_the_interval_of_welch() -> None:
    found = of_means([10, 12, 14, 16], [8, 9, 9, 10])

    assert found.estimate == 4
    # Variances 20/3 and 2/3 over four values each.
    assert found.high - found.estimate == pytest.approx(1.95996 * (22 / 12) ** 0.5, abs=1e-4)
    assert found.estimate - found.low == pytest.approx(found.high - found.estimate)


@pytest.mark.parametrize("effect", [0.0, 0.10])
@pytest.mark.parametrize("persons", [LEAST_PERSONS, 400])
def test_a_known_effect_is_covered_nineteen_times_of_twenty(effect: float, persons: int) -> None:
    chance = random.Random(f"{effect} {persons}")
    share = 0.25

    def person(share: float) -> Bought:
        """Buys with this probability, and then once or more, at amounts as skewed as in shops."""
        if chance.random() >= share:
            return Bought(0, 0)
        orders = 1 + (chance.random() < 0.3)
        return Bought(orders, sum(round(chance.lognormvariate(7.1, 1.0)) for _ in range(orders)))

    covered = dict.fromkeys(("buyers", "orders", "spent"), 0)
    found = 0
    mean = 1.3 * 2.718281828 ** (7.1 + 0.5)
    truth = {"buyers": effect, "orders": effect * 1.3, "spent": effect * mean}
    for _ in range(REPEATS):
        awarded = [person(share + effect) for _ in range(persons)]
        held_out = [person(share) for _ in range(persons)]
        told = differences(awarded, held_out)
        assert told is not None
        assert told.spent_per_head is not None
        for name, it in (
            ("buyers", told.buyers_share), ("orders", told.orders_per_head), ("spent", told.spent_per_head),
        ):  # fmt: skip
            covered[name] += it.low <= truth[name] <= it.high
        found += told.buyers_share.low > 0

    assert all(0.92 <= it / REPEATS <= 0.985 for it in covered.values()), covered
    if effect and persons == 400:
        assert found / REPEATS > 0.8
    if not effect:
        assert found / REPEATS < 0.05


def test_a_difference_says_where_it_lies() -> None:
    assert of_shares(1, 2, 1, 2).estimate == 0
    assert isinstance(of_means([1, 2], [1, 2]), Difference)
