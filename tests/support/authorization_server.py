"""A user pool with a sign-in page, as far as browsers see it: OAuth's endpoints and two operations of its API.

It refuses what Cognito refuses: addresses that are not registered, a code that was used, a verifier that does not
belong to the challenge (RFC 7636), tokens that were revoked.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

if TYPE_CHECKING:
    from types import TracebackType

CLIENT_ID = "dashboard"
EMAIL = "ada@example.com"
SCOPES = {"openid", "aws.cognito.signin.user.admin"}


@dataclass
class Pool:
    """One user, and what was asked."""

    home: str = ""
    """The one address that is registered for going back to."""
    lifetime: int = 3600
    """Seconds that tokens are said to be good for."""
    nonce: str | None = None
    """Put into tokens in place of the right one."""
    refuses: bool = False
    """The user does not want to."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    issued: list[str] = field(default_factory=list)
    grants: list[str] = field(default_factory=list)
    operations: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def code_for(self, asked: dict[str, str]) -> str:
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return code

    def tokens(self, request: dict[str, str]) -> dict[str, Any] | None:
        """The answer of the token endpoint; None if it refuses."""
        self.grants.append(request.get("grant_type", ""))
        if request.get("client_id") != CLIENT_ID:
            return None
        match request.get("grant_type"):
            case "authorization_code":
                asked = self.codes.pop(request["code"], None)
                if asked is None or request["redirect_uri"] != asked["redirect_uri"]:
                    return None
                digest = hashlib.sha256(request["code_verifier"].encode()).digest()
                if _encoded(digest) != asked["code_challenge"]:
                    return None
                refresh = secrets.token_urlsafe(16)
                self.refresh_tokens.add(refresh)
                return self._issue({"nonce": self.nonce or asked["nonce"]}) | {"refresh_token": refresh}
            case "refresh_token":
                return self._issue({}) if request["refresh_token"] in self.refresh_tokens else None
        return None

    def perform(self, operation: str, request: dict[str, Any]) -> None:
        self.operations.append((operation, request))
        if operation == "RevokeToken":
            self.refresh_tokens.discard(request["Token"])
        else:
            self.refresh_tokens.clear()

    def _issue(self, claims: dict[str, str]) -> dict[str, Any]:
        claims |= {"aud": CLIENT_ID, "email": EMAIL, "custom:role": "owner", "jti": secrets.token_hex(8)}
        token = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "none"}, claims)) + ".signature"
        self.issued.append(token)
        return {"id_token": token, "access_token": f"access-{claims['jti']}", "expires_in": self.lifetime}


class AuthorizationServer:
    """Serves a pool on this machine while it is entered."""

    def __init__(self) -> None:
        self.pool = Pool()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"pool": self.pool}))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    pool: Pool

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        match url.path:
            case "/oauth2/authorize":
                self._authorize(asked)
            case "/approve":
                self._redirect(asked, {"Set-Cookie": "session=1; HttpOnly; SameSite=Lax"})
            case "/logout" if asked.get("logout_uri") == self.pool.home and asked.get("client_id") == CLIENT_ID:
                self._answer(
                    HTTPStatus.FOUND, headers={"Location": self.pool.home, "Set-Cookie": "session=; Max-Age=0"}
                )
            case _:
                self._answer(HTTPStatus.BAD_REQUEST)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/oauth2/token":
            given = self.pool.tokens({name: values[0] for name, values in parse_qs(body.decode()).items()})
            self._json(given or {"error": "invalid_grant"}, HTTPStatus.OK if given else HTTPStatus.BAD_REQUEST)
        else:
            self.pool.perform(self.headers["X-Amz-Target"].rsplit(".", 1)[1], json.loads(body))
            self._json({})

    def do_OPTIONS(self) -> None:
        self._answer(HTTPStatus.NO_CONTENT, headers={"Access-Control-Allow-Headers": "content-type,x-amz-target"})

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _authorize(self, asked: dict[str, str]) -> None:
        wanted = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": self.pool.home,
            "code_challenge_method": "S256",
        }
        is_right = all(asked.get(name) == value for name, value in wanted.items())
        if not is_right or set(asked.get("scope", "").split()) != SCOPES or not asked.get("code_challenge"):
            self._answer(HTTPStatus.BAD_REQUEST, b"invalid_request")
        elif "session=1" in self.headers.get("Cookie", ""):
            self._redirect(asked)
        else:
            link = html.escape(f"/approve?{urlencode(asked)}")
            self._answer(HTTPStatus.OK, f'<h1>Sign-in page</h1><a href="{link}">Continue</a>'.encode())

    def _redirect(self, asked: dict[str, str], headers: dict[str, str] | None = None) -> None:
        said = {"error": "access_denied"} if self.pool.refuses else {"code": self.pool.code_for(asked)}
        back = f"{asked['redirect_uri']}?{urlencode(said | {'state': asked['state']})}"
        self._answer(HTTPStatus.FOUND, headers={"Location": back} | (headers or {}))

    def _json(self, body: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        self._answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _answer(self, status: HTTPStatus, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "text/html", "Access-Control-Allow-Origin": "*", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
