from __future__ import annotations

from datetime import UTC, datetime

import pytest

from laurel.ingestion.unreadable import keep_unreadable
from laurel.model.account import Store
from laurel.model.errors import FieldError, InvalidInput, MalformedBody
from laurel.model.setaside import UnreadableDelivery
from tests.support.samples import a_store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FAULT = InvalidInput.at("/total", "total is required.")


class Shelf:
    def __init__(self) -> None:
        self.kept: dict[str, tuple[UnreadableDelivery, bytes]] = {}

    def keep(self, store: Store, delivery: UnreadableDelivery, body: bytes) -> bool:
        return self.kept.setdefault(delivery.id, (delivery, body)) == (delivery, body)


def keep(
    topic: str = "orders/paid", body: bytes = b"{}", error: InvalidInput | MalformedBody = FAULT
) -> UnreadableDelivery:
    shelf = Shelf()
    delivery = keep_unreadable(shelf, a_store(), topic, body, error, NOW)
    assert shelf.kept == {delivery.id: (delivery, body)}
    return delivery


def test_topic_time_and_faults_are_kept() -> None:
    delivery = keep()
    assert (delivery.topic, delivery.received_at) == ("orders/paid", NOW)
    assert delivery.faults == (FieldError("/total", "total is required."),)


@pytest.mark.parametrize("error", [MalformedBody("The body is not JSON."), InvalidInput("The body is not JSON.")])
def test_a_fault_of_the_whole_body_points_at_all_of_it(error: InvalidInput | MalformedBody) -> None:
    assert keep(error=error).faults == (FieldError("", "The body is not JSON."),)


def test_the_id_tells_topic_and_body() -> None:
    deliveries = [
        keep("a", b"b"),
        keep("a", b"c"),
        keep("c", b"b"),
        keep("ab", b""),
        keep("", b"ab"),
        keep(" a ", b"b"),
    ]
    assert len({it.id for it in deliveries}) == 5
    assert deliveries[0].id == deliveries[-1].id
    assert len(deliveries[0].id) == 64


def test_what_is_told_of_a_delivery_has_bounds() -> None:
    faults = tuple(FieldError(f"/{number}" + "x" * 1000, "y" * 1000) for number in range(50))
    delivery = keep("t" * 1000, error=InvalidInput("", faults))
    assert len(delivery.topic) == 100
    assert len(delivery.faults) == 20
    assert {(len(it.pointer), len(it.detail)) for it in delivery.faults} == {(500, 500)}
