"""The Ledger keeps every fact once, whatever comes in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from laurel.model.account import Store
from laurel.model.activity import Activity
from laurel.model.errors import Busy, Conflict
from laurel.model.identity import contact_id
from laurel.model.order import Buyer, CustomerRef, Deletion, LedgerOrder, Order, OrderState, Refund
from laurel.store import ledger
from laurel.store.ledger import Ledger
from tests.support.memory import client_error
from tests.support.samples import ADA, ADA_ID, BOB, a_store, an_order, at, seconds
from tests.support.stage import MemoryStage
from tests.support.tables import Database
from tests.support.turns import Turns

BOB_ID = contact_id(BOB)
MONDAY, TUESDAY, WEDNESDAY = "2026-11-16T10:00:00", "2026-11-17T10:00:00", "2026-11-18T10:00:00"


class Shop:
    """A store and its Ledger, in a test's words."""

    def __init__(self, facts: Ledger, store: Store) -> None:
        self.ledger = facts
        self.store = store

    def tell(self, order: Order) -> bool:
        """Deliver an order as a webhook would."""
        owner = self.ledger.owners_of(self.store, [order.id]).get(order.id)
        return self.ledger.record_order(self.store, order, owner)

    def refund(self, refund_id: str, amount: int, order_id: str = "1001") -> bool:
        return self.ledger.record_refund(self.store, Refund(order_id, refund_id, amount))

    def delete(self, moment: str | None, order_id: str = "1001") -> bool:
        return self.ledger.record_deletion(self.store, Deletion(order_id, at(moment) if moment else None))

    def kept(self, customer: str = ADA_ID) -> list[LedgerOrder]:
        """Everything kept under a customer."""
        store = self.store
        return list(self.ledger.orders_of(CustomerRef(store.account_id, store.audience_id, store.id, customer)))

    def one(self, customer: str = ADA_ID) -> LedgerOrder:
        (order,) = self.kept(customer)
        return order


@pytest.fixture
def shop(database: Database, store: Store) -> Shop:
    return Shop(Ledger(database.client, database.tables.ledger), store)


# ---- One order -------------------------------------------------------------------------------------------------------


def test_an_order_is_kept_with_all_that_rankings_need(shop: Shop) -> None:
    order = an_order(
        "1001",
        customer_id="7",
        name="Ada King",
        placed="2026-11-20T10:00:00.999",
        number="#1001",
        refunds={"r1": 990, "r2": 1000},
        test=True,
    )

    assert shop.tell(order)

    assert shop.kept() == [
        LedgerOrder(
            id="1001",
            customer="b5fc85e55755f9e0d030a10ab4429b6b",
            placed_at=1795168800,
            total=5990,
            refunded=1990,
            currency="EUR",
            state=OrderState.PAID,
            test=True,
            changes=1,
            number="#1001",
            customer_id="7",
            name="Ada King",
            email="ada@example.com",
        )
    ]


def test_unknown_orders_are_kept_many_at_a_time_as_one_by_one(shop: Shop) -> None:
    orders = [an_order(str(number), name="Ada", refunds={"r1": number}, products=("Cup",)) for number in range(60)]
    assert shop.tell(orders[7])
    assert shop.refund("r2", 5, "8")

    added = shop.ledger.add_orders(shop.store, orders)

    assert added == {order.id for order in orders} - {"7", "8"}
    kept = {order.id: order for order in shop.kept()}
    assert kept.keys() == {order.id for order in orders} - {"8"}
    assert {replace(it, id="7", refunded=7) for it in kept.values()} == {kept["7"]}
    assert shop.ledger.owners_of(shop.store, ["0", "59"]) == {"0": ADA_ID, "59": ADA_ID}
    assert shop.ledger.add_orders(shop.store, orders) == set()
    assert {order.id: order for order in shop.kept()} == kept


def test_an_order_that_was_claimed_and_never_written_is_left_to_who_records_it(shop: Shop) -> None:
    assert shop.ledger._claim(shop.store, "1001", ADA_ID) == ADA_ID

    assert shop.ledger.add_orders(shop.store, [an_order()]) == set()

    assert shop.kept() == []
    assert shop.tell(an_order())
    assert shop.one().changes == 1


