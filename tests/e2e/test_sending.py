"""From a message that is accepted to what its reader does with it, on the deployed stack and its mailbox."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from laurel.ingestion.machines import TOO_FAST_WITHIN
from local import aws
from tests.e2e.deployed import eventually
from tests.support.shop import activity, contact_id
from tests.support.template import ROOT

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SHOP = "https://shop.example.com/lamps?a=1&b=2"
MESSAGE = {
    "subject": "Grüße, {{ contact.first_name }}",
    "html": f'<p>Hello {{{{ contact.first_name }}}}</p><a href="{SHOP.replace("&", "&amp;")}">Lamps</a>',
}
POINTS = {
    "email.delivered": 1,
    "email.opened": 10,
    "email.clicked": 100,
    "email.bounced": 1000,
    "email.complained": 10_000,
}
POSTAL_ADDRESS = "Lindenstraße 1\n10969 Berlin"


@pytest.fixture(scope="module")
def shop(deployed: Deployed) -> Tenant:
    """An account that may send, but for its plan, which is free; feedback on its mail gives points."""
    if "mailbox_url" not in deployed.stack:
        pytest.skip("only a local stack has a mailbox")
    shop = deployed.tenant("Rosen & Söhne")
    shop.connect()
    domain = f"{uuid4().hex[:12]}.example"
    shop.owner.ok("createSender", body={"domain": domain})
    about = {"postal_address": POSTAL_ADDRESS, "sender_address": f"news@{domain}", "locale": "de"}
    shop.owner.ok("changeAccount", body=about)
    for name, points in POINTS.items():
        rule = {"name": name, "activity": name, "effect": "add", "points": points}
        shop.owner.ok("createScoringRule", audience=shop.audience_id, body=rule)
    return shop


def change_plan(deployed: Deployed, account_id: str, plan: str) -> None:
    """As an operator does it."""
    command = [sys.executable, "-m", "tools.change_plan", "--stack", deployed.stack["stack"]]
    subprocess.run(
        [*command, "--account", account_id, "--plan", plan],
        cwd=ROOT,
        env=aws.environment(deployed.stack["endpoint"]) | {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'shared'}"},
        capture_output=True,
        check=True,
    )


@pytest.fixture(scope="module")
def sending(deployed: Deployed, shop: Tenant) -> Tenant:
    """The same account with a plan."""
    change_plan(deployed, shop.account_id, "essentials")
    return shop


class Reader:
    """A contact who wants mail, and what it reads in the mailbox."""

    def __init__(self, deployed: Deployed, shop: Tenant) -> None:
        self.email = f"ada-{uuid4().hex[:12]}@example.com"
        self.path = {"audience": shop.audience_id, "contact": contact_id(self.email)}
        self._deployed = deployed
        self._shop = shop
        self.subscribe()

    def subscribe(self) -> None:
        consent = {"status": "subscribed", "at": datetime.now(UTC).isoformat()}
        person = {"email": self.email, "first_name": "Ada", "last_name": "Lovelace", "consent": consent}
        body = activity(f"a-{uuid4().hex}") | {"contact": person}
        self._shop.owner.ok("recordActivity", audience=self.path["audience"], body=body)

    def sent(self, **message: Any) -> str:
        """A message's id."""
        return str(self._shop.owner.ok("sendMessage", **self.path, body=MESSAGE | message)["id"])

    def mail(self) -> dict[str, Any]:
        """The mail that came, and no other."""
        (mail,) = eventually(lambda: self._deployed.mails(self.email), bool)
        return dict(mail)

    def got_mail(self) -> dict[str, Any]:
        """A mail to this reader that was sent and delivered, so long ago that a person can have read it."""
        self.sent()
        mail = self.mail()
        self._deployed.happen(mail["id"], type="deliver")
        eventually(self.states, lambda it: "delivered" in it)
        time.sleep(TOO_FAST_WITHIN.total_seconds() + 0.1)
        return mail

    def states(self) -> list[str]:
        """All that the contact's only message has reached."""
        (message,) = self._shop.owner.ok("listMessages", **self.path)["messages"]
        return list(message["times"])

    def timeline(self) -> list[str]:
        """Names of the activities that mail led to."""
        entries = self._shop.owner.ok("getTimeline", **self.path)["entries"]
        names = [entry["activity"]["name"] for entry in entries if entry["kind"] == "activity"]
        return sorted(name for name in names if name.startswith("email."))

    def status(self) -> str:
        return str(self._shop.owner.ok("getContact", **self.path)["status"])

    def score(self) -> int:
        return int(self._shop.owner.ok("getScore", **self.path)["score"] or 0)


