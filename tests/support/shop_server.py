"""A shop on this machine: WooCommerce's and Shopify's order lists over HTTP, as their documentation describes them.

WooCommerce: REST API wc/v3, "List all orders" (``modified_after`` and ``modified_before`` exclude their own second, and
``any`` leaves the trash out), totals in ``X-WP-Total`` and ``X-WP-TotalPages``. Shopify: REST Admin API, "Retrieve a
list of orders" and cursor-based pagination by ``Link``; a request with ``page_info`` takes no filters.
"""

from __future__ import annotations

import base64
import gzip
import json
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from laurel.model.account import Platform
from laurel.shops.shop import ShopCredentials

WOOCOMMERCE = "/wp-json/wc/v3/orders"
SHOPIFY = "/admin/api/2026-07/orders.json"
KEY, SECRET, TOKEN = "ck_laurel_0123456789", "cs_laurel_abcdef0042", "shpat_laurel_abcdef0043"


@dataclass(frozen=True)
class Reply:
    """An answer of a server: the bytes are sent as they are, after ``delay`` seconds."""

    status: int = 200
    body: bytes = b"[]"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0
    truncate: int = 0


class ShopServer:
    """Orders by id, as the platform's API and webhooks write them, and what is asked for them.

    ``replies`` are given first, one a request; None among them is the ordinary answer. ``meanwhile`` is called before
    each answer with the number of the request, from 1.
    """

    def __init__(self, *orders: Mapping[str, Any], secret: str = SECRET, token: str = TOKEN) -> None:
        self.secret = secret
        self.token = token
        self.orders: dict[str, dict[str, Any]] = {}
        self.replies: list[Reply | None] = []
        self.asked: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.meanwhile: Callable[[int], object] = lambda _: None
        self.date: datetime | None = None
        self.compressed = False
        self.address = ""
        self._cursors: dict[str, tuple[str, tuple[str, str]]] = {}
        self._lock = threading.Lock()
        self.put(*orders)

    def put(self, *orders: Mapping[str, Any]) -> None:
        """Have orders as they are now."""
        for order in orders:
            self.orders[str(order["id"])] = dict(order)

    def delete(self, id_: object) -> None:
        """Have no such order any more."""
        self.orders.pop(str(id_), None)

    def forget_cursors(self) -> None:
        """As Shopify does after a while."""
        self._cursors.clear()

    def credentials(self, platform: Platform) -> ShopCredentials:
        """What this shop takes."""
        if platform is Platform.SHOPIFY:
            return ShopCredentials(platform, self.address, self.token)
        return ShopCredentials(platform, self.address, self.secret, KEY)

    def body(self, platform: Platform) -> dict[str, str]:
        """The same as a client of Laurel's API sends it."""
        if platform is Platform.SHOPIFY:
            return {"shop_domain": self.address, "access_token": self.token}
        return {"url": self.address, "consumer_key": KEY, "consumer_secret": self.secret}

    def answer(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Reply:
        with self._lock:
            self.asked.append(query)
            self.headers.append(headers)
            self.meanwhile(len(self.asked))
            planned = self.replies.pop(0) if self.replies else None
            if planned:
                return planned
            if path == WOOCOMMERCE:
                return self._woocommerce(query, headers)
            if path == SHOPIFY:
                return self._shopify(query, headers)
            return _json(404, {"code": "rest_no_route"})

    def _woocommerce(self, query: dict[str, str], headers: dict[str, str]) -> Reply:
        pair = base64.b64encode(f"{KEY}:{self.secret}".encode()).decode()
        if headers.get("authorization") != f"Basic {pair}":
            return _json(401, {"code": "woocommerce_rest_cannot_view", "data": {"status": 401}})
        in_trash = query.get("status") == "trash"
        after, before = query.get("modified_after", ""), query.get("modified_before", "9999")
        found = [
            order
            for order in self.orders.values()
            if (order.get("status") == "trash") == in_trash and after < str(order["date_modified_gmt"]) < before
        ]
        by_time = query.get("orderby") == "modified"
        found.sort(key=lambda it: str(it["date_modified_gmt"]) if by_time else f"{it['id']:020}")
        size, page = min(int(query.get("per_page", "10")), 100), int(query.get("page", "1"))
        totals = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(math.ceil(len(found) / size))}
        return _json(200, found[(page - 1) * size : page * size], totals)

    def _shopify(self, query: dict[str, str], headers: dict[str, str]) -> Reply:
        if headers.get("x-shopify-access-token") != self.token:
            return _json(401, {"errors": "[API] Invalid API key or access token"})
        size = min(int(query.get("limit", "50")), 250)
        if cursor := query.get("page_info"):
            if cursor not in self._cursors or set(query) - {"limit", "page_info", "fields"}:
                return _json(400, {"errors": {"page_info": "Invalid value."}})
            since, behind = self._cursors[cursor]
        else:
            since, behind = query.get("updated_at_min", ""), ("", "")
        least = datetime.fromisoformat(since) if since else datetime.min.replace(tzinfo=UTC)
        found = sorted(
            (_changed_at(order).isoformat(), f"{order['id']:020}", order)
            for order in self.orders.values()
            if _changed_at(order) >= least
        )
        rest = [it for it in found if it[:2] > behind]
        links = {}
        if len(rest) > size:
            cursor = base64.urlsafe_b64encode(f"{len(self._cursors)}".encode()).decode()
            self._cursors[cursor] = (since, rest[size - 1][:2])
            link = f"{self.address}{SHOPIFY}?{urlencode({'limit': size, 'page_info': cursor})}"
            previous = f"{self.address}{SHOPIFY}?page_info=before"
            links = {"Link": f'<{previous}>; rel="previous", <{link}>; rel="next"'}
        return _json(200, {"orders": [order for _, _, order in rest[:size]]}, links)


def _changed_at(order: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(order["updated_at"]).astimezone(UTC)


def _json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, json.dumps(body, default=str).encode(), headers or {})


class _Server(ThreadingHTTPServer):
    """Says nothing of clients that hang up."""

    def handle_error(self, *_: Any) -> None:
        pass


@contextmanager
def serving(shop: ShopServer) -> Iterator[ShopServer]:
    """Have a shop answer at its ``address``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            reply = shop.answer(parts.path, query, {name.lower(): value for name, value in self.headers.items()})
            time.sleep(reply.delay)
            body, more = reply.body, {}
            if shop.compressed:
                body, more = gzip.compress(body), {"Content-Encoding": "gzip"}
            self.send_response_only(reply.status)
            said = {"Content-Type": "application/json", "Content-Length": str(len(body)), **more, **reply.headers}
            said.setdefault("Date", format_datetime(shop.date or datetime.now(UTC), usegmt=True))
            for name, value in said.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: len(body) - reply.truncate])
            if reply.truncate:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    shop.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
