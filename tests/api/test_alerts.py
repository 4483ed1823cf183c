"""Alerts over the API: listed with names, put off and settled; and what is watched for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from laurel.model.alert import AlertKind, AlertState, RankDrop, Resolution, ScoreDrop, SpendDrop
from laurel.model.ranking import Metric
from tests.support.alerts import raised
from tests.support.shop import ADA, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

RULES = {
    "score_falling": {"points": 50, "percent": None},
    "digest": "daily",
    "stores": [],
}
DEFAULTS = {
    "watch": {"rank_by": "total_spent", "period": "month", "first": 200},
    "left_first": 50,
    "rank_fell": 100,
    "spend_down": {"percent": 50, "period": "quarter"},
    "overdue": True,
}


@pytest.fixture
def path(tenant: Tenant) -> dict[str, str]:
    return {"audience": tenant.audience_id}


def test_an_alert_says_who_why_and_how_much_they_are_worth(
    api: Gateway, tenant: Tenant, store: Any, path: dict[str, str]
) -> None:
    person = {"email": ADA, "first_name": "Ada", "last_name": "Lovelace"}
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1", customer=person))
    alert = raised(api, tenant, store["id"])

    listed = tenant.as_(Role.VIEWER).ok("listAlerts", **path)

    assert (listed["total"], listed["next_cursor"]) == (1, None)
    (shown,) = listed["alerts"]
    assert shown == {
        "id": alert.id,
        "kind": "overdue",
        "state": "open",
        "store_id": store["id"],
        "customer": contact_id(ADA),
        "name": "Ada Lovelace",
        "email": ADA,
        "profile": f"/v1/audiences/{tenant.audience_id}/contacts/{contact_id(ADA)}",
        "reason": {
            "last_purchase": shown["reason"]["last_purchase"],
            "purchases": 6,
            "usual_days": 30,
            "late_after": 43,
            "late_since": shown["reason"]["late_since"],
        },
        "worth": "123.45",
        "currency": "EUR",
        "fell_at": shown["fell_at"],
        "opened_at": shown["opened_at"],
        "snoozed_until": None,
        "resolved_at": None,
        "resolution": None,
    }


@pytest.mark.parametrize(
    ("kind", "reason", "shown"),
    [
        (
            AlertKind.LEFT_FIRST,
            RankDrop(Metric.TOTAL_SPENT, "2026-09", "2026-10", 12, None, 88, 50),
            {"rank_by": "total_spent", "rank_before": 12, "rank": None, "ranks_lost": 88, "asked": 50},
        ),
        (
            AlertKind.RANK_FELL,
            RankDrop(Metric.ORDERS_COUNT, "2026-09", "2026-10", 12, 212, 200, 100),
            {"rank_by": "orders_count", "period_before": "2026-09", "period": "2026-10", "rank": 212},
        ),
        (
            AlertKind.SPEND_DOWN,
            SpendDrop("2026-Q3", "2026-Q4", 30_000, 9_999, 46, 50),
            {"spent_before": "300.00", "spent": "99.99", "percent": 66, "days": 46, "asked": 50},
        ),
        (
            AlertKind.SPEND_DOWN,
            SpendDrop("2026-Q2", "2026-Q3", 30_000, 0, None, 50),
            {"spent": "0.00", "percent": 100, "days": None},
        ),
        (
            AlertKind.SCORE_FALLING,
            ScoreDrop(200, None, 30),
            {"score_before": 200, "score": None, "points": 200, "percent": 100, "days": 30},
        ),
        (AlertKind.SCORE_FALLING, ScoreDrop(200, 90, 30), {"score": 90, "points": 110, "percent": 55}),
    ],
)
def test_every_reason_is_told_in_data(
    api: Gateway, tenant: Tenant, store: Any, path: dict[str, str], kind: AlertKind, reason: Any, shown: dict[str, Any]
) -> None:
    raised(api, tenant, store["id"], kind=kind, reason=reason)

    (alert,) = tenant.owner.ok("listAlerts", **path)["alerts"]

    assert alert["kind"] == kind.value
    assert shown.items() <= alert["reason"].items()
    assert (alert["name"], alert["email"]) == (None, None), "nobody of that id is known"


def test_a_buyer_who_is_known_by_number_only_has_the_name_that_the_board_shows(
    api: Gateway, tenant: Tenant, store: Any, path: dict[str, str]
) -> None:
    number = {"id": "77", "first_name": "Bob", "last_name": "Berg"}
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1", customer=number))
    api.settle()
    raised(api, tenant, store["id"], customer="customer-77")

    (alert,) = tenant.owner.ok("listAlerts", **path)["alerts"]

    assert (alert["customer"], alert["name"], alert["profile"]) == ("customer-77", "Bob Berg", None)


def test_two_stores_that_number_their_buyers_alike_mean_two_people(
    api: Gateway, tenant: Tenant, path: dict[str, str]
) -> None:
    for name in ("Bob", "Cleo"):
        connected = tenant.connect(name=f"{name}'s")
        buyer = {"id": "77", "first_name": name, "last_name": "Berg"}
        tenant.owner.ok("recordOrders", store=connected["id"], body=order("1", customer=buyer))
        raised(api, tenant, connected["id"], customer="customer-77")
    api.settle()

    shown = tenant.owner.ok("listAlerts", **path)["alerts"]

    stores = {it["id"]: it["name"] for it in tenant.owner.ok("listStores")["stores"]}
    assert sorted((stores[it["store_id"]], it["name"]) for it in shown) == [
        ("Bob's", "Bob Berg"),
        ("Cleo's", "Cleo Berg"),
    ]


def test_alerts_are_listed_page_by_page_who_is_worth_most_first(
    api: Gateway, tenant: Tenant, store: Any, path: dict[str, str]
) -> None:
    for number, worth in enumerate((3, 900, 70)):
        raised(api, tenant, store["id"], f"{number}@example.com", worth=worth)

    first = tenant.owner.ok("listAlerts", **path, query={"limit": 2})
    rest = tenant.owner.ok("listAlerts", **path, query={"limit": 2, "cursor": first["next_cursor"]})

    assert [it["worth"] for it in (*first["alerts"], *rest["alerts"])] == ["9.00", "0.70", "0.03"]
    assert (first["total"], rest["next_cursor"]) == (3, None)
    other = {"state": "resolved", "cursor": first["next_cursor"]}
    assert tenant.owner("listAlerts", **path, query=other).problem == "invalid-cursor"


def test_an_alert_is_put_off_settled_and_taken_back(
    api: Gateway, tenant: Tenant, store: Any, path: dict[str, str]
) -> None:
    alert = {**path, "alert": raised(api, tenant, store["id"]).id}
    marketer = tenant.as_(Role.MARKETER)
    until = (datetime.now(UTC) + timedelta(days=7)).replace(microsecond=0).isoformat().replace("+00:00", "Z")

    snoozed = marketer.ok("changeAlert", **alert, body={"state": "snoozed", "snoozed_until": until})
    assert (snoozed["state"], snoozed["snoozed_until"]) == ("snoozed", until)
    resolved = marketer.ok("changeAlert", **alert, body={"state": "resolved"})
    assert (resolved["resolution"], resolved["snoozed_until"]) == ("by_hand", None)
    counts = {it.value: tenant.owner.ok("listAlerts", **path, query={"state": it.value})["total"] for it in AlertState}
    assert counts == {"open": 0, "snoozed": 0, "resolved": 1}
    assert marketer.ok("changeAlert", **alert, body={"state": "open"})["resolved_at"] is None
    assert tenant.as_(Role.VIEWER)("changeAlert", **alert, body={"state": "open"}).status == 403


def test_what_ended_by_itself_is_not_opened_by_hand(
    api: Gateway, tenant: Tenant, store: Any, path: dict[str, str]
) -> None:
    over = {"resolution": Resolution.RETURNED, "resolved_at": datetime.now(UTC)}
    alert = raised(api, tenant, store["id"], state=AlertState.RESOLVED, **over)

    answer = tenant.owner("changeAlert", **path, alert=alert.id, body={"state": "open"})

    assert (answer.status, answer.problem) == (409, "conflict")


@pytest.mark.parametrize(
    "body", [{"state": "snoozed"}, {"state": "open", "snoozed_until": "2199-01-01T00:00:00Z"}, {"state": "gone"}, {}]
)
def test_changes_that_make_no_sense_are_refused(
    api: Gateway, tenant: Tenant, store: Any, path: dict[str, str], body: dict[str, str]
) -> None:
    alert = raised(api, tenant, store["id"])

    assert tenant.owner("changeAlert", **path, alert=alert.id, body=body).status == 422


def test_nobody_reaches_anothers_alert(api: Gateway, tenant: Tenant, store: Any) -> None:
    alert = raised(api, tenant, store["id"])
    other = api.tenant()

    for audience in (tenant.audience_id, other.audience_id):
        answer = other.owner("changeAlert", audience=audience, alert=alert.id, body={"state": "resolved"})
        assert answer.status == 404
    assert other.owner.ok("listAlerts", audience=other.audience_id)["total"] == 0


def test_every_audience_and_store_begins_with_rules_that_are_on(
    tenant: Tenant, store: Any, path: dict[str, str]
) -> None:
    answer = tenant.as_(Role.VIEWER)("getAlertRules", **path)

    assert answer.json == {
        "score_falling": {"points": None, "percent": 30},
        "digest": "weekly",
        "stores": [{"store_id": store["id"], **DEFAULTS}],
        "version": 0,
    }
    assert answer.headers["etag"] == '"0"'


def test_rules_are_replaced_by_whoever_saw_them_last(tenant: Tenant, store: Any, path: dict[str, str]) -> None:
    own = {
        "store_id": store["id"],
        "watch": {"rank_by": "orders_count", "period": "quarter", "first": 1000},
        "left_first": None,
        "rank_fell": 7,
        "spend_down": None,
        "overdue": False,
    }
    marketer = tenant.as_(Role.MARKETER)

    changed = marketer("replaceAlertRules", **path, body=RULES | {"stores": [own]}, headers={"If-Match": '"0"'})

    assert (changed.json, changed.headers["etag"]) == (RULES | {"stores": [own], "version": 1}, '"1"')
    assert marketer.ok("getAlertRules", **path) == changed.json
    late = marketer("replaceAlertRules", **path, body=RULES, headers={"If-Match": '"0"'})
    assert (late.status, late.problem) == (412, "version-mismatch")
    assert marketer("replaceAlertRules", **path, body=RULES).status == 428
    back = marketer.ok("replaceAlertRules", **path, body={"score_falling": None}, headers={"If-Match": '"1"'})
    assert back["stores"] == [{"store_id": store["id"], **DEFAULTS}]
    assert (back["score_falling"], back["digest"]) == (None, "weekly")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"score_falling": {"points": None, "percent": None}}, "/score_falling"),
        ({"stores": [{"store_id": "nowhere"}]}, "/stores/0/store_id"),
        ({"stores": [{"store_id": "STORE"}, {"store_id": "STORE"}]}, "/stores/1/store_id"),
        ({"stores": [{"store_id": "STORE", "left_first": 201}]}, "/stores/0/left_first"),
        ({"stores": [{"store_id": "STORE", "watch": {"first": 1001}}]}, "/stores/0/watch/first"),
        ({"stores": [{"store_id": "STORE", "watch": {"period": "all"}}]}, "/stores/0/watch/period"),
        ({"digest": "hourly"}, "/digest"),
    ],
)
def test_rules_that_make_no_sense_are_refused_with_the_place(
    tenant: Tenant, store: Any, path: dict[str, str], change: dict[str, Any], pointer: str
) -> None:
    body = RULES | change
    body["stores"] = [
        it | {"store_id": it["store_id"].replace("STORE", store["id"])} for it in body["stores"] if isinstance(it, dict)
    ]

    answer = tenant.owner("replaceAlertRules", **path, body=body, headers={"If-Match": "*"})

    assert answer.status == 422
    assert [it["pointer"] for it in answer.json["errors"]] == [pointer]