@pytest.fixture
def reader(deployed: Deployed, sending: Tenant) -> Reader:
    return Reader(deployed, sending)


def test_the_plan_opens_and_closes_send_with_the_next_request(deployed: Deployed, shop: Tenant) -> None:
    reader = Reader(deployed, shop)
    request: dict[str, Any] = {**reader.path, "body": MESSAGE, "headers": {"Idempotency-Key": uuid4().hex}}

    refused = shop.owner("sendMessage", **request)
    change_plan(deployed, shop.account_id, "essentials")
    accepted = shop.owner.ok("sendMessage", **request)
    again = shop.owner.ok("sendMessage", **request)
    change_plan(deployed, shop.account_id, "free")
    closed = shop.owner("sendMessage", **reader.path, body=MESSAGE)

    assert (refused.status, refused.problem) == (402, "plan-required")
    assert again["id"] == accepted["id"]
    assert (closed.status, closed.problem) == (402, "plan-required")
    assert shop.owner.ok("listMessages", **reader.path)["messages"][0]["id"] == accepted["id"]


def test_a_mail_has_the_right_headers_parts_and_link(sending: Tenant, reader: Reader) -> None:
    message_id = reader.sent()

    mail = reader.mail()

    headers = dict(mail["headers"])
    sender = sending.owner.ok("getAccount")["sender_address"]
    assert headers["From"] == f"Rosen & Söhne <{sender}>"
    assert headers["To"] == f"Ada Lovelace <{reader.email}>"
    assert headers["Subject"] == "Grüße, Ada"
    assert headers["X-Laurel-Message"] == message_id
    link = sending.owner.ok("getContact", **reader.path)["unsubscribe_url"]
    assert headers["List-Unsubscribe"] == f"<{link}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["links"] == [{"href": SHOP, "tracked": True}, {"href": link, "tracked": False}]
    assert "<p>Hello Ada</p>" in mail["html"]
    assert mail["text"].startswith("Hello Ada\n")
    for line in (*POSTAL_ADDRESS.splitlines(), "Abmelden"):
        assert line in mail["text"]
        assert line in mail["html"]
    ref = {"laurel-account": sending.account_id, "laurel-audience": sending.audience_id}
    assert mail["tags"] == ref | {"laurel-contact": reader.path["contact"], "laurel-message": message_id}
    assert mail["tenant"] == sending.account_id


def test_what_a_reader_does_changes_timeline_score_and_states(deployed: Deployed, reader: Reader) -> None:
    mail = reader.got_mail()

    deployed.happen(mail["id"], type="open")
    deployed.happen(mail["id"], type="click", link=SHOP)

    eventually(reader.timeline, lambda it: it == ["email.clicked", "email.delivered", "email.opened"])
    eventually(reader.score, lambda it: it == 111)
    assert reader.states() == ["queued", "sending", "sent", "delivered", "opened", "clicked"]
    assert reader.status() == "subscribed"


def test_a_permanent_bounce_cleans_the_contact_and_suppresses_the_address(
    deployed: Deployed, sending: Tenant, tenant: Tenant, reader: Reader
) -> None:
    reader.sent()
    mail = reader.mail()

    deployed.happen(mail["id"], type="bounce")

    eventually(reader.states, lambda it: it[-1] == "bounced")
    assert reader.status() == "cleaned"
    eventually(reader.score, lambda it: it == POINTS["email.bounced"])
    refused = sending.owner("sendMessage", **reader.path, body=MESSAGE)
    assert (refused.status, refused.problem) == (409, "not-subscribed")
    assert reader.email in {it["email"] for it in sending.owner.ok("listSuppressions")["suppressions"]}
    assert reader.email not in {it["email"] for it in tenant.owner.ok("listSuppressions")["suppressions"]}
    reader.subscribe()
    assert sending.owner("sendMessage", **reader.path, body=MESSAGE).problem == "suppressed"


