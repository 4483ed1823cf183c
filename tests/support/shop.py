"""Orders and activities as a shop would send them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.model.identity import contact_id

ADA, BEN, CLEO = "ada@example.com", "ben@example.com", "cleo@example.com"


def order(id_: str, email: str | None = ADA, total: str = "10.00", **more: Any) -> dict[str, Any]:
    """A paid order of today."""
    person = {"customer": {"email": email}} if email else {}
    placed = {"id": id_, "placed_at": now(), "status": "paid", "currency": "EUR", "total": total}
    return placed | person | more


def activity(id_: str, email: str = ADA, name: str = "page.visited", **more: Any) -> dict[str, Any]:
    """An activity of just now."""
    return {"id": id_, "name": name, "occurred_at": now(), "contact": {"email": email}} | more


def now() -> str:
    """The present, as clients write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


AUTOMATION = {
    "name": "Regulars",
    "trigger": {"kind": "score_reaches", "points": 100},
    "steps": [{"kind": "add_tag", "tag": "regular"}],
}
"""What an automation may be."""

BODIES: dict[str, dict[str, Any]] = {
    "changeAccount": {"name": "Another name"},
    "createAudience": {"name": "Friends"},
    "changeAudience": {"name": "Another name"},
    "connectStore": {"platform": "generic", "name": "Shop", "currency": "EUR", "time_zone": "Europe/Berlin"},
    "changeStore": {"name": "Another name"},
    "rotateSecret": {},
    "replaceRates": {"rates": [{"currency": "USD", "month": "2026-11", "rate": "0.9"}]},
    "replaceShopCredentials": {
        "url": "https://shop.example.com",
        "consumer_key": "ck_0123456789abcdef",
        "consumer_secret": "cs_0123456789abcdef",
    },
    "recordOrders": order("sample"),
    "recordActivity": activity("sample"),
    "createSender": {"domain": "shop.example.com"},
    "inviteUser": {"email": "kim@team.example.com", "name": "Kim", "role": "marketer", "locale": "de"},
    "changeUser": {"role": "viewer"},
    "createApiKey": {"name": "Plugin", "role": "owner"},
    "createScoringRule": {"name": "Forms", "activity": "form.submitted", "effect": "add", "points": 5},
    "changeScoringRule": {"points": 6},
    "changeScore": {"effect": "add", "points": 5, "reason": "Won the raffle"},
    "verifyScore": {"repair": True},
    "resetScores": {},
    "changeScoring": {"monthly_decay": 10},
    "changeScoresInBulk": {"effect": "add", "points": 5, "contacts": [ADA]},
    "verifyScores": {"repair": True},
    "backTestRules": {
        "rules": [{"name": "Forms", "activity": "form.submitted", "effect": "add", "points": 5}],
        "threshold": 5,
    },
    "createAutomation": AUTOMATION,
    "changeAutomation": {"name": "Another name"},
    "startDryRun": {"draft": AUTOMATION},
    "changeAlert": {"state": "resolved"},
    "replaceAlertRules": {"digest": "daily"},
    "judgeActivity": {"machine": True, "reason": "The office firewall"},
    "receiveBilling": {"id": "evt_1", "type": "invoice.paid", "created": 1_795_312_579, "data": {"object": {}}},
    "createTemplate": {"name": "Thanks", "subject": "Thanks, {{ contact.first_name }}", "html": "<p>{{ coupon }}</p>"},
    "changeTemplate": {"text": "Thank you!"},
    "previewTemplate": {"sample": True},
    "previewDraft": {"subject": "Thanks, {{ contact.name }}", "text": "{{ account.name }}", "sample": True},
    "sendMessage": {
        "subject": 'Thanks, {{ contact.first_name | default("friend") }}',
        "text": "{% if rank.total_spent %}You are number {{ rank.total_spent }}.{% endif %}",
    },
    "previewMessage": {"subject": "Thanks", "html": "<p>{{ coupon }}</p>", "coupon": "LAUREL-10"},
    "suppressAddress": {"email": "eve@example.com"},
    "createProgramme": {
        "name": "Regulars",
        "who": {"kind": "hand"},
        "benefit": {"kind": "percent_off", "percent": 10},
        "coupon": {"source": "generated", "prefix": "VIP-"},
    },
    "changeProgramme": {"valid_days": 30},
    "addCoupons": {"generate": 2},
    "giveAwards": {"contacts": [ADA]},
    "replaceTiers": {"tiers": [{"name": "Silver", "needs": {"kind": "score", "points": 100}}]},
    "testMessage": {"subject": "Thanks", "text": "{{ store.name }}"},
    "startImport": {"kind": "orders", "file_name": "orders.csv"},
    "receiveWebhook": {"type": "order.created", "timestamp": now(), "data": order("sample")},
}
"""A body that each operation takes."""

NOWHERE = dict.fromkeys(
    (
        "activity",
        "address",
        "alert",
        "api_key",
        "automation",
        "erasure",
        "import_id",
        "job",
        "message",
        "occasion",
        "programme",
        "rule",
        "run",
        "sender",
        "template",
        "token",
        "user",
        "version",
    ),
    "none",
)
"""Ids of what nobody has, for the parameters of paths."""

LEAST_BODIES = BODIES | {"resetScores": {"contact": contact_id(ADA)}}
"""One that it takes from whoever has no more than its role: only an owner may reset a whole audience."""

__all__ = [
    "ADA",
    "AUTOMATION",
    "BEN",
    "BODIES",
    "CLEO",
    "LEAST_BODIES",
    "NOWHERE",
    "activity",
    "contact_id",
    "now",
    "order",
]
