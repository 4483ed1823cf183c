"""The operator's command that has dead letters of the feedback function heard again."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.support.mail_events import sample
from tools import hear_again


class Functions:
    """Answers as Lambda does; what cannot be read is an error of the function."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def invoke(self, *, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803, botocore's names
        assert FunctionName == "feedback"
        event = json.loads(Payload)
        if "detail" not in event:
            return {"StatusCode": 200, "FunctionError": "Unhandled"}
        self.heard.append(event)
        return {"StatusCode": 200}


def test_letters_of_both_kinds_are_heard_and_others_stay(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with mock_aws():
        queue: Any = boto3.client("sqs", region_name="us-east-1")
        functions, url = Functions(), queue.create_queue(QueueName="letters")["QueueUrl"]
        outputs = {"FeedbackDeadLettersUrl": url, "FeedbackFunctionName": "feedback"}
        monkeypatch.setattr(hear_again, "stack_outputs", lambda _: outputs)
        monkeypatch.setattr(hear_again.boto3, "client", {"sqs": queue, "lambda": functions}.__getitem__)
        of_rule, of_function = sample("open"), sample("click")
        for letter in (of_rule, {"requestPayload": of_function, "version": "1.0"}, {"no": "event"}):
            queue.send_message(QueueUrl=url, MessageBody=json.dumps(letter))

        assert hear_again.main([]) == 1

        assert sorted(event["detail-type"] for event in functions.heard) == ["Email Clicked", "Email Opened"]
        assert json.loads(capsys.readouterr().out) == {"heard": 2, "failed": 1}
        left = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"])
        assert left["Attributes"] == {"ApproximateNumberOfMessagesNotVisible": "1"}


def test_nothing_is_left_when_all_is_well(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with mock_aws():
        queue: Any = boto3.client("sqs", region_name="us-east-1")
        url = queue.create_queue(QueueName="letters")["QueueUrl"]
        outputs = {"FeedbackDeadLettersUrl": url, "FeedbackFunctionName": "feedback"}
        monkeypatch.setattr(hear_again, "stack_outputs", lambda _: outputs)
        monkeypatch.setattr(hear_again.boto3, "client", {"sqs": queue, "lambda": Functions()}.__getitem__)

        assert hear_again.main([]) == 0

        assert json.loads(capsys.readouterr().out) == {"heard": 0, "failed": 0}
