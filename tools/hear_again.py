"""Have the dead letters of the feedback function heard again: `python -m tools.hear_again`.

Those that are heard are deleted, the others stay. Hearing of an event again changes nothing. Prints
`{"heard", "failed"}`.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import boto3

from tools.create_account import stack_outputs

_AT_ONCE = 10
_HIDDEN = 300
"""Seconds for which a letter that was taken is not given again."""


def main(argv: list[str] | None = None) -> int:
    """Work off the dead letters; 1 if some failed again."""
    parser = argparse.ArgumentParser(description="Have events about mail that could not be kept heard again.")
    parser.add_argument("--stack", default="laurel", help="name of the deployed stack")
    stack = stack_outputs(parser.parse_args(argv).stack)
    queue: Any = boto3.client("sqs")
    functions: Any = boto3.client("lambda")
    url, heard, failed = stack["FeedbackDeadLettersUrl"], 0, 0
    while letters := queue.receive_message(
        QueueUrl=url, MaxNumberOfMessages=_AT_ONCE, VisibilityTimeout=_HIDDEN, WaitTimeSeconds=1
    ).get("Messages"):
        for letter in letters:
            said = json.loads(letter["Body"])
            # EventBridge leaves the event itself, Lambda a report of its failure with the event inside.
            event = json.dumps(said.get("requestPayload", said))
            answer = functions.invoke(FunctionName=stack["FeedbackFunctionName"], Payload=event)
            if "FunctionError" in answer:
                failed += 1
                continue
            queue.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
            heard += 1
    print(json.dumps({"heard": heard, "failed": failed}))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
