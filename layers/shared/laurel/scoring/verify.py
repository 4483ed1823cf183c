"""Prove that a score is the sum of its entries, and put it right if it is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from laurel.model.errors import Busy
from laurel.model.scoring import Points, ScoredContact, ScoreEntry, ScoreState

_ATTEMPTS = 8


class ScoreRecord(Protocol):
    """Reads scores and their entries, strongly consistent; ``repair`` is False if another writer was faster."""

    def read(self, account_id: str, audience_id: str, epoch: int, contact: str) -> ScoredContact | None: ...
    def entries_of(self, account_id: str, audience_id: str, contact: str) -> Iterator[tuple[str, ScoreEntry]]: ...
    def repair(self, contact: ScoredContact, state: ScoreState) -> bool: ...


@dataclass(frozen=True, slots=True)
class Proof:
    """What a score's entries say.

    ``points`` is the score they lead to, ``chained`` whether each goes on from where the one before it ended, and
    ``given`` what they gave in all.
    """

    entries: int
    points: Points
    given: int
    chained: bool
    last_seq: int
    restarted: int

    def holds(self, score: Points) -> bool:
        """True if the entries lead to this score, step by step, and add up to it."""
        return self.chained and self.points == score and self.given == (score or 0)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found of a contact: the score as kept, and the one it has now."""

    contact: str
    kept: Points
    score: Points
    entries: int
    sound: bool
    repaired: bool


def prove(entries: Iterable[ScoreEntry], epoch: int) -> Proof:
    """What the entries of an epoch say, in whatever order they come."""
    counted = sorted((entry for entry in entries if entry.epoch == epoch), key=lambda entry: entry.seq)
    steps_on = all(before.after == after.before and before.seq < after.seq for before, after in pairwise(counted))
    return Proof(
        entries=len(counted),
        points=counted[-1].after if counted else None,
        given=sum(entry.given for entry in counted),
        chained=steps_on and (not counted or counted[0].before is None),
        last_seq=counted[-1].seq if counted else 0,
        restarted=max((entry.seq for entry in counted if entry.kind.restarts), default=0),
    )


def verify(record: ScoreRecord, contact: ScoredContact, *, repair: bool) -> Verification:
    """Hold a contact's score against its entries; if they do not lead to it, set it to what they lead to.

    Entries that do not lead from one to the next stay unsound: what happened cannot be rewritten. Raises ``Busy`` if
    others kept changing the score.
    """
    current = contact
    for _ in range(_ATTEMPTS):
        state = current.state
        entries = record.entries_of(current.account_id, current.audience_id, current.contact)
        proof = prove((entry for _, entry in entries), state.epoch)
        if proof.last_seq > state.seq:  # written since the score was read, unless the score itself is wrong
            again = record.read(current.account_id, current.audience_id, state.epoch, current.contact)
            if again and again.state.seq != state.seq:
                current = again
                continue
        kept, points = state.points, proof.points
        sound = proof.holds(kept) and proof.last_seq <= state.seq
        if (points == kept and proof.last_seq <= state.seq) or not repair:
            return Verification(current.contact, kept, kept, proof.entries, sound, repaired=False)
        if record.repair(current, _repaired(state, proof)):
            return Verification(current.contact, kept, points, proof.entries, sound=False, repaired=True)
        following = record.read(current.account_id, current.audience_id, state.epoch, current.contact)
        if following is None:
            return Verification(current.contact, kept, None, proof.entries, sound, repaired=False)
        current = following
    raise Busy(f"Contact {contact.contact!r}")


def _repaired(state: ScoreState, proof: Proof) -> ScoreState:
    """The state the entries lead to, as a version of its own: who read the wrong one must not write after it."""
    seq = max(state.seq, proof.last_seq) + 1
    return replace(state, points=proof.points, restarted=proof.restarted, seq=seq)
