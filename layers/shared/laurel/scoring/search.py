"""Find contacts by score, and by tag, consent and what they bought; count them.

The index of scores tells names and consent too, so a page of a search by score and consent is one Query. Tags are read
from the profiles of what the index gives, figures from the rows of the boards; then a request examines so many contacts
at most and may answer with less than a page, and a cursor to go on from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from laurel.model.account import Audience, Store
from laurel.model.contact import ConsentStatus
from laurel.model.errors import InvalidCursor
from laurel.model.period import Period
from laurel.model.ranking import NO_FIGURES, Figures, Metric
from laurel.model.scoring import HIGHEST_SCORE, Points

MOST_COUNTED = 10_000
"""Counts are exact so far."""

MOST_EXAMINED = 2_000
"""Contacts whose profiles or figures one page looks at."""

_MOST_EXAMINED_FOR_COUNT = 20_000
_READ_AT_ONCE = 1_000
_PROFILES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class StoreCriterion:
    """Figures of one store and period to show, and bounds of a metric in its exact value (see ``Figures.value``).

    Who bought nothing in the period has 0 purchases and spent 0, but has no average.
    """

    store: Store
    period: Period
    metric: Metric = Metric.TOTAL_SPENT
    at_least: int | None = None
    at_most: int | None = None

    @property
    def is_bounded(self) -> bool:
        """True if figures decide who is found."""
        return self.at_least is not None or self.at_most is not None

    def allows(self, figures: Figures | None) -> bool:
        """True if figures, None for no purchases, are within the bounds."""
        if not self.is_bounded:
            return True
        figures = figures or NO_FIGURES
        if figures.orders_count == 0 and self.metric is Metric.AVERAGE_ORDER_VALUE:
            return False
        value = figures.value(self.metric)
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True, slots=True)
class ScoreCriteria:
    """Who is looked for: scores between two bounds, both included, or contacts that have no score.

    Scores are listed highest first unless ``ascending``, contacts without a score by e-mail address.
    """

    at_least: int = 0
    at_most: int = HIGHEST_SCORE
    none: bool = False
    ascending: bool = False
    tag: str | None = None
    status: ConsentStatus | None = None
    figures: StoreCriterion | None = None

    @property
    def is_empty(self) -> bool:
        """True if no score can be within the bounds."""
        return not self.none and self.at_least > self.at_most

    @property
    def is_indexed(self) -> bool:
        """True if the index of scores alone says who is meant."""
        return not self.none and self.tag is None and not (self.figures and self.figures.is_bounded)


@dataclass(frozen=True, slots=True)
class FoundContact:
    """A contact as a search shows it. ``tags`` are None where the profile was not read."""

    contact: str
    email: str
    first_name: str | None
    last_name: str | None
    status: ConsentStatus
    score: Points
    tags: tuple[str, ...] | None = None
    figures: Figures | None = None


@dataclass(frozen=True, slots=True)
class IndexPage:
    """Contacts in the order of an index, how many were read to find them, and where to go on (None at the end)."""

    found: Sequence[FoundContact]
    examined: int
    last: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of a search; ``next_cursor`` holds what the next one needs, None at the end. A page may be short."""

    rows: Sequence[FoundContact]
    next_cursor: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many were counted; ``more`` if there may be others that were not."""

    count: int
    more: bool


class ScoreIndex(Protocol):
    """Reads contacts in the order of their score, or of their e-mail address.

    ``after`` is a position: the contact, with its ``score`` or ``email``. ``profiles`` leaves out who is no contact,
    ``figures_of`` who bought nothing.
    """

    def by_score(
        self, audience: Audience, criteria: ScoreCriteria, limit: int, after: Mapping[str, str] | None
    ) -> IndexPage: ...
    def by_email(
        self, audience: Audience, *, ascending: bool, limit: int, after: Mapping[str, str] | None
    ) -> IndexPage: ...
    def count(self, audience: Audience, criteria: ScoreCriteria, at_most: int) -> int: ...
    def profiles(self, audience: Audience, contacts: Sequence[str]) -> Mapping[str, FoundContact]: ...
    def figures_of(self, store: Store, period: str, customers: Sequence[str]) -> Mapping[str, Figures]: ...


def find(
    index: ScoreIndex,
    audience: Audience,
    criteria: ScoreCriteria,
    limit: int,
    cursor: Mapping[str, str] | None = None,
) -> SearchPage:
    """One page of a search. Raises ``InvalidCursor`` for a cursor of a search in another order or kind of period."""
    after: Mapping[str, str] | None = None
    if cursor:
        criteria = _continued(criteria, cursor)
        after = {name: cursor[name] for name in ("contact", _sorted_by(criteria))}
    rows: list[FoundContact] = []
    if criteria.is_empty:
        return SearchPage(rows, None)
    for page in _examined(index, audience, criteria, limit, MOST_EXAMINED, after):
        for found in page.found:
            if len(rows) == limit:
                return SearchPage(rows, _cursor(criteria, _position(criteria, rows[-1])))
            rows.append(found)
        after = page.last
        if after is None or len(rows) == limit:
            break
    return SearchPage(rows, _cursor(criteria, after) if after else None)


def count(index: ScoreIndex, audience: Audience, criteria: ScoreCriteria) -> Counted:
    """How many a search finds, as far as ``MOST_COUNTED``. Where profiles decide, so many are looked at at most."""
    if criteria.is_empty:
        return Counted(0, more=False)
    if criteria.is_indexed:
        counted = index.count(audience, criteria, MOST_COUNTED + 1)
        return Counted(min(counted, MOST_COUNTED), counted > MOST_COUNTED)
    counted, last = 0, None
    for page in _examined(index, audience, criteria, _PROFILES_AT_ONCE, _MOST_EXAMINED_FOR_COUNT, None):
        counted += len(page.found)
        last = page.last
        if counted > MOST_COUNTED:
            break
    return Counted(min(counted, MOST_COUNTED), counted > MOST_COUNTED or last is not None)


def _examined(
    index: ScoreIndex,
    audience: Audience,
    criteria: ScoreCriteria,
    limit: int,
    most: int,
    after: Mapping[str, str] | None,
) -> Iterator[IndexPage]:
    """Pages of an index with only those left whom the criteria mean; each page is larger than the one before."""
    step, examined = limit, 0
    largest = _READ_AT_ONCE if criteria.is_indexed else _PROFILES_AT_ONCE
    while examined < most:
        size = min(step, largest, most - examined)
        if criteria.none:
            page = index.by_email(audience, ascending=criteria.ascending, limit=size, after=after)
        else:
            page = index.by_score(audience, criteria, size, after)
        examined += page.examined
        yield replace(page, found=_meant(index, audience, criteria, page.found))
        after = page.last
        if after is None:
            return
        step *= 2


def _meant(
    index: ScoreIndex, audience: Audience, criteria: ScoreCriteria, found: Sequence[FoundContact]
) -> Sequence[FoundContact]:
    if found and (criteria.none or criteria.tag is not None):
        profiles = index.profiles(audience, [row.contact for row in found])
        found = [profiles[row.contact] for row in found if row.contact in profiles]
        found = [row for row in found if _profile_fits(row, criteria)]
    if found and criteria.figures:
        asked = criteria.figures
        figures = index.figures_of(asked.store, asked.period.id, [row.contact for row in found])
        found = [replace(row, figures=figures.get(row.contact)) for row in found]
        found = [row for row in found if asked.allows(row.figures)]
    return found


def _profile_fits(row: FoundContact, criteria: ScoreCriteria) -> bool:
    """The profile is what holds: the index may be a moment behind."""
    scored = row.score is None if criteria.none else row.score is not None
    tagged = criteria.tag is None or criteria.tag in (row.tags or ())
    return scored and tagged and (criteria.status is None or row.status is criteria.status)


def _sorted_by(criteria: ScoreCriteria) -> str:
    return "email" if criteria.none else "score"


def _position(criteria: ScoreCriteria, row: FoundContact) -> Mapping[str, str]:
    return {"contact": row.contact, **({"email": row.email} if criteria.none else {"score": str(row.score)})}


def _cursor(criteria: ScoreCriteria, position: Mapping[str, str]) -> dict[str, str]:
    """A contact is there once in each index, so a position is unique."""
    cursor = {**position, "order": _order(criteria)}
    return cursor | ({"period": criteria.figures.period.id} if criteria.figures else {})


def _order(criteria: ScoreCriteria) -> str:
    return "asc" if criteria.ascending else "desc"


def _continued(criteria: ScoreCriteria, cursor: Mapping[str, str]) -> ScoreCriteria:
    """The criteria of the page before: a reader who pages over midnight stays with the period of the first page."""
    figures = criteria.figures
    if cursor.get("order") != _order(criteria) or _sorted_by(criteria) not in cursor:
        raise InvalidCursor
    if ("period" in cursor) != (figures is not None):
        raise InvalidCursor
    if figures is None:
        return criteria
    first = figures.store.calendar.period(cursor["period"])
    if first.kind is not figures.period.kind:
        raise InvalidCursor
    return replace(criteria, figures=replace(figures, period=first))
