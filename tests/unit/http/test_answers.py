"""What answers look like."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.http import answers
from laurel.leaderboard.board import BoardPage, CustomerFigures, Place
from laurel.model.account import Account, Audience, Plan, Platform, StoreState
from laurel.model.activity import Activity
from laurel.model.contact import Consent, ConsentStatus
from laurel.model.order import LedgerOrder
from laurel.model.ranking import Figures, Metric, Ranked, Standing
from laurel.model.scoring import ScoreEntry
from laurel.model.setaside import SetAside, SetAsideReason
from laurel.workspace.timeline import TimelineEntry
from tests.support.samples import (
    ACCOUNT,
    ADA_ID,
    AUDIENCE,
    NOW,
    STORE,
    a_contact,
    a_kept_order,
    a_score_entry,
    a_store,
    at,
)

SHOP = a_store()
LIST = Audience(ACCOUNT, AUDIENCE, "Everyone", score_epoch=1, created_at=NOW)
NOVEMBER = SHOP.calendar.period("2026-11")
URL = "https://api.example.com/v1"
COUNT, SPENT, AVERAGE = Metric.ORDERS_COUNT, Metric.TOTAL_SPENT, Metric.AVERAGE_ORDER_VALUE


def a_standing(customer: str = ADA_ID, count: int = 3, spent: int = 10_000, **changes: Any) -> Standing:
    standing = Standing(customer, Figures(count, spent, 1_795_168_800), "Ada King", "ada@example.com")
    return replace(standing, **changes)


# ---- Boards ----------------------------------------------------------------------------------------------------------


def test_a_page_of_a_board() -> None:
    page = BoardPage(NOVEMBER, SPENT, [Ranked(1, a_standing())], {"customer": "x"})

    assert answers.leaderboard(SHOP, page, NOW, "month_to_date", "opaque") == {
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
        "totals": None,
        "rows": [
            {
                "rank": 1,
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

    (row,) = answers.leaderboard(SHOP, page, NOW, None, None)["rows"]

    assert (row["customer"], row["profile"], row["name"], row["email"]) == ("customer-7#", None, None, None)


def test_all_time_has_no_bounds() -> None:
    assert answers.period(SHOP.calendar.period("all"), "UTC") == {
        "id": "all",
        "kind": "all",
        "start": None,
        "end": None,
        "time_zone": "UTC",
    }


@pytest.mark.parametrize(("metric", "gap"), [(COUNT, 2), (SPENT, "100.00"), (AVERAGE, "6.66666667")], ids=str)
def test_the_gap_to_the_next_place_is_told_in_the_metric(metric: Metric, gap: Any) -> None:
    # Given somebody ahead with two purchases and 100 euros more
    ahead = a_standing("ahead", 5, 20_000)
    place = Place(NOVEMBER, metric, Ranked(2, a_standing()), [Ranked(1, ahead)], [], ahead)

    answer = answers.place(SHOP, place, NOW, None)

    assert answer["next_place"] == {"to_customer": "ahead", "gap": gap}
    assert [row["rank"] for row in (*answer["above"], answer["customer"], *answer["below"])] == [1, 2]


def test_the_best_has_no_next_place() -> None:
    place = Place(NOVEMBER, SPENT, Ranked(1, a_standing()), [], [Ranked(2, a_standing("behind"))], None)

    answer = answers.place(SHOP, place, NOW, "year_to_date")

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

    (row,) = answers.leaderboard(a_store(currency=code), page, NOW, None, None)["rows"]

    assert row["average_order_value"] == average


@given(spent=st.integers(0, 10**12), count=st.integers(1, 1000), code=st.sampled_from(["EUR", "JPY", "KWD", "CLF"]))
def test_an_average_is_right_to_the_millionth_of_a_minor_unit(spent: int, count: int, code: str) -> None:
    exponent = {"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4}[code]
    page = BoardPage(NOVEMBER, AVERAGE, [Ranked(1, a_standing(count=count, spent=spent))], None)

    (row,) = answers.leaderboard(a_store(currency=code), page, NOW, None, None)["rows"]

    written = Fraction(Decimal(row["average_order_value"])) * 10**exponent
    assert abs(written - Fraction(spent, count)) <= Fraction(1, 2_000_000)


# ---- CSV -------------------------------------------------------------------------------------------------------------


def test_a_row_of_a_csv_has_the_headers_columns() -> None:
    row = answers.csv_row(SHOP, Ranked(1, a_standing()))

    assert dict(zip(answers.CSV_HEADER, row, strict=True)) == {
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
    row = answers.csv_row(SHOP, Ranked(1, a_standing(name=name, email=f"{name}@example.com")))

    assert row[2:4] == (f"'{name}", f"'{name}@example.com")


def test_other_text_is_left_as_it_is() -> None:
    row = answers.csv_row(SHOP, Ranked(1, a_standing("customer-7", name=None, email=None)))

    assert row[1:4] == ("customer-7", "", "")


# ---- Stores and accounts ---------------------------------------------------------------------------------------------


def test_a_store_is_shown_without_its_secret() -> None:
    assert answers.store(SHOP, URL) == {
        "id": "storeaaaaaaa",
        "audience_id": "audienceaaaa",
        "platform": "shopify",
        "name": "Lamp Shop",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "first_day_of_week": "monday",
        "minimum_purchases": 1,
        "house_account_orders": 20_000,
        "state": "connected",
        "shop_domain": None,
        "webhook_url": f"{URL}/webhooks/accountaaaaa/storeaaaaaaa/shopify",
        "created_at": "2026-01-01T00:00:00Z",
    }


def test_the_secret_is_shown_once() -> None:
    assert answers.connected_store(SHOP, URL) == {
        **answers.store(SHOP, URL),
        "webhook_secret": "the only secret there is",
    }


def test_a_store_fed_by_its_own_client_has_no_webhook() -> None:
    store = a_store(platform=Platform.API, secrets=(), first_day_of_week=7, state=StoreState.DISCONNECTED)

    answer = answers.connected_store(store, URL)

    assert (answer["webhook_url"], answer["webhook_secret"]) == (None, None)
    assert (answer["first_day_of_week"], answer["state"]) == ("sunday", "disconnected")


def test_accounts_and_audiences_keep_their_keys_to_themselves() -> None:
    account = Account("a1", "Lamps Ltd", Plan.STANDARD, "en", "ab" * 32, at("2026-01-01T01:00:00+01:00"))

    assert answers.account(account) == {
        "id": "a1",
        "name": "Lamps Ltd",
        "plan": "standard",
        "monthly_messages": 50_000,
        "locale": "en",
        "postal_address": None,
        "sender_name": None,
        "sender_address": None,
        "quiet_hours": None,
        "daily_messages": None,
        "daily_ceiling": 5_000,
        "created_at": "2026-01-01T00:00:00Z",
    }
    assert answers.audience(Audience("a1", "b1", "Customers", 7, NOW)) == {
        "id": "b1",
        "name": "Customers",
        "created_at": "2026-11-22T12:00:00Z",
    }


def test_what_a_board_leaves_out_is_shown_in_its_own_currency() -> None:
    order = SetAside(SetAsideReason.UNCONVERTED, "1001", ADA_ID, 1, currency="JPY", total=5990, placed_at=1_795_168_800)
    house = SetAside(SetAsideReason.HOUSE_ACCOUNT, ADA_ID, ADA_ID, 7, orders_limit=20_000)

    shown = [answers.set_aside(entry, "EUR") for entry in (order, house)]

    assert [(it["reason"], it["currency"], it["total"], it["placed_at"], it["orders_limit"]) for it in shown] == [
        ("unconverted", "JPY", "5990", "2026-11-20T10:00:00Z", None),
        ("house_account", None, None, None, 20_000),
    ]


def test_a_privacy_request_is_due_after_thirty_days_and_names_nobody() -> None:
    kept = {"id": "r1", "kind": "customer_data", "received_at": 1_795_348_800, "customers": [ADA_ID], "orders": ["1"]}

    assert answers.privacy_request(kept) == {
        "id": "r1",
        "kind": "customer_data",
        "received_at": "2026-11-22T12:00:00Z",
        "due_at": "2026-12-22T12:00:00Z",
        "state": "pending",
        "customers": [ADA_ID],
        "erasure": None,
    }


# ---- Contacts --------------------------------------------------------------------------------------------------------


def test_a_profile_with_figures_and_ranks_of_every_store() -> None:
    contact = a_contact(
        first_name="Ada",
        consent=Consent(ConsentStatus.SUBSCRIBED, at("2026-11-19T10:00:00.5")),
        tags=("early", "vip"),
        score=0,
        score_epoch=1,
    )
    figures = [
        CustomerFigures(SHOP, NOVEMBER, Figures(2, 3000, 1_795_168_800), {SPENT: 4, COUNT: None}),
        CustomerFigures(a_store(id="storebbbbbbb", name="Outlet"), NOVEMBER, None, {}),
    ]

    rebuilds = {STORE: {"rebuilding": False}, "storebbbbbbb": {"rebuilding": True}}
    answer = answers.contact(contact, LIST, figures, "https://example.com/u", rebuilds)

    assert {name: answer[name] for name in ("status", "consent_at", "tags", "score", "first_name", "last_name")} == {
        "status": "subscribed",
        "consent_at": "2026-11-19T10:00:00Z",
        "tags": ["early", "vip"],
        "score": 0,
        "first_name": "Ada",
        "last_name": None,
    }
    first, second = answer["stores"]
    assert first["figures"]["average_order_value"] == "15.00"
    assert first["ranks"] == {"orders_count": None, "average_order_value": None, "total_spent": 4}
    assert (second["store_id"], second["figures"]) == ("storebbbbbbb", None)
    assert (first["rebuilding"], second["rebuilding"]) == (False, True)
    assert answers.contact(a_contact(), LIST, [], None, {})["consent_at"] is None


@pytest.mark.parametrize(("given_under", "shown"), [(None, None), (1, None), (2, 7), (3, 7)])
def test_a_score_from_before_a_reset_is_none(given_under: int | None, shown: int | None) -> None:
    contact = a_contact(score=7, score_epoch=given_under)

    assert answers.contact(contact, replace(LIST, score_epoch=2), [], None, {})["score"] == shown


@pytest.mark.parametrize(
    ("kind", "fact", "shown"),
    [
        (
            "order",
            a_kept_order(refunded=990, number="#1001"),
            {
                "store_id": "store1",
                "order_id": "1001",
                "number": "#1001",
                "status": "paid",
                "test": False,
                "total": "59.90",
                "refunded": "9.90",
                "currency": "EUR",
            },
        ),
        (
            "activity",
            Activity("a1", "email.opened", NOW, {"campaign": "autumn"}),
            {
                "name": "email.opened",
                "properties": {"campaign": "autumn"},
                "machine": None,
                "machine_note": None,
            },
        ),
        (
            "activity",
            Activity("a1", "email.opened", NOW, {}, machine="judged", machine_note="The office firewall"),
            {
                "name": "email.opened",
                "properties": {},
                "machine": "judged",
                "machine_note": "The office firewall",
            },
        ),
        (
            "score",
            a_score_entry(),
            {
                "activity": "email.opened",
                "rule_id": "ruleaaaaaaaa",
                "effect": "add",
                "asked": 5,
                "given": 5,
                "before": None,
                "after": 5,
                "reason": None,
                "by": None,
                "corrects": False,
            },
        ),
        (
            "score",
            a_score_entry(rule_id="person", activity="by_hand", by="ada@example.com", reason="Sorry"),
            {
                "activity": "by_hand",
                "rule_id": None,
                "effect": "add",
                "asked": 5,
                "given": 5,
                "before": None,
                "after": 5,
                "reason": "Sorry",
                "by": "ada@example.com",
                "corrects": False,
            },
        ),
    ],
    ids=["order", "activity", "activity of a machine", "score by a rule", "score by a person"],
)
def test_a_line_of_a_timeline_shows_what_happened(
    kind: str, fact: LedgerOrder | Activity | ScoreEntry, shown: dict[str, Any]
) -> None:
    entry = TimelineEntry(NOW, kind, "id1", fact, "store1")

    assert answers.timeline_entry(entry) == {"at": "2026-11-22T12:00:00Z", "kind": kind, "id": "id1", kind: shown}
