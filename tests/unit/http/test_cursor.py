"""Cursors are readable only to whoever wrote them."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from laurel.http.cursor import Pages, decode, encode
from laurel.model.errors import InvalidCursor

KEY, OTHER = "00ff" * 16, "11ee" * 16
PAYLOAD = {"metric": "total_spent", "customer": "customer-ü#7", "position": "50"}

payloads = st.dictionaries(st.text(), st.text(), max_size=5)
keys = st.binary(min_size=32, max_size=32).map(bytes.hex)


@given(payload=payloads, key=keys)
def test_a_cursor_gives_back_what_it_was_made_of(payload: dict[str, str], key: str) -> None:
    assert decode(encode(payload, key), key) == payload


def test_a_cursor_fits_into_a_url() -> None:
    cursor = encode(PAYLOAD, KEY)

    assert cursor.isascii()
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(payload=payloads)
def test_a_cursor_of_another_list_is_refused(payload: dict[str, str]) -> None:
    with pytest.raises(InvalidCursor):
        decode(encode(payload, OTHER), KEY)


@given(payload=payloads, position=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_bit_of_a_cursor_can_be_changed(payload: dict[str, str], position: int, bit: int) -> None:
    cursor = encode(payload, KEY)
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[position % len(raw)] ^= 1 << bit

    with pytest.raises(InvalidCursor):
        decode(base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("="), KEY)


@given(text=st.text() | st.text("ABCDEFGHabcdefgh0123456789-_="))
def test_whatever_else_comes_is_refused(text: str) -> None:
    assume(text != encode(PAYLOAD, KEY))
    with pytest.raises(InvalidCursor):
        decode(text, KEY)


def test_a_cursor_without_its_signature_is_refused() -> None:
    unsigned = base64.urlsafe_b64encode(json.dumps(PAYLOAD).encode()).decode()

    with pytest.raises(InvalidCursor, match=r"^The cursor is not valid for this list\. Leave it out to start"):
        decode(unsigned, KEY)


def test_lists_that_share_a_key_do_not_share_cursors() -> None:
    mine, theirs = Pages(KEY, "scores of one"), Pages(KEY, "scores of another")
    cursor = mine.cursor(PAYLOAD)

    assert mine.position(cursor) == PAYLOAD
    assert mine.position(None) is None
    assert mine.cursor(None) is None
    for other in (theirs, Pages(OTHER, "scores of one")):
        with pytest.raises(InvalidCursor):
            other.position(cursor)
    with pytest.raises(InvalidCursor):
        mine.position(encode(PAYLOAD, KEY))
