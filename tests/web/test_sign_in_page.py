"""Sign-in on a page of the user pool's, in a real browser, under the policy that the template gives CloudFront."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.authorization_server import CLIENT_ID, AuthorizationServer, Pool
from tests.support.template import ROOT, load_template
from tests.web.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Route

BUILT = ROOT / "web" / "dist"
_WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", (it) => window.violations.push(`${it.violatedDirective} ${it.blockedURI}`));
"""


def policy(sign_in: str) -> str:
    """The template's policy for a stack whose sign-in page, and user pool, are at an address."""
    properties = load_template()["Resources"]["DashboardHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    form, _ = properties["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    assert isinstance(form, str)
    return (
        form.replace("${SignIn}", f" {sign_in}").replace("${AWS::Region}", "here").replace("${AWS::URLSuffix}", "test")
    )


class _Files(SimpleHTTPRequestHandler):
    config: dict[str, str]
    policy: str

    def do_GET(self) -> None:
        if self.path.split("?")[0] != "/config.json":
            super().do_GET()
            return
        body = json.dumps(self.config).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class Visit:
    """A browser at a dashboard whose users sign in elsewhere."""

    home: str
    pool: Pool
    context: BrowserContext
    page: Page
    bearers: list[str | None] = field(default_factory=list)
    """What requests to the API came with."""

    def api(self, route: Route) -> None:
        self.bearers.append(route.request.headers.get("authorization"))
        account = {"plan": "free", "monthly_messages": 1, "daily_ceiling": 1, "name": "Shop", "locale": "en"}
        route.fulfill(json={"items": [], "next_cursor": None, **account})

    def sign_in(self, view: str = "#/stores") -> None:
        self.page.goto(self.home + view)
        self.page.get_by_role("button", name=text("en", "signIn.submit")).click()
        self.page.get_by_role("link", name="Continue").click()
        self.is_in()

    def is_in(self) -> None:
        self.page.get_by_role("button", name=text("en", "app.signOut"), exact=True).wait_for()
        self.page.wait_for_load_state("networkidle")

    def come_back(self, kept: dict[str, str], code: str) -> None:
        """Come with a code and the state "s", in a browser that keeps so much of what it asked for; in vain."""
        self.page.goto(self.home)
        self.is_out()
        if kept:
            self.page.evaluate("kept => sessionStorage.setItem('laurel.signIn', JSON.stringify(kept))", kept)
        self.page.goto(f"{self.home}?code={code}&state=s")
        self.page.get_by_text(text("en", "signIn.unfinished")).wait_for()

    def is_out(self) -> None:
        self.page.get_by_role("button", name=text("en", "signIn.submit")).wait_for()

    def ask(self) -> str | None:
        """What the next request to the API comes with."""
        with self.page.expect_request("**/v1/**") as asked:
            self.page.evaluate("location.hash = location.hash.startsWith('#/stores') ? '#/rules' : '#/stores'")
        return asked.value.headers.get("authorization")


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    if not (BUILT / "index.html").is_file():
        pytest.skip("the dashboard is not built: make web")
    with AuthorizationServer() as there:
        told = {"userPoolUrl": f"{there.url}/", "clientId": CLIENT_ID, "loginUrl": there.url}
        handler = type("Files", (_Files,), {"config": told, "policy": policy(there.url)})
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(BUILT)))
        Thread(target=server.serve_forever, daemon=True).start()
        there.pool.home = f"http://127.0.0.1:{server.server_port}/"
        context = browser.new_context(locale="en")
        context.set_default_timeout(20_000)
        context.add_init_script(_WATCH)
        visit = Visit(there.pool.home, there.pool, context, context.new_page())
        context.route("**/v1/**", visit.api)
        yield visit
        violations = visit.page.evaluate("window.violations ?? []")
        context.close()
        server.shutdown()
        server.server_close()
    assert violations == []


