"""A made-up history of a shop, as the file it is imported from and as the boards it has to come to."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.recount import Shop

HEADINGS = "id,number,placed_at,total,status,email,first_name,last_name,product\n"
ORDERS_OF_A_CUSTOMER = 50

_SINCE = datetime(2021, 1, 1, tzinfo=UTC)
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Rows:
    """``count`` orders from the number ``first`` on, so many of each customer, all ``later`` than their numbers say.

    With ``customers_from`` another file's customers, or nobody's, can be named.
    """

    first: int
    count: int
    of_a_customer: int = ORDERS_OF_A_CUSTOMER
    customers_from: int = 0
    later: timedelta = timedelta(0)

    def numbers(self) -> range:
        """Their numbers."""
        return range(self.first, self.first + self.count)

    def customer(self, number: int) -> str:
        """Whose order it is."""
        return f"{self.customers_from + (number - self.first) // self.of_a_customer:07}"

    def placed_at(self, number: int) -> datetime:
        """When it was placed."""
        return _SINCE + timedelta(minutes=number % 2_500_000) + self.later

    def write(self, path: Path) -> float:
        """Write the file, and tell how many MiB it has."""
        with path.open("w", encoding="utf-8") as file:
            file.write(HEADINGS)
            file.writelines(map(self._line, self.numbers()))
        return path.stat().st_size / _MIB

    def boards(self, currency: str, time_zone: str) -> dict[tuple[str, str], tuple[int, int]]:
        """Purchases and cents by (period, customer), counted by nothing of Laurel's."""
        shop = Shop(currency, time_zone, 1)
        boards = defaultdict[tuple[str, str], list[int]](list)
        for number in self.numbers():
            customer = hashlib.sha256(_email(self.customer(number)).encode()).hexdigest()[:32]
            for period in shop.periods(int(self.placed_at(number).timestamp())):
                boards[period, customer].append(_cents(number))
        return {place: (len(cents), sum(cents)) for place, cents in boards.items()}

    def _line(self, number: int) -> str:
        at, who, cents = self.placed_at(number).isoformat(), self.customer(number), _cents(number)
        buyer = f"{_email(who)},Francesca,Li{who}"
        return f"{number:08},#{number},{at},{cents // 100}.{cents % 100:02},paid,{buyer},SKU-{number % 500}\n"


def _email(customer: str) -> str:
    return f"{customer}.a.lindqvist@mail.example.com"


def _cents(number: int) -> int:
    return (number % 200 + 1) * 100 + number % 100


class Folder:
    """Files of a folder of this machine, in the place of a bucket."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, key: str) -> Path:
        """Where a file is."""
        return self._folder / key.replace("/", "_")

    def stat(self, key: str) -> tuple[int, str]:
        """How many bytes a file has, and its etag."""
        return self.path(key).stat().st_size, "etag"

    def read(self, key: str, etag: str, start: int, end: int) -> bytes:
        """A file from a byte to before another."""
        del etag
        with self.path(key).open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def blocks(self, key: str, etag: str, start: int) -> Iterator[bytes]:
        """A file from a byte on, a MiB at a time."""
        del etag
        with self.path(key).open("rb") as file:
            file.seek(start)
            yield from iter(lambda: file.read(_MIB), b"")

    def write(self, key: str, content: bytes) -> None:
        """Write a file."""
        self.path(key).write_bytes(content)

    def join(self, parts: str, key: str, header: bytes) -> None:
        """There is nothing to put together."""
        raise NotImplementedError("every row is good")

    def delete(self, key: str) -> None:
        """Delete a file, if there is one."""
        self.path(key).unlink(missing_ok=True)
