"""Change one contact's score outside the rules, and take a score away as if there had never been one."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from laurel.model.errors import Busy, NotFound
from laurel.model.identity import new_id
from laurel.model.scoring import Change, Effect, EffectKind, ScoredContact, ScoreEntry
from laurel.scoring.apply import Outrun, ScoreBook, apply
from laurel.scoring.fold import Folded, fold

_ATTEMPTS = 60
_LONGEST_PAUSE = 0.5


def change_score(
    book: ScoreBook, contact: ScoredContact, effect: Effect, at: datetime, by: str | None, reason: str | None
) -> ScoreEntry:
    """Apply an effect to a score as one entry of its history. Raises ``NotFound`` or ``Busy``."""
    change = Change(f"person:{new_id()}", at, effect, by=by, reason=reason)
    entries = apply(book, contact, [change], ())
    if not entries:
        raise NotFound("contact", contact.contact)
    return entries[0]


def reset_score(
    book: ScoreBook,
    contact: ScoredContact,
    at: datetime,
    by: str | None,
    pause: Callable[[float], None] = time.sleep,
) -> ScoreEntry:
    """Remove a score and forget how often rules fired, so that frequency caps begin anew.

    What happened stays in the history. Raises ``NotFound`` or ``Busy``.
    """
    change = Change(f"reset:{new_id()}", at, Effect(EffectKind.REMOVE), by=by, reason="reset")
    current: ScoredContact | None = contact
    for attempt in range(_ATTEMPTS):
        if current is None:
            raise NotFound("contact", contact.contact)
        folded = fold(current.state, [change], ())
        try:
            book.write(current, Folded(replace(folded.state, uses={}), folded.entries))
        except Outrun:
            pause(random.uniform(0, min(0.002 * 2**attempt, _LONGEST_PAUSE)))  # noqa: S311, spreads writers
            current = book.read(contact.account_id, contact.audience_id, current.state.epoch, contact.contact)
        else:
            return folded.entries[0]
    raise Busy(f"Contact {contact.contact!r}")
