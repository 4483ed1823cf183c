"""Change one contact's score outside the rules, and take a score away as if there had never been one."""

from __future__ import annotations

from datetime import datetime

from laurel.model.errors import NotFound
from laurel.model.identity import new_id
from laurel.model.scoring import Change, Effect, EffectKind, ScoredContact, ScoreEntry
from laurel.scoring.apply import ScoreBook, apply


def change_score(
    book: ScoreBook, contact: ScoredContact, effect: Effect, at: datetime, by: str | None, reason: str | None
) -> ScoreEntry:
    """Apply an effect to a score as one entry of its history. Raises ``NotFound`` or ``Busy``."""
    return _applied(book, contact, Change(f"person:{new_id()}", at, effect, by=by, reason=reason))


def reset_score(book: ScoreBook, contact: ScoredContact, at: datetime, by: str | None) -> ScoreEntry:
    """Remove a score and forget how often rules fired, so that frequency caps begin anew.

    What happened stays in the history. Raises ``NotFound`` or ``Busy``.
    """
    removal = Effect(EffectKind.REMOVE)
    return _applied(book, contact, Change(f"reset:{new_id()}", at, removal, by=by, reason="reset", frees_caps=True))


def _applied(book: ScoreBook, contact: ScoredContact, change: Change) -> ScoreEntry:
    entries = apply(book, contact, [change], ())
    if not entries:
        raise NotFound("contact", contact.contact)
    return entries[0]
