"""Imports on tables: what becomes of the rows of a file, and which files are of no use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from laurel.imports.columns import Kind
from laurel.imports.run import ImportState
from laurel.model.contact import ConsentStatus, ContactRef
from laurel.model.identity import contact_id
from laurel.model.order import CustomerRef
from laurel.store.forgetting import Forgetting
from tests.support.imports import HEAD, NOW, ImportPlace, kept, orders, person
from tests.support.samples import a_store
from tests.support.tables import Database

if TYPE_CHECKING:
    from laurel.model.account import Store

pytestmark = pytest.mark.integration


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


def test_rows_far_apart_that_describe_one_order_are_recorded_by_their_times(database: Database, store: Store) -> None:
    place = ImportPlace(database, store)
    head = b"id,placed_at,updated_at,total\n"
    rows = [("1", 20, "1.00"), ("2", 20, "2.00"), ("1", 22, "3.00"), ("3", 20, "4.00"), ("1", 21, "5.00")]

    done = place.whole(
        head + b"".join(f"{id_},2026-11-20,2026-11-{day},{total}\n".encode() for id_, day, total in rows)
    )

    assert (done.counts.accepted, done.counts.unchanged) == (4, 1)
    assert kept(place) == [("1", 300, 2), ("2", 200, 1), ("3", 400, 1)]


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