def test_who_signs_in_comes_back_to_what_was_open(visit: Visit) -> None:
    visit.sign_in("#/stores?q=1")

    assert visit.page.url == f"{visit.home}#/stores?q=1"
    assert visit.pool.grants == ["authorization_code"]
    assert set(visit.bearers) == {f"Bearer {visit.pool.issued[0]}"}


def test_tokens_are_kept_in_memory_only(visit: Visit) -> None:
    visit.sign_in()

    kept = visit.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert not any(part in kept for token in visit.pool.issued for part in token.split(".")[1:])
    assert not any(token in kept for token in visit.pool.refresh_tokens)
    assert "access-" not in kept


def test_a_page_that_is_loaded_again_asks_nobody(visit: Visit) -> None:
    visit.sign_in()

    visit.page.reload()
    visit.is_in()

    assert visit.page.url == f"{visit.home}#/stores"
    assert visit.pool.grants == ["authorization_code"] * 2


def test_tokens_are_renewed_before_they_expire(visit: Visit) -> None:
    visit.pool.lifetime = 30
    visit.sign_in()
    before = len(visit.pool.issued)

    assert visit.ask() in [f"Bearer {token}" for token in visit.pool.issued[before:]]
    assert visit.pool.grants[-1] == "refresh_token"


def test_who_may_not_renew_any_more_is_signed_out(visit: Visit) -> None:
    visit.pool.lifetime = 30
    visit.sign_in()

    visit.pool.refresh_tokens.clear()
    visit.ask()

    visit.is_out()


def test_who_signs_out_is_out_here_and_there(visit: Visit) -> None:
    visit.sign_in()
    (refresh,) = visit.pool.refresh_tokens

    visit.page.get_by_role("button", name=text("en", "app.signOut"), exact=True).click()
    visit.page.wait_for_url(visit.home)
    visit.is_out()
    visit.page.reload()
    visit.is_out()

    assert visit.pool.operations == [("RevokeToken", {"ClientId": CLIENT_ID, "Token": refresh})]
    visit.page.get_by_role("button", name=text("en", "signIn.submit")).click()
    visit.page.get_by_role("link", name="Continue").wait_for()


@pytest.mark.parametrize("kept", [{}, {"state": "another", "nonce": "n", "verifier": "v"}], ids=["never", "otherwise"])
def test_who_did_not_ask_to_sign_in_is_not(visit: Visit, kept: dict[str, str]) -> None:
    code = visit.pool.code_for({"redirect_uri": visit.home, "nonce": "n", "code_challenge": "c"})

    visit.come_back(kept, code)

    assert "code=" not in visit.page.url
    assert (visit.bearers, visit.pool.grants) == ([], [])


def test_a_code_is_worth_nothing_to_who_did_not_ask_for_it(visit: Visit) -> None:
    code = visit.pool.code_for({"redirect_uri": visit.home, "nonce": "n", "code_challenge": "of somebody else"})

    visit.come_back({"state": "s", "nonce": "n", "verifier": "v"}, code)

    assert visit.pool.grants == ["authorization_code"]
    assert (visit.bearers, visit.pool.issued) == ([], [])


@pytest.mark.parametrize("pool", [{"nonce": "another"}, {"refuses": True}], ids=["token-for-another", "denied"])
def test_what_the_page_gives_must_be_for_who_asked(visit: Visit, pool: dict[str, Any]) -> None:
    visit.pool.__dict__.update(pool)
    visit.page.goto(visit.home)

    visit.page.get_by_role("button", name=text("en", "signIn.submit")).click()
    visit.page.get_by_role("link", name="Continue").click()
    visit.page.get_by_text(text("en", "signIn.unfinished")).wait_for()

    assert visit.bearers == []


def test_all_devices_are_signed_out_at_once(visit: Visit) -> None:
    visit.sign_in("#/stores")

    visit.page.evaluate("location.hash = '#/settings'")
    visit.page.get_by_role("button", name=text("en", "settings.everywhere")).click()
    visit.page.wait_for_url(visit.home)
    visit.is_out()

    assert [operation for operation, _ in visit.pool.operations] == ["GlobalSignOut"]
    assert visit.pool.refresh_tokens == set()
