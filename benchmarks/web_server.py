"""The built dashboard as CloudFront serves it, compressed and with its files kept, and a stand-in for the API."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from tools.dashboard_files import cache_control, content_type

FILES = Path(__file__).parent.parent / "web" / "dist"
ROOT = "/dashboard/"
PLAIN = "plain.html"
"""A page of one sentence: what any page takes on such a network."""

_SENTENCE = b"<!doctype html><html lang=en><title>Plain</title><link rel=icon href='data:,'><h1>Sign in</h1>"


@contextmanager
def serve(rows: int) -> Iterator[str]:
    """The dashboard's address, as long as it is served; the only board has so many rows."""
    handler = type("Handler", (_Handler,), {"answers": _answers(rows)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{ROOT}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers: dict[str, Any]

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in self.answers:
            self._answer("application/json", json.dumps(self.answers[path]).encode())
        elif path == ROOT + PLAIN:
            self._answer("text/html", _SENTENCE)
        else:
            name = path.removeprefix(ROOT) or "index.html"
            self._answer(content_type(name), (FILES / name).read_bytes(), cache_control(name))

    def do_POST(self) -> None:
        """Let anybody in."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        claims = base64.urlsafe_b64encode(json.dumps({"email": "owner@example.com", "custom:role": "owner"}).encode())
        result = {"IdToken": f"e30.{claims.decode()}.", "RefreshToken": "refresh", "ExpiresIn": 3600}
        self._answer("application/json", json.dumps({"AuthenticationResult": result}).encode())

    def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - its name there
        """Say nothing."""

    def _answer(self, kind: str, body: bytes, kept: str = "no-store") -> None:
        packed = gzip.compress(body)
        self.send_response(200)
        for name, value in (("Content-Type", kind), ("Content-Encoding", "gzip"), ("Cache-Control", kept)):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        self.wfile.write(packed)


def _answers(rows: int) -> dict[str, Any]:
    when = "2026-11-22T10:30:00Z"
    store = {
        "id": "store",
        "audience_id": "audience",
        "platform": "api",
        "name": "Laurel Demo",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "state": "connected",
        "created_at": when,
    }
    board = {
        "rebuilding": False,
        "rebuild": None,
        "store": {"id": "store", "name": "Laurel Demo", "currency": "EUR"},
        "rank_by": "total_spent",
        "time_frame": "month_to_date",
        "period": {"id": "2026-11", "start": "2026-10-31T23:00:00Z", "end": "2026-11-30T23:00:00Z"}
        | {"time_zone": "Europe/Berlin"},
        "as_of": when,
        "view": "now",
        "movement_since": {"period": "2026-11", "taken_at": "2026-11-21T10:05:00Z"},
        "totals": {"customers": rows, "orders_count": 60 * rows, "total_spent": "400000.50", "currency": "EUR"}
        | {"as_of": when},
        "percentiles": [{"percent": percent, "value": f"{90 * percent}.50"} for percent in (50, 75, 90, 95, 99)],
        "rows": [_row(rank, when) for rank in range(1, rows + 1)],
        "next_cursor": None,
    }
    return {
        f"{ROOT}config.json": {"userPoolUrl": "/", "clientId": "client", "loginUrl": None},
        "/v1/audiences": {"audiences": [{"id": "audience", "name": "Customers", "created_at": when}]},
        "/v1/stores": {"stores": [store]},
        "/v1/stores/store/leaderboard": board,
    }


def _row(rank: int, when: str) -> dict[str, Any]:
    return {
        "orders_count": 60 - rank // 2,
        "total_spent": f"{9000 - rank * 40}.50",
        "average_order_value": "150.25",
        "currency": "EUR",
        "last_order_at": when,
        "rank": rank,
        "customer": f"{rank:032x}",
        "name": f"Customer Number {rank}",
        "email": f"customer-{rank}@example.com",
        "profile": f"/audiences/audience/contacts/{rank:032x}",
        "rank_exact": True,
        "movement": {"kind": "up", "previous_rank": rank + 2, "by": 2},
        "tier": {"id": "gold", "name": "Gold", "benefits": ["Free shipping"]},
    }
