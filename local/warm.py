"""Start every function once, so that the first visitor need not wait for it."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local import aws
from local.deploy import function_names

AT_ONCE = 2
"""Starting a function is all processor time: more at once than processors take longer each."""

NOTHING: dict[str, Any] = {
    "Records": [],
    "detail": {},
    "resource": "/",
    "path": "/",
    "httpMethod": "GET",
    "headers": {},
    "multiValueHeaders": {},
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "pathParameters": None,
    "stageVariables": None,
    "requestContext": {"requestId": "warm", "stage": "v1", "httpMethod": "GET", "path": "/v1/", "identity": {}},
    "body": None,
    "isBase64Encoded": False,
}
"""A request for no route, a batch of no records, and an event that says nothing."""


def warm(endpoint: str) -> list[str]:
    """Invoke all functions with nothing to do; returns those that failed, with what they said."""
    functions = aws.client("lambda", endpoint)

    def invoke(named: tuple[str, str]) -> str | None:
        logical, physical = named
        answer = functions.invoke(FunctionName=physical, Payload=json.dumps(NOTHING))
        said = answer["Payload"].read().decode()
        return f"{logical}: {said}" if "FunctionError" in answer else None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [failure for failure in pool.map(invoke, function_names(endpoint).items()) if failure]
