"""Senders and sweeps that are killed, fail, stall and run beside each other: no message ever has two mails.

Once everything has come to rest a message is sent, failed or unknown; and unknown only if somebody was stopped between
saying that they would send and saying that they had.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from laurel.messaging.outbox import LEASE, Uncertain
from laurel.model.contact import ConsentStatus, ContactRef
from laurel.model.message import QUEUED_FOR, FailureReason, Message, MessageState
from tests.support.faults import client_error
from tests.support.post import Post
from tests.support.stage import MemoryStage, Stage, WatchedStage
from tests.support.tables import Database
from tests.support.turns import Turn, Turns

pytestmark = pytest.mark.integration

SCHEDULED, QUEUED = MessageState.SCHEDULED, MessageState.QUEUED
UNKNOWN, FAILED, SENT = MessageState.UNKNOWN, MessageState.FAILED, MessageState.SENT
ENDS = {UNKNOWN, FAILED, SENT}


class Killed(BaseException):
    """The function's time is up."""


class Steps:
    """All that a sender or sweep asks of others, before and after each; one of them may go wrong."""

    def __init__(self, stage: Stage, post: Post) -> None:
        self.names: list[str] = []
        self.goes_wrong = -1
        self.how: type[BaseException] | ClientError = Killed
        stage.before, stage.after = self._step("before"), self._step("after")
        post.ses.before, post.ses.after = lambda: self._go("before send"), lambda: self._go("after send")
        post.before_queueing = lambda: self._go("before queue")

    def _step(self, when: str) -> Callable[[str], None]:
        return lambda operation: self._go(f"{when} {operation}")

    def _go(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) - 1 == self.goes_wrong:
            raise self.how


def due_message(post: Post) -> Message:
    """A message whose time has come."""
    post.decide(ConsentStatus.SUBSCRIBED)
    return post.accept(SCHEDULED, due=post.now)


def whole_way(post: Post, message: Message) -> None:
    """From the outbox to the mail."""
    post.sweep()
    for ref, message_id in list(post.queue):
        post.outbox.deliver(ref, message_id)
    assert message


def come_to_rest(post: Post) -> None:
    """Redeliver and sweep until nobody has to look after anything."""
    for _ in range(4):
        for ref, message_id in list(post.queue):
            with suppress(Uncertain):
                post.outbox.deliver(ref, message_id)
        post.now += max(LEASE, QUEUED_FOR)
        post.sweep()


def all_steps() -> list[str]:
    stage = MemoryStage()
    post = Post(stage.client, stage.tables)
    message = due_message(post)
    steps = Steps(stage, post)
    whole_way(post, message)
    assert post.known(message).state is SENT
    return steps.names[: steps.names.index("after send") + 3]


STEPS = all_steps()
FAULT = client_error("InternalServerError")


@pytest.mark.parametrize("how", ["killed", "fails"])
@pytest.mark.parametrize("number", range(len(STEPS)), ids=[f"{n}-{it.replace(' ', '-')}" for n, it in enumerate(STEPS)])
def test_whoever_is_stopped_at_whatever_step(number: int, how: str) -> None:
    stage = MemoryStage()
    post = Post(stage.client, stage.tables)
    message = due_message(post)
    steps = Steps(stage, post)
    steps.goes_wrong, steps.how = number, Killed if how == "killed" else FAULT

    with suppress(Killed, Uncertain, ClientError):
        whole_way(post, message)
    assert len(steps.names) == number + 1, "it ended there"
    come_to_rest(post)

    state = post.known(message).state
    assert state in ENDS
    claimed = number > STEPS.index("before send") - 2
    recorded = number >= len(STEPS) - 1
    assert (state is UNKNOWN) == (claimed and not recorded), STEPS[number]
    assert len(post.ses.sent) == (not claimed or number >= STEPS.index("after send"))


@contextmanager
def every_write_asked_twice(stage: MemoryStage) -> Iterator[None]:
    """As botocore does where an answer was lost: what is told is what the second time brings."""
    database: Any = stage.client
    once = database.update_item

    def twice(**request: Any) -> Any:
        once(**request)
        return once(**request)

    database.update_item = twice
    yield
    del database.update_item


def test_a_lost_answer_of_the_tables_makes_nothing_unknown() -> None:
    stage = MemoryStage()
    post = Post(stage.client, stage.tables)
    post.decide(ConsentStatus.SUBSCRIBED)
    message = post.accept()

    with every_write_asked_twice(stage):
        come_to_rest(post)

    assert post.known(message).state is SENT
    assert len(post.ses.sent) == 1


