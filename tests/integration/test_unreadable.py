"""Unreadable deliveries in the Ledger table."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from laurel.model.errors import FieldError
from laurel.model.setaside import UnreadableDelivery
from laurel.store.ledger import Ledger
from laurel.store.unreadable import Unreadable
from tests.support.samples import ADA_ID, a_store, an_order
from tests.support.tables import Database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def delivery(id_: str = "d1", **changes: Any) -> UnreadableDelivery:
    faults = (FieldError("", "The body is not JSON."), FieldError("/total", "total is required."))
    return replace(UnreadableDelivery(id_, "orders/paid", NOW, faults), **changes)


@pytest.fixture
def unreadable(dynamodb: Database) -> Unreadable:
    return Unreadable(dynamodb.client, dynamodb.tables.ledger)


def test_deliveries_are_read_as_they_were_kept(unreadable: Unreadable) -> None:
    store = a_store()
    assert unreadable.keep(store, delivery(), b"{}")
    assert unreadable.keep(store, delivery("d2", topic="", faults=()), b"")
    assert unreadable.keep(a_store(id="another"), delivery("d3"), b"{}")

    assert unreadable.of_store(store, 10) == [delivery(), delivery("d2", topic="", faults=())]
    assert unreadable.of_store(store, 1) == [delivery()]


def test_the_first_of_several_stays(unreadable: Unreadable) -> None:
    store = a_store()

    assert unreadable.keep(store, delivery(), b"{}")
    assert not unreadable.keep(store, delivery(received_at=datetime(2026, 11, 23, tzinfo=UTC)), b"{}")

    assert unreadable.of_store(store, 10) == [delivery()]


def test_a_body_that_does_not_fit_is_told_by_its_digest(dynamodb: Database, unreadable: Unreadable) -> None:
    noise = random.Random(1).randbytes(400_000)
    fitting = b"[" + b'"the same again and again",' * 100_000

    unreadable.keep(a_store(), delivery("d1"), noise)
    unreadable.keep(a_store(), delivery("d2"), fitting)

    items = dynamodb.client.scan(TableName=dynamodb.tables.ledger)["Items"]
    large, small = sorted(items, key=lambda item: item["sk"]["S"])
    assert "body" not in large
    assert (large["truncated"], large["body_bytes"]) == ({"BOOL": True}, {"N": "400000"})
    assert large["body_sha256"] == {"S": hashlib.sha256(noise).hexdigest()}
    assert "truncated" not in small
    assert len(unreadable.of_store(a_store(), 10)) == 2


def test_they_are_nobodys_orders(dynamodb: Database, unreadable: Unreadable) -> None:
    store, ledger = a_store(), Ledger(dynamodb.client, dynamodb.tables.ledger)
    ledger.record_order(store, an_order(), None)
    unreadable.keep(store, delivery(), b"{}")

    assert ledger.customers_of(store) == {ADA_ID}
