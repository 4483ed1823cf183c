"""Job: give awards to the first of a board, to contacts who are named, or to everyone who has come far enough.

Whatever is given is given once an occasion, and knows by which job. So a step that was killed and is taken again finds
what it gave before, and tells of it the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from laurel.leaderboard.board import Boards, read_board
from laurel.model.account import Audience, Store
from laurel.model.contact import ContactRef
from laurel.model.job import Job
from laurel.model.ranking import BoardView, Metric
from laurel.model.reward import Award, InTier, Programme, Refusal, Refused, ScoreAtLeast, SpentAtLeast
from laurel.model.snapshot import Snapshot
from laurel.rewards.award import AwardBook, award
from laurel.rewards.tiers import Standings, TierBook, tiers_of
from laurel.scoring.search import IndexPage, ScoreCriteria
from laurel.scoring.work import Impossible, finished

GIVEN = "given"

_AT_ONCE = 10
_LISTED = 100
_SHOWN = 1000
_FINAL = frozenset({Refusal.BUDGET_USED, Refusal.POOL_EMPTY, Refusal.PAUSED, Refusal.ENDED})
"""After these nobody gets anything any more."""


class Book(AwardBook, Protocol):
    """Keeps awards, and finds who of many has one of an occasion."""

    def awards_on(self, refs: Sequence[ContactRef], programme_id: str, occasion: str) -> set[str]: ...


class NamedContacts(Protocol):
    """Keeps whom jobs are about."""

    def contacts_of(self, job: Job) -> list[str] | None: ...


class StoreDirectory(Protocol):
    """Finds an account's stores."""

    def store(self, account_id: str, store_id: str) -> Store | None: ...


class ClosedBoards(Protocol):
    """Boards as they closed. Raises ``SnapshotTampered`` if that is not what was kept."""

    def closed(self, store: Store, period: str) -> Snapshot | None: ...


