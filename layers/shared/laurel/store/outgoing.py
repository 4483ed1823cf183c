"""Webhooks that go out to addresses of the merchants' own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from threading import Thread
from urllib.parse import urlsplit

from urllib3 import HTTPConnectionPool, Timeout
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
    whole: float = CONNECT + READ

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
        answers: list[WebhookAnswer] = []
        # A server may answer a byte at a time, each of them in time: it is left alone once the whole takes too long.
        asking = Thread(target=lambda: answers.append(_answer(pool, target, sent, body)), daemon=True)
        asking.start()
        asking.join(self.whole)
        return answers[0] if answers else WebhookAnswer(None, WebhookFault.UNREACHABLE)


def _answer(pool: HTTPConnectionPool, target: str, headers: Mapping[str, str], body: bytes) -> WebhookAnswer:
    try:
        with pool:
            response = pool.urlopen(
                "POST", target, body=body, headers=headers, retries=False, redirect=False, preload_content=False
            )
            response.close()
    except HTTPError:
        return WebhookAnswer(None, WebhookFault.UNREACHABLE)
    taken = HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES
    return WebhookAnswer(response.status, None if taken else WebhookFault.NOT_TAKEN)