def test_an_order_that_somebody_else_writes_once_it_is_claimed_is_left_to_who_records_it() -> None:
    stage, store = MemoryStage(), a_store()
    shop = Shop(Ledger(stage.client, stage.tables.ledger), store)
    newer, told = an_order(placed=TUESDAY, total=1200), []

    def before(operation: str) -> None:
        stage.before = lambda _: None
        if operation == "insert" and shop.ledger.owners_of(store, ["1001"]):
            told.append(shop.tell(newer))
        else:
            stage.before = before

    stage.before = before

    assert shop.ledger.add_orders(store, [an_order(placed=MONDAY)]) == set()

    assert told == [True]
    assert not shop.tell(an_order(placed=MONDAY))
    assert (shop.one().total, shop.one().changes) == (1200, 1)


def test_a_newer_version_replaces_everything_that_was_said(shop: Shop) -> None:
    # Given an order with all there is
    shop.tell(an_order(name="Ada", placed=MONDAY, number="#1", refunds={"r1": 10}, test=True))

    # When the shop describes it anew, with much left out
    assert shop.tell(an_order(placed=TUESDAY, total=1200))

    # Then nothing is left of what it said before
    order = shop.one()
    assert order.placed_at == seconds(TUESDAY)
    assert (order.total, order.refunded, order.test, order.name, order.number) == (1200, 0, False, None, None)
    assert order.changes == 2


def test_a_repeated_delivery_changes_nothing(shop: Shop) -> None:
    shop.tell(an_order())

    assert not shop.tell(an_order())

    assert shop.one().changes == 1


def test_a_late_delivery_of_an_older_version_changes_nothing(shop: Shop) -> None:
    shop.tell(an_order(placed=MONDAY, updated=WEDNESDAY, total=900))

    assert not shop.tell(an_order(placed=MONDAY, updated=TUESDAY, total=1000))

    assert (shop.one().total, shop.one().changes) == (900, 1)


def test_of_versions_of_the_same_second_the_one_that_can_only_come_later_wins(shop: Shop) -> None:
    # Given a cancelled order
    assert shop.tell(an_order(placed=MONDAY, updated=TUESDAY, state=OrderState.CANCELLED))

    # When its creation, which bears the same time, comes after all
    assert not shop.tell(an_order(placed=MONDAY, updated=TUESDAY, state=OrderState.PAID))

    # Then it stays cancelled
    assert shop.one().state is OrderState.CANCELLED


def test_of_versions_of_the_same_second_the_more_refunded_wins(shop: Shop) -> None:
    assert shop.tell(an_order(placed=MONDAY, refunds={"a": 500}))

    assert not shop.tell(an_order(placed=MONDAY, refunds={"a": 300}))
    assert shop.tell(an_order(placed=MONDAY, refunds={"a": 500, "b": 100}))

    assert shop.one().refunded == 600


def test_the_same_revision_with_other_content_is_taken(shop: Shop) -> None:
    shop.tell(an_order(total=1000))

    assert shop.tell(an_order(total=1100))

    assert (shop.one().total, shop.one().changes) == (1100, 2)


def test_the_time_of_triggering_decides_between_versions_of_the_same_second(shop: Shop) -> None:
    early, late = (f"01795168800000.{moment:014d}.4.{0:016d}" for moment in (1795168800100, 1795168800200))
    assert shop.tell(an_order(total=1100, revision=late))

    assert not shop.tell(an_order(total=1000, revision=early))

    assert shop.one().total == 1100


# ---- Whose order it is -----------------------------------------------------------------------------------------------


def test_guests_and_accounts_that_share_an_address_are_one_customer(shop: Shop) -> None:
    shop.tell(an_order("1", email="ada@example.com"))
    shop.tell(an_order("2", email=" Ada@Example.COM ", customer_id="7"))

    assert [order.id for order in shop.kept()] == ["1", "2"]


def test_an_order_that_changes_its_customer_is_moved_and_leaves_a_mark(shop: Shop) -> None:
    # Given an order of Ada's
    shop.tell(an_order(placed=MONDAY, refunds={"a": 10}))

    # When it turns out to be Bob's
    assert shop.tell(an_order(email=BOB, placed=MONDAY, updated=TUESDAY, total=700))

    # Then Bob has it, and Ada only a mark, which no longer counts
    moved = shop.one(BOB_ID)
    assert (moved.total, moved.refunded, moved.email, moved.moved_to) == (700, 0, BOB, None)
    mark = shop.one(ADA_ID)
    assert (mark.moved_to, mark.placed_at, mark.is_live) == (BOB_ID, seconds(MONDAY), False)
    assert shop.ledger.owners_of(shop.store, ["1001"]) == {"1001": BOB_ID}


