"""What the original's help page tells to do: choose source, metric and time frame, look at a customer, write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from laurel.model.account import Role
from tests.e2e.deployed import eventually
from tests.support.shop import contact_id
from tests.web.furnished import READERS, SCRIPT, address
from tests.web.texts import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.furnished import Furnished
    from tests.web.visitor import Visitor

ORIGINAL_CLICKS = 4 * 2 + 1 + 1 + 1
"""Mailchimp, mailchimp.com/help/about-loyalty-leaderboard: a drop-down each for audience, source, metric and frame, two
clicks each; a click on the customer, one on the e-mail button and one to send. Its menu, which leads to the board, and
its editor are not counted."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_choosing_a_board_to_writing_to_a_customer(
    visit: Callable[..., Visitor], account: Furnished, language: str
) -> None:
    name = f"{READERS[language]} Lovelace"
    visitor = visit(language)
    visitor.arrive(f"/leaderboard?audience={account.other_audience_id}")
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    audience = account.tenant.owner.ok("getAudience", audience=account.audience_id)["name"]

    visitor.choose(visitor.says("leaderboard.audience"), audience)
    visitor.choose(visitor.says("leaderboard.source"), SCRIPT)
    visitor.choose(visitor.says("leaderboard.rankBy"), visitor.says("metric.average_order_value"))
    visitor.choose(visitor.says("leaderboard.timeFrame"), visitor.says("frame.year_to_date"))
    shared = visitor.page.url
    visitor.click(visitor.page.get_by_role("link", name=name))
    heading = visitor.page.get_by_role("heading", name=name)
    heading.wait_for()
    visitor.click(visitor.button("compose.open"))
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_label(visitor.says("compose.subject")).fill("Grüße 👋")
    dialog.get_by_label(visitor.says("compose.text")).fill("Obrigada!")
    visitor.click(visitor.button("compose.send"))

    dialog.get_by_role("status").wait_for()
    assert visitor.clicks <= ORIGINAL_CLICKS
    assert visitor.page.locator("html").get_attribute("lang") == language
    path = {"audience": account.audience_id, "contact": contact_id(address(READERS[language]))}

    def written() -> Any:
        return account.tenant.owner.ok("listMessages", **path)["messages"][0]

    assert eventually(written, lambda message: "sent" in message["times"])["subject"] == "Grüße 👋"
    asked = parse_qs(urlsplit(shared).fragment.partition("?")[2])
    assert (asked["by"], asked["in"]) == (["average_order_value"], ["year_to_date"])


def test_a_shared_address_shows_the_same_board(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit("fr")
    query = f"audience={account.audience_id}&store={account.store_id}&by=orders_count&in=last_year"
    visitor.arrive(f"/leaderboard?{query}")

    visitor.sign_in(account.emails[Role.OWNER], account.password)

    shown = [visitor.chosen(visitor.says(f"leaderboard.{label}")) for label in ("source", "rankBy", "timeFrame")]
    assert shown == [SCRIPT, visitor.says("metric.orders_count"), visitor.says("frame.last_year")]


def test_a_customer_is_written_to_from_the_row(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit("de")
    visitor.arrive(f"/leaderboard?store={account.store_id}")
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    before = visitor.page.url

    visitor.click(visitor.page.get_by_role("button", name=f"{visitor.says('compose.open')}: Ada Lovelace"))
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_label(visitor.says("compose.template")).select_option(label=SCRIPT)
    visitor.click(visitor.button("compose.preview"))

    assert dialog.get_by_role("region", name=visitor.says("compose.preview")).locator("strong").inner_text()
    assert visitor.clicks == 2
    visitor.page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert visitor.page.url == before


def test_a_closed_gate_is_told_before_anything_is_typed(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit("pt-BR")
    visitor.arrive(f"/leaderboard?store={account.other_store_id}&in=all_time")
    visitor.sign_in(account.emails[Role.OWNER], account.password)

    visitor.click(visitor.page.get_by_role("button", name=f"{visitor.says('compose.open')}: neighbour@example.com"))

    dialog = visitor.page.get_by_role("dialog")
    assert dialog.get_by_role("textbox").count() == 0
    assert visitor.says("gate.consent") in dialog.inner_text()


def test_the_second_page_has_the_others_and_the_file_has_all(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit()
    visitor.arrive(f"/leaderboard?store={account.store_id}&in=all_time")
    visitor.sign_in(account.emails[Role.OWNER], account.password)

    def emails() -> set[str]:
        return set(visitor.page.locator("table.board tbody th").all_inner_texts())

    first = emails()
    visitor.click(visitor.button("page.next"))
    second = emails()
    with visitor.page.expect_download() as downloading:
        visitor.button("leaderboard.csv").click()
    lines = downloading.value.path().read_text(encoding="utf-8-sig").splitlines()
    visitor.click(visitor.button("page.previous"))

    assert (len(first), len(second)) == (50, 10)
    assert first.isdisjoint(second)
    assert emails() == first
    assert len(lines) == 1 + 60


def test_who_may_only_look_is_offered_nothing_else(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit()
    visitor.arrive(f"/leaderboard?store={account.store_id}&in=all_time")

    visitor.sign_in(account.emails[Role.VIEWER], account.password)
    on_board = visitor.page.locator("table.board").get_by_text(visitor.says("compose.open"), exact=True).count()
    visitor.go(account.profile("Ada"))

    assert on_board == 0
    assert visitor.button("compose.open").count() == 0


def test_a_wrong_password_is_told_and_a_sign_out_forgets(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit()
    visitor.arrive()
    visitor.page.get_by_label(visitor.says("signIn.email")).fill(account.emails[Role.OWNER])
    visitor.page.get_by_label(visitor.says("signIn.password"), exact=True).fill("Wrong-horse-7")
    with visitor.refusals(400):
        visitor.button("signIn.submit").click()
        visitor.page.get_by_text(visitor.says("signIn.wrong")).wait_for()
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    kept = json.dumps(visitor.page.evaluate("[{...localStorage}, {...sessionStorage}, document.cookie]"))

    visitor.click(visitor.button("app.signOut"))

    visitor.page.get_by_label(visitor.says("signIn.email")).wait_for()
    assert "eyJ" not in kept
