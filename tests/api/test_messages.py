"""Messages over the API: what is answered, who may, and what nobody can smuggle in."""

from __future__ import annotations

import email
from datetime import UTC, datetime, timedelta
from email.policy import SMTP
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from laurel.store import queue
from tests.support.client import Client
from tests.support.functions import MAIL_QUEUE_URL
from tests.support.sending import HELLO, MARKETER, a_writer, equip, subscribe
from tests.support.shop import ADA, BEN, order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

BARE = HELLO | {"subject": "Hello {{ contact.first_name }}", "text": "You are number {{ rank.total_spent }}."}


@pytest.fixture
def tenant(api: Gateway) -> Tenant:
    return a_writer(api)


@pytest.fixture
def ada(tenant: Tenant) -> Mapping[str, str]:
    return subscribe(tenant, ADA, first_name="Ada", last_name="Lovelace")


def quiet(tenant: Tenant) -> datetime:
    """Have the account be quiet for now; until when."""
    now = datetime.now(UTC)
    end = (now + timedelta(hours=3)).replace(minute=0, second=0, microsecond=0)
    hours = {"start": f"{now:%H}:00", "end": f"{end:%H}:00", "time_zone": "UTC"}
    tenant.owner.ok("changeAccount", body={"quiet_hours": hours})
    return end


def queued() -> int:
    """Messages that wait in the queue of mail; takes them out."""
    client: Any = queue.sqs()
    found = 0
    while taken := client.receive_message(QueueUrl=MAIL_QUEUE_URL, MaxNumberOfMessages=10).get("Messages"):
        for it in taken:
            client.delete_message(QueueUrl=MAIL_QUEUE_URL, ReceiptHandle=it["ReceiptHandle"])
        found += len(taken)
    return found


def test_a_message_is_accepted_and_sent(api: Gateway, tenant: Tenant, ada: Mapping[str, str]) -> None:
    queued()
    sent = tenant.as_(Role.MARKETER).ok("sendMessage", body=HELLO, **ada)

    assert (sent["state"], sent["to"], sent["subject"]) == ("queued", ADA, "Hello Ada")
    assert (sent["from"], sent["created_by"]) == (f"hello@{tenant.account_id}.example.com", MARKETER)
    assert (sent["test"], sent["scheduled_for"], set(sent["times"])) == (False, None, {"queued"})
    api.send_mail()

    seen = tenant.as_(Role.VIEWER).ok("getMessage", message=sent["id"], **ada)
    assert (seen["state"], seen["text"], seen["html"]) == ("sent", "You are number .", None)
    mail = email.message_from_bytes(api.ses.sent[-1].content, policy=SMTP)
    assert (mail["To"], mail["Subject"]) == (f"Ada Lovelace <{ADA}>", "Hello Ada")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (entry,) = (it for it in tenant.owner.ok("getTimeline", **ada)["entries"] if it["kind"] == "message")
    assert entry["message"] == {
        "subject": "Hello Ada",
        "state": "sent",
        "times": seen["times"],
        "reason": None,
    }
    assert entry["id"] == sent["id"]


def test_a_template_is_filled_in_with_figures_of_the_store(
    api: Gateway, tenant: Tenant, ada: Mapping[str, str]
) -> None:
    (store,) = tenant.owner.ok("listStores")["stores"]
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1", ADA, "59.90"))
    api.settle()
    said = {
        "name": "Thanks",
        "subject": "Number {{ rank.total_spent }}",
        "html": "<p>{{ store.total_spent }} {{ coupon }}</p>",
    }
    template = tenant.owner.ok("createTemplate", body=said)

    body = {"template": template["id"], "coupon": "10 %", "time_frame": "all_time"}
    sent = tenant.owner.ok("sendMessage", body=body, **ada)

    assert (sent["subject"], sent["template"], sent["template_version"]) == ("Number 1", template["id"], 1)
    assert sent["store"] == store["id"]
    seen = tenant.owner.ok("getMessage", message=sent["id"], **ada)
    assert (seen["html"], seen["text"]) == ("<p>59.90 10 %</p>", "59.90 10 %")


