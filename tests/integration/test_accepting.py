"""Messages are accepted once and never beyond a limit: in a storm, repeated, and with a crash at any step."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from laurel.messaging.compose import send
from laurel.model.errors import AllowanceUsed, DailyCeilingReached
from laurel.model.message import Message, MessageState, Usage
from tests.support.desk import HELLO, MARKETER, Company
from tests.support.samples import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from laurel.model.contact import ContactRef
    from tests.support.tables import Database

pytestmark = pytest.mark.integration

STORM, ALLOWANCE = 500, 200


class Crash(BaseException):
    """The process ends."""


@pytest.fixture
def company() -> Company:
    return Company()


def storm(tasks: list[Callable[[], Message]], at_once: int | None = None) -> list[Message | Exception]:
    """Do everything at once, or so much of it: nobody begins before all are ready."""
    at_once = at_once or len(tasks)
    ready = threading.Barrier(at_once)

    def run(task: Callable[[], Message]) -> Message | Exception:
        ready.wait()
        try:
            return task()
        except Exception as error:  # noqa: BLE001, for whoever asks for the result
            return error

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(run, tasks))


@pytest.mark.parametrize(
    ("sent", "daily", "refusal"),
    [(Usage(4_800, 0), 5_000, AllowanceUsed), (Usage(300, 300), 500, DailyCeilingReached)],
    ids=["month", "day"],
)
def test_an_allowance_is_never_oversold(sent: Usage, daily: int, refusal: type[Exception], company: Company) -> None:
    company.change(daily_messages=daily)
    company.has_sent(sent.month, sent.day)
    readers = [company.reader(f"reader-{number}@example.com") for number in range(STORM)]

    def to(reader: ContactRef) -> Callable[[], Message]:
        return lambda: send(company.desk, MARKETER, reader, HELLO, None, NOW)

    answers = storm([to(reader) for reader in readers])

    assert Counter(map(type, answers)) == {Message: ALLOWANCE, refusal: STORM - ALLOWANCE}
    assert company.counted() == Usage(sent.month + ALLOWANCE, sent.day + ALLOWANCE)
    kept = [message for reader in readers for message in company.kept(reader)]
    accepted = [answer for answer in answers if isinstance(answer, Message)]
    assert (
        sorted(it.id for it in kept) == sorted(it.id for it in accepted) == sorted(id_ for _, id_ in company.queue.sent)
    )
    assert len(kept) == ALLOWANCE
    assert all(company.messages.content(it.ref, it.id) for it in kept)


@pytest.mark.dynamodb_local
def test_an_allowance_is_not_oversold_on_dynamodb_either(dynamodb_local_tables: Database) -> None:
    company = Company(dynamodb_local_tables, "accountbbbbb")
    company.has_sent(4_980, 0)
    readers = [company.reader(f"reader-{number}@example.com") for number in range(64)]

    answers = storm([lambda it=it: send(company.desk, MARKETER, it, HELLO, "key", NOW) for it in readers], at_once=16)  # type: ignore[misc]

    assert Counter(map(type, answers)) == {Message: 20, AllowanceUsed: 44}
    assert company.counted() == Usage(5_000, 20)
    assert len([message for reader in readers for message in company.kept(reader)]) == 20


def test_a_request_that_comes_fifty_times_at_once_is_one_message(company: Company) -> None:
    answers = storm([lambda: send(company.desk, MARKETER, company.ada, HELLO, "key", NOW)] * 50)

    (kept,) = company.kept(company.ada)
    assert answers == [kept] * 50
    assert company.counted() == Usage(1, 1)
    assert set(company.queue.sent) == {(company.ada, kept.id)}


def test_the_last_of_the_allowance_goes_to_one(company: Company) -> None:
    company.has_sent(4_999, 0)
    readers = [company.reader(f"reader-{number}@example.com") for number in range(20)]

    answers = storm([lambda it=it: send(company.desk, MARKETER, it, HELLO, "key", NOW) for it in readers])  # type: ignore[misc]

    assert Counter(map(type, answers)) == {Message: 1, AllowanceUsed: 19}
    assert company.counted() == Usage(5_000, 1)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_any_step_costs_no_message_and_makes_no_second(moment: str) -> None:
    crashes = 0
    while _crashed(crashes, moment):
        crashes += 1

    assert crashes >= {"before": 12, "after": 2}[moment]


def _crashed(step: int, moment: str) -> bool:
    """Send, crash at a step, send again under the same key; False if there are not so many steps."""
    company = Company()
    left = step

    def crash(_operation: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Crash

    setattr(company.stage, moment, crash)
    crashed = False
    try:
        send(company.desk, MARKETER, company.ada, HELLO, "key", NOW)
    except Crash:
        crashed = True
    setattr(company.stage, moment, lambda _operation: None)
    known = company.kept(company.ada)

    again = send(company.desk, MARKETER, company.ada, HELLO, "key", NOW)

    assert company.kept(company.ada) == [again]
    assert known in ([], [again])
    assert company.messages.content(again.ref, again.id) is not None
    assert (company.ada, again.id) in company.queue.sent
    assert again.state is MessageState.QUEUED
    assert company.counted().month in (1, 2), "a crash may cost one of the allowance, and never gives one away"
    return crashed


def test_a_queue_that_fails_leaves_a_message_that_is_looked_after(company: Company) -> None:
    company.queue.fails = Crash()
    with pytest.raises(Crash):
        send(company.desk, MARKETER, company.ada, HELLO, "key", NOW)
    (kept,) = company.kept(company.ada)
    assert kept.due is not None
    assert list(company.messages.due(kept.due)) == [(company.ada, kept.id)]
    company.queue.fails = None

    again = send(company.desk, MARKETER, company.ada, HELLO, "key", NOW)

    assert again == kept
    assert company.queue.sent == [(company.ada, kept.id)]
    assert company.counted() == Usage(1, 1)
