"""What boards look like in answers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.http import boards_out, figures_out
from laurel.leaderboard.board import BoardPage, Place
from laurel.model.ranking import Figures, Metric, Ranked, Standing
from tests.support.samples import ADA_ID, NOW, a_store

SHOP = a_store()
NOVEMBER = SHOP.calendar.period("2026-11")
COUNT, SPENT, AVERAGE = Metric.ORDERS_COUNT, Metric.TOTAL_SPENT, Metric.AVERAGE_ORDER_VALUE


def a_standing(customer: str = ADA_ID, count: int = 3, spent: int = 10_000, **changes: Any) -> Standing:
    standing = Standing(customer, Figures(count, spent, 1_795_168_800), "Ada King", "ada@example.com")
    return replace(standing, **changes)


# ---- Boards ----------------------------------------------------------------------------------------------------------


def test_a_page_of_a_board() -> None:
    page = BoardPage(NOVEMBER, SPENT, [Ranked(1, a_standing())], {"customer": "x"})

    assert boards_out.leaderboard(SHOP, page, NOW, "month_to_date", "opaque") == {
        "store": {"id": "storeaaaaaaa", "name": "Lamp Shop", "currency": "EUR"},
        "rank_by": "total_spent",
        "time_frame": "month_to_date",
        "period": {
            "id": "2026-11",
            "kind": "month",
            "start": "2026-11-01T00:00:00+01:00",
            "end": "2026-12-01T00:00:00+01:00",
            "time_zone": "Europe/Berlin",
        },
        "as_of": "2026-11-22T12:00:00Z",
        "movement_since": None,
        "view": "now",
        "totals": None,
        "percentiles": None,
        "rows": [
            {
                "rank": 1,
                "rank_exact": True,
                "customer": ADA_ID,
                "name": "Ada King",
                "email": "ada@example.com",
                "orders_count": 3,
                "total_spent": "100.00",
                "average_order_value": "33.33333333",
                "currency": "EUR",
                "last_order_at": "2026-11-20T10:00:00Z",
                "profile": f"/v1/audiences/audienceaaaa/contacts/{ADA_ID}",
                "movement": None,
            }
        ],
        "next_cursor": "opaque",
    }


def test_a_customer_without_an_address_has_no_profile() -> None:
    page = BoardPage(NOVEMBER, SPENT, [Ranked(1, a_standing("customer-7#", name=None, email=None))], None)

    (row,) = boards_out.leaderboard(SHOP, page, NOW, None, None)["rows"]

    assert (row["customer"], row["profile"], row["name"], row["email"]) == ("customer-7#", None, None, None)


@pytest.mark.parametrize(("metric", "gap"), [(COUNT, 2), (SPENT, "100.00"), (AVERAGE, "6.66666667")], ids=str)
def test_the_gap_to_the_next_place_is_told_in_the_metric(metric: Metric, gap: Any) -> None:
    # Given somebody ahead with two purchases and 100 euros more
    ahead = a_standing("ahead", 5, 20_000)
    place = Place(NOVEMBER, metric, Ranked(2, a_standing()), [Ranked(1, ahead)], [], ahead)

    answer = boards_out.place(SHOP, place, NOW, None)

    assert answer["next_place"] == {"to_customer": "ahead", "gap": gap}
    assert [row["rank"] for row in (*answer["above"], answer["customer"], *answer["below"])] == [1, 2]


def test_the_best_has_no_next_place() -> None:
    place = Place(NOVEMBER, SPENT, Ranked(1, a_standing()), [], [Ranked(2, a_standing("behind"))], None)

    answer = boards_out.place(SHOP, place, NOW, "year_to_date")

    assert (answer["next_place"], answer["time_frame"], answer["below"][0]["rank"]) == (None, "year_to_date", 2)


@pytest.mark.parametrize(
    ("spent", "count", "code", "average"),
    [
        (10_000, 3, "EUR", "33.33333333"),
        (10_000, 4, "EUR", "25.00"),
        (10_001, 4, "EUR", "25.0025"),
        (1, 3, "EUR", "0.00333333"),
        (0, 3, "EUR", "0.00"),
        (10_000, 3, "JPY", "3333.333333"),
        (10_000, 4, "JPY", "2500"),
        (10_000, 4, "KWD", "2.500"),
        (10_001, 3, "KWD", "3.333666667"),
    ],
)
def test_an_average_has_its_currencys_decimals_and_more_only_where_they_say_something(
    spent: int, count: int, code: str, average: str
) -> None:
    page = BoardPage(NOVEMBER, AVERAGE, [Ranked(1, a_standing(count=count, spent=spent))], None)

    (row,) = boards_out.leaderboard(a_store(currency=code), page, NOW, None, None)["rows"]

    assert row["average_order_value"] == average


@given(spent=st.integers(0, 10**12), count=st.integers(1, 1000), code=st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_an_average_is_right_to_the_millionth_of_a_minor_unit(spent: int, count: int, code: str) -> None:
    exponent = {"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4}[code]
    page = BoardPage(NOVEMBER, AVERAGE, [Ranked(1, a_standing(count=count, spent=spent))], None)

    (row,) = boards_out.leaderboard(a_store(currency=code), page, NOW, None, None)["rows"]

    written = Fraction(Decimal(row["average_order_value"])) * 10**exponent
    assert abs(written - Fraction(spent, count)) <= Fraction(1, 2_000_000)


# ---- CSV -------------------------------------------------------------------------------------------------------------


def test_a_row_of_a_csv_has_the_headers_columns() -> None:
    row = boards_out.csv_row(SHOP, Ranked(1, a_standing()))

    assert dict(zip(boards_out.CSV_HEADER, row, strict=True)) == {
        "rank": "1",
        "customer": ADA_ID,
        "name": "Ada King",
        "email": "ada@example.com",
        "orders_count": "3",
        "total_spent": "100.00",
        "average_order_value": "33.33333333",
        "currency": "EUR",
        "last_order_at": "2026-11-20T10:00:00Z",
    }


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")'])
def test_text_that_a_spreadsheet_would_run_is_quoted(name: str) -> None:
    row = boards_out.csv_row(SHOP, Ranked(1, a_standing(name=name, email=f"{name}@example.com")))

    assert row[2:4] == (f"'{name}", f"'{name}@example.com")


def test_other_text_is_left_as_it_is() -> None:
    row = boards_out.csv_row(SHOP, Ranked(1, a_standing("customer-7", name=None, email=None)))

    assert row[1:4] == ("customer-7", "", "")


def test_all_time_has_no_bounds() -> None:
    assert figures_out.period(SHOP.calendar.period("all"), "UTC") == {
        "id": "all",
        "kind": "all",
        "start": None,
        "end": None,
        "time_zone": "UTC",
    }