def test_a_message_that_would_show_nothing_is_refused(api: Gateway, tenant: Tenant, ada: Mapping[str, str]) -> None:
    refused = tenant.owner("sendMessage", body=BARE, **ada)

    assert (refused.status, refused.problem) == (422, "fields-without-value")
    assert refused.json["missing"] == tenant.owner.ok("previewMessage", body=BARE, **ada)["missing"]
    assert tenant.owner.ok("listMessages", **ada)["messages"] == []
    assert tenant.owner.ok("getMessageGates", **ada)["month"]["used"] == 0
    tenant.as_(Role.MARKETER).ok("testMessage", body=BARE, **ada)
    template = tenant.owner.ok("createTemplate", body=BARE | {"name": "Bare"})["id"]
    assert tenant.owner("sendMessage", body={"template": template}, **ada).problem == "fields-without-value"
    (store,) = tenant.owner.ok("listStores")["stores"]
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1", ADA, "59.90"))
    api.settle()
    tenant.owner.ok("sendMessage", body={"template": template}, **ada)


def test_quiet_hours_hold_a_message_up(tenant: Tenant, ada: Mapping[str, str]) -> None:
    queued()
    end = quiet(tenant)

    sent = tenant.owner.ok("sendMessage", body=HELLO, **ada)

    assert (sent["state"], sent["scheduled_for"]) == ("scheduled", f"{end:%Y-%m-%dT%H:%M:%SZ}")
    assert tenant.owner.ok("getMessageGates", **ada)["scheduled_for"] == sent["scheduled_for"]
    assert queued() == 0


def test_a_test_message_goes_to_who_asks(api: Gateway, tenant: Tenant) -> None:
    quiet(tenant)
    ben = subscribe(tenant, BEN, "unsubscribed", first_name="Ben")

    sent = tenant.as_(Role.MARKETER).ok("testMessage", body=HELLO, **ben)

    assert (sent["to"], sent["subject"], sent["test"]) == (MARKETER, "[Test] Hello Ben", True)
    api.send_mail()
    assert api.ses.sent[-1].to == MARKETER
    mail = email.message_from_bytes(api.ses.sent[-1].content, policy=SMTP)
    link = mail["List-Unsubscribe"].strip("<>")
    assert link.endswith("/unsubscribe/test")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    clicked = api.send("POST", link.partition("/v1")[2], headers=form, body="List-Unsubscribe=One-Click")
    assert clicked.status == 404
    assert [it["id"] for it in tenant.owner.ok("listMessages", **ben)["messages"]] == [sent["id"]]
    assert not [it for it in tenant.owner.ok("getTimeline", **ben)["entries"] if it["kind"] == "message"]
    assert tenant.owner.ok("getMessageGates", **ben)["month"]["used"] == 1


@pytest.mark.parametrize(
    "claims", [{}, {"email": "kim@shop.example"}, {"email": "k@s.example", "email_verified": "false"}]
)
def test_a_test_message_needs_a_verified_address(
    claims: dict[str, str], api: Gateway, tenant: Tenant, ada: Mapping[str, str]
) -> None:
    token = {"custom:account_id": tenant.account_id, "custom:role": "owner", **claims}

    answer = Client(api.send, api.token(token))("testMessage", body=HELLO, **ada)

    assert (answer.status, answer.problem) == (409, "address-not-verified")


def test_a_preview_is_the_whole_mail_and_writes_nothing(api: Gateway, tenant: Tenant, ada: Mapping[str, str]) -> None:
    before = [api.items(table) for table in api.database.tables._fields]

    shown = tenant.owner.ok("previewMessage", body=BARE, **ada)

    assert (shown["from"], shown["to"], shown["subject"]) == (
        f"hello@{tenant.account_id}.example.com",
        ADA,
        "Hello Ada",
    )
    assert (shown["from_name"], shown["missing"]) == ("Shop", ["rank.total_spent"])
    assert "Hauptstr. 1" in shown["text"]
    assert "/unsubscribe/test" in shown["html"]
    assert [api.items(table) for table in api.database.tables._fields] == before


def test_messages_are_listed_newest_first_and_page_by_page(tenant: Tenant, ada: Mapping[str, str]) -> None:
    sent = [tenant.owner.ok("sendMessage", body=HELLO, **ada)["id"] for _ in range(5)]
    subscribe(tenant, BEN)

    listed, cursor = list[str](), None
    for _ in range(3):
        page = tenant.owner.ok("listMessages", query={"limit": 2} | ({"cursor": cursor} if cursor else {}), **ada)
        listed += [it["id"] for it in page["messages"]]
        cursor = page["next_cursor"]

    assert cursor is None
    assert set(listed) == set(sent)
    times = [tenant.owner.ok("getMessage", message=it, **ada)["created_at"] for it in listed]
    assert times == sorted(times, reverse=True)
    first = tenant.owner.ok("listMessages", query={"limit": 1}, **ada)["next_cursor"]
    of_ben = subscribe(tenant, BEN, "unsubscribed")
    assert tenant.owner("listMessages", query={"cursor": first}, **of_ben).problem == "invalid-cursor"


