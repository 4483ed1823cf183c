"""Somebody at the dashboard, in a real browser, and whatever went wrong meanwhile."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from tests.web.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, Response

WIDE, NARROW, NARROWEST = (1280, 900), (390, 844), (360, 740)
PATIENCE = 20_000
"""Milliseconds to wait for what takes a fraction of a second on an idle machine."""

_WATCH = """
window.violations = [];
window.underWay = 0;
addEventListener("securitypolicyviolation", (it) => window.violations.push(`${it.violatedDirective} ${it.blockedURI}`));
const follow = (work) => {
  window.underWay += 1;
  return work.finally(() => setTimeout(() => (window.underWay -= 1)));
};
const ask = window.fetch;
window.fetch = (...given) => follow(ask(...given));
// An answer's head is there before its body, and only with that does anything come of it.
for (const form of ["arrayBuffer", "blob", "json", "text"]) {
  const read = Response.prototype[form];
  Response.prototype[form] = function () {
    return follow(read.call(this));
  };
}
"""
_IS_SETTLED = """() => window.underWay === 0
  && ![...document.querySelectorAll('main[aria-busy="true"], main [aria-busy="true"], main p.state[role="status"]')]
    .some((it) => it.checkVisibility())
  && document.querySelector("main h1") !== null"""
_GO = """path => new Promise((done) => {
  if (location.hash === `#${path}`) return done();
  addEventListener("hashchange", () => setTimeout(done), { once: true });
  location.hash = path;
})"""
_SPEAK = """(choice, language) => {
  choice.value = language;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
}"""
_OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth;
  const inside = (it) => {
    for (let up = it.parentElement; up; up = up.parentElement)
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(up).overflowX)) return true;
    return false;
  };
  return [...document.querySelectorAll("body *")]
    .filter((it) => it.getBoundingClientRect().right > wide + 1 && !inside(it))
    .map((it) => `<${it.tagName.toLowerCase()} class="${it.className}"> ${it.textContent.slice(0, 60)}`)
    .slice(0, 5);
}"""

type Scheme = Literal["light", "dark"]


class Visitor:
    """A page of a browser that knows nobody, in one language. ``faults`` is what must never be."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        language: str = "en",
        *,
        size: tuple[int, int] = WIDE,
        scheme: Scheme = "light",
    ) -> None:
        self.url = url
        self.language = language
        self.faults: list[str] = []
        self.refused: list[int] = []
        self.clicks = 0
        self.context = browser.new_context(
            locale=language,
            timezone_id="Europe/Berlin",
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.add_init_script(_WATCH)
        self.page = self.context.new_page()
        self.context.on("request", self._requested)
        self.context.on("response", self._answered)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}") or dialog.dismiss())

    def close(self) -> None:
        """Leave; fails with whatever should not have been."""
        faults = self.take_faults()
        self.context.close()
        assert faults == []

    def take_faults(self) -> list[str]:
        """What should not have been since this was asked last."""
        violations: list[str] = self.page.evaluate("(window.violations ?? []).splice(0)")
        faults, self.faults = [*self.faults, *violations], []
        return faults

    @contextmanager
    def refusals(self, *statuses: int) -> Iterator[None]:
        """Let the API refuse what is done meanwhile with one of these statuses; fails if it never does."""
        before = len(self.refused)
        faults = len(self.faults)
        yield
        self.settle()
        refused = self.refused[before:]
        assert refused
        assert set(refused) <= set(statuses)
        self.faults[faults:] = [fault for fault in self.faults[faults:] if "Failed to load resource" not in fault]

    def says(self, key: str, **values: str) -> str:
        """A message in this visitor's language."""
        return text(self.language, key, **values)

    def arrive(self, path: str = "") -> None:
        """Open the dashboard at a path of its own, from outside."""
        self.page.goto(f"{self.url}#{path}")
        self.page.locator("h1").first.wait_for()

    def sign_in(self, email: str, password: str) -> None:
        """Say who one is."""
        self.page.get_by_label(self.says("signIn.email")).fill(email)
        self.page.get_by_label(self.says("signIn.password"), exact=True).fill(password)
        self.page.get_by_role("button", name=self.says("signIn.submit")).click()
        self.page.get_by_role("button", name=self.says("app.signOut")).wait_for()
        self.settle()

    def go(self, path: str) -> None:
        """Follow a link within the dashboard, and wait until all of the screen is there."""
        self.page.evaluate(_GO, path)
        self.settle()

    def speak(self, language: str) -> None:
        """Have the dashboard in another language; a dialog that is open stays open."""
        choice = self.page.locator("header select")
        choice.evaluate(
            "(it, to) => { it.value = to; it.dispatchEvent(new Event('change', { bubbles: true })); }", language
        )
        self.page.wait_for_function("to => document.documentElement.lang === to", arg=language)
        self.language = language
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is under way any more."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        self.page.wait_for_function(_IS_SETTLED)

    def click(self, target: Locator) -> None:
        """Click, and count it."""
        target.click()
        self.clicks += 1
        self.settle()

    def choose(self, label: str, option: str) -> None:
        """Choose from a drop-down: one click opens it and one chooses."""
        self.page.get_by_label(label, exact=True).select_option(label=option)
        self.clicks += 2
        self.settle()

    def button(self, key: str) -> Locator:
        """The button of this name."""
        return self.page.get_by_role("button", name=self.says(key), exact=True)

    def chosen(self, label: str) -> str:
        """What a drop-down shows."""
        shown: str = self.page.get_by_label(label, exact=True).evaluate("it => it.selectedOptions[0].label")
        return shown

    def overflow(self) -> list[str]:
        """Elements for whose sake one would have to scroll sideways."""
        found: list[str] = self.page.evaluate(_OVERFLOW)
        return found

    def resize(self, size: tuple[int, int]) -> None:
        """Have a screen of another size."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def prefer(self, scheme: Scheme) -> None:
        """Prefer light or dark screens."""
        self.page.emulate_media(color_scheme=scheme)

    def _requested(self, request: Request) -> None:
        asked, own = urlsplit(request.url), urlsplit(self.url)
        if asked.scheme not in {"data", "blob", "about"} and asked.netloc != own.netloc:
            self.faults.append(f"foreign host: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.refused.append(response.status)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"{message.type}: {message.text}")


def containing(shown: str) -> re.Pattern[str]:
    """A pattern for Playwright that finds a text anywhere, as it stands."""
    return re.compile(re.escape(shown))


def attributes(target: Locator, *names: str) -> dict[str, Any]:
    """Attributes of an element."""
    return {name: target.get_attribute(name) for name in names}
