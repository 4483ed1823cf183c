"""Mails that are rendered in four languages pass W3C's checker, and what mail has to be beyond that."""

from __future__ import annotations

import email
import email.policy
import re
from html.parser import HTMLParser

import pytest

from laurel.messaging.content import render
from laurel.messaging.fields import SAMPLE
from laurel.messaging.foot import Foot, complete
from laurel.messaging.languages import LANGUAGES
from laurel.messaging.mail import Letter, mime
from laurel.model.message import MessageContent
from laurel.model.template import Content
from tools import html_checker
from tools.npm_package import Unavailable

UNSUBSCRIBE = f"https://abcdefghij.execute-api.eu-central-1.amazonaws.com/v1/unsubscribe/{'aB3-_' * 24}"
FOR_SES = " ses:no-track"
"""An attribute that is no part of HTML; only SES reads it."""
MOST_BYTES = 102 * 1024
"""Gmail cuts longer HTML off, and the link to unsubscribe with it."""

TEXTS = {
    "en": ("{{ contact.first_name }}, you are no. {{ rank.total_spent }}", "Thank you — here is {{ coupon }}"),
    "pt-BR": ("{{ contact.first_name }}, você é nº {{ rank.total_spent }}", "Obrigado — use {{ coupon }}"),
    "fr": ("{{ contact.first_name }}, vous êtes nᵒ {{ rank.total_spent }}", "Merci ! Voici « {{ coupon }} »"),
    "de": ("{{ contact.first_name }}, Sie sind Nr. {{ rank.total_spent }}", "Grüße & danke: {{ coupon }}"),
}
HTML = """
<h1 style="color:#0b57d0">{{ contact.first_name }}</h1>
<img src="https://shop.example/spring.png" alt="Spring" width="600" height="200">
<table role="presentation" style="width:100%"><tr><td>THANKS</td>
<td>{% if contact.score > 1000 %}<b>{{ contact.score }}</b>{% endif %}</td></tr></table>
<ul><li><a href="https://shop.example/?a=1&amp;b=2">Shop</a></li></ul>
"""
CASES = [(language, kind) for language in LANGUAGES for kind in ("text", "html")]


def letter(language: str, kind: str) -> Letter:
    subject, thanks = TEXTS[language]
    html = HTML.replace("THANKS", thanks) if kind == "html" else None
    source = Content(subject, None if html else f"{thanks}\n\nhttps://shop.example/?a=1&b=2\n", html)
    rendered = render(source, SAMPLE)
    foot = Foot(language, "Rosen & Söhne", "Lindenstraße 1\n10969 Berlin\nDeutschland", UNSUBSCRIBE)
    content = complete(MessageContent(rendered.subject, rendered.text, rendered.html), foot)
    message_id = "0123456789abcdef01234567"
    return Letter(
        foot.sender, "news@rosen.example", "Ada Lovelace", "ada@example.com", content, language, UNSUBSCRIBE, message_id
    )


@pytest.mark.html_checker
def test_w3c_finds_nothing_wrong_in_the_html_of_any_language() -> None:
    documents = {}
    for language, kind in CASES:
        html = letter(language, kind).content.html or ""
        assert html.count(FOR_SES) == 1
        documents[f"{language} {kind}"] = html.replace(FOR_SES, "")

    try:
        found = html_checker.faults(documents)
    except Unavailable as reason:
        pytest.skip(str(reason))

    assert found == []


@pytest.mark.parametrize(("language", "kind"), CASES)
def test_a_mail_is_as_mail_has_to_be(language: str, kind: str) -> None:
    assert mime_faults(mime(letter(language, kind))) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"MIME-Version: 1.0\r\n", b"", "MIME-Version is not there once"),
        (b"\r\nTo: ", b"\r\nTo: eve@example.com\r\nTo: ", "To is not there once"),
        (b"\r\n", b"\n", "a line does not end with CRLF"),
        (b"Gr=C3=BC=C3=9Fe", "Grüße".encode(), "not all is ASCII"),
        (b"X-Laurel-Message:", b"X-Laurel-Message: " + b"a" * 1000, "a line is longer than 998"),
        (b"List-Unsubscribe: <https", b"List-Unsubscribe: <http", "List-Unsubscribe is no link of https"),
        (
            b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            b"List-Unsubscribe-Post: No",
            "no one-click unsubscribe",
        ),
        (b"text/plain", b"text/html", "parts are not text, then HTML"),
        (b"Subject:", b"Subject =?:", "From, To or Subject is missing"),
        (b"</html>", b"</html><script>", "HTML has <script>"),
        (b"</html>", b"</html>" + b"a\r\n" * 40_000, "Gmail cuts it off"),
    ],
)
def test_the_check_finds_faults(old: bytes, new: bytes, fault: str) -> None:
    raw = mime(letter("de", "html"))
    assert old in raw

    assert fault in mime_faults(raw.replace(old, new))


def mime_faults(raw: bytes) -> list[str]:
    """What is wrong with a mail, by RFC 5322, 2045, 2369 and 8058, and by what mail programs do."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [part for part in mail.walk() if not part.is_multipart()]
    html = next((part.get_content() for part in parts if part.get_content_type() == "text/html"), "")
    tags = _Tags(html).found
    unsubscribe = str(mail.get("List-Unsubscribe", ""))
    once = ("From", "To", "Subject", "MIME-Version", "Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post")
    checks = {
        "From, To or Subject is missing": all(mail.get(name) for name in ("From", "To", "Subject")),
        "not all is ASCII": raw.isascii(),
        "a line does not end with CRLF": not re.search(rb"(?<!\r)\n|\r(?!\n)", raw),
        "a line is longer than 998": max(len(line) for line in raw.splitlines()) <= 998,
        "List-Unsubscribe is no link of https": re.fullmatch(r"<https://[^<>\s]+>", unsubscribe) is not None,
        "no one-click unsubscribe": mail.get("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click",
        "parts are not text, then HTML": [part.get_content_type() for part in parts] == ["text/plain", "text/html"],
        "the parser complains": not any(part.defects for part in mail.walk()),
        "the link is not in both parts": all(unsubscribe.strip("<>") in part.get_content() for part in parts),
        "Gmail cuts it off": len(html.encode()) <= MOST_BYTES,
    }
    faults = [fault for fault, holds in checks.items() if not holds]
    faults += [f"{name} is not there once" for name in once if len(mail.get_all(name, [])) != 1]
    return faults + [f"HTML has <{tag}>" for tag in sorted(tags & {"script", "iframe", "form", "link", "object"})]


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found = set[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
