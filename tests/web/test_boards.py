"""Boards with a past: movement, as closed and as of now, why a rank is what it is, and rewards for the first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from tests.support.shop import contact_id
from tests.web.texts import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator

    from tests.web.furnished import Furnished
    from tests.web.visitor import Visitor

LAST_MONTH = {"time_frame": "last_month", "rank_by": "total_spent"}
ADA = contact_id("ada@past.example.com")


@pytest.fixture
def visitor(signed_in: Visitor, account: Furnished) -> Iterator[Visitor]:
    """Somebody at last month's board of the store with a past."""
    signed_in.speak("en")
    signed_in.go(_path(account))
    yield signed_in
    signed_in.page.keyboard.press("Escape")


def _path(account: Furnished, **more: str) -> str:
    query = {"store": account.past.store_id, "in": "last_month"} | more
    return "/leaderboard?" + "&".join(f"{name}={value}" for name, value in query.items())


def _rows(visitor: Visitor) -> Locator:
    return visitor.page.locator("table.board tbody tr")


def _asked(account: Furnished, **more: Any) -> Any:
    return account.tenant.owner.ok("getLeaderboard", store=account.past.store_id, query={**LAST_MONTH, **more})


def _digits(shown: str) -> str:
    return re.sub(r"\D", "", shown)


def test_each_row_says_how_it_moved(visitor: Visitor, account: Furnished) -> None:
    board = _asked(account)

    shown = [row.locator(".moved").get_attribute("class") for row in _rows(visitor).all()]

    assert shown == [f"moved {row['movement']['kind']}" for row in board["rows"]]
    for row, movement in zip(_rows(visitor).all(), (row["movement"] for row in board["rows"]), strict=True):
        if movement["by"]:
            assert _digits(row.locator(".moved [aria-hidden]").inner_text()) == str(movement["by"])


def test_totals_and_percentiles_are_of_all_customers(visitor: Visitor, account: Furnished) -> None:
    board = _asked(account, limit=1)

    head = visitor.page.locator(".board-head").inner_text()
    percentiles = visitor.page.locator("dl.strip dd").all_inner_texts()

    assert f"{board['totals']['customers']} customers" in head
    values = [_digits(it["value"]) for it in board["percentiles"]]
    assert [_digits(shown) for shown in percentiles] == values


def test_a_refund_after_the_close_shows_as_of_now_and_not_as_closed(visitor: Visitor, account: Furnished) -> None:
    now = _rows(visitor).filter(has_text="Ada Past").locator("td.ranked").inner_text()

    visitor.choose(visitor.says("board.view"), visitor.says("board.view.closed"))
    closed = _rows(visitor).filter(has_text="Ada Past").locator("td.ranked").inner_text()
    visitor.click(visitor.page.locator("details.apart summary"))
    changed = visitor.page.locator("details.apart").inner_text()

    assert int(_digits(closed)) - int(_digits(now)) == 400_00
    assert "view=closed" in visitor.page.url
    assert "Ada Past" in changed
    assert f"{closed} → {now}" in changed
    assert "-€400.00" in changed


def test_a_board_is_saved_as_it_is_shown(visitor: Visitor, account: Furnished) -> None:
    visitor.go(_path(account, view="closed"))

    with visitor.page.expect_download() as saved:
        visitor.click(visitor.button("leaderboard.csv"))

    closed = {row["customer"]: row["total_spent"] for row in _asked(account, view="closed")["rows"]}
    assert closed[ADA] in saved.value.path().read_text(encoding="utf-8-sig")


def test_a_board_that_was_never_closed_leads_back(signed_in: Visitor, account: Furnished) -> None:
    signed_in.speak("en")
    with signed_in.refusals(404):
        signed_in.go(f"/leaderboard?store={account.other_store_id}&in=last_year&view=closed")
    signed_in.page.get_by_text(signed_in.says("board.noClosing")).wait_for()

    signed_in.click(signed_in.button("board.showNow"))

    assert signed_in.page.get_by_text(signed_in.says("board.noClosing")).count() == 0
    assert "view=" not in signed_in.page.url


def test_a_rank_is_explained_on_the_board_and_on_the_profile(visitor: Visitor, account: Furnished) -> None:
    told = account.tenant.owner.ok("explainRank", store=account.past.store_id, customer=ADA, query=LAST_MONTH)
    dialog = visitor.page.get_by_role("dialog")

    visitor.click(visitor.page.get_by_role("button", name=visitor.says("why.title", name="Ada Past")))
    dialog.locator("dl").wait_for()
    on_board = dialog.inner_text()
    visitor.page.keyboard.press("Escape")
    visitor.go(f"{account.past.profile('Ada')}?in=last_month")
    visitor.click(visitor.page.get_by_role("button", name=visitor.says("why.title", name="Ada Past")).first)
    dialog.locator("dl").wait_for()
    on_profile = dialog.inner_text()

    assert f"Rank {told['now']['rank']}" in on_board
    assert f"passed by {told['passed_by']['count'] or 'nobody'}" in on_board
    for effect in told["effects"]:
        assert effect["order_id"] in on_board
    assert on_profile == on_board


def test_the_first_ten_are_awarded_with_two_clicks(visitor: Visitor, account: Furnished) -> None:
    clicks = visitor.clicks

    visitor.click(visitor.page.get_by_role("button", name=re.compile("Award the first 10")))
    visitor.click(visitor.button("award.now"))

    assert visitor.clicks - clicks == 2
    visitor.page.get_by_text(re.compile(r"\d+ customers? got it")).wait_for(timeout=90_000)
    path = {"audience": account.past.audience_id, "programme": account.past.programme_id}
    awards = account.tenant.owner.ok("listAwards", **path)["awards"]
    first = {row["customer"] for row in _asked(account)["rows"] if row["rank"] <= 10}
    assert {award["contact"] for award in awards} == first


def test_who_may_only_look_sees_why_and_gives_nothing(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit("fr")
    visitor.arrive(_path(account))

    visitor.sign_in(account.emails[Role.VIEWER], account.password)

    buttons = visitor.page.locator("main button").all_inner_texts()
    assert text("fr", "why.open") in buttons
    assert text("fr", "compose.open") not in buttons
    assert not [shown for shown in buttons if shown.startswith("Récompenser")]
