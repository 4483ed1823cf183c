"""Take the README's pictures of the dashboard: ``python -m tools.screenshots``, while Laurel runs (``make up``)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Error, sync_playwright

from local import stack_file
from local.errors import LocalError

if TYPE_CHECKING:
    from playwright.sync_api import Page

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
ZONE = "Europe/Berlin"
PATIENCE = 90_000
"""Milliseconds: functions that were not asked for a while start first."""


def main() -> int:
    """Sign in as the demo user, and take one picture after the other."""
    try:
        stack = stack_file.read()
        IMAGES.mkdir(exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_context(
                viewport={"width": 1280, "height": 800},
                locale="en",
                timezone_id=ZONE,
                reduced_motion="reduce",
            ).new_page()
            page.set_default_timeout(PATIENCE)
            page.goto(_dashboard(stack))
            page.fill("input[type=email]", stack["email"])
            page.fill("input[type=password]", stack["password"])
            page.keyboard.press("Enter")
            _leaderboard(page, stack["store_id"])
            _explanation(page)
            _profile(page)
            _alerts(page)
            _back_test(page)
            browser.close()
    except (LocalError, Error) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _dashboard(stack: stack_file.Stack) -> str:
    if not stack["dashboard_url"]:
        raise LocalError("The dashboard was not built: it needs Node.js.")
    url: str = stack["dashboard_url"]
    return url


def _leaderboard(page: Page, store: str) -> None:
    page.get_by_role("navigation").first.wait_for()
    _go(page, f"/leaderboard?store={store}&in=last_month")
    page.locator("table.board tbody tr").first.wait_for()
    _save(page, "leaderboard")


def _explanation(page: Page) -> None:
    page.locator("table.board td.act").nth(1).get_by_role("button").last.click()
    page.get_by_role("dialog").locator("dl.facts").wait_for()
    _save(page, "explanation")
    page.keyboard.press("Escape")


def _profile(page: Page) -> None:
    page.locator("table.board a.who").first.click()
    page.locator("figure.months").wait_for()
    page.locator("ol.timeline").wait_for()
    _save(page, "profile")


def _alerts(page: Page) -> None:
    _go(page, "/alerts")
    page.locator("li.alert").first.wait_for()
    _save(page, "alerts")


def _back_test(page: Page) -> None:
    _go(page, "/back-test")
    points = page.locator(".draft-rule input[type=number]")
    points.first.wait_for()
    points.nth(2).fill("40")
    page.locator("form.card button[type=submit]").click()
    page.locator("table.pairs").wait_for()
    page.locator("table.pairs").scroll_into_view_if_needed()
    page.get_by_role("heading", level=2).last.evaluate("it => it.scrollIntoView()")
    _save(page, "back-test")


def _go(page: Page, path: str) -> None:
    page.evaluate("path => { location.hash = path; scrollTo(0, 0); }", path)


def _save(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"docs/images/{name}.png")


if __name__ == "__main__":
    sys.exit(main())
