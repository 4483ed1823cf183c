"""What answers about scores look like: plain dictionaries, as ``laurel.http.answers``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from laurel.http.figures_out import metrics
from laurel.http.formats import inert, profile, utc, utc_or_none
from laurel.model.account import Audience
from laurel.model.scoring import (
    HIGHEST_SCORE,
    PERSON,
    Condition,
    EffectKind,
    Operator,
    PropertyValue,
    ScoreEntry,
    ScoringRule,
)
from laurel.scoring.explain import Explanation
from laurel.scoring.search import Counted, FoundContact, ScoreCriteria, StoreCriterion
from laurel.scoring.verify import Verification

_CSV_HEADER = ("contact", "email", "first_name", "last_name", "status", "score")
_CSV_FIGURES = ("orders_count", "total_spent", "average_order_value", "currency", "last_order_at")


def rule(rule: ScoringRule) -> dict[str, Any]:
    """A scoring rule."""
    return {
        "id": rule.id,
        **rule_body(rule),
        "created_at": utc_or_none(rule.created_at),
        "version": rule.version,
    }


def rule_body(rule: ScoringRule) -> dict[str, Any]:
    """A scoring rule as clients write it."""
    cap = rule.frequency_cap
    return {
        "name": rule.name,
        "enabled": rule.enabled,
        "activity": rule.activity,
        "effect": rule.effect.kind.value,
        "points": None if rule.effect.kind is EffectKind.REMOVE else rule.effect.points,
        "conditions": [_condition(condition) for condition in rule.conditions],
        "frequency_cap": {"times": cap.times, "window": cap.window.value} if cap else None,
        "expires_after_days": rule.expires_after_days,
        "counts_machines": rule.counts_machines,
    }


def scoring(audience: Audience) -> dict[str, Any]:
    """How an audience scores."""
    return {"audience_id": audience.id, "monthly_decay": audience.monthly_decay, "highest_score": HIGHEST_SCORE}


def explanation(contact: str, explained: Explanation, rules: Mapping[str, str], cursor: str | None) -> dict[str, Any]:
    """A score with where its points came from and a page of its history. ``rules`` are names by id."""
    shares = explained.shares
    return {
        "contact": contact,
        "score": explained.score,
        "points_by_rule": None
        if shares is None
        else [
            {
                "rule_id": share.rule_id,
                "name": rules.get(share.rule_id or ""),
                "activity": share.activity,
                "points": share.points,
                "entries": share.entries,
            }
            for share in shares
        ],
        "entries": [entry(it, explained.epoch) for it in explained.entries],
        "next_cursor": cursor,
    }


def entry(entry: ScoreEntry, epoch: int) -> dict[str, Any]:
    """One change of a score; it ``counts`` unless all scores were reset since."""
    return {
        "seq": entry.seq,
        "at": utc(entry.at),
        "activity": entry.activity,
        "activity_at": utc(entry.subject_at),
        "rule_id": None if entry.rule_id == PERSON else entry.rule_id,
        "effect": entry.kind.value,
        "asked": entry.asked,
        "given": entry.given,
        "before": entry.before,
        "after": entry.after,
        "corrects": entry.corrects,
        "expires_on": entry.expires_on.isoformat() if entry.expires_on else None,
        "by": entry.by,
        "reason": entry.reason,
        "counts": entry.epoch == epoch,
    }


def changed(contact: str, written: ScoreEntry) -> dict[str, Any]:
    """A score after a change by hand, and the change."""
    return {"contact": contact, "score": written.after, "entry": entry(written, written.epoch)}


def verified(verification: Verification) -> dict[str, Any]:
    """What was found of a score."""
    return {
        "contact": verification.contact,
        "score": verification.score,
        "score_before": verification.kept,
        "entries": verification.entries,
        "sound": verification.sound,
        "repaired": verification.repaired,
    }


def were_reset(audience: Audience, contact: str | None, at: datetime) -> dict[str, Any]:
    """Whose scores were reset."""
    return {"audience_id": audience.id, "contact": contact, "reset_at": utc(at)}


def counted(criteria: ScoreCriteria, counted: Counted) -> dict[str, Any]:
    """How many contacts were counted."""
    return {"count": counted.count, "more": counted.more, "rebuilding": _rebuilding(criteria)}


def found(
    audience: Audience, criteria: ScoreCriteria, rows: Iterable[FoundContact], cursor: str | None
) -> dict[str, Any]:
    """A page of a search."""
    return {
        "rows": [_row(audience, criteria.figures, row) for row in rows],
        "next_cursor": cursor,
        "rebuilding": _rebuilding(criteria),
    }


def csv_header(criteria: ScoreCriteria) -> tuple[str, ...]:
    """Names of the columns of ``csv_row``."""
    return (*_CSV_HEADER, *_CSV_FIGURES) if criteria.figures else _CSV_HEADER


def csv_row(criteria: ScoreCriteria, row: FoundContact) -> tuple[str, ...]:
    """A contact found; text that a spreadsheet would run as a formula is quoted."""
    score = "" if row.score is None else str(row.score)
    texts = (row.contact, row.email, row.first_name or "", row.last_name or "", row.status.value)
    shown = (*map(inert, texts), score)
    if criteria.figures is None:
        return shown
    told = _figures(criteria.figures, row) or {}
    return (*shown, *(str(told.get(name, "")) for name in _CSV_FIGURES))


def _row(audience: Audience, asked: StoreCriterion | None, row: FoundContact) -> dict[str, Any]:
    return {
        "contact": row.contact,
        "email": row.email,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "status": row.status.value,
        "score": row.score,
        "tags": None if row.tags is None else list(row.tags),
        "figures": _figures(asked, row),
        "profile": profile(audience.id, row.contact),
    }


def _figures(asked: StoreCriterion | None, row: FoundContact) -> dict[str, Any] | None:
    return metrics(row.figures, asked.store.currency) if asked and row.figures else None


def _rebuilding(criteria: ScoreCriteria) -> bool:
    """True if the figures that were asked for are being computed again."""
    return criteria.figures is not None and criteria.figures.store.rebuild is not None


def _condition(condition: Condition) -> dict[str, Any]:
    several = condition.operator is Operator.ONE_OF
    values: Sequence[Any] = [_value(value) for value in condition.values]
    return {
        "property": condition.property,
        "operator": condition.operator.value,
        "value": None if several else values[0],
        "values": values if several else None,
    }


def _value(value: PropertyValue) -> str | int | bool:
    return value if isinstance(value, str | int) else str(value)
