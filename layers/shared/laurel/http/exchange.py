"""One HTTP exchange as API Gateway's REST proxy puts it to a function."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from laurel.model.errors import MalformedBody

_FOR_BROWSERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Disposition, ETag, Laurel-Rebuilding, Link, Retry-After",
}


class Request:
    """What was asked: header names in lower case, path parameters decoded, the body's bytes as they came."""

    __slots__ = ("_event", "api_id", "claims", "headers", "method", "parameters", "query", "resource", "stage")

    def __init__(self, event: Mapping[str, Any]) -> None:
        context = event.get("requestContext") or {}
        self._event = event
        self.method: str = event["httpMethod"]
        self.resource: str = event["resource"]
        self.headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        self.query: Mapping[str, str] = event.get("queryStringParameters") or {}
        self.parameters = {name: unquote(value) for name, value in (event.get("pathParameters") or {}).items()}
        self.claims: Mapping[str, str] = (context.get("authorizer") or {}).get("claims") or {}
        self.api_id: str = context.get("apiId") or ""
        self.stage: str = context.get("stage") or ""

    def body(self) -> bytes:
        """The raw body, empty if there was none. Raises ``MalformedBody`` if it cannot be had byte for byte."""
        body: str = self._event.get("body") or ""
        try:
            return base64.b64decode(body, validate=True) if self._event.get("isBase64Encoded") else body.encode()
        except ValueError as error:
            raise MalformedBody(f"The body cannot be decoded: {error}.") from None

    def json(self) -> Any:
        """The parsed JSON body. Raises ``MalformedBody``."""
        try:
            return json.loads(self.body().decode())
        except (ValueError, RecursionError) as error:
            raise MalformedBody(f"The body is not JSON: {error}.") from None


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered."""

    status: int
    content_type: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_gateway(self) -> dict[str, Any]:
        """The answer in the form API Gateway takes.

        Any origin may read it: callers are known by their token, never by a cookie.
        """
        return {
            "statusCode": self.status,
            "headers": {"Content-Type": self.content_type, **_FOR_BROWSERS, **self.headers},
            "body": self.body,
            "isBase64Encoded": False,
        }


def json_response(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    """An answer of JSON."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(status, "application/json", text, headers=headers or {})
