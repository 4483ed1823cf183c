"""HTTP to shops: patience within bounds, and nowhere but to the public Internet."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from laurel.model.errors import ShopUnavailable, ShopUnreadable
from laurel.shops.http import Answer
from laurel.store.shop_http import AT_ONCE, Patience, ShopHttp
from tests.support.shop_server import Reply, ShopServer, serving

QUICK = Patience(connect=2, read=2)


class Clock:
    """Stands still but for pauses."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server() -> Iterator[ShopServer]:
    with serving(ShopServer()) as shop:
        yield shop


def ask(server: ShopServer, clock: Clock, patience: Patience = QUICK) -> Answer:
    http = ShopHttp(patience, local=True, pause=clock.pause, clock=clock)
    return http.get(f"{server.address}/orders", {"page": "1"}, {"X-Token": "secret"})


# ---- Answers ---------------------------------------------------------------------------------------------------------


def test_an_answer_with_its_headers_in_lower_case(server: ShopServer, clock: Clock) -> None:
    server.replies = [Reply(201, b"made", {"X-WP-Total": "7"})]

    answer = ask(server, clock)

    assert (answer.status, answer.body, answer.headers["x-wp-total"], answer.requests) == (201, b"made", "7", 1)
    assert server.asked == [{"page": "1"}]
    assert server.headers[0]["x-token"] == "secret"
    assert server.headers[0]["host"] == server.address.removeprefix("http://")


def test_compressed_answers_are_opened(server: ShopServer, clock: Clock) -> None:
    server.compressed = True
    server.replies = [Reply(body=b"x" * 100_000)]

    assert ask(server, clock).body == b"x" * 100_000


def test_garbled_ones_cannot_be(server: ShopServer, clock: Clock) -> None:
    server.replies = [Reply(body=b"not compressed", headers={"Content-Encoding": "gzip"})]

    with pytest.raises(ShopUnreadable, match="garbled"):
        ask(server, clock)


@pytest.mark.parametrize("compressed", [False, True])
def test_an_answer_may_be_too_large(server: ShopServer, clock: Clock, compressed: bool) -> None:
    server.compressed = compressed
    server.replies = [Reply(body=b"x" * 1_000_000)]

    with pytest.raises(ShopUnreadable, match="too large"):
        ask(server, clock, replace(QUICK, largest=300_000))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_answers(server: ShopServer, clock: Clock, status: int) -> None:
    server.replies = [Reply(status, headers={"Location": f"{server.address}/elsewhere"})]

    assert ask(server, clock).status == status
    assert len(server.asked) == 1


# ---- Patience --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again(server: ShopServer, clock: Clock, status: int) -> None:
    server.replies = [Reply(status), Reply(status, b"busy" * 1000), Reply(200, b"ok")]

    answer = ask(server, clock)

    assert (answer.body, answer.requests, len(clock.pauses)) == (b"ok", 3, 2)


def test_not_for_ever(server: ShopServer, clock: Clock) -> None:
    server.replies = [Reply(503)] * 9

    answer = ask(server, clock)

    assert (answer.status, answer.requests, len(server.asked)) == (503, 4, 4)


def test_pauses_grow(server: ShopServer, clock: Clock) -> None:
    server.replies = [Reply(500)] * 9

    ask(server, clock, replace(QUICK, back_off=1))

    assert len(clock.pauses) == 3
    assert 2 <= clock.pauses[1] <= 3
    assert 4 <= clock.pauses[2] <= 5


@pytest.mark.parametrize(("header", "seconds"), [("3", 3.0), ("2.0", 2.0), (" 1.5 ", 1.5), ("0", 0.0)])
def test_a_shop_says_when(server: ShopServer, clock: Clock, header: str, seconds: float) -> None:
    server.replies = [Reply(429, headers={"Retry-After": header})]

    ask(server, clock)

    assert clock.pauses == [seconds]


def test_or_at_what_time(server: ShopServer, clock: Clock) -> None:
    past = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    server.replies = [Reply(429, headers={"Retry-After": past})]

    ask(server, clock)

    assert clock.pauses == [0.0]


def test_what_it_says_may_mean_nothing(server: ShopServer, clock: Clock) -> None:
    server.replies = [Reply(429, headers={"Retry-After": "soon"})]

    assert ask(server, clock).status == 404


@pytest.mark.parametrize("header", ["11", "86400", format_datetime(datetime(2199, 1, 1, tzinfo=UTC), usegmt=True)])
def test_too_late_is_not_waited_for(server: ShopServer, clock: Clock, header: str) -> None:
    server.replies = [Reply(429, headers={"Retry-After": header})]

    with pytest.raises(ShopUnavailable, match="no more requests"):
        ask(server, clock)

    assert clock.pauses == []


