"""Boards: metrics, time frames, named periods, ties, pages, CSV, and one customer's place."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from tests.support.shop import ADA, BEN, CLEO, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

CSV = {"Accept": "text/csv"}
MAY = "2026-05-04T10:00:00+02:00"


def send(tenant: Tenant, store: Any, *orders: dict[str, Any]) -> None:
    results = tenant.owner.ok("recordOrders", store=store["id"], body={"orders": list(orders)})["results"]
    assert {it["outcome"] for it in results} == {"accepted"}


def board(tenant: Tenant, store: Any, **query: Any) -> Any:
    return tenant.owner.ok("getLeaderboard", store=store["id"], query=query)


def ranks(page: Any, value: str = "total_spent") -> list[tuple[int, str, Any]]:
    return [(row["rank"], row["email"], row[value]) for row in page["rows"]]


@pytest.fixture(scope="module")
def shop(api: Gateway) -> tuple[Tenant, Any]:
    """A store with a minimum of two purchases and, in May 2026, three customers who lead a board each."""
    tenant = api.tenant()
    store = tenant.connect(minimum_purchases=2)
    placed = {"placed_at": MAY}
    send(
        tenant,
        store,
        *(order(f"a{n}", ADA, "10.00", **placed) for n in range(3)),
        order("b1", BEN, "50.00", **placed),
        *(order(f"c{n}", CLEO, "12.50", **placed) for n in range(2)),
    )
    api.settle()
    return tenant, store


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("orders_count", [(1, ADA, 3), (2, CLEO, 2), (3, BEN, 1)]),
        ("total_spent", [(1, BEN, "50.00"), (2, ADA, "30.00"), (3, CLEO, "25.00")]),
        ("average_order_value", [(1, CLEO, "12.50"), (2, ADA, "10.00")]),
    ],
)
@pytest.mark.parametrize("period", ["2026-W19", "2026-05", "2026-Q2", "2026", "all"])
def test_a_board_ranks_by_its_metric_in_every_kind_of_period(
    period: str, metric: str, expected: Any, shop: tuple[Tenant, Any]
) -> None:
    page = board(*shop, rank_by=metric, period=period)

    assert ranks(page, metric) == expected
    assert (page["rank_by"], page["time_frame"], page["period"]["id"]) == (metric, None, period)
    assert (page["totals"], page["next_cursor"]) == (None, None)


@pytest.mark.parametrize("period", ["2026-W18", "2026-W20", "2026-04", "2026-06", "2026-Q1", "2025", "2027"])
def test_other_periods_stay_empty(period: str, shop: tuple[Tenant, Any]) -> None:
    assert board(*shop, period=period)["rows"] == []


def test_a_row_tells_who_and_when(shop: tuple[Tenant, Any]) -> None:
    tenant, store = shop
    row = board(tenant, store, period="2026-05")["rows"][0]

    assert row == {
        "rank": 1,
        "rank_exact": True,
        "customer": contact_id(BEN),
        "name": None,
        "email": BEN,
        "orders_count": 1,
        "total_spent": "50.00",
        "average_order_value": "50.00",
        "currency": "EUR",
        "last_order_at": "2026-05-04T08:00:00Z",
        "profile": f"/v1/audiences/{tenant.audience_id}/contacts/{contact_id(BEN)}",
        "movement": None,
        "tier": None,
    }


@pytest.mark.parametrize("frame", TimeFrame)
def test_a_time_frame_starts_with_its_first_second_and_ends_before_the_next(
    frame: TimeFrame, api: Gateway, tenant: Tenant
) -> None:
    store = tenant.connect(time_zone="America/Sao_Paulo", first_day_of_week="sunday")
    period = board(tenant, store, time_frame=frame.value)["period"]
    if frame is TimeFrame.ALL_TIME:
        assert (period["start"], period["end"]) == (None, None)
        return
    start, end = (datetime.fromisoformat(period[bound]) for bound in ("start", "end"))
    second = timedelta(seconds=1)
    times = {"before": start - second, "first": start, "last": end - second, "after": end}

    send(tenant, store, *(order(name, f"{name}@example.com", placed_at=at.isoformat()) for name, at in times.items()))
    api.settle()

    shown = {email for _, email, _ in ranks(board(tenant, store, time_frame=frame.value))}
    assert shown == {"first@example.com", "last@example.com"}
    named = board(tenant, store, period=period["id"])
    assert (named["period"], named["time_frame"]) == (period, None)
    assert {email for _, email, _ in ranks(named)} == shown
    if frame.value.startswith("last_"):
        assert end <= datetime.now(UTC)
    else:
        assert start <= datetime.now(UTC) < end


def test_without_parameters_it_is_what_was_spent_this_month(shop: tuple[Tenant, Any]) -> None:
    page = board(*shop)

    assert (page["rank_by"], page["time_frame"], page["period"]["kind"]) == ("total_spent", "month_to_date", "month")
    assert page["period"]["time_zone"] == "Europe/Berlin"
    assert page["store"] == {"id": shop[1]["id"], "name": "Shop", "currency": "EUR"}


@pytest.fixture(scope="module")
def crowd(api: Gateway) -> tuple[Tenant, Any]:
    """Twenty-five customers in May 2026, many of them equal."""
    tenant = api.tenant()
    store = tenant.connect()
    crowd = [
        order(str(n), f"c{n:02}@example.com", f"{n // 4}.00", placed_at=f"2026-05-04T10:00:{n % 3:02}Z")
        for n in range(25)
    ]
    send(tenant, store, *crowd)
    api.settle()
    return tenant, store


@pytest.mark.parametrize("metric", Metric)
@pytest.mark.parametrize("limit", [1, 4, 7, 25])
def test_pages_make_up_the_whole_board(limit: int, metric: Metric, crowd: tuple[Tenant, Any]) -> None:
    whole = board(*crowd, period="2026-05", rank_by=metric.value)["rows"]
    paged: list[Any] = []
    query: dict[str, Any] = {"period": "2026-05", "rank_by": metric.value, "limit": limit}
    while True:
        page = board(*crowd, **query)
        assert len(page["rows"]) <= limit
        paged += page["rows"]
        if not page["next_cursor"]:
            break
        query["cursor"] = page["next_cursor"]

    assert sorted(paged, key=lambda row: row["customer"]) == sorted(whole, key=lambda row: row["customer"])
    assert [row["rank"] for row in paged] == [row["rank"] for row in whole]
    for better, worse in pairwise(paged):
        assert better["last_order_at"] >= worse["last_order_at"] or better["rank"] < worse["rank"]


def test_equal_values_share_a_rank(crowd: tuple[Tenant, Any]) -> None:
    rows = ranks(board(*crowd, period="2026-05"))

    better_than = {value: sum(float(other) > float(value) for _, _, other in rows) for _, _, value in rows}
    assert [rank for rank, _, _ in rows] == [better_than[value] + 1 for _, _, value in rows]


def test_a_cursor_is_good_for_its_own_board_only(api: Gateway, crowd: tuple[Tenant, Any]) -> None:
    tenant, store = crowd
    other = tenant.connect()
    first = {"period": "2026-05", "limit": 2}
    cursor = board(tenant, store, **first)["next_cursor"]

    def problem(in_store: Any = store, **query: Any) -> tuple[int, str]:
        answer = tenant.owner("getLeaderboard", store=in_store["id"], query={**first, "cursor": cursor, **query})
        return answer.status, answer.problem

    altered = ("B" if cursor[0] == "A" else "A") + cursor[1:]
    assert problem(rank_by="orders_count") == (400, "invalid-cursor")
    assert problem(period="2026") == (400, "invalid-cursor")
    assert problem(other) == (400, "invalid-cursor")
    for forged in (altered, cursor[:-4], cursor + "AAAA", "x", "ü", "%00", "a" * 3000, "bnVsbA"):
        assert problem(cursor=forged) == (400, "invalid-cursor")


@pytest.mark.parametrize(
    "query",
    [
        {"period": "2026-05", "time_frame": "last_week"},
        {"period": ""},
        {"period": "2026-13"},
        {"period": "2026-W54"},
        {"period": "2026-Q5"},
        {"period": "0000"},
        {"period": "9999"},
        {"period": "set-aside"},
        {"period": "2026-05#x"},
        {"time_frame": "yesterday"},
        {"time_frame": ""},
        {"rank_by": "beauty"},
        {"rank_by": ""},
    ],
)
def test_a_board_refuses(query: dict[str, str], shop: tuple[Tenant, Any]) -> None:
    tenant, store = shop
    for operation, path in (("getLeaderboard", {}), ("getPlace", {"customer": contact_id(ADA)})):
        answer = tenant.owner(operation, store=store["id"], **path, query=query)

        assert (answer.status, answer.problem) == (422, "invalid-input")


def test_an_unknown_store_is_not_found_while_another_is_connected(shop: tuple[Tenant, Any]) -> None:
    answer = shop[0].owner("getLeaderboard", store="none")

    assert (answer.status, answer.problem) == (404, "not-found")


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_the_board_as_csv(shop: tuple[Tenant, Any]) -> None:
    tenant, store = shop
    answer = tenant.owner("getLeaderboard", store=store["id"], query={"period": "2026-05"}, headers=CSV)

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="total_spent-2026-05.csv"'
    assert "link" not in answer.headers
    assert read(answer.text)[:2] == [
        ["rank", "customer", "name", "email", "orders_count", "total_spent", "average_order_value", "currency",
         "last_order_at"],
        ["1", contact_id(BEN), "", BEN, "1", "50.00", "50.00", "EUR", "2026-05-04T08:00:00Z"],
    ]  # fmt: skip


def test_csv_goes_on_where_its_link_says(crowd: tuple[Tenant, Any]) -> None:
    tenant, store = crowd
    whole = tenant.owner("getLeaderboard", store=store["id"], query={"period": "2026-05"}, headers=CSV)
    rows: list[list[str]] = []
    query: dict[str, Any] | None = {"period": "2026-05", "limit": 10}
    while query:
        page = tenant.owner("getLeaderboard", store=store["id"], query=query, headers=CSV)
        rows += read(page.text)[1:]
        link = re.fullmatch(r'<\?(.+)>; rel="next"', page.headers.get("link", ""))
        query = dict(parse_qsl(link[1])) if link else None

    assert sorted(rows) == sorted(read(whole.text)[1:])


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@cmd", '=HYPERLINK("http://x","y")', 'He said "hi", twice'])
def test_csv_runs_nothing_in_a_spreadsheet(name: str, api: Gateway, tenant: Tenant, store: Any) -> None:
    send(tenant, store, order("1", placed_at=MAY, customer={"email": ADA, "first_name": name}))
    api.settle()

    answer = tenant.owner("getLeaderboard", store=store["id"], query={"period": "all"}, headers=CSV)

    (row,) = read(answer.text)[1:]
    assert row[2] == (name if name.startswith("He") else f"'{name}")


def test_a_place_shows_the_neighbours_and_what_is_missing(crowd: tuple[Tenant, Any]) -> None:
    tenant, store = crowd
    rows = board(tenant, store, period="2026-05")["rows"]
    index = 12

    place = tenant.owner.ok(
        "getPlace", store=store["id"], customer=rows[index]["customer"], query={"period": "2026-05"}
    )

    rank = rows[index]["rank"]
    assert place["customer"] == rows[index]
    assert len(place["above"]) == len(place["below"]) == 5
    around = [*place["above"], place["customer"], *place["below"]]
    assert len({row["customer"] for row in around}) == 11
    assert all(row in rows for row in around)
    assert [row["rank"] for row in around] == [row["rank"] for row in sorted(around, key=lambda row: row["rank"])]
    assert {row["rank"] for row in around} == {rank - 4, rank, rank + 4}
    assert place["next_place"]["gap"] == "1.00"
    assert place["period"]["id"] == "2026-05"


@pytest.mark.parametrize(
    ("metric", "customer", "gap"),
    [
        ("orders_count", BEN, {"to_customer": contact_id(CLEO), "gap": 1}),
        ("total_spent", ADA, {"to_customer": contact_id(BEN), "gap": "20.00"}),
        ("average_order_value", ADA, {"to_customer": contact_id(CLEO), "gap": "2.50"}),
        ("total_spent", BEN, None),
    ],
)
def test_the_gap_is_told_in_the_metric(metric: str, customer: str, gap: Any, shop: tuple[Tenant, Any]) -> None:
    tenant, store = shop
    query = {"period": "all", "rank_by": metric}

    assert (
        tenant.owner.ok("getPlace", store=store["id"], customer=contact_id(customer), query=query)["next_place"] == gap
    )


def test_who_is_not_on_the_board_has_no_place(shop: tuple[Tenant, Any]) -> None:
    tenant, store = shop
    under_minimum = {"period": "all", "rank_by": "average_order_value"}

    for customer, query in ((BEN, under_minimum), (BEN, {"period": "2025"}), ("x@example.com", {"period": "all"})):
        answer = tenant.owner("getPlace", store=store["id"], customer=contact_id(customer), query=query)
        assert (answer.status, answer.problem) == (404, "not-found")
