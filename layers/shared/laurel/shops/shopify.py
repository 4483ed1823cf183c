"""Shopify's REST Admin API: pages of changed orders.

Sources: Shopify's REST resource Order, "Paginate requests with cursor-based pagination", "API rate limits". The version
is the one whose bodies ``laurel.ingestion.shopify`` reads; Shopify answers by it for a year at least.

A page is followed by the one that the ``Link`` header names, of which only ``page_info`` is taken: no header decides
who is asked. Shopify forgets such a cursor sooner or later; then it is asked again from the last change that was read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from laurel.ingestion import shopify
from laurel.model.errors import ShopUnreadable
from laurel.shops.http import Answer, Http, answered_at, contents, orders_in, rows_of, times_of
from laurel.shops.shop import ChangedOrders, ShopCredentials

VERSION = "2026-07"
ORDERS = f"/admin/api/{VERSION}/orders.json"
PAGE = 250
_TOPIC = "orders/updated"
_LINK = re.compile(r"<([^<>]*)>((?:\s*;[^,<>]*)*)")
_NEXT = re.compile(r";\s*rel\s*=\s*\"?next\"?(?:\s*;|\s*$)", re.IGNORECASE)
_read = partial(shopify.read, {shopify.TOPIC_HEADER: _TOPIC})


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a reader is: what was changed up to a time (epoch seconds) is read, and ``page_info`` goes on there."""

    after: int
    page_info: str | None = None


class Shopify:
    """A shop of Shopify's."""

    def __init__(self, http: Http, credentials: ShopCredentials) -> None:
        self._http = http
        self._url = credentials.address + ORDERS
        self._headers = {"X-Shopify-Access-Token": credentials.secret}

    def check(self) -> None:
        """Read as little as there is; raises as ``changed`` does."""
        _rows(self._get({"status": "any", "limit": "1", "fields": "id"}))

    def changed(self, since: datetime, cursor: str | None) -> ChangedOrders:
        place = _Place(**json.loads(cursor)) if cursor else _Place(int(since.timestamp()))
        answer = self._get(_query(place))
        requests = answer.requests
        if place.page_info and answer.status == HTTPStatus.BAD_REQUEST:
            answer = self._get(_query(_Place(place.after)))
            requests += answer.requests
        rows = _rows(answer)
        orders, unreadable = orders_in(rows, _TOPIC, _read)
        following = _following(place, answer, rows)
        return ChangedOrders(
            orders=orders,
            unreadable=unreadable,
            cursor=json.dumps(asdict(following)) if following else None,
            requests=requests,
            answered_at=answered_at(answer, since),
        )

    def _get(self, query: Mapping[str, str]) -> Answer:
        return self._http.get(self._url, query, self._headers)


def _query(place: _Place) -> dict[str, str]:
    if place.page_info:
        return {"limit": str(PAGE), "page_info": place.page_info}
    since = datetime.fromtimestamp(place.after, UTC).isoformat()
    return {"status": "any", "updated_at_min": since, "order": "updated_at asc", "limit": str(PAGE)}


def _rows(answer: Answer) -> list[Any]:
    found = contents(answer)
    return rows_of(found.get("orders") if isinstance(found, dict) else None)


def _following(place: _Place, answer: Answer, rows: list[Any]) -> _Place | None:
    page_info = _next_page(answer.headers.get("link", ""))
    if page_info is None:
        return None
    times = times_of(rows, "updated_at")
    if times != sorted(times) or (times and times[0] < place.after):
        raise ShopUnreadable("The shop does not list orders by when they changed.")
    return _Place(times[-1] if times else place.after, page_info)


def _next_page(links: str) -> str | None:
    """The cursor of the next page, from a ``Link`` header (RFC 8288)."""
    for link, parameters in _LINK.findall(links):
        if _NEXT.search(parameters):
            named = parse_qs(urlsplit(link).query).get("page_info")
            return named[0] if named else None
    return None
