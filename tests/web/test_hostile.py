"""Names and subjects that nobody should have are shown as text, in their place, and break nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.furnished import EMOJI, ICU, LONG, SCRIPT, TURNED
from tests.web.visitor import NARROWEST, WIDE, Visitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Route

    from tests.web.furnished import Furnished

_MADE_OF_NAMES = "() => document.querySelectorAll('main img:not([src=\"./icon.svg\"]), main script').length"
_TURNED_NEIGHBOURS = """([mark, names]) => {
  const astray = [];
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const end = node.data.lastIndexOf(mark) + mark.length;
    if (end < mark.length || end >= node.data.trimEnd().length) continue;
    if (names.includes(node.data.trim())) continue;
    const place = (from, to) => {
      const range = document.createRange();
      range.setStart(node, from);
      range.setEnd(node, to);
      return range.getBoundingClientRect();
    };
    const name = place(end - mark.length, end);
    const rest = place(node.data.trimEnd().length - 1, node.data.trimEnd().length);
    if (rest.width && rest.bottom <= name.bottom + 1 && rest.left < name.left) astray.push(node.data);
  }
  return astray;
}"""


def shown(visitor: Visitor) -> str:
    """All text of the screen, spaces tidied as in HTML; what is merely in its markup is not seen."""
    return " ".join(visitor.page.locator("main").inner_text().split())


TIER_AND_TAG = [f"{TURNED} {SCRIPT}", f"{TURNED} {SCRIPT}"[:50]]
"""What Ada is in, and got by an automation."""
PLACES: dict[str, tuple[Callable[[Furnished], str], list[str]]] = {
    "board": (lambda it: f"/leaderboard?store={it.store_id}&in=all_time", [SCRIPT, TURNED, LONG[:80], EMOJI, ICU]),
    "choices": (lambda it: f"/leaderboard?audience={it.other_audience_id}&in=all_time", [EMOJI]),
    "timeline": (lambda it: it.profile("Ada"), [f"{SCRIPT} evil", EMOJI, TURNED, SCRIPT[:50], *TIER_AND_TAG]),
    "script": (lambda it: it.profile("script"), [f"{SCRIPT} {SCRIPT}"]),
    "turned": (lambda it: it.profile("turned"), [f"{TURNED} {TURNED}"]),
    "long": (lambda it: it.profile("long"), [f"{LONG[:100]} {LONG[:100]}"]),
    "emoji": (lambda it: it.profile("emoji"), [f"{EMOJI} {EMOJI}"]),
    "icu": (lambda it: it.profile("icu"), [f"{ICU} {ICU}"]),
    "scores": (lambda it: f"/scores?audience={it.audience_id}", [SCRIPT, TURNED, LONG[:100], EMOJI, ICU]),
    "rules": (lambda it: f"/rules?audience={it.audience_id}", [TURNED, LONG[:100]]),
    "stores": (lambda _: "/stores", [SCRIPT, TURNED, EMOJI]),
    "store": (lambda it: f"/stores/{it.store_id}", [SCRIPT]),
    "imports": (lambda it: f"/stores/{it.store_id}/imports", [f"{TURNED} {SCRIPT}.csv"]),
    "templates": (lambda _: "/templates", [SCRIPT, f"{TURNED} 👋"]),
    "api-keys": (lambda _: "/api-keys", [SCRIPT]),
}


@pytest.mark.parametrize("place", PLACES)
def test_it_is_shown_as_text_in_its_place(signed_in: Visitor, account: Furnished, place: str) -> None:
    path, names = PLACES[place]
    signed_in.resize(WIDE)
    signed_in.go(path(account))

    text = shown(signed_in)

    assert [name for name in names if " ".join(name.split()) not in text] == []
    assert signed_in.page.evaluate(_MADE_OF_NAMES) == 0
    assert signed_in.page.evaluate(_TURNED_NEIGHBOURS, [TURNED, names]) == []
    signed_in.resize(NARROWEST)
    assert signed_in.overflow() == []
    assert signed_in.take_faults() == []


def test_it_is_shown_as_text_where_one_chooses_and_writes(signed_in: Visitor, account: Furnished) -> None:
    signed_in.resize(WIDE)
    signed_in.go(f"/leaderboard?store={account.store_id}&in=all_time")

    chosen = signed_in.chosen(signed_in.says("leaderboard.source"))
    signed_in.click(signed_in.page.get_by_role("button", name=f"{signed_in.says('compose.open')}: {TURNED}"))
    dialog = signed_in.page.get_by_role("dialog")
    dialog.get_by_label(signed_in.says("compose.subject")).fill(f"{SCRIPT} {{{{ contact.name }}}}")
    dialog.get_by_label(signed_in.says("compose.text")).fill("Hello {{ contact.name }}")
    signed_in.click(signed_in.button("compose.preview"))
    text = " ".join(dialog.inner_text().split())
    signed_in.page.keyboard.press("Escape")
    dialog.wait_for(state="detached")

    assert chosen == SCRIPT
    assert f"{TURNED} {TURNED}" in text
    assert SCRIPT in text
    assert signed_in.page.evaluate(_MADE_OF_NAMES) == 0
    assert signed_in.take_faults() == []


@pytest.mark.parametrize("letters", ["x", "م", "🎉", "&amp;<b>"])
def test_300_characters_fit_a_phone(signed_in: Visitor, account: Furnished, letters: str) -> None:
    """More than the API takes: what is shown does not rely on it."""
    name = (letters * 300)[:300]

    def lengthen(route: Route) -> None:
        answer = route.fetch()
        board = answer.json()
        for row in board["rows"]:
            row["name"] = name
        route.fulfill(response=answer, json=board)

    signed_in.resize(NARROWEST)
    signed_in.page.route("**/leaderboard?*", lengthen)
    signed_in.go("/stores")
    signed_in.go(f"/leaderboard?store={account.store_id}&in=all_time")
    text = shown(signed_in)
    overflow = signed_in.overflow()
    signed_in.page.unroute("**/leaderboard?*")

    assert name in text
    assert overflow == []
    assert signed_in.take_faults() == []