def test_an_order_can_come_back_to_its_first_customer(shop: Shop) -> None:
    shop.tell(an_order(placed=MONDAY))
    shop.tell(an_order(placed=MONDAY, updated=TUESDAY, email=BOB))

    assert shop.tell(an_order(placed=MONDAY, updated=WEDNESDAY))

    assert shop.one(ADA_ID).is_live
    assert not shop.one(BOB_ID).is_live
    assert shop.one(BOB_ID).moved_to == ADA_ID


def test_changes_grow_with_every_move_wherever_the_order_is_kept(shop: Shop) -> None:
    counts = []
    for day, email in enumerate([ADA, BOB, ADA, BOB], start=10):
        shop.tell(an_order(placed=MONDAY, updated=f"2026-12-{day}T00:00:00", email=email))
        counts.append((shop.one(contact_id(email)).changes, [order.changes for order in shop.kept(ADA_ID)]))

    assert counts == [(1, [1]), (3, [2]), (5, [5]), (7, [6])]


def test_an_old_delivery_does_not_take_an_order_back(shop: Shop) -> None:
    shop.tell(an_order(placed=MONDAY))
    shop.tell(an_order(placed=MONDAY, updated=TUESDAY, email=BOB))

    assert not shop.tell(an_order(placed=MONDAY))

    assert shop.one(BOB_ID).is_live


def test_an_owner_that_is_out_of_date_does_no_harm(shop: Shop) -> None:
    # Given an order that was Ada's and is Bob's now
    shop.tell(an_order(placed=MONDAY))
    shop.tell(an_order(placed=MONDAY, updated=TUESDAY, email=BOB))

    # When writers who take the wrong one for its owner bring news, they end up where they belong
    shop.ledger.record_order(shop.store, an_order(placed=MONDAY, updated=WEDNESDAY, total=1), ADA_ID)
    assert [(it.total, it.is_live) for it in (shop.one(ADA_ID), shop.one(BOB_ID))] == [(1, True), (5990, False)]

    shop.ledger.record_order(shop.store, an_order(placed=MONDAY, updated="2026-11-19", email=BOB, total=2), BOB_ID)
    assert [(it.total, it.is_live) for it in (shop.one(ADA_ID), shop.one(BOB_ID))] == [(1, False), (2, True)]


def test_an_order_of_nobody_is_kept_alone_until_somebody_claims_it(shop: Shop) -> None:
    # Given an order with neither e-mail address nor customer id
    shop.tell(an_order(email=None, placed=MONDAY))
    assert shop.one("unidentified-1001").is_live

    # When the guest leaves an address
    shop.tell(an_order(placed=MONDAY, updated=TUESDAY))

    # Then it is theirs
    assert shop.one("unidentified-1001").moved_to == ADA_ID
    assert shop.one(ADA_ID).is_live


def test_an_order_without_address_is_kept_under_the_shops_own_customer(shop: Shop) -> None:
    shop.tell(an_order(email=None, customer_id="7#a"))

    assert shop.one("customer-7#a").customer == "customer-7#a"


def test_ids_from_outside_stay_in_their_place(shop: Shop) -> None:
    # Given ids that look like keys, or like escaped ones
    ids = ["1#2", "1%232", "1%2", "order#1", "ü/😀"]

    for id_ in ids:
        assert shop.tell(an_order(id_))

    assert {order.id for order in shop.kept()} == set(ids)
    assert shop.ledger.owners_of(shop.store, ids) == dict.fromkeys(ids, ADA_ID)


def test_a_store_sees_only_its_own_orders(shop: Shop) -> None:
    # Given two stores of one audience, one's id the beginning of the other's
    longer = Shop(shop.ledger, replace(shop.store, id=shop.store.id + "2"))
    shop.tell(an_order("1"))
    longer.tell(an_order("2"))

    assert [order.id for order in shop.kept()] == ["1"]
    assert [order.id for order in longer.kept()] == ["2"]
    assert shop.ledger.owners_of(shop.store, ["1", "2"]) == {"1": ADA_ID}


