"""Requests of platforms about people's data, and erasures with their receipts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from laurel.model.errors import NotFound

SETTLING = timedelta(minutes=15)
"""After this time an erasure looks a second time: no function runs for longer, so whoever had begun to write when it
began has written, or never will."""


class StoreErased(NotFound):
    """The store was erased: what is still told of it is of nobody. To the world outside there is no such store."""

    def __init__(self, store_id: str) -> None:
        super().__init__("store", store_id)


class ErasureKind(StrEnum):
    """Whom or what to forget."""

    PERSON = "person"
    STORE = "store"


class ErasureReason(StrEnum):
    """Who asked for it."""

    OWNER = "owner"
    PLATFORM = "platform"


class ErasureState(StrEnum):
    """Where an erasure is in its life. ``settling`` means that everything is gone and will be looked for once more."""

    QUEUED = "queued"
    RUNNING = "running"
    SETTLING = "settling"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Erasure:
    """The erasure of one person, or of a store with all it told, and its receipt. It holds no personal data.

    ``customers`` are ids (hashes of addresses, or the shop's own numbers), ``removed`` counts what was removed by kind.
    ``place`` is where a store's erasure is to go on. ``request`` is the platform's request it carries out. ``version``
    counts the writes.
    """

    account_id: str
    id: str
    kind: ErasureKind
    reason: ErasureReason
    audience_id: str
    created_at: datetime
    updated_at: datetime
    customers: tuple[str, ...] = ()
    store_id: str | None = None
    request: str | None = None
    state: ErasureState = ErasureState.QUEUED
    removed: Mapping[str, int] = field(default_factory=dict)
    place: Mapping[str, Any] | None = None
    settled_at: datetime | None = None
    finished_at: datetime | None = None
    version: int = 0

    @property
    def is_done(self) -> bool:
        """True once nothing is left to do."""
        return self.state is ErasureState.DONE


class RequestState(StrEnum):
    """Where a platform's request is: not looked at yet, being carried out, ready to be handed out, or done."""

    PENDING = "pending"
    RUNNING = "running"
    READY = "ready"
    DONE = "done"


def added(removed: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Counts by kind, together; kinds of which there were none are left out."""
    return {kind: count for kind in sorted({*removed, *more}) if (count := removed.get(kind, 0) + more.get(kind, 0))}
