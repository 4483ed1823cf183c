"""Scoring facts once more gives what they have not given, and nothing twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from laurel.model.account import Audience, Store
from laurel.model.activity import Activity
from laurel.model.contact import Person, merged
from laurel.model.order import OrderState
from laurel.model.scoring import ORDER_PLACED, Effect, EffectKind, ScoredContact, ScoringRule
from laurel.scoring.again import score_again
from laurel.store.contacts import Contacts
from laurel.store.ledger import Ledger
from laurel.store.scores import Scores
from laurel.store.workspace import RememberedStores, Workspace
from tests.support.samples import ADA, ADA_ID, NOW, an_order
from tests.support.tables import Database

RULES = (
    ScoringRule("buys", "Buys", enabled=True, activity=ORDER_PLACED, effect=Effect(EffectKind.ADD_PER_UNIT, 2)),
    ScoringRule("visits", "Visits", enabled=True, activity="page.visited", effect=Effect(EffectKind.ADD, 5)),
)


@dataclass
class Shop:
    store: Store
    ledger: Ledger
    scores: Scores
    stores: RememberedStores

    def order(self, total: int, **changes: Any) -> None:
        order = an_order("1", total=total, **changes)
        owner = self.ledger.owners_of(self.store, ["1"]).get("1")
        assert self.ledger.record_order(self.store, order, owner)

    def visit(self) -> None:
        activity = Activity("visit-1", "page.visited", NOW, {})
        assert self.ledger.record_activity(self.store.account_id, self.store.audience_id, ADA_ID, activity)

    def ada(self) -> ScoredContact:
        scored = self.scores.read(self.store.account_id, self.store.audience_id, 1, ADA_ID)
        assert scored
        return scored

    def again(self) -> list[int]:
        facts = self.ledger.history_of(self.store.account_id, self.store.audience_id, ADA_ID)
        return [entry.given for entry in score_again(self.scores, self.stores, self.ada(), facts, RULES, NOW)]


@pytest.fixture
def shop(database: Database, store: Store) -> Shop:
    workspace = Workspace(database.client, database.tables.workspace)
    workspace.save_store(store)
    workspace.save_audience(Audience(store.account_id, store.audience_id, "Customers", 1, NOW))
    contact = merged(None, Person(ADA, NOW), NOW)
    assert Contacts(database.client, database.tables.contacts).save(store.account_id, store.audience_id, contact)
    return Shop(
        store,
        Ledger(database.client, database.tables.ledger),
        Scores(database.client, database.tables.contacts),
        RememberedStores(workspace),
    )


def test_what_was_given_up_is_given_once(shop: Shop) -> None:
    shop.order(1000)
    shop.visit()

    assert sorted(shop.again()) == [5, 20]
    assert shop.again() == []
    assert shop.ada().state.points == 25


def test_what_a_refund_takes_is_taken_once(shop: Shop) -> None:
    shop.order(1000)
    shop.again()
    shop.order(1000, refunds={"r1": 400}, updated="2026-11-21T10:00:00")

    assert shop.again() == [-8]
    assert shop.again() == []


def test_an_order_that_is_no_purchase_any_more_gives_all_back(shop: Shop) -> None:
    shop.order(1000)
    shop.again()
    shop.order(1000, state=OrderState.CANCELLED, updated="2026-11-21T10:00:00")

    assert shop.again() == [-20]
    assert shop.again() == []
    assert shop.ada().state.points == 0
