"""Every sentence that docs/architecture.md says of the numbers, as a test."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from laurel.leaderboard.rows import rows_of, set_aside_entries, set_aside_reason
from laurel.model.order import LedgerOrder, OrderState
from laurel.model.period import TimeFrame
from laurel.model.ranking import Figures, Metric, RankingRow
from laurel.model.setaside import SetAside, SetAsideReason
from tests.support.samples import ADA_ID, a_kept_order, a_store, at, seconds

EVERYWHERE = frozenset(Metric)
NOWHERE: frozenset[Metric] = frozenset()
NONE = Figures(0, 0, 0)


def row(period: str, *orders: LedgerOrder, **store: object) -> RankingRow:
    """Ada's row of a period, were these all her orders."""
    (found,) = rows_of(a_store(**store), ADA_ID, orders, [period])
    return found


@dataclass
class Numbered:
    """Orders with ids of their own."""

    orders: list[LedgerOrder] = field(default_factory=list)

    def add(self, **changes: object) -> None:
        self.orders.append(a_kept_order(f"{len(self.orders)}", **changes))  # type: ignore[arg-type]


# ---- Purchase --------------------------------------------------------------------------------------------------------


def test_a_purchase_is_a_paid_order() -> None:
    counted = row("2026-11", a_kept_order())

    assert counted.figures == Figures(1, 5990, seconds("2026-11-20T10:00:00"))
    assert counted.boards == EVERYWHERE


@pytest.mark.parametrize(
    "changes",
    [
        {"test": True},
        {"state": OrderState.CANCELLED},
        {"state": OrderState.VOIDED},
        {"state": OrderState.DELETED},
        {"refunded": 5990},
        {"moved_to": "customer-7"},
    ],
    ids=["test", "cancelled", "voided", "deleted", "fully refunded", "moved"],
)
def test_it_is_not_a_test_not_cancelled_not_voided_not_fully_refunded(changes: dict[str, object]) -> None:
    counted = row("2026-11", a_kept_order(**changes))  # type: ignore[arg-type]

    assert (counted.figures, counted.boards) == (NONE, NOWHERE)


@pytest.mark.parametrize("state", [OrderState.PENDING, OrderState.AUTHORIZED, OrderState.PARTIALLY_PAID])
def test_pending_authorized_and_partially_paid_orders_count_from_the_moment_they_are_paid(state: OrderState) -> None:
    assert row("2026-11", a_kept_order(state=state)).figures == NONE
    assert row("2026-11", a_kept_order(state=OrderState.PAID)).figures.orders_count == 1


# ---- Spent -----------------------------------------------------------------------------------------------------------


def test_spent_is_the_total_less_refunds() -> None:
    assert row("2026-11", a_kept_order(total=5990, refunded=990)).figures.total_spent == 5000


def test_a_refund_changes_the_order_in_the_period_in_which_it_was_placed() -> None:
    # Given an order of October of which money was returned in November
    order = a_kept_order(placed="2026-10-20", total=5990, refunded=990)

    assert row("2026-10", order).figures == Figures(1, 5000, seconds("2026-10-20"))
    assert row("2026-11", order).figures == NONE


# ---- Average ---------------------------------------------------------------------------------------------------------


def test_the_average_is_spent_divided_by_purchases_inside_the_period() -> None:
    orders = Numbered()
    orders.add(placed="2026-11-01", total=1000)
    orders.add(placed="2026-11-02", total=2000, refunded=500)
    orders.add(placed="2026-10-01", total=100_000)

    counted = row("2026-11", *orders.orders)

    assert counted.figures == Figures(2, 2500, seconds("2026-11-02"))
    assert counted.figures.value(Metric.AVERAGE_ORDER_VALUE) == 1_250_000_000


@pytest.mark.parametrize(("purchases", "boards"), [(2, EVERYWHERE - {Metric.AVERAGE_ORDER_VALUE}), (3, EVERYWHERE)])
def test_a_store_may_ask_for_a_least_number_of_purchases_on_this_board(
    purchases: int, boards: frozenset[Metric]
) -> None:
    orders = Numbered()
    for _ in range(purchases):
        orders.add()
    orders.add(placed="2026-10-01")

    assert row("2026-11", *orders.orders, minimum_purchases=3).boards == boards


# ---- Period ----------------------------------------------------------------------------------------------------------


