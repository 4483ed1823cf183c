"""Contacts found by their score, with tags, consent and what they bought."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from laurel.model.account import Role
from laurel.scoring import search
from tests.support.client import Client
from tests.support.gateway import running
from tests.support.shop import activity, contact_id, now, order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.client import Answer, Tenant

SCORES = {"ann": 0, "bea": 10, "cat": 10, "dee": 25, "eva": 99_999_999}
UNSCORED = ("fay", "gil")
TAGGED = ("bea", "eva", "fay")
SUBSCRIBED = ("cat", "dee", "gil")
SPENT = {"bea": "10.00", "dee": "59.90", "fay": "100.00"}


def email(name: str) -> str:
    return f"{name}@example.com"


class Shop:
    """An audience of seven, five of them with a score; three bought something in its store."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.audience = tenant.audience_id
        self.store = tenant.connect()["id"]
        for name in (*SCORES, *UNSCORED):
            person: dict[str, Any] = {"email": email(name), "first_name": name.title(), "tags": ["newsletter"]}
            if name in TAGGED:
                person["tags"] = ["vip", "newsletter"]
            if name in SUBSCRIBED:
                person["consent"] = {"status": "subscribed", "at": now()}
            tenant.owner.ok("recordActivity", audience=self.audience, body=activity(f"seen-{name}", contact=person))
        for name, points in SCORES.items():
            body = {"effect": "set", "points": points}
            tenant.owner.ok("changeScore", audience=self.audience, contact=contact_id(email(name)), body=body)

    def ask(self, operation: str = "findContactsByScore", **query: Any) -> Answer:
        return self.tenant.as_(Role.VIEWER)(operation, audience=self.audience, query=query or None)

    def names(self, **query: Any) -> list[str]:
        """Who is found, on however many pages."""
        found: list[str] = []
        cursor = None
        while True:
            answer = self.ask(**query, **({"cursor": cursor} if cursor else {}))
            assert answer.status == 200, answer.text
            found += [row["email"].partition("@")[0] for row in answer.json["rows"]]
            cursor = answer.json["next_cursor"]
            if cursor is None:
                return found

    def count(self, **query: Any) -> Any:
        answer = self.ask("countContactsByScore", **query)
        assert answer.status == 200, answer.text
        return answer.json


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with running() as api:
        made = Shop(api.tenant())
        for name, total in SPENT.items():
            made.tenant.owner.ok("recordOrders", store=made.store, body=order(f"of-{name}", email(name), total))
        api.settle()
        yield made


FOUND = [
    ({}, ["eva", "dee", "cat|bea", "cat|bea", "ann"]),
    ({"order": "asc"}, ["ann", "cat|bea", "cat|bea", "dee", "eva"]),
    ({"above": 10}, ["eva", "dee"]),
    ({"at_least": 10, "order": "asc"}, ["cat|bea", "cat|bea", "dee", "eva"]),
    ({"equals": 10}, ["cat|bea", "cat|bea"]),
    ({"equals": 0}, ["ann"]),
    ({"at_most": 10}, ["cat|bea", "cat|bea", "ann"]),
    ({"below": 10}, ["ann"]),
    ({"above": 0, "below": 25}, ["cat|bea", "cat|bea"]),
    ({"at_least": 10, "at_most": 25}, ["dee", "cat|bea", "cat|bea"]),
    ({"above": 10, "below": 11}, []),
    ({"below": 0}, []),
    ({"above": 99_999_999}, []),
    ({"tag": "vip"}, ["eva", "bea"]),
    ({"tag": "vip", "below": 100}, ["bea"]),
    ({"tag": "VIP"}, []),
    ({"status": "subscribed"}, ["dee", "cat"]),
    ({"status": "subscribed", "at_most": 10}, ["cat"]),
    ({"status": "unsubscribed"}, []),
    ({"none": "true"}, ["fay", "gil"]),
    ({"none": "true", "order": "desc"}, ["gil", "fay"]),
    ({"none": "true", "tag": "vip"}, ["fay"]),
    ({"none": "true", "status": "subscribed"}, ["gil"]),
    ({"none": "false", "equals": 25}, ["dee"]),
]
OF_STORE = [
    ({"metric_at_least": "10"}, ["dee", "bea"]),
    ({"metric_at_least": "10.01"}, ["dee"]),
    ({"metric_at_most": "59.89"}, ["eva", "cat|bea", "cat|bea", "ann"]),
    ({"metric_at_least": "10.00", "metric_at_most": "59.90", "tag": "vip"}, ["bea"]),
    ({"rank_by": "orders_count", "metric_at_least": "1"}, ["dee", "bea"]),
    ({"rank_by": "orders_count", "metric_at_most": "0"}, ["eva", "cat|bea", "ann"]),
    ({"rank_by": "average_order_value", "metric_at_most": "59.89"}, ["bea"]),
    ({"metric_at_least": "0.01", "time_frame": "last_year"}, []),
    ({"metric_at_least": "0.01", "period": "2020"}, []),
    ({"metric_at_least": "0.01", "none": "true"}, ["fay"]),
    ({"status": "subscribed"}, ["dee", "cat"]),
]


