"""What keeps rebuilds true, each shown by what happens without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from laurel.leaderboard import project
from laurel.leaderboard.batch import Batch, Outcome
from laurel.leaderboard.project import Projector
from laurel.leaderboard.rows import periods_of
from laurel.model.account import Audience, Store
from laurel.model.identity import contact_id
from laurel.model.job import Job
from laurel.model.order import CustomerRef, OrderChange
from laurel.store.jobs import Jobs
from laurel.store.ledger import Ledger
from laurel.store.ledger_items import order_change
from laurel.store.rankings import Rankings
from laurel.store.rates import RateTables
from laurel.store.rebuilds import Rebuilds
from laurel.store.workspace import RememberedStores, Workspace
from laurel.workspace import counting, stores
from laurel.workspace.rebuild import RebuildStore
from tests.support.samples import ADA, AUDIENCE, BOB, NOW, a_store, an_order
from tests.support.stage import MemoryStage

HALLOWEEN = "2026-10-31T23:30:00"
"""November in Berlin, October in New York."""


def one_by_one[T, R](act: Callable[[T], R], things: Sequence[T]) -> list[R]:
    return [act(thing) for thing in things]


class Trusting(Batch):
    """Takes for granted that stores are still as they were."""

    def _outdated(self, outcomes: Mapping[CustomerRef, Outcome]) -> list[CustomerRef]:
        del outcomes
        return []


class Play:
    """A store in Berlin that moves to New York, and a process that knows it from before."""

    def __init__(self, batch: type[Batch] = Batch) -> None:
        self.stage = MemoryStage()
        client, tables = self.stage.client, self.stage.tables
        self.workspace, self.jobs = Workspace(client, tables.workspace), Jobs(client, tables.workspace)
        self.ledger, self.rankings = Ledger(client, tables.ledger), Rankings(client, tables.rankings)
        self.rates = RateTables(client, tables.workspace)
        self.walk = Rebuilds(client, tables.ledger, tables.rankings)
        assert self.workspace.save_store(a_store())
        remembered = RememberedStores(self.workspace)
        remembered.store(self.store.account_id, self.store.id)
        self.old_hand = batch(Projector(self.ledger, self.rankings, remembered, self.rates), one_by_one)
        self.seen = 0

    @property
    def store(self) -> Store:
        return stores.existing(self.workspace, a_store().account_id, a_store().id)

    def sell(self, id_: str, email: str, placed: str = HALLOWEEN, **more: Any) -> None:
        order = an_order(id_, email=email, placed=placed, **more)
        owner = self.ledger.owners_of(self.store, [id_]).get(id_)
        assert self.ledger.record_order(self.store, order, owner)

    def told(self) -> dict[CustomerRef, list[OrderChange]]:
        """What the stream has told since the last time."""
        batch: dict[CustomerRef, list[OrderChange]] = {}
        for record in self.stage.records[self.seen :]:
            if record["dynamodb"]["Keys"]["sk"]["S"].startswith("order#"):
                ref, change = order_change(record["dynamodb"])
                batch.setdefault(ref, []).append(change)
        self.seen = len(self.stage.records)
        return batch

    def project(self, told: dict[CustomerRef, list[OrderChange]], by: Batch | None = None) -> None:
        outcomes = (by or self.old_hand).project(told, NOW)
        assert not [outcome for outcome in outcomes.values() if isinstance(outcome, Exception)]

    def move_to_new_york(self) -> Job:
        """Change the time zone and carry out the rebuild."""
        key = self.store.account_id, self.store.id
        changed = {"time_zone": "America/New_York"}
        stores.change(self.workspace, *key, lambda store: stores.edited(store, changed, "job1"))
        task = RebuildStore(self.workspace, self.walk, self.newcomer(), lambda: NOW)
        job = counting.begin(self.jobs, self, self.store, NOW)
        while not job.is_finished:
            job = task.step(Audience(self.store.account_id, AUDIENCE, "Customers", 1, NOW), job)
        assert self.store.rebuild is None
        return job

    def newcomer(self) -> Batch:
        """A process that has just begun."""
        return Batch(Projector(self.ledger, self.rankings, RememberedStores(self.workspace), self.rates), one_by_one)

    def send(self, account_id: str, audience_id: str, job_id: str) -> None:
        """The queue, which nobody waits for here."""

    def counted(self, email: str) -> set[str]:
        """Months in which a customer has purchases."""
        months = ("2026-09", "2026-10", "2026-11")
        return {month for month in months if self.rankings.standing(self.store, month, contact_id(email))}


@pytest.mark.parametrize(("batch", "months"), [(Batch, {"2026-10"}), (Trusting, {"2026-11"})])
def test_who_remembers_the_old_calendar_leaves_no_row_of_it(batch: type[Batch], months: set[str]) -> None:
    play = Play(batch)
    play.move_to_new_york()

    play.sell("1", BOB)
    play.project(play.told())

    assert play.counted(BOB) == months


@pytest.mark.parametrize("remembers", [True, False])
def test_a_late_change_empties_a_period_of_a_calendar_of_the_past(
    remembers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Play()
    play.sell("1", ADA)
    play.project(play.told())
    play.sell("1", ADA, "2026-09-20T12:00:00", updated="2026-11-21T10:00:00")
    late = play.told()
    play.move_to_new_york()
    assert play.counted(ADA) == {"2026-09", "2026-11"}
    if not remembers:
        monkeypatch.setattr(project, "periods_touched", lambda store, instants: periods_of(store.calendar, instants))

    play.project(late, play.newcomer())

    assert play.counted(ADA) == ({"2026-09"} if remembers else {"2026-09", "2026-11"})


@pytest.mark.parametrize("times", [1, 2])
def test_customers_with_several_orders_are_projected_once(times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("laurel.workspace.rebuild.AT_ONCE", 2)
    if times == 2:
        monkeypatch.setattr(Rebuilds, "mark", lambda *_: None)
    play = Play()
    for number in range(4):
        play.sell(f"{number}", ADA)
    play.project(play.told())

    assert (play.move_to_new_york().result or {})["customers"] == times
