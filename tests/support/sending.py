"""What it takes to send: a paid plan, a verified sender, a postal address, a store, and somebody who wants mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.shop import ADA, activity, contact_id, now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

MARKETER = "kim@shop.example"
HELLO = {
    "subject": "Hello {{ contact.first_name | default('you') }}",
    "text": "You are number {% if rank.total_spent %}{{ rank.total_spent }}{% endif %}.",
}

type Allow = Callable[[Tenant, str], None]
"""Gives a tenant a paid plan and has its domain verified."""


def equip(tenant: Tenant, allow: Allow, domain: str | None = None) -> str:
    """Let a tenant write from a domain; the sender's id."""
    domain = domain or f"{tenant.account_id}.example.com"
    sender = tenant.owner.ok("createSender", body={"domain": domain})["id"]
    allow(tenant, domain)
    settings = {"postal_address": "Hauptstr. 1\n10115 Berlin", "sender_address": f"hello@{domain}"}
    tenant.owner.ok("changeAccount", body=settings)
    return str(sender)


def a_writer(api: Gateway) -> Tenant:
    """An account that lacks nothing to send."""
    made = api.tenant(email=MARKETER)
    made.connect(name="Lamps")
    equip(made, api.allow)
    return made


def subscribe(tenant: Tenant, email: str = ADA, status: str = "subscribed", **more: str) -> Mapping[str, str]:
    """A contact's place in paths, after they have decided."""
    consent = {"status": status, "at": now()}
    said = activity(f"decided-{email}-{status}") | {"contact": {"email": email, "consent": consent, **more}}
    tenant.owner.ok("recordActivity", audience=tenant.audience_id, body=said)
    return {"audience": tenant.audience_id, "contact": contact_id(email)}
