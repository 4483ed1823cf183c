"""The resolver every HTTP function uses: sign-in, roles, problem documents, idempotency and logging in one place.

API Gateway has matched the path already and names the route it found, so resolving is one look into a table.
Powertools' resolver would match it again, and importing it would be a sixth of a cold start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from laurel.http import problems
from laurel.http.exchange import Request, Response, json_response
from laurel.http.routes import ROUTES, Route
from laurel.model.account import Role
from laurel.model.errors import Forbidden, NotFound, Unauthenticated
from laurel.model.identity import is_too_long
from laurel.telemetry import count, entry_point, logger

type Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
type Action = Callable[..., dict[str, Any] | Response]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed in, as the verified token says."""

    account_id: str
    role: Role


class App:
    """Answers routes of ``laurel.http.routes``; anything not in that table is refused.

    A route's function takes the path's parameters by name, decoded, and returns a JSON object or a ``Response``. There
    is one request at a time, as Lambda has it.
    """

    def __init__(self, answers_client: Callable[[], Any] | None = None) -> None:
        """``answers_client`` gives the DynamoDB client that keeps answers for ``Idempotency-Key``.

        Idempotent routes need it.
        """
        self.answers_client = answers_client
        self.actions: dict[tuple[str, str], Action] = {}
        self.request: Request
        self.context: Any
        self.caller: Caller

    def get[A: Action](self, path: str) -> Callable[[A], A]:
        """Answer GET requests of a route with the decorated function."""
        return self._answering("GET", path)

    def post[A: Action](self, path: str) -> Callable[[A], A]:
        """Answer POST requests of a route with the decorated function."""
        return self._answering("POST", path)

    def put[A: Action](self, path: str) -> Callable[[A], A]:
        """Answer PUT requests of a route with the decorated function."""
        return self._answering("PUT", path)

    def patch[A: Action](self, path: str) -> Callable[[A], A]:
        """Answer PATCH requests of a route with the decorated function."""
        return self._answering("PATCH", path)

    def delete[A: Action](self, path: str) -> Callable[[A], A]:
        """Answer DELETE requests of a route with the decorated function."""
        return self._answering("DELETE", path)

    def query(self, name: str) -> str | None:
        """A query parameter of the present request, or None."""
        return self.request.query.get(name)

    def header(self, name: str) -> str | None:
        """A header of the present request, by its lower-case name, or None."""
        return self.request.headers.get(name)

    def json_body(self) -> Any:
        """The present request's parsed JSON body. Raises ``MalformedBody``."""
        return self.request.json()

    def resolve(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answer one request, whatever happens."""
        try:
            self.request, self.context = Request(event), context
            response = self._signed_in()
        except Exception as error:  # noqa: BLE001, the one place where errors become answers
            response = _problem(error)
        return response.to_gateway()

    def _answering[A: Action](self, method: str, path: str) -> Callable[[A], A]:
        def register(action: A) -> A:
            self.actions[method, path] = action
            return action

        return register

    def _signed_in(self) -> Response:
        request = self.request
        route = ROUTES.get((request.method, request.resource))
        if route is None:
            raise Forbidden("No role may call this route.")
        for name, value in request.parameters.items():
            if is_too_long(value) and not route.page:
                raise NotFound(name, f"{value[:20]}…")
        if route.role is None:
            return self._act(route)
        self.caller = _caller(request)
        logger.append_keys(account_id=self.caller.account_id, operation=route.operation)
        if not self.caller.role.includes(route.role):
            raise Forbidden(f"This needs the role {route.role.value!r}; yours is {self.caller.role.value!r}.")
        key = self.header("idempotency-key") if route.idempotent else None
        return self._act(route) if key is None else self._act_once(route, key)

    def _act(self, route: Route) -> Response:
        answer = self.actions[route.method, route.path](**self.request.parameters)
        return answer if isinstance(answer, Response) else json_response(route.status, answer)

    def _act_once(self, route: Route, key: str) -> Response:
        from laurel.http.idempotency import once  # noqa: PLC0415, few requests carry a key

        return once(self, route, key, lambda: self._act(route))


def lambda_handler(app: App) -> Handler:
    """The Lambda entry point of an app."""
    return entry_point(app.resolve)


def _caller(request: Request) -> Caller:
    try:
        return Caller(request.claims["custom:account_id"], Role(request.claims["custom:role"]))
    except (KeyError, ValueError):
        raise Unauthenticated(
            "The token names no account and role; use the ID token of a user of an account."
        ) from None


def _problem(error: Exception) -> Response:
    answer = problems.response(error)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.exception("request_failed")
        count("RequestFailed")
    return answer
