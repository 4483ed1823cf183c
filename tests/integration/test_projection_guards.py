"""What keeps a projection right while orders change under it: each guard, and what happens without it.

Every test plays one fixed order of events twice, with the real projector and with one that lacks a guard.
"""

from __future__ import annotations

import pytest

from laurel.leaderboard.project import Projector
from laurel.model.account import Store
from laurel.model.order import CustomerRef, LedgerOrder, Order, OrderChange, OrderState
from laurel.model.ranking import Figures, RankingRow
from laurel.store import keys
from laurel.store.dynamodb import Item, attributes
from laurel.store.ledger import Ledger
from laurel.store.ledger_items import order_change
from laurel.store.rankings import Rankings
from tests.support.fakes import FakeRates
from tests.support.samples import ADA_ID, NOW, a_store, an_order
from tests.support.stage import MemoryStage
from tests.support.turns import Turn, Turns

STORE = a_store()
JANUARY, MARCH = "2026-01-15T12:00:00", "2026-03-15T12:00:00"


class Play:
    """A shop, its Ledger and projections that can be stopped."""

    def __init__(self, projector: type[Projector] = Projector, rankings: type[Rankings] = Rankings) -> None:
        self.stage = MemoryStage()
        self.turns = Turns()
        self.stage.before = self.turns.pause
        self.ledger = Ledger(self.stage.client, self.stage.tables.ledger)
        self.rankings = rankings(self.stage.client, self.stage.tables.rankings)
        self.projector = projector(self.ledger, self.rankings, self, FakeRates())

    def store(self, account_id: str, store_id: str, *, fresh: bool = False) -> Store:
        del account_id, store_id, fresh
        return STORE

    def write(self, order: Order) -> tuple[CustomerRef, OrderChange]:
        """Keep an order; gives what the stream tells of it."""
        assert self.ledger.record_order(STORE, order, None)
        return order_change(self.stage.records[-1]["dynamodb"])

    def project(self, record: tuple[CustomerRef, OrderChange]) -> Turn:
        """Begin a projection."""
        return self.turns.start(lambda: self.projector.project(record[0], [record[1]], NOW))

    def spent(self, period: str) -> int | None:
        """What the board of a period says of Ada."""
        found = self.rankings.standing(STORE, period, ADA_ID)
        return found and found[0].figures.total_spent


# ---- Rows are written only over older versions -----------------------------------------------------------------------


class Unguarded(Rankings):
    """Writes whatever comes."""

    def _put_newer(self, item: Item, version: int) -> int | None:
        del version
        self._client.put_item(TableName=self._table, Item=item)
        return None


@pytest.mark.parametrize(("rankings", "spent"), [(Rankings, 2000), (Unguarded, 1000)])
def test_a_late_projection_does_not_bring_back_old_figures(rankings: type[Rankings], spent: int) -> None:
    # Given a projection that has read the order, and has not written yet
    play = Play(rankings=rankings)
    late = play.project(play.write(an_order(total=1000, placed=JANUARY)))
    late.run_to("put_item")

    # When the order changes and is projected before the first projection goes on
    change = play.write(an_order(total=2000, placed=JANUARY, updated=MARCH))
    play.project(change).finish()
    late.finish()

    # Then the newer total stands, but not without the guard
    assert play.spent("2026-01") == spent


# ---- Orders are read until two reads agree ---------------------------------------------------------------------------


class ReadsOnce(Projector):
    """Takes a Query for a snapshot."""

    def _settled(self, ref: CustomerRef, seen: dict[str, LedgerOrder], _changes: object) -> dict[str, LedgerOrder]:
        del ref
        return seen


@pytest.mark.parametrize(("projector", "spent"), [(Projector, 2000), (ReadsOnce, 1000)])
def test_a_torn_read_does_not_pass_for_a_state_of_that_version(projector: type[Projector], spent: int) -> None:
    # Given two orders, and a projection repeated late that has read the first of them
    play = Play(projector)
    first = play.write(an_order("1", total=1000, placed=JANUARY))
    play.write(an_order("2", total=1000, placed=MARCH))
    torn = play.project(first)
    torn.run_to("item")
    torn.run_to("item")

    # When both orders change meanwhile, the second after the first one's projection has read it
    changed = play.project(play.write(an_order("1", total=2000, placed=JANUARY, updated=MARCH)))
    changed.run_to("put_item")
    last = play.write(an_order("2", total=3000, placed=MARCH, updated="2026-03-16T00:00:00"))
    torn.finish()
    changed.finish()
    play.project(last).finish()

    # Then January shows the change, but not if one read was taken for a snapshot
    assert play.spent("2026-01") == spent


