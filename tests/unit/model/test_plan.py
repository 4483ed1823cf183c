"""What an account's plan follows from, in whatever order it becomes known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.account import Plan
from laurel.model.plan import AccountPlan, SubscriptionState

STATES = st.builds(
    SubscriptionState, at=st.integers(1, 5), phase=st.sampled_from([0, 10, 12, 20]), plan=st.sampled_from(Plan)
)
TOLD = st.lists(st.tuples(st.sampled_from(["sub_1", "sub_2"]), STATES), min_size=1, max_size=8)


def state(at: int, plan: Plan, phase: int = 10) -> SubscriptionState:
    return SubscriptionState(at, phase, plan)


def told(plan: AccountPlan, *facts: tuple[str, SubscriptionState]) -> AccountPlan:
    for subscription, fact in facts:
        plan = plan.told(subscription, fact)
    return plan


@pytest.mark.parametrize(
    ("plan", "messages"),
    [(Plan.FREE, 0), (Plan.ESSENTIALS, 5_000), (Plan.STANDARD, 50_000), (Plan.PREMIUM, 500_000)],
)
def test_each_plan_has_a_monthly_allowance(plan: Plan, messages: int) -> None:
    assert plan.monthly_messages == messages


def test_a_subscription_sets_the_plan_until_it_ends() -> None:
    plan = told(AccountPlan(Plan.FREE), ("sub_1", state(1, Plan.STANDARD)))
    assert plan.plan is Plan.STANDARD

    assert told(plan, ("sub_1", state(2, Plan.FREE, 20))).plan is Plan.FREE


def test_what_is_old_or_known_changes_nothing_at_all() -> None:
    plan = told(AccountPlan(Plan.FREE), ("sub_1", state(5, Plan.STANDARD)))

    assert plan.told("sub_1", state(5, Plan.STANDARD)) is plan
    assert plan.told("sub_1", state(4, Plan.PREMIUM, 20)) is plan


def test_of_one_second_the_state_that_can_only_come_later_counts() -> None:
    ended, active = ("sub_1", state(5, Plan.FREE, 20)), ("sub_1", state(5, Plan.PREMIUM, 12))

    assert told(AccountPlan(Plan.STANDARD), ended, active).plan is Plan.FREE
    assert told(AccountPlan(Plan.STANDARD), active, ended).plan is Plan.FREE


def test_the_end_of_an_old_subscription_does_not_end_the_one_that_replaced_it() -> None:
    plan = told(
        AccountPlan(Plan.FREE),
        ("sub_1", state(1, Plan.ESSENTIALS)),
        ("sub_2", state(2, Plan.PREMIUM)),
        ("sub_1", state(3, Plan.FREE, 20)),
    )

    assert plan.plan is Plan.PREMIUM


def test_an_operators_word_stands_until_something_newer_is_told() -> None:
    plan = told(AccountPlan(Plan.FREE), ("sub_1", state(10, Plan.STANDARD))).set_by_operator(Plan.PREMIUM, 20)
    assert plan.plan is Plan.PREMIUM

    late = told(plan, ("sub_1", state(19, Plan.FREE, 20)), ("sub_2", state(20, Plan.ESSENTIALS)))
    assert late.plan is Plan.PREMIUM
    assert told(late, ("sub_2", state(21, Plan.ESSENTIALS))).plan is Plan.ESSENTIALS


def test_an_operators_word_is_newer_than_what_is_known_whatever_the_clocks_say() -> None:
    plan = told(AccountPlan(Plan.FREE), ("sub_1", state(30, Plan.STANDARD))).set_by_operator(Plan.FREE, 20)

    assert plan.plan is Plan.FREE
    assert told(plan, ("sub_2", state(30, Plan.PREMIUM))).plan is Plan.FREE


@given(facts=TOLD, data=st.data())
def test_any_order_and_repetition_ends_in_the_same_plan(
    facts: list[tuple[str, SubscriptionState]], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(facts)))
    shuffled = data.draw(st.permutations(facts + again))

    assert told(AccountPlan(Plan.STANDARD), *shuffled) == told(AccountPlan(Plan.STANDARD), *facts)


@given(facts=TOLD, position=st.integers(0, 8), at=st.integers(5, 6))
def test_an_operators_word_outlasts_all_that_is_older_whenever_it_arrives(
    facts: list[tuple[str, SubscriptionState]], position: int, at: int
) -> None:
    before = told(AccountPlan(Plan.FREE), *facts[:position])

    assert told(before.set_by_operator(Plan.ESSENTIALS, at), *facts[position:]).plan is Plan.ESSENTIALS
