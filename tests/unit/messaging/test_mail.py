"""A message as mail: what is in it is what was put in, whatever that was."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from laurel.messaging.lines import one_line
from laurel.messaging.mail import Letter, Unmailable, is_mailable, mime
from laurel.model.message import MessageContent

URL = f"https://abcdefghij.execute-api.eu-central-1.amazonaws.com/v1/unsubscribe/{'aB3-_' * 24}"
LETTER = Letter(
    sender_name="Rosen & Söhne",
    sender_address="news@rosen.example",
    to_name="Ada Lovelace",
    to_address="ada@example.com",
    content=MessageContent("Grüße, Ada", "Hello\n", "<p>Hello</p>\n"),
    language="de",
    unsubscribe_url=URL,
    message_id="0123456789abcdef01234567",
)
HEAD = [
    "From", "To", "Subject", "Content-Language", "List-Unsubscribe", "List-Unsubscribe-Post", "X-Laurel-Message",
    "MIME-Version", "Content-Type",
]  # fmt: skip
HOSTILE = [
    "Ada\r\nBcc: eve@example.com",
    "Ada\nBcc: eve@example.com",
    "Ada\rBcc: eve@example.com",
    "Ada\x0bBcc: eve@example.com\x0c\x1c\x1d\x1e\x85\u2028\u2029",
    "Ada\r\n\r\n<script>alert(1)</script>",
    'Ada" <eve@example.com>, "',
    "Ada <eve@example.com>",
    "eve@example.com,",
    "=?utf-8?q?Ada=0D=0ABcc=3A_eve=40example=2Ecom?=",
    "\\",
    '"',
    "Ä\\\"'<>@,;:()[]",
    "group: eve@example.com;",
    "(comment) Ada",
    "\x00\x7f\u202eadA",
    "日本語" * 60,
    "a" * 500,
    "é" * 500,
    "\ud800 Ada",
]
TEXT = st.text(max_size=300)
NAMES = st.one_of(TEXT, st.sampled_from(HOSTILE), st.text('"\\<>@,;:()=?_ \r\nÄ日a', max_size=40))


def parsed(raw: bytes) -> EmailMessage:
    made = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(made, EmailMessage)
    return made


def head(raw: bytes) -> Message[str, str]:
    """The mail as a program reads it that leaves headers as they are."""
    return email.message_from_bytes(raw, policy=email.policy.compat32)


def mailbox(value: str) -> tuple[str, str]:
    name, address = parseaddr(re.sub(r"\r\n ", " ", value))
    return str(make_header(decode_header(name))), address


def lines_of(text: str) -> list[str]:
    """As mail has them: CRLF, CR and LF all end a line."""
    return re.split("\r\n|\r|\n", text.encode("utf-8", "replace").decode())


@given(sender=NAMES, name=st.none() | NAMES, subject=NAMES, text=TEXT, html=st.none() | TEXT)
def test_a_mail_reads_as_what_was_put_in(
    sender: str, name: str | None, subject: str, text: str, html: str | None
) -> None:
    raw = mime(replace(LETTER, sender_name=sender, to_name=name, content=MessageContent(subject, text, html)))

    said, parts = head(raw), parsed(raw)
    top = [it for it in said if html is not None or it != "Content-Transfer-Encoding"]
    assert sorted(top) == sorted(HEAD)
    assert mailbox(said["From"]) == (one_line(sender), LETTER.sender_address)
    assert mailbox(said["To"]) == (one_line(name or ""), LETTER.to_address)
    assert str(make_header(decode_header(said["Subject"]))) == one_line(subject)
    for part, kind in ((text, "plain"), (html, "html")):
        body = parts.get_body((kind,))
        assert (body is None) is (part is None)
        if body is not None and part is not None:
            assert lines_of(body.get_content().rstrip("\r\n")) == lines_of(part.rstrip("\r\n"))


@given(sender=NAMES, name=NAMES, subject=NAMES, text=TEXT, html=TEXT)
@example(sender="", name="000¡¡ࠀࠀࠀࠀࠀࠀଓᜀ", subject="", text="", html="")
def test_a_mail_is_of_seven_bits_in_short_lines_that_end_properly(
    sender: str, name: str, subject: str, text: str, html: str
) -> None:
    raw = mime(replace(LETTER, sender_name=sender, to_name=name, content=MessageContent(subject, text, html)))

    assert raw.isascii()
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", raw)
    lines = raw.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 998
    encoded = re.findall(rb"=\?\S*\?=", raw.partition(b"\r\n\r\n")[0])
    assert all(len(word) <= 75 for word in encoded)
    assert all(len(line) <= 76 for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n") if b"=?" in line)
    assert not any(part.defects for part in parsed(raw).walk())


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", ["sender_name", "to_name", "subject"])
def test_nothing_said_adds_a_header_or_a_recipient(field: str, hostile: str) -> None:
    changed: dict[str, Any] = {field: hostile}
    if field == "subject":
        changed = {"content": replace(LETTER.content, subject=hostile)}
    made = parsed(mime(replace(LETTER, **changed)))

    assert sorted(made.keys()) == sorted(HEAD)
    assert [it.addr_spec for it in made["From"].addresses] == [LETTER.sender_address]
    assert [it.addr_spec for it in made["To"].addresses] == [LETTER.to_address]
    assert made["Bcc"] is None


def test_the_link_to_unsubscribe_stands_on_one_line_as_it_is() -> None:
    lines = mime(LETTER).split(b"\r\n")

    assert f"List-Unsubscribe: <{URL}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert b"X-Laurel-Message: 0123456789abcdef01234567" in lines
    assert b"Content-Language: de" in lines


def test_text_comes_before_html_so_that_html_is_preferred() -> None:
    made = parsed(mime(LETTER))

    assert made.get_content_type() == "multipart/alternative"
    assert [(it.get_content_type(), it.get_content_charset()) for it in made.iter_parts()] == [
        ("text/plain", "utf-8"),
        ("text/html", "utf-8"),
    ]


def test_short_names_stand_beside_their_address() -> None:
    assert b"\r\nTo: Ada Lovelace <ada@example.com>\r\n" in mime(LETTER)
    assert b'\r\nTo: "Lovelace, Ada" <ada@example.com>\r\n' in mime(replace(LETTER, to_name="Lovelace, Ada"))
    assert b"\r\nTo: ada@example.com\r\n" in mime(replace(LETTER, to_name=None))


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\n",
        "ada@example.com, eve@example.com",
        "ada@example.com>",
        '"ada b"@example.com',
        "ada@[127.0.0.1]",
        "ada@localhost",
        "ada..b@example.com",
        ".ada@example.com",
        "ädä@example.com",
        "ada@exämple.com",
        "ada@-example.com",
        "ada@example..com",
        f"{'a' * 65}@example.com",
        f"a@{'b.' * 126}com",
        "ada",
        "",
    ],
)
def test_other_addresses_get_no_mail(address: str) -> None:
    assert not is_mailable(address)
    with pytest.raises(Unmailable) as raised:
        mime(replace(LETTER, to_address=address))
    assert not address or address not in str(raised.value)
    with pytest.raises(Unmailable):
        mime(replace(LETTER, sender_address=address))


@pytest.mark.parametrize("address", ["o'brien+news@sub.example.co.uk", "a.b-c_d@xn--exmple-cua.com", "1@2.example"])
def test_usual_addresses_get_mail(address: str) -> None:
    assert is_mailable(address)
    assert parsed(mime(replace(LETTER, to_address=address)))["To"].addresses[0].addr_spec == address


@pytest.mark.parametrize(
    "changed",
    [
        {"unsubscribe_url": "https://x.example/>, <mailto:eve@example.com"},
        {"unsubscribe_url": "https://x.example/\r\nBcc: eve@example.com"},
        {"unsubscribe_url": "javascript:alert(1)"},
        {"unsubscribe_url": "https://x.example/é"},
        {"message_id": "0123456789abcdef0123456\n"},
        {"message_id": ""},
        {"language": "de\r\nBcc: eve@example.com"},
        {"language": ""},
    ],
)
def test_what_cannot_stand_in_a_head_makes_no_mail(changed: dict[str, str]) -> None:
    with pytest.raises(Unmailable):
        mime(replace(LETTER, **changed))  # type: ignore[arg-type]
