"""From the Ledger's stream to the score: orders that change, opens judged machines', and resets."""

from __future__ import annotations

import pytest

from laurel.model.contact import ContactRef
from laurel.model.order import OrderState, Refund
from laurel.model.scoring import ORDER_PLACED, CapWindow, ScoreEntry
from tests.support.deployed_consumer import BOB_ID, RULES, Consumer, a_consumer
from tests.support.samples import ADA_ID, BOB, at
from tests.support.steps import a_rule


@pytest.fixture
def consumer(monkeypatch: pytest.MonkeyPatch) -> Consumer:
    return a_consumer(monkeypatch)


# ---- Orders, from the Ledger to the score ----------------------------------------------------------------------------


def test_an_order_refunded_in_parts_and_then_cancelled(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.ordered(total=10_000)
    consumer.run()
    assert consumer.score() == 210

    # Thirty euros less are sixty points less, and one for the refund as such
    consumer.ledger.record_refund(consumer.store, Refund("1", "r1", 3_000))
    consumer.run()
    assert consumer.score() == 149

    # A notice that comes again is no change
    assert not consumer.ledger.record_refund(consumer.store, Refund("1", "r1", 3_000))
    assert consumer.records() == []

    consumer.ordered(total=10_000, updated="2026-11-21", state=OrderState.CANCELLED)
    consumer.run()
    assert consumer.score() == 0
    assert consumer.given()[-2:] == [("placed", -10), ("unit", -139)]


def test_an_order_that_is_paid_later_earns_then(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.ordered(state=OrderState.PENDING)
    consumer.run()
    assert consumer.given() == []

    consumer.ordered(updated="2026-11-21")
    consumer.run()
    assert consumer.given() == [("placed", 10), ("unit", 118)]


def test_an_order_that_moves_takes_its_points_along(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.ordered()
    consumer.run()

    # When it turns out to be Bob's, and then Ada's after all, in one batch
    consumer.ordered(email=BOB, updated="2026-11-21")
    consumer.run()
    assert (consumer.score(), consumer.score(BOB_ID)) == (0, 128)
    consumer.ordered(updated="2026-11-22")
    consumer.run()

    assert (consumer.score(), consumer.score(BOB_ID)) == (128, 0)


def test_an_order_that_changes_its_time_is_placed_again(consumer: Consumer) -> None:
    # Given a rule for the first order of a day
    consumer.rule(a_rule(10, "placed", activity=ORDER_PLACED, cap=(1, CapWindow.DAY)))
    consumer.ordered("1", placed="2026-11-20T10:00:00")
    consumer.ordered("2", placed="2026-11-19T10:00:00")
    consumer.run()
    assert consumer.score() == 20

    # When the second turns out to be of the same day as the first
    consumer.ordered("2", placed="2026-11-20T11:00:00", updated="2026-11-21")
    consumer.run()

    # Then it gives back what it got, and the day it was not of is free
    assert consumer.score() == 10
    consumer.ordered("3", placed="2026-11-19T12:00:00")
    consumer.run()
    assert consumer.score() == 20


def test_all_that_became_of_an_order_may_come_in_one_batch(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.ordered(total=10_000)
    consumer.ordered(total=10_000, updated="2026-11-21", state=OrderState.CANCELLED)
    consumer.ordered(total=4_000, updated="2026-11-22")

    assert consumer.run() == []

    assert consumer.score() == 90
    assert [points for _, points in consumer.given()] == [10, 200, -10, -200, 10, 80]


# ---- Machines and resets ---------------------------------------------------------------------------------------------


def test_an_open_later_judged_a_machines_gives_its_points_back(consumer: Consumer) -> None:
    consumer.rule(a_rule(5, "opened", cap=(1, CapWindow.DAY)), a_rule(1, "whoever", counts_machines=True))
    consumer.did("a1")
    consumer.run()
    assert consumer.score() == 6

    assert consumer.evidence.mark_machine(ContactRef(consumer.account, consumer.audience, ADA_ID), "a1", "too_fast")
    batch = consumer.records()
    assert consumer.run(batch) == consumer.run(batch) == []
    assert consumer.given() == [("opened", 5), ("whoever", 1), ("opened", -5)]

    # And a person's open of that day counts
    consumer.did("a2")
    consumer.run()
    assert consumer.score() == 7


def test_a_judgement_in_the_batch_of_its_activity(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.did("a1")
    consumer.evidence.mark_machine(ContactRef(consumer.account, consumer.audience, ADA_ID), "a1", "too_fast")
    batch = consumer.records()

    for _ in range(3):
        assert consumer.run(batch) == []

    assert consumer.given() == [("opened", 5), ("opened", -5)]


def test_a_reset_between_two_batches(consumer: Consumer) -> None:
    # Given a capped rule that Ada has used up
    consumer.rule(a_rule(5, "opened", cap=(1, CapWindow.DAY)), *RULES[1:])
    consumer.did("a1")
    consumer.ordered()
    first = consumer.records()
    consumer.run(first)
    assert consumer.score() == 133

    # When all scores of the audience are reset
    assert consumer.workspace.reset_scores(consumer.account, consumer.audience) == 2
    assert consumer.score(epoch=2) is None

    # Then what came before does not come back, by whatever way
    consumer.run(first)
    consumer.ordered(updated="2026-11-21", state=OrderState.CANCELLED)
    consumer.run()
    assert consumer.score(epoch=2) is None

    # And what comes after starts from nothing
    consumer.did("a2")
    consumer.run()
    assert consumer.score(epoch=2) == 5


def test_a_rule_counts_from_when_it_is_there(consumer: Consumer) -> None:
    consumer.did("a1")
    consumer.run()
    consumer.rule(*RULES)

    consumer.did("a2")
    consumer.run()

    assert consumer.given() == [("opened", 5)]


def test_every_entry_explains_itself(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.ordered()
    consumer.run()
    consumer.ordered(updated="2026-11-21", state=OrderState.CANCELLED)
    consumer.run()

    history = [entry for _, entry in consumer.scores.entries_of(consumer.account, consumer.audience, ADA_ID)]
    taken: ScoreEntry = next(entry for entry in history if entry.seq == 3)
    assert (taken.subject, taken.cause, taken.rule_id) == ("order:storeaaaaaaa:1", "2", "placed")
    assert (taken.activity, taken.reason, taken.corrects) == (ORDER_PLACED, "no_longer_a_purchase", True)
    assert taken.subject_at == at("2026-11-20T10:00:00")
    assert (taken.before, taken.after, taken.given) == (128, 118, -10)
