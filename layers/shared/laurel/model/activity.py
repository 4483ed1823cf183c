"""Anything a contact did that is not an order."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

RETENTION = timedelta(days=400)
UNSUBSCRIBED = "unsubscribed"
TAG_ADDED = "tag.added"
EMAIL_OPENED = "email.opened"
EMAIL_CLICKED = "email.clicked"
_LONGEST_NAME = 64
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*")


@dataclass(frozen=True, slots=True)
class Activity:
    """A fact with the sender's own id, which makes it idempotent.

    Property values are strings, whole numbers or booleans. ``machine`` says why no human did it, None if one did;
    ``machine_note`` is what somebody who judged it so had to say.
    """

    id: str
    name: str
    occurred_at: datetime
    properties: Mapping[str, str | int | bool]
    machine: str | None = None
    machine_note: str | None = None

    @property
    def digest(self) -> str:
        """16 hex digits over the content."""
        content = [self.name, self.occurred_at.isoformat(), sorted(self.properties.items())]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]


def tag_added(tag: str, at: datetime) -> Activity:
    """A contact was given a tag; the same tag always makes the same activity."""
    return Activity(f"{TAG_ADDED}:{tag}", TAG_ADDED, at, {"tag": tag})


@dataclass(frozen=True, slots=True)
class ActivityChange:
    """One committed write of an activity: what was there before, if anything, and after."""

    before: Activity | None
    after: Activity


def is_activity_name(name: str) -> bool:
    """True for dotted lower-case words such as ``email.opened``, up to 64 characters."""
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None
