"""The whole flow, from signing in to a message that is sent, without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from laurel.model.account import Role
from tests.support.shop import contact_id
from tests.web.furnished import SCRIPT, address

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

    from tests.web.furnished import Furnished
    from tests.web.visitor import Visitor

MOST_STOPS = 80
_FOCUS = """() => {
  const it = document.activeElement;
  if (it === document.body) return { what: "the window's own controls", shown: true };
  const style = getComputedStyle(it);
  const box = it.getBoundingClientRect();
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const seen = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
  return { what: `<${it.tagName.toLowerCase()}> ${it.textContent.slice(0, 40)}`, shown: outlined && seen };
}"""


class Keyboard:
    """Someone at the dashboard who has nothing but a keyboard."""

    def __init__(self, visitor: Visitor) -> None:
        self._visitor = visitor
        self._page = visitor.page

    def press(self, key: str) -> None:
        self._page.keyboard.press(key)
        self._visitor.settle()

    def write(self, text: str) -> None:
        self._page.keyboard.insert_text(text)

    def reach(self, target: Locator) -> None:
        """Press Tab until the focus is there; it is seen at every stop."""
        for _ in range(MOST_STOPS):
            if self.is_at(target):
                return
            self._page.keyboard.press("Tab")
            focus = self._page.evaluate(_FOCUS)
            assert focus["shown"], f"nobody sees that the focus is at {focus['what']}"
        pytest.fail(f"the keyboard does not lead to {target}")

    def is_at(self, target: Locator) -> bool:
        """Whether the focus is there."""
        return bool(target.evaluate("it => it === document.activeElement"))

    def choose(self, label: str, option: str) -> None:
        """Choose from a drop-down with the arrow keys, and stay at it."""
        target = self._page.get_by_label(label, exact=True)
        self.reach(target)
        self.press("Home")
        options = target.locator("option").count()
        for _ in range(options):
            if self._visitor.chosen(label) == option:
                break
            self.press("ArrowDown")
        assert self._visitor.chosen(label) == option
        assert self.is_at(target)


def test_a_customer_is_found_and_written_to_with_keys(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit()
    keyboard, page = Keyboard(visitor), visitor.page
    visitor.arrive(f"/leaderboard?audience={account.other_audience_id}")

    keyboard.reach(page.get_by_label(visitor.says("signIn.email")))
    keyboard.write(account.emails[Role.OWNER])
    keyboard.reach(page.get_by_label(visitor.says("signIn.password"), exact=True))
    keyboard.write(account.password)
    page.keyboard.press("Enter")
    visitor.button("app.signOut").wait_for()
    visitor.settle()
    audience = account.tenant.owner.ok("getAudience", audience=account.audience_id)["name"]
    keyboard.choose(visitor.says("leaderboard.audience"), audience)
    keyboard.choose(visitor.says("leaderboard.source"), SCRIPT)
    keyboard.choose(visitor.says("leaderboard.rankBy"), visitor.says("metric.average_order_value"))
    keyboard.choose(visitor.says("leaderboard.timeFrame"), visitor.says("frame.year_to_date"))
    keyboard.reach(page.get_by_role("link", name="Ben Lovelace"))
    keyboard.press("Enter")
    page.get_by_role("heading", name="Ben Lovelace").wait_for()
    keyboard.reach(visitor.button("compose.open"))
    keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    keyboard.reach(dialog.get_by_label(visitor.says("compose.subject")))
    keyboard.write("Only keys")
    keyboard.reach(dialog.get_by_label(visitor.says("compose.text")))
    keyboard.write("Thank you!")
    keyboard.reach(visitor.button("compose.send"))
    keyboard.press("Enter")
    dialog.get_by_role("status").wait_for()
    keyboard.press("Escape")
    dialog.wait_for(state="detached")

    assert keyboard.is_at(visitor.button("compose.open"))
    path = {"audience": account.audience_id, "contact": contact_id(address("Ben"))}
    subjects = [it["subject"] for it in account.tenant.owner.ok("listMessages", **path)["messages"]]
    assert "Only keys" in subjects


def test_a_dialog_keeps_the_focus_until_it_is_closed(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit()
    keyboard, page = Keyboard(visitor), visitor.page
    visitor.arrive(account.profile("Cleo"))
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    visitor.button("compose.open").focus()
    keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(visitor.says("compose.subject")).wait_for()

    for _ in range(30):
        page.keyboard.press("Tab")
        assert dialog.evaluate("it => it.contains(document.activeElement)")

    keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert keyboard.is_at(visitor.button("compose.open"))


def test_the_first_stop_skips_the_navigation(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit("fr")
    keyboard, page = Keyboard(visitor), visitor.page
    visitor.arrive("/stores")
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    visitor.page.evaluate("document.activeElement.blur()")

    keyboard.reach(page.get_by_text(visitor.says("app.skip")))
    keyboard.press("Enter")

    assert keyboard.is_at(page.locator("main"))


def test_the_window_is_named_after_its_screen_and_the_keyboard_goes_on_there(
    visit: Callable[..., Visitor], account: Furnished
) -> None:
    visitor = visit("de")
    keyboard, page = Keyboard(visitor), visitor.page
    visitor.arrive("/templates")
    visitor.sign_in(account.emails[Role.OWNER], account.password)

    keyboard.reach(page.get_by_role("link", name=visitor.says("stores.title"), exact=True))
    keyboard.press("Enter")

    page.get_by_role("heading", name=visitor.says("stores.title"), exact=True).wait_for()
    assert page.title() == f"{visitor.says('stores.title')} · Laurel"
    assert keyboard.is_at(page.locator("main"))


def test_boards_are_paged_with_the_keyboard(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit()
    keyboard, page = Keyboard(visitor), visitor.page
    visitor.arrive(f"/leaderboard?store={account.store_id}&in=all_time")
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    ranks = page.locator("table.board tbody tr")

    keyboard.press("Alt+PageDown")
    second = ranks.count()
    keyboard.press("Alt+PageUp")

    assert (second, ranks.count()) == (10, 50)
