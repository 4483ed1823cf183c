"""An account with something to see on every screen, most of it with names that nobody should have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING, Any

from laurel.model.account import Plan, Role
from tests.e2e.deployed import PASSWORD, eventually
from tests.support.client import Tenant
from tests.support.shop import activity, contact_id, order
from tests.web.past import Past, make_past
from tests.web.rewarded import Rewarded, reward

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed

SCRIPT = "<img src=x onerror=alert(1)><script>alert(2)</script>"
TURNED = "\u202eevil \u05d3\u05d5\u05d3 \u0645\u0631\u064a\u0645"
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 3
EMOJI = "👩‍👩‍👧‍👦🏳️‍🌈 Zo̵̢̗̎ë"
ICU = "{count, plural, other {#}} {{ coupon }} '{'"
HOSTILE = {"script": SCRIPT, "turned": TURNED, "long": LONG[:100], "emoji": EMOJI, "icu": ICU}
"""First and last names of people, by the beginning of their address."""

READERS = {"en": "Ada", "pt-BR": "Ben", "fr": "Cleo", "de": "Dora"}
"""First names of people who want mail, one for each language that is tried."""
CUSTOMERS = 60
"""More than a page of a board holds."""


@dataclass(frozen=True, slots=True)
class Furnished:
    """The account: who signs in, and where things are."""

    tenant: Tenant
    emails: dict[Role, str]
    password: str
    store_id: str
    webhook_store_id: str
    other_audience_id: str
    other_store_id: str
    template_id: str
    import_id: str
    rewarded: Rewarded
    past: Past

    @property
    def audience_id(self) -> str:
        """The audience that has it all."""
        return self.tenant.audience_id

    def profile(self, name: str) -> str:
        """Path of the screen of a hostile person or a reader."""
        return f"/audiences/{self.audience_id}/contacts/{contact_id(address(name))}"


def address(name: str) -> str:
    """A person's e-mail address."""
    return f"{name.lower()}@example.com"


def furnish(deployed: Deployed) -> Furnished:
    """Make it, and wait until boards and scores show it."""
    owner, created = deployed.create_user("--name", SCRIPT)
    viewer, _ = deployed.create_user("--account", created["account_id"], "--role", Role.VIEWER.value)
    tokens = {Role.OWNER: deployed.sign_in(owner)}
    tenant = Tenant(deployed.send, created["account_id"], created["audience_id"], tokens)
    deployed.change_plan(tenant.account_id, Plan.STANDARD)
    client, here = tenant.owner, {"audience": tenant.audience_id}
    _prepare_mail(tenant)
    store_id = tenant.connect("api", name=SCRIPT)["id"]
    webhook_store_id = tenant.connect("woocommerce", name=TURNED)["id"]
    other = client.ok("createAudience", body={"name": f"{TURNED} {SCRIPT}"[:100]})["id"]
    other_store = client.ok("connectStore", body=_store("api", EMOJI, other))["id"]
    client.ok("recordOrders", store=other_store, body=order("other", "neighbour@example.com", "12.00"))
    rule = {"name": TURNED, "activity": "page.visited", "effect": "add", "points": 5}
    client.ok("createScoringRule", **here, body=rule)
    client.ok("createScoringRule", **here, body=rule | {"name": LONG[:100], "activity": "form.submitted"})
    for orders in batched(_orders(), 20, strict=False):
        client.ok("recordOrders", store=store_id, body={"orders": list(orders)})
    for name in HOSTILE:
        client.ok("recordActivity", **here, body=activity(f"visit-{name}", address(name)))
    template = client.ok("createTemplate", body={"name": SCRIPT, "subject": f"{TURNED} 👋", "html": "<p>Hello</p>"})
    _write(tenant, store_id)
    client.ok("createApiKey", body={"name": SCRIPT})
    client.ok("suppressAddress", body={"email": f"{'x' * 60}@{'y' * 60}.example"})
    started = client.ok("startImport", store=store_id, body={"kind": "orders", "file_name": f"{TURNED} {SCRIPT}.csv"})
    eventually(lambda: deployed.board(client, store_id, limit=100), lambda it: len(it) == CUSTOMERS, 60)
    eventually(lambda: client.ok("findContactsByScore", **here)["rows"], lambda it: len(it) >= len(HOSTILE), 60)
    return Furnished(
        tenant,
        {Role.OWNER: owner, Role.VIEWER: viewer},
        PASSWORD,
        store_id,
        webhook_store_id,
        other,
        other_store,
        template["id"],
        started["id"],
        reward(tenant, store_id, template["id"], f"{TURNED} {SCRIPT}"[:100], address("Ada")),
        make_past(deployed, tenant, f"{TURNED} {SCRIPT}"[:80]),
    )


def _prepare_mail(tenant: Tenant) -> None:
    domain = f"{tenant.account_id[:20].lower()}.example"
    tenant.owner.ok("createSender", body={"domain": domain})
    about = {
        "postal_address": "Lindenstraße 1\n10969 Berlin",
        "sender_address": f"news@{domain}",
        "sender_name": TURNED,
    }
    tenant.owner.ok("changeAccount", body=about | {"sender_name": TURNED})


def _store(platform: str, name: str, audience_id: str) -> dict[str, Any]:
    plan = {"platform": platform, "name": name, "currency": "EUR", "time_zone": "Europe/Berlin"}
    return plan | {"audience_id": audience_id}


def _orders() -> list[dict[str, Any]]:
    """Orders of hostile people first, then of enough others; one that no board can count."""
    consent = {"status": "subscribed", "at": datetime.now(UTC).isoformat()}
    named = {name: (name, "Lovelace") for name in READERS.values()} | {name: (it, it) for name, it in HOSTILE.items()}
    tags = ["vip", SCRIPT[:50]]
    people: list[dict[str, Any]] = [
        {"email": address(name), "first_name": first, "last_name": last, "consent": consent, "tags": tags}
        for name, (first, last) in named.items()
    ]
    people += [{"email": f"customer-{number:02}@example.com"} for number in range(CUSTOMERS - len(people))]
    orders = [
        order(f"o{rank}", total=f"{1000 - rank}.50", number=TURNED if person in people[:9] else None, customer=person)
        for rank, person in enumerate(people)
    ]
    return [*orders, order("nobody", None)]


def _write(tenant: Tenant, store_id: str) -> None:
    """A message with a hostile subject."""
    path = {"audience": tenant.audience_id, "contact": contact_id(address("Ada"))}
    eventually(lambda: tenant.owner("getContact", **path).status, lambda status: status == 200)
    body = {"subject": f"{SCRIPT} {TURNED} {EMOJI}", "text": "Thank you!", "store": store_id}
    tenant.owner.ok("sendMessage", **path, body=body)