def test_a_period_is_read_in_the_stores_time_zone() -> None:
    order = a_kept_order(placed="2026-12-31T23:30:00+00:00")

    assert row("2027", order, time_zone="Europe/Berlin").figures.orders_count == 1
    assert row("2026", order, time_zone="Europe/London").figures.orders_count == 1
    assert row("2026", order, time_zone="Europe/Berlin").figures == NONE


def test_weeks_start_on_the_stores_first_day_of_the_week_monday_by_default() -> None:
    # Given an order of Monday, 16 November
    order = a_kept_order(placed="2026-11-16T12:00:00")

    assert row("2026-W47", order).figures.orders_count == 1
    assert row("2026-W46", order, first_day_of_week=7).figures.orders_count == 1
    assert row("2026-W47", order, first_day_of_week=7).figures == NONE


def test_last_week_is_the_last_complete_one_and_to_date_the_running_one() -> None:
    calendar = a_store().calendar
    sunday, monday = at("2026-11-22T23:59:59+01:00"), at("2026-11-23T00:00:00+01:00")

    assert [calendar.period_of_frame(TimeFrame.LAST_WEEK, now).id for now in (sunday, monday)] == [
        "2026-W46",
        "2026-W47",
    ]
    assert calendar.period_of_frame(TimeFrame.WEEK_TO_DATE, monday).id == "2026-W48"


def test_an_order_touches_five_rows() -> None:
    order = a_kept_order()
    periods = ["2026-W47", "2026-11", "2026-Q4", "2026", "all"]

    rows = rows_of(a_store(), ADA_ID, [order], [*periods, "2026-12"])

    assert {it.period: it.figures.orders_count for it in rows} == {**dict.fromkeys(periods, 1), "2026-12": 0}


# ---- Left out --------------------------------------------------------------------------------------------------------


def test_an_order_in_another_currency_is_kept_unranked_and_listed() -> None:
    order = a_kept_order(currency="USD", changes=3)

    assert row("2026-11", order).figures == NONE
    assert set_aside_entries(a_store(), None, order) == [
        SetAside(
            reason=SetAsideReason.UNCONVERTED,
            id="1001",
            customer=ADA_ID,
            version=3,
            currency="USD",
            total=5990,
            placed_at=seconds("2026-11-20T10:00:00"),
        )
    ]


def test_an_order_with_neither_address_nor_customer_id_is_listed() -> None:
    order = a_kept_order(customer="unidentified-1001")

    (entry,) = set_aside_entries(a_store(), None, order)

    assert (entry.reason, entry.customer, entry.total) == (SetAsideReason.UNIDENTIFIED, "unidentified-1001", 5990)


@pytest.mark.parametrize(
    "changes", [{"state": OrderState.PENDING}, {"test": True}, {"refunded": 5990}, {"state": OrderState.CANCELLED}]
)
@pytest.mark.parametrize("of", [{"currency": "USD"}, {"customer": "unidentified-1001"}], ids=["foreign", "of nobody"])
def test_what_is_no_purchase_at_all_is_not_listed(of: dict[str, object], changes: dict[str, object]) -> None:
    order = a_kept_order(**of, **changes)  # type: ignore[arg-type]

    assert set_aside_reason(a_store(), order) is None
    assert set_aside_entries(a_store(), None, order) == []


def test_a_foreign_order_of_nobody_is_listed_once() -> None:
    order = a_kept_order(currency="USD", customer="unidentified-1001")

    assert [it.reason for it in set_aside_entries(a_store(), None, order)] == [SetAsideReason.UNCONVERTED]


def test_what_was_listed_is_settled_when_its_reason_goes() -> None:
    # Given a foreign order that is cancelled
    before = a_kept_order(currency="USD")
    after = a_kept_order(currency="USD", state=OrderState.CANCELLED, changes=2)

    (entry,) = set_aside_entries(a_store(), before, after)

    assert (entry.resolved, entry.version) == (True, 2)


def test_what_is_listed_for_another_reason_is_settled_under_the_first() -> None:
    # Given an order of nobody that turns out to be foreign as well
    before = a_kept_order(customer="unidentified-1001")
    after = a_kept_order(customer="unidentified-1001", currency="USD", changes=2)

    entries = set_aside_entries(a_store(), before, after)

    assert [(entry.reason.value, entry.resolved) for entry in entries] == [
        ("unconverted", False),
        ("unidentified", True),
    ]
