"""A score that reaches a number, on the deployed stack: tag, mail, webhook, event, and a wait by Scheduler."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from local import aws
from tests.e2e.deployed import eventually
from tests.support.sending import equip, subscribe
from tests.support.shop import activity
from tests.support.webhook_receiver import Receiver, receiving

if TYPE_CHECKING:
    from tests.e2e.deployed import Deployed
    from tests.support.client import Tenant

PATIENCE = 60.0
"""Seconds that schedules and a cold function may take."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as it:
        yield it


@pytest.fixture
def shop(deployed: Deployed) -> Tenant:
    if "mailbox_url" not in deployed.stack:
        pytest.skip("only a local stack has a mailbox")
    shop = deployed.tenant("Rosen")
    shop.connect()
    equip(shop, deployed.allow)
    return shop


class Bus:
    """Hears what is put on the stack's event bus, by a rule and a queue of its own."""

    def __init__(self, deployed: Deployed) -> None:
        endpoint = deployed.stack["endpoint"]
        self._events, self._queues = aws.client("events", endpoint), aws.client("sqs", endpoint)
        self._bus = deployed.stack["outputs"]["EventBus"]
        self._name = f"heard-{uuid4().hex[:8]}"
        self._url = self._queues.create_queue(QueueName=self._name)["QueueUrl"]
        asked = self._queues.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        pattern = json.dumps({"source": ["laurel"]})
        self._events.put_rule(Name=self._name, EventBusName=self._bus, EventPattern=pattern)
        target = {"Id": "queue", "Arn": asked["Attributes"]["QueueArn"]}
        self._events.put_targets(Rule=self._name, EventBusName=self._bus, Targets=[target])
        self._heard: list[Any] = []

    def of(self, account_id: str) -> list[Any]:
        """What was heard of an account so far."""
        found = self._queues.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", [])
        self._heard += [json.loads(it["Body"]) for it in found]
        return [it for it in self._heard if it["detail"]["account"] == account_id]

    def close(self) -> None:
        self._events.remove_targets(Rule=self._name, EventBusName=self._bus, Ids=["queue"])
        self._events.delete_rule(Name=self._name, EventBusName=self._bus)
        self._queues.delete_queue(QueueUrl=self._url)


@pytest.fixture
def bus(deployed: Deployed) -> Iterator[Bus]:
    bus = Bus(deployed)
    yield bus
    bus.close()


class Schedules:
    """The stack's one-time schedules."""

    def __init__(self, deployed: Deployed) -> None:
        self._client = aws.client("scheduler", deployed.stack["endpoint"])
        self._group = f"{deployed.stack['stack']}-runs"

    def of(self, account_id: str) -> list[Any]:
        """Those for an account's runs."""
        listed = self._client.list_schedules(GroupName=self._group)["Schedules"]
        found = [self._client.get_schedule(GroupName=self._group, Name=it["Name"]) for it in listed]
        return [it for it in found if json.loads(it["Target"]["Input"])["account"] == account_id]

    def fire(self, schedule: Any) -> None:
        """Have one be due now."""
        kept = ("Name", "GroupName", "Target", "FlexibleTimeWindow", "ActionAfterCompletion")
        now = f"at({datetime.now(UTC):%Y-%m-%dT%H:%M:%S})"
        self._client.update_schedule(**{name: schedule[name] for name in kept}, ScheduleExpression=now)


def make_due(deployed: Deployed, account_id: str) -> None:
    """As if the time that runs wait for were over."""
    for item in deployed.items_of(account_id):
        if item["sk"]["S"].startswith("run#") and "due" in item:
            deployed.put("contacts", {**item, "due": {"N": "0"}})


def test_a_score_that_reaches_a_number_sets_everything_off_once(
    deployed: Deployed, shop: Tenant, receiver: Receiver, bus: Bus
) -> None:
    email = f"ada-{uuid4().hex[:12]}@example.com"
    ada, audience = subscribe(shop, email, first_name="Ada"), {"audience": shop.audience_id}
    rule = {"name": "Forms", "activity": "form.submitted", "effect": "add", "points": 60}
    shop.owner.ok("createScoringRule", **audience, body=rule)
    said = {"name": "Thanks", "subject": "Thank you, {{ contact.first_name }}", "html": "<p>You are a regular.</p>"}
    template = shop.owner.ok("createTemplate", body=said)["id"]
    steps = [
        {"kind": "add_tag", "tag": "regular"},
        {"kind": "send_template", "template": template},
        {"kind": "call_webhook", "url": f"{receiver.address}/laurel"},
        {"kind": "put_event", "name": "customer.regular"},
        {"kind": "add_tag", "tag": "settled", "delay": {"amount": 1, "unit": "days"}},
    ]
    wanted = {"name": "Regulars", "trigger": {"kind": "score_reaches", "points": 100}, "steps": steps}
    made = shop.owner.ok("createAutomation", **audience, body=wanted)

    for number in range(3):
        body = activity(f"{number}-{uuid4().hex}", email, "form.submitted")
        shop.owner.ok("recordActivity", **audience, body=body)

    def run() -> Any:
        found = shop.owner.ok("listAutomationRuns", **audience, automation=made["id"])["runs"]
        return [(it["state"], it["contact"]["email"]) for it in found]

    def tags() -> Any:
        return shop.owner.ok("getContact", **ada)["tags"]

    eventually(tags, lambda it: it == ["regular"], PATIENCE)
    (mail,) = eventually(lambda: deployed.mails(email), bool, PATIENCE)
    assert dict(mail["headers"])["Subject"] == "Thank you, Ada"
    (arrived,) = eventually(lambda: receiver.received, bool, PATIENCE)
    secret = shop.owner.ok("getSigningSecret")["secret"]
    told = Webhook(secret).verify(arrived.body, arrived.headers)
    assert (told["data"]["contact"]["email"], told["data"]["automation"]["name"]) == (email, "Regulars")
    (event,) = eventually(lambda: bus.of(shop.account_id), bool, PATIENCE)
    assert (event["source"], event["detail-type"]) == ("laurel", "customer.regular")
    assert event["detail"]["contact"] == {"id": ada["contact"]}

    schedules = Schedules(deployed)
    (schedule,) = eventually(lambda: schedules.of(shop.account_id), bool, PATIENCE)
    assert run() == [("waiting", email)]
    assert schedule["ActionAfterCompletion"] == "DELETE"
    make_due(deployed, shop.account_id)
    schedules.fire(schedule)

    eventually(run, lambda it: it == [("done", email)], PATIENCE)
    assert tags() == ["regular", "settled"]
    eventually(lambda: schedules.of(shop.account_id), lambda it: not it, PATIENCE)
    assert (len(receiver.received), len(deployed.mails(email))) == (1, 1)
