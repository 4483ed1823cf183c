"""Have automations hear once more of a contact: `python -m tools.react_again --account A --audience B --contact C`.

For contacts whose changes ended in the dead-letter queue, once the cause is mended. What has begun its run begins no
other, and runs that nobody has taken up are, so running it twice does no harm. Tags are not heard of again: when they
were given is not kept.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import TYPE_CHECKING, Any

import boto3

from laurel.model.signal import Pulse
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes, create_client, number, pages
from tools.create_account import stack_outputs

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KINDS = (keys.score_entries(), keys.signal(""), keys.pulse(Pulse.PURCHASE.value), keys.run(""))
_AT_ONCE = 100


def main(argv: list[str] | None = None) -> int:
    """Have the contact heard of that the arguments name; 1 if something failed again."""
    parser = argparse.ArgumentParser(description="Have automations hear once more of a contact.")
    parser.add_argument("--stack", default="laurel", help="name of the deployed stack")
    parser.add_argument("--account", required=True)
    parser.add_argument("--audience", required=True)
    parser.add_argument("--contact", required=True, help="its id: 32 hexadecimal digits")
    parser.add_argument("--days", type=int, default=2, help="how far back")
    arguments = parser.parse_args(argv)
    outputs = stack_outputs(arguments.stack)
    partition = keys.person(arguments.account, arguments.audience, arguments.contact)
    since = datetime.now(UTC) - timedelta(days=arguments.days)
    records = list(records_of(create_client(), outputs["ContactsTable"], partition, since))
    functions: Any = boto3.client("lambda")
    failed = 0
    for batch in batched(records, _AT_ONCE, strict=False):
        answer = functions.invoke(
            FunctionName=outputs["ReactFunctionName"], Payload=json.dumps({"Records": batch}).encode()
        )
        said = json.loads(answer["Payload"].read())
        failed += len(batch) if "FunctionError" in answer else len(said["batchItemFailures"])
    print(f"{len(records) - failed} things were heard of again; {failed} failed")
    return 1 if failed else 0


def records_of(client: DynamoDBClient, table: str, partition: str, since: datetime) -> Iterator[dict[str, Any]]:
    """What the stream would tell of a contact since then, in the order in which it happened, as of when it did."""
    query = pages(
        client,
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues=attributes({":pk": partition}),
        ConsistentRead=True,
    )
    found = [item for item in query if item["sk"]["S"].startswith(_KINDS) and _at(item) >= since.timestamp()]
    for place, item in enumerate(sorted(found, key=lambda it: (_at(it), number(it, "seq") or 0)), 1):
        yield {
            "eventName": "INSERT",
            "dynamodb": {
                "ApproximateCreationDateTime": _at(item),
                "Keys": {"pk": item["pk"], "sk": item["sk"]},
                "NewImage": item,
                "SequenceNumber": str(place),
            },
        }


def _at(item: Item) -> float:
    return (number(item, "at") or number(item, "first_at") or number(item, "started_at") or 0) / 1000


if __name__ == "__main__":
    sys.exit(main())
