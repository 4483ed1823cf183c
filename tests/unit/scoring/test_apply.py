"""Applying steps exactly once: what was applied before, faster writers, and transactions that hold only so much."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from laurel.model.errors import Busy
from laurel.model.scoring import ORDER_PLACED, ORDER_REFUNDED, ScoreState, ScoringRule, Step, Trigger, order_subject
from laurel.scoring.apply import MOST_ENTRIES, apply
from laurel.scoring.fold import fold
from tests.support.samples import ADA_ID, NOW, STORE
from tests.support.steps import (
    ADD,
    CLICKED,
    OPENED,
    REMOVE,
    SET,
    FakeBook,
    a_rule,
    amended,
    bought,
    by_hand,
    cancelled,
    did,
    judged,
)

RULES = [a_rule(5), a_rule(10, "bought", activity=ORDER_PLACED)]


def run(book: FakeBook, *steps: Step, rules: list[ScoringRule] = RULES) -> list[int]:
    """Apply steps to Ada's score as it is; gives the points of each entry written."""
    return [entry.given for entry in apply(book, book.contact(), steps, rules, pause=_no_pause)]


def _no_pause(seconds: float) -> None:
    assert 0 <= seconds <= 0.5


def points(book: FakeBook) -> int | None:
    return book.states[ADA_ID].points


# ---- Once and only once ----------------------------------------------------------------------------------------------


def test_steps_of_one_contact_are_one_write() -> None:
    book = FakeBook()

    assert run(book, did("a1"), bought(), by_hand(ADD, 1), did("a2", name=CLICKED)) == [5, 10, 1]

    assert len(book.writes) == 1
    assert book.reads == 0
    assert points(book) == 16


def test_nothing_to_do_is_no_write() -> None:
    book = FakeBook()

    assert run(book, did(name=CLICKED), judged()) == []

    assert book.writes == []


@pytest.mark.parametrize("step", [did(), bought(), by_hand(ADD, 5), by_hand(SET, 5), by_hand(REMOVE)])
def test_what_comes_again_changes_nothing(step: Step) -> None:
    book = FakeBook()
    run(book, did("other"), step)
    before = book.states[ADA_ID]

    assert run(book, step) == []

    assert book.states[ADA_ID] == before


def test_of_a_batch_that_comes_again_with_more_only_what_is_new_is_applied() -> None:
    book = FakeBook()
    run(book, did("a1"), did("a2"))

    assert run(book, did("a1"), did("a2"), did("a3")) == [5]

    assert points(book) == 15


def test_a_step_that_is_told_twice_in_one_batch_counts_once() -> None:
    book = FakeBook()

    assert run(book, did("a1"), did("a1"), did("a2")) == [5, 5]


def test_a_step_applied_before_a_rule_was_made_stays_as_it_was() -> None:
    """A redelivery is no reason to count an activity once more, by whatever rules there are by now."""
    book = FakeBook()
    run(book, did("a1"))

    assert run(book, did("a1"), rules=[a_rule(5), a_rule(100, "new")]) == []


def test_a_redelivered_correction_corrects_once() -> None:
    book = FakeBook()
    run(book, bought(amount="30"), did(), did("a2"), rules=[*RULES, a_rule(1, "unit", activity=ORDER_PLACED)])

    assert run(book, cancelled(), judged()) == [-10, -1, -5]
    assert run(book, cancelled(), judged()) == []

    assert points(book) == 5


def test_an_order_and_all_that_became_of_it_may_come_again_at_any_time() -> None:
    # Given an order that was cancelled before any rule, paid again, refunded in part, and cancelled for good
    per_unit = a_rule(2, "unit", activity=ORDER_PLACED, kind=a_rule().effect.kind.ADD_PER_UNIT)
    changes = [cancelled(cause=2), bought(cause=3), amended("100", "60", cause=4), amended("60", "80", cause=5)]
    book = FakeBook()
    assert run(book, *changes, rules=[per_unit]) == [200, -80, 40]

    # When any of it comes again, in its order
    for start in range(4):
        assert run(book, *changes[start:], rules=[per_unit]) == []

    # Then nothing has changed
    assert points(book) == 160
    assert run(book, cancelled(cause=6), rules=[per_unit]) == [-160]


def test_placing_and_refunding_in_one_change_are_two_steps() -> None:
    # Given an order that changed its time and was refunded at once, of which only the placing was written
    refunded = Trigger(order_subject(STORE, "1"), "2", ORDER_REFUNDED, NOW)
    rules = [*RULES, a_rule(3, "refunded", activity=ORDER_REFUNDED)]
    book = FakeBook()
    run(book, bought(cause=2), rules=rules)

    # When both come again, the refund is still to be applied
    assert run(book, bought(cause=2), refunded, rules=rules) == [3]


@for_all(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 10)), max_size=8))
def test_however_often_batches_come_each_rule_fires_once(deliveries: list[tuple[int, int]]) -> None:
    happened = [did(f"a{number}") for number in range(10)]
    book = FakeBook()

    for start, length in deliveries:
        run(book, *happened[start : start + length])
    run(book, *happened)

    assert points(book) == 50
    assert sorted(entry.subject for entry in book.entries.values()) == sorted(step.subject for step in happened)


# ---- Transactions ----------------------------------------------------------------------------------------------------


def test_many_steps_are_as_few_transactions_as_can_hold_them() -> None:
    book = FakeBook()

    assert run(book, *(did(f"a{number}") for number in range(250))) == [5] * 250

    assert [len(write.entries) for write in book.writes] == [99, 99, 52]
    assert points(book) == 1250