def test_everyone_with_an_order_is_a_customer_of_the_store(shop: Shop) -> None:
    shop.tell(an_order("1"))
    shop.tell(an_order("2", email=BOB))
    shop.tell(an_order("3", email=None))
    shop.tell(an_order("4", email=BOB))

    assert shop.ledger.customers_of(shop.store) == {ADA_ID, BOB_ID, "unidentified-3"}


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


# ---- Activities ------------------------------------------------------------------------------------------------------

OPENED = Activity(
    "a#1", "email.opened", at("2026-11-20T10:00:00.123"), {"campaign": "autumn", "count": 2, "first": True}
)


def test_an_activity_is_kept_once(database: Database, shop: Shop) -> None:
    account, audience = shop.store.account_id, shop.store.audience_id

    assert shop.ledger.record_activity(account, audience, ADA_ID, OPENED)
    assert not shop.ledger.record_activity(account, audience, ADA_ID, OPENED)

    assert list(shop.ledger.history_of(account, audience, ADA_ID)) == [("", OPENED)]
    item = database.client.get_item(
        TableName=database.tables.ledger,
        Key={"pk": {"S": f"{account}#{audience}#{ADA_ID}"}, "sk": {"S": "activity#a%231"}},
    )["Item"]
    assert item["expires_at"] == {"N": str(seconds("2027-12-25T10:00:00"))}


def test_an_activity_id_stands_for_one_activity(shop: Shop) -> None:
    account, audience = shop.store.account_id, shop.store.audience_id
    shop.ledger.record_activity(account, audience, ADA_ID, OPENED)

    with pytest.raises(Conflict, match=r"Activity 'a#1' was already sent with other content\."):
        shop.ledger.record_activity(account, audience, ADA_ID, replace(OPENED, properties={"campaign": "winter"}))


def test_a_persons_history_has_orders_of_all_stores_and_activities(shop: Shop) -> None:
    other = Shop(shop.ledger, replace(shop.store, id="storebbbbbbb"))
    shop.tell(an_order("1"))
    other.tell(an_order("2"))
    shop.ledger.record_activity(shop.store.account_id, shop.store.audience_id, ADA_ID, OPENED)

    history = shop.ledger.history_of(shop.store.account_id, shop.store.audience_id, ADA_ID)

    assert {(store_id, fact.id) for store_id, fact in history} == {
        ("storeaaaaaaa", "1"),
        ("storebbbbbbb", "2"),
        ("", "a#1"),
    }


# ---- Reading ---------------------------------------------------------------------------------------------------------


def test_all_orders_are_read_however_many_pages_they_take(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "FIRST_PAGE", 3)
    wanted = [f"{number:03}" for number in range(7)]
    for id_ in wanted:
        shop.ledger.record_order(shop.store, an_order(id_), None)

    assert [order.id for order in shop.kept()] == wanted


def test_owners_are_asked_for_again_until_all_are_told() -> None:
    # Given a table that answers one key at a time
    asked: list[list[str]] = []

    class Reluctant:
        def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803
            keys = RequestItems["ledger"]["Keys"]
            asked.append([key["sk"]["S"] for key in keys])
            answer = {"ledger": [{**keys[0], "owner": {"S": f"owner of {keys[0]['sk']['S']}"}}]}
            rest = {"ledger": {"Keys": keys[1:]}} if keys[1:] else {}
            return {"Responses": answer, "UnprocessedKeys": rest}

    reluctant = Ledger(cast("Any", Reluctant()), "ledger")

    # When owners are asked for, one of them twice
    owners = reluctant.owners_of(a_store(), ["1", "2", "1"])

    # Then all are told
    assert owners == {"1": "owner of locator#1", "2": "owner of locator#2"}
    assert asked == [["locator#1", "locator#2"], ["locator#2"]]


# ---- Many at once, in memory -----------------------------------------------------------------------------------------


@pytest.fixture
def stage() -> MemoryStage:
    return MemoryStage()


@pytest.fixture
def quick(stage: MemoryStage) -> Shop:
    """A shop in memory, whose requests can be stopped or fail."""
    return Shop(Ledger(stage.client, stage.tables.ledger), a_store())


