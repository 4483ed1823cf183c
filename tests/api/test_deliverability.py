"""What becomes of mail, over the API: what the mail service tells, what it changes, and who is stopped."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from laurel.model.contact import ContactRef
from laurel.model.deliverability import Counts
from laurel.model.errors import InvalidInput
from laurel.model.message import Message, MessageState
from laurel.store.deliverability import counted
from laurel.store.messages import Messages
from laurel.store.suppressions import Suppressions
from tests.support.api import Context
from tests.support.mail_events import IGNORED, event_about, sample
from tests.support.sending import equip, subscribe
from tests.support.shop import ADA, BODIES, contact_id, order

if TYPE_CHECKING:
    from tests.support.client import Tenant
    from tests.support.gateway import Gateway

MAILBOX = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"
_numbers = itertools.count(1)


def tell(api: Gateway, event: dict[str, Any]) -> None:
    """Have an event heard."""
    assert api.handler("FeedbackFunction")(event, Context()) is None


@pytest.fixture
def sending(api: Gateway, tenant: Tenant) -> Tenant:
    """Somebody who may send, with a shop and a customer who wants mail."""
    store = tenant.connect("api")
    tenant.owner.ok("recordOrders", store=store["id"], body=order("1"))
    equip(tenant, api.allow)
    subscribe(tenant)
    api.settle()
    return tenant


class Sent:
    """A message that went to Ada, and what is told of it."""

    def __init__(self, api: Gateway, tenant: Tenant) -> None:
        self._api, self._tenant = api, tenant
        self.place = {"audience": tenant.audience_id, "contact": contact_id(ADA)}
        self.id = tenant.owner.ok("sendMessage", body=BODIES["sendMessage"], **self.place)["id"]
        api.send_mail()
        (self.mail,) = (mail for mail in api.ses.sent if mail.tags["laurel-message"] == self.id)

    @property
    def message(self) -> Message:
        ref = ContactRef(self._tenant.account_id, self._tenant.audience_id, contact_id(ADA))
        message = Messages(self._api.database.client, self._api.database.tables.contacts).message(ref, self.id)
        assert message
        return message

    def told(self, kind: str, seconds: float = 60, **more: Any) -> None:
        at = self.message.created_at + timedelta(seconds=seconds)
        tell(self._api, event_about(self.message, kind, at, mail_id=self.mail.id, **more))
        self._api.settle()

    def shown(self) -> Any:
        return self._tenant.owner.ok("getMessage", message=self.id, **self.place)

    def contact(self) -> Any:
        return self._tenant.owner.ok("getContact", **self.place)

    def activities(self) -> list[str]:
        entries = self._tenant.owner.ok("getTimeline", **self.place)["entries"]
        return [it["activity"]["name"] for it in entries if it["kind"] == "activity"]


@pytest.fixture
def sent(api: Gateway, sending: Tenant) -> Sent:
    for points, name in ((5, "email.opened"), (20, "email.clicked"), (3, "email.delivered")):
        rule = {"name": name, "activity": name, "effect": "add", "points": points}
        sending.owner.ok("createScoringRule", audience=sending.audience_id, body=rule)
    return Sent(api, sending)


def test_what_a_reader_does_is_seen_and_scored(sent: Sent, sending: Tenant) -> None:
    assert sent.shown()["state"] == "sent"

    sent.told("send")
    sent.told("delivery", 60)
    sent.told("open", 70, userAgent=MAILBOX)
    sent.told("click", 80, userAgent=MAILBOX)
    sent.told("click", 80, userAgent=MAILBOX)

    assert sent.shown()["state"] == "clicked"
    assert sent.activities()[:3] == ["email.clicked", "email.opened", "email.delivered"]
    assert sent.contact()["score"] == 3 + 5 + 20
    told = sending.as_(Role.VIEWER).ok("getDeliverability")
    counts = {"sent": 1, "delivered": 1, "bounced": 0, "complained": 0, "opened": 1, "clicked": 1}
    assert told["totals"] == counts
    assert told["days"] == [{"day": sent.message.created_at.date().isoformat(), **counts}]
    assert (told["state"], told["why"], told["bounce_rate"], told["complaint_rate"]) == ("ok", [], 0.0, 0.0)
    assert told["allowance"]["month"] == {"limit": 50_000, "used": 1}
    assert told["allowance"]["day"] == {"limit": 5_000, "used": 1}


@pytest.mark.parametrize(
    ("kind", "state", "status", "reason"),
    [("bounce-permanent", "bounced", "cleaned", "bounce"), ("complaint", "complained", "unsubscribed", "complaint")],
)
def test_who_does_not_want_mail_or_cannot_get_it_gets_no_more(
    kind: str, state: str, status: str, reason: str, sent: Sent, sending: Tenant
) -> None:
    sent.told(kind)

    assert sent.shown()["state"] == state
    assert sent.contact()["status"] == status
    assert sent.activities()[0] == f"email.{state}"
    (listed,) = sending.as_(Role.VIEWER).ok("listSuppressions")["suppressions"]
    assert (listed["id"], listed["email"], listed["reason"]) == (contact_id(ADA), ADA, reason)
    again = sending.owner("sendMessage", body=BODIES["sendMessage"], **sent.place)
    assert (again.status, again.problem) == (409, "not-subscribed")


def test_a_full_mailbox_changes_no_consent(sent: Sent, sending: Tenant) -> None:
    sent.told("bounce-transient")

    assert sent.contact()["status"] == "subscribed"
    assert sending.owner.ok("listSuppressions")["suppressions"] == []
    assert sending.owner.ok("getDeliverability")["totals"]["bounced"] == 0
    assert sent.shown()["state"] == "bounced"


def test_forged_feedback_changes_nothing(sent: Sent, sending: Tenant, api: Gateway) -> None:
    stranger = api.tenant()
    subscribe(stranger)
    message = sent.message
    elsewhere = ContactRef(stranger.account_id, stranger.audience_id, contact_id(ADA))
    tables = [api.items(table) for table in api.database.tables._fields]
    forged = [
        event_about(message, "complaint", mail_id="0100019c-another"),
        event_about(message, "complaint", mail_id=sent.mail.id, to="eve@example.com"),
        event_about(_in(message, elsewhere), "complaint", mail_id=sent.mail.id),
        event_about(_in(message, message.ref, id_="f" * 24), "complaint", mail_id=sent.mail.id),
        event_about(_in(message, message.ref, id_="' OR 1=1"), "complaint", mail_id=sent.mail.id),
        sample("complaint"),
    ]

    for event in forged:
        tell(api, event)

    assert [api.items(table) for table in api.database.tables._fields] == tables


def _in(message: Message, ref: ContactRef, id_: str | None = None) -> Message:
    return Message(
        ref, id_ or message.id, message.to, message.sender, message.subject, message.created_at, message.times, None
    )


@pytest.mark.parametrize("kind", IGNORED)
def test_other_events_change_nothing(kind: str, api: Gateway) -> None:
    tables = [api.items(table) for table in api.database.tables._fields]

    tell(api, sample(kind))

    assert [api.items(table) for table in api.database.tables._fields] == tables


def test_what_cannot_be_read_goes_to_the_dead_letters(sent: Sent, api: Gateway) -> None:
    event = event_about(sent.message, "delivery", mail_id=sent.mail.id)
    del event["detail"]["delivery"]["timestamp"]

    with pytest.raises(InvalidInput):
        tell(api, event)


def _bounce(api: Gateway, tenant: Tenant, sent: int, bounced: int, complained: int = 0) -> None:
    table = api.database.tables.workspace
    counts = Counts(sent=sent, bounced=bounced, complained=complained)
    write = counted(table, tenant.account_id, datetime.now(UTC).date(), f"{next(_numbers):024x}", counts)
    api.database.client.transact_write_items(TransactItems=[write])


def test_sending_stops_before_mail_providers_act(sent: Sent, sending: Tenant, api: Gateway, capsys: Any) -> None:
    _bounce(api, sending, sent=9, bounced=4)
    warned = sending.owner.ok("getDeliverability")
    assert (warned["state"], warned["why"]) == ("warning", ["bounces"])

    sent.told("bounce-permanent")

    told = sending.owner.ok("getDeliverability")
    assert (told["state"], told["why"], told["bounce_rate"]) == ("stopped", ["bounces"], 0.5)
    assert '"SendingStopped"' in capsys.readouterr().out
    bob = subscribe(sending, "bob@example.com")
    answer = sending.owner("sendMessage", body=BODIES["sendMessage"], **bob)
    assert (answer.status, answer.problem) == (409, "sending-stopped")


def test_limits_are_told(tenant: Tenant) -> None:
    told = tenant.owner.ok("getDeliverability")

    assert told["limits"] == {
        "bounces": {
            "warning": {"rate": 0.02, "messages": 3},
            "stop": {"rate": 0.04, "messages": 5},
            "providers": {"ses_review": 0.05, "ses_pause": 0.1},
        },
        "complaints": {
            "warning": {"rate": 0.0004, "messages": 2},
            "stop": {"rate": 0.0008, "messages": 3},
            "providers": {"ses_review": 0.001, "gmail": 0.003, "ses_pause": 0.005},
        },
    }
    assert (told["state"], told["days"], told["bounce_rate"], told["resumed_at"]) == ("ok", [], None, None)
    assert told["allowance"]["month"] == {"limit": 0, "used": 0}


def test_an_address_is_suppressed_and_released(sending: Tenant) -> None:
    made = sending.as_(Role.MARKETER).ok("suppressAddress", body={"email": ADA.upper()})

    assert (made["id"], made["email"], made["reason"]) == (contact_id(ADA), ADA, "manual")
    assert sending.owner.ok("suppressAddress", body={"email": ADA}) == made, "as it was"
    place = {"audience": sending.audience_id, "contact": contact_id(ADA)}
    refused = sending.owner("sendMessage", body=BODIES["sendMessage"], **place)
    assert (refused.status, refused.problem) == (409, "suppressed")

    assert sending.owner.ok("releaseAddress", address=made["id"]) == made

    assert sending.owner.ok("listSuppressions")["suppressions"] == []
    assert sending.owner("releaseAddress", address=made["id"]).status == 404
    assert sending.owner("sendMessage", body=BODIES["sendMessage"], **place).status == 201


def test_an_address_that_was_released_meanwhile_is_suppressed_all_the_same(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Suppressions, "suppress", lambda _list, _suppression: False)

    assert tenant.owner.ok("suppressAddress", body={"email": ADA})["email"] == ADA


def test_the_list_is_paged(tenant: Tenant) -> None:
    emails = [f"p{number}@example.com" for number in range(5)]
    for email in emails:
        tenant.owner.ok("suppressAddress", body={"email": email})

    found, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = tenant.owner.ok("listSuppressions", query=query)
        found += [it["email"] for it in page["suppressions"]]
        if (cursor := page["next_cursor"]) is None:
            break

    assert sorted(found) == emails


@pytest.mark.parametrize("body", [{}, {"email": ""}, {"email": "nobody"}, {"email": 1}, {"email": None}, {"mail": ADA}])
def test_what_is_no_address_is_refused(body: Any, tenant: Tenant) -> None:
    answer = tenant.owner("suppressAddress", body=body)

    assert (answer.status, answer.problem) == (422, "invalid-input")


def test_a_message_of_a_stopped_account_that_waits_is_not_sent(sending: Tenant, api: Gateway) -> None:
    place = {"audience": sending.audience_id, "contact": contact_id(ADA)}
    waiting = sending.owner.ok("sendMessage", body=BODIES["sendMessage"], **place)["id"]
    _bounce(api, sending, sent=5, bounced=5)

    api.send_mail()

    shown = sending.owner.ok("getMessage", message=waiting, **place)
    assert shown["state"] == MessageState.FAILED
    assert [mail for mail in api.ses.sent if mail.tags["laurel-message"] == waiting] == []
