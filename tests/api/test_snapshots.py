"""Boards beside snapshots of theirs: movement, totals, as closed, what changed since, explained ranks."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from laurel.model.order import epoch_ms
from laurel.model.period import Calendar
from laurel.store import keys
from laurel.store.dynamodb import attributes
from tests.support.api import Context
from tests.support.shop import ADA, BEN, CLEO, contact_id, order
from tests.support.snapshots import snapshot

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

BERLIN = Calendar("Europe/Berlin")
CSV = {"Accept": "text/csv"}
DEE = "dee@example.com"


def send(tenant: Tenant, store: Any, *orders: Any) -> None:
    tenant.owner.ok("recordOrders", store=store["id"], body={"orders": list(orders)})


def board(tenant: Tenant, store: Any, **query: Any) -> Any:
    return tenant.owner.ok("getLeaderboard", store=store["id"], query=query)


def last_month() -> tuple[str, datetime]:
    """Last month's id, and an instant within it."""
    now = datetime.now(UTC)
    running = BERLIN.period(BERLIN.periods_of(now)[1])
    previous = BERLIN.previous(running)
    assert previous
    assert previous.start
    return previous.id, previous.start + timedelta(days=3)


class Shop:
    """A store whose last month was closed, and then changed."""

    def __init__(self, api: Gateway) -> None:
        self.api = api
        self.tenant = api.tenant()
        self.store = self.tenant.connect()
        self.month, self.within = last_month()
        self.order("a1", ADA, "40.00")
        self.order("b1", BEN, "30.00")
        self.order("c1", CLEO, "20.00")
        api.settle()
        end = BERLIN.period(self.month).end
        assert end
        self.closed_at = end + timedelta(minutes=5)
        snapshot(api.database, self.tenant, self.store["id"], self.month, self.closed_at, closed=True)
        # What follows comes after the close
        self.order("b1", BEN, "30.00", refunds=[{"id": "r1", "amount": "25.00"}], updated_at=self._later())
        self.order("d1", DEE, "50.00", updated_at=self._later())
        api.settle()

    def order(self, id_: str, email: str, total: str, **more: Any) -> None:
        send(self.tenant, self.store, order(id_, email, total, placed_at=self.within.isoformat(), **more))

    def _later(self) -> str:
        return (self.closed_at + timedelta(seconds=1)).isoformat()

    def ask(self, operation: str, **query: Any) -> Any:
        return self.tenant.owner.ok(operation, store=self.store["id"], query={"period": self.month, **query})


@pytest.fixture(scope="module")
def shop(api: Gateway) -> Shop:
    return Shop(api)


def shown(page: Any) -> list[tuple[int, str, str]]:
    return [(row["rank"], row["email"], row["total_spent"]) for row in page["rows"]]


# ---- As closed, and what changed -------------------------------------------------------------------------------------


def test_a_board_can_be_read_as_closed_and_as_of_now(shop: Shop) -> None:
    now, closed = shop.ask("getLeaderboard"), shop.ask("getLeaderboard", view="closed")

    assert shown(now) == [(1, DEE, "50.00"), (2, ADA, "40.00"), (3, CLEO, "20.00"), (4, BEN, "5.00")]
    assert shown(closed) == [(1, ADA, "40.00"), (2, BEN, "30.00"), (3, CLEO, "20.00")]
    assert (now["view"], closed["view"]) == ("now", "closed")
    assert closed["as_of"] == utc(shop.closed_at)
    totals = {"customers": 3, "orders_count": 3, "total_spent": "90.00", "currency": "EUR", "as_of": closed["as_of"]}
    assert now["totals"] == closed["totals"] == totals
    assert closed["percentiles"] == [
        {"percent": 50, "value": "30.00"},
        {"percent": 75, "value": "30.00"},
        {"percent": 90, "value": "30.00"},
        {"percent": 95, "value": "30.00"},
        {"percent": 99, "value": "30.00"},
    ]


def test_a_board_as_closed_is_paged_and_written_as_csv(shop: Shop) -> None:
    whole = shop.ask("getLeaderboard", view="closed")["rows"]
    rows: list[list[str]] = []
    query: dict[str, Any] | None = {"period": shop.month, "view": "closed", "limit": 2}
    while query:
        page = shop.tenant.owner("getLeaderboard", store=shop.store["id"], query=query, headers=CSV)
        assert page.headers["content-disposition"].endswith(f'{shop.month}-closed.csv"')
        rows += list(csv.reader(io.StringIO(page.text)))[1:]
        link = re.fullmatch(r'<\?(.+)>; rel="next"', page.headers.get("link", ""))
        query = dict(parse_qsl(link[1])) if link else None

    assert [(int(row[0]), row[3], row[5]) for row in rows] == shown({"rows": whole})


def test_cursors_of_both_views_are_told_apart(shop: Shop) -> None:
    for view, other in (("now", "closed"), ("closed", "now")):
        cursor = shop.ask("getLeaderboard", view=view, limit=1)["next_cursor"]
        query = {"period": shop.month, "view": other, "cursor": cursor}
        answer = shop.tenant.owner("getLeaderboard", store=shop.store["id"], query=query)
        assert (answer.status, answer.problem) == (400, "invalid-cursor")


