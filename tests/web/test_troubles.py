"""When something does not work, the dashboard says so and what to do; and it asks before what cannot be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from laurel.model.account import Role
from tests.web import axe
from tests.web.furnished import SCRIPT
from tests.web.visitor import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Route

    from tests.web.furnished import Furnished
    from tests.web.visitor import Visitor


def test_a_board_that_does_not_come_is_told_and_asked_for_again(
    visit: Callable[..., Visitor], account: Furnished
) -> None:
    visitor = visit("pt-BR")
    page = visitor.page
    visitor.arrive("/stores")
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    with visitor.refusals(500):
        page.route("**/leaderboard?*", lambda route: route.fulfill(status=500, json={"title": "Broken", "status": 500}))
        visitor.go(f"/leaderboard?store={account.store_id}")
        page.get_by_role("heading", name=visitor.says("state.failed")).wait_for()
        found = axe.violations(page)

    page.unroute("**/leaderboard?*")
    visitor.click(visitor.button("state.retry"))

    page.locator("table.board tbody tr").nth(49).wait_for()
    assert found == []


@pytest.mark.parametrize("screen", ["automations/{0.automation_id}", "rewards/{0.programme_id}"])
def test_a_first_read_that_fails_is_told_and_tried_again(signed_in: Visitor, account: Furnished, screen: str) -> None:
    page = signed_in.page
    signed_in.go("/settings")
    with signed_in.refusals(500):
        page.route("**/v1/templates", lambda route: route.fulfill(status=500, json={"title": "Broken", "status": 500}))
        signed_in.go(f"/{screen.format(account.rewarded)}?audience={account.audience_id}")
        page.get_by_role("heading", name=signed_in.says("state.failed")).wait_for()
        nameless = page.get_by_role("heading", level=1).inner_text()
    page.unroute("**/v1/templates")

    signed_in.click(signed_in.button("state.retry"))

    assert nameless == "…"
    assert SCRIPT in page.get_by_role("heading", level=1).inner_text()


def test_a_sign_in_that_has_expired_is_asked_for_again_and_leads_back(
    visit: Callable[..., Visitor], account: Furnished
) -> None:
    visitor = visit()
    page = visitor.page
    visitor.arrive(account.profile("Ada"))
    visitor.sign_in(account.emails[Role.OWNER], account.password)

    with visitor.refusals(401):
        page.route("**/v1/stores", lambda route: route.fulfill(status=401, json={"title": "Expired", "status": 401}))
        page.evaluate("location.hash = '/stores'")
        page.get_by_label(visitor.says("signIn.email")).wait_for()
    page.unroute("**/v1/stores")
    visitor.sign_in(account.emails[Role.OWNER], account.password)

    heading = page.get_by_role("heading", name=visitor.says("stores.title"), exact=True)
    expect(heading).to_be_visible(timeout=PATIENCE)


def test_scores_are_reset_once_the_name_of_the_audience_is_typed(
    visit: Callable[..., Visitor], account: Furnished
) -> None:
    visitor = visit("de")
    page = visitor.page
    name = account.tenant.owner.ok("getAudience", audience=account.other_audience_id)["name"]
    visitor.arrive(f"/rules?audience={account.other_audience_id}")
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.method)
        route.fulfill(status=202, json={})

    page.route("**/scores/reset", refuse)
    visitor.click(visitor.button("reset.open"))
    dialog = page.get_by_role("dialog")
    now = dialog.get_by_role("button", name=visitor.says("reset.now"))
    before = now.is_disabled()
    dialog.get_by_role("textbox").fill(SCRIPT)
    wrong = now.is_disabled()
    dialog.get_by_role("textbox").fill(name)
    found = axe.violations(page)
    visitor.click(now)

    dialog.wait_for(state="detached")
    assert (before, wrong, asked, found) == (True, True, ["POST"], [])


def test_a_key_is_shown_once_and_can_be_taken_back(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit("fr")
    page = visitor.page
    visitor.arrive("/api-keys")
    visitor.sign_in(account.emails[Role.OWNER], account.password)

    page.get_by_label(visitor.says("apiKeys.name")).fill("Caisse")
    visitor.click(visitor.button("apiKeys.makeNow"))
    key = page.locator(".copyable code").inner_text()
    line = page.get_by_role("listitem").filter(has_text="Caisse")
    visitor.click(line.get_by_role("button"))
    visitor.click(page.get_by_role("dialog").get_by_role("button", name=visitor.says("rules.delete")))

    line.wait_for(state="detached")
    assert len(key) > 20
    assert page.get_by_text(key).count() == 0