def test_a_transient_bounce_changes_nothing_but_the_state(deployed: Deployed, reader: Reader) -> None:
    reader.sent()
    mail = reader.mail()

    deployed.happen(mail["id"], type="bounce_transient")

    eventually(reader.states, lambda it: it[-1] == "bounced")
    assert reader.status() == "subscribed"


def test_a_complaint_unsubscribes(deployed: Deployed, sending: Tenant, reader: Reader) -> None:
    mail = reader.got_mail()

    deployed.happen(mail["id"], type="complaint")

    eventually(reader.states, lambda it: it[-1] == "complained")
    assert reader.status() == "unsubscribed"
    assert reader.timeline() == ["email.complained", "email.delivered"]
    eventually(reader.score, lambda it: it == 10_001)
    assert reader.email in {it["email"] for it in sending.owner.ok("listSuppressions")["suppressions"]}


def test_the_link_of_the_header_unsubscribes(deployed: Deployed, sending: Tenant, reader: Reader) -> None:
    reader.sent()
    link = dict(reader.mail()["headers"])["List-Unsubscribe"].strip("<>")

    path = link.removeprefix(deployed.stack["api_url"])
    clicked = deployed.send("POST", path, headers=FORM, body="List-Unsubscribe=One-Click")

    assert clicked.status == 200
    assert reader.status() == "unsubscribed"
    assert sending.owner("sendMessage", **reader.path, body=MESSAGE).problem == "not-subscribed"


def test_a_test_message_comes_to_whoever_wrote_it(deployed: Deployed, sending: Tenant, reader: Reader) -> None:
    message = sending.owner.ok("testMessage", **reader.path, body=MESSAGE)

    (mail,) = eventually(lambda: deployed.mails(message["to"]), bool)

    assert dict(mail["headers"])["Subject"] == "[Test] Grüße, Ada"
    (link,) = [it["href"] for it in mail["links"] if not it["tracked"]]
    path = link.removeprefix(deployed.stack["api_url"])
    assert deployed.send("POST", path, headers=FORM, body="List-Unsubscribe=One-Click").status == 404
    assert deployed.mails(reader.email) == []


def test_rates_follow_from_what_was_sent(deployed: Deployed, sending: Tenant, reader: Reader) -> None:
    before = sending.owner.ok("getDeliverability")["totals"]
    mail = reader.got_mail()
    deployed.happen(mail["id"], type="open")
    eventually(reader.states, lambda it: "opened" in it)

    after = sending.owner.ok("getDeliverability")["totals"]

    added = {name: after[name] - before[name] for name in ("sent", "delivered", "opened", "clicked", "bounced")}
    assert added == {"sent": 1, "delivered": 1, "opened": 1, "clicked": 0, "bounced": 0}


@pytest.mark.slow
def test_quiet_hours_hold_a_message_back_until_they_end(deployed: Deployed, sending: Tenant, reader: Reader) -> None:
    now = datetime.now(UTC)
    end = now + timedelta(seconds=70)
    quiet = {"start": f"{now - timedelta(hours=1):%H:%M}", "end": f"{end:%H:%M}", "time_zone": "UTC"}
    sending.owner.ok("changeAccount", body={"quiet_hours": quiet})
    try:
        message_id = reader.sent()
        kept = sending.owner.ok("getMessage", **reader.path, message=message_id)
        assert kept["state"] == "scheduled"
        assert datetime.fromisoformat(kept["scheduled_for"]) == end.replace(second=0, microsecond=0)

        eventually(lambda: deployed.mails(reader.email), bool, seconds=240)
    finally:
        sending.owner.ok("changeAccount", body={"quiet_hours": None})

    times = sending.owner.ok("getMessage", **reader.path, message=message_id)["times"]
    assert datetime.fromisoformat(times["sent"]) >= end.replace(second=0, microsecond=0)
