"""Whoever moved over a rank that an automation waits for is told of, if they are a contact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from laurel.automation.moves import SignalMoves
from laurel.leaderboard.snapshot import take
from laurel.model.automation import Automation, RankEnters, ScoreReaches, Step, StepKind, Trigger
from laurel.model.contact import Contact, ContactRef
from laurel.model.period import TimeFrame
from laurel.model.ranking import Figures, Metric
from laurel.model.signal import KeptSignal, RankMoved
from laurel.model.snapshot import Snapshot
from tests.support.samples import ACCOUNT, ADA_ID, AUDIENCE, NOW, STORE, a_contact, a_store

SHOP = a_store()
GONE = "0" * 32
FIRST = RankEnters(STORE, Metric.TOTAL_SPENT, TimeFrame.ALL_TIME, 1)


class World:
    """Automations, people of whom Ada is one, and signals; counts who is looked for."""

    def __init__(self, *triggers: Trigger) -> None:
        self.triggers = triggers
        self.looked_for: list[str] = []
        self.told: list[tuple[ContactRef, KeptSignal]] = []
        self.follow = SignalMoves(self, self, self)

    def automations(self, account_id: str, audience_id: str) -> list[Automation]:
        steps = (Step(StepKind.ADD_TAG, {"tag": "first"}),)
        return [
            Automation(account_id, audience_id, f"a{number}", "First", enabled=True, trigger=trigger, steps=steps)
            for number, trigger in enumerate(self.triggers)
        ]

    def contacts(self, account_id: str, audience_id: str, contacts: Iterable[str]) -> dict[str, Contact]:
        self.looked_for += contacts
        return {ADA_ID: a_contact()} if ADA_ID in self.looked_for else {}

    def put(self, ref: ContactRef, signal: KeptSignal) -> bool:
        self.told.append((ref, signal))
        return True


def taken(hour: int, **spent: int) -> Snapshot:
    rows = ((customer, Figures(1, amount, 1)) for customer, amount in spent.items())
    at = NOW + timedelta(hours=hour)
    return take(SHOP, "all", rows, at, at, closed=False)


def test_who_moved_is_told_of_and_who_was_forgotten_is_not() -> None:
    world = World(FIRST)

    world.follow(SHOP, taken(0, **{GONE: 500, ADA_ID: 100}), taken(1, **{ADA_ID: 100}))

    ada = ContactRef(ACCOUNT, AUDIENCE, ADA_ID)
    moved = RankMoved(NOW + timedelta(hours=1), STORE, Metric.TOTAL_SPENT, TimeFrame.ALL_TIME, "all", 2, 1)
    assert world.told == [(ada, moved)]
    assert sorted(world.looked_for) == [GONE, ADA_ID]


def test_nobody_is_looked_for_where_nobody_moved_or_nobody_waits() -> None:
    waiting, deaf = World(FIRST), World(ScoreReaches(5))

    waiting.follow(SHOP, taken(0, **{ADA_ID: 100}), taken(1, **{ADA_ID: 200}))
    deaf.follow(SHOP, taken(0), taken(1, **{ADA_ID: 200}))
    waiting.follow(SHOP, None, taken(0, **{ADA_ID: 100}))

    assert waiting.told == waiting.looked_for == deaf.told == deaf.looked_for == []
