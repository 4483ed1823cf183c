"""Reconciliations of the Ledger with what the shop tells: what webhooks lost is found and recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from laurel.model.account import StoreState
from laurel.model.errors import FieldError, InvalidInput, ShopRefused, ShopUnavailable, ShopUnreadable
from laurel.model.job import JobState
from laurel.model.order import OrderState, revision
from laurel.model.reconciliation import Amount, CheckState, DayFigures
from laurel.reconciliation.begin import begin
from laurel.reconciliation.shop import EARLIER, FIRST, OVERLAP, PAUSES, UNDER_WAY
from laurel.scoring.work import Chunk
from laurel.shops.shop import UnreadableOrder
from laurel.store import keys
from laurel.store.dynamodb import attributes
from tests.support.reconciling import BEN, CLEO, World, told
from tests.support.samples import NOW, at

if TYPE_CHECKING:
    from tests.support.tables import Database

pytestmark = pytest.mark.integration


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_what_webhooks_lost_is_found_recorded_and_counted_by_day(world: World) -> None:
    world.order("1", project=False)
    world.order("2", placed="2026-11-19T10:00:00")
    changed = told("2", placed="2026-11-19T10:00:00", updated="2026-11-20T10:00:00", total=7000)
    world.connect([told("1"), changed], [told("3", "ben@example.com", placed="2026-11-19T23:30:00")])

    run = world.reconcile()

    assert run.shop.days == {
        "2026-11-19": DayFigures(Amount(1, 7000), Amount(1, 5990), outdated=1, repaired=1),
        "2026-11-20": DayFigures(Amount(2, 11980), Amount(1, 5990), missing=1, repaired=1),
    }
    assert (run.shop.state, run.shop.checked, run.shop.requests) == (CheckState.DONE, 3, 2)
    assert (world.kept("2"), world.kept("3")) == ((7000, "paid"), (5990, "paid"))
    profile = world.contacts.contact(world.store.account_id, world.store.audience_id, BEN)
    assert profile, "who bought is a contact, as by a webhook"
    assert world.accesses.notes == [(world.store.id, NOW, True)]
    assert world.ended[0].result == {
        "store": world.store.id,
        "missing": 1,
        "outdated": 1,
        "rows": 10,
        "repaired": 12,
        "shop": "done",
        "boards": "done",
    }


def test_a_run_takes_up_where_the_last_one_ended(world: World) -> None:
    world.connect([])
    first = world.reconcile()
    world.now += timedelta(days=1)
    world.connect([], answered_at=world.now)
    second = world.reconcile()

    assert first.shop.since == NOW - FIRST
    assert first.shop.until == NOW - UNDER_WAY
    assert second.shop.since == NOW - UNDER_WAY - OVERLAP
    assert world.runs.reconciled(world.store).shop_until == world.now - UNDER_WAY
    assert [run.id for run in world.runs.runs(world.store, 5)] == [second.id, first.id]


def test_the_first_run_looks_no_further_back_than_the_store_is_old(database: Database) -> None:
    world = World(database, created_at=NOW - timedelta(days=3))
    world.connect([])

    assert world.reconcile().shop.since == NOW - timedelta(days=3)


def test_what_changed_just_now_is_left_to_the_next_run(world: World) -> None:
    world.connect([told("1"), told("2", updated="2026-11-22T11:55:00")], [told("3", updated="2026-11-22T11:56:00")])

    run = world.reconcile()

    assert (run.shop.checked, run.shop.whole.missing, run.shop.requests) == (1, 1, 2)
    assert set(world.records.kept_orders(world.store, ["1", "2", "3"])) == {"1"}


def test_orders_at_the_border_of_two_pages_are_counted_once(world: World) -> None:
    moment = "2026-11-20T10:00:00"
    page = [told("1", updated="2026-11-20T09:59:00"), told("2", updated=moment), told("3", updated=moment)]
    world.connect(page, page[1:], [*page[2:], told("4", updated="2026-11-20T10:01:00")])

    run = world.reconcile()

    assert (run.shop.checked, run.shop.whole.missing) == (4, 4)
    assert run.shop.whole.shop == Amount(4, 4 * 5990)


def test_a_shop_without_a_clock_is_timed_by_ours(world: World) -> None:
    world.connect([told("1")], answered_at=NOW - FIRST)

    assert world.reconcile().shop.until == NOW - UNDER_WAY


def test_what_is_kept_newer_or_erased_or_deleted_is_no_difference(world: World) -> None:
    world.order("1", updated="2026-11-21T10:00:00", total=1)
    world.order("2", state=OrderState.DELETED)
    world.order("3", "ben@example.com")
    item = attributes({"pk": keys.person(world.store.account_id, world.store.audience_id, BEN), "sk": ""})
    key = {**item, **attributes({"sk": keys.order(world.store.id, "3")})}
    world.database.client.update_item(
        TableName=world.database.tables.ledger,
        Key=key,
        UpdateExpression="SET erased_at = :at",
        ExpressionAttributeValues=attributes({":at": 1}),
    )
    deleted = [told(id_, state=OrderState.DELETED) for id_ in ("2", "4")]
    world.connect([told("1"), *deleted, told("2", total=2), told("3", "ben@example.com", total=3)])

    run = world.reconcile()

    assert (run.shop.checked, run.shop.whole.missing, run.shop.whole.outdated) == (4, 0, 0)
    assert world.kept("1") == (1, "paid")


def test_a_change_within_the_second_of_the_one_that_is_kept_is_found(world: World) -> None:
    moment = at("2026-11-20T10:00:00")
    delivered = revision(moment, moment + timedelta(milliseconds=400), OrderState.PAID, 0)
    world.order("1", revision=delivered)
    world.connect([told("1", total=7000)])

    run = world.reconcile()

    assert (run.shop.whole.outdated, run.shop.whole.repaired, world.kept("1")) == (1, 1, (7000, "paid"))
    world.now += timedelta(days=1)
    world.connect([told("1", total=7000)], answered_at=world.now)
    assert world.reconcile().shop.whole.outdated == 0


def test_orders_of_somebody_who_was_erased_are_not_brought_back(world: World) -> None:
    world.order("1", "ben@example.com")
    mark = {"pk": keys.person(world.store.account_id, world.store.audience_id, CLEO), "sk": keys.PROFILE}
    erased_at = int(at("2026-11-21T00:00:00").timestamp() * 1000)
    world.database.client.put_item(
        TableName=world.database.tables.contacts, Item=attributes({**mark, "erased_at": erased_at, "version": 1})
    )
    world.connect([told("2", "cleo@example.com")])

    run = world.reconcile()

    assert (run.shop.checked, run.shop.whole.missing, run.shop.whole.repaired) == (1, 0, 0)
    assert world.records.kept_orders(world.store, ["2"]) == {}


def test_orders_that_cannot_be_read_are_kept_for_somebody_to_look_at(world: World) -> None:
    fault = InvalidInput("No.", (FieldError("/total", "No amount."),))
    world.connect([UnreadableOrder("order.updated", b'{"id": 1}', fault), told("1")])

    run = world.reconcile()

    assert (run.shop.unreadable, run.shop.whole.repaired) == (1, 1)
    assert [it.topic for it in world.unreadable.of_store(world.store, 5)] == ["order.updated"]


@pytest.mark.parametrize(
    ("fault", "state"),
    [(ShopRefused(401), CheckState.REFUSED), (ShopUnreadable("No API."), CheckState.UNREADABLE)],
)
def test_a_shop_that_cannot_be_asked_is_told_of_and_boards_are_compared(
    world: World, fault: Exception, state: CheckState
) -> None:
    world.order("1", project=False)
    world.connect([told("1")], faults=[fault])

    run = world.reconcile()

    assert (run.shop.state, run.boards.repaired) == (state, 5)
    reconciled = world.runs.reconciled(world.store)
    assert (reconciled.shop_until, reconciled.finished_at) == (None, None)
    noted = [(world.store.id, NOW, False)] if state is CheckState.REFUSED else []
    assert world.accesses.notes == noted


def test_a_shop_that_is_not_available_is_asked_again_later(world: World) -> None:
    world.connect([told("1")], [told("2")], faults=[ShopUnavailable("Down.")] * len(PAUSES))

    run = world.reconcile()

    assert (run.shop.state, run.shop.whole.repaired) == (CheckState.DONE, 2)
    assert world.now >= NOW + sum(PAUSES, timedelta())


def test_a_shop_that_stays_away_is_left_to_the_next_run(world: World) -> None:
    world.connect([told("1")], faults=[ShopUnavailable("Down.")] * (len(PAUSES) + 1))

    run = world.reconcile()

    assert (run.shop.state, run.boards.state) == (CheckState.UNAVAILABLE, CheckState.DONE)


def test_days_that_are_long_ago_are_one(world: World) -> None:
    world.connect([told(str(year), placed=f"{year}-01-01T10:00:00") for year in (2019, 2020)])

    assert world.reconcile().shop.days == {EARLIER: DayFigures(Amount(2, 11980), missing=2, repaired=2)}


def test_a_store_that_takes_no_orders_any_more_is_not_asked(world: World) -> None:
    world.connect([told("1")])
    begin(world.runs, world.jobs, world, world.store, world.now)
    kept = world.workspace.store(world.store.account_id, world.store.id)
    assert kept
    world.workspace.save_store(replace(kept, state=StoreState.PAUSED))

    assert world.worker().work(*world.queue.pop()) is Chunk.FINISHED

    assert (world.ended[0].state, world.ended[0].error) == (JobState.FAILED, "The store is not connected any more.")
    assert world.shop.asked == []