def matches(found: list[str], expected: list[str]) -> bool:
    """Ties are in no order: ``a|b`` stands for either."""
    return len(found) == len(set(found)) == len(expected) and all(
        name in choices.split("|") for name, choices in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize("limit", [1, 2, 50])
@pytest.mark.parametrize(("query", "expected"), FOUND)
def test_contacts_are_found(shop: Shop, query: Any, expected: list[str], limit: int) -> None:
    assert matches(shop.names(**query, limit=limit), expected)


@pytest.mark.parametrize(("query", "expected"), OF_STORE)
def test_contacts_are_found_by_what_they_bought(shop: Shop, query: Any, expected: list[str]) -> None:
    assert matches(shop.names(**query, store=shop.store, limit=2), expected)


@pytest.mark.parametrize(("query", "expected"), FOUND)
def test_contacts_are_counted(shop: Shop, query: Any, expected: list[str]) -> None:
    asked = {name: value for name, value in query.items() if name != "order"}

    assert shop.count(**asked) == {"count": len(expected), "more": False, "rebuilding": False}


@pytest.mark.parametrize(("query", "expected"), OF_STORE)
def test_contacts_are_counted_by_what_they_bought(shop: Shop, query: Any, expected: list[str]) -> None:
    assert shop.count(**query, store=shop.store) == {"count": len(expected), "more": False, "rebuilding": False}


def test_a_row_says_who_it_is(shop: Shop) -> None:
    (row,) = shop.ask(equals=25).json["rows"]

    assert row == {
        "contact": contact_id(email("dee")),
        "email": "dee@example.com",
        "first_name": "Dee",
        "last_name": None,
        "status": "subscribed",
        "score": 25,
        "tags": None,
        "figures": None,
        "profile": f"/v1/audiences/{shop.audience}/contacts/{contact_id(email('dee'))}",
    }


def test_a_row_shows_tags_and_figures_where_they_were_asked_for(shop: Shop) -> None:
    rows = shop.ask(tag="newsletter", store=shop.store, equals=10).json["rows"]

    shown = {row["email"]: row for row in rows}
    assert shown[email("bea")]["tags"] == ["newsletter", "vip"]
    assert shown[email("bea")]["figures"]["total_spent"] == "10.00"
    assert shown[email("cat")]["figures"] is None


def test_one_request_looks_at_so_many_contacts_and_tells_where_to_go_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_EXAMINED", 1)

    first = shop.ask(tag="vip", order="asc", limit=1).json

    assert first["rows"] == []
    assert first["next_cursor"]
    assert shop.names(tag="vip", order="asc", limit=1) == ["bea", "eva"]
    assert shop.names(none="true", tag="vip", limit=1) == ["fay"]


def test_a_count_tells_that_there_may_be_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_COUNTED", 1)

    assert shop.count() == {"count": 1, "more": True, "rebuilding": False}
    assert shop.count(status="subscribed") == {"count": 1, "more": True, "rebuilding": False}
    assert shop.count(tag="vip") == {"count": 1, "more": True, "rebuilding": False}
    assert shop.count(equals=25) == {"count": 1, "more": False, "rebuilding": False}

    monkeypatch.setattr(search, "MOST_COUNTED", 100)
    monkeypatch.setattr(search, "_MOST_EXAMINED_FOR_COUNT", 2)

    assert shop.count(tag="vip") == {"count": 1, "more": True, "rebuilding": False}


@pytest.mark.parametrize(
    "query",
    [
        {"above": "-1"},
        {"above": "100000000"},
        {"at_least": "many"},
        {"equals": "1.5"},
        {"none": "maybe"},
        {"none": "true", "equals": 1},
        {"order": "up"},
        {"tag": ""},
        {"tag": "x" * 51},
        {"status": "lost"},
        {"time_frame": "last_week"},
        {"period": "2026"},
        {"rank_by": "orders_count"},
        {"metric_at_least": "1"},
        {"metric_at_most": "1"},
        {"limit": "0"},
    ],
)
def test_a_search_that_makes_no_sense_is_refused(shop: Shop, query: Any) -> None:
    answer = shop.ask(**query)

    assert (answer.status, answer.problem) == (422, "invalid-input")
    (name, *_) = query
    assert name in answer.json["detail"]


@pytest.mark.parametrize(
    "query",
    [
        {"metric_at_least": "-1"},
        {"metric_at_least": "1.234"},
        {"metric_at_least": "1.5", "rank_by": "orders_count"},
        {"time_frame": "someday"},
        {"period": "2026-13"},
        {"period": "2026", "time_frame": "last_year"},
        {"rank_by": "beauty"},
    ],
)
def test_figures_that_make_no_sense_are_refused(shop: Shop, query: Any) -> None:
    for operation in ("findContactsByScore", "countContactsByScore"):
        assert shop.ask(operation, store=shop.store, **query).problem == "invalid-input"


def test_a_store_must_be_the_audiences(shop: Shop) -> None:
    other = shop.tenant.owner.ok("createAudience", body={"name": "Friends"})["id"]
    theirs = shop.tenant.connect(audience_id=other)["id"]

    for store in (theirs, "nosuchstore1"):
        assert shop.ask(store=store).problem == "not-found"
    assert shop.tenant.owner("findContactsByScore", audience="nosuchaudien").problem == "not-found"


def test_a_cursor_is_good_for_the_list_it_came_from(shop: Shop) -> None:
    cursor = shop.ask(limit=1).json["next_cursor"]
    of_store = shop.ask(limit=1, store=shop.store).json["next_cursor"]

    assert shop.ask(limit=1, cursor=cursor).status == 200
    for query in (
        {"cursor": cursor, "order": "asc"},
        {"cursor": cursor, "none": "true", "order": "desc"},
        {"cursor": cursor, "store": shop.store},
        {"cursor": of_store},
        {"cursor": of_store, "store": shop.store, "time_frame": "last_week"},
        {"cursor": cursor[:-2]},
    ):
        assert shop.ask(**query).problem == "invalid-cursor", query


def as_csv(shop: Shop, **query: Any) -> Answer:
    return Client(shop.tenant.send, shop.tenant.tokens[Role.VIEWER])(
        "findContactsByScore", audience=shop.audience, query=query or None, headers={"Accept": "text/csv"}
    )


def test_a_search_as_a_spreadsheet(shop: Shop) -> None:
    answer = as_csv(shop, above=10)

    header, *rows = csv.reader(io.StringIO(answer.text))
    assert header == ["contact", "email", "first_name", "last_name", "status", "score"]
    assert [row[1:] for row in rows] == [
        ["eva@example.com", "Eva", "", "non_subscribed", "99999999"],
        ["dee@example.com", "Dee", "", "subscribed", "25"],
    ]
    assert answer.headers["content-disposition"] == 'attachment; filename="scores.csv"'
    assert "link" not in answer.headers


def test_a_spreadsheet_links_to_its_next_page(shop: Shop) -> None:
    first = as_csv(shop, store=shop.store, metric_at_least="0.01", order="asc", limit=1)
    (link,) = re.fullmatch(r'<\?(.*)>; rel="next"', first.headers["link"]).groups()  # type: ignore[union-attr]

    second = as_csv(shop, **dict(parse_qsl(link)))

    rows = [list(csv.DictReader(io.StringIO(answer.text))) for answer in (first, second)]
    assert [[row["email"] for row in page] for page in rows] == [["bea@example.com"], ["dee@example.com"]]
    assert (rows[0][0]["orders_count"], rows[0][0]["total_spent"], rows[0][0]["currency"]) == ("1", "10.00", "EUR")


def test_a_spreadsheet_of_contacts_without_a_score(shop: Shop) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(shop, none="true", store=shop.store).text)))

    assert [(row["email"], row["score"], row["total_spent"]) for row in rows] == [
        ("fay@example.com", "", "100.00"),
        ("gil@example.com", "", ""),
    ]
