"""Amounts and times as people and programs write them."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.imports.values import DateOrder, Decimals, Unreadable, amount, date_order_of, decimals_of, flag, instant

BERLIN = ZoneInfo("Europe/Berlin")
POINT, COMMA = Decimals.POINT, Decimals.COMMA


@pytest.mark.parametrize(
    ("text", "decimals", "wanted"),
    [
        ("5", None, "5"),
        ("59.90", None, "59.90"),
        ("59,90", None, "59.90"),
        ("1,234.50", None, "1234.50"),
        ("1.234,50", None, "1234.50"),
        ("1'234.50", None, "1234.50"),
        ("1 234,50", None, "1234.50"),
        ("1\u202f234,50", None, "1234.50"),
        ("1,234,567", None, "1234567"),
        ("1.234", COMMA, "1234"),
        ("1.234", POINT, "1.234"),
        ("€ 5.50", None, "5.50"),
        ("5,50 €", None, "5.50"),
        ("$1,000.00", None, "1000.00"),
        ("-5.00", None, "-5.00"),
        ("-€5.00", None, "-5.00"),
        ("€ -5.00", None, "-5.00"),
        ("EUR 5.00", None, "5.00"),
    ],
)
def test_an_amount_is_read(text: str, decimals: Decimals | None, wanted: str) -> None:
    assert amount(text, decimals) == wanted


@pytest.mark.parametrize(
    ("text", "decimals"),
    [
        ("", None),
        ("free", None),
        ("1.234", None),
        ("1,23,456", None),
        ("5,50", POINT),
        ("5.5.5", None),
        ("1e3", None),
        ("1x5", None),
        ("5 EUR 50", None),
        ("5 6 7", None),
        ("12 34", None),
    ],
)
def test_an_amount_that_is_none_or_may_be_two_is_refused(text: str, decimals: Decimals | None) -> None:
    with pytest.raises(Unreadable) as told:
        amount(text, decimals)

    assert not text or text not in str(told.value)


@given(st.integers(0, 10**9), st.integers(0, 99), st.sampled_from([(".", ","), (",", ".")]))
def test_an_amount_comes_back_as_it_was_written(whole: int, cents: int, marks: tuple[str, str]) -> None:
    written = f"{whole:,}".replace(",", marks[1]) + f"{marks[0]}{cents:02}"

    assert Decimal(amount(written, None)) == Decimal(f"{whole}.{cents:02}")


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (["5", "1.234"], None),
        (["5.00", "1.234"], POINT),
        (["1.234", "1,5"], COMMA),
        (["5.00", "5,00"], None),
        (["1.234.567"], COMMA),
    ],
)
def test_what_a_column_tells_of_decimals(texts: list[str], wanted: Decimals | None) -> None:
    assert decimals_of(texts) is wanted


@pytest.mark.parametrize(
    ("text", "order", "wanted"),
    [
        ("2026-11-20", None, "2026-11-20T00:00:00+01:00"),
        ("2026-07-20 09:30", None, "2026-07-20T09:30:00+02:00"),
        ("2026-11-20T09:30:00Z", None, "2026-11-20T09:30:00+00:00"),
        ("2026-11-20 09:30:15 UTC", None, "2026-11-20T09:30:15+00:00"),
        ("2026-11-20 09:30:15 -0500", None, "2026-11-20T09:30:15-05:00"),
        ("20.11.2026", None, "2026-11-20T00:00:00+01:00"),
        ("20.11.2026 09:30", None, "2026-11-20T09:30:00+01:00"),
        ("20.11.2026, 09:30:15", None, "2026-11-20T09:30:15+01:00"),
        ("11/20/2026 9:30 PM", DateOrder.MONTH_FIRST, "2026-11-20T21:30:00+01:00"),
        ("11/20/2026 12:05 a.m.", DateOrder.MONTH_FIRST, "2026-11-20T00:05:00+01:00"),
        ("20/11/2026", DateOrder.DAY_FIRST, "2026-11-20T00:00:00+01:00"),
        ("03/04/2026", DateOrder.MONTH_FIRST, "2026-03-04T00:00:00+01:00"),
    ],
)
def test_a_time_is_read_in_the_stores_zone_unless_it_has_one(text: str, order: DateOrder | None, wanted: str) -> None:
    assert instant(text, BERLIN, order) == wanted


@pytest.mark.parametrize("text", ["", "soon", "03/04/2026", "31.02.2026", "20.11.2026 25:00", "2026-11-20T09:30Z UTC"])
def test_a_time_that_is_none_or_may_be_two_is_refused(text: str) -> None:
    with pytest.raises(Unreadable) as told:
        instant(text, BERLIN, None)

    assert not text or text not in str(told.value)


def test_what_a_column_tells_of_dates() -> None:
    assert date_order_of(["01/02/2026", "2026-11-20"]) is None
    assert date_order_of(["01/02/2026", "13/02/2026"]) is DateOrder.DAY_FIRST
    assert date_order_of(["01/02/2026", "02/13/2026"]) is DateOrder.MONTH_FIRST


@pytest.mark.parametrize(("text", "wanted"), [("Yes", True), ("1", True), (" no ", False), ("FALSE", False)])
def test_a_yes_or_no_is_read(text: str, wanted: bool) -> None:
    assert flag(text) is wanted
