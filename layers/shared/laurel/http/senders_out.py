"""Answers about senders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from laurel.http.formats import utc
from laurel.model.sender import DnsRecord, Sender


def senders(found: Iterable[Sender], *, sandbox: bool) -> dict[str, Any]:
    """All senders of an account, as they were when last looked at."""
    return {"senders": [summary(sender) for sender in found], "sandbox": sandbox}


def sender(sender: Sender, records: Iterable[DnsRecord], *, sandbox: bool) -> dict[str, Any]:
    """A sender and what to publish for it."""
    return {
        **summary(sender),
        "records": [
            {
                "type": record.type,
                "name": record.name,
                "value": record.value,
                "purpose": record.purpose,
                "required": record.required,
            }
            for record in records
        ],
        "sandbox": sandbox,
    }


def summary(sender: Sender) -> dict[str, Any]:
    """A sender."""
    return {
        "id": sender.id,
        "kind": sender.kind.value,
        "identity": sender.identity,
        "state": sender.state.value,
        "created_at": utc(sender.created_at),
        "checked_at": utc(sender.checked_at),
    }
