"""WooCommerce's REST API, version wc/v3: pages of changed orders.

Source: WooCommerce REST API documentation, "List all orders" and "Pagination"; ``modified_after`` is exclusive, and
times are whole seconds.

Pages are not counted through: while one is read an order may change, which moves it to the end and all behind it up by
one, over the border of two pages. Each page asks for what changed since the last order of the one before, its second
read again. Only where one second holds more than a page is that second counted through, by id, and begun again if an
order left it meanwhile.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from laurel.ingestion import woocommerce
from laurel.model.errors import ShopUnreadable
from laurel.shops.http import Answer, Http, answered_at, contents, orders_in, rows_of, times_of
from laurel.shops.shop import ChangedOrders, ShopCredentials

ORDERS = "/wp-json/wc/v3/orders"
PAGE = 100
_TOPIC = "order.updated"
_read = partial(woocommerce.read, {woocommerce.TOPIC_HEADER: _TOPIC})
_ANY, _TRASH = "any", "trash"
"""``any`` is every status but the trash, where an order goes whose deletion may never have been told."""


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a reader is: behind a time (epoch seconds); or on a page of one second, which had so many orders."""

    status: str
    after: int
    page: int = 0
    total: int = 0


class WooCommerce:
    """A shop that runs WooCommerce."""

    def __init__(self, http: Http, credentials: ShopCredentials) -> None:
        self._http = http
        self._url = credentials.address + ORDERS
        pair = f"{credentials.key}:{credentials.secret}".encode()
        self._headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def check(self) -> None:
        """Read as little as there is; raises as ``changed`` does."""
        rows_of(contents(self._http.get(self._url, {"per_page": "1", "_fields": "id"}, self._headers)))

    def changed(self, since: datetime, cursor: str | None) -> ChangedOrders:
        place = _Place(**json.loads(cursor)) if cursor else _Place(_ANY, int(since.timestamp()))
        answer = self._http.get(self._url, _query(place), self._headers)
        rows = rows_of(contents(answer))
        orders, unreadable = orders_in(rows, _TOPIC, _read)
        following = _within_second(place, answer, rows) if place.page else _behind(place, answer, rows)
        if following is None and place.status == _ANY:
            following = _Place(_TRASH, int(since.timestamp()))
        return ChangedOrders(
            orders=orders,
            unreadable=unreadable,
            cursor=json.dumps(asdict(following)) if following else None,
            requests=answer.requests,
            answered_at=answered_at(answer, since),
        )


def _query(place: _Place) -> dict[str, str]:
    query = {
        "status": place.status,
        "modified_after": _written(place.after),
        "dates_are_gmt": "true",
        "per_page": str(PAGE),
        "order": "asc",
    }
    if not place.page:
        return query | {"orderby": "modified"}
    return query | {"orderby": "id", "modified_before": _written(place.after + 2), "page": str(place.page)}


def _written(at: int) -> str:
    """A time as the API takes it: UTC, without saying so."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _behind(place: _Place, answer: Answer, rows: list[Any]) -> _Place | None:
    """Where to go on after orders in the sequence of their changes; None behind the last."""
    times = times_of(rows, "date_modified_gmt")
    if times != sorted(times) or (times and times[0] < place.after):
        raise ShopUnreadable("The shop does not list orders by when they changed. That needs WooCommerce 5.8 or newer.")
    if _number(answer, "x-wp-totalpages", 2 if len(rows) >= PAGE else 1) <= 1:
        return None
    if not times:
        raise ShopUnreadable("The shop tells of no order when it changed.")
    before_last = times[-1] - 1
    if before_last > place.after:
        return _Place(place.status, before_last)
    return _Place(place.status, place.after, page=1)


def _within_second(place: _Place, answer: Answer, rows: list[Any]) -> _Place:
    """Where to go on after a page of the orders of one second."""
    total = _number(answer, "x-wp-total", place.total)
    if place.page > 1 and total != place.total:
        return _Place(place.status, place.after, page=1)
    if _number(answer, "x-wp-totalpages", place.page + (len(rows) >= PAGE)) > place.page:
        return _Place(place.status, place.after, place.page + 1, total)
    return _Place(place.status, place.after + 1)


def _number(answer: Answer, header: str, otherwise: int) -> int:
    stated = answer.headers.get(header, "")
    return int(stated) if stated.isdecimal() else otherwise
