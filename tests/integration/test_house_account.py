"""A till's shared customer, in miniature: set aside once, cheap from then on, and back as soon as the limit allows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from laurel.leaderboard import project
from laurel.leaderboard.project import Projection, Projector
from laurel.model.account import Store
from laurel.model.identity import contact_id
from laurel.model.order import CustomerRef, OrderChange, OrderState
from laurel.model.ranking import Figures, Metric
from laurel.model.setaside import SetAside, SetAsideReason
from laurel.store import ledger as ledger_module
from laurel.store.ledger import Ledger
from laurel.store.ledger_items import order_change
from laurel.store.rankings import Rankings
from tests.support.fakes import FakeRates
from tests.support.samples import ADA, ADA_ID, BOB, NOW, a_store, an_order
from tests.support.stage import MemoryStage

LIMIT = 5
SMALL = 3
JANUARY, FEBRUARY, MARCH = ("2026-01-10T12:00:00", "2026-02-10T12:00:00", "2026-03-10T12:00:00")


class Shop:
    """A store whose every change is projected, with counted requests."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.stage = MemoryStage()
        self.ledger = Ledger(self.stage.client, self.stage.tables.ledger)
        self.rankings = Rankings(self.stage.client, self.stage.tables.rankings)
        self.projector = Projector(self.ledger, self.rankings, self, FakeRates())
        self.known = a_store(house_account_orders=limit)

    def store(self, account_id: str, store_id: str, *, fresh: bool = False) -> Store:
        del account_id, store_id, fresh
        return self.known

    def write(self, id_: str, email: str = ADA, **changes: Any) -> tuple[CustomerRef, OrderChange]:
        """Keep an order; gives what the stream tells of it."""
        order = an_order(id_, email=email, **{"total": 1000, **changes})
        assert self.ledger.record_order(self.known, order, None)
        return order_change(self.stage.records[-1]["dynamodb"])

    def project(self, *records: tuple[CustomerRef, OrderChange]) -> Projection:
        return self.projector.project(records[0][0], [change for _, change in records], NOW)

    def buy(self, id_: str, email: str = ADA, **changes: Any) -> Projection:
        return self.project(self.write(id_, email, **changes))

    def requests(self, id_: str) -> Counter[str]:
        """What projecting one more order takes."""
        record, asked = self.write(id_), Counter[str]()
        self.stage.before = lambda operation: asked.update([operation])
        self.project(record)
        self.stage.before = lambda operation: None
        return asked

    def board(self, period: str, metric: Metric = Metric.TOTAL_SPENT) -> dict[str, Figures]:
        page = self.rankings.top_customers(self.known, period, metric, 100)
        return {it.customer: it.figures for it in page.standings}

    def boards_that_show(self, customer: str) -> set[str]:
        """Periods of any board with the customer on it."""
        items = self.stage.items(self.stage.tables.rankings, self.known.account_id)
        return {
            item["pk"]["S"].rpartition("#")[2]
            for item in items
            if item["sk"]["S"] == customer and any(name.startswith("rank_") for name in item)
        }

    def house_accounts(self) -> list[SetAside]:
        return self.rankings.set_aside(self.known, SetAsideReason.HOUSE_ACCOUNT, 10)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "_SMALL", SMALL)
    monkeypatch.setattr(ledger_module, "FIRST_PAGE", SMALL)


def test_up_to_the_limit_a_customer_is_ranked() -> None:
    shop = Shop()

    results = [shop.buy(f"{number}", placed=JANUARY) for number in range(LIMIT)]

    assert {result.house_account for result in results} == {False}
    assert shop.board("2026-01")[ADA_ID].orders_count == 5
    assert shop.house_accounts() == []


def test_over_the_limit_a_customer_leaves_every_board_and_is_reported() -> None:
    # Given a customer with as many orders as the store allows, over three months, and another one
    shop = Shop()
    for number, month in enumerate((JANUARY, JANUARY, FEBRUARY, FEBRUARY, MARCH)):
        shop.buy(f"{number}", placed=month)
    shop.buy("bob", BOB, placed=JANUARY)

    # When one more comes
    result = shop.buy("5", placed=MARCH)

    # Then only the other one is left
    assert result.house_account
    assert shop.boards_that_show(ADA_ID) == set()
    assert list(shop.board("2026-01")) == [contact_id(BOB)]
    assert shop.house_accounts() == [
        SetAside(SetAsideReason.HOUSE_ACCOUNT, ADA_ID, ADA_ID, version=1 * 10**12 + 6, orders_limit=5)
    ]


def test_further_orders_cost_the_same_however_many_there_are() -> None:
    # Given a customer far over the limit
    shop = Shop()
    for number in range(30):
        shop.buy(f"{number:03}")

    # When one more order is projected, then another ten
    first = shop.requests("030")
    for number in range(31, 41):
        shop.buy(f"{number:03}")
    later = shop.requests("041")

    # Then each took a look at the first page and at the entry, which says enough
    assert first == later == {"query": 1, "get_item": 1, "item": SMALL}


def test_an_order_in_another_period_does_not_bring_a_house_account_back() -> None:
    shop = Shop()
    for number in range(LIMIT + 1):
        shop.buy(f"{number}", placed=JANUARY)

    shop.buy("7", placed=MARCH)

    assert shop.boards_that_show(ADA_ID) == set()


