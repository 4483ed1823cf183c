"""Rates of other currencies: kept beside the store and on each order, and what changes with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from laurel.leaderboard.project import Projector
from laurel.model.account import Store
from laurel.model.order import CustomerRef, LedgerOrder, OrderState
from laurel.model.ranking import Figures
from laurel.model.rates import Rates
from laurel.model.rebuild import Rebuild
from laurel.model.setaside import SetAsideReason
from laurel.store.ledger import Ledger
from laurel.store.rankings import Rankings
from laurel.store.rates import RateTables
from laurel.store.workspace import RememberedStores, Workspace
from laurel.workspace import stores
from tests.support.samples import ADA_ID, NOW, an_order
from tests.support.tables import Database

NOVEMBER = {("USD", "2026-11"): "0.9", ("JPY", "2026-11"): "0.0061"}


class Shop:
    """A store in EUR, its tables, and one process that projects."""

    def __init__(self, database: Database, store: Store) -> None:
        client, tables = database.client, database.tables
        self.workspace = Workspace(client, tables.workspace)
        assert self.workspace.save_store(store)
        self.rates = RateTables(client, tables.workspace)
        self.ledger, self.rankings = Ledger(client, tables.ledger), Rankings(client, tables.rankings)
        self.projector = Projector(self.ledger, self.rankings, RememberedStores(self.workspace), self.rates)
        self.key = store.account_id, store.id
        self.ref = CustomerRef(store.account_id, store.audience_id, store.id, ADA_ID)

    @property
    def store(self) -> Store:
        return stores.existing(self.workspace, *self.key)

    def declare(self, table: dict[tuple[str, str], str], job: str = "job1") -> Store:
        return stores.declare(self.workspace, self.rates, *self.key, Rates(table), job)

    def tell(self, id_: str, currency: str, total: int, **more: Any) -> None:
        order = an_order(id_, currency=currency, total=total, **more)
        owner = self.ledger.owners_of(self.store, [id_]).get(id_)
        assert self.ledger.record_order(self.store, order, owner)

    def project(self) -> int:
        """Project Ada as a fresh process would; returns how many orders got another rate."""
        self.projector = Projector(self.ledger, self.rankings, RememberedStores(self.workspace), self.rates)
        return self.projector.project(self.ref, None, NOW).converted

    def kept(self) -> dict[str, LedgerOrder]:
        return {order.id: order for order in self.ledger.orders_of(self.ref)}

    def figures(self, period: str = "2026-11") -> Figures | None:
        found = self.rankings.standing(self.store, period, ADA_ID)
        return found[0].figures if found else None

    def unconverted(self) -> set[str]:
        return {it.id for it in self.rankings.set_aside(self.store, SetAsideReason.UNCONVERTED, 10)}


@pytest.fixture
def shop(database: Database, store: Store) -> Shop:
    return Shop(database, store)


def test_a_table_is_kept_with_the_store_that_has_it(shop: Shop) -> None:
    before = shop.store

    declared = shop.declare(NOVEMBER)

    assert replace(shop.store, version=declared.version) == declared
    assert (declared.calendar_revision, declared.rates_revision) == (before.calendar_revision + 1,) * 2
    assert declared.rate_currencies == ("JPY", "USD")
    assert declared.rebuild == Rebuild("job1", rates=True)
    assert shop.rates.rates(shop.store) == Rates(NOVEMBER, declared.rates_revision)
    assert [shop.store.counts(code) for code in ("EUR", "USD", "GBP")] == [True, True, False]


def test_the_table_it_has_already_changes_nothing(shop: Shop) -> None:
    first = shop.declare(NOVEMBER)

    assert shop.declare(dict(reversed(NOVEMBER.items())), "job2").rebuild == first.rebuild
    assert shop.store.calendar_revision == first.calendar_revision


def test_a_process_that_remembers_a_table_reads_the_next_one(shop: Shop, database: Database) -> None:
    elsewhere = RateTables(database.client, database.tables.workspace)
    assert elsewhere.rates(shop.store) == Rates()
    assert elsewhere.rates(shop.declare(NOVEMBER)).table == NOVEMBER

    assert elsewhere.rates(shop.declare({}, "job2")).table == {}


def test_of_two_who_declare_at_once_one_does_so_after_the_other(shop: Shop) -> None:
    seen = shop.store
    shop.declare(NOVEMBER)

    assert not shop.rates.save(replace(seen, name="Late"), Rates({}, 99))
    assert shop.store.name != "Late"
    assert shop.rates.rates(shop.store).table == NOVEMBER


def test_an_order_counts_at_the_rate_of_its_month_which_it_keeps(shop: Shop) -> None:
    shop.declare(NOVEMBER)
    shop.tell("1", "EUR", 1000)
    shop.tell("2", "USD", 1005)  # 9.045 EUR
    shop.tell("3", "JPY", 5000)  # 30.50 EUR
    shop.tell("4", "USD", 7000, placed="2026-10-01T10:00:00")
    shop.tell("5", "USD", 9000, state=OrderState.PENDING)

    assert shop.project() == 2

    assert {id_: order.rate for id_, order in shop.kept().items()} == {
        "1": None, "2": "0.9", "3": "0.0061", "4": None, "5": None
    }  # fmt: skip
    assert shop.figures() == Figures(3, 1000 + 905 + 3050, shop.kept()["1"].placed_at or 0)
    assert shop.unconverted() == {"4"}
    assert shop.project() == 0


def test_the_month_is_that_of_the_stores_time_zone(shop: Shop) -> None:
    shop.declare(NOVEMBER)
    shop.tell("1", "USD", 1000, placed="2026-10-31T23:30:00")  # November in Berlin

    shop.project()

    assert (shop.figures("2026-11") or Figures(0, 0, 0)).total_spent == 900


def test_refunds_are_converted_at_the_orders_own_rate_and_rounded_once(shop: Shop) -> None:
    shop.declare({("USD", "2026-11"): "0.333333333333"})
    shop.tell("1", "USD", 1000, refunds={"a": 501})
    shop.project()
    assert (shop.figures() or Figures(0, 0, 0)).total_spent == 166  # a third of 499

    shop.tell("1", "USD", 1000, refunds={"a": 1000}, updated="2026-11-21T10:00:00")
    shop.project()

    assert shop.figures() is None
    assert shop.unconverted() == set()


def test_an_order_that_changes_keeps_its_rate_and_costs_no_second_write(shop: Shop) -> None:
    shop.declare(NOVEMBER)
    shop.tell("1", "USD", 1000)
    shop.project()

    shop.tell("1", "USD", 2000, updated="2026-11-21T10:00:00")

    assert shop.kept()["1"].rate == "0.9"
    assert shop.project() == 0
    assert (shop.figures() or Figures(0, 0, 0)).total_spent == 1800


@pytest.mark.parametrize(
    ("change", "rate", "spent"),
    [
        ({"currency": "JPY", "total": 5000}, "0.0061", 3050),
        ({"currency": "GBP", "total": 5000}, None, None),
        ({"currency": "EUR", "total": 5000}, None, 5000),
    ],
)
def test_an_order_in_another_currency_than_before_loses_its_rate(
    shop: Shop, change: dict[str, Any], rate: str | None, spent: int | None
) -> None:
    shop.declare(NOVEMBER)
    shop.tell("1", "USD", 1000)
    shop.project()

    shop.tell("1", updated="2026-11-21T10:00:00", **change)
    assert shop.kept()["1"].rate is None
    shop.project()

    assert shop.kept()["1"].rate == rate
    figures = shop.figures()
    assert (figures and figures.total_spent) == spent


@pytest.mark.parametrize(("table", "spent"), [({("USD", "2026-11"): "0.8"}, 800), ({}, None)])
def test_another_table_converts_again(shop: Shop, table: dict[tuple[str, str], str], spent: int | None) -> None:
    shop.declare(NOVEMBER)
    shop.tell("1", "USD", 1000)
    shop.project()

    shop.declare(table, "job2")
    assert shop.project() == 1

    figures = shop.figures()
    assert (figures and figures.total_spent) == spent
    assert shop.unconverted() == (set() if spent else {"1"})


def test_what_would_be_no_money_stays_unconverted(shop: Shop) -> None:
    shop.declare({("USD", "2026-11"): "1000000"})
    shop.tell("1", "USD", 10**10)

    assert shop.project() == 0

    assert shop.figures() is None
    assert shop.unconverted() == {"1"}


def test_a_rate_is_not_kept_on_an_order_that_somebody_else_wrote(shop: Shop) -> None:
    shop.tell("1", "USD", 1000)
    seen = shop.kept()["1"]
    shop.tell("1", "USD", 2000, updated="2026-11-21T10:00:00")

    assert shop.ledger.set_rate(shop.ref, seen, "0.9") is None
    assert shop.kept()["1"].rate is None


def test_a_rate_does_not_bring_back_an_order_that_is_gone(shop: Shop) -> None:
    shop.tell("1", "USD", 1000)
    gone = replace(shop.kept()["1"], id="2")

    assert shop.ledger.set_rate(shop.ref, gone, "0.9") is None
    assert set(shop.kept()) == {"1"}


def test_orders_that_change_while_they_are_converted_are_converted_as_they_are_then(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.declare(NOVEMBER)
    shop.tell("1", "USD", 1000)
    set_rate: Callable[..., LedgerOrder | None] = shop.ledger.set_rate

    def overtaken(*arguments: Any) -> LedgerOrder | None:
        monkeypatch.setattr(shop.ledger, "set_rate", set_rate)
        shop.tell("1", "USD", 3000, updated="2026-11-21T10:00:00")
        return set_rate(*arguments)

    monkeypatch.setattr(shop.ledger, "set_rate", overtaken)
    shop.project()

    assert (shop.figures() or Figures(0, 0, 0)).total_spent == 2700
