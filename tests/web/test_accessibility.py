"""No screen breaks a rule of WCAG 2.2 AA that a machine can find, in light or dark, wide or narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web import axe
from tests.web.screens import SCREENS, Screen
from tests.web.visitor import NARROW, NARROWEST, WIDE, Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.web.furnished import Furnished


@pytest.fixture(params=SCREENS, ids=lambda screen: screen.name)
def screen(request: pytest.FixtureRequest, signed_in: Visitor, account: Furnished) -> Iterator[Screen]:
    """A screen that is open."""
    screen: Screen = request.param
    signed_in.speak("en")
    signed_in.resize(WIDE)
    screen.open(signed_in, account)
    yield screen
    signed_in.page.keyboard.press("Escape")


def test_a_screen_has_no_violation_and_needs_no_sideways_scrolling(signed_in: Visitor, screen: Screen) -> None:
    found = {}
    for size in (WIDE, NARROW):
        signed_in.resize(size)
        for scheme in ("light", "dark"):
            signed_in.prefer(scheme)
            found[f"{scheme}, {size[0]} pixels"] = axe.violations(signed_in.page)
        found[f"{size[0]} pixels"] = signed_in.overflow()
    signed_in.resize(NARROWEST)
    for language in ("pt-BR", "fr", "de", "en"):
        signed_in.speak(language)
        found[language] = signed_in.overflow()
        assert signed_in.page.title().partition(" · ")[0]
    found["faults"] = signed_in.take_faults()
    assert {where: what for where, what in found.items() if what} == {}


@pytest.mark.parametrize("language", ["en", "de"])
def test_signing_in_has_no_violation(visit: Callable[..., Visitor], language: str) -> None:
    visitor = visit(language, size=NARROWEST)
    visitor.arrive()

    found = axe.violations(visitor.page)
    visitor.prefer("dark")

    assert [*found, *axe.violations(visitor.page), *visitor.overflow()] == []


def test_what_breaks_a_rule_is_found(visit: Callable[..., Visitor]) -> None:
    visitor = visit(size=NARROWEST)
    visitor.arrive()

    visitor.page.evaluate("document.querySelectorAll('main label').forEach((it) => it.remove())")
    visitor.page.evaluate("document.querySelector('main h1').style.cssText = 'color: #bbb; width: 500px'")

    assert {found.partition(":")[0] for found in axe.violations(visitor.page)} == {"color-contrast", "label"}
    assert len(visitor.overflow()) == 1