def test_a_period_that_an_order_just_left_is_left_too() -> None:
    # Given a customer at the limit, one of whose orders moves from February to March
    shop = Shop()
    for number in range(LIMIT - 1):
        shop.buy(f"{number}", placed=JANUARY)
    shop.buy("4", placed=FEBRUARY)
    moved = shop.write("4", placed=MARCH, updated="2026-03-11")

    # When the order that is too many is written before that is projected
    one_too_many = shop.write("5", placed=MARCH)
    shop.project(one_too_many, moved)

    # Then February shows the customer no more
    assert shop.boards_that_show(ADA_ID) == set()


def test_a_period_that_an_order_left_is_left_even_if_that_is_heard_late() -> None:
    # Given the same, but the customer is set aside first
    shop = Shop()
    for number in range(LIMIT - 1):
        shop.buy(f"{number}", placed=JANUARY)
    shop.buy("4", placed=FEBRUARY)
    moved = shop.write("4", placed=MARCH, updated="2026-03-11")
    one_too_many = shop.write("5", placed=MARCH)
    shop.project(one_too_many)
    assert shop.boards_that_show(ADA_ID) == {"2026-02", "2026-W07"}

    # When the stream then tells of the move
    shop.project(moved)

    # Then February shows the customer no more
    assert shop.boards_that_show(ADA_ID) == set()


@pytest.mark.parametrize("limit", [LIMIT, 1])
def test_raising_the_limit_brings_the_customer_back_with_the_next_order(limit: int) -> None:
    # Given a house account with orders all over the year, one of them cancelled meanwhile
    shop = Shop(limit)
    for number, month in enumerate((JANUARY, JANUARY, FEBRUARY, MARCH, MARCH, MARCH)):
        shop.buy(f"{number}", placed=month)
    shop.buy("5", placed=MARCH, updated="2026-03-12", state=OrderState.CANCELLED)
    assert shop.boards_that_show(ADA_ID) == set()

    # When the limit is raised and one more order comes
    shop.known = replace(shop.known, house_account_orders=100)
    result = shop.buy("6", placed=FEBRUARY)

    # Then everything counts again, in every period
    assert not result.house_account
    assert {period: shop.board(period)[ADA_ID].orders_count for period in ("2026-01", "2026-02", "2026-03")} == {
        "2026-01": 2,
        "2026-02": 2,
        "2026-03": 2,
    }
    assert shop.board("all")[ADA_ID].total_spent == 6000
    assert shop.house_accounts() == []


def test_a_house_account_from_the_days_of_a_very_low_limit_comes_back_too() -> None:
    # Given a customer with two orders, which was one too many
    shop = Shop(limit=1)
    shop.buy("1", placed=JANUARY)
    shop.buy("2", placed=FEBRUARY)
    assert shop.boards_that_show(ADA_ID) == set()

    # When the limit is raised far above and one of the orders changes
    shop.known = replace(shop.known, house_account_orders=100)
    shop.buy("2", placed=FEBRUARY, updated="2026-02-11", total=500)

    # Then the other one counts again as well
    assert [shop.board(period)[ADA_ID].total_spent for period in ("2026-01", "2026-02", "all")] == [1000, 500, 1500]
    assert shop.house_accounts() == []


def test_a_limit_raised_too_little_sets_the_customer_aside_anew() -> None:
    shop = Shop()
    for number in range(8):
        shop.buy(f"{number}")

    shop.known = replace(shop.known, house_account_orders=6)
    result = shop.buy("8")

    assert result.house_account
    assert shop.boards_that_show(ADA_ID) == set()
    assert [entry.orders_limit for entry in shop.house_accounts()] == [6]


def test_a_lowered_limit_holds_from_the_next_order_on() -> None:
    shop = Shop()
    for number in range(4):
        shop.buy(f"{number}", placed=JANUARY)

    shop.known = replace(shop.known, house_account_orders=3)
    shop.buy("4", placed=MARCH)

    assert shop.boards_that_show(ADA_ID) == set()


def test_an_order_in_another_currency_is_reported_under_a_house_account_too() -> None:
    # Given a house account
    shop = Shop()
    for number in range(LIMIT + 1):
        shop.buy(f"{number}")

    # When an order of it is in another currency, and a second one no longer
    shop.buy("usd", currency="USD")
    shop.buy("eur", currency="USD")
    shop.buy("eur", updated="2026-11-21", currency="EUR")

    # Then the one is listed
    listed = shop.rankings.set_aside(shop.known, SetAsideReason.UNCONVERTED, 10)
    assert [entry.id for entry in listed] == ["usd"]


def test_orders_of_nobody_never_make_a_house_account() -> None:
    shop = Shop()

    results = [shop.buy(f"{number}", "") for number in range(LIMIT + 2)]

    assert {result.house_account for result in results} == {False}
    assert shop.house_accounts() == []


def test_projecting_again_leaves_a_house_account_where_it_is() -> None:
    shop = Shop()
    (ref, _), *_ = [shop.write(f"{number}") for number in range(LIMIT + 1)]
    shop.projector.project(ref, None, NOW)

    assert shop.projector.project(ref, None, NOW).house_account
    assert shop.boards_that_show(ADA_ID) == set()
