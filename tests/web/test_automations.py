"""A marketer makes an automation, tries it, lets it run, sees what it did, and deletes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from laurel.model.account import Role
from tests.web import axe
from tests.web.visitor import NARROWEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.furnished import Furnished
    from tests.web.visitor import Visitor

NAME = "<i>Welcome back</i>"


def test_an_automation_is_made_tried_and_deleted(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit("fr", size=NARROWEST)
    page = visitor.page
    visitor.arrive(f"/automations?audience={account.audience_id}")
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    card = page.locator("li.card").filter(has_text=NAME)

    visitor.click(page.get_by_role("link", name=visitor.says("automations.new")))
    page.get_by_label(visitor.says("automations.name")).fill(NAME)
    page.get_by_label(visitor.says("automations.when")).select_option("tag_added")
    page.get_by_label(visitor.says("automations.tag"), exact=True).fill("vip")
    visitor.click(visitor.button("automations.addCondition"))
    step = page.get_by_role("group", name=visitor.says("automations.step", number="1"))
    step.get_by_label(visitor.says("automations.step", number="1"), exact=True).select_option("change_score")
    step.get_by_label(visitor.says("automations.points")).fill("7")
    step.get_by_label(visitor.says("automations.wait")).fill("3")
    visitor.click(visitor.button("automations.addStep"))
    second = page.get_by_role("group", name=visitor.says("automations.step", number="2"))
    second.get_by_label(visitor.says("automations.step", number="2"), exact=True).select_option("add_tag")
    second.get_by_label(visitor.says("automations.tag"), exact=True).fill("thanked")
    found = [*axe.violations(page), *visitor.overflow()]
    visitor.click(visitor.button("dryRun.start"))
    page.get_by_role("heading", name=visitor.says("dryRun.whom")).wait_for(timeout=90_000)
    whom = page.locator("ul.columns").first.inner_text()
    page.get_by_label(visitor.says("automations.enabled")).uncheck()
    visitor.click(visitor.button("automations.save"))
    page.get_by_role("heading", level=1).filter(has_text=NAME).wait_for()
    visitor.click(page.locator(".trail a"))
    kept = card.inner_text()
    visitor.click(card.get_by_role("button"))
    card.get_by_text(visitor.says("automations.on"), exact=True).wait_for()
    visitor.click(card.get_by_role("link"))
    visitor.click(visitor.button("automations.delete"))
    visitor.click(page.get_by_role("dialog").get_by_role("button", name=visitor.says("automations.delete")))

    visitor.button("automations.new").or_(page.get_by_role("link", name=visitor.says("automations.new"))).wait_for()
    assert found == []
    assert "Ada" in whom
    assert "vip" in kept
    assert "3 jours" in kept
    assert "7 points" in kept
    assert visitor.says("automations.paused") in kept
    assert card.count() == 0


def test_runs_tell_what_came_of_each_step(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit("de")
    page = visitor.page
    visitor.arrive(f"/automations/{account.rewarded.automation_id}?audience={account.audience_id}")
    visitor.sign_in(account.emails[Role.VIEWER], account.password)
    line = page.locator("ul.lines > li").filter(has_text="Ada")
    line.get_by_text(visitor.says("runState.waiting"), exact=True).wait_for()

    visitor.click(line.get_by_role("button"))
    steps = line.locator("ol.does > li")
    steps.nth(3).wait_for()
    told = [steps.nth(place).inner_text() for place in range(4)]

    assert visitor.says("outcome.done") in told[0]
    assert visitor.says("runs.nothing") in told[2]
    assert page.get_by_role("button", name=visitor.says("automations.save")).count() == 0
