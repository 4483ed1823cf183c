"""WooCommerce's orders, read over HTTP from a server that answers as its documentation says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from laurel.ingestion import woocommerce
from laurel.ingestion.events import OrderReport
from laurel.model.account import Platform
from laurel.model.errors import ShopRefused, ShopUnreadable
from laurel.model.order import OrderState
from laurel.shops.shop import ChangedOrders
from laurel.shops.woocommerce import WooCommerce
from laurel.store.shop_http import ShopHttp
from tests.support import webhook_events
from tests.support.shop_server import Reply, ShopServer
from tests.support.shops import ids, pages_of

SINCE = datetime(2026, 11, 20, 12, tzinfo=UTC)
BODY = webhook_events.body_of("webhooks-woocommerce-order-updated")


def an_order(id_: int, at: int = 0, **more: Any) -> dict[str, Any]:
    """An order that changed ``at`` seconds after ``SINCE``."""
    changed = (SINCE + timedelta(seconds=at)).strftime("%Y-%m-%dT%H:%M:%S")
    return {**BODY, "id": id_, "date_modified_gmt": changed, **more}


def the_shop(server: ShopServer) -> WooCommerce:
    return WooCommerce(ShopHttp(local=True, pause=lambda _: None), server.credentials(Platform.WOOCOMMERCE))


def all_pages(server: ShopServer, since: datetime = SINCE) -> list[ChangedOrders]:
    return pages_of(the_shop(server), since)


def test_orders_come_oldest_change_first_as_the_webhooks_have_them(server: ShopServer) -> None:
    server.put(an_order(3, 30), an_order(1, 50), an_order(2, 40))

    (first, _) = pages = all_pages(server)

    assert ids(pages) == ["3", "2", "1"]
    read = woocommerce.read({woocommerce.TOPIC_HEADER: "order.updated"}, an_order(3, 30))
    assert isinstance(read, OrderReport)
    assert first.orders[0] == read


def test_it_asks_as_the_documentation_has_it(server: ShopServer) -> None:
    all_pages(server)

    assert server.asked[0] == {
        "status": "any",
        "modified_after": "2026-11-20T12:00:00",
        "dates_are_gmt": "true",
        "per_page": "100",
        "order": "asc",
        "orderby": "modified",
    }
    assert server.asked[1] == server.asked[0] | {"status": "trash"}


def test_only_what_changed_since_is_read(server: ShopServer) -> None:
    server.put(an_order(1, -10), an_order(2, 10))

    assert ids(all_pages(server)) == ["2"]


def test_an_order_in_the_trash_is_deleted(server: ShopServer) -> None:
    server.put(an_order(1, 10, status="trash"))

    (_, trash) = all_pages(server)

    assert [(it.order.id, it.order.state) for it in trash.orders] == [("1", OrderState.DELETED)]


def test_many_pages_hold_every_order(server: ShopServer) -> None:
    server.put(*(an_order(id_, id_) for id_ in range(1, 351)))

    pages = all_pages(server)

    assert set(ids(pages)) == {str(id_) for id_ in range(1, 351)}
    assert len(ids(pages)) == 350 + 3  # the last second of a page is read again
    assert sum(page.requests for page in pages) == len(server.asked) == 5


def test_a_second_with_more_orders_than_a_page_is_counted_through(server: ShopServer) -> None:
    server.put(an_order(1, 5), *(an_order(id_, 7) for id_ in range(2, 332)), an_order(400, 8))

    assert set(ids(all_pages(server))) == {*map(str, range(1, 332)), "400"}


@pytest.mark.parametrize("spread", [1, 3, 10**6], ids=["every second", "three a second", "all at once"])
def test_none_is_lost_while_orders_change(server: ShopServer, spread: int) -> None:
    server.put(*(an_order(id_, 1 + id_ // spread if spread > 1 else id_) for id_ in range(1, 401)))

    def change(request: int) -> None:
        """One that was read moves to the end, as do some that were not."""
        for id_ in (request, request + 90, request + 200):
            server.put(an_order(id_, 1000 + request))

    server.meanwhile = lambda request: change(request) if request < 6 else None

    assert set(ids(all_pages(server))) == {str(id_) for id_ in range(1, 401)}


def test_what_cannot_be_read_is_handed_on(server: ShopServer) -> None:
    server.put(an_order(1, 10, total="10.123"), an_order(2, 20))

    pages = all_pages(server)

    (unread,) = pages[0].unreadable
    assert ids(pages) == ["2"]
    assert unread.topic == "order.updated"
    assert b'"10.123"' in unread.body
    assert [fault.pointer for fault in unread.error.errors] == ["/total"]


def test_the_shops_clock_tells_when_it_answered(server: ShopServer) -> None:
    server.date = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

    assert the_shop(server).changed(SINCE, None).answered_at == server.date


def test_a_shop_that_tells_no_time_is_taken_to_answer_of_old(server: ShopServer) -> None:
    server.replies = [Reply(headers={"Date": "some day"})]

    assert the_shop(server).changed(SINCE, None).answered_at == SINCE


def test_a_shop_in_a_folder_is_asked_there(server: ShopServer) -> None:
    server.address += "/blog"

    with pytest.raises(ShopUnreadable, match="no API"):
        the_shop(server).check()


def test_credentials_that_may_read_orders_pass(server: ShopServer) -> None:
    the_shop(server).check()

    assert server.asked == [{"per_page": "1", "_fields": "id"}]


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_that_may_not_are_refused(server: ShopServer, status: int) -> None:
    server.replies = [Reply(status)]

    with pytest.raises(ShopRefused, match=str(status)):
        the_shop(server).check()


def test_a_shop_that_does_not_sort_by_change_is_too_old(server: ShopServer) -> None:
    server.meanwhile = lambda _: server.put(an_order(1, 50), an_order(2, 40))
    server._woocommerce = lambda *_: Reply(body=b"[" + b",".join(map(_encoded, server.orders.values())) + b"]")  # type: ignore[method-assign]

    with pytest.raises(ShopUnreadable, match=r"WooCommerce 5\.8"):
        the_shop(server).changed(SINCE, None)


def test_a_page_of_orders_without_times_is_no_page(server: ShopServer) -> None:
    rows = b",".join(b'{"id": 1}' for _ in range(100))
    server.replies = [Reply(body=b"[" + rows + b"]", headers={"X-WP-TotalPages": "2"})]

    with pytest.raises(ShopUnreadable, match="when it changed"):
        the_shop(server).changed(SINCE, None)


@pytest.mark.parametrize("body", [b"{}", b'"orders"', b"<html>", b"[" * 100_000, b"\xff"])
def test_another_answer_is_none(server: ShopServer, body: bytes) -> None:
    server.replies = [Reply(body=body)]

    with pytest.raises(ShopUnreadable):
        the_shop(server).changed(SINCE, None)


def test_rows_that_are_no_orders_cannot_be_read(server: ShopServer) -> None:
    server.replies = [Reply(body=b'[null, 7, "x", {"id": 1.5}]')]

    page = the_shop(server).changed(SINCE, None)

    assert [it.body for it in page.unreadable] == [b"null", b"7", b'"x"', b'{"id": 1.5}']


def _encoded(order: dict[str, Any]) -> bytes:
    return json.dumps(order).encode()
