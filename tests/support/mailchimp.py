"""Mailchimp's own Python client, pointed at Laurel: at functions in this process, behind a local HTTP server."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import mailchimp_marketing
from mailchimp_marketing.api_client import ApiClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.client import Send, Tenant
    from tests.support.gateway import Gateway

SHOP = "web-shop"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@contextmanager
def serving(send: Send) -> Iterator[str]:
    """The address of a server that answers one request after the other with what ``send`` says."""
    turn = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            asked = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            with turn:
                answer = send(
                    self.command,
                    asked.path.removeprefix("/v1"),
                    token=None,
                    query=dict(parse_qsl(asked.query, keep_blank_values=True)),
                    headers=dict(self.headers.items()),
                    body=body or None,
                )
            told = b"" if self.command == "HEAD" else answer.text.encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is called by http.server
            """Say nothing."""

    for method in _METHODS:
        setattr(Handler, f"do_{method}", Handler.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def client(address: str, *, api_key: str | None = None, access_token: str | None = None) -> Any:
    """Mailchimp's client; only its base address is not Mailchimp's."""
    made: Any = mailchimp_marketing.Client()
    made.set_config({"api_key": api_key} if api_key else {"access_token": access_token})
    made.api_client.host = f"{address}/3.0"
    return made


def api_key(tenant: Tenant, role: str = "owner") -> str:
    """A new API key of a tenant's."""
    made = tenant.owner.ok("createApiKey", body={"name": "Plugin", "role": role})
    return str(made["key"])


def store(tenant: Tenant, **more: Any) -> dict[str, Any]:
    """A store as a plugin announces it."""
    return {
        "id": SHOP,
        "list_id": tenant.audience_id,
        "name": "Web shop",
        "currency_code": "EUR",
        "timezone": "Europe/Berlin",
        **more,
    }


def customer(id_: str = "c1", **more: Any) -> dict[str, Any]:
    """A customer as a plugin sends one."""
    return {"id": id_, "email_address": "ada@example.com", "opt_in_status": False, **more}


def order(id_: str = "o1", **more: Any) -> dict[str, Any]:
    """A paid order as a plugin sends one."""
    line = {"id": "1", "product_id": "p1", "product_variant_id": "p1-blue", "quantity": 1, "price": 59.9}
    return {
        "id": id_,
        "customer": customer(),
        "currency_code": "EUR",
        "order_total": 59.9,
        "financial_status": "paid",
        "processed_at_foreign": "2026-11-20T10:00:00+00:00",
        "updated_at_foreign": "2026-11-20T10:00:00+00:00",
        "lines": [line],
        **more,
    }


def put_order(plugin: Any, store_id: str, order: Any) -> Any:
    """Add or update an order: Mailchimp's API has that, and its client no function for it yet."""
    return plugin.api_client.call_api(f"/ecommerce/stores/{store_id}/orders/{order['id']}", "PUT", body=order)


def ledger(api: Gateway, tenant: Tenant, kind: str) -> list[dict[str, Any]]:
    """A tenant's items of one kind."""
    return [
        item
        for item in api.items("ledger")
        if item["pk"]["S"].startswith(f"{tenant.account_id}#") and item["sk"]["S"].startswith(f"{kind}#")
    ]


def refusal(call: Callable[[], Any]) -> dict[str, Any]:
    """The error document that a call is answered with."""
    try:
        answer = call()
    except ApiClientError as error:
        document: dict[str, Any] = json.loads(error.text)
        return document
    raise AssertionError(f"not refused: {answer}")
