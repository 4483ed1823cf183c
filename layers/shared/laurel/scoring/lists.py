"""The lists that jobs go through, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from laurel.model.account import Audience

type Position = Mapping[str, str | int]
"""Where a list goes on, as JSON can hold it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A contact of an audience."""

    contact: str
    email: str


@dataclass(frozen=True, slots=True)
class ListedPage:
    """Contacts by e-mail address; ``last`` is None on the last page."""

    contacts: Sequence[Listed]
    last: Position | None


@dataclass(frozen=True, slots=True)
class ScorePage:
    """Scores, lowest first; ``last`` is None on the last page."""

    scores: Sequence[int]
    last: Position | None


@dataclass(frozen=True, slots=True)
class ExpiringPoints:
    """What a rule gave for a fact, and for so long only."""

    contact: str
    subject: str
    subject_at: datetime
    rule_id: str


@dataclass(frozen=True, slots=True)
class ExpiringPage:
    """Points due on a day, by contact; ``last`` is None on the last page."""

    points: Sequence[ExpiringPoints]
    last: Position | None


class ContactList(Protocol):
    """Everyone in an audience, by e-mail address: the order is the same however scores change meanwhile."""

    def contacts(self, audience: Audience, after: Position | None, limit: int) -> ListedPage: ...
    def count_contacts(self, audience: Audience) -> int: ...


class ScoreList(Protocol):
    """Everyone with a score of the audience's epoch, lowest first."""

    def scores(self, audience: Audience, after: Position | None) -> ScorePage: ...
    def count_scores(self, audience: Audience) -> int: ...


class ExpiryList(Protocol):
    """Points that expire, by the day on which they do."""

    def expiring(self, audience: Audience, day: date, after: Position | None, limit: int) -> ExpiringPage: ...