def test_what_changed_after_the_close_is_listed_with_the_late_orders_and_refunds(shop: Shop) -> None:
    told = shop.ask("getLeaderboardChanges")

    assert told["closed_at"] == utc(shop.closed_at)
    found = {change["email"]: change for change in told["changes"]}
    assert [change["email"] for change in told["changes"]] == [DEE, BEN, ADA]
    ben = found[BEN]
    assert (ben["closed"]["rank"], ben["now"]["rank"]) == (2, 4)
    assert (ben["closed"]["figures"]["total_spent"], ben["now"]["figures"]["total_spent"]) == ("30.00", "5.00")
    (refund,) = ben["effects"]
    assert (refund["order_id"], refund["kind"], refund["orders_count"], refund["total_spent"]) == (
        "b1",
        "refunded",
        0,
        "-25.00",
    )
    assert ben["unlisted"] is None
    assert (found[DEE]["closed"]["rank"], found[DEE]["now"]["rank"]) == (None, 1)
    # An order from before the store was connected is an import, of which nobody keeps when it came
    assert (found[DEE]["effects"], found[DEE]["unlisted"]) == ([], {"orders_count": 1, "total_spent": "50.00"})
    assert (found[ADA]["closed"]["rank"], found[ADA]["now"]["rank"], found[ADA]["effects"]) == (1, 2, [])


def test_changes_are_paged_by_cursors_of_their_own(shop: Shop) -> None:
    whole = shop.ask("getLeaderboardChanges")["changes"]
    paged: list[Any] = []
    query: dict[str, Any] = {"limit": 1}
    while True:
        page = shop.ask("getLeaderboardChanges", **query)
        paged += page["changes"]
        if not page["next_cursor"]:
            break
        query["cursor"] = page["next_cursor"]

    assert paged == whole
    for other in ({"rank_by": "orders_count"}, {"period": "all"}):
        answer = shop.tenant.owner(
            "getLeaderboardChanges", store=shop.store["id"], query={"period": shop.month, **query, **other}
        )
        assert (answer.status, answer.problem) == (400, "invalid-cursor")


@pytest.mark.parametrize("operation", ["getLeaderboard", "getLeaderboardChanges"])
@pytest.mark.parametrize("period", ["all", "2026-01"])
def test_what_was_not_closed_is_a_problem_of_its_own(operation: str, period: str, shop: Shop) -> None:
    query = {"period": period} | ({"view": "closed"} if operation == "getLeaderboard" else {})

    answer = shop.tenant.owner(operation, store=shop.store["id"], query=query)

    assert (answer.status, answer.problem) == (404, "no-closing-snapshot")


def test_snapshots_are_listed_newest_first(shop: Shop) -> None:
    told = shop.tenant.owner.ok("listBoardSnapshots", store=shop.store["id"])

    assert told == {
        "snapshots": [
            {
                "period": shop.month,
                "taken_at": utc(shop.closed_at),
                "closed": True,
                "customers": 3,
                "verified": True,
            }
        ],
        "next_cursor": None,
    }
    running = shop.tenant.owner.ok("listBoardSnapshots", store=shop.store["id"], query={"kind": "running"})
    assert running["snapshots"] == []
    answer = shop.tenant.owner("listBoardSnapshots", store=shop.store["id"], query={"kind": "odd"})
    assert (answer.status, answer.problem) == (422, "invalid-input")


def test_a_snapshot_that_was_tampered_with_is_not_shown_as_closed(api: Gateway) -> None:
    shop = Shop(api)
    forge(shop, keys.closing_snapshot(shop.month), "signature")

    query = {"period": shop.month, "view": "closed"}
    answer = shop.tenant.owner("getLeaderboard", store=shop.store["id"], query=query)

    assert (answer.status, answer.problem) == (500, "snapshot-tampered")
    (listed,) = shop.tenant.owner.ok("listBoardSnapshots", store=shop.store["id"])["snapshots"]
    assert listed["verified"] is False


def test_customers_are_watched_without_a_snapshot_that_cannot_be_read(api: Gateway) -> None:
    shop = Shop(api)
    forge(shop, keys.closing_snapshot(shop.month), "content")

    api.handler("DailyFunction")({"source": "aws.events"}, Context())
    api.work()

    jobs = shop.tenant.owner.ok("listJobs", audience=shop.tenant.audience_id)["jobs"]
    assert [it["state"] for it in jobs if it["kind"] == "alerts"] == ["done"]


