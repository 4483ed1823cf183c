"""Reconciliations of boards with the Ledger: what differs is found, repaired and counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from laurel.model.job import JobState
from laurel.model.order import OrderState
from laurel.model.ranking import RankingRow
from laurel.model.reconciliation import Amount, CheckState, PeriodFigures
from laurel.reconciliation import boards as comparing
from laurel.reconciliation.begin import begin
from laurel.reconciliation.boards import SETTLING
from laurel.scoring.work import Chunk, Rest
from laurel.store import keys
from laurel.store.dynamodb import attributes
from laurel.store.traces import Traces
from laurel.workspace.counting import rebuilt
from tests.support.reconciling import ADA, BEN, CLEO, World
from tests.support.samples import NOW, an_order

if TYPE_CHECKING:
    from tests.support.tables import Database

pytestmark = pytest.mark.integration
PERIODS = ("2026", "2026-11", "2026-Q4", "2026-W47", "all")


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_boards_in_step_have_no_differences_and_the_sums_of_both_sides(world: World) -> None:
    world.order("1")
    world.order("2", placed="2026-10-31T10:00:00")
    world.order("3", "ben@example.com", refunds={"r": 990})
    world.order("4", "ben@example.com", state=OrderState.PENDING)
    world.order("5", None)

    run = world.reconcile()

    assert (run.boards.state, run.boards.customers, run.boards.differences) == (CheckState.DONE, 2, 0)
    both = Amount(3, 2 * 5990 + 5000)
    assert run.boards.periods["all"] == PeriodFigures(both, both)
    assert run.boards.periods["2026-10"] == PeriodFigures(Amount(1, 5990), Amount(1, 5990))
    assert set(run.boards.periods) == {*PERIODS, "2026-10", "2026-W44"}
    assert (run.shop.state, run.finished_at) == (CheckState.NO_CREDENTIALS, NOW)
    assert world.runs.reconciled(world.store).finished_at == NOW
    (job,) = world.ended
    assert (job.state, job.done, job.total) == (JobState.DONE, 5, 5)


def test_a_customer_who_was_never_projected_is_found_and_projected(world: World) -> None:
    world.order("1")
    world.order("2", "ben@example.com", project=False)

    run = world.reconcile()

    assert (run.boards.differences, run.boards.repaired) == (5, 5)
    assert run.boards.periods["all"] == PeriodFigures(Amount(2, 11980), Amount(1, 5990), 1, 1)
    assert world.totals() == {ADA: (1, 5990), BEN: (1, 5990)}
    assert world.reconcile().boards.differences == 0


def test_rows_that_claim_to_be_as_new_are_put_right(world: World) -> None:
    order = world.order("1")
    expected = world.database.client.get_item(
        TableName=world.database.tables.rankings,
        Key=attributes({"pk": keys.board(world.store.account_id, world.store.id, "all"), "sk": ADA}),
    )["Item"]
    wrong = {**expected, "total_spent": {"N": "1"}}
    newer = {**expected, "version": {"N": "9999999999999"}, "orders_count": {"N": "7"}}
    newer["pk"] = attributes({"pk": keys.board(world.store.account_id, world.store.id, "2026-11")})["pk"]
    for item in (wrong, newer):
        world.database.client.put_item(TableName=world.database.tables.rankings, Item=item)
    world.drop("2026-Q4", order.customer)

    run = world.reconcile()

    assert (run.boards.differences, run.boards.repaired) == (3, 3)
    assert run.boards.periods["2026-11"] == PeriodFigures(Amount(1, 5990), Amount(7, 5990), 1, 1)
    assert run.boards.periods["2026-Q4"] == PeriodFigures(Amount(1, 5990), Amount(), 1, 1)
    assert [world.totals(period) for period in PERIODS] == [{ADA: (1, 5990)}] * 5
    world.order("2")
    assert world.totals("2026-11") == {ADA: (2, 11980)}, "what comes later counts again"


def test_a_row_that_is_missing_from_an_index_is_wrong(world: World) -> None:
    world.order("1")
    key = attributes({"pk": keys.board(world.store.account_id, world.store.id, "all"), "sk": ADA})
    client, tables = world.database
    client.update_item(TableName=tables.rankings, Key=key, UpdateExpression="REMOVE rank_total_spent")

    run = world.reconcile()

    assert (run.boards.differences, run.boards.repaired) == (1, 1)
    assert "rank_total_spent" in client.get_item(TableName=tables.rankings, Key=key)["Item"]


def test_rows_without_any_order_behind_them_are_emptied(world: World) -> None:
    world.order("1")
    lost = world.order("2", "ben@example.com")
    world.order("3", "cleo@example.com")
    world.forget_order(lost)
    stray = RankingRow("2026-03", CLEO, comparing.Figures(2, 500, 1), None, None, 1, frozenset(comparing.Metric))
    world.put(stray)

    run = world.reconcile()

    assert (run.boards.differences, run.boards.repaired) == (6, 6)
    assert run.boards.periods["2026-03"] == PeriodFigures(Amount(), Amount(2, 500), 1, 1)
    assert run.boards.periods["all"] == PeriodFigures(Amount(2, 11980), Amount(3, 17970), 1, 1)
    assert (world.totals(), world.totals("2026-03")) == ({ADA: (1, 5990), CLEO: (1, 5990)}, {})
    world.record(lost)
    world.project(BEN)
    assert world.totals()[BEN] == (1, 5990), "who comes back counts again"


def test_runs_are_forgotten_with_their_store(world: World) -> None:
    run = world.reconcile()

    client, tables = world.database
    belongings = Traces(client, tables.workspace).belongings(world.store)

    assert {keys.reconciliation(world.store.id, run.id), keys.reconciled(world.store.id)} <= {
        key["sk"]["S"] for key in belongings
    }


def test_what_is_on_its_way_is_no_difference(world: World) -> None:
    world.order("1")
    world.order("2", "ben@example.com", project=False)
    job = begin(world.runs, world.jobs, world, world.store, world.now)
    message = world.queue.pop()
    while not isinstance(chunk := world.worker().work(*message), Rest):
        assert chunk is Chunk.GOES_ON
    assert timedelta(0) < chunk.after <= SETTLING

    world.project(BEN)
    world.now += chunk.after
    while world.worker().work(*message) is not Chunk.FINISHED:
        pass

    run = world.runs.run(world.store, job.id)
    assert run
    assert run.boards.differences == 0
    assert run.boards.periods["all"].ledger == run.boards.periods["all"].rankings == Amount(2, 11980)


def test_a_customer_who_keeps_buying_is_left_to_the_next_run(world: World) -> None:
    world.order("0", project=False)
    job = begin(world.runs, world.jobs, world, world.store, world.now)
    message = world.queue.pop()
    bought = 0
    while (chunk := world.worker().work(*message)) is not Chunk.FINISHED:
        if isinstance(chunk, Rest):
            bought += 1
            world.order(f"1{bought}", project=False)
            world.now += chunk.after

    run = world.runs.run(world.store, job.id)
    assert run
    assert (run.boards.unsettled, run.boards.differences, bought) == (1, 0, comparing.MOST_LOOKS)
    world.now += timedelta(days=1)
    assert (world.reconcile().boards.repaired, world.totals()) == (5, {ADA: (6, 6 * 5990)})


def test_house_accounts_are_counted_and_left_alone(database: Database) -> None:
    world = World(database, house_account_orders=2)
    for number in range(3):
        world.order(str(number))
    world.order("9", "ben@example.com")

    run = world.reconcile()

    assert (run.boards.customers, run.boards.house_accounts, run.boards.differences) == (1, 1, 0)


def test_orders_that_went_to_another_customer_count_for_that_one_alone(world: World) -> None:
    world.order("1")
    moved = an_order("1", email="ben@example.com", updated="2026-11-21T10:00:00")
    world.record(moved)
    world.project(BEN)

    run = world.reconcile()

    assert run.boards.periods["all"] == PeriodFigures(Amount(1, 5990), Amount(2, 11980), 1, 1)
    assert world.totals() == {BEN: (1, 5990)}


def test_customers_of_several_orders_are_compared_once_and_of_many_pages(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "AT_ONCE", 2)
    for number in range(13):
        world.order(str(number), f"{number % 4}@example.com", placed=f"2026-11-{number + 1:02}T10:00:00")

    run = world.reconcile()

    assert (run.boards.customers, run.boards.differences) == (4, 0)
    assert run.boards.periods["all"] == PeriodFigures(Amount(13, 13 * 5990), Amount(13, 13 * 5990))


def test_boards_that_are_computed_again_are_not_compared(world: World) -> None:
    world.order("1", project=False)
    kept = world.workspace.store(world.store.account_id, world.store.id)
    assert kept
    assert world.workspace.save_store(rebuilt(kept, "job1"))

    run = world.reconcile()

    assert (run.boards.state, run.boards.differences) == (CheckState.REBUILDING, 0)
    assert world.runs.reconciled(world.store).finished_at is None


def test_a_lost_board_comes_back_whatever_its_size(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_SUSPECTS", 3)
    monkeypatch.setattr(comparing, "AT_ONCE", 2)
    for number in range(10):
        world.order(str(number), f"{number}@example.com", project=False)

    run = world.reconcile()

    assert (run.boards.differences, run.boards.repaired) == (50, 50)
    assert len(world.totals()) == 10
