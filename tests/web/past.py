"""An audience with a store that was connected months ago: boards that were closed, and people who stay away since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.e2e.deployed import eventually
from tests.support.shop import contact_id, order

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant

DAYS = 130
"""Since when the store is connected: three months at least are over, and the quarter before this one."""
WEEKS = 18
"""In which people buy, the last time yesterday."""

FAITHFUL = ("Ada", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jule", "Kim")
"""Who buy each week; the later in the alphabet, the less."""
LAPSED = "lapsed"
"""Bought each week most of all, until eight weeks ago."""
LAPSED_FOR = 8

PATIENCE = 240


@dataclass(frozen=True, slots=True)
class Past:
    """Where it is, and who did what."""

    audience_id: str
    store_id: str
    programme_id: str

    def profile(self, name: str) -> str:
        """Path of somebody's screen."""
        return f"/audiences/{self.audience_id}/contacts/{contact_id(_address(name))}"


def make_past(deployed: Deployed, tenant: Tenant, name: str) -> Past:
    """Make it, in an audience, a store and with a lapsed customer of this hostile ``name``."""
    owner, now = tenant.owner, datetime.now(UTC)
    audience = owner.ok("createAudience", body={"name": f"Past {name}"[:100]})["id"]
    about = {"platform": "api", "name": name, "currency": "EUR", "time_zone": "Europe/Berlin", "audience_id": audience}
    store = owner.ok("connectStore", body=about)["id"]
    for ago in range(WEEKS):
        owner.ok("recordOrders", store=store, body={"orders": _orders(ago, now, name, lapsed=ago < LAPSED_FOR)})
    buyers = len(FAITHFUL) + 1
    eventually(lambda: _bought(deployed, tenant, store), lambda it: len(it) == buyers and it["Kim"] == WEEKS, PATIENCE)
    deployed.connected_at(tenant.account_id, store, now - timedelta(days=DAYS))
    _close(deployed, tenant, store)
    _refund_late(owner, store, now)
    deployed.invoke("DailyFunction")
    alerts = {"audience": audience}
    eventually(lambda: owner.ok("listAlerts", **alerts)["alerts"], bool, PATIENCE)
    programme = {
        "name": name,
        "who": {"kind": "hand"},
        "benefit": {"kind": "early_access", "text": name[:100]},
        "store": store,
    }
    made = owner.ok("createProgramme", audience=audience, body=programme)
    return Past(audience, store, made["id"])


def _address(name: str) -> str:
    return f"{name.lower()}@past.example.com"


def _orders(ago: int, now: datetime, name: str, *, lapsed: bool) -> list[dict[str, Any]]:
    """What people bought so many weeks ago."""
    at = (now - timedelta(weeks=ago, days=1)).isoformat(timespec="seconds")
    people: list[tuple[str, dict[str, Any]]] = [
        (f"{500 - 10 * place}.00", {"email": _address(first), "first_name": first, "last_name": "Past"})
        for place, first in enumerate(FAITHFUL)
    ]
    if not lapsed:
        consent = {"status": "subscribed", "at": at}
        people.append(("900.00", {"email": _address(LAPSED), "first_name": name, "consent": consent}))
    return [
        order(f"p{ago}-{number}", total=total, placed_at=at, customer=person)
        for number, (total, person) in enumerate(people)
    ]


def _bought(deployed: Deployed, tenant: Tenant, store: str) -> dict[str, int]:
    board = deployed.board(tenant.owner, store, limit=100)
    return {email.partition("@")[0].title(): purchases for email, (purchases, _) in board.items()}


def _close(deployed: Deployed, tenant: Tenant, store: str) -> None:
    """Have all boards closed whose time is over, as the schedule does."""
    frames = ("last_week", "last_month", "last_quarter")

    def closed() -> list[str]:
        asked: list[dict[str, Any]] = [{"time_frame": frame, "view": "closed"} for frame in frames]
        answers = [tenant.owner("getLeaderboard", store=store, query=query) for query in asked]
        return [frame for frame, answer in zip(frames, answers, strict=True) if answer.status == 200]

    deployed.invoke("RefreshFunction")
    eventually(closed, lambda it: len(it) == len(frames), PATIENCE)


def _refund_late(owner: Any, store: str, now: datetime) -> None:
    """Give Ada back an order of last month in part, after the month's boards were closed."""
    late_in_the_month = now.replace(day=1) - timedelta(days=4)
    ago = next(it for it in range(WEEKS) if now - timedelta(weeks=it, days=1) < late_in_the_month)
    paid = _orders(ago, now, "", lapsed=True)[0]
    owner.ok("recordOrders", store=store, body=paid | {"refunded": "400.00", "updated_at": now.isoformat()})
