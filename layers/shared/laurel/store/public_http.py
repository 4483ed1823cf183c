"""Connections to addresses that others have given: never to a machine that is not public.

A host is looked up once, and the connection goes to the address that was checked: a name that means another machine a
moment later (DNS rebinding) is of no use.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from enum import StrEnum
from urllib.parse import SplitResult

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout

_LOCAL = "127.0.0.1"

type Resolve = Callable[[str], Sequence[str]]


class Objection(StrEnum):
    """Why nothing is sent to an address, as a sentence that is safe to show."""

    NOT_HTTPS = "Requests go out by https only."
    NO_SUCH_HOST = "There is no such host."
    NOT_PUBLIC = "The host is not on the public Internet."


class NotPublic(Exception):
    """Nothing is sent to such an address."""

    def __init__(self, objection: Objection) -> None:
        super().__init__(objection.value)
        self.objection = objection


def public_addresses(host: str) -> list[str]:
    """The IPv4 addresses of a host. Raises ``NotPublic`` if there are none, or if any of them is not public."""
    try:
        found = [str(info[4][0]) for info in socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise NotPublic(Objection.NO_SUCH_HOST) from None
    for address in found:
        known = ipaddress.ip_address(address)
        if not known.is_global or known.is_multicast:
            raise NotPublic(Objection.NOT_PUBLIC)
    return found


def connections(
    parts: SplitResult, timeout: Timeout, *, local: bool = False, resolve: Resolve = public_addresses
) -> HTTPConnectionPool:
    """Connections to the host of a URL, over ``https``; ``local`` allows ``http`` to this machine, for tests.

    Raises ``NotPublic``.
    """
    host, port = parts.hostname or "", parts.port
    if local and parts.scheme == "http" and host == _LOCAL:
        return HTTPConnectionPool(host, port, timeout=timeout)
    if parts.scheme != "https":
        raise NotPublic(Objection.NOT_HTTPS)
    address = resolve(host)[0]
    return HTTPSConnectionPool(address, port, timeout=timeout, server_hostname=host, assert_hostname=host)
