"""The handler that cold starts are measured by: a boto3 client, Powertools' Logger and one Query."""

import json
import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger

logger = Logger()
client = boto3.client("dynamodb")
TABLE = os.environ["RANKINGS_TABLE"]


@logger.inject_lambda_context
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
    logger.info("read", rows=answer["Count"])
    return {"statusCode": 200, "body": json.dumps({"rows": answer["Items"]})}
