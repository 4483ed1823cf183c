"""What steps do to a score: effects one after the other, cap and floor after each, and expiry."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from laurel.model.scoring import (
    DECAY,
    HIGHEST_SCORE,
    ORDER_PLACED,
    CapWindow,
    Change,
    Effect,
    EffectKind,
    ScoreEntry,
    ScoreState,
    ScoringRule,
    Step,
    held,
)
from laurel.scoring.fold import Folded, fold
from tests.support.folding import EMPTY, EXPIRY, TEN_FOR_ORDERS, folded, then
from tests.support.samples import NOW, at
from tests.support.steps import (
    ADD,
    CLICKED,
    FALL,
    OPENED,
    PER_UNIT,
    REMOVE,
    SET,
    SUBTRACT,
    a_rule,
    bought,
    by_hand,
    cancelled,
    did,
    given,
    judged,
    score_after,
)

# ---- Effects ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "points", "before", "after"),
    [
        (ADD, 5, None, 5),
        (ADD, 5, 0, 5),
        (ADD, 5, 3, 8),
        (ADD, 100, 99_999_990, 99_999_999),
        (ADD, 1, 99_999_999, 99_999_999),
        (SUBTRACT, 5, None, None),
        (SUBTRACT, 5, 3, 0),
        (SUBTRACT, 5, 8, 3),
        (SET, 7, None, 7),
        (SET, 7, 99_999_999, 7),
        (SET, 0, 5, 0),
        (SET, 100_000_000, 5, 99_999_999),
        (REMOVE, 0, 0, None),
        (REMOVE, 0, 5, None),
        (REMOVE, 0, None, None),
        (FALL, 10, None, None),
        (FALL, 10, 100, 90),
        (FALL, 10, 5, 4),
        (FALL, 50, 1, 0),
        (FALL, 100, 99_999_999, 0),
        (FALL, 0, 5, 5),
    ],
)
def test_an_effect(kind: EffectKind, points: int, before: int | None, after: int | None) -> None:
    result = fold(ScoreState(points=before), [by_hand(kind, points)], [])

    (entry,) = result.entries
    assert result.state.points == after
    assert (entry.before, entry.after, entry.given) == (before, after, (after or 0) - (before or 0))


def test_the_documented_case_to_the_letter() -> None:
    # Given a contact with 99,999,990 points
    rule = a_rule(100)

    # When an action adds 100
    first = fold(ScoreState(points=99_999_990), [did("a1")], [rule])

    # Then the score is 99,999,999: only 9 of the 100 points were received
    assert first.state.points == 99_999_999
    (entry,) = first.entries
    assert (entry.asked, entry.given) == (100, 9)

    # And at the highest score nothing more is received
    second = fold(first.state, [did("a2")], [rule])
    assert second.state.points == 99_999_999
    assert given(second) == [0]


def test_the_bounds_hold_after_each_step_and_not_only_at_the_end() -> None:
    less, more = by_hand(SUBTRACT, 10), by_hand(ADD, 10)

    assert score_after(less, more, start=3) == 10
    assert score_after(more, less, start=99_999_995) == 99_999_989


def test_no_score_is_not_zero() -> None:
    # Given a score that was removed
    removed = fold(ScoreState(points=50), [by_hand(REMOVE)], []).state
    assert removed.points is None

    # Then subtracting leaves none, and the next points start from 0
    assert fold(removed, [by_hand(SUBTRACT, 5)], []).state.points is None
    assert fold(removed, [by_hand(ADD, 5)], []).state.points == 5


@pytest.mark.parametrize(("amount", "points"), [("0", 0), ("0.99", 0), ("1", 3), ("19.99", 57), ("20", 60)])
def test_points_per_unit_count_whole_units_of_the_amount(amount: str, points: int) -> None:
    rule = a_rule(3, activity=ORDER_PLACED, kind=PER_UNIT)

    result = folded(bought(amount=amount), rules=[rule])

    (entry,) = result.entries
    assert (entry.asked, entry.given, entry.unit_points) == (points, points, 3)


def test_rules_have_their_say_in_the_order_given() -> None:
    doubling = [a_rule(5, "add"), a_rule(100, "set", kind=SET), a_rule(1, "subtract", kind=SUBTRACT)]

    result = folded(did(), rules=doubling)

    assert [(entry.rule_id, entry.before, entry.after) for entry in result.entries] == [
        ("add", None, 5),
        ("set", 5, 100),
        ("subtract", 100, 99),
    ]


def test_what_no_rule_names_leaves_no_trace() -> None:
    rules = [a_rule(), a_rule(id_="off", enabled=False, activity=CLICKED)]

    assert folded(did(name=CLICKED), rules=rules) == Folded(EMPTY)


def test_an_entry_explains_itself() -> None:
    when = at("2026-11-20T23:30:00-05:00")

    result = folded(did("a1", when=when), rules=[a_rule(5, expires_after_days=30)])

    assert result.entries == (
        ScoreEntry(
            subject="activity:a1",
            cause="",
            rule_id="opened",
            subject_at=when,
            at=when,
            activity=OPENED,
            kind=ADD,
            asked=5,
            given=5,
            before=None,
            after=5,
            seq=1,
            epoch=1,
            expires_on=date(2026, 12, 21),
        ),
    )


def test_a_change_outside_the_rules_says_who_and_why() -> None:
    monthly = Change("decay:2026-11", NOW, Effect(FALL, 25), DECAY, reason="25 % a month")

    result = folded(by_hand(SET, 40), monthly, rules=[])

    by_ada, by_time = result.entries
    assert (by_ada.rule_id, by_ada.by, by_ada.reason, by_ada.asked) == ("person", "ada", "asked nicely", 40)
    assert (by_time.activity, by_time.by, by_time.asked, by_time.given) == ("decay", None, -10, -10)


# ---- Machines and expiry ---------------------------------------------------------------------------------------------


def test_what_a_machine_did_earns_nothing_unless_the_rule_says_so() -> None:
    rules = [a_rule(5), a_rule(1, "whoever", counts_machines=True)]

    assert [entry.rule_id for entry in folded(did(machine=True), rules=rules).entries] == ["whoever"]


def test_an_activity_later_judged_a_machines_gives_back_what_only_people_earn() -> None:
    rules = [a_rule(5), a_rule(1, "whoever", counts_machines=True)]

    result = then(folded(did(), did("a2"), rules=rules), judged(spared=frozenset({"whoever"})), rules=rules)

    assert given(result) == [5, 1, 5, 1, -5]
    assert result.entries[-1].reason == "scanner"


def test_points_of_one_rule_expire_and_leave_those_of_others() -> None:
    rules = [a_rule(5, "short", expires_after_days=1), a_rule(3, "long", expires_after_days=9)]
    expiry = judged(cause="expired", rule_id="short", reason="expired", frees_cap=False)

    result = then(folded(did(), rules=rules), expiry, rules=rules)

    assert given(result) == [5, 3, -5]
    assert then(result, expiry, rules=rules) == result


def test_what_has_expired_is_not_taken_back_again() -> None:
    before = then(folded(bought(), rules=[TEN_FOR_ORDERS]), EXPIRY, rules=[])

    assert then(before, cancelled(cause=3), rules=[]) == before


@pytest.mark.parametrize(("frees_cap", "again"), [(True, [5]), (False, [])])
def test_a_machines_activity_does_not_use_up_a_frequency_cap_and_an_expired_one_does(
    frees_cap: bool, again: list[int]
) -> None:
    rules = [a_rule(cap=(1, CapWindow.DAY))]
    before = then(folded(did("a1"), rules=rules), judged("a1", frees_cap=frees_cap), rules=rules)

    assert given(fold(before.state, [did("a2")], rules)) == again


# ---- Always ----------------------------------------------------------------------------------------------------------


kinds = st.sampled_from([ADD, SUBTRACT, SET, REMOVE, FALL])


@st.composite
def effects(draw: st.DrawFn) -> Effect:
    kind = draw(kinds)
    if kind is FALL:
        return Effect(kind, draw(st.integers(0, 100)))
    return Effect(kind, 0 if kind is REMOVE else draw(st.integers(0, 10) | st.integers(0, HIGHEST_SCORE)))


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[ScoringRule], list[Step]]:
    """Rules, and what happens in which order: activities, orders with their changes, judgements, changes by hand."""
    rules = [
        a_rule(
            draw(st.integers(0, 60_000_000)),
            f"rule{number}",
            kind=draw(st.sampled_from([ADD, ADD, SUBTRACT, SET, REMOVE])),
            activity=draw(st.sampled_from([OPENED, ORDER_PLACED])),
            cap=draw(st.none() | st.tuples(st.integers(1, 2), st.sampled_from(CapWindow))),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    steps: list[Step] = []
    for number, what in enumerate(draw(st.lists(st.sampled_from("adbocj"), max_size=20))):
        when = NOW + timedelta(days=draw(st.integers(-3, 3)))
        known: dict[str, Any] = {"when": when}
        match what:
            case "a" | "d":
                steps.append(did(f"a{number}", **known))
            case "b":
                steps.append(Change(f"person:{number}", NOW, draw(effects())))
            case "o":
                steps.append(bought(f"o{number}", **known))
            case "c":
                orders = [step for step in steps if step.subject.startswith("order") and step.cause == "1"]
                steps += [cancelled(step.subject.split(":")[2], when=step.at) for step in orders[-1:]]
            case _:
                done = [step for step in steps if step.subject.startswith("activity") and not step.cause]
                steps += [judged(step.subject.split(":")[1], step.at) for step in done[-1:]]
    return rules, steps


@for_all(story=stories(), start=st.none() | st.integers(0, HIGHEST_SCORE))
def test_entries_add_up_and_hold_together(story: tuple[list[ScoringRule], list[Step]], start: int | None) -> None:
    rules, steps = story

    result = fold(ScoreState(points=start, seq=7), steps, rules)

    assert sum(given(result)) == (result.state.points or 0) - (start or 0)
    assert [entry.seq for entry in result.entries] == list(range(8, 8 + len(result.entries)))
    assert result.state.seq == 7 + len(result.entries)
    assert [entry.before for entry in result.entries] == [start, *(entry.after for entry in result.entries)][:-1]
    for entry in result.entries:
        assert entry.given == (entry.after or 0) - (entry.before or 0)
        assert entry.after is None or 0 <= entry.after <= HIGHEST_SCORE
        if entry.kind in (ADD, SUBTRACT):
            assert entry.after == (None if entry.before is None and entry.asked < 0 else _expected(entry))
        if entry.kind is SET:
            assert entry.after == held(entry.asked)


def _expected(entry: ScoreEntry) -> int | None:
    if entry.before is None and (entry.kind is SUBTRACT or entry.corrects):
        return None
    return held((entry.before or 0) + entry.asked)


@for_all(story=stories(), cut=st.integers(0, 20))
def test_it_does_not_matter_where_steps_are_split(story: tuple[list[ScoringRule], list[Step]], cut: int) -> None:
    rules, steps = story

    first = fold(ScoreState(), steps[:cut], rules)
    second = fold(first.state, steps[cut:], rules, first.entries)

    assert Folded(second.state, first.entries + second.entries) == fold(ScoreState(), steps, rules)


@for_all(st.lists(effects(), max_size=8), st.none() | st.integers(0, HIGHEST_SCORE))
def test_what_a_cancelled_order_leaves_is_what_there_was_without_it(others: list[Effect], start: int | None) -> None:
    """Nothing else took or lost points to cap or floor; ``set`` and ``remove`` begin anew with or without the order."""
    changes = [Change(f"person:{number}", NOW, effect) for number, effect in enumerate(others)]
    small = [step for step in changes if step.effect.kind in (SET, REMOVE) or step.effect.points <= 10]
    gentle = [step for step in small if step.effect.kind in (SET, REMOVE, ADD) and step.effect.points < 10**6]
    start = None if start is None else min(start, 10**6)

    with_it = folded(bought(), *gentle, rules=[TEN_FOR_ORDERS], state=ScoreState(points=start))
    after = then(with_it, cancelled(), rules=[TEN_FOR_ORDERS]).state.points

    assert (after or 0) == (score_after(*gentle, start=start) or 0)
