"""What goes wrong on purpose."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError


def client_error(code: str, operation: str = "Test", **more: Any) -> ClientError:
    """An error as DynamoDB would answer it."""
    response: Any = {"Error": {"Code": code, "Message": code}, **more}
    return ClientError(response, operation)
