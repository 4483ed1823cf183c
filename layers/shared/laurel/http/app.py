"""The resolver every HTTP function uses: sign-in, roles, problem documents, idempotency and logging in one place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from laurel.http import problems
from laurel.http.routes import ROUTES, Route
from laurel.model.account import Role
from laurel.model.errors import Forbidden, MalformedBody, NotFound, Unauthenticated
from laurel.telemetry import count, logger, metrics

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

_LONGEST_ID = 338
"""Bytes of an id in a path: as long as any that an order can name, and escaped still short enough for a key."""
_CORS = CORSConfig(expose_headers=["Content-Disposition", "Link", "Retry-After"])


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed in, as the verified token says."""

    account_id: str
    role: Role


class App(APIGatewayRestResolver):
    """Powertools' resolver for the routes of ``laurel.http.routes``; anything not in that table is refused.

    It stays Powertools' although a dictionary of routes would start faster: docs/decisions.md says why.
    """

    def __init__(self, answers_client: Callable[[], Any] | None = None) -> None:
        """``answers_client`` gives the DynamoDB client that keeps answers for ``Idempotency-Key``.

        Idempotent routes need it.
        """
        super().__init__(serializer=_json, cors=_CORS)
        self.answers_client = answers_client
        self.use([_sign_in])
        self.exception_handler(Exception)(_problem)

    @property
    def caller(self) -> Caller:
        """The signed-in caller of the present request."""
        caller: Caller = self.context["caller"]
        return caller

    def path_parameter(self, name: str) -> str:
        """A decoded path parameter."""
        return unquote(self.current_event["pathParameters"][name])

    def query(self, name: str) -> str | None:
        """A query parameter, or None."""
        value: str | None = (self.current_event.get("queryStringParameters") or {}).get(name)
        return value

    def header(self, name: str) -> str | None:
        """A request header, whatever its case, or None."""
        value: str | None = self.current_event.headers.get(name)
        return value

    def json_body(self) -> Any:
        """The parsed JSON body. Raises ``MalformedBody``."""
        try:
            return json.loads(self.current_event.decoded_body or "")
        except (ValueError, RecursionError) as error:
            raise MalformedBody(f"The body is not JSON: {error}.") from None


def lambda_handler(app: App) -> Handler:
    """The Lambda entry point of an app."""

    @metrics.log_metrics
    @logger.inject_lambda_context(clear_state=True)
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return app.resolve(_as_routed(event), context)

    return handler


def _as_routed(event: dict[str, Any]) -> dict[str, Any]:
    """The event with the path that API Gateway routed by, whatever characters its parameters hold."""
    values = event.get("pathParameters") or {}
    path = re.sub(r"\{(\w+)\}", lambda name: quote(unquote(values[name[1]]), safe=""), event["resource"])
    return {**event, "path": path}


def _sign_in(app: App, next_middleware: NextMiddleware) -> Response[Any]:
    event = app.current_event
    route = ROUTES.get((event.http_method, event["resource"]))
    if route is None:
        raise Forbidden("No role may call this route.")
    for name, value in (event.get("pathParameters") or {}).items():
        if len(unquote(value).encode()) > _LONGEST_ID:
            raise NotFound(name, f"{value[:20]}…")
    if route.role is None:
        return next_middleware(app)
    caller = _caller(event)
    logger.append_keys(account_id=caller.account_id, operation=route.operation)
    if not caller.role.includes(route.role):
        raise Forbidden(f"This needs the role {route.role.value!r}; yours is {caller.role.value!r}.")
    app.context["caller"] = caller
    key = app.header("idempotency-key") if route.idempotent else None
    return _once(app, route, key, next_middleware) if key else next_middleware(app)


def _once(app: App, route: Route, key: str, next_middleware: NextMiddleware) -> Response[Any]:
    from laurel.http.idempotency import once  # noqa: PLC0415, few requests carry a key

    return once(app, app.caller.account_id, route, key, next_middleware)


def _caller(event: Any) -> Caller:
    claims = ((event.get("requestContext") or {}).get("authorizer") or {}).get("claims") or {}
    try:
        return Caller(claims["custom:account_id"], Role(claims["custom:role"]))
    except (KeyError, ValueError):
        raise Unauthenticated(
            "The token names no account and role; use the ID token of a user of an account."
        ) from None


def _problem(error: Exception) -> Response[str]:
    answer = problems.response(error)
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.exception("request_failed")
        count("RequestFailed")
    return answer


def _json(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
