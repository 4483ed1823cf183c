"""Webhooks that go out, events on the bus, and waiting."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from laurel.automation.outside import WebhookFault
from laurel.model.contact import ContactRef
from laurel.model.errors import Busy
from laurel.store.event_bus import EventBus
from laurel.store.outgoing import Webhooks
from laurel.store.public_http import NotPublic, Objection
from laurel.store.queue import AutomationQueue
from laurel.store.schedules import RunWaits, Schedules
from tests.support.faults import client_error
from tests.support.outside import FakeBus, FakeScheduler
from tests.support.samples import NOW
from tests.support.webhook_receiver import Receiver, receiving

REF = ContactRef("a", "b", "c")
MESSAGE = {"account": "a", "audience": "b", "contact": "c", "run": "r1"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as it:
        yield it


# ---- Webhooks --------------------------------------------------------------------------------------------------------


def test_a_webhook_arrives_as_it_was_signed(receiver: Receiver) -> None:
    answer = Webhooks(local=True).post(f"{receiver.address}/hook?a=1", {"webhook-id": "w"}, b'{"a": 1}')

    assert (answer.status, answer.fault) == (204, None)
    (arrived,) = receiver.received
    assert (arrived.path, arrived.body) == ("/hook?a=1", b'{"a": 1}')
    assert arrived.headers["content-type"] == "application/json"
    assert arrived.headers["webhook-id"] == "w"
    assert arrived.headers["host"] == receiver.address.removeprefix("http://")


@pytest.mark.parametrize("status", [301, 307, 308, 400, 410, 429, 500, 503])
def test_what_is_not_taken_is_told_and_no_redirect_followed(receiver: Receiver, status: int) -> None:
    receiver.statuses = [status]

    answer = Webhooks(local=True).post(receiver.address, {}, b"{}")

    assert (answer.status, answer.fault) == (status, WebhookFault.NOT_TAKEN)
    assert len(receiver.received) == 1


def test_an_address_that_nobody_listens_at() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        answer = Webhooks(local=True).post(f"http://127.0.0.1:{free.getsockname()[1]}", {}, b"{}")

    assert (answer.status, answer.fault) == (None, WebhookFault.UNREACHABLE)


def test_one_that_never_comes_to_an_end_is_left_alone(receiver: Receiver) -> None:
    receiver.answers.clear()

    answer = Webhooks(local=True, whole=0.05).post(receiver.address, {}, b"{}")

    assert (answer.status, answer.fault) == (None, WebhookFault.UNREACHABLE)


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "http://example.com/", "ftp://example.com/", "nowhere"])
def test_nothing_goes_to_this_machine_or_without_https(receiver: Receiver, url: str) -> None:
    answer = Webhooks().post(url.format(port=receiver.address.rpartition(":")[2]), {}, b"{}")

    assert (answer.status, answer.fault) == (None, WebhookFault.NOT_HTTPS)
    assert receiver.received == []


@pytest.mark.parametrize(
    ("objection", "fault"),
    [
        (Objection.NOT_PUBLIC, WebhookFault.NOT_PUBLIC),
        (Objection.NO_SUCH_HOST, WebhookFault.NO_SUCH_HOST),
        (Objection.NOT_HTTPS, WebhookFault.NOT_HTTPS),
    ],
)
def test_nor_to_machines_that_are_not_public(objection: Objection, fault: WebhookFault) -> None:
    def resolve(host: str) -> list[str]:
        raise NotPublic(objection)

    assert Webhooks(resolve=resolve).post("https://inside.example.com/", {}, b"{}").fault is fault


@pytest.mark.parametrize("url", ["https://[half", "https://example.com:port/", "https://example.com:99999/"])
def test_an_address_that_is_none(url: str) -> None:
    answer = Webhooks(resolve=lambda _: ["127.0.0.1"]).post(url, {}, b"{}")

    assert (answer.status, answer.fault) == (None, WebhookFault.NOT_AN_ADDRESS)


def test_a_certificate_is_asked_for(receiver: Receiver) -> None:
    port = receiver.address.rpartition(":")[2]

    answer = Webhooks(resolve=lambda _: ["127.0.0.1"]).post(f"https://shop.example.com:{port}/", {}, b"{}")

    assert (answer.status, answer.fault) == (None, WebhookFault.UNREACHABLE)
    assert receiver.received == []


# ---- Events ----------------------------------------------------------------------------------------------------------


def test_an_event_is_put_on_the_bus() -> None:
    bus = FakeBus()

    EventBus(lambda: bus, "laurel-events").put("Automation step", {"contact": "é"})

    (entry,) = bus.entries
    assert (entry["EventBusName"], entry["Source"]) == ("laurel-events", "laurel")
    assert (entry["DetailType"], json.loads(entry["Detail"])) == ("Automation step", {"contact": "é"})


def test_a_bus_that_does_not_take_it_says_so() -> None:
    bus = FakeBus()
    bus.failed = 1

    with pytest.raises(Busy):
        EventBus(lambda: bus, "laurel-events").put("Automation step", {})


# ---- Waiting ---------------------------------------------------------------------------------------------------------


class Queue:
    def __init__(self) -> None:
        self.sent: list[tuple[dict[str, str], int]] = []

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> None:  # noqa: N803
        self.sent.append((json.loads(MessageBody), DelaySeconds))

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, str]]) -> None:  # noqa: N803
        raise NotImplementedError


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def scheduler() -> FakeScheduler:
    return FakeScheduler()


@pytest.fixture
def waits(queue: Queue, scheduler: FakeScheduler) -> RunWaits:
    return RunWaits(AutomationQueue(queue, "url"), Schedules(lambda: scheduler, "group", "role", "queue"))


@pytest.mark.parametrize(("seconds", "delay"), [(-5, 0), (0, 0), (0.2, 1), (60, 60), (900, 900)])
def test_a_short_wait_is_in_the_queue(
    waits: RunWaits, queue: Queue, scheduler: FakeScheduler, seconds: float, delay: int
) -> None:
    waits.wait(REF, "r1", "r1-1", NOW + timedelta(seconds=seconds), NOW)

    assert queue.sent == [(MESSAGE, delay)]
    assert scheduler.made == {}


def test_a_longer_one_is_a_schedule_however_often_it_is_asked_for(
    waits: RunWaits, queue: Queue, scheduler: FakeScheduler
) -> None:
    until = (NOW + timedelta(days=3)).replace(microsecond=250_000)
    for _ in range(3):
        waits.wait(REF, "r1", "r1-1", until, NOW)

    (made,) = scheduler.made.values()
    due = until.replace(microsecond=0) + timedelta(seconds=1)
    assert made["ScheduleExpression"] == f"at({due:%Y-%m-%dT%H:%M:%S})"
    assert (made["Name"], made["GroupName"], made["ActionAfterCompletion"]) == ("r1-1", "group", "DELETE")
    assert (made["Target"]["Arn"], made["Target"]["RoleArn"]) == ("queue", "role")
    assert json.loads(made["Target"]["Input"]) == MESSAGE
    assert queue.sent == []


def test_a_scheduler_that_fails_is_heard(
    waits: RunWaits, scheduler: FakeScheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: Any) -> None:
        raise client_error("ServiceQuotaExceededException")

    monkeypatch.setattr(scheduler, "create_schedule", fails)

    with pytest.raises(Exception, match="ServiceQuotaExceeded"):
        waits.wait(REF, "r1", "r1-1", NOW + timedelta(days=3), NOW)


def test_held_runs_are_released_once_the_index_shows_them(queue: Queue) -> None:
    AutomationQueue(queue, "url").release("a", "b", "au1")

    assert queue.sent == [({"account": "a", "audience": "b", "automation": "au1"}, 10)]
