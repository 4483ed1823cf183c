"""Webhooks that go out to addresses of the merchants' own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from urllib3 import Timeout
from urllib3.exceptions import HTTPError, LocationParseError

from laurel.automation.outside import WebhookAnswer, WebhookFault
from laurel.store.public_http import NotPublic, Objection, Resolve, connections, public_addresses

CONNECT, READ = 5.0, 10.0
"""Seconds that an address has."""

_HEADERS = {"Content-Type": "application/json", "User-Agent": "Laurel"}
_FAULTS = {
    Objection.NOT_HTTPS: WebhookFault.NOT_HTTPS,
    Objection.NO_SUCH_HOST: WebhookFault.NO_SUCH_HOST,
    Objection.NOT_PUBLIC: WebhookFault.NOT_PUBLIC,
}


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Sends each webhook once, to the public Internet; ``local`` allows ``http`` to this machine, for tests.

    Nothing of an answer is read but its status, and no redirect is followed.
    """

    local: bool = False
    resolve: Resolve = public_addresses
    connect: float = CONNECT
    read: float = READ

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> WebhookAnswer:
        """Send a body that is JSON; what came of it."""
        timeout = Timeout(connect=self.connect, read=self.read)
        try:
            parts = urlsplit(url)
            pool = connections(parts, timeout, local=self.local, resolve=self.resolve)
        except NotPublic as error:
            return WebhookAnswer(None, _FAULTS[error.objection])
        except (LocationParseError, ValueError):
            return WebhookAnswer(None, WebhookFault.NOT_AN_ADDRESS)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {**_HEADERS, **headers, "Host": parts.netloc.rpartition("@")[2]}
        try:
            with pool:
                response = pool.urlopen(
                    "POST", target, body=body, headers=sent, retries=False, redirect=False, preload_content=False
                )
                response.close()
        except HTTPError:
            return WebhookAnswer(None, WebhookFault.UNREACHABLE)
        taken = HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES
        return WebhookAnswer(response.status, None if taken else WebhookFault.NOT_TAKEN)