class TrustsSingleOrders(Projector):
    """Reads again only if there is more than one order."""

    def _settled(self, ref: CustomerRef, seen: dict[str, LedgerOrder], changes: object) -> dict[str, LedgerOrder]:
        return seen if len(seen) <= 1 else super()._settled(ref, seen, changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("projector", "spent"), [(Projector, 700), (TrustsSingleOrders, None)])
def test_a_single_order_may_hide_one_that_was_written_before_it(projector: type[Projector], spent: int | None) -> None:
    # Given an order that moved from January to March, and a late repetition of its first projection
    # that has come past the place where order 1 will be
    play = Play(projector)
    first = play.write(an_order("2", total=1000, placed=JANUARY))
    play.write(an_order("2", total=1000, placed=MARCH, updated="2026-03-15T13:00:00"))
    late = play.project(first)
    late.run_to("item")

    # When order 1 is written and read, and only then order 2 changes once more
    other = play.project(play.write(an_order("1", total=700, placed=JANUARY)))
    other.run_to("put_item")
    last = play.write(an_order("2", total=2000, placed=MARCH, updated="2026-03-15T14:00:00"))
    late.finish()
    other.finish()
    play.project(last).finish()

    # Then January counts order 1
    assert play.spent("2026-01") == spent


def test_orders_that_are_as_the_change_told_need_no_second_read() -> None:
    # Given a customer's first order
    play = Play()
    record = play.write(an_order())
    reads: list[str] = []
    play.stage.before = reads.append

    # When it is projected
    play.project(record).finish()

    # Then it was read once
    assert reads.count("query") == 1


# ---- Rows are rewritten even if their figures stay the same ----------------------------------------------------------


class SkipsUnchanged(Rankings):
    """Saves a write where the figures are what they were."""

    def put_row(self, store: Store, row: RankingRow) -> int | None:
        standing = self.standing(store, row.period, row.customer)
        return None if standing and standing[0].figures == row.figures else super().put_row(store, row)


@pytest.mark.parametrize(("rankings", "spent"), [(Rankings, 1000), (SkipsUnchanged, 2000)])
def test_a_row_with_unchanged_figures_still_keeps_older_ones_out(rankings: type[Rankings], spent: int) -> None:
    # Given an order whose total went up, and a projection of that which has not written yet
    play = Play(rankings=rankings)
    play.project(play.write(an_order(total=1000, placed=JANUARY))).finish()
    late = play.project(play.write(an_order(total=2000, placed=JANUARY, updated="2026-01-16T00:00:00")))
    late.run_to("put_item")

    # When the total goes back to what the row says already
    play.project(play.write(an_order(total=1000, placed=JANUARY, updated="2026-01-17T00:00:00"))).finish()
    late.finish()

    # Then it stays
    assert play.spent("2026-01") == spent


# ---- Rows without purchases stay -------------------------------------------------------------------------------------


class RemovesEmpty(Rankings):
    """Keeps the table tidy."""

    def put_row(self, store: Store, row: RankingRow) -> int | None:
        written = super().put_row(store, row)
        if row.figures == Figures(0, 0, 0):
            key = attributes({"pk": keys.board(store.account_id, store.id, row.period), "sk": row.customer})
            self._client.delete_item(TableName=self._table, Key=key)
        return written


@pytest.mark.parametrize(("rankings", "spent"), [(Rankings, None), (RemovesEmpty, 1000)])
def test_a_row_without_purchases_keeps_older_ones_out(rankings: type[Rankings], spent: int | None) -> None:
    # Given a projection of a purchase that has not written yet
    play = Play(rankings=rankings)
    late = play.project(play.write(an_order(total=1000, placed=JANUARY)))
    late.run_to("put_item")

    # When the order is cancelled and projected first
    cancelled = an_order(total=1000, placed=JANUARY, updated=MARCH, state=OrderState.CANCELLED)
    play.project(play.write(cancelled)).finish()
    late.finish()

    # Then nothing is on the board
    assert play.spent("2026-01") == spent
