"""Functions run without delay, log to the right invocation, and see no environment but their own."""

import time

import pytest

from tests.local.world import World, eventually

pytestmark = pytest.mark.local

SILENT = "def handler(event, context): return event"
TALKING = """
import sys
def handler(event, context):
    for number in range(20):
        print(event, number)
    sys.stderr.write("no end of line")
    return context.aws_request_id
"""
WRITING = """
import os
import boto3
def handler(event, context):
    try:
        boto3.client("dynamodb").put_item(TableName=os.environ["TABLE"], Item={"pk": {"S": "p"}, "sk": {"S": "s"}})
    except Exception as error:
        return error.response["Error"]["Code"]
"""
ENVIRONMENT = "import os, time\ndef handler(event, context): return {**os.environ, 'zone': time.tzname[0]}"


def test_a_function_that_logs_nothing_waits_no_longer_than_one_that_talks(world: World):
    silent, talking = world.function(SILENT), world.function(TALKING)

    def seconds(function: str) -> float:
        began = time.perf_counter()
        world.invoke(function)
        return time.perf_counter() - began

    seconds(silent), seconds(talking)
    taken = [(seconds(silent), seconds(talking)) for _ in range(10)]

    assert min(each[0] for each in taken) < 2 * min(each[1] for each in taken)


def test_each_invocation_has_all_of_its_own_log(world: World):
    function = world.function(TALKING)
    requests = {name: world.invoke(function, name) for name in ("first", "second", "third")}
    logs = world.client("logs")

    def messages() -> list[str]:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
        return [event["message"] for event in events]

    assert eventually(lambda: len([m for m in messages() if m.startswith("REPORT")]) == 3)
    log = messages()
    for name, request in requests.items():
        begin = next(i for i, m in enumerate(log) if m.startswith(f"START RequestId: {request}"))
        end = next(i for i, m in enumerate(log) if m.startswith(f"END RequestId: {request}"))
        lines = "\n".join(log[begin + 1 : end]).split("\n")
        assert lines == [f"{name} {number}" for number in range(20)] + ["no end of line"]


def test_a_function_sees_its_own_environment_and_not_the_developers(world: World):
    function = world.function(ENVIRONMENT, OWN="its own")

    environment = world.invoke(function)

    assert environment["OWN"] == "its own"
    assert environment["zone"] == "UTC"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == function
    assert "LAUREL_TEST_SECRET_OF_THE_DEVELOPER" not in environment
    assert "PYTHONPATH" not in environment


def test_a_function_may_do_no_more_than_its_role_allows(world: World):
    table = world.table()
    function = world.function(WRITING, TABLE=table)

    assert world.invoke(function) == "AccessDeniedException"
    assert world.dynamodb.scan(TableName=table)["Count"] == 0
