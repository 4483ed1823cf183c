"""Orders in the Ledger table: what is kept of one, and whose it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from laurel.model.account import Store
from laurel.model.errors import Conflict
from laurel.model.identity import contact_id
from laurel.model.order import Buyer, LedgerOrder, OrderState
from laurel.store import ledger
from laurel.store.ledger import Ledger
from tests.support.ledger import BOB_ID, MONDAY, OPENED, TUESDAY, WEDNESDAY, Shop
from tests.support.samples import ADA, ADA_ID, BOB, a_store, an_order, seconds
from tests.support.stage import MemoryStage
from tests.support.tables import Database


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


def test_the_buyers_name_is_kept_apart_from_their_address(shop: Shop) -> None:
    shop.tell(an_order(buyer=Buyer("7", None, "Ada King")))

    assert (shop.one("customer-7").name, shop.one("customer-7").email) == ("Ada King", None)


# ---- Activities ------------------------------------------------------------------------------------------------------


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
