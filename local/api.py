"""A client of Laurel's API, as small as loading demo data needs."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from local.errors import LocalError

ATTEMPTS = 5
PAUSE = 1.0
TIMEOUT = 60
SERVER_ERROR = 500
TOO_MANY = 429

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ApiError(LocalError):
    """The API refused a request."""

    def __init__(self, method: str, url: str, status: int, answer: str) -> None:
        super().__init__(f"{method} {url} answered {status}: {answer}")
        self.status = status


class Api:
    """Laurel's API at ``url``, which ends in ``/v1``, for one signed-in user."""

    def __init__(self, url: str, token: Callable[[], str]) -> None:
        self.url = url
        self._token = token

    def get(self, path: str, **query: str | int) -> Any:
        """Read something."""
        return self._send("GET", f"{self.url}{path}?{urllib.parse.urlencode(query)}", None, self._bearer())

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None) -> Any:
        """Make something; with the same idempotency ``key`` once."""
        headers = {"Content-Type": "application/json"} | self._bearer() | ({"Idempotency-Key": key} if key else {})
        return self._send("POST", self.url + path, json.dumps(body or {}).encode(), headers)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something."""
        headers = {"Content-Type": "application/json"} | self._bearer()
        return self._send("PATCH", self.url + path, json.dumps(body).encode(), headers)

    def put(self, path: str, body: Mapping[str, Any], *, version: int) -> Any:
        """Replace something, as it was read."""
        headers = {"Content-Type": "application/json", "If-Match": f'"{version}"'} | self._bearer()
        return self._send("PUT", self.url + path, json.dumps(body).encode(), headers)

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}

    @classmethod
    def deliver(cls, url: str, body: bytes, headers: Mapping[str, str]) -> Any:
        """Send a webhook, which nobody needs to sign in for."""
        return cls._send("POST", url, body, headers)

    @staticmethod
    def _send(method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        """Send a request, and again while it is throttled or the server fails: all of ours can be repeated."""
        request = urllib.request.Request(url, body, dict(headers), method=method)  # noqa: S310 - the API's own URL
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with _direct.open(request, timeout=TIMEOUT) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                with error:
                    text = error.read().decode(errors="replace")
                if attempt == ATTEMPTS or (error.code < SERVER_ERROR and error.code != TOO_MANY):
                    raise ApiError(method, url, error.code, text) from None
            time.sleep(PAUSE * attempt)
        raise AssertionError("unreachable")
