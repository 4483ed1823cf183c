"""A shop that can be asked for its orders, and the credentials it takes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from laurel.ingestion.events import OrderReport
from laurel.model.account import Platform
from laurel.model.errors import InvalidInput
from laurel.model.order import seen_at


@dataclass(frozen=True, slots=True)
class ShopCredentials:
    """What a shop lets its orders be read for. ``address`` is the URL that its API's paths are appended to.

    ``key`` is WooCommerce's consumer key; Shopify has a ``secret`` only, the access token.
    """

    platform: Platform
    address: str
    secret: str = field(repr=False)
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class UnreadableOrder:
    """An order that the shop answered with and that cannot be read; arguments of ``keep_unreadable``."""

    topic: str
    body: bytes
    error: InvalidInput


@dataclass(frozen=True, slots=True)
class ChangedOrders:
    """One page of changed orders, oldest change first. ``cursor`` is for the next page, None after the last.

    An order may be on several pages, the later one newer. ``answered_at`` is when the shop said so, by its own clock.
    ``requests`` counts what it was asked for this page, repetitions too.
    """

    orders: tuple[OrderReport, ...]
    unreadable: tuple[UnreadableOrder, ...]
    cursor: str | None
    requests: int
    answered_at: datetime


class Shop(Protocol):
    """A shop's API.

    Raises ``ShopRefused`` where the credentials are of no use, ``ShopUnavailable`` where to ask again later may help,
    and ``ShopUnreadable`` where it will not.
    """

    def changed(self, since: datetime, cursor: str | None) -> ChangedOrders:
        """A page of the orders that changed after ``since``; WooCommerce's in the trash, too, as deleted ones."""
        ...


def as_of(report: OrderReport, answered_at: datetime) -> OrderReport:
    """The report, newer than any delivery of the same time of change that was sent before the shop's answer.

    Shops tell times of change in whole seconds, and a delivery is ranked by when it was sent within that; what an API
    answers has no such time. Give it one where what is kept differs from the answer, and only there: it would count as
    a change each time.
    """
    return replace(report, order=replace(report.order, revision=seen_at(report.order.revision, answered_at)))