def test_a_message_is_taken_back_until_it_is_being_sent(api: Gateway, tenant: Tenant, ada: Mapping[str, str]) -> None:
    waiting, gone = (tenant.owner.ok("sendMessage", body=HELLO, **ada)["id"] for _ in range(2))
    cancelled = tenant.as_(Role.MARKETER).ok("cancelMessage", message=waiting, **ada)
    api.send_mail()

    assert (cancelled["state"], cancelled["reason"]) == ("failed", "cancelled")
    assert tenant.owner.ok("cancelMessage", message=waiting, **ada) == cancelled
    assert [it.tags["laurel-message"] for it in api.ses.sent if it.tags["laurel-account"] == tenant.account_id] == [
        gone
    ]
    answer = tenant.owner("cancelMessage", message=gone, **ada)
    assert (answer.status, answer.problem) == (409, "conflict")
    assert tenant.owner.ok("getMessage", message=gone, **ada)["state"] == "sent"


def test_a_repetition_is_the_same_message(api: Gateway, tenant: Tenant, ada: Mapping[str, str]) -> None:
    key = {"Idempotency-Key": "thanks"}
    first = tenant.owner.ok("sendMessage", body=HELLO, headers=key, **ada)
    again = tenant.owner.ok("sendMessage", body=HELLO, headers=key, **ada)
    ben = subscribe(tenant, BEN)
    other = tenant.owner.ok("sendMessage", body=HELLO, headers=key, **ben)
    tested = tenant.owner.ok("testMessage", body=HELLO, headers=key, **ada)

    assert again == first
    assert len({first["id"], other["id"], tested["id"]}) == 3
    assert tenant.owner.ok("getMessageGates", **ada)["month"]["used"] == 3


def test_a_repetition_is_the_same_message_even_after_the_answer_is_forgotten(
    api: Gateway, tenant: Tenant, ada: Mapping[str, str]
) -> None:
    key = {"Idempotency-Key": "thanks"}
    first = tenant.owner.ok("sendMessage", body=HELLO, headers=key, **ada)
    client, table = api.database.client, api.database.tables.workspace
    for item in api.items("workspace"):
        if "idempotency" in item["sk"]["S"]:
            client.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})

    again = tenant.owner.ok("sendMessage", body=HELLO, headers=key, **ada)

    assert again == first
    assert tenant.owner.ok("getMessageGates", **ada)["month"]["used"] == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"text": "Hello"}, ""),
        ({"subject": "Hello"}, "/text"),
        ({"template": "x", "subject": "Hello"}, ""),
        ({"template": "x", "text": "Hello"}, ""),
        (HELLO | {"subject": "Hello\r\nBcc: eve@example.com"}, "/subject"),
        (HELLO | {"subject": "Hello\nBcc: eve@example.com"}, "/subject"),
        (HELLO | {"subject": "Hello\u2028Bcc: eve@example.com"}, "/subject"),
        (HELLO | {"subject": "Hello\x00"}, "/subject"),
        (HELLO | {"subject": "\ud800"}, "/subject"),
        (HELLO | {"subject": "x" * 501}, "/subject"),
        (HELLO | {"from": "hello@example.com\r\nBcc: eve@example.com"}, "/from"),
        (HELLO | {"from": "Shop <hello@example.com>"}, "/from"),
        (HELLO | {"from": "a@example.com, b@example.com"}, "/from"),
        (HELLO | {"from": '"x\\"@example.com'}, "/from"),
        (HELLO | {"sender": "hello@example.com"}, "/sender"),
        (HELLO | {"to": "eve@example.com"}, "/to"),
        (HELLO | {"headers": {"Bcc": "eve@example.com"}}, "/headers"),
        (HELLO | {"time_frame": "for_ever"}, "/time_frame"),
        (HELLO | {"coupon": ""}, "/coupon"),
        (HELLO | {"text": "{{ contact.__class__ }}"}, "/text"),
        (HELLO | {"text": "{{ contact.frist_name }}"}, "/text"),
        (HELLO | {"text": "{{ ''.__class__.__mro__ }}"}, "/text"),
        (HELLO | {"text": "{{ cycler.__init__.__globals__ }}"}, "/text"),
        (HELLO | {"text": "{% for x in range(10) %}{% endfor %}"}, "/text"),
        (HELLO | {"text": "{% include '/etc/passwd' %}"}, "/text"),
        (HELLO | {"text": "{{ contact.first_name | attr('__class__') }}"}, "/text"),
        (HELLO | {"html": "{{ self }}"}, "/html"),
        (HELLO | {"html": "{% import 'os' as os %}"}, "/html"),
        (HELLO | {"html": "{{ 9 ** 9 ** 9 }}"}, "/html"),
    ],
)
@pytest.mark.parametrize("operation", ["sendMessage", "testMessage", "previewMessage"])
def test_hostile_requests_are_refused(
    operation: str, body: Any, pointer: str, api: Gateway, tenant: Tenant, ada: Mapping[str, str]
) -> None:
    answer = tenant.owner(operation, body=body, **ada)

    assert (answer.status, answer.problem, answer.pointers) == (422, "invalid-input", [pointer])
    assert tenant.owner.ok("getMessageGates", **ada)["month"]["used"] == 0


