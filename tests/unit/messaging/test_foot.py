"""What every mail has beside what was written."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.messaging.foot import Foot, complete
from laurel.messaging.languages import LANGUAGES
from laurel.messaging.plain import text_of
from laurel.model.message import MessageContent

URL = "https://api.example/v1/unsubscribe/abc-_?a=1&b=2"
FOOT = Foot("en", 'Rosen & "Söhne"', "  1 High Street \n\nAnytown\r\n", URL)
WHY = {
    "en": ("subscribed to messages from", "Unsubscribe"),
    "pt-BR": ("se inscreveu", "Cancelar inscrição"),
    "fr": ("vous avez accepté", "Se désabonner"),
    "de": ("abonniert", "Abmelden"),
}


class Outline(HTMLParser):
    """Start tags with their attributes, and the text outside of the head."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.tags if found == tag]


def content(text: str = "Hello", html: str | None = None) -> MessageContent:
    return MessageContent("A <subject>", text, html)


def document(content: MessageContent, foot: Foot = FOOT) -> str:
    html = complete(content, foot).html
    assert html is not None
    return html


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_parts_say_who_writes_from_where_why_and_how_to_stop_it(language: str) -> None:
    foot = Foot(language, "Rosen", "1 High Street\nAnytown", URL)

    made = complete(content("Hello\n\n", "<p>Hello</p>"), foot)

    why, unsubscribe = WHY[language]
    assert made.text.startswith("Hello\n\n---\nRosen\n1 High Street\nAnytown\n\n")
    assert made.text.endswith(f"\n{unsubscribe}\n{URL}\n")
    html = made.html or ""
    for part in (made.text, html):
        assert why in part
        assert "{sender}" not in part
    assert "Rosen<br>\n1 High Street<br>\nAnytown</p>" in html
    outline = Outline(html)
    assert outline.of("html") == [{"lang": language}]
    (link,) = outline.of("a")
    assert link["href"] == URL
    assert html.index(">Hello<") < html.index("Rosen")


def test_the_unsubscribe_link_is_left_alone_by_ses_and_no_other_is() -> None:
    links = Outline(document(content("", '<a href="https://shop.example">Shop</a>'))).of("a")

    assert [("ses:no-track" in link, link["href"]) for link in links] == [(False, "https://shop.example"), (True, URL)]


def test_a_document_is_whole_and_says_what_it_is_written_in() -> None:
    html = document(content("", "<p>Hello</p>"))

    assert html.startswith("<!DOCTYPE html>\n<html lang=")
    assert html.endswith("</body>\n</html>\n")
    outline = Outline(html)
    metas = outline.of("meta")
    assert {"charset": "utf-8"} in metas
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in metas
    assert "<title>A &lt;subject&gt;</title>" in html


def test_names_and_addresses_are_text_never_html() -> None:
    foot = Foot("en", "<b>Rosen</b>", "<script>1</script>\nAnytown", 'https://x.example/"><script>')

    html = document(content("<i>"), foot)

    assert not {"b", "script", "i"} & {tag for tag, _ in Outline(html).tags}
    assert "&lt;b&gt;Rosen&lt;/b&gt;" in html


def test_text_without_html_becomes_paragraphs_with_links() -> None:
    html = document(content("Dear Ada,\nhello.\n\n\n  \nSee (https://shop.example/a?b=1&c=2). Bye\n"))

    address = "https://shop.example/a?b=1&amp;c=2"
    assert "<p>Dear Ada,<br>\nhello.</p>" in html
    assert f'<p>See (<a href="{address}">{address}</a>). Bye</p>' in html


@pytest.mark.parametrize(
    ("html", "scheme"),
    [
        (None, "light dark"),
        ("<p>Hello</p>", "light dark"),
        ('<p style="color:#222">Hello</p>', "light only"),
        ('<td bgcolor="white">Hello</td>', "light only"),
        ('<p style="background:white">Hello</p>', "light only"),
        ('<img src="https://shop.example/logo.png" alt="Shop">', "light only"),
    ],
)
def test_only_mail_without_colours_and_images_follows_the_readers_dark_mode(html: str | None, scheme: str) -> None:
    metas = Outline(document(content("Hello", html))).of("meta")

    assert {"name": "color-scheme", "content": scheme} in metas


def test_nothing_in_it_is_hidden_or_loaded() -> None:
    outline = Outline(document(content("Hello")))

    assert not {"img", "link", "script", "iframe"} & {tag for tag, _ in outline.tags}
    assert "display:none" not in document(content("Hello"))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=300))
def test_a_text_says_the_same_in_html(text: str) -> None:
    body, _, _ = document(content(text)).partition('<div style="clear:both')

    said = text_of(body.partition("<body")[2].partition(">")[2])

    assert said.split() == text.split()
