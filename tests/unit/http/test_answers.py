"""What answers look like."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from laurel.http import answers, timeline_out
from laurel.leaderboard.board import CustomerFigures
from laurel.model.account import Account, Audience, Plan, Platform, StoreState
from laurel.model.activity import Activity
from laurel.model.contact import Consent, ConsentStatus
from laurel.model.order import LedgerOrder
from laurel.model.ranking import Figures, Metric
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
COUNT, SPENT = Metric.ORDERS_COUNT, Metric.TOTAL_SPENT


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
        CustomerFigures(
            SHOP, NOVEMBER, Figures(2, 3000, 1_795_168_800), {SPENT: 4, COUNT: None}, estimated=frozenset({SPENT})
        ),
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
    assert first["ranks_exact"] == {"orders_count": True, "average_order_value": True, "total_spent": False}
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

    assert timeline_out.entry(entry, {}) == {"at": "2026-11-22T12:00:00Z", "kind": kind, "id": "id1", kind: shown}
