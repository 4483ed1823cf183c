"""HTTP to shops, whose addresses others have given: patient, within bounds, and to public machines only."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlencode, urlsplit

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPResponse, Retry, Timeout
from urllib3.exceptions import DecodeError, HTTPError, InvalidHeader, LocationParseError, SSLError

from laurel.model.errors import ShopUnavailable, ShopUnreadable
from laurel.shops.http import Answer
from laurel.store.public_http import NotPublic, Resolve, connections, public_addresses

_ASK_AGAIN = frozenset({429, 500, 502, 503, 504})
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "Laurel"}
_PIECE = 1 << 16
_LOOKED_UP_EVERY = 60.0
_SECONDS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to put up with a shop. All but ``attempts`` and ``largest`` (bytes of an answer) in seconds.

    ``longest_pause`` is what a shop may ask for between two attempts, ``whole`` what one request may take altogether.
    """

    connect: float = 5
    read: float = 20
    attempts: int = 4
    back_off: float = 0.5
    longest_pause: float = 10
    whole: float = 60
    largest: int = 32 << 20


AT_ONCE = Patience(connect=4, read=10, attempts=1, whole=15, largest=1 << 20)
"""While somebody waits for an answer."""


class ShopHttp:
    """Sends GET requests to shops, one at a time. ``local`` allows ``http`` to this machine, for a shop of tests."""

    def __init__(
        self,
        patience: Patience | None = None,
        *,
        local: bool = False,
        resolve: Resolve = public_addresses,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._patience = patience or Patience()
        self._local = local
        self._resolve = resolve
        self._pause = pause
        self._clock = clock
        self._open: tuple[tuple[str, str], HTTPConnectionPool, float] | None = None

    def get(self, url: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Ask, and ask again where that may help, as late as the shop wants it.

        Raises ``ShopUnavailable``, and ``ShopUnreadable`` for an answer that is too large or garbled.
        """
        parts = urlsplit(url)
        pool = self._pool(parts)
        target = f"{parts.path}?{urlencode(query)}"
        sent = {**_HEADERS, **headers, "Host": parts.netloc}
        end = self._clock() + self._patience.whole
        retry = Retry(
            total=self._patience.attempts - 1,
            allowed_methods=("GET",),
            backoff_factor=self._patience.back_off,
            backoff_max=self._patience.longest_pause,
            backoff_jitter=self._patience.back_off,
        )
        while True:
            answer: Answer | None = None
            try:
                answer = replace(self._once(pool, target, sent, end), requests=len(retry.history) + 1)
            except (DecodeError, LocationParseError, InvalidHeader):
                raise ShopUnreadable("The shop's answer is garbled.") from None
            except HTTPError as error:
                retry = _after_failure(retry, error)
            else:
                if answer.status not in _ASK_AGAIN or not retry.total:
                    return answer
                retry = retry.increment("GET", response=HTTPResponse(status=answer.status))
            self._wait(retry, answer, end)

    def _pool(self, parts: SplitResult) -> HTTPConnectionPool:
        """Connections to a shop; the address is looked up anew after a while."""
        origin = (parts.scheme, parts.netloc)
        if self._open and self._open[0] == origin and self._clock() < self._open[2]:
            return self._open[1]
        if self._open:
            self._open[1].close()
        pool = self._connections(parts)
        self._open = (origin, pool, self._clock() + _LOOKED_UP_EVERY)
        return pool

    def _connections(self, parts: SplitResult) -> HTTPConnectionPool:
        timeout = Timeout(connect=self._patience.connect, read=self._patience.read)
        try:
            return connections(parts, timeout, local=self._local, resolve=self._resolve)
        except NotPublic as error:
            raise ShopUnavailable(str(error)) from None

    def _once(self, pool: HTTPConnectionPool, target: str, headers: Mapping[str, str], end: float) -> Answer:
        response = pool.urlopen("GET", target, headers=headers, retries=False, preload_content=False)
        try:
            body = b"" if response.status in _ASK_AGAIN else self._body(response, end)
        except BaseException:
            response.close()
            raise
        if response.status in _ASK_AGAIN:
            # What it says is not worth the wait; there is no using a connection that was not read to its end.
            response.close()
        else:
            response.release_conn()
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, body)

    def _body(self, response: BaseHTTPResponse, end: float) -> bytes:
        body = bytearray()
        while piece := response.read1(_PIECE, decode_content=True):
            body += piece
            if len(body) > self._patience.largest:
                raise ShopUnreadable("The shop's answer is too large.")
            if self._clock() > end:
                raise ShopUnavailable("The shop takes too long to answer.")
        return bytes(body)

    def _wait(self, retry: Retry, answer: Answer | None, end: float) -> None:
        """Wait for the next attempt. Raises ``ShopUnavailable`` if the shop asks for more patience than there is."""
        asked_for = _retry_after(retry, answer.headers.get("retry-after", "")) if answer else None
        seconds = retry.get_backoff_time() if asked_for is None else asked_for
        if seconds > self._patience.longest_pause or self._clock() + seconds > end:
            raise ShopUnavailable("The shop takes no more requests for now.")
        self._pause(seconds)


def _after_failure(retry: Retry, error: HTTPError) -> Retry:
    """What is left of the attempts. Raises ``ShopUnavailable`` if another one is of no use."""
    if isinstance(error, SSLError):
        raise ShopUnavailable("The shop has no valid certificate.") from None
    try:
        return retry.increment("GET", error=error)
    except HTTPError:
        raise ShopUnavailable("The shop cannot be reached, or does not answer in time.") from None


def _retry_after(retry: Retry, header: str) -> float | None:
    """The seconds that a header asks for: a number, which Shopify writes with decimals, or a date."""
    if _SECONDS.fullmatch(header.strip()):
        return float(header)
    try:
        return retry.parse_retry_after(header)
    except InvalidHeader:
        return None
