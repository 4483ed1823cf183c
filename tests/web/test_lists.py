"""Lists that grow at their end read each page once, however often and fast one asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.web.visitor import Visitor

SECOND = "second"
"""The cursor of the page after the first."""


def _page(number: int, following: str | None) -> dict[str, Any]:
    entry = {"id": f"s{number}", "email": f"{number}@example.com", "reason": "manual", "at": "2026-11-22T10:30:00Z"}
    return {"suppressions": [entry], "next_cursor": following}


def _cursor(route: Route) -> str | None:
    return parse_qs(urlsplit(route.request.url).query).get("cursor", [None])[0]


def test_a_page_is_shown_once_though_more_is_asked_for_twice(signed_in: Visitor) -> None:
    page = signed_in.page
    held: list[Route] = []

    def answer(route: Route) -> None:
        if _cursor(route) is None:
            route.fulfill(json=_page(1, SECOND))
        else:
            held.append(route)

    page.route("**/v1/suppressions?*", answer)
    signed_in.go("/deliverability")
    more = page.get_by_role("button", name=signed_in.says("list.more"), exact=True)
    shown = page.locator("main li bdi.wrap")
    more.evaluate("it => { it.click(); it.click(); }")
    page.wait_for_function("window.underWay > 0")
    meanwhile = shown.all_inner_texts()
    for route in held:
        route.fulfill(json=_page(2, None))
    signed_in.settle()
    after = shown.all_inner_texts()
    page.unroute("**/v1/suppressions?*")

    assert meanwhile == ["1@example.com"]
    assert after == ["1@example.com", "2@example.com"]
    assert [_cursor(route) for route in held] == [SECOND]
    assert more.count() == 0


def test_a_row_that_is_read_again_as_it_was_stays_with_what_is_open_there(signed_in: Visitor) -> None:
    page = signed_in.page
    read: list[Route] = []

    def answer(route: Route) -> None:
        if route.request.method == "GET":
            read.append(route)
            route.fulfill(json=_page(1, None))
        else:
            route.fulfill(status=201, json=_page(2, None)["suppressions"][0])

    page.route("**/v1/suppressions*", answer)
    signed_in.go("/stores")
    signed_in.go("/deliverability")
    page.get_by_role("button", name=signed_in.says("suppressions.lift"), exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    page.locator("form:has([name=email])").evaluate("""it => {
        it.elements.email.value = "2@example.com";
        it.requestSubmit();
    }""")
    signed_in.settle()
    asked = dialog.is_visible()
    page.unroute("**/v1/suppressions*")

    assert len(read) == 2
    assert asked
