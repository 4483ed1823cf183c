"""Addresses that requests may go out to."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from laurel.store.public_http import NotPublic, public_addresses


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def look_up(_host: str, _port: object, family: int, kind: int) -> list[Any]:
        return [(family, kind, 6, "", (address, 0)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_public_addresses_are(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "93.184.216.34", "93.184.216.35")

    assert public_addresses("shop.example.com") == ["93.184.216.34", "93.184.216.35"]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "100.64.0.1", "224.0.0.1"])
def test_one_that_is_not_spoils_them_all(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolving(monkeypatch, "93.184.216.34", address)

    with pytest.raises(NotPublic, match="public"):
        public_addresses("shop.example.com")


@pytest.mark.parametrize("fault", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")])
def test_a_host_that_there_is_not(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    def look_up(*_: object) -> None:
        raise fault

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    with pytest.raises(NotPublic, match="no such host"):
        public_addresses("shop.invalid")
