"""Batches as AWS takes them: what IAM is asked about them, and what follows from statements that insert items.

Why: stock MiniStack asks IAM for ``sqs:SendMessageBatch``, an action that AWS does not have, so that a role which may
send messages may not send several. For a batch of PartiQL statements it asks for ``dynamodb:BatchExecuteStatement``,
which AWS does not have either, on every table; and an item that such a statement inserts is in no stream.

Here batches of messages are allowed to whom one message is, each statement needs the permission of its own kind on its
own table, and an inserted item is told to the stream.
"""

# ruff: noqa: SLF001 - replaces what MiniStack keeps to itself

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions
from ministack.services import dynamodb

type Answer = tuple[int, dict[str, str], bytes]
type Check = tuple[str, str]
"""An IAM action and the ARN of what it is about."""

OK = 200
BATCH = "Batch"
STATEMENTS = "dynamodb:BatchExecuteStatement"


def apply() -> None:
    """Ask IAM as AWS does, and tell streams of what statements insert."""
    action_of, checks_of, insert = (
        iam_actions.extract_iam_action,
        iam_actions.dynamodb_transaction_checks,
        dynamodb._partiql_insert,
    )

    def action_of_one(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> str | None:
        action: str | None = action_of(service, method, path, headers, body, query)
        return action.removesuffix(BATCH) if action and service == "sqs" else action

    def checks_of_statements(action: str, body: bytes, region: str, account: str) -> list[Check]:
        if action == STATEMENTS:
            return checks(json.loads(body), region, account)
        transaction: list[Check] = checks_of(action, body, region, account)
        return transaction

    def insert_and_tell(table: dict[str, Any], parsed: dict[str, Any]) -> Answer:
        answer: Answer = insert(table, parsed)
        if answer[0] == OK:
            item = parsed["item"].get("M", parsed["item"])
            dynamodb._emit_stream_event(parsed["table"], "INSERT", None, item)
        return answer

    iam_actions.extract_iam_action = action_of_one
    iam_actions.dynamodb_transaction_checks = checks_of_statements
    dynamodb._partiql_insert = insert_and_tell


def checks(request: Mapping[str, Any], region: str, account: str) -> list[Check]:
    """What has to be allowed for a batch of statements."""
    parsed = [dynamodb._parse_partiql(it["Statement"], it.get("Parameters", [])) for it in request["Statements"]]
    return [
        (f"dynamodb:PartiQL{it['op'].capitalize()}", iam_actions._dynamodb_table_arn(it["table"], region, account))
        for it in parsed
    ]
