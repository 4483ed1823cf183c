"""Shopify's orders, read over HTTP from a server that answers as its documentation says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from laurel.ingestion import shopify
from laurel.ingestion.events import OrderReport
from laurel.model.account import Platform
from laurel.model.errors import ShopRefused, ShopUnavailable, ShopUnreadable
from laurel.shops.shop import ChangedOrders, as_of
from laurel.shops.shopify import Shopify
from laurel.store.shop_http import ShopHttp
from tests.support import webhook_events
from tests.support.shop_server import Reply, ShopServer
from tests.support.shops import ids, pages_of

SINCE = datetime(2026, 11, 20, 12, tzinfo=UTC)
BODY = webhook_events.body_of("webhooks-shopify-orders-updated")


def an_order(id_: int, at: int = 0, **more: Any) -> dict[str, Any]:
    """An order that changed ``at`` seconds after ``SINCE``, in the shop's own zone."""
    changed = (SINCE + timedelta(seconds=at)).astimezone(timezone(timedelta(hours=-5))).isoformat()
    return {**BODY, "id": id_, "updated_at": changed, **more}


def the_shop(server: ShopServer) -> Shopify:
    return Shopify(ShopHttp(local=True, pause=lambda _: None), server.credentials(Platform.SHOPIFY))


def all_pages(server: ShopServer) -> list[ChangedOrders]:
    return pages_of(the_shop(server), SINCE)


def test_orders_come_oldest_change_first_as_the_webhooks_have_them(server: ShopServer) -> None:
    server.put(an_order(3, 30), an_order(1, 50), an_order(2, 40))

    (page,) = all_pages(server)

    assert ids([page]) == ["3", "2", "1"]
    assert page.orders[0] == shopify.read({shopify.TOPIC_HEADER: "orders/updated"}, an_order(3, 30))


def test_it_asks_as_the_documentation_has_it(server: ShopServer) -> None:
    server.put(*(an_order(id_, id_) for id_ in range(1, 252)))

    all_pages(server)

    first, second = server.asked
    assert first == {
        "status": "any",
        "updated_at_min": "2026-11-20T12:00:00+00:00",
        "order": "updated_at asc",
        "limit": "250",
    }
    assert set(second) == {"limit", "page_info"}


def test_only_what_changed_since_is_read(server: ShopServer) -> None:
    server.put(an_order(1, -10), an_order(2, 0))

    assert ids(all_pages(server)) == ["2"]


@pytest.mark.parametrize("spread", [1, 10**6], ids=["every second", "all at once"])
def test_many_pages_hold_every_order(server: ShopServer, spread: int) -> None:
    server.put(*(an_order(id_, id_ // spread) for id_ in range(1, 801)))

    pages = all_pages(server)

    assert ids(pages) == [str(id_) for id_ in range(1, 801)]
    assert sum(page.requests for page in pages) == len(server.asked) == 4


def test_none_is_lost_while_orders_change(server: ShopServer) -> None:
    server.put(*(an_order(id_, id_) for id_ in range(1, 801)))

    def change(request: int) -> None:
        for id_ in (request, request + 240, request + 500):
            server.put(an_order(id_, 1000 + request))

    server.meanwhile = change

    assert set(ids(all_pages(server))) == {str(id_) for id_ in range(1, 801)}


def test_a_cursor_that_is_forgotten_costs_no_order(server: ShopServer) -> None:
    server.put(*(an_order(id_, id_) for id_ in range(1, 501)))
    first = the_shop(server).changed(SINCE, None)
    server.forget_cursors()

    second = the_shop(server).changed(SINCE, first.cursor)

    assert set(ids([first, second])) == {str(id_) for id_ in range(1, 500)}  # the last one read comes again
    assert second.requests == 2
    assert second.cursor


def test_a_link_to_another_host_is_not_followed(server: ShopServer) -> None:
    link = '<https://elsewhere.example.net/steal?page_info=abc>; rel="next"'
    body = b'{"orders": []}'
    server.replies = [Reply(body=body, headers={"Link": link}), Reply(body=body)]

    all_pages(server)

    assert server.asked[1] == {"limit": "250", "page_info": "abc"}


@pytest.mark.parametrize(
    "link", ["", "<nonsense", '<https://x/?page_info=a>; rel="previous"', '<https://x/?limit=1>; rel="next"']
)
def test_without_a_next_page_there_is_none(server: ShopServer, link: str) -> None:
    server.replies = [Reply(body=b'{"orders": []}', headers={"Link": link})]

    assert the_shop(server).changed(SINCE, None).cursor is None


def test_what_cannot_be_read_is_handed_on(server: ShopServer) -> None:
    server.put(an_order(1, 10, currency="EURO"), an_order(2, 20))

    (page,) = all_pages(server)

    assert ids([page]) == ["2"]
    assert [(it.topic, it.error.errors[0].pointer) for it in page.unreadable] == [("orders/updated", "/currency")]


def test_an_answer_outranks_deliveries_of_the_same_second_if_it_is_to(server: ShopServer) -> None:
    headers = {shopify.TOPIC_HEADER: "orders/updated", "x-shopify-triggered-at": "2026-11-20T12:00:10.9Z"}
    delivered = shopify.read(headers, an_order(1, 10, financial_status="pending"))
    server.put(an_order(1, 10))
    server.date = SINCE + timedelta(minutes=5)

    (page,) = all_pages(server)

    assert isinstance(delivered, OrderReport)
    assert page.orders[0].order.revision < delivered.order.revision
    assert as_of(page.orders[0], page.answered_at).order.revision > delivered.order.revision


def test_credentials_that_may_read_orders_pass(server: ShopServer) -> None:
    the_shop(server).check()

    assert server.asked == [{"status": "any", "limit": "1", "fields": "id"}]


def test_another_token_is_refused(server: ShopServer) -> None:
    shop = the_shop(server)
    server.token = "shpat_another"

    with pytest.raises(ShopRefused):
        shop.check()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(402), ShopUnavailable),
        (Reply(423), ShopUnavailable),
        (Reply(301, headers={"Location": "https://elsewhere.example.net"}), ShopUnreadable),
        (Reply(404), ShopUnreadable),
        (Reply(406), ShopUnreadable),
        (Reply(body=b"[]"), ShopUnreadable),
        (Reply(body=b'{"orders": {}}'), ShopUnreadable),
    ],
)
def test_what_other_answers_mean(server: ShopServer, reply: Reply, error: type[Exception]) -> None:
    server.replies = [reply]

    with pytest.raises(error):
        the_shop(server).changed(SINCE, None)


def test_pages_in_another_sequence_are_refused(server: ShopServer) -> None:
    rows = b'{"orders": [{"updated_at": "2026-11-21T00:00:00Z"}, {"updated_at": "2026-11-20T23:00:00Z"}]}'
    server.replies = [Reply(body=rows, headers={"Link": '<https://x/?page_info=a>; rel="next"'})]

    with pytest.raises(ShopUnreadable):
        the_shop(server).changed(SINCE, None)
