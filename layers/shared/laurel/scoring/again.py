"""Score a contact's facts once more, for when a batch of the Ledger's stream was given up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from laurel.model.account import Store
from laurel.model.activity import Activity, ActivityChange
from laurel.model.order import LedgerOrder, OrderChange
from laurel.model.scoring import ORDER_PLACED, Correction, ScoredContact, ScoreEntry, ScoringRule, Step, order_subject
from laurel.scoring.apply import ScoreBook, apply, matters
from laurel.scoring.orders import amount_of, steps_of_order
from laurel.scoring.triggers import steps_of_activity, trigger_of


class Stores(Protocol):
    """Finds a store; raises ``NotFound``."""

    def store(self, account_id: str, store_id: str) -> Store: ...


def score_again(
    book: ScoreBook,
    stores: Stores,
    contact: ScoredContact,
    facts: Iterable[tuple[str, LedgerOrder | Activity]],
    rules: Sequence[ScoringRule],
    now: datetime,
) -> tuple[ScoreEntry, ...]:
    """Give what facts have not given yet, and take back what they no longer give; returns the entries written.

    Facts come as (store id or "", fact). What has given its points is left alone, so this can be repeated. Of an order
    only its present state is known: what a refund by itself earns is not given here, nor what an amount gained since.
    """
    steps: list[tuple[datetime, Step]] = []
    for store_id, fact in facts:
        if isinstance(fact, Activity):
            steps += ((fact.occurred_at, step) for step in _of_activity(fact, rules, now))
        elif fact.placed_at is not None:
            placed_at = datetime.fromtimestamp(fact.placed_at, UTC)
            known = book.entries_about(contact, order_subject(store_id, fact.id), placed_at)
            store = stores.store(contact.account_id, store_id)
            steps += ((placed_at, step) for step in _of_order(fact, store, now, is_scored=bool(known)))
    steps.sort(key=lambda timed: timed[0])
    return apply(book, contact, [step for _, step in steps if matters(step, rules)], rules)


def _of_activity(activity: Activity, rules: Sequence[ScoringRule], now: datetime) -> list[Step]:
    people_only = replace(activity, machine=None)
    return [trigger_of(activity), *steps_of_activity(ActivityChange(people_only, activity), rules, now)]


def _of_order(order: LedgerOrder, store: Store, now: datetime, *, is_scored: bool) -> list[Step]:
    placed = steps_of_order(OrderChange(None, order), store, now)
    if not is_scored:
        return placed
    amount = amount_of(order, store)
    return [
        Correction(
            subject=order_subject(store.id, order.id),
            cause=str(order.changes),
            subject_at=datetime.fromtimestamp(order.placed_at or 0, UTC),
            at=now,
            activity=ORDER_PLACED,
            reason="amount_changed" if placed else "no_longer_a_purchase",
            amounts=(amount, amount) if placed else None,
        )
    ]
