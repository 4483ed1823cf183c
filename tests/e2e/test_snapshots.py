"""Snapshots of the deployed stack: due by the schedule, taken from the queue, signed, and shown on the board."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.e2e.deployed import eventually
from tests.support.shop import ADA, BEN, order

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant

_SECONDS = 180
_RUNNING = 5
"""Week, month, quarter, year, all time."""


def test_the_schedule_has_every_running_board_kept_once(deployed: Deployed, tenant: Tenant) -> None:
    store, owner = tenant.connect("api")["id"], tenant.owner
    orders = [order("first", ADA, "90.00"), order("second", BEN, "30.00")]
    owner.ok("recordOrders", store=store, body={"orders": orders})
    eventually(lambda: deployed.board(owner, store), lambda board: len(board) == 2)

    began = datetime.now(UTC)
    deployed.invoke("RefreshFunction")
    deployed.invoke("RefreshFunction")
    running = {"kind": "running"}
    kept = eventually(
        lambda: owner.ok("listBoardSnapshots", store=store, query=running)["snapshots"],
        lambda found: len(found) >= _RUNNING,
        _SECONDS,
    )
    board = eventually(
        lambda: owner.ok("getLeaderboard", store=store, query={"time_frame": "all_time"}),
        lambda it: it["totals"] is not None,
        _SECONDS,
    )

    hours = 1 + (datetime.now(UTC).hour != began.hour)
    assert len({it["period"] for it in kept}) == _RUNNING
    assert len(kept) <= _RUNNING * hours
    assert all(it["verified"] and it["customers"] == 2 for it in kept)
    assert (board["totals"]["customers"], board["totals"]["total_spent"]) == (2, "120.00")
