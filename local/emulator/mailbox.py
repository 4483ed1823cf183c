"""A mail that was sent, read as its reader's mail program reads it.

Plain Python: it can be imported outside of the emulator.
"""

import base64
import email
import email.policy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import parseaddr
from functools import cached_property
from html.parser import HTMLParser
from typing import Any, Self

NOT_FOLLOWED = "ses:no-track"
"""The attribute of links that SES leaves alone."""


@dataclass(frozen=True)
class Mail:
    """A mail as Amazon SES took it. ``happened`` are the events that were published of it, each with its time."""

    id: str
    account: str
    region: str
    sent_at: datetime
    recipients: tuple[str, ...]
    raw: bytes
    tags: tuple[tuple[str, str], ...]
    configuration_set: str
    tenant: str | None
    happened: tuple[tuple[str, datetime], ...] = ()

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """All headers in their order, decoded."""
        return [(name, " ".join(str(make_header(decode_header(value))).split())) for name, value in self._head.items()]

    def header(self, name: str) -> str:
        """The first header of a name, empty if there is none."""
        return next((value for found, value in self.headers if found.lower() == name.lower()), "")

    @property
    def sender_address(self) -> str:
        """The address in From."""
        return parseaddr(self._head["From"] or "")[1]

    @cached_property
    def text(self) -> str | None:
        """The text part."""
        return self._body("plain")

    @cached_property
    def html(self) -> str | None:
        """The HTML part."""
        return self._body("html")

    @cached_property
    def links(self) -> list[tuple[str, bool]]:
        """Links of the HTML part, each once, and whether SES puts its own in place of it to count clicks."""
        reader = _Links()
        reader.feed(self.html or "")
        return list(dict.fromkeys(reader.found))

    @property
    def tracked_links(self) -> list[str]:
        """Links whose clicks SES counts."""
        return [link for link, tracked in self.links if tracked]

    def having(self, happening: str, at: datetime) -> "Mail":
        """The mail with one more event."""
        return replace(self, happened=(*self.happened, (happening, at)))

    def stored(self) -> dict[str, Any]:
        """As JSON that ``restored`` reads."""
        return {
            "id": self.id,
            "account": self.account,
            "region": self.region,
            "sent_at": self.sent_at.isoformat(),
            "recipients": list(self.recipients),
            "raw": base64.b64encode(self.raw).decode(),
            "tags": [list(tag) for tag in self.tags],
            "configuration_set": self.configuration_set,
            "tenant": self.tenant,
            "happened": [[happening, at.isoformat()] for happening, at in self.happened],
        }

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> Self:
        """A mail that was saved."""
        return cls(
            **{
                **stored,
                "sent_at": datetime.fromisoformat(stored["sent_at"]),
                "recipients": tuple(stored["recipients"]),
                "raw": base64.b64decode(stored["raw"]),
                "tags": tuple((name, value) for name, value in stored["tags"]),
                "happened": tuple((name, datetime.fromisoformat(at)) for name, at in stored["happened"]),
            }
        )

    def told(self) -> dict[str, Any]:
        """As JSON for programs that want to look at it."""
        return {
            "id": self.id,
            "sent_at": self.sent_at.astimezone(UTC).isoformat(),
            "recipients": list(self.recipients),
            "headers": [list(header) for header in self.headers],
            "text": self.text,
            "html": self.html,
            "links": [{"href": link, "tracked": tracked} for link, tracked in self.links],
            "tags": dict(self.tags),
            "configuration_set": self.configuration_set,
            "tenant": self.tenant,
            "happened": [{"type": name, "at": at.astimezone(UTC).isoformat()} for name, at in self.happened],
        }

    @cached_property
    def _head(self) -> "Message[str, str]":
        """Headers as they stand in the mail: a name that is decoded may look like several addresses."""
        return email.message_from_bytes(self.raw, policy=email.policy.compat32)

    def _body(self, kind: str) -> str | None:
        parsed = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)  # noqa: S101 - the policy's class
        body = parsed.get_body((kind,))
        if body is None:
            return None
        return str(body.get_content()).replace("\r\n", "\n")


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        href = attributes.get("href") or ""
        if tag == "a" and href.startswith(("https://", "http://")):
            self.found.append((href, NOT_FOLLOWED not in attributes))
