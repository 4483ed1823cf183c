"""The functions that send mail and look after the outbox: batches, failures of single messages, what they count."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.contact import ConsentStatus
from laurel.model.message import Message, MessageState
from laurel.store import mail_service, process, queue
from laurel.telemetry import metrics
from tests.support.api import Context, queue_event
from tests.support.faults import client_error
from tests.support.functions import MAIL_QUEUE_URL, load_function
from tests.support.post import Post
from tests.support.samples import NOW
from tests.support.stage import MemoryStage

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEDULED, QUEUED, SENDING = MessageState.SCHEDULED, MessageState.QUEUED, MessageState.SENDING
UNKNOWN, FAILED, SENT = MessageState.UNKNOWN, MessageState.FAILED, MessageState.SENT


class Queue:
    """Speaks like boto3's ``sqs`` client."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, str]] = []
        self.fails = False

    def send_message(self, *, QueueUrl: str, MessageBody: str) -> Any:  # noqa: N803, botocore's names
        assert QueueUrl == MAIL_QUEUE_URL
        if self.fails:
            raise OSError
        self.bodies.append(json.loads(MessageBody))


class Functions:
    """Both functions on tables in memory, with whom they talk to. ``counted`` is what they counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage = MemoryStage()
        self.post = Post(self.stage.client, self.stage.tables)
        self.post.decide(ConsentStatus.SUBSCRIBED)
        self.queue = Queue()
        self.counted: Counter[str] = Counter()
        monkeypatch.setattr(metrics.provider, "namespace", "Laurel")
        monkeypatch.setattr(process, "create_client", lambda: self.stage.client)
        monkeypatch.setattr(mail_service, "create_client", lambda: self.post.ses)
        monkeypatch.setattr(queue, "create_client", lambda: self.queue)
        self.sender: Any = load_function("SendFunction", monkeypatch, self.stage.tables)
        self.sender._mail._tenants = False
        self.sweeper: Any = load_function("SweepFunction", monkeypatch, self.stage.tables)
        self.sweeper._now = lambda: self.post.now
        for module in (self.sender, self.sweeper):
            monkeypatch.setattr(module, "count", self._count)

    def send(self, *bodies: str) -> list[int]:
        """Hand over a batch; gives the places of messages that shall come again."""
        messages = [{"MessageId": str(n), "ReceiptHandle": "r", "Body": body} for n, body in enumerate(bodies)]
        answer = self.sender.handler(queue_event(messages), Context())
        return [int(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]

    def sweep(self) -> None:
        assert self.sweeper.handler({"source": "aws.events"}, Context()) is None

    def _count(self, name: str, value: int = 1) -> None:
        self.counted[name] += value


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Functions:
    return Functions(monkeypatch)


def body(message: Message) -> str:
    ref = message.ref
    named = {"account": ref.account_id, "audience": ref.audience_id, "contact": ref.contact, "message": message.id}
    return json.dumps(named)


def fail_once(operation: str) -> Callable[[str], None]:
    """Has the next request of a kind fail."""
    errors = [client_error("InternalServerError")]

    def fail(asked: str) -> None:
        if asked == operation and errors:
            raise errors.pop()

    return fail


def test_a_batch_is_sent(functions: Functions) -> None:
    messages = [functions.post.accept() for _ in range(3)]

    assert functions.send(*map(body, messages)) == []

    assert {functions.post.known(message).state for message in messages} == {SENT}
    assert +functions.counted == {"MailSent": 3}
    assert functions.send() == []


def test_what_a_mail_costs(functions: Functions) -> None:
    message = functions.post.accept()
    calls: list[str] = functions.stage.client.calls  # type: ignore[attr-defined]
    calls.clear()

    functions.send(body(message))

    # Read: message, account, senders, standing, contact, suppression, content, key. Written: claim and end.
    assert Counter(calls) == {"get_item": 6, "query": 2, "update_item": 2}
    assert functions.post.ses.calls == ["GetAccount", "SendEmail", "SendRawEmail"]


def test_only_what_failed_comes_again(functions: Functions) -> None:
    bad, good = [functions.post.accept() for _ in range(2)]
    functions.sender._THREADS = 1
    functions.stage.before = fail_once("update_item")

    assert functions.send("no JSON", body(bad), "{}", body(good)) == [0, 1, 2]

    assert [functions.post.known(it).state for it in (bad, good)] == [QUEUED, SENT]
    assert functions.counted["MailNotBegun"] == 3
    assert functions.send(body(bad)) == []
    assert functions.post.known(bad).state is SENT


@pytest.mark.parametrize("hook", ["before", "after"])
def test_what_may_have_been_sent_does_not_come_again(
    hook: str, functions: Functions, caplog: pytest.LogCaptureFixture
) -> None:
    message = functions.post.accept()

    def lose() -> None:
        raise OSError

    setattr(functions.post.ses, hook, lose)

    assert functions.send(body(message)) == []

    assert functions.post.known(message).state is SENDING
    assert [record.message for record in caplog.records] == ["mail_uncertain"]
    assert +functions.counted == {"MailDropped": 1}


def test_a_mail_that_was_sent_and_not_written_down_is_named(
    functions: Functions, caplog: pytest.LogCaptureFixture
) -> None:
    message = functions.post.accept()

    def fail_at_the_end(operation: str) -> None:
        if operation == "update_item" and functions.post.ses.sent:
            raise client_error("InternalServerError")

    functions.stage.before = fail_at_the_end

    assert functions.send(body(message)) == []

    (record,) = caplog.records
    assert (record.message, record.__dict__["mail"]) == ("mail_uncertain", functions.post.ses.sent[0].id)


HOLD: dict[str, Callable[[Functions], Any]] = {
    "MailHeld": lambda it: it.post.ses.failures.update(SendEmail="SendingPausedException"),
    "MailPutOff": lambda it: it.post.ses.failures.update(SendEmail="TooManyRequestsException"),
    "MailFailed": lambda it: it.post.ses.failures.update(SendEmail="MessageRejected"),
}


@pytest.mark.parametrize("metric", HOLD)
def test_what_is_not_sent_is_counted(metric: str, functions: Functions, caplog: pytest.LogCaptureFixture) -> None:
    message = functions.post.accept()
    HOLD[metric](functions)
    caplog.set_level("INFO")

    assert functions.send(body(message)) == []

    assert functions.counted[metric] == 1
    assert [record.message for record in caplog.records] == ["mail_not_sent"]


def test_a_sweep_queues_what_is_due_and_names_what_is_unknown(
    functions: Functions, caplog: pytest.LogCaptureFixture
) -> None:
    post = functions.post
    due = post.accept(SCHEDULED, due=NOW)
    lost = post.accept(due=NOW)
    stalled = post.accept(SENDING, due=NOW)
    later = post.accept(SCHEDULED, due=NOW + timedelta(seconds=1))

    functions.sweep()

    assert {it["message"] for it in functions.queue.bodies} == {due.id, lost.id}
    assert [post.known(it).state for it in (due, lost, stalled, later)] == [QUEUED, QUEUED, UNKNOWN, SCHEDULED]
    assert +functions.counted == {"MailDue": 1, "MailQueuedAgain": 1, "MailUnknown": 1}
    assert [(it.message, it.__dict__["message_id"]) for it in caplog.records] == [("mail_unknown", stalled.id)]
    functions.sweep()
    assert len(functions.queue.bodies) == 2


def test_one_message_does_not_keep_a_sweep_from_others(functions: Functions) -> None:
    first, second = [functions.post.accept(SENDING, due=NOW + timedelta(seconds=n)) for n in range(2)]
    functions.post.pass_time(minutes=1)
    functions.stage.before = fail_once("update_item")

    with pytest.raises(functions.sweeper.SweepFailed, match="1 messages"):
        functions.sweep()

    assert [functions.post.known(it).state for it in (first, second)] == [SENDING, UNKNOWN]
    assert functions.counted["MailUnknown"] == 1


def test_what_could_not_be_queued_is_queued_in_an_hour(functions: Functions) -> None:
    message = functions.post.accept(SCHEDULED, due=NOW)
    functions.queue.fails = True

    with pytest.raises(functions.sweeper.SweepFailed):
        functions.sweep()

    functions.queue.fails = False
    functions.post.pass_time(hours=1)
    functions.sweep()
    assert [it["message"] for it in functions.queue.bodies] == [message.id]


def test_a_sweep_ends_before_its_function_does(functions: Functions) -> None:
    messages = [functions.post.accept(SCHEDULED, due=NOW) for _ in range(5)]
    times = iter(NOW + timedelta(seconds=20 * n) for n in range(100))
    functions.sweeper._now = lambda: next(times)

    functions.sweep()

    assert 0 < len(functions.queue.bodies) < len(messages)
