"""Tables, functions and mappings for tests, made through the emulator's AWS API."""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from local import aws

PATIENCE = 30.0
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READ_STREAMS = "arn:aws:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole"

CONSUMER = """
import json, os, pathlib, time

CALLS = pathlib.Path(os.environ["CALLS"])
ANSWER = os.environ.get("ANSWER", "ok")

def handler(event, context):
    names = [record["dynamodb"]["Keys"]["sk"]["S"] for record in event["Records"]]
    with CALLS.open("a") as calls:
        calls.write(json.dumps(names) + "\\n")
    time.sleep(float(os.environ.get("SECONDS", "0")))
    first = len(CALLS.read_text().splitlines()) == 1
    bad = [r for r in event["Records"] if r["dynamodb"]["Keys"]["sk"]["S"].startswith("poison")]
    if bad and ANSWER == "raise" or first and ANSWER == "raise once":
        raise RuntimeError("poison")
    if bad and ANSWER == "report" or first and ANSWER == "report once":
        bad = bad or event["Records"]
        return {"batchItemFailures": [{"itemIdentifier": r["dynamodb"]["SequenceNumber"]} for r in bad]}
"""


class World:
    """What a test makes, in one emulator and with names of its own."""

    def __init__(self, endpoint: str, folder: Path) -> None:
        self.endpoint = endpoint
        self._folder = folder

    def client(self, service: str) -> Any:
        return aws.client(service, self.endpoint)

    @cached_property
    def dynamodb(self) -> Any:
        return self.client("dynamodb")

    @cached_property
    def functions(self) -> Any:
        return self.client("lambda")

    @cached_property
    def role(self) -> str:
        """ARN of the role of all functions."""
        iam = self.client("iam")
        try:
            return str(iam.get_role(RoleName="test")["Role"]["Arn"])
        except iam.exceptions.NoSuchEntityException:
            role = iam.create_role(RoleName="test", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
            iam.attach_role_policy(RoleName="test", PolicyArn=READ_STREAMS)
            return str(role["Arn"])

    def table(self, **options: Any) -> str:
        """A table with keys pk and sk, and a stream."""
        name = f"table-{uuid.uuid4().hex[:8]}"
        self.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            **{
                "AttributeDefinitions": [
                    {"AttributeName": "pk", "AttributeType": "S"},
                    {"AttributeName": "sk", "AttributeType": "S"},
                ],
                **options,
            },
        )
        return name

    def write(self, table: str, sort_keys: Iterable[str], **attributes: Any) -> None:
        for key in sort_keys:
            self.dynamodb.put_item(TableName=table, Item={"pk": {"S": "p"}, "sk": {"S": key}, **attributes})

    def function(self, code: str, **environment: str) -> str:
        name = f"function-{uuid.uuid4().hex[:8]}"
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("app.py", code)
        self.functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=self.role,
            Handler="app.handler",
            Timeout=10,
            Code={"ZipFile": archive.getvalue()},
            Environment={"Variables": environment},
        )
        return name

    def invoke(self, function: str, event: Any = None) -> Any:
        answer = self.functions.invoke(FunctionName=function, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    def consumer(self, table: str, answer: str = "ok", seconds: float = 0, **mapping: Any) -> "Consumer":
        """A function that reads a table's stream from its beginning."""
        calls = self._folder / f"calls-{uuid.uuid4().hex[:8]}"
        calls.touch()
        function = self.function(CONSUMER, CALLS=str(calls), ANSWER=answer, SECONDS=str(seconds))
        stream = self.dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        made = self.functions.create_event_source_mapping(
            FunctionName=function, EventSourceArn=stream, StartingPosition="TRIM_HORIZON", **mapping
        )
        return Consumer(function, made["UUID"], calls)

    def queue(self) -> str:
        """A queue's URL."""
        return str(self.client("sqs").create_queue(QueueName=f"queue-{uuid.uuid4().hex[:8]}")["QueueUrl"])

    def queue_arn(self, url: str) -> str:
        attributes = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(attributes["Attributes"]["QueueArn"])

    def messages(self, url: str) -> list[Any]:
        received = self.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in received.get("Messages", [])]


class Consumer:
    """A function at the end of a stream, which writes down the sort keys of each batch that it is given."""

    def __init__(self, function: str, mapping: str, calls: Path) -> None:
        self.function = function
        self.mapping = mapping
        self._calls = calls

    def calls(self) -> list[list[str]]:
        return [json.loads(line) for line in self._calls.read_text().splitlines()]

    def seen(self) -> set[str]:
        return {key for call in self.calls() for key in call}


def eventually[T](look: Callable[[], T], patience: float = PATIENCE) -> T:
    """What ``look`` returns once that is true, or its last answer when patience is over."""
    deadline = time.monotonic() + patience
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found