@pytest.mark.parametrize("steps", range(1, 7))
def test_first_deliveries_that_disagree_about_the_customer_leave_the_order_once(
    stage: MemoryStage, quick: Shop, steps: int
) -> None:
    with Turns() as turns:
        # Given a first delivery, for Ada, that is stopped somewhere on its way
        stage.before = turns.pause
        ada = turns.start(lambda: quick.tell(an_order(placed=MONDAY)))
        for _ in range(steps):
            if not ada.done:
                ada.step()

        # When a newer one, for Bob, comes through before it goes on
        assert turns.start(lambda: quick.tell(an_order(placed=MONDAY, updated=TUESDAY, email=BOB))).finish()
        ada.finish()

    # Then Bob has the order and Ada does not
    assert quick.one(BOB_ID).is_live
    assert [order for order in quick.kept(ADA_ID) if order.is_live] == []


@pytest.mark.parametrize("steps", range(1, 8))
def test_a_refund_that_meets_a_move_is_not_lost(stage: MemoryStage, quick: Shop, steps: int) -> None:
    with Turns() as turns:
        # Given an order of Ada's and a move to Bob that is stopped somewhere on its way
        quick.tell(an_order(placed=MONDAY))
        stage.before = turns.pause
        move = turns.start(lambda: quick.tell(an_order(placed=MONDAY, updated=TUESDAY, email=BOB)))
        for _ in range(steps):
            if not move.done:
                move.step()

        # When money is returned meanwhile
        assert turns.start(lambda: quick.refund("r1", 300)).finish()
        assert move.finish()

    # Then Bob's order is less that money
    assert quick.one(BOB_ID).refunded == 300


@pytest.mark.parametrize("steps", range(1, 4))
def test_a_refund_that_a_move_overtakes_is_not_lost(stage: MemoryStage, quick: Shop, steps: int) -> None:
    with Turns() as turns:
        # Given an order of Ada's and a refund that is stopped somewhere on its way
        quick.tell(an_order(placed=MONDAY))
        stage.before = turns.pause
        refund = turns.start(lambda: quick.refund("r1", 300))
        for _ in range(steps):
            if not refund.done:
                refund.step()

        # When the order moves to Bob meanwhile
        assert turns.start(lambda: quick.tell(an_order(placed=MONDAY, updated=TUESDAY, email=BOB))).finish()
        assert refund.finish()

    # Then Bob's order is less that money
    assert quick.one(BOB_ID).refunded == 300


@pytest.mark.parametrize("steps", range(1, 7))
def test_a_deletion_that_meets_a_move_deletes_the_order_where_it_is(
    stage: MemoryStage, quick: Shop, steps: int
) -> None:
    with Turns() as turns:
        # Given a deleted order, and its deletion once more, on Wednesday, that is stopped somewhere on its way
        quick.tell(an_order(placed="2026-11-01"))
        quick.delete(MONDAY)
        stage.before = turns.pause
        deletion = turns.start(lambda: quick.delete(WEDNESDAY))
        for _ in range(steps):
            if not deletion.done:
                deletion.step()

        # When the order, restored on Tuesday, moves to Bob meanwhile
        turns.start(lambda: quick.tell(an_order(placed="2026-11-01", updated=TUESDAY, email=BOB))).finish()
        deletion.finish()

    # Then nobody has it
    assert [order for customer in (ADA_ID, BOB_ID) for order in quick.kept(customer) if order.is_live] == []


def failing(operation: str, error: ClientError, times: int) -> Callable[[str], None]:
    """A hook that lets an operation fail so many times."""
    left = [times]

    def before(requested: str) -> None:
        if requested == operation and left[0]:
            left[0] -= 1
            raise error

    return before


CONFLICT = client_error("TransactionConflictException")
CANCELLED = client_error(
    "TransactionCanceledException", CancellationReasons=[{"Code": "None"}, {"Code": "TransactionConflict"}]
)
WRITES = [
    pytest.param("put_item", CONFLICT, lambda shop: shop.tell(an_order("new")), id="first delivery, locator"),
    pytest.param("update_item", CONFLICT, lambda shop: shop.tell(an_order("new")), id="first delivery, order"),
    pytest.param("update_item", CONFLICT, lambda shop: shop.refund("r1", 300), id="refund"),
    pytest.param("put_item", CONFLICT, lambda shop: shop.refund("r1", 300, "new"), id="refund before order"),
    pytest.param("update_item", CONFLICT, lambda shop: shop.delete(None), id="deletion"),
    pytest.param(
        "transact_write_items",
        CANCELLED,
        lambda shop: shop.tell(an_order(placed=MONDAY, updated=TUESDAY, email=BOB)),
        id="move",
    ),
    pytest.param(
        "transact_write_items",
        CONFLICT,
        lambda shop: shop.tell(an_order(placed=MONDAY, updated=TUESDAY, email=BOB)),
        id="move, refused at once",
    ),
]


