"""Which tier contacts are in, computed whenever it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from laurel.model.account import Audience, Store
from laurel.model.identity import is_contact
from laurel.model.period import TimeFrame
from laurel.model.ranking import Figures
from laurel.model.reward import ScoreAtLeast, SpentAtLeast, Tier, Tiers
from laurel.scoring.search import FoundContact

type FindStore = Callable[[str], Store | None]


class Standings(Protocol):
    """What tiers ask about many contacts: scores of an audience's epoch, and figures of a store and period."""

    def profiles(self, audience: Audience, contacts: Sequence[str]) -> Mapping[str, FoundContact]: ...
    def figures_of(self, store: Store, period: str, customers: Sequence[str]) -> Mapping[str, Figures]: ...


class TierBook(Protocol):
    """Keeps the tiers of audiences."""

    def tiers(self, account_id: str, audience_id: str) -> Tiers: ...


class Directory(Protocol):
    """Finds an account's audiences and stores."""

    def audience(self, account_id: str, audience_id: str) -> Audience | None: ...
    def store(self, account_id: str, store_id: str) -> Store | None: ...


@dataclass(frozen=True, slots=True)
class TierReader:
    """Tells tiers. Of an audience that has none it reads just that."""

    book: TierBook
    standings: Standings
    directory: Directory

    def tiers_of(self, account_id: str, audience_id: str, customers: Iterable[str], now: datetime) -> dict[str, Tier]:
        """The tier of each customer who is a contact and in one."""
        tiers = self.book.tiers(account_id, audience_id)
        audience = self.directory.audience(account_id, audience_id) if tiers.tiers else None
        if audience is None:
            return {}
        find_store = partial(self.directory.store, account_id)
        return tiers_of(tiers, self.standings, audience, find_store, customers, now)


def tiers_of(
    tiers: Tiers,
    standings: Standings,
    audience: Audience,
    find_store: FindStore,
    customers: Iterable[str],
    now: datetime,
) -> dict[str, Tier]:
    """The tier of each customer who is a contact and in one. What no tier asks about is not read."""
    contacts = [it for it in dict.fromkeys(customers) if is_contact(it)]
    if not tiers.tiers or not contacts:
        return {}
    scores: dict[str, int | None] = {}
    if any(isinstance(it.needs, ScoreAtLeast) for it in tiers.tiers):
        scores = {it: found.score for it, found in standings.profiles(audience, contacts).items()}
    asked = {(it.needs.store_id, it.needs.time_frame) for it in tiers.tiers if isinstance(it.needs, SpentAtLeast)}
    spent = {board: _spent(standings, find_store, board, contacts, now) for board in asked}

    def meets(contact: str, tier: Tier) -> bool:
        if isinstance(tier.needs, ScoreAtLeast):
            return (scores.get(contact) or 0) >= tier.needs.points
        return spent[tier.needs.store_id, tier.needs.time_frame].get(contact, 0) >= tier.needs.amount

    found = {contact: _last(tier for tier in tiers.tiers if meets(contact, tier)) for contact in contacts}
    return {contact: tier for contact, tier in found.items() if tier}


def _spent(
    standings: Standings,
    find_store: FindStore,
    board: tuple[str, TimeFrame],
    contacts: Sequence[str],
    now: datetime,
) -> dict[str, int]:
    store_id, time_frame = board
    store = find_store(store_id)
    if store is None or not store.shows_boards:
        return {}
    period = store.calendar.period_of_frame(time_frame, now).id
    return {it: figures.total_spent for it, figures in standings.figures_of(store, period, contacts).items()}


def _last(tiers: Iterable[Tier]) -> Tier | None:
    last = None
    for tier in tiers:
        last = tier
    return last
