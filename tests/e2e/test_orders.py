"""Orders become a board, and what hangs on it, on the deployed stack."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from tests.e2e.deployed import eventually
from tests.support.shop import ADA, BEN, CLEO, activity, contact_id, order

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant


def test_a_batch_is_on_every_board_within_seconds(deployed: Deployed, tenant: Tenant) -> None:
    store = tenant.connect()
    batch = [
        order("1", ADA, "10.00"),
        order("2", ADA, "10.50"),
        order("3", BEN, "50.00"),
        order("4", CLEO, currency="USD"),
    ]
    results = tenant.owner.ok("recordOrders", store=store["id"], body={"orders": batch})["results"]

    shown = eventually(lambda: deployed.board(tenant.owner, store["id"]), lambda it: len(it) == 2)

    assert [it["outcome"] for it in results] == ["accepted", "accepted", "accepted", "rejected"]
    assert shown == {BEN: (1, "50.00"), ADA: (2, "20.50")}
    for metric, leader in (("orders_count", ADA), ("total_spent", BEN), ("average_order_value", BEN)):
        for frame in ("week_to_date", "month_to_date", "quarter_to_date", "year_to_date", "all_time"):
            page = tenant.owner.ok("getLeaderboard", store=store["id"], query={"rank_by": metric, "time_frame": frame})
            assert page["rows"][0]["email"] == leader


def test_board_as_csv_page_by_page_place_profile_and_timeline(deployed: Deployed, tenant: Tenant) -> None:
    store = tenant.connect()
    batch = [order(str(n), f"c{n}@example.com", f"{n}.00") for n in range(1, 13)]
    tenant.owner.ok("recordOrders", store=store["id"], body={"orders": batch})
    tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=activity("v1", "c7@example.com"))
    eventually(lambda: deployed.board(tenant.owner, store["id"]), lambda it: len(it) == 12)
    seventh = contact_id("c7@example.com")

    first = tenant.owner.ok("getLeaderboard", store=store["id"], query={"period": "all", "limit": 5})
    rest = {"period": "all", "limit": 20, "cursor": first["next_cursor"]}
    text = tenant.owner("getLeaderboard", store=store["id"], query=rest, headers={"Accept": "text/csv"}).text
    place = tenant.owner.ok("getPlace", store=store["id"], customer=seventh, query={"period": "all"})
    person = {"audience": tenant.audience_id, "contact": seventh}
    profile = tenant.owner.ok("getContact", **person)
    timeline = tenant.owner.ok("getTimeline", **person)

    assert [row["rank"] for row in first["rows"]] == [1, 2, 3, 4, 5]
    assert [row[0] for row in csv.reader(io.StringIO(text))] == ["rank", "6", "7", "8", "9", "10", "11", "12"]
    assert place["customer"]["rank"] == 6
    assert [len(place["above"]), len(place["below"])] == [5, 5]
    assert place["next_place"]["gap"] == "1.00"
    (figures,) = (it for it in profile["stores"] if it["store_id"] == store["id"])
    assert figures["ranks"]["total_spent"] == 6
    assert sorted(entry["kind"] for entry in timeline["entries"]) == ["activity", "order"]


def test_a_repeated_request_is_done_once(tenant: Tenant) -> None:
    key = {"Idempotency-Key": "e2e-1"}
    body = {"name": "Friends"}

    made = [tenant.owner.ok("createAudience", body=body, headers=key) for _ in range(2)]
    other = tenant.owner("createAudience", body={"name": "Others"}, headers=key)

    assert made[0] == made[1]
    assert (other.status, other.problem) == (422, "idempotency-key-reused")
    second: Any = made[0]["id"]
    assert second != tenant.audience_id


def test_any_customer_of_a_board_can_be_looked_up(deployed: Deployed, tenant: Tenant) -> None:
    store = tenant.connect()
    ids = ["#731", 'a "b" `c`', "ü日本", "50% off?&=+"]
    batch = [order(str(number), None, customer={"id": id_}) for number, id_ in enumerate(ids)]
    tenant.owner.ok("recordOrders", store=store["id"], body={"orders": batch})

    shown = eventually(lambda: deployed.board(tenant.owner, store["id"]), lambda it: len(it) == len(ids))

    assert set(shown) == {f"customer-{id_}" for id_ in ids}
    for customer in shown:
        place = tenant.owner.ok("getPlace", store=store["id"], customer=customer, query={"period": "all"})
        assert place["customer"]["customer"] == customer
