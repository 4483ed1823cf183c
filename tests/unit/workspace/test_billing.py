"""What Stripe's events mean for plans."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.account import Plan
from laurel.model.errors import Busy, NotFound
from laurel.model.plan import AccountPlan, SubscriptionState
from laurel.workspace.billing import (
    OfNoConcern,
    Outcome,
    SubscriptionEvent,
    Unplaced,
    read_event,
    set_plan,
    take_in,
)
from tests.support.billing_events import event

ACCOUNT = "demoaccount2"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


class FakePlans:
    """Plans of one account; ``rivals`` writers come first."""

    def __init__(self, plan: AccountPlan | None, rivals: int = 0) -> None:
        self.kept = plan
        self.rivals = rivals

    def plan(self, account_id: str) -> AccountPlan | None:
        return self.kept if account_id == ACCOUNT else None

    def save_plan(self, account_id: str, plan: AccountPlan) -> bool:
        assert account_id == ACCOUNT
        self.rivals -= 1
        if self.rivals >= 0:
            return False
        self.kept = plan
        return True


def read(**changes: Any) -> SubscriptionEvent:
    found = read_event(event(ACCOUNT, **changes))
    assert isinstance(found, SubscriptionEvent), found
    return found


def plan_of(**changes: Any) -> Plan:
    return read(**changes).state.plan


def items(*lookup_keys: str | None) -> dict[str, Any]:
    return {"data": [{"price": {"lookup_key": key}} for key in lookup_keys]}


@pytest.mark.parametrize("kind", ["created", "updated"])
@pytest.mark.parametrize(
    ("status", "plan"),
    [
        ("trialing", Plan.PREMIUM),
        ("active", Plan.PREMIUM),
        ("past_due", Plan.PREMIUM),
        ("unpaid", Plan.FREE),
        ("canceled", Plan.FREE),
        ("incomplete_expired", Plan.FREE),
        ("paused", Plan.FREE),
    ],
)
def test_the_status_says_whether_the_plan_is_paid_for(kind: str, status: str, plan: Plan) -> None:
    assert plan_of(kind=kind, status=status, plan="premium") is plan


@pytest.mark.parametrize("status", ["active", "canceled", "incomplete", None])
def test_a_deleted_subscription_pays_for_nothing(status: str | None) -> None:
    assert plan_of(kind="deleted", status=status, plan="premium") is Plan.FREE


@pytest.mark.parametrize(
    ("lookup_key", "plan"),
    [
        ("laurel_essentials", Plan.ESSENTIALS),
        ("laurel_standard_monthly", Plan.STANDARD),
        ("laurel_premium_yearly_eur", Plan.PREMIUM),
        ("laurel_free", Plan.FREE),
    ],
)
def test_the_lookup_key_of_the_price_names_the_plan(lookup_key: str, plan: Plan) -> None:
    assert plan_of(lookup_key=lookup_key) is plan


def test_of_several_prices_the_highest_plan_counts() -> None:
    assert plan_of(items=items("laurel_essentials", "laurel_premium_yearly", "sms_packet", None)) is Plan.PREMIUM


def test_the_plan_may_be_in_the_metadata_if_no_price_names_one() -> None:
    metadata = {"account_id": ACCOUNT, "plan": "essentials"}

    assert plan_of(lookup_key="winter_offer", metadata=metadata) is Plan.ESSENTIALS
    assert plan_of(lookup_key="laurel_premium", metadata=metadata) is Plan.PREMIUM


def test_an_event_is_told_by_account_subscription_and_time() -> None:
    found = read(id="sub_7", at=1_700_000_000)

    assert (found.account_id, found.subscription, found.state.at) == (ACCOUNT, "sub_7", 1_700_000_000)


def test_events_of_one_second_are_in_the_order_in_which_they_can_only_be() -> None:
    course = [
        read(kind="created", status="trialing"),
        read(kind="created"),
        read(status="trialing"),
        read(),
        read(status="past_due"),
        read(status="unpaid"),
        read(status="canceled"),
        read(kind="deleted"),
    ]
    phases = [found.state.phase for found in course]

    assert phases == sorted(set(phases))


@pytest.mark.parametrize(
    "ignored",
    [
        {**event(ACCOUNT), "type": "invoice.paid"},
        {**event(ACCOUNT), "type": "customer.subscription.trial_will_end"},
        {**event(ACCOUNT), "type": ["customer.subscription.updated"]},
        event(ACCOUNT, status="incomplete"),
        event(ACCOUNT, metadata={}, lookup_key="another_product"),
        event(ACCOUNT, metadata=None, items=None),
        {},
    ],
)
def test_what_is_of_no_concern_is_told_apart(ignored: dict[str, Any]) -> None:
    assert isinstance(read_event(ignored), OfNoConcern)


@pytest.mark.parametrize(
    "unplaced",
    [
        event(ACCOUNT, metadata={}),
        event(ACCOUNT, metadata={"account_id": "DEMO"}),
        event(ACCOUNT, metadata={"account_id": 7}),
        event(ACCOUNT, lookup_key="laurel_gold"),
        event(ACCOUNT, lookup_key="laurel_standardplus"),
        event(ACCOUNT, lookup_key=None),
        event(ACCOUNT, items={"data": ["nothing", {"price": "price_1"}]}),
        event(ACCOUNT, status="hibernating"),
        event(ACCOUNT, status=None),
        event(ACCOUNT, id=None),
        event(ACCOUNT, id="sub 1"),
        {**event(ACCOUNT), "created": "1795312579"},
        {**event(ACCOUNT), "created": True},
        {**event(ACCOUNT), "created": 10**12},
    ],
)
def test_what_cannot_be_placed_is_told_apart(unplaced: dict[str, Any]) -> None:
    assert isinstance(read_event(unplaced), Unplaced)


@given(part=JSON, where=st.sampled_from(["metadata", "items", "status", "id"]))
def test_no_shape_of_an_event_fails(part: Any, where: str) -> None:
    read_event(event(ACCOUNT, **{where: part}))
    read_event({**event(ACCOUNT), "data": part, "type": part, "created": part})


def test_the_account_follows_and_repetitions_change_nothing() -> None:
    plans = FakePlans(AccountPlan(Plan.FREE))

    assert take_in(plans, read(plan="premium")) is Outcome.ACCEPTED
    assert take_in(plans, read(plan="premium")) is Outcome.UNCHANGED
    assert plans.kept
    assert plans.kept.plan is Plan.PREMIUM


def test_an_event_of_an_unknown_account_is_rejected() -> None:
    assert take_in(FakePlans(None), read()) is Outcome.REJECTED


def test_who_writes_at_the_same_time_is_not_overwritten() -> None:
    plans = FakePlans(AccountPlan(Plan.FREE), rivals=3)

    assert take_in(plans, read()) is Outcome.ACCEPTED
    with pytest.raises(Busy):
        take_in(FakePlans(AccountPlan(Plan.FREE), rivals=100), read())


def test_an_operator_sets_a_plan() -> None:
    plans = FakePlans(AccountPlan(Plan.FREE))
    take_in(plans, read(plan="premium", at=100))

    assert set_plan(plans, ACCOUNT, Plan.ESSENTIALS, 200) is Plan.PREMIUM

    assert take_in(plans, read(kind="deleted", at=150)) is Outcome.ACCEPTED
    assert plans.kept
    assert plans.kept.plan is Plan.ESSENTIALS
    with pytest.raises(NotFound):
        set_plan(plans, "nobody", Plan.FREE, 200)


COURSES = st.lists(
    st.builds(
        lambda kind, status, plan, at, id_: event(ACCOUNT, kind=kind, status=status, plan=plan, at=at, id=id_),
        st.sampled_from(["created", "updated", "deleted"]),
        st.sampled_from(["incomplete", "trialing", "active", "past_due", "unpaid", "canceled"]),
        st.sampled_from(["essentials", "standard", "premium", "gold"]),
        st.integers(1, 6),
        st.sampled_from(["sub_1", "sub_2"]),
    ),
    min_size=1,
    max_size=8,
)


@given(course=COURSES, data=st.data())
def test_any_order_and_repetition_of_events_ends_in_the_same_plan(
    course: list[dict[str, Any]], data: st.DataObject
) -> None:
    def ends(events: list[dict[str, Any]]) -> tuple[Plan, dict[str, SubscriptionState]]:
        plans = FakePlans(AccountPlan(Plan.STANDARD))
        for found in map(read_event, events):
            if isinstance(found, SubscriptionEvent):
                take_in(plans, found)
        assert plans.kept
        return plans.kept.plan, dict(plans.kept.subscriptions)

    again = data.draw(st.lists(st.sampled_from(course)))

    assert ends(data.draw(st.permutations(course + again))) == ends(course)
