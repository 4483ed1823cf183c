"""Many who write to the Ledger at once, and writes that fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from laurel.model.errors import Busy
from laurel.model.order import CustomerRef
from laurel.store.ledger import Ledger
from tests.support.faults import client_error
from tests.support.ledger import BOB_ID, MONDAY, OPENED, TUESDAY, WEDNESDAY, Shop
from tests.support.samples import ADA_ID, BOB, a_store, an_order
from tests.support.stage import MemoryStage
from tests.support.turns import Turns

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
