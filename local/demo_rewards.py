"""Tiers, a reward and automations for the demo."""

from typing import Any

from local import demo_mail
from local.api import Api
from local.workspace import Stores

COUPONS = 200
FIRST = 10


def tiers(store_id: str) -> list[dict[str, Any]]:
    """The demo's tiers, lowest first, by what somebody spent in the year."""

    def spent(amount: str) -> dict[str, Any]:
        return {"kind": "spent", "store": store_id, "time_frame": "year_to_date", "amount": amount}

    return [
        {"name": "Bronze", "benefits": ["Free shipping"], "needs": spent("250")},
        {"name": "Silver", "benefits": ["Free shipping", "Early access to sales"], "needs": spent("600")},
        {
            "name": "Gold",
            "benefits": ["Free shipping", "Early access to sales", "A lamp a year"],
            "needs": spent("1000"),
        },
    ]


def programme(store_id: str, template_id: str) -> dict[str, Any]:
    """Ten percent for the best of each month, two in ten of whom get nothing so that it shows what it is good for."""
    return {
        "name": "Best of the month",
        "who": {"kind": "board", "metric": "total_spent", "time_frame": "last_month", "first": FIRST},
        "benefit": {"kind": "percent_off", "percent": 10},
        "coupon": {"source": "generated", "prefix": "LAMP-"},
        "store": store_id,
        "valid_days": 60,
        "budget": {"awards": 120},
        "hold_out": 20,
        "template": template_id,
    }


def automations(template_id: str) -> list[dict[str, Any]]:
    """One that greets regulars."""
    return [
        {
            "name": "Hello, regulars",
            "trigger": {"kind": "score_reaches", "points": 500},
            "conditions": [{"kind": "consent", "statuses": ["subscribed"]}],
            "steps": [
                {"kind": "add_tag", "tag": "regular"},
                {"kind": "send_template", "template": template_id, "delay": {"amount": 2, "unit": "hours"}},
            ],
        },
    ]


def ensure_rewards(api: Api, stores: Stores) -> None:
    """Make what is missing: tiers, a programme with its coupons, automations."""
    audience = f"/audiences/{stores.audience_id}"
    template_id = api.post("/templates", demo_mail.TEMPLATE, key="demo template")["id"]
    known = api.get(f"{audience}/tiers")
    if not known["tiers"]:
        api.put(f"{audience}/tiers", {"tiers": tiers(stores.store_id)}, version=known["version"])
    made = api.post(f"{audience}/programmes", programme(stores.store_id, template_id), key="demo programme")
    api.post(f"{audience}/programmes/{made['id']}/coupons", {"generate": COUPONS}, key="demo coupons")
    board = {
        "store": stores.store_id,
        "rank_by": "total_spent",
        "time_frame": "last_month",
        "view": "closed",
        "first": FIRST,
    }
    api.post(f"{audience}/programmes/{made['id']}/awards", {"board": board}, key="demo awards")
    for number, automation in enumerate(automations(template_id), 1):
        api.post(f"{audience}/automations", automation, key=f"demo automation {number}")
