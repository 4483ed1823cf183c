"""Rebuilds on the deployed stack: another calendar, and orders in another currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.e2e.deployed import eventually
from tests.support.shop import ADA, BEN, order

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant

HALLOWEEN = "2026-10-31T23:30:00Z"
"""November in Berlin, October in New York."""


def complete(tenant: Tenant, store: dict[str, Any]) -> None:
    """Wait until the store says that its boards are complete."""
    eventually(lambda: tenant.owner.ok("getStore", store=store["id"]), lambda it: not it["rebuilding"], seconds=60)


def test_boards_follow_the_calendar_and_the_rates(deployed: Deployed, tenant: Tenant) -> None:
    store = tenant.connect()
    rates = {"rates": [{"currency": "USD", "month": "2026-11", "rate": "0.5"}]}
    tenant.owner.ok("replaceRates", store=store["id"], body=rates)
    complete(tenant, store)
    orders = [order("1", ADA, placed_at=HALLOWEEN), order("2", BEN, placed_at=HALLOWEEN, currency="USD")]
    tenant.owner.ok("recordOrders", store=store["id"], body={"orders": orders})
    expected = {ADA: (1, "10.00"), BEN: (1, "5.00")}
    eventually(lambda: deployed.board(tenant.owner, store["id"], period="2026-11"), lambda it: it == expected)

    changed = tenant.owner.ok("changeStore", store=store["id"], body={"time_zone": "America/New_York"})

    assert changed["rebuilding"]
    complete(tenant, store)
    assert deployed.board(tenant.owner, store["id"], period="2026-11") == {}
    assert deployed.board(tenant.owner, store["id"], period="2026-10") == {ADA: (1, "10.00")}
    (entry,) = tenant.owner.ok("listSetAside", store=store["id"])["entries"]
    assert (entry["id"], entry["reason"]) == ("2", "unconverted")
