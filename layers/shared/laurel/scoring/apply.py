"""Apply a contact's steps to their score, exactly once.

One transaction writes the new score, on condition that it is as it was read, and one entry for each time a rule fired,
on condition that it does not exist. A redelivered step finds its entries and is left out; a faster writer makes the
fold start again from what that writer left. So the entries are the record of what has been applied, and their sum is
the score.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from laurel.model.errors import Busy
from laurel.model.scoring import MOST_RULES, Change, Correction, ScoredContact, ScoreEntry, ScoringRule, Step, Trigger
from laurel.scoring.fold import Folded, fold, meets

MOST_ENTRIES = 99
"""Entries of one transaction: a hundred items less the profile."""

type _Identity = tuple[str, str, datetime, str]

_ATTEMPTS = 60
_LONGEST_PAUSE = 0.5


class Applied(Exception):
    """These entries exist already: their steps have been applied before."""

    def __init__(self, entries: Collection[ScoreEntry]) -> None:
        super().__init__(len(entries))
        self.entries = tuple(entries)


class Outrun(Exception):
    """Another writer changed the score since it was read, or the contact is gone."""


class ScoreBook(Protocol):
    """Reads and writes scores, strongly consistent.

    ``read`` returns None for who is no contact. ``write`` raises ``Applied`` or ``Outrun``, having changed nothing.
    """

    def read(self, account_id: str, audience_id: str, epoch: int, contact: str) -> ScoredContact | None: ...
    def entries_about(self, contact: ScoredContact, subject: str, subject_at: datetime) -> list[ScoreEntry]: ...
    def write(self, contact: ScoredContact, folded: Folded) -> None: ...


def apply(
    book: ScoreBook,
    contact: ScoredContact,
    steps: Iterable[Step],
    rules: Sequence[ScoringRule],
    pause: Callable[[float], None] = time.sleep,
) -> tuple[ScoreEntry, ...]:
    """Apply steps in order to the score of a contact, as read; returns the entries written.

    Raises ``Busy`` if others were always faster.
    """
    written: list[ScoreEntry] = []
    current: ScoredContact | None = contact
    for run in _runs(steps, rules):
        pending = run
        for attempt in range(_ATTEMPTS):
            if current is None:
                return tuple(written)
            pending = [step for step in pending if current.comes_after_erasure(_happened_at(step))]
            folded = fold(current.state, pending, rules, _known(book, current, pending))
            if not folded.entries:
                break
            try:
                book.write(current, folded)
            except Applied as known:
                applied = {_identity(entry) for entry in known.entries}
                pending = [step for step in pending if _identity(step) not in applied]
            except Outrun:
                pause(random.uniform(0, min(0.002 * 2**attempt, _LONGEST_PAUSE)))  # noqa: S311, spreads writers
                current = book.read(contact.account_id, contact.audience_id, current.state.epoch, contact.contact)
            else:
                written += folded.entries
                current = replace(current, state=folded.state)
                break
        else:
            raise Busy(f"Contact {contact.contact!r}")
    return tuple(written)


def matters(step: Step, rules: Sequence[ScoringRule]) -> bool:
    """False for an activity that no rule names."""
    return not isinstance(step, Trigger) or any(meets(step, rule) for rule in rules)


def _runs(steps: Iterable[Step], rules: Sequence[ScoringRule]) -> Iterable[list[Step]]:
    """Steps that one transaction can hold, each once; a correction is alone: it needs what was written before it."""
    run: list[Step] = []
    known: set[_Identity] = set()
    entries = 0
    for step in steps:
        most, identity = _most_entries(step, rules), _identity(step)
        if run and (isinstance(step, Correction) or isinstance(run[-1], Correction) or entries + most > MOST_ENTRIES):
            yield run
            run, known, entries = [], set(), 0
        if most and identity not in known:
            run.append(step)
            known.add(identity)
            entries += most
    if run:
        yield run


def _identity(it: Step | ScoreEntry) -> _Identity:
    """What steps and their entries have in common. One change of an order may be two triggers: placed and refunded."""
    at = it.subject_at if isinstance(it, ScoreEntry) else _happened_at(it)
    return (it.subject, it.cause, at, it.name if isinstance(it, Trigger) else it.activity)


def _happened_at(step: Step) -> datetime:
    return step.subject_at if isinstance(step, Correction) else step.at


def _most_entries(step: Step, rules: Sequence[ScoringRule]) -> int:
    match step:
        case Trigger():
            return sum(meets(step, rule) for rule in rules)
        case Correction():
            return MOST_RULES
        case Change():
            return 1


def _known(book: ScoreBook, contact: ScoredContact, pending: Sequence[Step]) -> list[ScoreEntry]:
    return [
        entry
        for step in pending
        if isinstance(step, Correction)
        for entry in book.entries_about(contact, step.subject, step.subject_at)
    ]
