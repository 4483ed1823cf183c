"""The search that erasures are held against: it must find people however they are written."""

from __future__ import annotations

import base64
import gzip
import json
import quopri
import unicodedata
import zlib
from itertools import count
from urllib.parse import quote

import pytest

from tests.support.search import Search, items_with

SEARCH = Search("Philippa.Zwoelfnagel@posteo.example", "Philippa Zwölfnagel", but=("example",))
SAID = "to Philippa Zwölfnagel <philippa.zwoelfnagel@POSTEO.example>"


@pytest.mark.parametrize(
    "thing",
    [
        "PHILIPPA",
        "zwölfnagel",
        "Zwoelfnagel",
        "zwolfnagel",
        "posteo",
        unicodedata.normalize("NFD", "Zwölfnagel"),
        quote("Zwölfnagel"),
        "philippa%2Ezwoelfnagel%40posteo.example",
        json.dumps("Zwölfnagel"),
        json.dumps(json.dumps({"a": "Zwölfnagel"})),
        "Zw&ouml;lfnagel",
        quopri.encodestring("Zwölfnagel".encode()).decode(),
        SAID.encode(),
        "Zwölfnagel".encode("cp1252"),
        "Zwölfnagel".encode("utf-16-le"),
        zlib.compress(SAID.encode()),
        gzip.compress(SAID.encode()),
        base64.b64encode(SAID.encode()).decode(),
        base64.urlsafe_b64encode(SAID.encode()).decode().rstrip("="),
        "key=" + base64.b64encode(b"x" + SAID.encode()).decode(),
        base64.b64encode(zlib.compress(SAID.encode())).decode(),
        json.dumps({"body": base64.b64encode(zlib.compress(json.dumps(SAID).encode())).decode()}),
        {"S": "x", "philippa": 1},
        {"L": [{"M": {"a": {"SS": ["Philippa"]}}}]},
        {"B": zlib.compress(b"philippa")},
    ],
    ids=(f"writing {number}" for number in count()),
)
def test_it_is_found_however_it_is_written(thing: object) -> None:
    assert SEARCH.found_in(thing)


@pytest.mark.parametrize(
    "thing", ["ben@shop.example", "", b"", None, 7, {"pk": {"S": "a" * 64}}, zlib.compress(b"x")], ids=repr
)
def test_what_names_nobody_is_not(thing: object) -> None:
    assert SEARCH.found_in(thing) == []


def test_items_are_told_by_their_keys() -> None:
    items = [{"pk": {"S": "a"}, "sk": {"S": name}, "name": {"S": name}} for name in ("Philippa", "Ben")]

    assert items_with(SEARCH, items) == ['[{"S": "a"}, {"S": "Philippa"}]: [\'philippa\']']
