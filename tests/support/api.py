"""What API Gateway, the Ledger's stream and the queue of jobs hand to functions."""

from __future__ import annotations

import itertools
import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.support.functions import FUNCTIONS, properties

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_numbers = itertools.count(1)

ROUTES = {
    (event["Properties"]["Method"].upper(), event["Properties"]["Path"]): function
    for function in FUNCTIONS
    for event in properties(function).get("Events", {}).values()
    if event["Type"] == "Api"
}


@dataclass(frozen=True, slots=True)
class Context:
    """As much of Lambda's context as functions use."""

    function_name: str = "laurel"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:laurel"
    aws_request_id: str = "5f3c0d0e-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Time left until Lambda stops the function."""
        return 10_000


def claims(account_id: str, role: str = "owner", user_id: str = "a1b2") -> dict[str, str]:
    """Claims of a verified ID token."""
    return {"sub": user_id, "token_use": "id", "custom:account_id": account_id, "custom:role": role}


def api_event(
    method: str,
    resource: str,
    path: Mapping[str, str] | None = None,
    *,
    caller: Mapping[str, str] | None = None,
    body: Any = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A REST API proxy event for a route of the template.

    ``path`` fills its parameters, decoded, or ``proxy``, which is as many steps of a path as there are, as it stands.
    """
    values = dict(path or {})
    sent = {"content-type": "application/json", **(headers or {})}
    return {
        "resource": resource,
        "path": re.sub(r"\{(\w+)(\+?)\}", lambda found: quote(values[found[1]], safe="%/" * bool(found[2])), resource),
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": {name: quote(value, safe="%/" * (name == "proxy")) for name, value in values.items()} or None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "authorizer": {"claims": dict(caller)} if caller else None,
            "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
            "httpMethod": method,
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "tests"},
            "path": f"/v1{resource}",
            "protocol": "HTTP/1.1",
            "requestId": f"00000000-0000-4000-8000-{next(_numbers):012}",
            "requestTimeEpoch": 1_795_312_579_000,
            "resourcePath": resource,
            "stage": "v1",
        },
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }


def stream_event(
    images: Iterable[Mapping[str, Any]], before: Mapping[tuple[str, str], Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """A batch of the Ledger's stream that tells of these items, as new unless ``before`` has them by key."""

    def old(image: Mapping[str, Any]) -> dict[str, Any]:
        known = (before or {}).get((image["pk"]["S"], image["sk"]["S"]))
        return {"OldImage": dict(known)} if known else {}

    return {
        "Records": [
            {
                "eventID": f"{number:032x}",
                "eventName": "MODIFY" if old(image) else "INSERT",
                "eventSource": "aws:dynamodb",
                "eventVersion": "1.1",
                "awsRegion": "us-east-1",
                "dynamodb": {
                    "ApproximateCreationDateTime": int(time.time()),
                    "Keys": {"pk": image["pk"], "sk": image["sk"]},
                    "NewImage": dict(image),
                    **old(image),
                    "SequenceNumber": f"{number:021}",
                    "SizeBytes": 200,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
                "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/ledger/stream/2026-11-22T00:00:00.000",
            }
            for number, image in zip(_numbers, images, strict=False)
        ]
    }


def queue_event(messages: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Messages as a queue hands them to a client, as Lambda hands them to a function."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": {"ApproximateReceiveCount": "1", **message.get("Attributes", {})},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:jobs",
                "awsRegion": "us-east-1",
            }
            for message in messages
        ]
    }


def upload_event(key: str) -> dict[str, Any]:
    """S3's message of an uploaded file, as the queue of uploads hands it to a function."""
    told = {"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": quote(key)}}}]}
    message = {"MessageId": "m1", "ReceiptHandle": "r1", "Body": json.dumps(told)}
    return queue_event([message])
