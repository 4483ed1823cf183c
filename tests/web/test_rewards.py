"""A marketer makes a programme, fills its pool, rewards somebody, and takes that back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from laurel.model.account import Role
from tests.web import axe
from tests.web.furnished import address
from tests.web.visitor import NARROWEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.furnished import Furnished
    from tests.web.visitor import Visitor

NAME = "<i>Friends</i>"


def test_a_reward_is_made_given_and_revoked(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit("pt-BR", size=NARROWEST)
    page = visitor.page
    visitor.arrive(f"/rewards?audience={account.audience_id}")
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    dialog = page.get_by_role("dialog")

    visitor.click(page.get_by_role("link", name=visitor.says("rewards.new")))
    page.get_by_label(visitor.says("rewards.name")).fill(NAME)
    page.get_by_label(visitor.says("rewards.who")).select_option("hand")
    page.get_by_label(visitor.says("rewards.percent"), exact=True).fill("20")
    page.get_by_label(visitor.says("rewards.coupons")).select_option("pool")
    found = [*axe.violations(page), *visitor.overflow()]
    visitor.click(visitor.button("rewards.save"))
    page.get_by_role("heading", level=1).filter(has_text=NAME).wait_for()
    page.get_by_label(visitor.says("coupons.codes")).fill('code\nONLY-1\n"ONLY-1"\n')
    visitor.click(visitor.button("coupons.add"))
    page.get_by_text("1 código adicionado").wait_for()
    visitor.click(visitor.button("awards.give"))
    dialog.get_by_label(visitor.says("awards.whom")).fill(f"{address('Ada')}\n{address('Ben')}")
    visitor.click(dialog.get_by_role("button", name=visitor.says("awards.now")))
    dialog.locator("p.big").wait_for(timeout=90_000)
    outcome, refused = dialog.locator("p.big").inner_text(), dialog.locator("ul li").count()
    visitor.settle()  # What was given is in the list behind the dialog then.
    found += axe.violations(page)
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    given = page.locator("ul.lines > li").first
    given.wait_for()
    got = given.inner_text()
    visitor.click(given.get_by_role("button", name=visitor.says("awards.revoke")))
    visitor.click(dialog.get_by_role("button", name=visitor.says("awards.revoke")))
    given.get_by_text(visitor.says("awardState.revoked"), exact=True).wait_for()

    assert found == []
    assert "ONLY-1" in got
    assert "1" in outcome
    assert refused == 1


def test_tiers_are_kept_in_their_order(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit()
    page = visitor.page
    visitor.arrive(f"/tiers?audience={account.audience_id}")
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    names = page.get_by_label(visitor.says("tiers.name"))
    before = names.count()

    visitor.click(visitor.button("tiers.add"))
    names.last.fill("Platinum")
    page.get_by_label(visitor.says("automations.points")).last.fill("90000")
    visitor.click(page.get_by_role("button", name=visitor.says("tiers.raise", number=str(before + 1))))
    visitor.click(visitor.button("rewards.save"))
    page.get_by_text(visitor.says("automations.saved"), exact=True).wait_for()
    page.reload()
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    kept = [it.input_value() for it in names.all()]
    visitor.click(page.get_by_role("button", name=visitor.says("tiers.drop", number=str(before))))
    visitor.click(visitor.button("rewards.save"))

    assert len(kept) == before + 1
    assert kept[-2] == "Platinum"
