"""The one DynamoDB client of a process, shared by all adapters and threads."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from laurel.store.dynamodb import create_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@cache
def dynamodb() -> DynamoDBClient:
    """The process's client, made on first use; functions call it at module level."""
    return create_client()
