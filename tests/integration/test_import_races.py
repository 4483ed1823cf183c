"""Imports on tables, whatever happens meanwhile: killed workers, others' writes, files replaced, imports given up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from laurel.http import orders_in
from laurel.imports.cutting import GAVE_UP, REPLACED, Cut
from laurel.imports.run import ImportState
from laurel.imports.work import Worked
from laurel.ingestion.record import record_orders
from laurel.model.account import StoreState
from tests.support.imports import NOW, ImportPlace, Killed, kept, orders, person
from tests.support.samples import a_store
from tests.support.stage import MemoryStage
from tests.support.tables import Database

if TYPE_CHECKING:
    from laurel.model.account import Store

pytestmark = pytest.mark.integration


@pytest.fixture
def place(database: Database, store: Store) -> ImportPlace:
    return ImportPlace(database, store, chunk=300)


@pytest.mark.parametrize("operation", ["read", "write", "join", "delete"])
def test_workers_that_are_killed_three_times_and_come_twice_lose_and_double_nothing(
    operation: str, place: ImportPlace
) -> None:
    content = orders(40) + b"bad,yesterday,1.00,paid,,\n" * 3
    it = place.upload(content)
    place.cut(it)
    place.queue += place.queue
    kills = 3

    def before(what: str) -> None:
        nonlocal kills
        if what == operation and kills:
            kills -= 1
            raise Killed

    place.files.before = before
    while place.queue:
        number = place.queue.pop(0)
        try:
            place.work(it, number)
        except Killed:
            place.queue.append(number)

    done = place.look(it)
    assert kills == 0
    assert (done.state, done.counts.read, done.counts.rejected) == (ImportState.DONE, 43, 3)
    assert done.counts.accepted + done.counts.unchanged == 40
    assert [(id_, changes) for id_, _, changes in kept(place)] == sorted((str(number), 1) for number in range(40))
    assert [row for row, _, _ in place.rejected(done)] == [42, 43, 44]


@pytest.mark.parametrize("killed_at", range(0, 30, 5))
def test_a_worker_that_is_killed_between_two_writes_is_followed_by_one_that_loses_nothing(killed_at: int) -> None:
    stage = MemoryStage()
    place = ImportPlace(Database(stage.client, stage.tables), a_store(), chunk=1 << 17)
    it = place.upload(orders(6))
    place.cut(it)
    left = killed_at

    def before(operation: str) -> None:
        nonlocal left
        left -= operation in ("insert", "put_item", "update_item", "transact_write_items")
        if left < 0:
            raise Killed

    stage.before = before
    with pytest.raises(Killed):
        place.work(it, 0)
    stage.before = lambda operation: None
    place.work(it, 0)
    place.work(it, 0)

    done = place.look(it)
    assert (done.state, done.counts.read, done.chunks_done) == (ImportState.DONE, 6, 1)
    assert [(id_, changes) for id_, _, changes in kept(place)] == [(str(number), 1) for number in range(6)]


def test_what_others_write_while_a_chunk_is_written_stays() -> None:
    # Given a webhook that tells of an order and its buyer, newer than the file, right before the worker writes them
    stage = MemoryStage()
    place = ImportPlace(Database(stage.client, stage.tables), a_store(), chunk=1 << 17)
    it = place.upload(orders(6, people=1).replace(b",vip", b","))
    place.cut(it)
    report = orders_in.order_report(
        {
            "id": "3",
            "placed_at": "2026-11-21T10:00:00Z",
            "updated_at": "2026-11-22T10:00:00Z",
            "total": "99.00",
            "currency": "EUR",
            "status": "paid",
            "customer": {"email": "p0@example.com", "first_name": "Newer"},
        }
    )

    def before(operation: str) -> None:
        if operation == "insert":
            stage.before = lambda _: None
            record_orders(place.ledger, place.contacts, place.store, [report], NOW)

    stage.before = before
    place.work(it, 0)

    done = place.look(it)
    assert (done.counts.accepted, done.counts.unchanged) == (5, 1)
    assert {id_: changes for id_, _, changes in kept(place)} == {str(number): 1 for number in range(6)}
    assert next(total for id_, total, _ in kept(place) if id_ == "3") == 9_900
    assert person(place, "p0@example.com").first_name == "Newer"


def test_a_cutter_that_is_killed_is_followed_by_one_that_goes_on(place: ImportPlace) -> None:
    it = place.upload(orders(400))
    left = 100

    def before(operation: str) -> None:
        nonlocal left
        left -= operation == "block"
        if left < 0:
            raise Killed

    place.files.before = before
    with pytest.raises(Killed):
        place.cut(it)
    begun = place.look(it)
    place.files.before = lambda operation: None

    assert begun.chunks is None
    assert place.cut(it) is Cut.QUEUED
    assert place.cut(it) is Cut.DROPPED
    while place.queue:
        place.work(it, place.queue.pop())
    assert place.look(it).counts.accepted == 400


def test_a_file_that_is_replaced_meanwhile_is_not_read_on(place: ImportPlace) -> None:
    it = place.upload(orders(40))
    place.cut(it)
    place.files.files[it.upload] = orders(50)

    while place.queue:
        place.work(it, place.queue.pop(0))

    done = place.look(it)
    assert (done.state, done.error, done.counts.read) == (ImportState.FAILED, REPLACED, 0)


def test_what_is_cancelled_is_left_and_its_rejected_rows_are_told(place: ImportPlace) -> None:
    it = place.upload(orders(40) + b"bad,yesterday,1.00,paid,,\n")
    place.cut(it)
    last = place.queue.pop()
    place.work(it, last)

    cancelled = place.book.cancel(place.look(it), NOW)
    place.worker.conclude(it.account_id, it.store_id, it.id)

    assert cancelled
    assert [place.work(it, number) for number in place.queue] == [Worked.DROPPED] * len(place.queue)
    done = place.look(it)
    assert (done.state, done.chunks_done) == (ImportState.CANCELLED, 1)
    assert [row for row, _, _ in place.rejected(done)] == [42]
    assert it.upload not in place.files.files
    assert place.book.cancel(done, NOW) is None


def test_a_file_that_comes_after_its_import_was_cancelled_is_given_away(place: ImportPlace) -> None:
    it = place.upload(orders(1))
    place.book.cancel(it, NOW)

    assert place.cut(it) is Cut.DROPPED
    assert place.files.files == {}


def test_an_import_that_was_given_up_goes_on_if_its_message_comes_again(place: ImportPlace) -> None:
    it = place.upload(orders(40))
    place.cut(it)
    first = place.queue.pop(0)
    place.worker.give_up(it.account_id, it.store_id, it.id)
    while place.queue:
        place.work(it, place.queue.pop(0))
    failed = place.look(it)

    place.work(it, first)

    assert (failed.state, failed.error, failed.gave_up) == (ImportState.FAILED, GAVE_UP, True)
    done = place.look(it)
    assert (done.state, done.error, done.counts.accepted) == (ImportState.DONE, None, 40)


def test_a_store_that_is_disconnected_meanwhile_takes_no_more(place: ImportPlace) -> None:
    it = place.upload(orders(40))
    place.cut(it)
    connected = place.workspace.store(place.store.account_id, place.store.id)
    assert connected
    place.workspace.save_store(replace(connected, state=StoreState.DISCONNECTED))

    place.work(it, place.queue.pop(0))

    done = place.look(it)
    assert (done.state, done.counts.read) == (ImportState.FAILED, 0)
