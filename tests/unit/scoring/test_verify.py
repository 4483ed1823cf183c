"""Scores are proved by their entries, and put right from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laurel.model.errors import Busy
from laurel.model.scoring import HIGHEST_SCORE, ScoredContact, ScoreEntry, ScoreState
from laurel.scoring.apply import apply
from laurel.scoring.verify import Verification, prove, verify
from tests.support.samples import ACCOUNT, ADA_ID, AUDIENCE
from tests.support.steps import ADD, REMOVE, SET, SUBTRACT, FakeBook, by_hand


class FakeRecord(FakeBook):
    """A book that can also be read from end to end, and repaired. ``meanwhile`` happens before the next repairs."""

    def __init__(self, *contacts: str) -> None:
        super().__init__(*contacts)
        self.meanwhile: list[Any] = []

    def entries_of(self, account_id: str, audience_id: str, contact: str, **_: Any) -> Iterator[tuple[str, ScoreEntry]]:
        assert (account_id, audience_id) == (ACCOUNT, AUDIENCE)
        own = [(str(key), entry) for (owner, key), entry in self.entries.items() if owner == contact]
        return iter(own[::-1])

    def repair(self, contact: ScoredContact, state: ScoreState) -> bool:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        kept = self.states.get(contact.contact)
        if kept is None or kept.seq != contact.state.seq:
            return False
        self.states[contact.contact] = state
        return True

    def do(self, *changes: Any) -> None:
        apply(self, self.contact(), changes, ())

    def set(self, **changes: Any) -> None:
        self.states[ADA_ID] = replace(self.states[ADA_ID], **changes)

    def verify(self, *, repair: bool = True) -> Verification:
        return verify(self, self.contact(), repair=repair)


@pytest.fixture
def record() -> FakeRecord:
    """Ada, who was given 5 and 3 points and lost 2."""
    made = FakeRecord()
    made.do(by_hand(ADD, 5, "1"), by_hand(ADD, 3, "2"), by_hand(SUBTRACT, 2, "3"))
    return made


changes = st.lists(
    st.tuples(st.sampled_from([ADD, SUBTRACT, SET, REMOVE]), st.sampled_from([0, 1, 7, 50_000_000, HIGHEST_SCORE]))
)


@given(changes=changes, order=st.randoms())
def test_every_score_that_came_about_rightly_is_proved(changes: Sequence[Any], order: Any) -> None:
    record = FakeRecord()
    record.do(*(by_hand(kind, points, str(number)) for number, (kind, points) in enumerate(changes)))
    state = record.states[ADA_ID]
    entries = list(record.entries.values())
    order.shuffle(entries)

    proof = prove(entries, state.epoch)

    assert proof.holds(state.points)
    assert proof.given == (state.points or 0)
    assert (proof.entries, proof.last_seq, proof.restarted) == (len(changes), state.seq, state.restarted)


def test_who_never_had_a_score_has_none(record: FakeRecord) -> None:
    proof = prove([], 1)

    assert proof.holds(None)
    assert not proof.holds(0)


def test_a_sound_score_is_left_alone(record: FakeRecord) -> None:
    before = record.states[ADA_ID]

    found = record.verify()

    assert found == Verification(ADA_ID, kept=6, score=6, entries=3, sound=True, repaired=False)
    assert record.states[ADA_ID] is before


@pytest.mark.parametrize("wrong", [None, 0, 5, 7, HIGHEST_SCORE])
def test_a_wrong_score_is_told_and_put_right(record: FakeRecord, wrong: int | None) -> None:
    record.set(points=wrong)

    assert record.verify(repair=False) == Verification(ADA_ID, wrong, wrong, 3, sound=False, repaired=False)
    assert record.states[ADA_ID].points == wrong
    assert record.verify() == Verification(ADA_ID, wrong, 6, 3, sound=False, repaired=True)
    assert record.states[ADA_ID].points == 6
    assert record.verify().sound


def test_a_score_without_any_entry_is_taken_away() -> None:
    record = FakeRecord()
    record.set(points=50)

    assert record.verify() == Verification(ADA_ID, 50, None, 0, sound=False, repaired=True)
    assert record.states[ADA_ID].points is None


def test_what_was_given_before_all_scores_were_reset_does_not_count(record: FakeRecord) -> None:
    record.set(epoch=2, points=None, restarted=0)

    assert record.verify().sound
    record.do(by_hand(ADD, 4, "4"))
    assert record.verify() == Verification(ADA_ID, 4, 4, 1, sound=True, repaired=False)
    record.set(points=10)
    assert record.verify().score == 4


def test_a_repaired_score_goes_on(record: FakeRecord) -> None:
    record.do(by_hand(SET, 9, "4"))
    record.set(points=50, restarted=0)
    record.verify()
    assert record.states[ADA_ID].restarted == 4, "what was given before the score was set cannot be taken back"

    record.do(by_hand(ADD, 1, "5"))

    assert record.states[ADA_ID].points == 10
    assert record.verify().sound


def test_who_read_the_wrong_score_cannot_write_on_it_after_the_repair(record: FakeRecord) -> None:
    record.set(points=50)
    read_before = record.contact()
    record.verify()

    apply(record, read_before, [by_hand(ADD, 1, "4")], (), pause=lambda _: None)

    assert record.states[ADA_ID].points == 7
    assert record.verify().sound


def test_entries_that_do_not_lead_from_one_to_the_next_are_told(record: FakeRecord) -> None:
    second = next(key for key, entry in record.entries.items() if entry.seq == 2)
    del record.entries[second]

    found = record.verify()

    assert (found.sound, found.repaired, found.score) == (False, False, 6)


def test_a_history_that_does_not_begin_at_nothing_is_told(record: FakeRecord) -> None:
    first = next(key for key, entry in record.entries.items() if entry.seq == 1)
    del record.entries[first]

    assert not record.verify().sound


def test_points_given_must_add_up(record: FakeRecord) -> None:
    second = next(key for key, entry in record.entries.items() if entry.seq == 2)
    record.entries[second] = replace(record.entries[second], given=99)

    assert not record.verify().sound


def test_a_change_while_the_entries_are_read_is_no_fault(record: FakeRecord) -> None:
    read_before = record.contact()
    record.do(by_hand(ADD, 4, "4"))

    assert verify(record, read_before, repair=True) == Verification(ADA_ID, 10, 10, 4, sound=True, repaired=False)


def test_a_version_behind_its_entries_is_put_right(record: FakeRecord) -> None:
    record.set(seq=1)

    found = record.verify()

    assert (found.sound, found.repaired, found.score) == (False, True, 6)
    assert record.states[ADA_ID].seq > 3
    assert record.verify().sound


def test_a_faster_writer_is_told_apart_from_the_fault(record: FakeRecord) -> None:
    """Whoever went on from the wrong score made it history: the gap between the entries tells of it for ever."""
    record.set(points=50)
    record.meanwhile.append(lambda: record.do(by_hand(ADD, 1, "4")))

    assert record.verify() == Verification(ADA_ID, 51, 51, 4, sound=False, repaired=False)


def test_a_faster_writer_of_something_else_is_waited_for(record: FakeRecord) -> None:
    record.set(points=50)
    record.meanwhile.append(lambda: record.set(seq=4))

    assert record.verify() == Verification(ADA_ID, 50, 6, 3, sound=False, repaired=True)


def test_who_always_loses_gives_up(record: FakeRecord) -> None:
    record.set(points=50)
    record.meanwhile += [lambda: record.set(seq=record.states[ADA_ID].seq + 1)] * 50

    with pytest.raises(Busy):
        record.verify()


def test_who_vanishes_meanwhile_has_no_score(record: FakeRecord) -> None:
    record.set(points=50)
    record.meanwhile.append(record.states.clear)

    assert record.verify().score is None
