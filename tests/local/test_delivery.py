"""The rules of delivering a batch, without an emulator."""

from collections.abc import Callable, Sequence

import pytest

from local.emulator.delivery import Answer, Policy, Record, deliver, first_failure

PATIENT = Policy(retries=2, max_age=None, bisect=False, partial=False)
OK, ERROR = Answer(failed=False), Answer(failed=True)


def record(number: int) -> Record:
    return {"dynamodb": {"SequenceNumber": str(number)}}


def numbers(records: Sequence[Record]) -> list[int]:
    return [int(r["dynamodb"]["SequenceNumber"]) for r in records]


def report(*failed: object) -> Answer:
    return Answer(failed=False, payload={"batchItemFailures": [{"itemIdentifier": number} for number in failed]})


class FakeConsumer:
    """Answers as told and writes down what happens."""

    def __init__(self, policy: Policy, answer: Callable[[list[int]], Answer], ages: dict[int, float] | None = None):
        self.now: Policy | None = policy
        self.answer = answer
        self.ages = ages or {}
        self.invoked: list[list[int]] = []
        self.given_up: list[tuple[list[int], str]] = []
        self.done = 0
        self.paused = 0.0

    def policy(self) -> Policy | None:
        return self.now

    def invoke(self, records: Sequence[Record]) -> Answer:
        self.invoked.append(numbers(records))
        return self.answer(self.invoked[-1])

    def checkpoint(self, done: int) -> None:
        assert done >= self.done
        self.done = done

    def give_up(self, records: Sequence[Record], condition: str) -> None:
        self.given_up.append((numbers(records), condition))

    def age(self, record: Record) -> float:
        return self.ages.get(int(record["dynamodb"]["SequenceNumber"]), 0)

    def pause(self, seconds: float) -> None:
        self.paused += seconds


def raising_on(*poison: int) -> Callable[[list[int]], Answer]:
    return lambda batch: ERROR if set(poison) & set(batch) else OK


def reporting(*poison: int) -> Callable[[list[int]], Answer]:
    return lambda batch: report(*(str(number) for number in batch if number in poison))


def run(consumer: FakeConsumer, size: int) -> FakeConsumer:
    deliver([record(number) for number in range(1, size + 1)], consumer)
    return consumer


def test_a_batch_that_succeeds_is_invoked_once():
    consumer = run(FakeConsumer(PATIENT, lambda _: OK), 3)

    assert consumer.invoked == [[1, 2, 3]]
    assert consumer.done == 3


def test_a_failed_batch_is_repeated_as_often_as_allowed_and_then_given_up():
    consumer = run(FakeConsumer(PATIENT, raising_on(2)), 3)

    assert consumer.invoked == [[1, 2, 3]] * 3
    assert consumer.given_up == [([1, 2, 3], "RetryAttemptsExhausted")]
    assert consumer.done == 3
    assert consumer.paused > 0


def test_bisecting_uses_up_no_retry_and_leaves_only_the_poison():
    policy = Policy(retries=1, max_age=None, bisect=True, partial=False)

    consumer = run(FakeConsumer(policy, raising_on(3)), 5)

    assert consumer.invoked == [[1, 2, 3, 4, 5], [1, 2], [3, 4, 5], [3], [3], [4, 5]]
    assert consumer.given_up == [([3], "RetryAttemptsExhausted")]
    assert consumer.done == 5


def test_reported_records_repeat_the_rest_of_the_batch():
    policy = Policy(retries=1, max_age=None, bisect=False, partial=True)

    consumer = run(FakeConsumer(policy, reporting(3)), 4)

    assert consumer.invoked == [[1, 2, 3, 4], [3, 4]]
    assert consumer.given_up == [([3, 4], "RetryAttemptsExhausted")]


def test_reporting_and_bisecting_together_split_at_the_reported_record():
    policy = Policy(retries=1, max_age=None, bisect=True, partial=True)

    consumer = run(FakeConsumer(policy, reporting(3)), 6)

    assert consumer.invoked[:2] == [[1, 2, 3, 4, 5, 6], [3, 4, 5, 6]]
    assert consumer.given_up == [([3], "RetryAttemptsExhausted")]
    assert {4, 5, 6} <= {number for batch in consumer.invoked[2:] for number in batch}


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_a_last_record_that_is_reported_is_tried_as_often_as_any_other(retries: int):
    policy = Policy(retries=retries, max_age=None, bisect=True, partial=True)

    consumer = run(FakeConsumer(policy, reporting(2)), 2)

    assert [batch for batch in consumer.invoked if 2 in batch] == [[1, 2], *[[2]] * retries]
    assert consumer.given_up == [([2], "RetryAttemptsExhausted")]


def test_records_that_are_too_old_are_given_up_without_an_attempt():
    policy = Policy(retries=None, max_age=60, bisect=False, partial=False)

    consumer = run(FakeConsumer(policy, lambda _: OK, ages={1: 61, 2: 61}), 3)

    assert consumer.given_up == [([1, 2], "MaxRecordAgeExceeded")]
    assert consumer.invoked == [[3]]
    assert consumer.done == 3


def test_a_throttled_invocation_counts_as_no_attempt():
    answers = iter([Answer(failed=True, throttled=True)] * 5 + [OK])
    consumer = FakeConsumer(PATIENT, lambda _: next(answers))

    run(consumer, 2)

    assert len(consumer.invoked) == 6
    assert not consumer.given_up


def test_delivery_ends_with_the_mapping():
    consumer = FakeConsumer(PATIENT, lambda _: ERROR)
    consumer.pause = lambda _: setattr(consumer, "now", None)  # type: ignore[method-assign]

    run(consumer, 2)

    assert len(consumer.invoked) == 1
    assert consumer.done == 0
    assert not consumer.given_up


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Answer(failed=False, payload=None), None),
        (Answer(failed=False, payload={}), None),
        (Answer(failed=False, payload={"batchItemFailures": None}), None),
        (Answer(failed=False, payload={"batchItemFailures": []}), None),
        (Answer(failed=False, payload='{"batchItemFailures":[{"itemIdentifier":"2"}]}'), 1),
        (Answer(failed=False, payload="done"), None),
        (report("3", "2"), 1),
        (report("2", "of another batch"), 0),
        (report(""), 0),
        (report(None), 0),
        (Answer(failed=False, payload={"batchItemFailures": [{"id": "2"}]}), 0),
        (Answer(failed=False, payload={"batchItemFailures": ["2"]}), 0),
        (ERROR, 0),
    ],
)
def test_what_an_answer_says_about_a_batch_of_three(answer: Answer, failure: int | None):
    records = [record(number) for number in (1, 2, 3)]

    assert first_failure(records, answer, partial=True) == failure


def test_reported_records_count_only_where_the_mapping_asks_for_them():
    assert first_failure([record(1)], report("1"), partial=False) is None
