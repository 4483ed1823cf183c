"""What a merchant does with rewards and tiers in a day."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from laurel.model.contact import ContactRef
from laurel.model.identity import contact_id
from laurel.model.reward import Award, AwardState
from laurel.store.awards import Awards
from tests.support.tables import Database

EMAIL = "kim@example.com"


class Asks(Protocol):
    """Sends requests to the functions."""

    account: str
    audience: str

    def ask(self, method: str, resource: str, **request: Any) -> dict[str, Any]: ...
    def change(self, method: str, resource: str, **request: Any) -> dict[str, Any]: ...
    def close(self, period: str, store_id: str) -> None: ...
    def work(self) -> None: ...
    def settle(self) -> None: ...
    def verify(self, domain: str) -> None: ...
    def invoke(self, function: str, event: dict[str, Any]) -> dict[str, Any]: ...


def rewards_of_a_day(merchant: Asks, store: str, database: Database) -> None:
    """Programmes of each kind about a store's customer, who gets mail of it; coupons, tiers and what all this does."""
    within = {"audience": merchant.audience}
    programmes, tiers = "/audiences/{audience}/programmes", "/audiences/{audience}/tiers"
    one, match = f"{programmes}/{{programme}}", {"If-Match": "*"}
    placed = {"id": "r1", "placed_at": datetime.now(UTC).isoformat(), "status": "paid", "currency": "EUR"}
    bought = {**placed, "total": "900.00", "customer": {"email": EMAIL}}
    merchant.ask("POST", "/stores/{store}/orders", path={"store": store}, body=bought)
    merchant.settle()
    points = {"effect": "set", "points": 500}
    merchant.ask("POST", "/audiences/{audience}/contacts/{contact}/score", path=_kim(merchant), body=points)
    merchant.ask("POST", "/senders", body={"domain": "rewards.example"})
    merchant.verify("rewards.example")
    merchant.ask("PATCH", "/account", body={"sender_address": "hello@rewards.example"})
    said = {"name": "Reward", "subject": "You are {{ rank.total_spent }}", "text": "{{ coupon }}"}
    template = json.loads(merchant.ask("POST", "/templates", body=said)["body"])["id"]

    needs = [
        {"kind": "score", "points": 100},
        {"kind": "spent", "store": store, "time_frame": "all_time", "amount": "1.00"},
    ]
    wanted = {"tiers": [{"name": f"Tier {number}", "needs": it} for number, it in enumerate(needs)]}
    kept = merchant.ask("PUT", tiers, path=within, body=wanted, headers=match | {"Idempotency-Key": "tiers"})
    tier = json.loads(kept["body"])["tiers"][1]["id"]
    merchant.ask("GET", tiers, path=within)
    merchant.ask("GET", "/stores/{store}/leaderboard", path={"store": store})
    merchant.ask("GET", "/audiences/{audience}/contacts/{contact}", path=_kim(merchant))

    named = {"name": "By hand", "who": {"kind": "hand"}, "benefit": {"kind": "percent_off", "percent": 10}}
    pool = {**named, "coupon": {"source": "generated"}, "template": template, "store": store}
    made = json.loads(merchant.change("POST", programmes, path=within, body=pool)["body"])
    programme = {**within, "programme": made["id"]}
    for who in ({"kind": "score", "points": 100}, {"kind": "tier", "tier": tier}):
        merchant.ask("POST", programmes, path=within, body={**named, "who": who})
    merchant.ask("GET", programmes, path=within)
    merchant.ask("GET", one, path=programme)
    merchant.ask("PATCH", one, path=programme, body={"valid_days": 9}, headers=match)
    merchant.change("POST", f"{one}/coupons", path=programme, body={"generate": 3})
    merchant.ask("GET", f"{one}/coupons", path=programme)
    merchant.close("2020-02", store)
    boards = [{"store": store, "period": "all", "first": 3},
              {"store": store, "period": "2020-02", "view": "closed", "first": 3}]  # fmt: skip
    merchant.change("POST", f"{one}/awards", path=programme, body={"contacts": [EMAIL], "occasion": "fair"})
    for board in boards:
        merchant.ask("POST", f"{one}/awards", path=programme, body={"board": board})
    merchant.invoke("DailyFunction", {"source": "aws.events"})
    merchant.work()
    listed = json.loads(merchant.ask("GET", f"{one}/awards", path=programme)["body"])["awards"]
    assert [it["message"] is not None for it in listed] == [True] * 2
    award = {**programme, "contact": contact_id(EMAIL), "occasion": "fair"}
    merchant.change("DELETE", f"{one}/awards/{{contact}}/{{occasion}}", path=award)
    _award_before(merchant, database, made["id"])
    merchant.ask("GET", f"{one}/lift", path=programme, query={"days": "1"})
    merchant.ask("GET", "/audiences/{audience}/contacts/{contact}/awards", path=_kim(merchant))


def _award_before(merchant: Asks, database: Database, programme_id: str) -> None:
    """Kim got something a week ago, too."""
    awards = Awards(database.client, database.tables.workspace, database.tables.contacts)
    programme = awards.programme(merchant.account, merchant.audience, programme_id)
    assert programme
    ref = ContactRef(merchant.account, merchant.audience, contact_id(EMAIL))
    before = datetime.now(UTC) - timedelta(days=7)
    assert awards.keep(programme, Award(ref, programme_id, "last", before, AwardState.GIVEN, programme.benefit)) is None


def _kim(merchant: Asks) -> dict[str, str]:
    return {"audience": merchant.audience, "contact": contact_id(EMAIL)}
