"""How single values look in answers."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from laurel.model.identity import is_contact


def inert(text: str) -> str:
    """Text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def utc(instant: datetime) -> str:
    """An instant in UTC, to the second."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def utc_or_none(instant: datetime | None) -> str | None:
    """An instant in UTC, if there is one."""
    return utc(instant) if instant else None


def profile(audience_id: str, customer: str) -> str | None:
    """Where a contact's profile is; customers without an address have none."""
    if not is_contact(customer):
        return None
    return f"/v1/audiences/{quote(audience_id, safe='')}/contacts/{quote(customer, safe='')}"
