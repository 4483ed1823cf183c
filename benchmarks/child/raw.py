"""The handler that warm requests are measured by: the same Query through boto3, its rows as they come."""

import json
import os
from typing import Any

import boto3

client = boto3.client("dynamodb")
TABLE = os.environ["RANKINGS_TABLE"]


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    del context
    answer = client.query(
        TableName=TABLE,
        IndexName="by_total_spent",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": event["board"]}},
        ScanIndexForward=False,
        Limit=event["limit"],
    )
    return {"statusCode": 200, "body": json.dumps({"rows": answer["Items"]})}
