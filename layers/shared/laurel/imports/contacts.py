"""Rows of a table as contacts in the API's own shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from laurel.imports.cells import Reader
from laurel.imports.layout import Layout
from laurel.imports.rows import Group
from laurel.imports.values import Unreadable
from laurel.model.contact import ConsentSource

_CONSENTS: Mapping[str, str] = {
    "subscribed": "subscribed",
    "opted in": "subscribed",
    "yes": "subscribed",
    "y": "subscribed",
    "true": "subscribed",
    "1": "subscribed",
    "unsubscribed": "unsubscribed",
    "opted out": "unsubscribed",
    "cleaned": "unsubscribed",
    "pending": "pending",
    "non subscribed": "non_subscribed",
    "not subscribed": "non_subscribed",
    "never subscribed": "non_subscribed",
    "no": "non_subscribed",
    "n": "non_subscribed",
    "false": "non_subscribed",
    "0": "non_subscribed",
}


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact in the shape of the API, whose word its consent is, and as of when the row says anything, if it tells.

    A consent with a time of its own is the person's. One without is taken for as old as the contact, or made when the
    import was asked for, and is the file's: it lifts no opt-out.
    """

    value: dict[str, Any]
    source: ConsentSource
    told_at: datetime | None


def contact_of(group: Group, layout: Layout, zone: tzinfo, asked_at: datetime) -> ContactRow:
    """What a row says; ``zone`` is the store's. Raises ``FaultyRow``."""
    reader = Reader(group.rows[0], layout, zone)
    first, last = reader.names()
    status = reader.read("consent", _consent)
    decided_at, created_at = reader.time("consent_at"), reader.time("created_at")
    contact: dict[str, Any] = {
        "email": reader.text("email"),
        "first_name": first,
        "last_name": last,
        "locale": reader.text("locale"),
        "tags": reader.tags() or None,
        "consent": status and {"status": status, "at": decided_at or created_at or asked_at.isoformat()},
    }
    reader.raise_faults()
    told = {name: value for name, value in contact.items() if value is not None}
    times = [datetime.fromisoformat(time) for time in (decided_at, created_at) if time]
    return ContactRow(told, ConsentSource.PERSON if decided_at else ConsentSource.ORDER, max(times, default=None))


def _consent(text: str) -> str:
    known = _CONSENTS.get(" ".join(text.lower().replace("_", " ").replace("-", " ").split()))
    if known is None:
        raise Unreadable(f"This is no consent. There are: {', '.join(sorted(set(_CONSENTS.values())))}.")
    return known