def test_all_together_takes_no_longer_than_it_may(server: ShopServer, clock: Clock) -> None:
    server.replies = [Reply(503, headers={"Retry-After": "9"})] * 9

    with pytest.raises(ShopUnavailable):
        ask(server, clock, replace(QUICK, attempts=9, whole=20))

    assert clock.pauses == [9.0, 9.0]


def test_who_waits_for_an_answer_asks_once(server: ShopServer, clock: Clock) -> None:
    server.replies = [Reply(429, headers={"Retry-After": "1"})]

    assert ask(server, clock, AT_ONCE).status == 429
    assert clock.pauses == []


def test_a_slow_answer_is_given_up(server: ShopServer, clock: Clock) -> None:
    server.replies = [Reply(delay=0.5)] * 2

    with pytest.raises(ShopUnavailable, match="in time"):
        ask(server, clock, Patience(read=0.05, attempts=2))

    assert len(clock.pauses) == 1


def test_one_that_trickles_is_given_up(server: ShopServer, clock: Clock) -> None:
    server.replies = [Reply(body=b"x" * 500_000)]
    http = ShopHttp(QUICK, local=True, clock=lambda: clock.now)
    clock_of_pieces = iter(range(0, 10_000, 30))
    http._clock = lambda: float(next(clock_of_pieces))

    with pytest.raises(ShopUnavailable, match="too long"):
        http.get(f"{server.address}/orders", {}, {})


def test_an_answer_that_breaks_off_is_asked_for_again(server: ShopServer, clock: Clock) -> None:
    server.replies = [Reply(body=b"x" * 1000, truncate=10), Reply(body=b"whole")]

    answer = ask(server, clock)

    assert (answer.body, answer.requests) == (b"whole", 2)


def test_a_shop_that_is_not_there(clock: Clock) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"

        with pytest.raises(ShopUnavailable, match="cannot be reached"):
            ShopHttp(QUICK, local=True, pause=clock.pause).get(address, {}, {})

    assert len(clock.pauses) == 3


def test_connections_are_used_again(server: ShopServer, clock: Clock) -> None:
    http = ShopHttp(QUICK, local=True, clock=clock)
    first = http._pool(urlsplit(server.address))
    http.get(f"{server.address}/a", {}, {})
    http.get(f"{server.address}/b", {}, {})

    assert (first.num_connections, first.num_requests) == (1, 2)

    clock.now = 61

    assert http._pool(urlsplit(server.address)) is not first


# ---- Where to --------------------------------------------------------------------------------------------------------


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def look_up(_host: str, _port: object, family: int, kind: int) -> list[Any]:
        assert family == socket.AF_INET
        return [(family, kind, 6, "", (address, 0)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.0.0.7",
        "172.16.3.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",  # where AWS keeps a machine's credentials
        "169.254.170.2",
        "198.18.0.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
    ],
)
def test_no_machine_that_is_not_public_is_asked(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    for found in ([address], ["93.184.216.34", address]):
        resolving(monkeypatch, *found)

        with pytest.raises(ShopUnavailable, match="public"):
            ShopHttp(QUICK).get("https://shop.example.com/orders", {}, {})


def test_the_connection_goes_to_the_address_that_was_checked(server: ShopServer) -> None:
    """The certificate is asked for under the shop's name, whatever the name means by now."""
    looked_up: list[str] = []

    def resolve(host: str) -> list[str]:
        looked_up.append(host)
        return ["93.184.216.34"]

    pool = ShopHttp(QUICK, resolve=resolve)._pool(urlsplit("https://shop.example.com"))

    assert looked_up == ["shop.example.com"]
    assert (pool.host, pool.port or 443) == ("93.184.216.34", 443)
    assert pool.conn_kw["server_hostname"] == "shop.example.com"
    assert vars(pool)["assert_hostname"] == "shop.example.com"


def test_a_shop_without_a_certificate_is_not_trusted(server: ShopServer) -> None:
    port = server.address.rpartition(":")[2]

    with pytest.raises(ShopUnavailable):
        ShopHttp(QUICK, resolve=lambda _: ["127.0.0.1"]).get(f"https://shop.example.com:{port}/orders", {}, {})

    assert server.asked == []


@pytest.mark.parametrize("url", ["http://shop.example.com", "ftp://shop.example.com", "file:///etc/passwd"])
@pytest.mark.parametrize("local", [False, True])
def test_nothing_but_https(url: str, local: bool) -> None:
    with pytest.raises(ShopUnavailable, match="https"):
        ShopHttp(QUICK, local=local, resolve=lambda _: ["127.0.0.1"]).get(url, {}, {})


def test_this_machine_is_asked_where_that_is_allowed_only(server: ShopServer) -> None:
    with pytest.raises(ShopUnavailable, match="https"):
        ShopHttp(QUICK).get(server.address, {}, {})
