"""How single values look in answers."""

from __future__ import annotations

from datetime import UTC, datetime


def inert(text: str) -> str:
    """Text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def utc(instant: datetime) -> str:
    """An instant in UTC, to the second."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
