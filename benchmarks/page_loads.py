"""How soon the dashboard shows in a browser on a slow phone: Lighthouse's measures, beside a plain page.

Network and processor are slowed as Lighthouse slows them for phones. The API is a stand-in that answers at once: what
it takes is measured elsewhere.
"""

from __future__ import annotations

import os
import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.web_server import FILES, PLAIN, serve
from tools.npm_package import Unavailable

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LATENCY = 150
DOWNLOAD, UPLOAD = 1_638_400 // 8, 750_000 // 8
SLOWDOWN = 4
PHONE = {"width": 412, "height": 823}
SHIFT_LIMIT = 0.1
"""Beyond this, Lighthouse does not call it good."""

RATIO_LIMIT = 4.0
ROWS = 50

_WATCH = """
window.seen = { paint: 0, shift: 0, blocked: 0 };
const watch = (type, note) =>
  new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
watch("largest-contentful-paint", (it) => (seen.paint = it.startTime));
watch("layout-shift", (it) => !it.hadRecentInput && (seen.shift += it.value));
watch("longtask", (it) => (seen.blocked += Math.max(0, it.duration - 50)));
"""
_LOADED = """() => performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"))
  .reduce((all, it) => [all[0] + 1, all[1] + it.transferSize], [0, 0])"""


@dataclass(frozen=True, slots=True)
class Load:
    """One page: milliseconds until its largest text or picture, and of blocking; shift; requests and bytes."""

    page: str
    shown: float
    plain: float
    blocked: float
    shift: float
    requests: int
    size: int

    @property
    def ratio(self) -> float:
        """To a plain page that was loaded beside it."""
        return self.shown / self.plain


def measure(rounds: int) -> list[Load]:
    """Load the dashboard again and again: for the first time, with its files kept, and on to the board.

    Raises:
        Unavailable: There is no browser, or the dashboard is not built.
    """
    if not (FILES / "index.html").is_file():
        raise Unavailable("the dashboard is not built: make web")
    with serve(ROWS) as address, _browser() as browser:
        visits = [_visit(browser, address) for _ in range(rounds)]
    return [_middle(name, [visit[name] for visit in visits]) for name in visits[0]]


def _middle(name: str, loads: list[Load]) -> Load:
    def median(what: str) -> Any:
        return statistics.median(getattr(load, what) for load in loads)

    figures = {what: median(what) for what in ("shown", "plain", "blocked", "shift", "requests", "size")}
    return Load(name, **figures)


def _visit(browser: Browser, address: str) -> dict[str, Load]:
    context = browser.new_context(viewport={"width": PHONE["width"], "height": PHONE["height"]}, locale="en")
    context.add_init_script(_WATCH)
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": LATENCY, "downloadThroughput": DOWNLOAD, "uploadThroughput": UPLOAD}
    network.send("Network.emulateNetworkConditions", slow)
    network.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    page.goto(address + PLAIN)
    plain = _painted(page)["paint"]
    found = {}
    for name in ("sign-in, for the first time", "sign-in, with files kept"):
        page.goto("about:blank")
        page.goto(address)
        page.get_by_role("textbox").first.wait_for()
        found[name] = _load(page, name, plain)
    name = f"from sign-in to a board of {ROWS} rows"
    page.get_by_label("E-mail address").fill("owner@example.com")
    page.get_by_label("Password", exact=True).fill("Correct-horse-7")
    before = found["sign-in, with files kept"]
    began: float = page.evaluate("performance.now()")
    page.get_by_role("button", name="Sign in").click()
    page.locator("table.board tbody tr").nth(ROWS - 1).wait_for()
    shown: float = page.evaluate("performance.now()") - began
    all_of_it = _load(page, name, plain)
    requests, size = all_of_it.requests - before.requests, all_of_it.size - before.size
    blocked = all_of_it.blocked - before.blocked
    found[name] = Load(name, shown, plain, blocked, all_of_it.shift, requests, size)
    context.close()
    return found


def _painted(page: Page) -> dict[str, float]:
    page.wait_for_load_state("networkidle")
    page.wait_for_function("seen.paint > 0")
    seen: dict[str, float] = page.evaluate("seen")
    return seen


def _load(page: Page, name: str, plain: float) -> Load:
    seen = _painted(page)
    requests, size = page.evaluate(_LOADED)
    return Load(name, seen["paint"], plain, seen["blocked"], seen["shift"], requests, size)


@contextmanager
def _browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise Unavailable("Chromium is not installed")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - other sections do without it

    with sync_playwright() as playwright:
        # Its sandbox cannot be had by root, as whom containers run.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=options)
        try:
            yield browser
        finally:
            browser.close()
