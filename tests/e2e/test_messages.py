"""Templates, senders, billing and unsubscribe links on the deployed stack."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from tests.e2e.deployed import eventually
from tests.support.shop import ADA, activity, contact_id

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_template_is_filled_in_for_a_contact(tenant: Tenant) -> None:
    person = {"email": ADA, "first_name": "Ada", "last_name": "Lovelace"}
    tenant.owner.ok("recordActivity", audience=tenant.audience_id, body={**activity("t1"), "contact": person})
    draft = {"name": "Thanks", "subject": "For {{ contact.first_name }}", "html": "<p onclick='x()'>{{ coupon }}</p>"}
    template = tenant.owner.ok("createTemplate", body=draft)

    asked = {"audience": tenant.audience_id, "contact": contact_id(ADA), "coupon": "<b>10%"}
    shown = tenant.owner.ok("previewTemplate", template=template["id"], body=asked)

    assert shown["subject"] == "For Ada"
    assert "onclick" not in shown["html"]
    assert "&lt;b&gt;10%" in shown["html"]
    assert "<b>10%" in shown["text"]


def test_a_sender_is_set_up_and_given_up(tenant: Tenant) -> None:
    made = tenant.owner.ok("createSender", body={"domain": f"{uuid4().hex[:12]}.example"})

    seen = tenant.owner.ok("getSender", sender=made["id"])
    tenant.owner.ok("deleteSender", sender=made["id"])

    assert len([record for record in seen["records"] if record["purpose"] == "dkim"]) == 3
    assert tenant.owner("getSender", sender=made["id"]).status == 404


def test_billing_is_closed_until_it_is_connected(deployed: Deployed) -> None:
    answer = deployed.send("POST", "/billing/stripe", headers={"Content-Type": "application/json"}, body="{}")

    assert (answer.status, answer.problem) == (404, "billing-not-connected")


def test_one_click_unsubscribes_and_looking_does_not(deployed: Deployed, tenant: Tenant) -> None:
    audience = {"audience": tenant.owner.ok("createAudience", body={"name": "Readers"})["id"]}
    person = {**audience, "contact": contact_id(ADA)}
    left = {"name": "Left", "activity": "unsubscribed", "effect": "add", "points": 1}
    tenant.owner.ok("createScoringRule", **audience, body=left)
    tenant.owner.ok("recordActivity", **audience, body=activity("u1"))
    link = "/unsubscribe/" + tenant.owner.ok("getContact", **person)["unsubscribe_url"].rpartition("/")[2]

    page = deployed.send("GET", link)
    before = tenant.owner.ok("getContact", **person)["status"]
    clicked = deployed.send("POST", link, headers=FORM, body="List-Unsubscribe=One-Click")
    again = deployed.send("POST", link, headers=FORM, body="List-Unsubscribe=One-Click")

    assert (page.status, page.content_type, clicked.status, again.status) == (200, "text/html", 200, 200)
    assert before == "non_subscribed"
    assert tenant.owner.ok("getContact", **person)["status"] == "unsubscribed"
    eventually(lambda: tenant.owner.ok("getScore", **person)["score"], lambda it: it == 1)
    assert deployed.send("GET", link[:-1] + ("A" if link[-1] != "A" else "B")).status == 404
