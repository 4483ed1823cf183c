"""Imports on tables: nothing is lost or doubled, whoever is killed or comes twice; the boards equal a recount."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laurel.http import orders_in
from laurel.imports.columns import Kind
from laurel.imports.cutting import GAVE_UP, REPLACED, Cut
from laurel.imports.run import ImportState
from laurel.imports.work import Worked
from laurel.ingestion.record import record_orders
from laurel.leaderboard.project import Projector
from laurel.model.account import StoreState
from laurel.model.contact import ConsentStatus, ContactRef
from laurel.model.identity import contact_id
from laurel.model.order import CustomerRef, OrderChange
from laurel.store.forgetting import Forgetting
from laurel.store.rankings import Rankings
from tests.support.fakes import FakeRates, FakeStoreReader
from tests.support.imports import NOW, ImportPlace, Killed
from tests.support.recount import Shop, Version
from tests.support.samples import a_store
from tests.support.stage import MemoryStage
from tests.support.tables import Database

if TYPE_CHECKING:
    from laurel.model.account import Store
    from laurel.model.contact import Contact

pytestmark = pytest.mark.integration

HEAD = "id,placed_at,total,status,email,tags\n"


def orders(count: int, people: int = 7) -> bytes:
    """So many paid orders of so many people, a day apart."""
    first = datetime.fromisoformat("2025-10-01T12:00:00+02:00")
    rows = [
        f"{number},{(first + timedelta(days=number % 400)).isoformat()},{number % 90 + 1}.05,paid,"
        f"p{number % people}@example.com,vip\n"
        for number in range(count)
    ]
    return (HEAD + "".join(rows)).encode()


def kept(place: ImportPlace) -> list[tuple[str, int, int]]:
    """Every order of the store, with the number of times that it was written."""
    store = place.store
    customers = place.ledger.customers_of(store)
    refs = [CustomerRef(store.account_id, store.audience_id, store.id, customer) for customer in sorted(customers)]
    return sorted((it.id, it.total, it.changes) for ref in refs for it in place.ledger.orders_of(ref))


def person(place: ImportPlace, email: str) -> Contact:
    found = place.contacts.contact(place.store.account_id, place.store.audience_id, contact_id(email))
    assert found
    return found


@pytest.fixture
def place(database: Database, store: Store) -> ImportPlace:
    return ImportPlace(database, store, chunk=300)


def test_all_rows_are_recorded_and_the_file_is_given_away(place: ImportPlace) -> None:
    done = place.whole(orders(40))

    assert (done.state, done.rows, done.counts.accepted) == (ImportState.DONE, 40, 40)
    assert done.chunks == done.chunks_done > 3
    assert [(id_, changes) for id_, _, changes in kept(place)] == sorted((str(number), 1) for number in range(40))
    assert place.files.files == {}
    assert person(place, "p3@example.com").tags == ("vip",)


def test_a_file_may_be_imported_again(place: ImportPlace) -> None:
    place.whole(orders(40))
    before = kept(place)

    again = place.whole(orders(41))

    assert (again.counts.accepted, again.counts.unchanged) == (1, 40)
    assert [it for it in kept(place) if it[0] != "40"] == before


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


def test_rows_far_apart_that_describe_one_order_are_recorded_by_their_times(database: Database, store: Store) -> None:
    place = ImportPlace(database, store)
    head = b"id,placed_at,updated_at,total\n"
    rows = [("1", 20, "1.00"), ("2", 20, "2.00"), ("1", 22, "3.00"), ("3", 20, "4.00"), ("1", 21, "5.00")]

    done = place.whole(
        head + b"".join(f"{id_},2026-11-20,2026-11-{day},{total}\n".encode() for id_, day, total in rows)
    )

    assert (done.counts.accepted, done.counts.unchanged) == (4, 1)
    assert kept(place) == [("1", 300, 2), ("2", 200, 1), ("3", 400, 1)]


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


def test_a_dry_run_tells_the_same_and_writes_nothing(place: ImportPlace) -> None:
    content = orders(10) + b"bad,yesterday,1.00,paid,,\nforeign,2026-11-20,1.00,unknown,,\n"

    tried = place.whole(content, dry_run=True)

    assert (tried.state, tried.counts.accepted, tried.counts.rejected) == (ImportState.DONE, 10, 2)
    assert [(row, column) for row, column, _ in place.rejected(tried)] == [(12, "placed_at"), (13, "status")]
    assert place.ledger.customers_of(place.store) == set()
    assert place.contacts.contact(place.store.account_id, place.store.audience_id, contact_id("p1@example.com")) is None


def test_lines_of_an_order_are_one_order_wherever_the_file_is_cut(database: Database, store: Store) -> None:
    lines = [
        f"{number},2026-11-20T10:00:00Z,10.00,paid,a@example.com,SKU-{number}-{line}\n"
        for number in range(9)
        for line in range(number)
    ]
    content = ("id,placed_at,total,status,email,sku\n" + "".join(lines)).encode()

    for chunk in (1, 50, 120, 1000):
        place = ImportPlace(database, a_store(account_id=f"{store.account_id}-{chunk}"), chunk=chunk)
        done = place.whole(content)

        assert done.counts.accepted == done.rows == len(lines)
        ref = CustomerRef(place.store.account_id, store.audience_id, store.id, contact_id("a@example.com"))
        products = {it.id: it.products for it in place.ledger.orders_of(ref)}
        assert products == {
            str(number): tuple(f"SKU-{number}-{line}" for line in range(number)) for number in range(1, 9)
        }


def test_lines_that_disagree_about_their_order_are_told(place: ImportPlace) -> None:
    content = HEAD + "1,2026-11-20,5.00,paid,a@example.com,\n1,2026-11-20,6.00,,,\n2,2026-11-20,7.00,paid,,\n"

    done = place.whole(content.encode())

    assert (done.counts.accepted, done.counts.rejected) == (1, 2)
    assert place.rejected(done) == [
        (2, "", "Another row of the same order is wrong."),
        (3, "total", "This is not what row 2 says of the same order."),
    ]


def test_a_file_that_is_replaced_meanwhile_is_not_read_on(place: ImportPlace) -> None:
    it = place.upload(orders(40))
    place.cut(it)
    place.files.files[it.upload] = orders(50)

    while place.queue:
        place.work(it, place.queue.pop(0))

    done = place.look(it)
    assert (done.state, done.error, done.counts.read) == (ImportState.FAILED, REPLACED, 0)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "The file has no headings in its first line."),
        (b"email,name\na@b.c,A\n", "The file's first line has no column for id, placed_at, total."),
        (b"PK\x03\x04", "This is no text file in UTF-8 or Windows-1252."),
        ("id,placed_at,total\n".encode("utf-16"), "This is no text file in UTF-8 or Windows-1252."),
        (b"id,placed_at,total,id\n1,2,3,4\n", "The file has more than one column 'id'."),
        (b"id,placed_at,total\r1,2,3\r", "Lines end with a carriage return alone."),
        (b"id,placed_at,total\n" + b"x" * (3 << 20), "Row 2 is longer than 1048576 bytes."),
    ],
)
def test_a_file_of_no_use_is_refused_with_the_reason(content: bytes, error: str, place: ImportPlace) -> None:
    place.files.block = 1 << 20

    done = place.whole(content)

    assert done.state is ImportState.FAILED
    assert done.error
    assert done.error.startswith(error)
    assert place.files.files == {}


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


def test_progress_tells_rate_and_time_left(place: ImportPlace) -> None:
    it = place.upload(orders(40))
    place.cut(it)
    began = place.look(it)
    place.now = NOW + timedelta(seconds=10)

    place.work(it, place.queue.pop(0))

    going = place.look(it)
    read = going.counts.read
    assert (began.rate(), began.time_left()) == (None, None)
    assert going.rate() == pytest.approx(read / 10)
    left = going.time_left()
    assert left
    assert left.total_seconds() == pytest.approx((40 - read) / (read / 10), abs=1e-5)


def test_contacts_get_in_with_consent_and_tags(place: ImportPlace) -> None:
    content = (
        "email,first_name,last_name,tags,consent,consent_at\n"
        'Ada@Example.com,Ada,Lovelace,"vip, news",subscribed,2026-10-01\n'
        "bob@example.com,Bob,,,no,\n"
        "nobody,,,,yes,\n"
        "eve@example.com,,,,perhaps,\n"
    )

    done = place.whole(content.encode(), Kind.CONTACTS)

    assert (done.counts.accepted, done.counts.rejected) == (2, 2)
    assert [(row, column) for row, column, _ in place.rejected(done)] == [(4, "email"), (5, "consent")]
    ada, bob = person(place, "ada@example.com"), person(place, "bob@example.com")
    assert (ada.name, ada.tags, ada.status) == ("Ada Lovelace", ("news", "vip"), ConsentStatus.SUBSCRIBED)
    assert (bob.name, bob.status) == ("Bob", ConsentStatus.NON_SUBSCRIBED)
    again = place.whole(content.encode(), Kind.CONTACTS)
    assert (again.counts.accepted, again.counts.unchanged) == (0, 2)


@pytest.mark.parametrize(
    ("consent", "status"),
    [
        ("subscribed,", ConsentStatus.UNSUBSCRIBED),
        ("subscribed,2026-10-01T12:00:00Z", ConsentStatus.UNSUBSCRIBED),
        ("subscribed,2026-11-02T12:00:00Z", ConsentStatus.SUBSCRIBED),
        ("no,", ConsentStatus.UNSUBSCRIBED),
    ],
)
def test_a_file_lifts_an_opt_out_only_with_a_newer_decision_of_the_person(
    consent: str, status: ConsentStatus, place: ImportPlace
) -> None:
    head = "email,consent,consent_at\n"
    place.whole(f"{head}ada@example.com,unsubscribed,2026-11-01T12:00:00Z\n".encode(), Kind.CONTACTS)

    place.whole(f"{head}ada@example.com,{consent}\n".encode(), Kind.CONTACTS)

    assert person(place, "ada@example.com").status is status


def test_nobody_comes_back_by_a_file_from_before_their_erasure(database: Database, place: ImportPlace) -> None:
    tables = database.tables
    forgetting = Forgetting(database.client, tables.ledger, tables.contacts, tables.rankings)
    ada = ContactRef(place.store.account_id, place.store.audience_id, contact_id("ada@example.com"))
    forgetting.mark(ada, NOW)
    before, after = (NOW - timedelta(days=1)).isoformat(), (NOW + timedelta(days=1)).isoformat()
    bought = [f"{number},{when},5.00,paid,ada@example.com,\n" for number, when in enumerate((before, after))]
    told = [f"ada@example.com,yes,{when}\n" for when in ("", before)]

    contacts = place.whole(f"email,consent,consent_at\n{''.join(told)}".encode(), Kind.CONTACTS)
    orders = place.whole(f"{HEAD}{''.join(bought)}".encode())

    reason = "This is from before the person was erased. It is not kept."
    assert place.rejected(contacts) == [(2, "", reason), (3, "", reason)]
    assert place.rejected(orders) == [(2, "", reason)]
    assert [id_ for id_, _, _ in kept(place)] == ["1"], "a new purchase may bring them back"


def test_lines_of_json_get_in(place: ImportPlace) -> None:
    content = (
        b'{"id": 1, "placed_at": "2026-11-20T10:00:00Z", "status": "paid", "currency": "EUR", "total": "5.00",'
        b' "customer": {"email": "a@example.com"}}\n\nno JSON\n[1]\n'
        b'{"id": 2, "placed_at": "2026-11-20T10:00:00Z", "status": "paid", "currency": "EUR", "total": "5.00",'
        b' "customer": {"email": "nobody"}}'
    )

    done = place.whole(content)

    assert (done.counts.accepted, done.counts.rejected, done.counts.empty, done.rows) == (1, 3, 1, 5)
    assert [(row, column) for row, column, _ in place.rejected(done)] == [(3, ""), (4, ""), (5, "customer.email")]
    people = (
        b'{"email": "a@example.com", "consent": {"status": "subscribed", "at": "2026-11-01T00:00:00Z"}}\n{"a": 1}\n'
    )
    contacts = place.whole(people, Kind.CONTACTS)
    assert (contacts.counts.accepted, contacts.counts.rejected) == (1, 1)
    assert person(place, "a@example.com").status is ConsentStatus.SUBSCRIBED


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
