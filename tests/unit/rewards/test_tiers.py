"""A contact is in the last tier whose needs are met, and nothing is read that no tier asks about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from laurel.model.account import Audience, Store, StoreState
from laurel.model.contact import ConsentStatus
from laurel.model.period import TimeFrame
from laurel.model.ranking import Figures
from laurel.model.reward import ScoreAtLeast, SpentAtLeast, Tier, Tiers
from laurel.rewards.tiers import TierReader
from laurel.scoring.search import FoundContact
from tests.support.rewards import a_person
from tests.support.samples import ACCOUNT, AUDIENCE, NOW, STORE, a_store

ADA, BEN = a_person(1), a_person(2)
SILVER = Tier("silver", "Silver", (), ScoreAtLeast(100))
GOLD = Tier("gold", "Gold", (), SpentAtLeast(STORE, TimeFrame.YEAR_TO_DATE, 50_000))


class World:
    """Tiers, a store, and what is known of contacts."""

    def __init__(self, *tiers: Tier, store: Store | None = None) -> None:
        self.kept = Tiers(tiers, 1)
        self.known = store or a_store()
        self.scores: dict[str, int | None] = {}
        self.spent: dict[tuple[str, str], int] = {}
        self.asked: list[str] = []

    def tiers(self, account_id: str, audience_id: str) -> Tiers:
        return self.kept

    def audience(self, account_id: str, audience_id: str) -> Audience | None:
        self.asked.append("audience")
        return Audience(account_id, audience_id, "Customers", 1, NOW)

    def store(self, account_id: str, store_id: str) -> Store | None:
        return self.known if store_id == self.known.id else None

    def profiles(self, audience: Audience, contacts: Sequence[str]) -> Mapping[str, FoundContact]:
        self.asked.append("profiles")
        status = ConsentStatus.SUBSCRIBED
        return {it: FoundContact(it, "", None, None, status, self.scores[it]) for it in contacts if it in self.scores}

    def figures_of(self, store: Store, period: str, customers: Sequence[str]) -> Mapping[str, Figures]:
        self.asked.append("figures")
        return {it: Figures(1, self.spent[it, period], 0) for it in customers if (it, period) in self.spent}

    def tier(self, *customers: str) -> dict[str, str]:
        reader = TierReader(self, self, self)
        return {it: tier.id for it, tier in reader.tiers_of(ACCOUNT, AUDIENCE, customers, NOW).items()}


def test_the_last_tier_whose_needs_are_met_wins() -> None:
    world = World(SILVER, GOLD)
    world.scores = {ADA: 100, BEN: 99}
    assert world.tier(ADA, BEN) == {ADA: "silver"}

    world.spent = {(ADA, "2026"): 50_000, (BEN, "2026"): 49_999, (BEN, "2025"): 90_000}
    assert world.tier(ADA, BEN) == {ADA: "gold"}
    world.scores[BEN] = None
    assert world.tier(BEN) == {}


def test_tiers_may_be_listed_in_any_sense() -> None:
    world = World(GOLD, SILVER)
    world.scores, world.spent = {ADA: 100}, {(ADA, "2026"): 50_000}

    assert world.tier(ADA) == {ADA: "silver"}


def test_nothing_is_read_that_no_tier_asks_about() -> None:
    for tiers, customers, asked in (
        ((), (ADA,), []),
        ((SILVER,), ("customer-77",), ["audience"]),
        ((SILVER,), (ADA,), ["audience", "profiles"]),
        ((GOLD,), (ADA,), ["audience", "figures"]),
    ):
        world = World(*tiers)
        assert world.tier(*customers) == {}
        assert world.asked == asked


def test_a_store_that_shows_no_boards_gives_no_tier() -> None:
    stores: list[Any] = [a_store(id="another"), a_store(state=StoreState.DISCONNECTED)]
    for store in stores:
        world = World(GOLD, store=store)
        world.spent = {(ADA, "2026"): 90_000}
        assert world.tier(ADA) == {}
