"""The projector: what it reads, what it writes, and when it asks again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from laurel.leaderboard.project import Projection, Projector, Unsettled
from laurel.model.errors import NotFound
from laurel.model.order import CustomerRef, LedgerOrder, OrderChange, OrderState
from laurel.model.ranking import Figures
from laurel.model.rebuild import Rebuild
from laurel.model.setaside import SetAside, SetAsideReason
from tests.support.fakes import FakeOrders, FakeRates, FakeRows, FakeStoreReader
from tests.support.samples import ACCOUNT, ADA_ID, AUDIENCE, NOW, STORE, a_kept_order, a_store

ADA = CustomerRef(ACCOUNT, AUDIENCE, STORE, ADA_ID)
NOVEMBER = ["2026", "2026-11", "2026-Q4", "2026-W47", "all"]
SHOP = a_store()


def changed(after: LedgerOrder, before: LedgerOrder | None = None) -> OrderChange:
    return OrderChange(before, after)


def projector(orders: FakeOrders, rows: FakeRows, stores: FakeStoreReader | None = None) -> Projector:
    return Projector(orders, rows, stores or FakeStoreReader(SHOP), FakeRates())


def written(rows: FakeRows) -> dict[str, Figures]:
    return {period: row.figures for (period, _), row in sorted(rows.rows.items())}


# ---- What is written -------------------------------------------------------------------------------------------------


def test_a_first_order_makes_five_rows() -> None:
    order, rows = a_kept_order(), FakeRows()

    result = projector(FakeOrders(order), rows).project(ADA, [changed(order)], NOW)

    assert result == Projection(written=5, outrun=0, orders=1, calendar_revision=1)
    assert written(rows) == dict.fromkeys(NOVEMBER, Figures(1, 5990, 1_795_168_800))
    assert {row.version for row in rows.rows.values()} == {1_000_000_000_001}


def test_only_the_periods_that_a_change_touches_are_written() -> None:
    # Given orders of two years, one of which changes
    old = a_kept_order("1", placed="2025-06-15")
    order = a_kept_order("2", total=1000, changes=2)
    rows = FakeRows()

    projector(FakeOrders(old, order), rows).project(ADA, [changed(order, a_kept_order("2"))], NOW)

    assert list(written(rows)) == NOVEMBER
    assert written(rows)["all"] == Figures(2, 6990, 1_795_168_800)


def test_a_changed_date_touches_the_periods_before_and_after() -> None:
    before, after = a_kept_order(placed="2026-10-10"), a_kept_order(placed="2026-11-20T10:00:00", changes=2)
    rows = FakeRows()

    projector(FakeOrders(after), rows).project(ADA, [changed(after, before)], NOW)

    assert written(rows)["2026-10"] == Figures(0, 0, 0)
    assert written(rows)["2026-11"] == Figures(1, 5990, 1_795_168_800)


def test_without_changes_all_periods_are_written() -> None:
    orders = [a_kept_order("1", placed="2025-06-15"), a_kept_order("2"), a_kept_order("3", placed=None)]
    rows = FakeRows()

    result = projector(FakeOrders(*orders), rows).project(ADA, None, NOW)

    assert result.written == 9
    assert written(rows)["2025-06"].orders_count == 1
    assert written(rows)["all"].orders_count == 2


def test_a_refund_of_an_unknown_order_touches_nothing() -> None:
    notice, rows = a_kept_order(placed=None, state=OrderState.UNKNOWN), FakeRows()

    projected = projector(FakeOrders(notice), rows).project(ADA, [changed(notice)], NOW)
    assert projected == Projection(0, 0, orders=1, calendar_revision=1)
    assert rows.rows == {}


def test_nobodys_orders_make_no_rows_but_an_entry() -> None:
    order, rows = a_kept_order(customer="unidentified-1001"), FakeRows()
    nobody = replace(ADA, customer="unidentified-1001")

    projected = projector(FakeOrders(order), rows).project(nobody, [changed(order)], NOW)
    assert projected == Projection(0, 0, orders=1, calendar_revision=1)
    assert rows.rows == {}
    assert list(rows.entries) == [("unidentified", "1001")]


def test_an_entry_tells_how_the_order_stands_now_not_how_it_was() -> None:
    # Given the stream tells of an order in USD that is in EUR by now
    told, now = a_kept_order(currency="USD"), a_kept_order(currency="EUR", changes=2)
    rows = FakeRows()
    project = projector(FakeOrders(now), rows).project

    # When both changes are projected, the late one last
    project(ADA, [changed(now, told)], NOW)
    project(ADA, [changed(told)], NOW)

    # Then the list says it is settled
    assert [entry.resolved for entry in rows.entries.values()] == [True]


def test_a_change_of_an_order_that_is_gone_makes_no_entry() -> None:
    rows = FakeRows()

    projector(FakeOrders(), rows).project(ADA, [changed(a_kept_order(currency="USD"))], NOW)

    assert rows.entries == {}


def test_rows_that_are_newer_already_are_left_alone() -> None:
    order, rows = a_kept_order(), FakeRows()
    project = projector(FakeOrders(order), rows).project
    project(ADA, [changed(order)], NOW)

    assert project(ADA, [changed(order)], NOW) == Projection(written=0, outrun=5, orders=1, calendar_revision=1)


def test_an_unknown_store_is_told() -> None:
    order = a_kept_order()

    with pytest.raises(NotFound):
        projector(FakeOrders(order), FakeRows(), FakeStoreReader(None)).project(ADA, [changed(order)], NOW)


# ---- Reading until two reads agree -----------------------------------------------------------------------------------


def test_orders_that_are_as_the_changes_tell_are_read_once() -> None:
    one, two = a_kept_order("1"), a_kept_order("2", changes=3)
    orders = FakeOrders(one, two)
    older = replace(two, changes=2)

    projector(orders, FakeRows()).project(ADA, [changed(two, older), changed(older), changed(one)], NOW)

    assert orders.reads == 1


@pytest.mark.parametrize(
    "told", [[], [a_kept_order("1")], [a_kept_order("2")], [a_kept_order("1"), a_kept_order("2", changes=1)]]
)
def test_orders_that_the_changes_do_not_tell_are_read_twice(told: list[LedgerOrder]) -> None:
    orders = FakeOrders(a_kept_order("1"), a_kept_order("2", changes=2))

    projector(orders, FakeRows()).project(ADA, [changed(order) for order in told], NOW)

    assert orders.reads == 2


def test_a_single_order_that_changed_since_is_read_twice() -> None:
    orders = FakeOrders(a_kept_order(changes=2))

    projector(orders, FakeRows()).project(ADA, [changed(a_kept_order())], NOW)

    assert orders.reads == 2


def test_orders_that_move_are_read_until_they_stand_still() -> None:
    # Given orders that change between the first, second and third read
    first = a_kept_order("1", total=1000)
    orders = FakeOrders(
        first,
        meanwhile=[
            [first, a_kept_order("2", total=200)],
            [first, a_kept_order("2", total=300, changes=2)],
        ],
    )
    rows = FakeRows()

    projector(orders, rows).project(ADA, None, NOW)

    assert orders.reads == 4
    assert written(rows)["all"] == Figures(2, 1300, 1_795_168_800)
    assert {row.version for row in rows.rows.values()} == {1_000_000_000_003}


def test_orders_that_never_stand_still_are_given_up() -> None:
    orders = FakeOrders(a_kept_order(), meanwhile=([a_kept_order(changes=number)] for number in range(2, 100)))
    rows = FakeRows()

    with pytest.raises(Unsettled, match=ADA_ID):
        projector(orders, rows).project(ADA, [], NOW)

    assert orders.reads == 9
    assert rows.rows == {}


# ---- Calendars -------------------------------------------------------------------------------------------------------


def test_rows_of_a_newer_calendar_send_for_the_store_as_it_is_now() -> None:
    # Given rows that were rebuilt under the store's second calendar, and a projector that remembers the first
    order = a_kept_order(placed="2026-11-20T23:30:00")
    newer = a_store(time_zone="Asia/Tokyo", calendar_revision=2)
    rows = FakeRows()
    projector(FakeOrders(order), rows, FakeStoreReader(newer)).project(ADA, [changed(order)], NOW)

    # When a change is projected
    after = replace(order, total=1000, changes=2)
    stores = FakeStoreReader(SHOP, fresh=newer)
    result = projector(FakeOrders(after), rows, stores).project(ADA, [changed(after, order)], NOW)

    # Then it is done under the second one
    assert result == Projection(written=5, outrun=0, orders=1, calendar_revision=2)
    assert {row.version for row in rows.rows.values()} == {2_000_000_000_002}
    assert written(rows)["all"].total_spent == 1000


def test_rows_of_a_calendar_that_the_store_does_not_know_are_no_reason_to_go_on_for_ever() -> None:
    # Given rows of a later calendar than the store has, as after its table was restored from a backup
    order, rows = a_kept_order(), FakeRows()
    later = FakeStoreReader(a_store(calendar_revision=3))
    projector(FakeOrders(order), rows, later).project(ADA, [changed(order)], NOW)

    with pytest.raises(Unsettled):
        projector(FakeOrders(order), rows, FakeStoreReader(SHOP)).project(ADA, [changed(order)], NOW)


# ---- Other calendars, minimums and rates -----------------------------------------------------------------------------


def test_an_order_leaves_the_periods_of_calendars_of_the_past() -> None:
    order, rows = a_kept_order(placed="2026-10-31T23:30:00"), FakeRows()
    stores = FakeStoreReader(a_store(time_zone="UTC", calendar_revision=2, past_calendars=(SHOP.calendar,)))

    projector(FakeOrders(order), rows, stores).project(ADA, [changed(order)], NOW)

    counts = {period: figures.orders_count for period, figures in written(rows).items()}
    assert counts == {"2026": 1, "2026-10": 1, "2026-11": 0, "2026-Q4": 1, "2026-W44": 1, "all": 1}


def test_for_another_minimum_the_rows_that_it_is_about_are_written() -> None:
    orders = [a_kept_order("1", placed="2026-01-15T10:00:00"), a_kept_order("2", placed="2026-02-16T10:00:00")]
    rows = FakeRows()

    projector(FakeOrders(*orders), rows).project(ADA, None, NOW, Rebuild("job", minimums=(2, 3)))

    assert set(written(rows)) == {"2026", "2026-Q1", "all"}
    assert rows.entries == {}


def test_for_other_rates_the_rows_of_orders_in_other_currencies_are_written() -> None:
    orders = [
        a_kept_order("1", placed="2026-01-15T10:00:00"),
        a_kept_order("2", placed="2026-02-16T10:00:00", currency="USD"),
    ]
    rows, rates = FakeRows(), FakeRates({("USD", "2026-02"): "0.5"})
    stores = FakeStoreReader(a_store(rates_revision=1, rate_currencies=("USD",)))

    result = Projector(FakeOrders(*orders), rows, stores, rates).project(ADA, None, NOW, Rebuild("job", rates=True))

    assert (result.converted, result.written) == (1, 5)
    assert {period: figures.total_spent for period, figures in written(rows).items()} == {
        "2026": 5990 + 2995,
        "2026-02": 2995,
        "2026-Q1": 5990 + 2995,
        "2026-W08": 2995,
        "all": 5990 + 2995,
    }
    assert [entry.resolved for entry in rows.entries.values()] == [True]


def test_orders_that_never_stand_still_are_not_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    orders, rows = FakeOrders(a_kept_order(currency="USD")), FakeRows()
    monkeypatch.setattr(orders, "set_rate", lambda *_: None)
    stores = FakeStoreReader(a_store(rates_revision=1, rate_currencies=("USD",)))

    with pytest.raises(Unsettled):
        Projector(orders, rows, stores, FakeRates({("USD", "2026-11"): "2"})).project(ADA, None, NOW)

    assert rows.rows == {}


# ---- House accounts --------------------------------------------------------------------------------------------------


def test_who_has_more_orders_than_the_store_allows_is_taken_off_all_boards() -> None:
    orders = [a_kept_order(f"{number}", placed=f"2026-0{number}-15") for number in (1, 2, 3)]
    rows = FakeRows()
    stores = FakeStoreReader(a_store(house_account_orders=2))

    result = projector(FakeOrders(*orders), rows, stores).project(ADA, [changed(orders[2])], NOW)

    assert result.house_account
    assert {row.boards for row in rows.rows.values()} == {frozenset()}
    assert {"2026-01", "2026-02", "2026-03"} < set(written(rows))
    assert list(rows.entries.values()) == [
        SetAside(SetAsideReason.HOUSE_ACCOUNT, ADA_ID, ADA_ID, version=1_000_000_000_003, orders_limit=2)
    ]


def test_small_customers_are_not_looked_up() -> None:
    rows = FakeRows()

    projector(FakeOrders(a_kept_order("1"), a_kept_order("2")), rows).project(ADA, None, NOW)

    assert rows.looked_up == 0
