"""Owners invite people to the account, give them roles and remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from laurel.model.account import Role
from tests.e2e.deployed import PASSWORD
from tests.web import axe
from tests.web.visitor import NARROWEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.deployed import Deployed
    from tests.web.furnished import Furnished
    from tests.web.visitor import Visitor


def test_somebody_is_invited_given_another_role_and_removed(visit: Callable[..., Visitor], deployed: Deployed) -> None:
    owner, _ = deployed.create_user("--name", "Staffed")
    visitor = visit("de", size=NARROWEST)
    page = visitor.page
    visitor.arrive("/users")
    visitor.sign_in(owner, PASSWORD)
    email = f"kim-{uuid4().hex[:8]}@example.com"
    line = page.locator("ul.lines > li").filter(has_text=email)
    own = page.locator("ul.lines > li").filter(has_text=owner)

    page.get_by_label(visitor.says("signIn.email")).fill(email)
    page.get_by_label(visitor.says("users.name")).fill("<b>Kim</b>")
    page.get_by_label(visitor.says("users.role"), exact=True).select_option("viewer")
    visitor.click(visitor.button("users.inviteNow"))
    page.get_by_text(visitor.says("users.invited", email=email)).wait_for()
    line.get_by_text(visitor.says("userState.invited")).wait_for()
    invited = line.inner_text()
    visitor.click(line.get_by_role("button", name=visitor.says("users.changeOf", name="<b>Kim</b>")))
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(visitor.says("users.role"), exact=True).select_option("marketer")
    found = [*axe.violations(page), *visitor.overflow()]
    visitor.click(dialog.get_by_role("button", name=visitor.says("rules.save")))
    line.get_by_text(visitor.says("role.marketer"), exact=True).wait_for()
    visitor.click(line.get_by_role("button", name=visitor.says("users.remove")))
    found += axe.violations(page)
    visitor.click(dialog.get_by_role("button", name=visitor.says("users.remove")))

    line.wait_for(state="detached")
    assert found == []
    assert "<b>Kim</b>" in invited
    assert visitor.says("role.viewer") in invited
    assert visitor.says("users.you") in own.inner_text()
    assert own.get_by_role("button").count() == 0


def test_an_address_that_somebody_has_is_told(
    visit: Callable[..., Visitor], deployed: Deployed, account: Furnished
) -> None:
    neighbour, _ = deployed.create_user("--name", "Neighbour")
    visitor = visit("fr")
    page = visitor.page
    visitor.arrive("/users")
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    before = page.locator("ul.lines > li").count()

    with visitor.refusals(409):
        page.get_by_label(visitor.says("signIn.email")).fill(neighbour)
        visitor.click(visitor.button("users.inviteNow"))
    told = page.get_by_role("alert").filter(has_text=visitor.says("users.taken"))

    assert told.count() == 1
    assert page.locator("ul.lines > li").count() == before


def test_only_owners_are_led_to_users(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit()
    visitor.arrive("/settings")

    visitor.sign_in(account.emails[Role.VIEWER], account.password)

    assert visitor.page.get_by_role("link", name=visitor.says("users.title"), exact=True).count() == 0
