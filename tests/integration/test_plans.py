"""Plans in the accounts' items: written on condition, beside what others write."""

from __future__ import annotations

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from laurel.model.account import Account, Plan, Store
from laurel.model.plan import AccountPlan, SubscriptionState
from laurel.store.plans import Plans
from laurel.store.workspace import Workspace
from laurel.workspace.billing import Outcome, SubscriptionEvent, set_plan, take_in
from tests.support.faults import client_error
from tests.support.samples import NOW
from tests.support.stage import MemoryStage
from tests.support.tables import Database


@pytest.fixture
def workspace(database: Database) -> Workspace:
    return Workspace(database.client, database.tables.workspace)


@pytest.fixture
def plans(database: Database) -> Plans:
    return Plans(database.client, database.tables.workspace)


@pytest.fixture
def account(workspace: Workspace, store: Store) -> Account:
    account = Account(store.account_id, "Lamps Ltd", Plan.FREE, "en", "ab" * 32, NOW)
    workspace.save_account(account)
    return account


def event(account: Account, at: int, plan: Plan, subscription: str = "sub_1") -> SubscriptionEvent:
    return SubscriptionEvent(account.id, subscription, SubscriptionState(at, 12, plan))


def test_a_new_account_has_the_plan_that_it_was_made_with(plans: Plans, account: Account) -> None:
    assert plans.plan(account.id) == AccountPlan(Plan.FREE)
    assert plans.plan("nobody") is None


def test_the_account_has_the_new_plan_at_once_and_else_is_as_it_was(
    plans: Plans, workspace: Workspace, account: Account
) -> None:
    assert take_in(plans, event(account, 10, Plan.STANDARD)) is Outcome.ACCEPTED
    assert workspace.account(account.id) == replace(account, plan=Plan.STANDARD)

    workspace.change_account(account.id, {"name": "Lights Ltd"})
    assert take_in(plans, event(account, 11, Plan.PREMIUM)) is Outcome.ACCEPTED

    assert workspace.account(account.id) == replace(account, plan=Plan.PREMIUM, name="Lights Ltd")
    assert plans.plan(account.id) == AccountPlan(
        Plan.PREMIUM, {"sub_1": SubscriptionState(11, 12, Plan.PREMIUM)}, version=2
    )


def test_old_and_repeated_events_write_nothing(plans: Plans, account: Account) -> None:
    take_in(plans, event(account, 10, Plan.STANDARD))
    before = plans.plan(account.id)

    assert take_in(plans, event(account, 10, Plan.STANDARD)) is Outcome.UNCHANGED
    assert take_in(plans, event(account, 9, Plan.PREMIUM)) is Outcome.UNCHANGED
    assert plans.plan(account.id) == before


def test_an_operators_word_is_kept_with_its_time(plans: Plans, workspace: Workspace, account: Account) -> None:
    take_in(plans, event(account, 10, Plan.STANDARD))
    assert set_plan(plans, account.id, Plan.ESSENTIALS, 20) is Plan.STANDARD

    assert take_in(plans, event(account, 15, Plan.PREMIUM)) is Outcome.ACCEPTED

    assert workspace.account(account.id) == replace(account, plan=Plan.ESSENTIALS)


def test_who_read_before_somebody_else_wrote_writes_nothing(plans: Plans, account: Account) -> None:
    first = plans.plan(account.id)
    assert first
    assert plans.save_plan(account.id, first.set_by_operator(Plan.STANDARD, 5))

    assert not plans.save_plan(account.id, first.set_by_operator(Plan.PREMIUM, 6))
    second = plans.plan(account.id)
    assert second
    assert plans.save_plan(account.id, second.set_by_operator(Plan.PREMIUM, 7))
    assert not plans.save_plan(account.id, second.set_by_operator(Plan.FREE, 8))


def test_an_account_that_is_not_there_is_not_made(plans: Plans, workspace: Workspace) -> None:
    assert not plans.save_plan("nobody", AccountPlan(Plan.PREMIUM))
    assert workspace.account("nobody") is None


def test_writers_that_meet_both_count() -> None:
    """A second event arrives between another's read and write."""
    stage = MemoryStage()
    workspace = Workspace(stage.client, stage.tables.workspace)
    plans = Plans(stage.client, stage.tables.workspace)
    account = Account("a1", "Lamps Ltd", Plan.FREE, "en", "ab" * 32, NOW)
    workspace.save_account(account)

    def meanwhile(operation: str) -> None:
        if operation == "update_item":
            stage.before = lambda _: None
            take_in(plans, event(account, 11, Plan.PREMIUM, "sub_2"))

    stage.before = meanwhile
    assert take_in(plans, event(account, 10, Plan.STANDARD)) is Outcome.ACCEPTED

    found = plans.plan("a1")
    assert found
    assert (found.plan, set(found.subscriptions)) == (Plan.PREMIUM, {"sub_1", "sub_2"})


def test_an_error_of_the_table_is_not_taken_for_another_writer() -> None:
    stage = MemoryStage()

    def fail(operation: str) -> None:
        raise client_error("ProvisionedThroughputExceededException", operation)

    stage.before = fail
    with pytest.raises(ClientError):
        Plans(stage.client, stage.tables.workspace).save_plan("a1", AccountPlan(Plan.FREE))