HOSTILE = "<script>alert(1)</script>\r\nBcc: eve@example.com\u202e{{ contact.email }}"


def test_hostile_values_are_only_read(api: Gateway, tenant: Tenant) -> None:
    queued()
    mallory = subscribe(tenant, "mallory@example.com", first_name=HOSTILE[:60], last_name='"><img src=x onerror=a()>')
    tenant.owner.ok("changeAccount", body={"sender_name": 'Shop" <eve@example.com>, "', "name": "{{ coupon }}"})
    said = {
        "subject": "{{ contact.first_name }} {{ coupon }}",
        "html": '<p title="{{ contact.name }}">{{ contact.name }} {{ coupon }} {{ account.name }}</p>',
        "coupon": "</p><script>x()</script>{{ 7 * 7 }}",
    }

    sent = tenant.owner.ok("sendMessage", body=said, **mallory)
    api.send_mail()

    seen = tenant.owner.ok("getMessage", message=sent["id"], **mallory)
    assert "<script" not in seen["html"]
    assert "onerror=a()>" not in seen["html"].replace("&gt;", "")
    assert "<img" not in seen["html"]
    assert "{{ 7 * 7 }}" in seen["html"]
    assert "{{ coupon }}" in seen["html"]
    assert "\n" not in seen["subject"]
    assert "\u202e" not in seen["subject"]
    mail = email.message_from_bytes(api.ses.sent[-1].content, policy=SMTP)
    assert not mail.defects
    assert mail["Bcc"] is None
    assert [it.addr_spec for it in mail["From"].addresses] == [f"hello@{tenant.account_id}.example.com"]
    assert [it.addr_spec for it in mail["To"].addresses] == ["mallory@example.com"]
    assert mail["Subject"] == seen["subject"]
    (markup,) = (part.get_content() for part in mail.walk() if part.get_content_type() == "text/html")
    assert "<script" not in markup
    assert "<img" not in markup


def test_what_is_another_tenants_is_not_there(api: Gateway, tenant: Tenant, ada: Mapping[str, str]) -> None:
    other = api.tenant(email="eve@example.org")
    other.connect()
    equip(other, api.allow)
    theirs = subscribe(other, BEN)
    template = other.owner.ok("createTemplate", body={"name": "T", "subject": "Secret", "text": "Secret"})["id"]
    (store,) = other.owner.ok("listStores")["stores"]
    message = other.owner.ok("sendMessage", body=HELLO, **theirs)["id"]

    answers = [
        tenant.owner("sendMessage", body={"template": template}, **ada),
        tenant.owner("sendMessage", body=HELLO | {"store": store["id"]}, **ada),
        tenant.owner("sendMessage", body=HELLO, **theirs),
        tenant.owner("sendMessage", body=HELLO, audience=tenant.audience_id, contact=theirs["contact"]),
        tenant.owner("getMessage", message=message, **theirs),
        tenant.owner("getMessage", message=message, **ada),
        tenant.owner("cancelMessage", message=message, **theirs),
        tenant.owner("cancelMessage", message=message, **ada),
        tenant.owner("getMessageGates", **theirs),
    ]

    assert [(it.status, it.problem) for it in answers] == [(404, "not-found")] * len(answers)
    stolen = tenant.owner("sendMessage", body=HELLO | {"from": f"hello@{other.account_id}.example.com"}, **ada)
    assert stolen.problem == "sender-not-verified"
    assert other.owner.ok("getMessage", message=message, **theirs)["state"] == "queued"
    assert tenant.owner.ok("getMessageGates", **ada)["month"]["used"] == 0


def test_a_store_of_another_audience_is_refused(tenant: Tenant, ada: Mapping[str, str]) -> None:
    audience = tenant.owner.ok("createAudience", body={"name": "Others"})["id"]
    store = tenant.connect(audience_id=audience)

    answer = tenant.owner("sendMessage", body=HELLO | {"store": store["id"]}, **ada)

    assert (answer.status, answer.pointers) == (422, ["/store"])
