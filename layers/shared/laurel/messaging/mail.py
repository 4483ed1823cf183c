"""A message as mail: MIME as RFC 5322 wants it, in which nothing can be said that is not the letter's.

The head is written here line by line. ``EmailMessage`` would make encoded words of long links, which mail programs do
not undo in List-Unsubscribe (RFC 2047, section 5, forbids them there), and words that are too long of names.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from laurel.messaging.lines import one_line
from laurel.model.message import MessageContent

_LONGEST_LOCAL = 64
_LONGEST_ADDRESS = 254
"""Both RFC 5321's."""

_LINE = 78
_ENCODED_LINE = 76
"""RFC 2047's, of a line with encoded words."""
_WORD_BYTES = 39
"""With them a line has no more than that, the field's name included."""

_ATOM = r"[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@{_LABEL}(?:\.{_LABEL})+")
_URL = re.compile(r"https?://[!-;=?-~]{1,900}")
_MESSAGE_ID = re.compile(r"[0-9a-f]{24}")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,8}(?:-[a-zA-Z0-9]{1,8}){0,4}")
_PLAIN = re.compile(r"[ -~]*")
_WORDS = re.compile(r"[A-Za-z0-9 !#$%&'*+/^_`{|}~-]+")
_BODY = SMTP.clone(cte_type="7bit")


class Unmailable(ValueError):
    """No mail can be made of a letter; ``str(error)`` says why, without naming anybody."""


@dataclass(frozen=True, slots=True)
class Note:
    """A mail that Laurel writes by itself to one user of an account. ``language`` is a language tag."""

    sender_name: str
    sender_address: str
    to_name: str | None
    to_address: str
    content: MessageContent
    language: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one reader. ``content`` has its foot already; ``language`` is a language tag."""

    sender_name: str
    sender_address: str
    to_name: str | None
    to_address: str
    content: MessageContent
    language: str
    unsubscribe_url: str
    message_id: str


def is_mailable(address: str) -> bool:
    """True for an address that mail can go to by way of SES, which takes ASCII only, and nothing that needs quotes."""
    found = _ADDRESS.fullmatch(address)
    return found is not None and len(found["local"]) <= _LONGEST_LOCAL and len(address) <= _LONGEST_ADDRESS


def mime(letter: Letter) -> bytes:
    """The mail, of ASCII in lines that end with CRLF; SES adds Date and Message-ID and overrides any that were there.

    Raises ``Unmailable`` for addresses and links that do not fit into a head.
    """
    if not _URL.fullmatch(letter.unsubscribe_url):
        raise Unmailable("The link to unsubscribe is none.")
    if not _MESSAGE_ID.fullmatch(letter.message_id):
        raise Unmailable("The message's id is none.")
    own = {
        "List-Unsubscribe": f"<{letter.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "X-Laurel-Message": letter.message_id,
    }
    return _mime(letter, own)


def note_mime(note: Note) -> bytes:
    """The mail, as ``mime`` makes them; its head says that no human wrote it (RFC 3834), so that nobody's holiday does.

    Raises ``Unmailable`` for addresses that do not fit into a head.
    """
    return _mime(note, {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"})


def _mime(letter: Letter | Note, own: Mapping[str, str]) -> bytes:
    """The mail, with lines of its ``own`` in the head."""
    if not _LANGUAGE.fullmatch(letter.language):
        raise Unmailable("The message's language is none.")
    head = {
        "From": _mailbox("From", letter.sender_name, letter.sender_address),
        "To": _mailbox("To", letter.to_name or "", letter.to_address),
        "Subject": _line(letter.content.subject),
        "Content-Language": letter.language,
        **own,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return lines.encode("ascii") + _body(letter.content).as_bytes()


def _body(content: MessageContent) -> EmailMessage:
    body = EmailMessage(policy=_BODY)
    body.set_content(_writable(content.text), cte="quoted-printable")
    if content.html is not None:
        body.add_alternative(_writable(content.html), subtype="html", cte="quoted-printable")
    return body


def _mailbox(field: str, name: str, address: str) -> str:
    if not is_mailable(address):
        raise Unmailable(
            "The address is one that mail cannot be sent to." if field == "To" else "The sender's is none."
        )
    name = one_line(name)
    if not name:
        return address
    longest = _LINE
    if not _is_plain(name):
        name, longest = _encoded(name), _ENCODED_LINE
    elif not _WORDS.fullmatch(name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    fits = len(f"{field}: {name} <{address}>") <= longest and "\r\n" not in name
    return f"{name} <{address}>" if fits else f"{name}\r\n <{address}>"


def _line(text: str) -> str:
    text = one_line(text)
    return text if _is_plain(text) else _encoded(text)


def _is_plain(text: str) -> bool:
    """True for what can stand in a head as it is, and isn't read as an encoded word."""
    return _PLAIN.fullmatch(text) is not None and "=?" not in text


def _encoded(text: str) -> str:
    """Encoded words of RFC 2047, one a line, none of which breaks a character."""
    words, word = list[bytes](), b""
    for character in text:
        added = character.encode()
        if len(word) + len(added) > _WORD_BYTES:
            words.append(word)
            word = b""
        word += added
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(it).decode()}?=" for it in (*words, word))


def _writable(text: str) -> str:
    """The text without halves of surrogate pairs, which no encoding has."""
    return text.encode("utf-8", "replace").decode()
