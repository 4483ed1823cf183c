"""Event source mappings of DynamoDB streams keep what Lambda promises."""

import time

import pytest

from tests.local.world import World, eventually

pytestmark = pytest.mark.local

PARTIAL = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def test_a_record_that_the_function_reports_as_failed_comes_again(world: World):
    table = world.table()
    world.write(table, ["a", "b", "c"])

    consumer = world.consumer(table, answer="report once", **PARTIAL)

    assert eventually(lambda: len(consumer.calls()) == 2)
    assert consumer.calls() == [["a", "b", "c"], ["a", "b", "c"]]


def test_only_what_follows_the_first_reported_record_comes_again(world: World):
    table = world.table()
    world.write(table, ["a", "b", "poison", "c"])

    consumer = world.consumer(table, answer="report", MaximumRetryAttempts=1, **PARTIAL)
    eventually(lambda: len(consumer.calls()) == 2)

    assert consumer.calls() == [["a", "b", "poison", "c"], ["poison", "c"]]


def test_a_poison_record_ends_up_alone_at_the_failure_destination_and_blocks_nobody(world: World):
    table, dead = world.table(), world.queue()
    world.write(table, ["a", "b", "poison", "c", "d"])

    consumer = world.consumer(
        table,
        answer="raise",
        MaximumRetryAttempts=1,
        BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Destination": world.queue_arn(dead)}},
    )
    letters = eventually(lambda: world.messages(dead))
    world.write(table, ["e"])

    assert eventually(lambda: ["e"] in consumer.calls())
    assert {"a", "b", "c", "d", "e"} <= consumer.seen()
    assert consumer.calls().count(["poison"]) == 2
    assert [letter["requestContext"]["condition"] for letter in letters] == ["RetryAttemptsExhausted"]
    assert letters[0]["DDBStreamBatchInfo"]["batchSize"] == 1


def test_records_that_are_too_old_go_to_the_failure_destination(world: World):
    table, dead = world.table(), world.queue()
    world.write(table, ["poison"])

    world.consumer(
        table,
        answer="raise",
        MaximumRecordAgeInSeconds=2,
        DestinationConfig={"OnFailure": {"Destination": world.queue_arn(dead)}},
    )

    (letter,) = eventually(lambda: world.messages(dead))
    assert letter["requestContext"]["condition"] == "MaxRecordAgeExceeded"


def test_a_batching_window_gathers_records(world: World):
    table = world.table()
    consumer = world.consumer(table, MaximumBatchingWindowInSeconds=2)

    for key in ("a", "b", "c", "d"):
        world.write(table, [key])
        time.sleep(0.1)

    assert eventually(consumer.calls) == [["a", "b", "c", "d"]]


def test_a_slow_function_holds_up_no_other(world: World):
    table = world.table()
    world.write(table, ["a"])
    slow = world.consumer(table, seconds=9)
    eventually(slow.calls)

    quick = world.consumer(table)
    began = time.monotonic()
    eventually(quick.calls)

    assert time.monotonic() - began < 6


def test_a_batch_is_counted_after_filtering(world: World):
    table = world.table()
    world.write(table, ["skip-1", "order-1", "skip-2", "order-2", "order-3", "skip-3"])
    orders = '{"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"order-"}]}}}}'

    consumer = world.consumer(table, BatchSize=2, FilterCriteria={"Filters": [{"Pattern": orders}]})

    eventually(lambda: "order-3" in consumer.seen())
    assert consumer.calls() == [["order-1", "order-2"], ["order-3"]]


def test_a_disabled_mapping_stops_repeating_and_goes_on_where_it_was(world: World):
    table = world.table()
    world.write(table, ["a", "poison", "b"])
    consumer = world.consumer(table, answer="report", **PARTIAL)
    eventually(lambda: len(consumer.calls()) > 1)

    world.functions.update_event_source_mapping(UUID=consumer.mapping, Enabled=False)
    time.sleep(1)
    calls = len(consumer.calls())
    time.sleep(2)
    assert len(consumer.calls()) == calls

    world.functions.update_event_source_mapping(UUID=consumer.mapping, Enabled=True, MaximumRetryAttempts=0)
    world.write(table, ["c"])
    assert eventually(lambda: "c" in consumer.seen())
    assert sum("a" in call for call in consumer.calls()) == 1
