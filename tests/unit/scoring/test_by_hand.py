"""One contact's score, changed by a person."""

from __future__ import annotations

import pytest

from laurel.model.errors import NotFound
from laurel.model.scoring import HIGHEST_SCORE, CapWindow, Effect, ScoreState
from laurel.scoring.apply import apply
from laurel.scoring.by_hand import change_score, reset_score
from tests.support.samples import ADA_ID, NOW
from tests.support.steps import ADD, REMOVE, SET, FakeBook, a_rule, by_hand, did

ONCE = (1, CapWindow.EVER)


def test_a_change_says_who_and_why() -> None:
    book = FakeBook()

    entry = change_score(book, book.contact(), Effect(ADD, 7), NOW, "kim@shop.example.com", "Won the raffle")

    assert (entry.by, entry.reason, entry.at, entry.activity) == (
        "kim@shop.example.com",
        "Won the raffle",
        NOW,
        "by_hand",
    )
    assert (entry.before, entry.asked, entry.given, entry.after) == (None, 7, 7, 7)
    assert book.states[ADA_ID].points == 7


def test_no_two_changes_are_the_same_one() -> None:
    book = FakeBook()

    for _ in range(3):
        change_score(book, book.contact(), Effect(ADD, 7), NOW, None, None)

    assert book.states[ADA_ID].points == 21


def test_at_the_cap_nothing_more_is_gained() -> None:
    book = FakeBook()
    change_score(book, book.contact(), Effect(SET, 99_999_990), NOW, None, None)

    given = [change_score(book, book.contact(), Effect(ADD, 100), NOW, None, None).given for _ in range(2)]

    assert given == [9, 0]
    assert book.states[ADA_ID].points == HIGHEST_SCORE


def test_who_is_gone_cannot_be_changed() -> None:
    book = FakeBook()
    contact = book.contact()
    book.states.clear()

    with pytest.raises(NotFound):
        change_score(book, contact, Effect(ADD, 7), NOW, None, None)
    with pytest.raises(NotFound):
        reset_score(book, contact, NOW, None)


def test_a_reset_takes_the_score_and_forgets_how_often_rules_fired() -> None:
    book, rules = FakeBook(), [a_rule(5, cap=ONCE)]
    apply(book, book.contact(), [did("a1")], rules)
    assert book.states[ADA_ID].uses

    entry = reset_score(book, book.contact(), NOW, "kim@shop.example.com")

    assert (entry.kind, entry.given, entry.after, entry.by) == (REMOVE, -5, None, "kim@shop.example.com")
    assert book.states[ADA_ID] == ScoreState(points=None, uses={}, restarted=2, seq=2)
    apply(book, book.contact(), [did("a2")], rules)
    assert book.states[ADA_ID].points == 5


def test_a_reset_waits_for_faster_writers() -> None:
    book = FakeBook()
    book.beforehand.append(lambda: apply(book, book.contact(), [by_hand(ADD, 5)], ()))

    entry = reset_score(book, book.contact(), NOW, None)

    assert (entry.before, entry.after) == (5, None)
