"""Plain examples of scoring rules and of what happens to a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from laurel.model.scoring import (
    BY_HAND,
    ORDER_PLACED,
    CapWindow,
    Change,
    Correction,
    Effect,
    EffectKind,
    FrequencyCap,
    Property,
    ScoredContact,
    ScoreEntry,
    ScoreState,
    ScoringRule,
    Step,
    Trigger,
    activity_subject,
    order_subject,
)
from laurel.scoring.apply import Applied, Outrun
from laurel.scoring.fold import Folded, fold
from tests.support.samples import ACCOUNT, ADA_ID, AUDIENCE, NOW, STORE, at

ADD, SUBTRACT, SET, REMOVE = EffectKind.ADD, EffectKind.SUBTRACT, EffectKind.SET, EffectKind.REMOVE
PER_UNIT, FALL = EffectKind.ADD_PER_UNIT, EffectKind.FALL
OPENED, CLICKED = "email.opened", "email.clicked"
PLACED_AT = at("2026-11-20T10:00:00")


def a_rule(points: int = 5, id_: str = "opened", **changes: Any) -> ScoringRule:
    """Gives points for an opened message. ``kind`` is what it does else, ``cap`` how often at most: (times, window)."""
    kind = changes.pop("kind", ADD)
    cap: tuple[int, CapWindow] | None = changes.pop("cap", None)
    rule = ScoringRule(id_, id_, enabled=True, activity=OPENED, effect=Effect(kind, 0 if kind is REMOVE else points))
    return replace(rule, frequency_cap=FrequencyCap(*cap) if cap else None, **changes)


def did(
    id_: str = "a1", name: str = OPENED, when: datetime = NOW, *, machine: bool = False, **properties: Any
) -> Trigger:
    """An activity."""
    return Trigger(activity_subject(id_), "", name, when, properties, machine=machine)


def bought(
    id_: str = "1", cause: int = 1, amount: str = "100", when: datetime = PLACED_AT, **properties: Property
) -> Trigger:
    """An order that became a purchase with its change number ``cause``."""
    return Trigger(order_subject(STORE, id_), str(cause), ORDER_PLACED, when, properties, Decimal(amount))


def cancelled(id_: str = "1", cause: int = 2, when: datetime = PLACED_AT, **changes: Any) -> Correction:
    """An order that is no longer a purchase."""
    subject = order_subject(STORE, id_)
    return replace(Correction(subject, str(cause), when, NOW, ORDER_PLACED, "no_longer_a_purchase"), **changes)


def amended(before: str, after: str, id_: str = "1", cause: int = 2) -> Correction:
    """An order whose amount changed."""
    return cancelled(id_, cause, reason="amount_changed", amounts=(Decimal(before), Decimal(after)))


def judged(id_: str = "a1", when: datetime = NOW, **changes: Any) -> Correction:
    """An activity that turned out to be a machine's."""
    correction = Correction(activity_subject(id_), "machine", when, NOW, OPENED, "scanner")
    return replace(correction, **changes)


def by_hand(kind: EffectKind, points: int = 0, id_: str = "c1") -> Change:
    """A person's change."""
    return Change(f"person:{id_}", NOW, Effect(kind, points), BY_HAND, by="ada", reason="asked nicely")


def score_after(*steps: Step, rules: Sequence[ScoringRule] = (), start: int | None = None) -> int | None:
    """What steps make of a score."""
    return fold(ScoreState(points=start), steps, rules).state.points


def given(folded: Folded) -> list[int]:
    """Points that each entry gave."""
    return [entry.given for entry in folded.entries]


class FakeBook:
    """Scores of one audience in a dictionary. What is in ``beforehand`` happens just before the next writes."""

    def __init__(self, *contacts: str, epoch: int = 1) -> None:
        self.states = {contact: ScoreState(epoch=epoch) for contact in contacts or (ADA_ID,)}
        self.entries: dict[tuple[str, Any], ScoreEntry] = {}
        self.beforehand: list[Any] = []
        self.reads = 0
        self.looked_up: list[str] = []
        self.writes: list[Folded] = []

    def contact(self, contact: str = ADA_ID) -> ScoredContact:
        return ScoredContact(ACCOUNT, AUDIENCE, contact, self.states[contact])

    def read(self, account_id: str, audience_id: str, epoch: int, contact: str) -> ScoredContact | None:
        assert (account_id, audience_id) == (ACCOUNT, AUDIENCE)
        self.reads += 1
        assert contact not in self.states or epoch <= self.states[contact].epoch
        return self.contact(contact) if contact in self.states else None

    def entries_about(self, contact: ScoredContact, subject: str, subject_at: datetime) -> list[ScoreEntry]:
        self.looked_up.append(subject)
        return [
            entry
            for (owner, _), entry in self.entries.items()
            if owner == contact.contact and (entry.subject, entry.subject_at) == (subject, subject_at)
        ]

    def write(self, contact: ScoredContact, folded: Folded) -> None:
        if self.beforehand:
            self.beforehand.pop(0)()
        self.writes.append(folded)
        keys = [
            (contact.contact, (entry.subject_at, entry.subject, entry.cause, entry.rule_id)) for entry in folded.entries
        ]
        assert len(set(keys)) == len(keys), "a transaction takes an item once"
        assert len(keys) < 100, "a transaction holds a hundred items"
        known = [entry for key, entry in zip(keys, folded.entries, strict=True) if key in self.entries]
        if known:
            raise Applied(known)
        kept = self.states.get(contact.contact)
        if kept is None or kept.seq != contact.state.seq:
            raise Outrun
        self.entries.update(zip(keys, folded.entries, strict=True))
        self.states[contact.contact] = folded.state
