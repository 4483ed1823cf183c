"""A file with forty deliberate faults: every good row gets in, every bad row is told by number, column and reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from laurel.imports.run import ImportState
from laurel.model.identity import contact_id
from laurel.model.order import CustomerRef
from tests.support.imports import ImportPlace

if TYPE_CHECKING:
    from laurel.model.account import Store
    from tests.support.tables import Database

pytestmark = pytest.mark.integration

HEADINGS = "id,number,placed_at,updated_at,status,currency,total,refunded,test,customer_id,email,first_name,tags,sku"
MANY_TAGS = "/".join(str(number) for number in range(51)).replace("/", ",")
DATE, LATER = "2026-11-20T10:00:00+01:00", "2026-11-21T10:00:00+01:00"
NOT_MONEY = "This is not an amount of money."
NOT_A_TIME = "This is not a date and time, such as 2026-11-22T10:30:00+01:00."
NOT_OPEN = "The quotes of this row are not closed, or stand where none may."
STATUSES = (
    "This is no status. There are: authorized, cancelled, paid, partially_paid, partially_refunded, pending, refunded, "
    "voided."
)
LONG = "Value should have at most 100 items after validation, not 101"
AMOUNT = r"String should match pattern '^[0-9]{1,13}(\.[0-9]{1,4})?$'"
EMAIL = r"String should match pattern '^[^@\s]+@[^@\s]+$'"


def row(**cells: str) -> bytes:
    """A good row, apart from these cells."""
    given = {"id": "x", "placed_at": DATE, "status": "paid", "currency": "EUR", "total": "10.00", "email": "a@b.c"}
    values = [(given | cells).get(heading, "") for heading in HEADINGS.split(",")]
    return ",".join(f'"{value}"' if "," in value else value for value in values).encode()


FAULTS: list[tuple[bytes, str, str]] = [
    (row(id=""), "id", "Field required"),
    (row(id="a/b"), "id", r"String should match pattern '^[^/\x00-\x1f]+$'"),
    (row(id="9" * 101), "id", LONG),
    (row(number="9" * 101), "number", LONG),
    (row(placed_at=""), "placed_at", "Field required"),
    (row(placed_at="yesterday"), "placed_at", NOT_A_TIME),
    (row(placed_at="2026-02-30"), "placed_at", NOT_A_TIME),
    (row(placed_at="2026-11-20 25:00:00"), "placed_at", NOT_A_TIME),
    (row(placed_at="1066-10-14T09:00:00Z"), "placed_at", "must be between 1971 and 2199"),
    (row(placed_at="11/10/2026"), "placed_at", "This may begin with the day or the month. Say with date_order which."),
    (row(placed_at="31.13.2026"), "placed_at", NOT_A_TIME),
    (row(placed_at="20.11.2026 noon"), "placed_at", "This has no time that can be read."),
    (row(placed_at="20.11.2026 13:00 pm"), "placed_at", "This has no time that can be read."),
    (row(placed_at="2026-11-20T10:00:00+01:00 UTC"), "placed_at", "This has two offsets."),
    (row(updated_at="soon"), "updated_at", NOT_A_TIME),
    (row(status="perhaps"), "status", STATUSES),
    (row(currency="E"), "currency", "String should have at least 3 characters"),
    (row(currency="EURO"), "currency", "String should have at most 3 characters"),
    (row(currency="ZZZ"), "currency", "'ZZZ' is not an ISO 4217 currency code."),
    (row(currency="USD"), "", "The order is in USD, but the store sells in EUR."),
    (row(total=""), "total", "Field required"),
    (row(total="free"), "total", NOT_MONEY),
    (row(total="-10.00"), "total", AMOUNT),
    (row(total="1,0.00"), "total", NOT_MONEY),
    (row(total="10,00"), "total", "This is not written like the other amounts, which have a decimal point."),
    (row(total="1,00,000.00"), "total", NOT_MONEY),
    (row(total="10.0005"), "total", "'10.0005' has more decimals than EUR has (2)."),
    (row(total="9" * 14), "total", AMOUNT),
    (row(refunded="all"), "refunded", NOT_MONEY),
    (row(refunded="-1.00"), "refunded", AMOUNT),
    (row(test="maybe"), "test", "This is neither true nor false."),
    (row(email="nobody"), "email", EMAIL),
    (row(email="a@b@c.d"), "email", EMAIL),
    (row(first_name="A" * 101), "first_name", LONG),
    (row(tags=MANY_TAGS), "tags", "List should have at most 50 items after validation, not 51"),
    (row(customer_id="c/d"), "customer_id", r"String should match pattern '^[^/\x00-\x1f]+$'"),
    (row() + b",more", "", "This row has 15 fields, but there are 14 headings."),
    (b"x,,2026-11-20", "", "This row has 3 fields, but there are 14 headings."),
    (row(email="m\u00fc@b.c").decode().encode("cp1252"), "", "This row is not written in UTF-8."),
    (b'"x" y' + row()[1:], "", NOT_OPEN),
]
"""Each fault's row, its column, and the reason that is told."""


def test_there_are_forty() -> None:
    assert len(FAULTS) == 40
    assert len({it for it, _, _ in FAULTS}) == 40


@pytest.mark.parametrize("chunk", [1, 1000, 1 << 17])
def test_every_good_row_gets_in_and_every_bad_row_is_told(chunk: int, database: Database, store: Store) -> None:
    place = ImportPlace(database, store, chunk=chunk)
    good = [row(id=str(number), email="ada@example.com", total="12.50") for number in range(len(FAULTS) + 1)]
    lines = [HEADINGS.encode(), good[0]]
    for (bad, _, _), fine in zip(FAULTS, good[1:], strict=True):
        lines += [bad, fine]

    done = place.whole(b"\r\n".join(lines) + b"\r\n\r\n", encoding="utf-8", decimals="point")

    told = [(3 + 2 * index, column, reason) for index, (_, column, reason) in enumerate(FAULTS)]
    assert place.rejected(done) == told
    assert done.state is ImportState.DONE
    assert (done.rows, done.counts.read) == (82, 82)
    assert (done.counts.accepted, done.counts.rejected, done.counts.unchanged, done.counts.empty) == (41, 40, 0, 1)
    ref = CustomerRef(store.account_id, store.audience_id, store.id, contact_id("ada@example.com"))
    assert {(it.id, it.total) for it in place.ledger.orders_of(ref)} == {(str(number), 1250) for number in range(41)}
    assert place.ledger.customers_of(store) == {ref.customer}
