"""Where the points of a score came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from laurel.model.scoring import DECAY, ScoredContact, ScoreEntry
from laurel.scoring import explain as explaining
from laurel.scoring.apply import apply
from laurel.scoring.explain import Explanation, Share, explain
from tests.support.samples import ADA_ID
from tests.support.steps import ADD, CLICKED, FALL, SET, SUBTRACT, FakeBook, a_rule, by_hand, did, judged

RULES = [a_rule(5, "opened"), a_rule(3, "clicked", activity=CLICKED)]


class FakeHistory(FakeBook):
    """A book that can be read from end to end, latest entries first; the key of an entry is its ``seq``."""

    def __init__(self) -> None:
        super().__init__()
        self.first_pages: list[int | None] = []

    def entries_of(
        self,
        account_id: str,
        audience_id: str,
        contact: str,
        *,
        before: str | None = None,
        first_page: int | None = None,
    ) -> Iterator[tuple[str, ScoreEntry]]:
        self.first_pages.append(first_page)
        own = sorted((entry for (owner, _), entry in self.entries.items() if owner == contact), key=lambda it: -it.seq)
        return ((str(entry.seq), entry) for entry in own if before is None or entry.seq < int(before))

    def do(self, *steps: Any) -> None:
        apply(self, self.contact(), steps, RULES)

    def explain(self, limit: int = 50, after: str | None = None) -> Explanation:
        return explain(self, self.contact(), limit, after)


def test_shares_add_up_to_the_score() -> None:
    history = FakeHistory()
    history.do(
        did("a1"), did("a2", CLICKED), did("a3"), by_hand(SUBTRACT, 4), replace(by_hand(FALL, 50, "c2"), activity=DECAY)
    )
    history.do(judged("a3"))

    explained = history.explain()

    assert explained.shares is not None
    assert sum(share.points for share in explained.shares) == explained.score
    assert {(share.rule_id, share.activity): (share.points, share.entries) for share in explained.shares} == {
        ("opened", "email.opened"): (6, 3),
        ("clicked", "email.clicked"): (3, 1),
        (None, "by_hand"): (-4, 1),
        (None, "decay"): (-5, 1),
    }


def test_the_greatest_share_comes_first() -> None:
    history = FakeHistory()
    history.do(did("a1", CLICKED), did("a2"), by_hand(ADD, 9))

    assert [share.points for share in history.explain().shares or ()] == [9, 5, 3]


def test_what_was_before_a_reset_is_history_without_a_share() -> None:
    history = FakeHistory()
    history.do(did("a1"))
    history.states[ADA_ID] = replace(history.states[ADA_ID], epoch=2, points=None, restarted=0)
    history.do(did("a2"))

    explained = history.explain()

    assert [entry.epoch for entry in explained.entries] == [2, 1]
    assert explained.shares == [Share("opened", "email.opened", 5, 1)]


def test_no_history_is_a_history_too() -> None:
    assert FakeHistory().explain() == Explanation(None, 1, [], [], None)


def test_pages_hold_every_entry_once() -> None:
    history = FakeHistory()
    history.do(*(by_hand(ADD, 1, str(number)) for number in range(7)))

    seqs, after = [], None
    for _ in range(4):
        page = history.explain(2, after)
        seqs.append([entry.seq for entry in page.entries])
        after = page.next_cursor and page.next_cursor["entry"]

    assert seqs == [[7, 6], [5, 4], [3, 2], [1]]
    assert after is None
    assert history.first_pages == [None, 3, 3, 3], "later pages need not be summed"


def test_very_long_histories_are_not_summed(monkeypatch: Any) -> None:
    monkeypatch.setattr(explaining, "MOST_SUMMED", 3)
    history = FakeHistory()
    history.do(*(by_hand(ADD, 1, str(number)) for number in range(3)))
    assert history.explain().shares

    history.do(by_hand(ADD, 1, "4"))

    explained = history.explain(2)
    assert explained.shares is None
    assert [entry.seq for entry in explained.entries] == [4, 3]


def test_a_score_is_explained_by_entries_no_younger_than_itself() -> None:
    history = FakeHistory()
    history.do(by_hand(SET, 5, "1"))
    read_before: ScoredContact = history.contact()
    history.do(by_hand(ADD, 1, "2"))

    explained = explain(history, read_before, 50)

    assert (explained.score, len(explained.entries)) == (6, 2)


def test_a_version_that_stays_behind_its_entries_does_not_hold_up_the_answer() -> None:
    history = FakeHistory()
    history.do(by_hand(SET, 5, "1"), by_hand(ADD, 1, "2"))
    history.states[ADA_ID] = replace(history.states[ADA_ID], seq=1)

    assert len(history.explain().entries) == 2
