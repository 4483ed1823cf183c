"""Serve the dashboard, and the API beside it, as CloudFront does on AWS.

Why: the dashboard speaks to the API of its own origin, under ``/v1``. MiniStack has the API under a path of its own,
and no files beside it.

What is served, and which API that is, stands in a file that ``local.dashboard`` writes after a deployment.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ministack import app

from local.emulator.web import Answer, Application, Message, Receive, Send, respond
from tools.dashboard_files import CONFIG, cache_control, content_type

ROOT = "/dashboard/"
API = "/v1/"
FILE = "dashboard.json"
PREVIEW = "preview.html"


@dataclass(frozen=True)
class Deployed:
    """A dashboard: the folder of its files, the path of its API, what ``config.json`` says, and headers of answers.

    The frame in which mails are previewed has headers of its own.
    """

    files: Path
    api: str
    config: Mapping[str, str | None]
    headers: Mapping[str, str]
    preview_headers: Mapping[str, str]

    @classmethod
    def read(cls) -> "Deployed | None":
        """What was deployed last, None if nothing was."""
        path = Path(os.environ["STATE_DIR"]).parent / FILE
        if not path.exists():
            return None
        told = json.loads(path.read_text())
        return cls(**{**told, "files": Path(told["files"])})

    def answer(self, name: str) -> Answer:
        """What is under this name."""
        headers = dict(self.preview_headers if name == PREVIEW else self.headers)
        headers |= {"Content-Type": content_type(name), "Cache-Control": cache_control(name)}
        if name == CONFIG:
            return 200, headers, json.dumps(self.config).encode()
        root = self.files.resolve()
        path = (root / name).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            return 404, headers | {"Content-Type": "text/plain", "Cache-Control": "no-store"}, b"There is no such file."
        return 200, headers, path.read_bytes()


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
        is_ours = scope["type"] == "http" and (path == ROOT.rstrip("/") or path.startswith((ROOT, API)))
        deployed = Deployed.read() if is_ours else None
        if deployed is None:
            await self._application(scope, receive, send)
        elif path.startswith(API):
            raw: bytes = scope.get("raw_path") or path.encode()
            below = len(API) - 1
            moved = {"path": deployed.api + path[below:], "raw_path": deployed.api.encode() + raw[below:]}
            await self._application({**scope, **moved}, receive, send)
        elif not path.startswith(ROOT):
            await respond(send, (308, {"Location": ROOT}, b""))
        elif scope["method"] not in ("GET", "HEAD"):
            await respond(send, (405, {"Allow": "GET, HEAD"}, b""))
        else:
            await respond(send, deployed.answer(path.removeprefix(ROOT) or "index.html"))
