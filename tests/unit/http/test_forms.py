"""Forms as browsers and mail programs post them."""

from __future__ import annotations

import pytest

from laurel.http.forms import form

URLENCODED = "application/x-www-form-urlencoded"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (URLENCODED, b"List-Unsubscribe=One-Click"),
        (f"{URLENCODED}; charset=UTF-8", b"List-Unsubscribe=One-Click"),
        (URLENCODED.upper(), b"List-Unsubscribe=One%2DClick"),
        (
            "multipart/form-data; boundary=---FormBoundaryzWxY",
            (
                b'-----FormBoundaryzWxY\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click'
                b"\r\n-----FormBoundaryzWxY--\r\n"
            ),
        ),
        (
            'multipart/form-data; boundary="b"',
            (
                b'--b\r\ncontent-disposition: form-data; name="List-Unsubscribe"\r\nContent-Type: text/plain\r\n\r\n'
                b"One-Click\r\n--b--"
            ),
        ),
    ],
)
def test_a_form_is_read(content_type: str, body: bytes) -> None:
    assert form(content_type, body) == ONE_CLICK


def test_the_first_field_of_a_name_counts() -> None:
    assert form(URLENCODED, b"a=1&a=2&b=") == {"a": "1", "b": ""}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (None, b"List-Unsubscribe=One-Click"),
        ("application/json", b'{"List-Unsubscribe": "One-Click"}'),
        ("text/plain", b"List-Unsubscribe=One-Click"),
        (URLENCODED, b""),
        (URLENCODED, b"\xff=1"),
        (URLENCODED, b"&".join([b"a=1"] * 21)),
        (URLENCODED, b"a=" + b"x" * 10_000),
        ("multipart/form-data", b"List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=b", b"--c\r\n\r\nOne-Click\r\n--c--"),
        ("multipart/form-data; boundary=b\r\nX: y", b"\r\n\r\n--b\r\n\r\nOne-Click"),
    ],
)
def test_anything_else_has_no_fields(content_type: str | None, body: bytes) -> None:
    assert form(content_type, body) == {}