def test_a_profile_is_shown_without_a_snapshot_that_cannot_be_read(
    api: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("laurel.leaderboard.board.RANKS_COUNTED", 1)
    shop = Shop(api)
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    snapshot(api.database, shop.tenant, shop.store["id"], "all", hour, closed=False)
    forge(shop, keys.running_snapshot("all", epoch_ms(hour)), "content")

    profile = shop.tenant.owner.ok("getContact", audience=shop.tenant.audience_id, contact=contact_id(CLEO))

    assert profile["stores"][0]["ranks"]["total_spent"] is None


def forge(shop: Shop, snapshot: str, attribute: str) -> None:
    """Write over what was kept of a snapshot."""
    shop.api.database.client.update_item(
        TableName=shop.api.database.tables.workspace,
        Key=attributes({"pk": keys.board_snapshots(shop.tenant.account_id, shop.store["id"]), "sk": snapshot}),
        UpdateExpression="SET #forged = :forged",
        ExpressionAttributeNames={"#forged": attribute},
        ExpressionAttributeValues=attributes({":forged": "AAAA"}),
    )


# ---- Movement and explanations ---------------------------------------------------------------------------------------


class Running:
    """A store whose board of all time was taken a day ago, with orders before and after."""

    def __init__(self, api: Gateway) -> None:
        self.tenant = api.tenant()
        self.store = self.tenant.connect()
        now = datetime.now(UTC)
        before, since = (now - timedelta(hours=hours) for hours in (48, 1))
        first = [
            order("a1", ADA, "40.00", placed_at=before.isoformat()),
            order("b1", BEN, "30.00", placed_at=before.isoformat()),
            order("c1", CLEO, "20.00", placed_at=before.isoformat()),
        ]
        send(self.tenant, self.store, *first)
        api.settle()
        self.taken_at = now - timedelta(hours=25)
        snapshot(api.database, self.tenant, self.store["id"], "all", self.taken_at, closed=False)
        send(
            self.tenant,
            self.store,
            order("a1", ADA, "40.00", placed_at=before.isoformat(), refunds=[{"id": "r", "amount": "15.00"}]),
            order("c2", CLEO, "15.00", placed_at=since.isoformat()),
            order("d1", DEE, "32.00", placed_at=since.isoformat()),
        )
        api.settle()

    def explain(self, email: str, **query: Any) -> Any:
        return self.tenant.owner.ok(
            "explainRank", store=self.store["id"], customer=contact_id(email), query={"period": "all", **query}
        )


@pytest.fixture(scope="module")
def running(api: Gateway) -> Running:
    return Running(api)


def test_rows_and_places_tell_movement(running: Running) -> None:
    page = board(running.tenant, running.store, period="all")

    assert page["movement_since"] == {"period": "all", "taken_at": utc(running.taken_at)}
    assert [(row["email"], row["movement"]) for row in page["rows"]] == [
        (CLEO, {"kind": "up", "previous_rank": 3, "by": 2}),
        (DEE, {"kind": "new", "previous_rank": None, "by": None}),
        (BEN, {"kind": "down", "previous_rank": 2, "by": 1}),
        (ADA, {"kind": "down", "previous_rank": 1, "by": 3}),
    ]
    assert page["totals"]["customers"] == 3
    place = running.tenant.owner.ok(
        "getPlace", store=running.store["id"], customer=contact_id(BEN), query={"period": "all"}
    )
    assert [*place["above"], place["customer"], *place["below"]] == page["rows"]
    assert place["movement_since"] == page["movement_since"]


def test_a_rank_is_explained_and_the_numbers_add_up(running: Running) -> None:
    told = running.explain(ADA)

    assert told["customer"]["email"] == ADA
    assert (told["then"]["rank"], told["now"]["rank"], told["now"]["rank_exact"]) == (1, 4, True)
    (refund,) = told["effects"]
    assert (refund["kind"], refund["total_spent"], told["effects_count"]) == ("refunded", "-15.00", 1)
    assert told["difference"] == {"orders_count": 0, "total_spent": "-15.00"}
    assert told["unlisted"] is None
    assert [(it["email"], it["rank_then"], it["rank_now"]) for it in told["passed_by"]["customers"]] == [
        (CLEO, 3, 1),
        (DEE, None, 2),
        (BEN, 2, 3),
    ]
    assert told["passed"] == {"count": 0, "customers": []}
    assert told["then"]["rank"] + told["passed_by"]["count"] - told["passed"]["count"] == told["now"]["rank"]


def test_ones_own_new_order_is_named(running: Running) -> None:
    told = running.explain(CLEO)

    assert [(it["order_id"], it["kind"], it["total_spent"]) for it in told["effects"]] == [("c2", "placed", "15.00")]
    assert {it["email"] for it in told["passed"]["customers"]} == {ADA, BEN}
    assert told["movement"] == {"kind": "up", "previous_rank": 3, "by": 2}


def test_without_a_snapshot_there_is_nothing_to_compare_with(running: Running) -> None:
    told = running.explain(ADA, period=str(datetime.now(UTC).year))

    assert (told["movement_since"], told["then"], told["movement"], told["passed_by"]) == (None, None, None, None)


def test_who_is_on_no_board_has_no_rank_to_explain(running: Running) -> None:
    for customer, query in (("x@example.com", {"period": "all"}), (ADA, {"period": "2020"})):
        answer = running.tenant.owner(
            "explainRank", store=running.store["id"], customer=contact_id(customer), query=query
        )
        assert (answer.status, answer.problem) == (404, "not-found")


def utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
