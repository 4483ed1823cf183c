"""A search for people in whatever is kept or said: however it is written, encoded, packed or nested."""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import json
import quopri
import re
import unicodedata
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 4
_PACKED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")
_SHORTEST = 4
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


class Search:
    """Looks for words, such as an address or a name, and for each part of them of four letters or more."""

    def __init__(self, *words: str, but: tuple[str, ...] = ()) -> None:
        """``but`` are parts that others have, too, and that give nobody away."""
        parts = {part for word in words for part in [word, *re.split(r"[\s@._+-]+", word)] if len(part) >= _SHORTEST}
        spelled = {form for part in parts - set(but) for form in _spellings(part)}
        self.words = sorted(spelled, key=len)

    def found_in(self, thing: Any) -> list[str]:
        """Words that stand in a text, in bytes, or anywhere in an item or another structure."""
        found = set[str]()
        for piece in _pieces(thing):
            for reading in _readings(piece, _DEEPEST):
                plain = _plain(reading)
                found |= {word for word in self.words if word in plain}
        return sorted(found)


def _spellings(word: str) -> set[str]:
    """As a word may be found: as it is, without marks, or as in an address."""
    plain = _plain(word)
    return {
        plain,
        _plain(plain.translate(_GERMAN)),
        "".join(it for it in _apart(plain) if not unicodedata.combining(it)),
    }


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())


def _apart(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _pieces(thing: Any) -> Iterator[str | bytes]:
    """All texts and bytes of a structure, names of members too."""
    if isinstance(thing, str | bytes):
        yield thing
    elif isinstance(thing, bytearray | memoryview):
        yield bytes(thing)
    elif isinstance(thing, dict):
        for name, value in thing.items():
            yield str(name)
            yield from _pieces(value)
    elif isinstance(thing, list | tuple | set | frozenset):
        for element in thing:
            yield from _pieces(element)
    elif thing is not None:
        yield str(thing)


def _readings(piece: str | bytes, deep: int) -> Iterator[str]:
    """A text as it is, and everything that it may be another writing of."""
    if isinstance(piece, bytes):
        for content in {piece, *_unpacked(piece)}:
            for encoding in ("utf-8", "cp1252", "utf-16-le"):
                yield from _readings(content.decode(encoding, errors="replace"), deep)
        return
    yield piece
    if not deep:
        return
    others = {
        _ESCAPED.sub(lambda found: chr(int(found[1], 16)), piece),
        unquote_plus(piece),
        html.unescape(piece),
        quopri.decodestring(piece.encode(errors="replace")).decode(errors="replace"),
    }
    for other in others - {piece}:
        yield from _readings(other, deep - 1)
    for packed in _PACKED.findall(piece):
        yield from _of_base64(packed, deep - 1)


def _of_base64(packed: str, deep: int) -> Iterator[str]:
    bare = packed.rstrip("=").translate(str.maketrans("-_", "+/"))
    # What was found may begin within something else, so that any of four places may be its first.
    for start in range(4):
        cut = bare[start:]
        cut = cut[: len(cut) - (len(cut) % 4 == 1)]
        try:
            content = base64.b64decode(cut + "=" * (-len(cut) % 4))
        except binascii.Error:
            continue
        unpacked = _unpacked(content)
        for inner in unpacked:
            yield from _readings(inner.decode(errors="replace"), deep)
        if not unpacked:
            yield content.decode(errors="replace")


def _unpacked(content: bytes) -> list[bytes]:
    """What zlib or gzip packed, if they did."""
    found = []
    for unpack in (zlib.decompress, gzip.decompress):
        try:
            found.append(unpack(content))
        except (zlib.error, OSError, EOFError):
            continue
    return found


def items_with(search: Search, items: list[dict[str, Any]]) -> list[str]:
    """Keys of the items that speak of somebody, and by which words."""
    return [f"{json.dumps([item['pk'], item['sk']])}: {found}" for item in items if (found := search.found_in(item))]
