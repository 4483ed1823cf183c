"""A client of the API that calls operations by name and holds every answer against the description.

What sends the request is exchangeable: functions in this process (``tests.support.gateway``) or a deployed stack.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from laurel.http.routes import ROUTES, Route
from laurel.model.account import Role
from tests.support import openapi

if TYPE_CHECKING:
    from collections.abc import Mapping

OPERATIONS: dict[str, Route] = {route.operation: route for route in ROUTES.values()}
PROBLEM = "urn:laurel:problem:"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def content_type(self) -> str:
        """Media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip()

    @property
    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.text)

    @property
    def problem(self) -> str:
        """The kind of problem: the last part of its type."""
        assert self.content_type == "application/problem+json", f"{self.status}: {self.text}"
        return str(self.json["type"].removeprefix(PROBLEM))

    @property
    def pointers(self) -> list[str]:
        """Where in the body the faults are."""
        return [fault["pointer"] for fault in self.json.get("errors", [])]


class Send(Protocol):
    """Sends a request; ``path`` is percent-encoded and below the version."""

    def __call__(
        self,
        method: str,
        path: str,
        *,
        token: str | None,
        query: Mapping[str, str] | None,
        headers: Mapping[str, str],
        body: str | None,
    ) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Client:
    """Calls operations with one token. ``client("getStore", store=id)``."""

    send: Send
    token: str | None = None

    def __call__(
        self,
        operation: str,
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **path: str,
    ) -> Answer:
        """The answer, after it was found to be as described. ``body`` is sent as JSON unless it is a string."""
        route = OPERATIONS[operation]
        sent = body if body is None or isinstance(body, str) else json.dumps(body)
        answer = self.send(
            route.method,
            re.sub(r"\{(\w+)\}", lambda name: quote(path[name[1]], safe=""), route.path),
            token=self.token,
            query={name: str(value) for name, value in query.items()} if query else None,
            headers={"Content-Type": "application/json", **(headers or {})},
            body=sent,
        )
        openapi.check(route, answer.status, answer.content_type, answer.text)
        if answer.status < 300 and sent and not isinstance(body, str) and '"rejected"' not in answer.text:
            openapi.check_request(route, body)
        return answer

    def ok(self, operation: str, **request: Any) -> Any:
        """The parsed body of an answer that must be a success."""
        answer = self(operation, **request)
        assert answer.status == OPERATIONS[operation].status, f"{answer.status}: {answer.text}"
        return answer.json


@dataclass(frozen=True, slots=True)
class Tenant:
    """An account with one audience and a user of each role."""

    send: Send
    account_id: str
    audience_id: str
    tokens: Mapping[Role, str]

    def as_(self, role: Role) -> Client:
        """The client of the account's user of a role."""
        return Client(self.send, self.tokens[role])

    @property
    def owner(self) -> Client:
        """The client of the account's owner."""
        return self.as_(Role.OWNER)

    def connect(self, platform: str = "api", **more: Any) -> Any:
        """Connect a store; the answer that shows its secret."""
        plan = {"platform": platform, "name": "Shop", "currency": "EUR", "time_zone": "Europe/Berlin"}
        return self.owner.ok("connectStore", body=plan | {"audience_id": self.audience_id} | more)

    def sending(self, send: Send) -> Tenant:
        """The same tenant by another way."""
        return replace(self, send=send)
