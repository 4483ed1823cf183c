"""The boards after an import, whatever the order in which its parts are done, equal a recount."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laurel.leaderboard.project import Projector
from laurel.model.order import CustomerRef, OrderChange
from laurel.store.rankings import Rankings
from tests.support.fakes import FakeRates, FakeStoreReader
from tests.support.imports import NOW, ImportPlace
from tests.support.recount import Shop, Version
from tests.support.samples import a_store
from tests.support.stage import MemoryStage
from tests.support.tables import Database

pytestmark = pytest.mark.integration


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 12),
            st.integers(0, 6),
            st.integers(0, 600),
            st.integers(0, 9_999),
            st.sampled_from(["paid", "pending", "cancelled", "refunded", "paid"]),
        ),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 400),
    st.randoms(use_true_random=False),
)
def test_boards_equal_a_recount(rows: list[tuple[int, int, int, int, str]], chunk: int, chance: Any) -> None:
    stage = MemoryStage()
    store = a_store(calendar_revision=1)
    place = ImportPlace(Database(stage.client, stage.tables), store, chunk=chunk)
    shop = Shop(store.currency, store.calendar.time_zone, store.minimum_purchases)
    first = datetime.fromisoformat("2025-01-01T00:30:00+00:00")
    lines = ["id;placed_at;updated_at;total;refunded;status;email\n"]
    for number, (order, who, day, cents, status) in enumerate(rows):
        placed, updated = first + timedelta(days=day), first + timedelta(days=700, seconds=number)
        given_back = cents // 3 if status == "paid" else 0
        money = [f"{amount // 100},{amount % 100:02}" for amount in (cents, given_back)]
        lines.append(
            f"{order}-{who};{placed.isoformat()};{updated.isoformat()};{money[0]};{money[1]};{status};p{who}@example.com\n"
        )
        refunds = ((("refunded", cents if status == "refunded" else given_back)),)
        shop.describe(
            Version(
                id=f"{order}-{who}",
                updated_at=int(updated.timestamp()),
                placed_at=int(placed.timestamp()),
                total=cents,
                currency="EUR",
                state="paid" if status == "refunded" else status,
                test=False,
                refunds=refunds,
                email=f"p{who}@example.com",
                customer_id=None,
            )
        )
    it = place.upload("".join(lines).encode("cp1252"))
    place.cut(it)
    numbers = place.queue * 2
    chance.shuffle(numbers)
    for number in numbers:
        place.work(it, number)

    assert place.look(it).counts.rejected == 0
    assert _boards(stage, place) == {key: (row.orders_count, row.total_spent) for key, row in shop.rows().items()}


def _boards(stage: MemoryStage, place: ImportPlace) -> dict[tuple[str, str], tuple[int, int]]:
    """Project all customers, and read every row of every board."""
    store = place.workspace.store(place.store.account_id, place.store.id)
    assert store
    rankings = Rankings(stage.client, stage.tables.rankings)
    for customer in place.ledger.customers_of(store):
        ref = CustomerRef(store.account_id, store.audience_id, store.id, customer)
        changes = [OrderChange(None, order) for order in place.ledger.orders_of(ref)]
        Projector(place.ledger, rankings, FakeStoreReader(store), FakeRates()).project(ref, changes, NOW)
    found = {}
    for item in stage.items(stage.tables.rankings, store.account_id):
        if int(item["orders_count"]["N"]):
            found[item["pk"]["S"].split("#")[2], item["sk"]["S"]] = (
                int(item["orders_count"]["N"]),
                int(item["total_spent"]["N"]),
            )
    return found
