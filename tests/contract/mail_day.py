"""What a merchant does with mail in a day: templates, messages, their sending and what readers do."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from laurel.model.contact import ContactRef
from laurel.model.identity import contact_id
from laurel.model.message import MessageState
from tests.contract.merchant import NOW, Merchant, connect, order
from tests.support.mail_events import event_about
from tests.support.messages import a_message

if TYPE_CHECKING:
    pass


def mail_of_a_day(merchant: Merchant, person: dict[str, str]) -> None:
    """Senders, and a contact who unsubscribes."""
    made = json.loads(merchant.change("POST", "/senders", body={"domain": "example.com"})["body"])
    sender = {"sender": made["id"]}
    merchant.ask("POST", "/senders", body={"email": "shop@example.com"})
    merchant.ask("GET", "/senders")
    merchant.ask("GET", "/senders/{sender}", path=sender)
    merchant.ask("DELETE", "/senders/{sender}", path=sender)
    profile = merchant.ask("GET", "/audiences/{audience}/contacts/{contact}", path=person)
    token = {"token": json.loads(profile["body"])["unsubscribe_url"].rpartition("/")[2]}
    merchant.ask("GET", "/unsubscribe/{token}", path=token)
    form = {"content-type": "application/x-www-form-urlencoded"}
    merchant.ask("POST", "/unsubscribe/{token}", path=token, headers=form, body="List-Unsubscribe=One-Click")


def messages_of_a_day(merchant: Merchant, store: str) -> None:
    """A message to the customer of a store, from a domain whose verification nobody has looked at yet."""
    kim = {"audience": merchant.audience, "contact": contact_id("kim@example.com")}
    messages = "/audiences/{audience}/contacts/{contact}/messages"
    settings = {"postal_address": "Shop street 1", "sender_address": "hello@shop.example"}
    merchant.ask("PATCH", "/account", body=settings)
    merchant.ask("POST", "/senders", body={"domain": "shop.example"})
    merchant.verify("shop.example")
    consent = {"status": "subscribed", "at": NOW.isoformat()}
    agreed = {"id": "a9", "name": "form.submitted", "occurred_at": NOW.isoformat()}
    agreed["contact"] = {"email": "kim@example.com", "consent": consent}
    merchant.ask("POST", "/audiences/{audience}/activities", path={"audience": merchant.audience}, body=agreed)
    written = {
        "subject": "Thank you",
        "text": 'You are number {{ rank.total_spent | default("one") }}.',
        "store": store,
    }
    made = json.loads(merchant.change("POST", messages, path=kim, body=written)["body"])
    message = {**kim, "message": made["id"]}
    merchant.ask("POST", f"{messages}/preview", path=kim, body=written)
    merchant.ask("POST", f"{messages}/test", path=kim, body=written)
    merchant.ask("GET", messages, path=kim)
    merchant.ask("GET", f"{messages}/{{message}}", path=message)
    merchant.ask("GET", "/audiences/{audience}/contacts/{contact}/message-gates", path=kim)
    cancelled = merchant.ask("DELETE", f"{messages}/{{message}}", path=message)
    assert json.loads(cancelled["body"])["state"] == "failed"


def sending_of_a_day(merchant: Merchant) -> None:
    """A message from the outbox to the mail service; those who may not send it and it may not reach are refused."""
    merchant.ask("PATCH", "/account", body={"postal_address": "Shop street 1"})
    sender = json.loads(merchant.ask("POST", "/senders", body={"domain": "shop.example"})["body"])
    merchant.verify("shop.example")
    merchant.ask("GET", "/senders/{sender}", path={"sender": sender["id"]})
    for minutes, state in ((-1, MessageState.SCHEDULED), (-60, MessageState.QUEUED), (-60, MessageState.SENDING)):
        to = f"{state}@example.com"
        ref = ContactRef(merchant.account, merchant.audience, contact_id(to))
        due = NOW + timedelta(minutes=minutes)
        merchant.accept(a_message(ref, state, to=to, sender="hello@shop.example", due=due))
    merchant.forget_link_key()
    merchant.invoke("SweepFunction", {"source": "aws.events"})
    merchant.send_mail()
    assert merchant.mailed() == {"scheduled@example.com", "queued@example.com"}
    feedback_of_a_day(merchant)


def feedback_of_a_day(merchant: Merchant) -> None:
    """What the mail service tells of a mail, and what an account sees of it."""
    ref = ContactRef(merchant.account, merchant.audience, contact_id("told@example.com"))
    message = a_message(ref, MessageState.SENDING, to="told@example.com", sender="hello@shop.example")
    merchant.accept(message)
    for kind, seconds in (("open", 9), ("delivery", 10), ("click-honeypot", 11), ("click", 99), ("complaint", 100)):
        at = message.created_at + timedelta(seconds=seconds)
        assert merchant.invoke("FeedbackFunction", event_about(message, kind, at)) is None
    merchant.ask("GET", "/deliverability")
    merchant.ask("GET", "/suppressions")
    made = json.loads(merchant.change("POST", "/suppressions", body={"email": "eve@example.com"})["body"])
    merchant.ask("POST", "/suppressions", body={"email": "eve@example.com"})
    merchant.ask("DELETE", "/suppressions/{address}", path={"address": made["id"]})


def templates_of_a_day(merchant: Merchant) -> str:
    """A template, and how it would look to the customer of a store; the store's id."""
    store = connect(merchant, "api", audience_id=merchant.audience)["id"]
    merchant.ask("POST", "/stores/{store}/orders", path={"store": store}, body=order("1", "kim@example.com"))
    merchant.settle()
    said = {"subject": "{{ contact.name }}", "html": "<p>{{ rank.total_spent }}</p>"}
    made = json.loads(merchant.change("POST", "/templates", body={"name": "Thanks", **said})["body"])
    template, version = {"template": made["id"]}, {"If-Match": "*"}
    merchant.ask("GET", "/templates")
    merchant.ask("PATCH", "/templates/{template}", path=template, body={"name": "Thank you"}, headers=version)
    merchant.ask("GET", "/templates/{template}", path=template)
    merchant.ask("GET", "/templates/{template}/versions", path=template)
    merchant.ask("GET", "/templates/{template}/versions/{version}", path={**template, "version": "1"})
    wish = {"audience": merchant.audience, "contact": "kim@example.com", "store": store}
    merchant.ask("POST", "/templates/{template}/preview", path=template, body=wish)
    merchant.ask("POST", "/templates/preview", body=wish | said)
    merchant.ask("DELETE", "/templates/{template}", path=template, headers=version)
    return str(store)
