"""What changes of orders did, as it is kept; and that it accounts for every difference of figures."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from laurel.leaderboard.effects import corrections, difference, left_over, placements, ref_of
from laurel.leaderboard.project import Projector
from laurel.model.account import Store
from laurel.model.correction import OrderEffect
from laurel.model.order import OrderState
from laurel.model.period import ALL
from laurel.model.ranking import Figures, RankingRow
from laurel.store.corrections import Corrections
from laurel.store.ledger import Ledger
from laurel.store.ledger_items import order_change
from laurel.store.rankings import Rankings
from tests.support.fakes import FakeRates, FakeStoreReader
from tests.support.samples import ADA, ADA_ID, BOB, NOW, a_store, an_order, at
from tests.support.stage import MemoryStage
from tests.support.tables import Database

PLACED, LATER = at("2026-11-20T10:00:00"), at("2026-11-21T10:00:00.250")
EVER = a_store().calendar.period(ALL)
_HOUR = timedelta(hours=1)


@pytest.mark.integration
def test_corrections_are_kept_once_and_found_by_store_and_time(database: Database, store: Store) -> None:
    kept = Corrections(database.client, database.tables.ledger)
    other = replace(store, id="storebbbbbbb")
    refund = OrderEffect("1#1", PLACED, LATER, 5990, 4990)
    gone = OrderEffect("2", PLACED, LATER + _HOUR, 1000, None)
    late = OrderEffect("3", PLACED, LATER - _HOUR, None, 1000)
    for effect, changes in ((refund, 2), (refund, 2), (gone, 3), (late, 1)):
        kept.keep(ref_of(store, ADA_ID), effect, changes)
    kept.keep(ref_of(other, ADA_ID), refund, 2)
    kept.keep(ref_of(store, "customer-7"), refund, 2)

    assert kept.corrections_since(ref_of(store, ADA_ID), PLACED) == [late, refund, gone]
    assert kept.corrections_since(ref_of(store, ADA_ID), LATER) == [refund, gone]
    assert kept.corrections_since(ref_of(store, ADA_ID), LATER + 2 * _HOUR) == []
    assert kept.corrections_since(ref_of(other, ADA_ID), PLACED) == [refund]


@pytest.mark.integration
def test_figures_and_names_of_many_customers_are_read_at_once(database: Database, store: Store) -> None:
    rankings = Rankings(database.client, database.tables.rankings)
    ada, none = Figures(2, 500, 1_795_000_000), Figures(0, 0, 0)
    rows = [
        RankingRow("all", "ada", ada, "Ada King", "ada@example.com", 1, frozenset()),
        RankingRow("2026-11", "ada", replace(ada, orders_count=1), "Ada King", "ada@example.com", 1, frozenset()),
        RankingRow("all", "customer-7#", ada, None, None, 1, frozenset()),
        RankingRow("all", "gone", none, None, None, 1, frozenset()),
    ]
    for row in rows:
        rankings.put_row(store, row)
    wanted = [("all", "ada"), ("2026-11", "ada"), ("all", "gone"), ("2026-10", "ada"), ("all", "customer-7#")]

    assert rankings.figures_at(store, wanted) == {
        ("all", "ada"): ada,
        ("2026-11", "ada"): replace(ada, orders_count=1),
        ("all", "customer-7#"): ada,
    }
    assert rankings.names_of(store, ["ada", "gone", "nobody", "customer-7#"]) == {
        "ada": ("Ada King", "ada@example.com"),
        "customer-7#": (None, None),
    }
    assert rankings.figures_at(store, []) == {}


class Life:
    """Orders of two customers, as a shop tells of them at random; a stream that repeats itself and mixes customers."""

    def __init__(self, seed: int) -> None:
        self.luck = random.Random(seed)
        self.now = NOW
        self.stage = MemoryStage()
        self.store = a_store()
        self.ledger = Ledger(self.stage.client, self.stage.tables.ledger)
        self.corrections = Corrections(self.stage.client, self.stage.tables.ledger)
        self.rankings = Rankings(self.stage.client, self.stage.tables.rankings)
        stores = FakeStoreReader(self.store)
        self.projector = Projector(self.ledger, self.rankings, stores, FakeRates(), self.corrections)
        self.placed: dict[str, datetime] = {}
        self._read = 0

    def live(self, hours: int) -> None:
        """So many hours, in each of which something happens to an order."""
        for _ in range(hours):
            self.now += _HOUR
            self._tell()
            self._deliver()

    def _tell(self) -> None:
        id_ = str(self.luck.randrange(8))
        self.placed.setdefault(id_, self.now - timedelta(seconds=self.luck.choice((1, 50, 500_000))))
        order = an_order(
            id_,
            email=self.luck.choice((ADA, ADA, ADA, BOB)),
            placed=self.placed[id_].isoformat(),
            updated=self.now.isoformat(),
            total=1000 * self.luck.randrange(1, 5),
            state=self.luck.choice((OrderState.PAID,) * 4 + (OrderState.CANCELLED, OrderState.PENDING)),
            refunds={"r": 250 * self.luck.randrange(1, 5)} if self.luck.random() < 0.4 else {},
        )
        self.ledger.record_order(self.store, order, self.ledger.owners_of(self.store, [id_]).get(id_))

    def _deliver(self) -> None:
        """What the stream tells: what is new, and some of what it told before."""
        records = [
            it["dynamodb"] for it in self.stage.records if it["dynamodb"]["Keys"]["sk"]["S"].startswith("order#")
        ]
        for record in records[self._read :]:
            record["ApproximateCreationDateTime"] = self.now.timestamp()
        again = self.luck.sample(records, min(len(records), 3))
        for record in (*records[self._read :], *again):
            ref, change = order_change(record)
            self.projector.project(ref, [change], self.now)
        self._read = len(records)

    def figures(self, customer: str) -> Figures | None:
        return self.rankings.figures_at(self.store, [(ALL, customer)]).get((ALL, customer))


@pytest.mark.parametrize("seed", range(12))
def test_corrections_and_new_orders_account_for_every_difference(seed: int) -> None:
    life = Life(seed)
    life.live(25)
    since = life.now + timedelta(minutes=1)
    people = {customer: life.figures(customer) for customer in (ADA_ID, an_order(email=BOB).customer)}
    life.live(25)

    found = 0
    for customer, then in people.items():
        changed = corrections(life.corrections, life.store, customer, EVER, since)
        effects = [effect for effect in changed if effect.placed_at < since]
        effects += placements(life.ledger.orders_of(ref_of(life.store, customer)), life.store, EVER, since)
        found += len(effects)
        whole = difference(then, life.figures(customer))
        assert left_over(whole, effects) is None
    assert found
