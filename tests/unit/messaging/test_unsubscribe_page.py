"""The pages of people who unsubscribe: readable by everybody, loading nothing, saying nothing that is not theirs."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from laurel.messaging import unsubscribe_page as pages
from laurel.messaging.languages import LANGUAGES

SENDER = "<b>Rosen & Söhne</b>"
PAGES = [
    pytest.param(language, page, id=f"{language}-{number}")
    for language in LANGUAGES
    for number, page in enumerate(
        (
            pages.ask(language, SENDER),
            pages.unsubscribed(language, SENDER),
            pages.subscribed(language, SENDER),
            pages.invalid(language),
        )
    )
]


class Outline(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open, "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize(("language", "page"), PAGES)
def test_a_page_has_what_screen_readers_need(language: str, page: str) -> None:
    outline = Outline(page)

    assert page.startswith("<!doctype html>")
    assert outline.of("html") == [{"lang": language}]
    assert [len(outline.of(tag)) for tag in ("title", "main", "h1")] == [1, 1, 1]
    assert all(re.search(r"<button[^>]*>[^<]+</button>", page) for _ in outline.of("button"))


@pytest.mark.parametrize(("language", "page"), PAGES)
def test_a_page_runs_and_loads_nothing(language: str, page: str) -> None:
    outline = Outline(page)

    assert {tag for tag, _ in outline.tags} <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "p", "form", "button"
    }  # fmt: skip
    assert not {name for _, attributes in outline.tags for name in attributes} & {"src", "href", "style", "action"}
    (style,) = re.findall(r"<style>(.*?)</style>", page)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in pages.CONTENT_SECURITY_POLICY
    assert "url(" not in style


def test_the_policy_allows_nothing_else() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in pages.CONTENT_SECURITY_POLICY.split(";"))

    assert rules.pop("style-src").startswith("'sha256-")
    assert rules == {
        "default-src": "'none'", "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'"
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_name_of_the_sender_is_text(language: str) -> None:
    page = pages.ask(language, SENDER)

    assert "&lt;b&gt;Rosen &amp; Söhne&lt;/b&gt;" in page
    assert "{sender}" not in page