class Scores(Standings, Protocol):
    """Contacts in the order of their scores."""

    def by_score(
        self, audience: Audience, criteria: ScoreCriteria, limit: int, after: Mapping[str, str] | None
    ) -> IndexPage: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Where to find whom a job is about."""

    contacts: NamedContacts
    stores: StoreDirectory
    boards: Boards
    closed: ClosedBoards
    tiers: TierBook
    scores: Scores


class GiveAwards:
    """Gives awards, some contacts a step."""

    def __init__(
        self,
        book: Book,
        sources: Sources,
        tell: Callable[[Programme, Award, datetime], None],
        now: Callable[[], datetime],
    ) -> None:
        self._book = book
        self._sources = sources
        self._tell = tell
        self._now = now

    def step(self, audience: Audience, job: Job) -> Job:
        """List the next who are meant, or give to some of them. Raises ``Impossible``."""
        programme = self._book.programme(job.account_id, job.audience_id, job.input["programme"])
        if programme is None:
            raise Impossible("There is no such programme any more.")
        place: dict[str, Any] = dict(job.place or {"left": None, "next": None, "given": 0, "refused": {}, "shown": []})
        if place["left"] is None:
            left, following = self._listed(audience, programme, job, place["next"])
            place |= {"left": left, "next": following}
            return replace(job, place=place, total=job.total if job.place or following else len(left))
        left = place["left"]
        some, rest = left[:_AT_ONCE], left[_AT_ONCE:]
        place |= {"refused": dict(place["refused"]), "shown": list(place["shown"])}
        ended = False
        for contact, rank in some:
            outcome = self._given(programme, job, contact, rank)
            _count(place, contact, outcome)
            ended = ended or outcome in _FINAL
        place["left"] = rest
        job = replace(job, done=job.done + len(some), place=place)
        if ended and place["next"]:
            # Whoever else would come would get as little.
            return _done(job, place)
        if rest:
            return job
        if place["next"]:
            return replace(job, place={**place, "left": None})
        return _done(job, place)

    def _given(self, programme: Programme, job: Job, contact: str, rank: int | None) -> str:
        ref, now = ContactRef(job.account_id, job.audience_id, contact), self._now()
        found = award(self._book, programme, ref, job.input["occasion"], now, subject=job.subject, rank=rank)
        if isinstance(found, Refused):
            return found.reason
        if found.subject != job.subject:
            return Refusal.ALREADY_GIVEN
        self._tell(programme, found, now)
        return GIVEN

    def _listed(
        self, audience: Audience, programme: Programme, job: Job, after: Mapping[str, str] | None
    ) -> tuple[list[tuple[str, int | None]], Mapping[str, str] | None]:
        """The next who are meant, each with the rank that decided, if one did; and where to go on, if anywhere."""
        if board := job.input.get("board"):
            return list(self._first_of(job.account_id, board, job.input["first"])), None
        if (named := self._sources.contacts.contacts_of(job)) is not None:
            return [(contact, None) for contact in named], None
        contacts, following = self._come_far(audience, programme, after)
        refs = [ContactRef(audience.account_id, audience.id, it) for it in contacts]
        known = self._book.awards_on(refs, programme.id, job.input["occasion"])
        return [(it, None) for it in contacts if it not in known], following

    def _first_of(self, account_id: str, board: Mapping[str, str], first: int) -> Iterator[tuple[str, int]]:
        """The first so many of a board, as it lists them: a tie at the end makes them no more."""
        store = self._sources.stores.store(account_id, board["store"])
        if store is None or not store.shows_boards:
            raise Impossible("The store shows no boards any more.")
        metric = Metric(board["metric"])
        if board["view"] == BoardView.CLOSED:
            snapshot = self._sources.closed.closed(store, board["period"])
            if snapshot is None:
                raise Impossible("There is no closing snapshot of this period.")
            yield from ((it.standing.customer, it.rank) for it in snapshot.ranked(metric)[:first])
            return
        period = store.calendar.period(board["period"])
        page = read_board(self._sources.boards, store, period, metric, first)
        yield from ((it.standing.customer, it.rank) for it in page.rows)

    def _come_far(
        self, audience: Audience, programme: Programme, after: Mapping[str, str] | None
    ) -> tuple[list[str], Mapping[str, str] | None]:
        """Contacts with the score, or in the tier, of a programme, and where to go on."""
        if isinstance(programme.who, ScoreAtLeast):
            return self._scoring(audience, programme.who.points, after)
        if not isinstance(programme.who, InTier):
            raise Impossible("Whom the programme is for has changed.")
        tiers = self._sources.tiers.tiers(audience.account_id, audience.id)
        tier = next((it for it in tiers.tiers if it.id == programme.who.tier_id), None)
        if tier is None:
            raise Impossible("There is no such tier any more.")
        if isinstance(tier.needs, ScoreAtLeast):
            contacts, following = self._scoring(audience, tier.needs.points, after)
        else:
            contacts, following = self._spending(audience, tier.needs, after)
        find_store = partial(self._sources.stores.store, audience.account_id)
        found = tiers_of(tiers, self._sources.scores, audience, find_store, contacts, self._now())
        return [it for it in contacts if it in found and found[it].id == tier.id], following

    def _scoring(
        self, audience: Audience, points: int, after: Mapping[str, str] | None
    ) -> tuple[list[str], Mapping[str, str] | None]:
        page = self._sources.scores.by_score(audience, ScoreCriteria(at_least=points), _LISTED, after)
        return [it.contact for it in page.found], page.last

    def _spending(
        self, audience: Audience, needs: SpentAtLeast, after: Mapping[str, str] | None
    ) -> tuple[list[str], Mapping[str, str] | None]:
        store = self._sources.stores.store(audience.account_id, needs.store_id)
        if store is None or not store.shows_boards:
            return [], None
        period = store.calendar.period_of_frame(needs.time_frame, self._now()).id
        key = {name: value for name, value in after.items() if name != "period"} if after else None
        if after and after["period"] != period:
            return [], None
        page = self._sources.boards.top_customers(store, period, Metric.TOTAL_SPENT, _LISTED, key)
        enough = [it.customer for it in page.standings if it.figures.total_spent >= needs.amount]
        goes_on = page.last_key and len(enough) == len(page.standings)
        return enough, {**page.last_key, "period": period} if goes_on and page.last_key else None


def _count(place: dict[str, Any], contact: str, outcome: str) -> None:
    if outcome == GIVEN:
        place["given"] += 1
    else:
        place["refused"][outcome] = place["refused"].get(outcome, 0) + 1
    if len(place["shown"]) < _SHOWN:
        place["shown"].append({"contact": contact, "outcome": outcome})


def _done(job: Job, place: Mapping[str, Any]) -> Job:
    return finished(job, {"given": place["given"], "refused": place["refused"], "contacts": place["shown"]})
