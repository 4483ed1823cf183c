"""Scoring rules for the demo, and what its customers do besides buying: open messages, click, look at products."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from local.demo import Order

type Activity = dict[str, Any]
"""An activity in the shape of ``POST /audiences/{audience}/activities``."""

RULES: tuple[dict[str, Any], ...] = (
    {"name": "Each euro spent", "activity": "order.placed", "effect": "add_per_unit", "points": 1},
    {
        "name": "Opened a message",
        "activity": "email.opened",
        "effect": "add",
        "points": 3,
        "frequency_cap": {"times": 1, "window": "day"},
        "expires_after_days": 90,
    },
    {
        "name": "Clicked a link",
        "activity": "email.clicked",
        "effect": "add",
        "points": 10,
        "frequency_cap": {"times": 3, "window": "week"},
    },
    {
        "name": "Looked at a lamp",
        "activity": "page.visited",
        "conditions": [{"property": "page", "operator": "contains", "value": "/lamps"}],
        "effect": "add",
        "points": 2,
        "frequency_cap": {"times": 5, "window": "day"},
    },
    {"name": "Left the list", "activity": "unsubscribed", "effect": "subtract", "points": 50},
)
ACTIVE = 40
DAYS = 30
PAGES = ("/lamps/aalto", "/lamps/desk", "/chairs/oak", "/sale")
SCANNER = 0.1
"""Share of clicks that a link scanner makes, which earn nothing."""
KINDS = {"email.opened": 45, "page.visited": 35, "email.clicked": 19, "unsubscribed": 1}


def activities(seed: int, until: datetime, orders: list[Order]) -> Iterator[Activity]:
    """What some of those who bought lately did in the month before ``until``, oldest first."""
    chance = random.Random(seed)  # noqa: S311 - no secret depends on it
    emails = list(
        dict.fromkeys(order["customer"]["email"] for order in reversed(orders) if "email" in order["customer"])
    )
    times = sorted(chance.uniform(0, DAYS) for _ in range(4 * ACTIVE))
    for number, days in enumerate(times, 1):
        (name,) = chance.choices(list(KINDS), list(KINDS.values()))
        yield {
            "id": f"demo-{number}",
            "name": name,
            "occurred_at": (until - timedelta(days=DAYS - days)).astimezone(UTC).isoformat(timespec="seconds"),
            "contact": {"email": chance.choice(emails[:ACTIVE])},
            "properties": _properties(chance, name),
        }


def _properties(chance: random.Random, name: str) -> dict[str, Any]:
    page = chance.choice(PAGES)
    match name:
        case "page.visited":
            return {"page": page}
        case "email.clicked":
            told = {"message": "autumn-sale", "link": f"https://shop.example.com{page}"}
            return told | ({"user_agent": "Barracuda Sentinel (EE)"} if chance.random() < SCANNER else {})
        case _:
            return {"message": "autumn-sale"}
