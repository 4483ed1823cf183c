"""The dashboard as the emulator serves it: files as CloudFront would, and the API under the same origin."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest

from local.process import Emulator

pytestmark = pytest.mark.local

CONFIG = {"userPoolUrl": "/", "clientId": "client", "loginUrl": None}


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass(frozen=True)
class Site:
    endpoint: str
    state: Path

    def ask(self, path: str, method: str = "GET") -> tuple[int, Message, bytes]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)
        request = urllib.request.Request(self.endpoint + path, method=method)
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()


@pytest.fixture
def site(emulator: Emulator, tmp_path: Path) -> Iterator[Site]:
    files = tmp_path / "dist"
    (files / "assets").mkdir(parents=True)
    (files / "index.html").write_text("<p>page</p>")
    (files / "preview.html").write_text("<p>frame</p>")
    (files / "assets" / "index-1.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    served = emulator.state / "dashboard.json"
    told = {
        "files": str(files),
        # Whatever is under it would do; this answers without a deployment.
        "api": "/_ministack",
        "config": CONFIG,
        "headers": {"Content-Security-Policy": "default-src 'none'"},
        "preview_headers": {"Content-Security-Policy": "sandbox"},
    }
    served.write_text(json.dumps(told))
    yield Site(emulator.endpoint, tmp_path)
    served.unlink()


@pytest.mark.parametrize(
    ("path", "body", "kind", "kept", "policy"),
    [
        ("", b"<p>page</p>", "text/html; charset=utf-8", "no-cache", "default-src 'none'"),
        ("index.html", b"<p>page</p>", "text/html; charset=utf-8", "no-cache", "default-src 'none'"),
        ("preview.html", b"<p>frame</p>", "text/html; charset=utf-8", "no-cache", "sandbox"),
        (
            "assets/index-1.js",
            b"1",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
            "default-src 'none'",
        ),
        ("config.json", json.dumps(CONFIG).encode(), "application/json", "no-cache", "default-src 'none'"),
    ],
)
def test_files_come_with_their_headers(site: Site, path: str, body: bytes, kind: str, kept: str, policy: str):
    status, headers, found = site.ask(f"/dashboard/{path}")

    assert (status, found) == (200, body)
    assert (headers["Content-Type"], headers["Cache-Control"]) == (kind, kept)
    assert headers["Content-Security-Policy"] == policy


def test_an_address_without_its_slash_leads_to_the_page(site: Site):
    status, headers, _ = site.ask("/dashboard")

    assert (status, headers["Location"]) == (308, "/dashboard/")


@pytest.mark.parametrize("path", ["nowhere", "assets", "../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt"])
def test_there_is_nothing_but_the_built_files(site: Site, path: str):
    status, _, body = site.ask(f"/dashboard/{path}")

    assert status == 404
    assert b"secret" not in body


def test_files_are_only_read(site: Site):
    status, headers, _ = site.ask("/dashboard/index.html", "POST")

    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_the_api_is_under_the_same_origin(site: Site):
    assert site.ask("/v1/ready")[0] == site.ask("/_ministack/ready")[0] == 200


def test_without_a_dashboard_the_emulator_is_as_it_was(emulator: Emulator, tmp_path: Path):
    assert Site(emulator.endpoint, tmp_path).ask("/_ministack/ready")[0] == 200
    assert b"page" not in Site(emulator.endpoint, tmp_path).ask("/dashboard/")[2]
