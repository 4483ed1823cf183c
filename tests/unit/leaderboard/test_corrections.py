"""What changes of orders did to figures."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from laurel.leaderboard.project import Projector
from laurel.leaderboard.rows import correction_of
from laurel.model.correction import OrderEffect, OrderEffectKind
from laurel.model.order import CustomerRef, LedgerOrder, OrderChange, OrderState
from tests.support.fakes import FakeOrders, FakeRates, FakeRows, FakeStoreReader
from tests.support.samples import ACCOUNT, ADA_ID, AUDIENCE, NOW, STORE, a_kept_order, a_store, at

SHOP = a_store(created_at=at("2026-11-01T00:00:00"))
ADA = CustomerRef(ACCOUNT, AUDIENCE, STORE, ADA_ID)
PLACED = at("2026-11-20T10:00:00")
LATER = at("2026-11-21T09:00:00")


def effect(before: LedgerOrder | None, after: LedgerOrder, told: datetime | None = LATER) -> OrderEffect | None:
    return correction_of(SHOP, OrderChange(before, after, told))


@pytest.mark.parametrize(
    ("changes", "kind", "orders", "spent"),
    [
        ({"refunded": 990}, OrderEffectKind.REFUNDED, 0, -990),
        ({"refunded": 5990}, OrderEffectKind.CANCELLED, -1, -5990),
        ({"state": OrderState.CANCELLED}, OrderEffectKind.CANCELLED, -1, -5990),
        ({"state": OrderState.DELETED}, OrderEffectKind.CANCELLED, -1, -5990),
        ({"moved_to": "customer-7"}, OrderEffectKind.CANCELLED, -1, -5990),
        ({"total": 6990}, OrderEffectKind.CORRECTED, 0, 1000),
    ],
)
def test_an_order_that_counts_for_something_else(
    changes: dict[str, Any], kind: OrderEffectKind, orders: int, spent: int
) -> None:
    found = effect(a_kept_order(), a_kept_order(**changes))

    assert found
    assert (found.order_id, found.placed_at, found.at) == ("1001", PLACED, LATER)
    assert (found.kind, found.orders_count, found.total_spent) == (kind, orders, spent)


def test_an_order_that_was_paid_or_heard_of_later() -> None:
    waiting = a_kept_order(state=OrderState.PENDING)

    for before in (None, waiting):
        found = effect(before, a_kept_order())
        assert found
        assert (found.kind, found.orders_count, found.total_spent) == (OrderEffectKind.PLACED, 1, 5990)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, a_kept_order(), at("2026-11-20T10:01:00")),  # it counted when it was placed
        (None, a_kept_order(placed="2026-10-31T10:00:00"), LATER),  # from before the store was connected
        (a_kept_order(), a_kept_order(number="#2", changes=2), LATER),
        (None, a_kept_order(state=OrderState.PENDING), LATER),
        (None, a_kept_order(placed=None), LATER),
        (a_kept_order(), a_kept_order(refunded=990), None),  # nobody says when
    ],
)
def test_what_the_order_tells_itself_or_nobody_needs_is_no_correction(
    before: LedgerOrder | None, after: LedgerOrder, told: datetime | None
) -> None:
    assert effect(before, after, told) is None


def test_effects_add_up_to_the_figures() -> None:
    # Given what an order went through, told one after the other
    states = [
        None,
        a_kept_order(state=OrderState.PENDING),
        a_kept_order(),
        a_kept_order(refunded=1000),
        a_kept_order(refunded=1000, state=OrderState.CANCELLED),
        a_kept_order(refunded=500),
    ]
    steps = [effect(before, after) for before, after in pairwise(states) if after]

    assert sum(it.orders_count for it in steps if it) == 1
    assert sum(it.total_spent for it in steps if it) == 5490


class Book:
    """Keeps corrections by what makes each one."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, datetime, int], OrderEffect] = {}

    def keep(self, ref: CustomerRef, effect: OrderEffect, changes: int) -> None:
        self.kept[ref.customer, effect.order_id, effect.at, changes] = effect


def project(book: Book, *orders: LedgerOrder, change: OrderChange, ref: CustomerRef = ADA) -> None:
    projector = Projector(FakeOrders(*orders), FakeRows(), FakeStoreReader(SHOP), FakeRates(), book)
    projector.project(ref, [change], NOW)


def test_a_change_that_is_told_twice_is_kept_once() -> None:
    book, after = Book(), a_kept_order(refunded=990, changes=2)
    change = OrderChange(a_kept_order(), after, LATER)

    project(book, after, change=change)
    project(book, after, change=change)

    assert [it.total_spent for it in book.kept.values()] == [-990]


def test_nothing_is_kept_of_an_order_that_was_erased_since() -> None:
    book = Book()
    gone = replace(a_kept_order(changes=3, state=OrderState.DELETED), is_erased=True, total=0)

    project(book, gone, change=OrderChange(a_kept_order(), a_kept_order(refunded=990, changes=2), LATER))
    project(book, gone, change=OrderChange(a_kept_order(), gone, LATER))

    assert not book.kept


def test_nothing_is_kept_of_who_is_on_no_board() -> None:
    book, nobody = Book(), replace(ADA, customer="unidentified-1001")
    after = a_kept_order(refunded=990, changes=2)

    project(book, after, change=OrderChange(a_kept_order(), after, LATER), ref=nobody)

    assert not book.kept
