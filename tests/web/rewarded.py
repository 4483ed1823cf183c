"""What automations and rewards an account has, with names that nobody should have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.e2e.deployed import eventually
from tests.support.shop import activity

if TYPE_CHECKING:
    from tests.support.client import Tenant

WAITS = {"delay": {"amount": 2, "unit": "days"}}


@dataclass(frozen=True, slots=True)
class Rewarded:
    """Ids of what was made."""

    programme_id: str
    automation_id: str


def reward(tenant: Tenant, store_id: str, template_id: str, name: str, reader: str) -> Rewarded:
    """Give an audience tiers, a programme whose reward somebody got, and an automation that runs for them."""
    owner, here = tenant.owner, {"audience": tenant.audience_id}
    spent = {"kind": "spent", "store": store_id, "time_frame": "all_time", "amount": "500.00"}
    tiers = [
        {"name": name, "benefits": [name, "Free shipping"], "needs": {"kind": "score", "points": 100}},
        {"name": "Gold", "benefits": [], "needs": spent},
    ]
    owner.ok("replaceTiers", **here, headers={"If-Match": '"0"'}, body={"tiers": tiers})
    programme = owner.ok("createProgramme", **here, body=_programme(name, store_id, template_id))["id"]
    owner.ok("addCoupons", **here, programme=programme, body={"codes": [f"THANKS-{number}" for number in range(5)]})
    job = owner.ok("giveAwards", **here, programme=programme, body={"contacts": [reader]})
    eventually(lambda: owner.ok("getJob", **here, job=job["id"])["state"], lambda state: state == "done", 60)
    # Whoever visits a page gets the points that set the automation off.
    automation = owner.ok("createAutomation", **here, body=_automation(name, store_id, template_id, programme))["id"]
    owner.ok("recordActivity", **here, body=activity("visit-of-reader", reader))
    path = {**here, "automation": automation}
    eventually(lambda: owner.ok("listAutomationRuns", **path)["runs"], bool, 60)
    return Rewarded(programme, automation)


def _programme(name: str, store_id: str, template_id: str) -> dict[str, Any]:
    return {
        "name": name,
        "who": {"kind": "board", "metric": "total_spent", "time_frame": "last_month", "first": 10},
        "benefit": {"kind": "amount_off", "amount": "15.00", "text": name[:50]},
        "coupon": {"source": "pool"},
        "store": store_id,
        "valid_days": 30,
        "budget": {"awards": 50, "value": "600.00"},
        "hold_out": 10,
        "template": template_id,
    }


def _automation(name: str, store_id: str, template_id: str, programme: str) -> dict[str, Any]:
    """One that a first visit sets off."""
    board = {"store": store_id, "rank_by": "total_spent", "time_frame": "all_time"}
    return {
        "name": name,
        "trigger": {"kind": "score_reaches", "points": 5},
        "conditions": [
            {"kind": "metric", **board, "least": "10.00"},
            {"kind": "tag", "tag": "vip", "has": True},
            {"kind": "consent", "statuses": ["subscribed", "pending"]},
        ],
        "steps": [
            {"kind": "add_tag", "tag": name[:50]},
            {"kind": "give_reward", "programme": programme},
            {"kind": "send_template", "template": template_id, "store": store_id, **WAITS},
            {"kind": "call_webhook", "url": f"https://{'x' * 60}.example/hook", **WAITS},
        ],
        "repeat": "every_time",
        "hysteresis": 2,
    }
