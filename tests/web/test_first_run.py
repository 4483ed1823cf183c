"""From an account without a store to orders that arrive, and a file of older ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from laurel.model.account import Role
from tests.e2e.deployed import PASSWORD
from tests.support import webhook_events
from tests.web import axe
from tests.web.visitor import NARROWEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.e2e.deployed import Deployed
    from tests.web.furnished import Furnished
    from tests.web.visitor import Visitor

ROWS = (f"f{day},2026-01-{day:02}T10:00:00Z,paid,EUR,{day}.50,older-{day}@example.com\n" for day in range(1, 10))
FILE = "id,placed_at,status,currency,total,email\n" + "".join(ROWS)
BROKEN = "f10,someday,paid,EUR,much,nobody@example.com\n"


def copyable(page: Page, label: str) -> str:
    """What is offered to be copied, once it was."""
    place = page.locator(".copyable", has_text=label)
    place.get_by_role("button").click()
    copied: str = page.evaluate("navigator.clipboard.readText()")
    assert copied == place.locator("code").inner_text()
    return copied


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_new_account_is_led_to_its_first_order(
    visit: Callable[..., Visitor], deployed: Deployed, language: str
) -> None:
    owner, _ = deployed.create_user("--name", "Fresh")
    visitor = visit(language, size=NARROWEST)
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.page
    visitor.arrive()

    visitor.sign_in(owner, PASSWORD)
    steps = page.get_by_role("listitem").all_inner_texts()
    found = axe.violations(page)
    visitor.click(page.get_by_role("link", name=visitor.says("stores.connect")))
    page.get_by_label(visitor.says("stores.platform")).select_option(label=visitor.says("platform.woocommerce"))
    page.get_by_label(visitor.says("stores.name")).fill("Lampen & Licht")
    page.get_by_label(visitor.says("stores.currency")).fill("EUR")
    visitor.click(visitor.button("stores.connectNow"))
    address = copyable(page, visitor.says("store.webhookUrl"))
    secret = copyable(page, visitor.says("store.secret"))
    page.get_by_text(visitor.says("store.waiting")).wait_for()
    found += [*axe.violations(page), *visitor.overflow()]
    sample = webhook_events.load("webhooks-woocommerce-order-created")
    signed = webhook_events.signed(sample, secret=secret)
    headers = {name: value for name, value in signed["headers"].items() if name.startswith(("x-wc", "content-type"))}
    answer = httpx.post(address, headers=headers, content=signed["body"].encode(), trust_env=False)

    assert answer.status_code < 300, answer.text
    page.get_by_role("link", name=visitor.says("store.board")).wait_for()
    assert steps[:3] == [visitor.says(f"first.{step}") for step in ("connect", "webhook", "watch")]
    assert found == []


def test_a_file_is_uploaded_and_what_was_rejected_can_be_had(visit: Callable[..., Visitor], account: Furnished) -> None:
    visitor = visit("de")
    page = visitor.page
    visitor.arrive(f"/stores/{account.other_store_id}/imports")
    visitor.sign_in(account.emails[Role.OWNER], account.password)
    content = (FILE + BROKEN).encode()
    file = {"name": "bestellungen.csv", "mimeType": "text/csv", "buffer": content}
    page.get_by_label(visitor.says("imports.file"), exact=True).set_input_files([file])

    page.get_by_role("button", name=visitor.says("imports.start")).click()

    card = page.get_by_role("listitem").filter(has_text="bestellungen.csv")
    rejected = card.get_by_role("button", name=visitor.says("imports.rejected"))
    rejected.wait_for(timeout=60_000)
    with page.expect_download() as downloading:
        rejected.click()
    assert "11,placed_at" in downloading.value.path().read_text()
    visitor.go(f"/leaderboard?store={account.other_store_id}&in=all_time")
    page.get_by_text("older-9@example.com").wait_for(timeout=120_000)  # the board reads itself again each minute
