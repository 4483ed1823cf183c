"""Refunds and deletions in the Ledger table, whenever they are told."""

from __future__ import annotations

import pytest

from laurel.model.account import Store
from laurel.model.order import LedgerOrder, OrderState
from laurel.store.ledger import Ledger
from tests.support.ledger import BOB_ID, MONDAY, TUESDAY, WEDNESDAY, Shop
from tests.support.samples import ADA_ID, BOB, an_order, seconds
from tests.support.tables import Database


@pytest.fixture
def shop(database: Database, store: Store) -> Shop:
    return Shop(Ledger(database.client, database.tables.ledger), store)


# ---- Refunds known by the order's id alone ---------------------------------------------------------------------------


def test_a_refund_lowers_what_was_spent_and_is_counted_once(shop: Shop) -> None:
    shop.tell(an_order(total=1000))

    assert shop.refund("r1", 300)
    assert not shop.refund("r1", 300)
    assert shop.refund("r2", 200)

    assert (shop.one().refunded, shop.one().spent, shop.one().changes) == (500, 500, 3)


def test_a_refund_may_be_told_before_its_order(shop: Shop) -> None:
    # Given a refund of an order nobody has heard of
    assert shop.refund("r1", 300)
    assert shop.one("unidentified-1001") == LedgerOrder(
        id="1001",
        customer="unidentified-1001",
        placed_at=None,
        total=0,
        refunded=300,
        currency="",
        state=OrderState.UNKNOWN,
        test=False,
        changes=1,
    )

    # When the order comes
    assert shop.tell(an_order(total=1000))

    # Then the refund is part of it
    assert (shop.one().total, shop.one().refunded) == (1000, 300)
    assert not shop.one("unidentified-1001").is_live


def test_a_refund_that_comes_both_alone_and_with_the_order_is_counted_once(shop: Shop) -> None:
    shop.refund("r1", 300)
    shop.tell(an_order(total=1000, refunds={"r1": 300, "r2": 50}))
    shop.refund("r2", 50)

    assert shop.one().refunded == 350


def test_what_the_order_says_of_a_refund_goes_before_the_notice(shop: Shop) -> None:
    shop.refund("r1", 300)

    shop.tell(an_order(total=1000, refunds={"r1": 250}))

    assert shop.one().refunded == 250


def test_a_refund_notice_outlives_newer_versions_and_moves_with_the_order(shop: Shop) -> None:
    shop.tell(an_order(total=1000, placed=MONDAY))
    shop.refund("r1", 300)

    shop.tell(an_order(total=1100, placed=MONDAY, updated=TUESDAY))
    assert shop.one().refunded == 300
    shop.tell(an_order(total=1100, placed=MONDAY, updated=WEDNESDAY, email=BOB))
    assert shop.one(BOB_ID).refunded == 300


def test_a_refund_finds_an_order_that_moved(shop: Shop) -> None:
    shop.tell(an_order(placed=MONDAY))
    shop.tell(an_order(placed=MONDAY, updated=TUESDAY, email=BOB))

    assert shop.refund("r1", 300)

    assert (shop.one(ADA_ID).refunded, shop.one(BOB_ID).refunded) == (0, 300)


# ---- Deletions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", [None, TUESDAY])
def test_a_deleted_order_stays_as_a_mark(shop: Shop, moment: str | None) -> None:
    shop.tell(an_order(placed=MONDAY))

    assert shop.delete(moment)
    assert not shop.delete(moment)

    order = shop.one()
    assert (order.state, order.is_live, order.placed_at, order.changes) == (
        OrderState.DELETED,
        False,
        seconds(MONDAY),
        2,
    )


def test_a_deletion_may_come_before_its_order(shop: Shop) -> None:
    assert shop.delete(TUESDAY)

    assert not shop.tell(an_order(placed=MONDAY))

    assert shop.kept() == []
    assert shop.one("unidentified-1001").state is OrderState.DELETED


def test_a_deletion_older_than_the_orders_last_change_is_late(shop: Shop) -> None:
    shop.tell(an_order(placed=MONDAY, updated=WEDNESDAY))

    assert not shop.delete(TUESDAY)

    assert shop.one().is_live


@pytest.mark.parametrize("moment", [None, TUESDAY])
def test_a_restored_order_is_live_again_and_older_news_of_it_is_not(shop: Shop, moment: str | None) -> None:
    shop.tell(an_order(placed=MONDAY))
    shop.delete(moment)

    assert not shop.tell(an_order(placed=MONDAY, total=1))
    assert shop.tell(an_order(placed=MONDAY, updated=WEDNESDAY))

    assert shop.one().is_live


def test_a_second_deletion_outranks_a_restoration_that_comes_late(shop: Shop) -> None:
    # Given an order deleted on Monday, restored on Tuesday and deleted on Wednesday
    shop.delete(MONDAY)
    assert shop.delete(WEDNESDAY)

    # When only then the restoration is told
    assert not shop.tell(an_order(placed="2026-11-15", updated=TUESDAY))

    # Then the order stays deleted
    assert shop.kept() == []


def test_a_deletion_without_time_follows_the_present_state(shop: Shop) -> None:
    # Given a deleted order of which nothing but the deletion is known
    assert shop.delete(None)

    # When the order comes after all, the shop seems to have restored it
    assert shop.tell(an_order(placed=MONDAY))

    assert shop.one().is_live


def test_a_deleted_order_still_takes_a_refund(shop: Shop) -> None:
    shop.tell(an_order(placed=MONDAY))
    shop.delete(None)

    assert shop.refund("r1", 100)

    assert (shop.one().refunded, shop.one().state) == (100, OrderState.DELETED)