def test_what_one_step_earns_is_never_split() -> None:
    # Given an activity that 40 rules name
    rules = [a_rule(1, f"rule{number}") for number in range(40)]
    book = FakeBook()

    # When three happen
    run(book, did("a1"), did("a2"), did("a3"), rules=rules)

    # Then two fit into a transaction, and the third is in the next
    assert [[entry.subject[-2:] for entry in write.entries] for write in book.writes] == [
        ["a1"] * 40 + ["a2"] * 40,
        ["a3"] * 40,
    ]
    assert max(len(write.entries) for write in book.writes) <= MOST_ENTRIES


def test_a_correction_knows_what_the_same_batch_gave() -> None:
    book = FakeBook()

    assert run(book, bought(), did(), cancelled(), did("a2")) == [10, 5, -10, 5]

    assert [len(write.entries) for write in book.writes] == [2, 1, 1]
    assert book.looked_up == ["order:storeaaaaaaa:1"]


def test_only_corrections_cost_a_look_at_the_history() -> None:
    book = FakeBook()

    run(book, did(), bought(), by_hand(REMOVE))

    assert book.looked_up == []


@for_all(st.lists(st.sampled_from("abcdejk"), max_size=60))
def test_splitting_into_transactions_changes_nothing(story: str) -> None:
    rules = [*RULES, *(a_rule(1, f"rule{number}") for number in range(30))]
    steps: list[Step] = []
    for number, what in enumerate(story):
        earlier = number // 2
        match what:
            case "b":
                steps.append(bought(str(number)))
            case "c":
                steps.append(cancelled(str(earlier)))
            case "j":
                steps.append(judged(f"a{earlier}"))
            case "k":
                steps.append(by_hand(SET, number, f"c{number}"))
            case _:
                steps.append(did(f"a{number}", name=OPENED))
    book = FakeBook()

    entries = apply(book, book.contact(), steps, rules, _no_pause)

    once: dict[tuple[str, str], Step] = {(step.subject, step.cause): step for step in reversed(steps)}
    first = [step for step in steps if once[step.subject, step.cause] is step]
    assert list(entries) == list(book.entries.values())
    assert book.states[ADA_ID] == fold(ScoreState(), first, rules).state


# ---- Others ----------------------------------------------------------------------------------------------------------


def interfere(book: FakeBook, *steps: Step) -> Callable[[], None]:
    """Another worker who is faster."""
    return lambda: run(book, *steps) and None


def test_what_a_faster_writer_left_is_what_is_added_to() -> None:
    book = FakeBook()
    book.beforehand = [interfere(book, did("faster"))]

    assert run(book, did("slower")) == [5]

    assert points(book) == 10
    assert [entry.before for entry in book.entries.values()] == [None, 5]
    assert book.reads == 1


def test_a_faster_writer_who_does_the_same_leaves_nothing_to_do() -> None:
    book = FakeBook()
    book.beforehand = [interfere(book, did("a1"), did("a2"))]

    assert run(book, did("a1"), did("a2")) == []

    assert points(book) == 10


def test_a_faster_writer_who_does_a_part_of_it_leaves_the_rest() -> None:
    book = FakeBook()
    book.beforehand = [interfere(book, did("a1"))]

    assert run(book, did("a1"), did("a2")) == [5]

    assert points(book) == 10


def test_a_correction_looks_again_at_what_a_faster_writer_left() -> None:
    # Given an order whose cancellation is about to be written when its score is set by hand
    book = FakeBook()
    run(book, bought())
    book.beforehand = [interfere(book, by_hand(SET, 30))]

    # Then there is nothing left to take back
    assert run(book, cancelled()) == []
    assert points(book) == 30


def test_a_reset_meanwhile_lets_points_count_from_the_new_start() -> None:
    book = FakeBook()
    run(book, did("a1"))
    stale = book.contact()
    book.states[ADA_ID] = ScoreState(points=3, seq=2, epoch=2)

    apply(book, stale, [did("a2")], RULES, _no_pause)

    assert book.states[ADA_ID] == ScoreState(points=8, seq=3, epoch=2)


def test_who_is_gone_meanwhile_is_left_alone() -> None:
    book = FakeBook()
    book.beforehand = [book.states.clear]

    assert run(book, did(), cancelled()) == []

    assert book.entries == {}


def test_who_is_always_outrun_gives_up_and_says_so() -> None:
    book = FakeBook()
    pauses: list[float] = []
    for number in range(100):
        book.beforehand.append(lambda number=number: book.states.update({ADA_ID: ScoreState(seq=number + 1)}))

    with pytest.raises(Busy, match="is being changed by others"):
        apply(book, book.contact(), [did()], RULES, pauses.append)

    assert len(pauses) == 60
    assert sum(pauses) <= 60 * 0.5
    assert book.entries == {}


def test_what_was_written_before_giving_up_stays_and_comes_to_nothing_again() -> None:
    # Given a worker who is outrun for ever after the first of two transactions
    book = FakeBook()
    steps = [did(f"a{number}") for number in range(120)]

    def someone_else() -> None:
        state = book.states[ADA_ID]
        book.states[ADA_ID] = ScoreState(state.points, state.uses, state.restarted, state.seq + 1)

    book.beforehand = [lambda: None, *[someone_else] * 60]
    with pytest.raises(Busy):
        run(book, *steps)
    assert points(book) == 99 * 5

    # When the batch comes again, the rest is applied
    assert run(book, *steps) == [5] * 21
    assert points(book) == 600
