"""Deliver one batch of stream records the way Lambda's event source mappings do.

Plain Python without MiniStack, so that the rules can be tested on their own. They are those of the Lambda developer
guide, "Error handling with DynamoDB" and "Configuring partial batch response with DynamoDB and Lambda":

* A failed invocation is repeated until the retries are used up or the record is too old; then its records go to the
  failure destination and the stream moves on.
* With ``BisectBatchOnFunctionError`` a failed batch of more than one record is split in two instead, and splitting uses
  up no retry: in the end a poison record fails alone.
* With ``ReportBatchItemFailures`` the lowest reported record is the checkpoint: what is before it is done, it and all
  that follows are repeated. An answer that names a record which is not in the batch is a failure of the whole batch.
* With both, the batch is split at the checkpoint. Where that is its first record nothing was done, and the batch is
  split in the middle as after an error.
"""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

type Record = Mapping[str, Any]
"""One record of a stream, as a function receives it."""

LONGEST_PAUSE = 5.0
FIRST_PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Policy:
    """What a mapping says about failures."""

    retries: int | None
    """How often a failed batch is repeated; None: until its records are too old."""
    max_age: float | None
    """Seconds after which a record is given up; None: never."""
    bisect: bool
    partial: bool
    """Whether the function's answer may name the records that failed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How an invocation ended."""

    failed: bool
    throttled: bool = False
    payload: Any = None
    """What the function returned."""


class Consumer(Protocol):
    """The function at the end of a mapping, and the mapping's place in its stream."""

    def policy(self) -> Policy | None:
        """The mapping's settings as they are now; None when it was disabled or deleted, or has lost its function."""

    def invoke(self, records: Sequence[Record]) -> Answer:
        """Run the function once."""

    def checkpoint(self, done: int) -> None:
        """Remember that the first ``done`` records of the batch are dealt with."""

    def give_up(self, records: Sequence[Record], condition: str) -> None:
        """Hand records that were never processed to the failure destination."""

    def age(self, record: Record) -> float:
        """Seconds since the record was written."""

    def pause(self, seconds: float) -> None:
        """Wait before the next attempt."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of the batch that is invoked together: records ``start`` up to, not including, ``stop``."""

    start: int
    stop: int
    failures: int = 0


def deliver(batch: Sequence[Record], consumer: Consumer) -> None:
    """Deliver every record of ``batch``, in order, or give it up; return early when the mapping ends."""
    parts = deque([_Part(0, len(batch))])
    while parts and (policy := consumer.policy()):
        part = parts.popleft()
        expired = _expired(batch, part, policy, consumer)
        if expired > part.start:
            consumer.give_up(batch[part.start : expired], "MaxRecordAgeExceeded")
            consumer.checkpoint(expired)
            if expired < part.stop:
                parts.appendleft(_Part(expired, part.stop))
            continue
        parts.extendleft(reversed(_attempt(batch, part, policy, consumer)))


def first_failure(records: Sequence[Record], answer: Answer, *, partial: bool) -> int | None:
    """Index of the first record that was not processed; None when all of them were."""
    if answer.failed or answer.throttled:
        return 0
    if not partial:
        return None
    failures = _reported_failures(answer.payload)
    if not failures:
        return None
    index = {record["dynamodb"]["SequenceNumber"]: i for i, record in enumerate(records)}
    reported = [
        index.get(failure.get("itemIdentifier"), 0) if isinstance(failure, Mapping) else 0 for failure in failures
    ]
    return min(reported)


def _attempt(batch: Sequence[Record], part: _Part, policy: Policy, consumer: Consumer) -> list[_Part]:
    """Invoke the function with ``part`` and return what is left to do, first things first."""
    records = batch[part.start : part.stop]
    answer = consumer.invoke(records)
    failure = first_failure(records, answer, partial=policy.partial)
    if failure is None:
        consumer.checkpoint(part.stop)
        return []
    if answer.throttled:
        consumer.pause(_pause(part.failures + 1))
        return [part]
    if policy.bisect and part.start + failure + 1 < part.stop:
        if failure:
            consumer.checkpoint(part.start + failure)
            return [_Part(part.start + failure, part.stop)]
        middle = part.start + len(records) // 2
        return [_Part(part.start, middle), _Part(middle, part.stop)]
    if failure:
        consumer.checkpoint(part.start + failure)
        return _repeat_or_give_up(batch, _Part(part.start + failure, part.stop, failures=1), policy, consumer)
    return _repeat_or_give_up(batch, _Part(part.start, part.stop, part.failures + 1), policy, consumer)


def _repeat_or_give_up(batch: Sequence[Record], part: _Part, policy: Policy, consumer: Consumer) -> list[_Part]:
    if policy.retries is not None and part.failures > policy.retries:
        consumer.give_up(batch[part.start : part.stop], "RetryAttemptsExhausted")
        consumer.checkpoint(part.stop)
        return []
    consumer.pause(_pause(part.failures))
    return [part]


def _expired(batch: Sequence[Record], part: _Part, policy: Policy, consumer: Consumer) -> int:
    """Index after the records at the head of ``part`` that are too old to be tried."""
    end = part.start
    if policy.max_age is not None:
        while end < part.stop and consumer.age(batch[end]) > policy.max_age:
            end += 1
    return end


def _pause(failures: int) -> float:
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2**failures))


def _reported_failures(payload: Any) -> Sequence[Any]:
    if isinstance(payload, str):
        try:
            payload = json.loads(payload)
        except ValueError:
            return ()
    failures = payload.get("batchItemFailures") if isinstance(payload, Mapping) else None
    return failures if isinstance(failures, Sequence) else ()
