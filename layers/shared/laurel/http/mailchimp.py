"""An API that speaks as Mailchimp's does: API keys, paths below ``/3.0``, ``fields``, and Mailchimp's kind of errors.

API Gateway hands on whatever comes below ``/3.0``, so paths are matched here.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from math import isfinite
from typing import Any
from urllib.parse import unquote

from laurel.http import mailchimp_out as out
from laurel.http.exchange import Request, Response
from laurel.http.mailchimp_fields import selected
from laurel.http.problems import CONTENT_TYPE
from laurel.model.account import Role
from laurel.model.api_key import ApiKey
from laurel.model.errors import Forbidden, InvalidInput, MalformedBody, NotFound, Unauthenticated
from laurel.model.identity import LONGEST_ID, is_too_long
from laurel.telemetry import count, logger
from laurel.workspace.api_keys import ApiKeyBook, identify

_LARGEST_PAGE, _PAGE = 1000, 10
_NO_ID = re.compile(r"[/\x00-\x1f]")
_REST = "rest"
_OVERRIDE = "x-http-method-override"
_CONTENT = "application/json; charset=utf-8"


class Call:
    """One request of a program that showed a key. ``path`` are the values of the route's places."""

    __slots__ = ("key", "method", "now", "path", "query", "request")

    def __init__(self, request: Request, method: str, path: Mapping[str, str], key: ApiKey, now: datetime) -> None:
        self.request = request
        self.method = method
        self.path = path
        self.key = key
        self.now = now
        self.query = request.query

    def body(self) -> Any:
        """The parsed body, in which numbers stay as they were written. Raises ``MalformedBody``."""
        try:
            return json.loads(self.request.body(), parse_float=Decimal, parse_constant=_no_number)
        except (ValueError, RecursionError, ArithmeticError) as error:
            raise MalformedBody(f"The body is not JSON: {error}.") from None

    def page(self) -> tuple[int, int]:
        """``offset`` and ``count``. Raises ``InvalidInput``."""
        return self._number("offset", 0, 0, 10**9), self._number("count", _PAGE, 1, _LARGEST_PAGE)

    def _number(self, name: str, default: int, least: int, most: int) -> int:
        given = self.query.get(name)
        if given is None:
            return default
        if not (re.fullmatch(r"[0-9]{1,10}", given) and least <= int(given) <= most):
            raise InvalidInput.at(f"/{name}", f"{name} is a whole number from {least} to {most}.")
        return int(given)


type Action = Callable[[Call], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class _Route:
    pattern: re.Pattern[str]
    actions: dict[str, tuple[Role, Action]]


class MailchimpApi:
    """Answers routes as Mailchimp would; what is none is a resource that is not found."""

    def __init__(self, keys: ApiKeyBook) -> None:
        self._keys = keys
        self._routes: dict[str, _Route] = {}

    def on[A: Action](self, method: str, path: str, role: Role) -> Callable[[A], A]:
        """Answer a route with the decorated function.

        A place such as ``{store}`` is one step of the path, ``{kind:carts|products}`` one of these, ``{rest+}`` many.
        None is answered 204. ``role`` is the least role of a key that may.
        """

        def register(action: A) -> A:
            route = self._routes.setdefault(path, _Route(_pattern(path), {}))
            route.actions[method] = (role, action)
            return action

        return register

    def resolve(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer one request, whatever happens."""
        del context
        instance = str((event.get("requestContext") or {}).get("requestId") or "")
        try:
            response = self._answer(event)
        except Exception as error:  # noqa: BLE001, the one place where errors become answers
            response = _refusal(error, instance)
        return response.to_gateway()

    def _answer(self, event: Mapping[str, Any]) -> Response:
        request, now = Request(event), datetime.now(UTC)
        key = identify(self._keys, _shown(request.headers.get("authorization", "")), now)
        logger.append_keys(account_id=key.account_id, api_key_id=key.id)
        method = request.headers.get(_OVERRIDE, "").upper() or request.method
        path = (event.get("pathParameters") or {}).get("proxy") or ""
        role, action, places = self._found(method, path.strip("/"))
        if not key.role.includes(role):
            raise Forbidden(f"This needs an API key of the role {role.value!r}; this one's is {key.role.value!r}.")
        answer = action(Call(request, method, places, key, now))
        if answer is None:
            return Response(HTTPStatus.NO_CONTENT, _CONTENT, "")
        return _json(HTTPStatus.OK, _CONTENT, selected(answer, request.query))

    def _found(self, method: str, path: str) -> tuple[Role, Action, dict[str, str]]:
        for route in self._routes.values():
            if match := route.pattern.fullmatch(path):
                if method not in route.actions:
                    raise _MethodNotAllowed
                places = {name: unquote(value or "") for name, value in match.groupdict().items()}
                for name, value in places.items():
                    if is_too_long(value) or (name != _REST and _NO_ID.search(value)):
                        raise NotFound(name, f"{value[:20]}…")
                return *route.actions[method], places
        raise NotFound("resource", path[:LONGEST_ID])


class _MethodNotAllowed(Exception):
    """The path is known, and the method is not one of it."""


def _pattern(path: str) -> re.Pattern[str]:
    for place, pattern in ((r"(\w+)\+", ".+"), (r"(\w+):([\w|-]+)", r"\2"), (r"(\w+)", "[^/]+")):
        path = re.sub(rf"\{{{place}\}}", rf"(?P<\1>{pattern})", path)
    return re.compile(path)


def _shown(authorization: str) -> str | None:
    """The key that a client showed: a bearer token, or the password beside any user name."""
    scheme, _, value = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2].strip()
    except ValueError:
        return None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _refusal(error: Exception, instance: str) -> Response:
    if isinstance(error, RecursionError):  # what is said back is as deep as what was sent
        error = MalformedBody("The body is nested too deeply.")
    if isinstance(error, _MethodNotAllowed):
        about = {"type": "about:blank", "title": "Method Not Allowed", "status": 405, "instance": instance}
        detail = "The requested method and resource are not compatible."
        return _json(HTTPStatus.METHOD_NOT_ALLOWED, CONTENT_TYPE, about | {"detail": detail})
    if isinstance(error, Unauthenticated):
        count("ApiKeysRefused")
    document = out.problem(error, instance)
    headers = {"Retry-After": "1"} if document["status"] == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if document["status"] == HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.exception("request_failed")
        count("RequestFailed")
    return _json(document["status"], CONTENT_TYPE, document, headers)


def _json(status: int, kind: str, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_number)
    return Response(status, kind, text.encode(errors="replace").decode(), headers=headers or {})


def _number(value: Decimal) -> float | str:
    """A number that is said back; one that no float can hold as text."""
    number = float(value)
    return number if isfinite(number) else str(value)
