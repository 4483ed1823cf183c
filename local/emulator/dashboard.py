"""Serve the dashboard, and the API beside it, as CloudFront does on AWS.

Why: the dashboard speaks to the API of its own origin, under ``/v1``. MiniStack has the API under a path of its own,
and no files beside it.

What is served, and which API that is, stands in a file that ``local.dashboard`` writes after a deployment.
"""

import json
import mimetypes
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ministack import app

from local.emulator.web import Answer, Application, Message, Receive, Send, respond

ROOT = "/dashboard/"
API = "/v1/"
FILE = "dashboard.json"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Styles of elements are those of a previewed mail, in a frame that runs nothing and loads nothing."""


@dataclass(frozen=True)
class Deployed:
    """A dashboard: the folder of its files, the path of its API, and what ``config.json`` says."""

    files: Path
    api: str
    config: Mapping[str, str | None]

    @classmethod
    def read(cls) -> "Deployed | None":
        """What was deployed last, None if nothing was."""
        path = Path(os.environ["STATE_DIR"]).parent / FILE
        if not path.exists():
            return None
        told = json.loads(path.read_text())
        return cls(Path(told["files"]), told["api"], told["config"])


def apply() -> None:
    """Serve the dashboard beside the services."""
    app.app = Dashboard(app.app)


class Dashboard:
    """The emulator as a web application, with the dashboard under a path of its own and the API at ``/v1``."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request, or hand it on."""
        path: str = scope.get("path", "")
        deployed = Deployed.read() if scope["type"] == "http" and path.startswith((ROOT, API)) else None
        if deployed is None:
            await self._application(scope, receive, send)
        elif path.startswith(API):
            raw: bytes = scope.get("raw_path") or path.encode()
            below = len(API) - 1
            moved = {"path": deployed.api + path[below:], "raw_path": deployed.api.encode() + raw[below:]}
            await self._application({**scope, **moved}, receive, send)
        else:
            await respond(send, _answer(deployed, path.removeprefix(ROOT)))


def _answer(deployed: Deployed, name: str) -> Answer:
    if name == "config.json":
        return 200, _headers("application/json"), json.dumps(deployed.config).encode()
    root = deployed.files.resolve()
    path = (root / (name or "index.html")).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        return 404, _headers("text/plain"), b"There is no such file."
    return 200, _headers(mimetypes.guess_type(path.name)[0] or "application/octet-stream"), path.read_bytes()


def _headers(content_type: str) -> dict[str, str]:
    return {
        "Content-Type": content_type,
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
