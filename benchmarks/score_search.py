"""What a page of a score search costs, and a reset of all scores, however many contacts have one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from benchmarks.board_reads import PAGE
from benchmarks.place import Place
from benchmarks.scoring_cost import profile
from laurel.model.account import Audience
from laurel.model.contact import ConsentStatus
from laurel.scoring.search import ScoreCriteria, SearchPage, find
from laurel.store.score_search import ScoreSearch
from laurel.store.workspace import Workspace

LIMIT = 2.0
_NO_LIMIT = float("inf")
_CREATED = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Searched:
    """A request, its calls and units, and the most read units it may cost."""

    contacts: int
    what: str
    calls: int
    reads: float
    writes: float
    limit: float = LIMIT


def measure(place: Place, sizes: tuple[int, ...]) -> Iterator[Searched]:
    """Give so many contacts a score, search them, and in the end take all scores away."""
    workspace = Workspace(place.client, place.tables.workspace)
    audience = Audience(place.store.account_id, place.store.audience_id, "Customers", 1, _CREATED)
    workspace.save_audience(audience)
    index = ScoreSearch(place.client, place.tables.contacts, place.tables.rankings)
    filled = 0
    for size in sizes:
        place.put(place.tables.contacts, (profile(place.store, n, score=_score(n)) for n in range(filled, size)))
        filled = size
        yield from _searches(place, index, audience, size)
    first = find(index, audience, ScoreCriteria(), 1).rows[0].contact
    with place.meter.uses() as uses:
        epoch = workspace.reset_scores(audience.account_id, audience.id)
    yield _used(filled, "a reset of all of them", uses, _NO_LIMIT)
    after = Audience(audience.account_id, audience.id, audience.name, epoch, _CREATED)
    with place.meter.uses() as uses:
        left = find(index, after, ScoreCriteria(), PAGE).rows
    if left or index.profiles(after, [first])[first].score is not None:
        raise RuntimeError("scores are left after the reset")
    yield _used(filled, "the next search: nobody", uses)


def _searches(place: Place, index: ScoreSearch, audience: Audience, size: int) -> Iterator[Searched]:
    def page(criteria: ScoreCriteria, cursor: dict[str, str] | None = None) -> Callable[[], SearchPage]:
        return lambda: find(index, audience, criteria, PAGE, cursor)

    best = find(index, audience, ScoreCriteria(), PAGE)
    asked = {
        f"the {PAGE} with the most points": page(ScoreCriteria()),
        "the page after": page(ScoreCriteria(), best.next_cursor),
        f"{PAGE} between two scores": page(ScoreCriteria(at_least=2_000, at_most=400_000, ascending=True)),
        f"{PAGE} subscribed ones": page(ScoreCriteria(status=ConsentStatus.SUBSCRIBED)),
    }
    for what, search in asked.items():
        with place.meter.uses() as uses:
            found = search()
        if len(found.rows) != PAGE:
            raise RuntimeError(f"{what}: {len(found.rows)} rows")
        yield _used(size, what, uses)


def _used(contacts: int, what: str, uses: list[Any], limit: float = LIMIT) -> Searched:
    return Searched(contacts, what, len(uses), sum(use.reads for use in uses), sum(use.writes for use in uses), limit)


def _score(number: int) -> int:
    return number * 7_919 % 500_000
