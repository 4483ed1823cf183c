"""Text parts made from HTML."""

from __future__ import annotations

import pytest

from laurel.messaging.plain import text_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("a &amp; b", "a & b"),
        ("<h1>Hi</h1><p>You  are\n number <b>3</b>.</p><p>Bye</p>", "Hi\n\nYou are number 3.\n\nBye"),
        ("a<br>b<br>c", "a\nb\nc"),
        ("<ul><li>a</li><li>b</li></ul>c", "* a\n* b\n\nc"),
        ('<a href="https://x.example/">Shop</a>', "Shop (https://x.example/)"),
        ('<a href="https://x.example/">https://x.example/</a>', "https://x.example/"),
        ('<a href="https://x.example/"><img alt="Logo"></a>', "Logo (https://x.example/)"),
        ('<a href="https://x.example/"><img></a>', "https://x.example/"),
        ('<a href="mailto:a@x.example">a@x.example</a> <a>b</a></a>', "a@x.example b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
    ],
)
def test_html_as_text(html: str, text: str) -> None:
    assert text_of(html) == text