@pytest.mark.parametrize(("operation", "error", "write"), WRITES)
def test_a_write_that_meets_a_transaction_is_tried_again(
    stage: MemoryStage, quick: Shop, operation: str, error: ClientError, write: Callable[[Shop], bool]
) -> None:
    quick.tell(an_order(placed=MONDAY))
    stage.before = failing(operation, error, times=3)

    assert write(quick)


@pytest.mark.parametrize(("operation", "error", "write"), [it for it in WRITES if "put_item" not in it.values])
def test_a_write_that_meets_transactions_without_end_gives_up(
    stage: MemoryStage, quick: Shop, operation: str, error: ClientError, write: Callable[[Shop], bool]
) -> None:
    quick.tell(an_order(placed=MONDAY))
    stage.before = failing(operation, error, times=100)

    with pytest.raises(Busy, match=r"^Order '(1001|new)' is being changed by others\. Try again\.$"):
        write(quick)


@pytest.mark.parametrize(("operation", "error", "write"), WRITES)
def test_other_errors_are_the_callers_to_handle(
    stage: MemoryStage, quick: Shop, operation: str, error: ClientError, write: Callable[[Shop], bool]
) -> None:
    del error
    quick.tell(an_order(placed=MONDAY))
    reasons = [{"Code": "None"}, {"Code": "ThrottlingError"}]
    throttled = client_error("TransactionCanceledException", CancellationReasons=reasons)
    stage.before = failing(operation, throttled, times=1)

    with pytest.raises(ClientError) as raised:
        write(quick)

    assert raised.value is throttled


def test_errors_of_an_activity_are_the_callers_to_handle(stage: MemoryStage, quick: Shop) -> None:
    stage.before = failing("put_item", client_error("InternalServerError"), times=1)

    with pytest.raises(ClientError, match="InternalServerError"):
        quick.ledger.record_activity("account", "audience", ADA_ID, OPENED)


def test_an_order_that_races_a_hundred_others_gives_up(stage: MemoryStage, quick: Shop) -> None:
    # Given an order that others change between every read and write of ours
    quick.tell(an_order(placed=MONDAY))
    moved = iter(range(100))

    def meanwhile(operation: str) -> None:
        if operation == "transact_write_items":
            stage.before = lambda _: None
            quick.refund(f"r{next(moved)}", 1)
            stage.before = meanwhile

    stage.before = meanwhile

    # When ours would move it
    with pytest.raises(Busy):
        quick.tell(an_order(placed=MONDAY, updated=TUESDAY, email=BOB))

    # Then it is as the others left it
    assert quick.one().refunded == 12


def test_a_deletion_that_always_comes_too_late_gives_up(stage: MemoryStage, quick: Shop) -> None:
    quick.tell(an_order(placed=MONDAY))
    days = iter(range(10, 29))

    def meanwhile(operation: str) -> None:
        if operation == "update_item":
            stage.before = lambda _: None
            quick.tell(an_order(placed=MONDAY, updated=f"2026-12-{next(days)}"))
            stage.before = meanwhile

    stage.before = meanwhile

    with pytest.raises(Busy):
        quick.delete(None)


def test_a_small_page_comes_first(stage: MemoryStage, quick: Shop) -> None:
    # Given a customer with more orders than the first page holds
    for number in range(251):
        quick.ledger.record_order(quick.store, an_order(f"{number:03}"), None)
    requests: list[str] = []
    stage.before = requests.append

    # When a reader stops after 250
    store = quick.store
    orders = quick.ledger.orders_of(CustomerRef(store.account_id, store.audience_id, store.id, ADA_ID))
    for _ in range(250):
        next(orders)

    # Then the next page was never asked for
    assert requests.count("query") == 1


def test_the_buyers_name_is_kept_apart_from_their_address(shop: Shop) -> None:
    shop.tell(an_order(buyer=Buyer("7", None, "Ada King")))

    assert (shop.one("customer-7").name, shop.one("customer-7").email) == ("Ada King", None)
