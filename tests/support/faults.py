"""What goes wrong on purpose."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError


class Killed(BaseException):
    """The worker's process is no more, or its time is up: nothing that it would still do is done."""


def client_error(code: str, operation: str = "Test", **more: Any) -> ClientError:
    """An error as DynamoDB would answer it."""
    response: Any = {"Error": {"Code": code, "Message": code}, **more}
    return ClientError(response, operation)
