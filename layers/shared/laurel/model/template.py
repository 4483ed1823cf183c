"""Message templates: what a message says, with fields that differ from contact to contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MOST_TEMPLATES = 200
"""Templates of an account."""

LONGEST_SUBJECT = 500
"""Characters of a subject as it is written; what it becomes for a contact is cut at ``LONGEST_LINE``."""

LONGEST_LINE = 200

LONGEST_HTML = 64_000
"""Bytes. With the text, escaped twice, it has to fit the 400 KB in which an answer is kept for its key."""

LONGEST_TEXT = 16_000
"""Bytes."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says, with merge fields. Without ``text`` it is made from ``html``; one of them is there."""

    subject: str
    text: str | None
    html: str | None


@dataclass(frozen=True, slots=True)
class TemplateHead:
    """What a list shows of a template. ``version`` counts its writes; ``updated_at`` is the version's own time."""

    id: str
    name: str
    subject: str
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """A template as one version of it says."""

    id: str
    name: str
    content: Content
    created_at: datetime
    updated_at: datetime
    version: int = 0

    @property
    def head(self) -> TemplateHead:
        """All but what the message says."""
        return TemplateHead(self.id, self.name, self.content.subject, self.version, self.created_at, self.updated_at)
