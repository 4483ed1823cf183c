"""Records of a stream as DynamoDB's own client reads them, and as Lambda is given them."""

from __future__ import annotations

from typing import Any


def as_lambda(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its time in epoch seconds."""
    told = record["dynamodb"]
    return {
        **record,
        "dynamodb": told | {"ApproximateCreationDateTime": told["ApproximateCreationDateTime"].timestamp()},
    }
