"""A browser at the dashboard of a deployed stack. Skipped where one of them is missing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Role
from tests.web.furnished import Furnished, furnish
from tests.web.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from tests.e2e.deployed import Deployed

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.web)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Its sandbox cannot be had by root, as whom containers run.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def dashboard(browser: Browser, stack: dict[str, Any]) -> str:
    """Where the dashboard is."""
    if not stack.get("dashboard_url"):
        pytest.skip("the dashboard is not built: make web")
    return str(stack["dashboard_url"])


@pytest.fixture(scope="session")
def account(deployed: Deployed, dashboard: str) -> Furnished:
    """An account in which there is something to see on every screen."""
    return furnish(deployed)


@pytest.fixture(scope="module")
def signed_in(browser: Browser, dashboard: str, account: Furnished) -> Iterator[Visitor]:
    """One visitor for all tests of a module: signing in is looked at elsewhere."""
    visitor = Visitor(browser, dashboard)
    visitor.arrive()
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    yield visitor
    visitor.close()


@pytest.fixture
def visit(browser: Browser, dashboard: str) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors, and looks at the end whether all went well."""
    visitors: list[Visitor] = []

    def make(language: str = "en", **options: Any) -> Visitor:
        visitors.append(Visitor(browser, dashboard, language, **options))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.close()
