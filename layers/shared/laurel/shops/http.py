"""Asking a shop, and what its answers mean whatever kind of shop it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Protocol

from laurel.ingestion.events import Event, OrderReport
from laurel.ingestion.fields import Fields
from laurel.model.errors import InvalidInput, ShopRefused, ShopUnavailable, ShopUnreadable
from laurel.shops.shop import UnreadableOrder

_REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_PASSING = frozenset({HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.LOCKED, HTTPStatus.TOO_MANY_REQUESTS})
"""Of a shop that is frozen or locked for a time, and of one that has had enough."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A shop's answer to one request, which took so many ``requests``. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    requests: int = 1


class Http(Protocol):
    """Sends GET requests and follows no redirects. Raises ``ShopUnavailable`` or ``ShopUnreadable``."""

    def get(self, url: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Answer: ...


def contents(answer: Answer) -> Any:
    """The JSON of a good answer; an amount of money written as a number stays what was written.

    Raises ``ShopRefused``, ``ShopUnavailable`` or ``ShopUnreadable``.
    """
    status = answer.status
    if status in _REFUSALS:
        raise ShopRefused(status)
    if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ShopUnavailable(f"The shop answered {status}.")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise ShopUnreadable("The shop redirects to another address. Give the one that it redirects to.")
    if status == HTTPStatus.NOT_FOUND:
        raise ShopUnreadable("There is no API of such a shop at this address.")
    if status != HTTPStatus.OK:
        raise ShopUnreadable(f"The shop answered {status}.")
    try:
        return json.loads(answer.body, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError):
        raise ShopUnreadable("The shop's answer is not JSON.") from None


def rows_of(found: Any) -> list[Any]:
    """A list of orders. Raises ``ShopUnreadable`` for anything else."""
    if not isinstance(found, list):
        raise ShopUnreadable("The shop answered with something else than orders.")
    return found


def answered_at(answer: Answer, since: datetime) -> datetime:
    """When the shop answered, by its own clock; ``since`` if it does not say."""
    try:
        said = parsedate_to_datetime(answer.headers["date"])
    except (LookupError, ValueError):
        return since
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def orders_in(
    rows: list[Any], topic: str, read: Callable[[Any], Event]
) -> tuple[tuple[OrderReport, ...], tuple[UnreadableOrder, ...]]:
    """Orders as the reader of webhooks takes them, and those that it cannot read."""
    reports, unreadable = [], []
    for row in rows:
        try:
            event = read(row)
        except InvalidInput as error:
            unreadable.append(UnreadableOrder(topic, _as_delivered(row), error))
        else:
            if isinstance(event, OrderReport):
                reports.append(event)
    return tuple(reports), tuple(unreadable)


def _as_delivered(row: Any) -> bytes:
    """An order of an answer as JSON of its own."""
    return json.dumps(row, ensure_ascii=False, default=float).encode(errors="replace")


def times_of(rows: list[Any], name: str) -> list[int]:
    """When orders changed, in epoch seconds, as far as they say so."""
    found = []
    for row in rows:
        try:
            at = Fields(row).optional_instant(name, UTC)
        except InvalidInput:
            continue
        if at:
            found.append(int(at.timestamp()))
    return found
