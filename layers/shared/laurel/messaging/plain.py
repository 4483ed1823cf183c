"""The text part of a message, made from its HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BREAKS = frozenset({"br", "tr"})
_BLOCKS = frozenset(
    {
        "address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5",
        "h6", "header", "hr", "main", "ol", "p", "pre", "section", "table", "ul",
    }
)  # fmt: skip
_CELLS = frozenset({"td", "th"})


def text_of(html: str) -> str:
    """Clean HTML as plain text: a paragraph for each block, links with their address, images by what they stand for."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag in _BREAKS:
            self.parts.append("\n")
        elif tag in _CELLS:
            self.parts.append(" ")
        elif tag == "li":
            self.parts.append("\n* ")
        elif tag == "img":
            self.parts.append(named.get("alt", ""))
        elif tag == "a":
            self._links.append((named.get("href", ""), len(self.parts)))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a" and self._links:
            href, start = self._links.pop()
            said = "".join(self.parts[start:]).strip()
            address = href.removeprefix("mailto:")
            if address and address != said:
                self.parts.append(f" ({address})" if said else address)

    def handle_data(self, data: str) -> None:
        self.parts.append(re.sub(r"\s+", " ", data))