class OutboxMachine(RuleBasedStateMachine):
    """Messages come in; senders and sweeps take turns at each of their requests, stall, fail and are killed."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.post = Post(stage.client, stage.tables)
        self.turns = Turns()
        self.work: list[Turn] = []
        self.accepted: list[Message] = []
        self.fault: tuple[str, str] | None = None
        stage.before, stage.after = self._before, self._after
        self.post.ses.before = lambda: self._before("send")
        self.post.ses.after = lambda: self._after("send")
        self.post.before_queueing = lambda: self._before("queue")

    @initialize()
    def open_shop(self) -> None:
        self.post.decide(ConsentStatus.SUBSCRIBED)

    @rule(state=st.sampled_from([SCHEDULED, QUEUED, QUEUED]), test=st.booleans(), more=st.integers(1, 2))
    def messages_are_accepted(self, state: MessageState, test: bool, more: int) -> None:
        for _ in range(more):
            due = self.post.now + (QUEUED_FOR if state is QUEUED else timedelta(0))
            self.accepted.append(self.post.accept(state, test=test, due=due))

    @rule(pick=st.integers(0, 1000), senders=st.integers(1, 3))
    def somebody_is_to_send(self, pick: int, senders: int) -> None:
        if self.post.queue:
            ref, message_id = self.post.queue[pick % len(self.post.queue)]
            for _ in range(senders):
                self._start(lambda: self._deliver(ref, message_id))

    @rule()
    def a_sweep_begins(self) -> None:
        self._start(self._sweep)

    @rule(picks=st.lists(st.tuples(st.integers(0, 7), st.sampled_from([1, 2, 5, 30])), min_size=1, max_size=12))
    def work_goes_on(self, picks: list[tuple[int, int]]) -> None:
        for pick, steps in picks:
            if busy := [turn for turn in self.work if not turn.done]:
                turn = busy[pick % len(busy)]
                for _ in range(steps):
                    if turn.done or turn.step():
                        break

    @rule(pick=st.integers(0, 7))
    def somebody_is_killed(self, pick: int) -> None:
        if busy := [turn for turn in self.work if not turn.done]:
            busy[pick % len(busy)].abandon()

    @rule(
        operation=st.sampled_from(["get_item", "query", "update_item", "send", "queue"]),
        when=st.sampled_from(["before", "after"]),
    )
    def next_request_goes_wrong(self, operation: str, when: str) -> None:
        self.fault = (operation, when)

    @rule(code=st.sampled_from(["", "MessageRejected", "TooManyRequestsException", "SendingPausedException"]))
    def the_mail_service_changes_its_mind(self, code: str) -> None:
        self.post.ses.failures = {"SendEmail": code} if code else {}

    @rule(seconds=st.sampled_from([1, 60, 600, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.post.pass_time(seconds=seconds)

    @rule(status=st.sampled_from([ConsentStatus.SUBSCRIBED, ConsentStatus.SUBSCRIBED, ConsentStatus.UNSUBSCRIBED]))
    def the_reader_decides(self, status: ConsentStatus) -> None:
        self.post.pass_time(seconds=1)
        known = self.post.contacts.contact(self.post.account.id, self.post.audience, self._ref.contact)
        if known is None or known.status is not status:
            self.post.decide(status)

    @rule(pick=st.integers(0, 1000))
    def somebody_cancels(self, pick: int) -> None:
        if self.accepted:
            message = self.post.known(self.accepted[pick % len(self.accepted)])
            if message.state in (SCHEDULED, QUEUED):
                self.post.messages.fail(message, self.post.now, FailureReason.CANCELLED, after=message.state)

    @invariant()
    def no_message_has_two_mails(self) -> None:
        mails = Counter(mail.tags["laurel-message"] for mail in self.post.ses.sent)
        assert all(count == 1 for count in mails.values())
        for message in map(self.post.known, self.accepted):
            if message.state is SENT:
                assert mails[message.id] == 1
            if message.state in (SCHEDULED, QUEUED, FAILED):
                assert mails[message.id] == 0
            assert (message.due is None) == (message.state in ENDS)

    def teardown(self) -> None:
        try:
            for turn in self.work:
                while not turn.done:
                    turn.step()
            self.fault = None
            self.post.ses.failures = {}
            come_to_rest(self.post)
            self.no_message_has_two_mails()
            assert {self.post.known(message).state for message in self.accepted} <= ENDS
            assert self.post.sweep() == []
        finally:
            self.turns.close()

    @property
    def _ref(self) -> ContactRef:
        return next((it.ref for it in self.accepted), ContactRef("", "", ""))

    def _before(self, operation: str) -> None:
        self.turns.pause(operation)
        self._go_wrong(operation, "before")

    def _after(self, operation: str) -> None:
        self._go_wrong(operation, "after")
        self.turns.pause(operation)

    def _go_wrong(self, operation: str, when: str) -> None:
        if self.turns.current and self.fault == (operation, when):
            self.fault = None
            raise FAULT

    def _deliver(self, ref: ContactRef, message_id: str) -> None:
        with suppress(Uncertain, ClientError):
            self.post.outbox.deliver(ref, message_id)

    def _sweep(self) -> None:
        with suppress(ClientError):
            self.post.sweep()

    def _start(self, work: Callable[[], Any]) -> None:
        self.work.append(self.turns.start(work))


def run_machine(make_stage: Callable[[], Stage], *, max_examples: int, steps: int) -> None:
    factory: Any = lambda: OutboxMachine(make_stage())  # noqa: E731
    run_state_machine_as_test(factory, settings=settings(max_examples=max_examples, stateful_step_count=steps))


@pytest.mark.slow
def test_no_message_has_two_mails_whatever_happens() -> None:
    run_machine(MemoryStage, max_examples=150, steps=40)


@pytest.mark.dynamodb_local
def test_no_message_has_two_mails_on_dynamodb_local(dynamodb_local_tables: Database) -> None:
    stage = WatchedStage(dynamodb_local_tables)
    run_machine(lambda: stage, max_examples=5, steps=15)
