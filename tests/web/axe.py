"""axe-core, Deque's checker of the Web Content Accessibility Guidelines, in the page that is open."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.support.template import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_RUN = """async (tags) => {
  const asked = { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"], iframes: false };
  const found = await axe.run(document, asked);
  const told = (rule, node) => `${rule.id}: ${node.html.slice(0, 160)} | ${node.failureSummary}`;
  return found.violations.flatMap((rule) => rule.nodes.map((node) => told(rule, node)));
}"""


@cache
def script() -> str:
    """Its program; a test that asks for it is skipped where it is not installed."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: make web")
    return AXE.read_text()


def violations(page: Page) -> list[str]:
    """What axe finds on the screen that is open: rule, element, and what would mend it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(script())
    found: list[str] = page.evaluate(_RUN, TAGS)
    return found
