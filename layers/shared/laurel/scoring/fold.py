"""Fold a contact's steps through the rules, in order, holding the score within its bounds after each."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import assert_never

from laurel.model.scoring import (
    PERSON,
    CapWindow,
    Change,
    Condition,
    Correction,
    EffectKind,
    FrequencyCap,
    Operator,
    Property,
    PropertyValue,
    ScoreEntry,
    ScoreState,
    ScoringRule,
    Step,
    Trigger,
    held,
)

_KEPT_WINDOWS = 40
_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?")
_TAKEN_BACK = frozenset({EffectKind.ADD, EffectKind.SUBTRACT, EffectKind.ADD_PER_UNIT})


@dataclass(frozen=True, slots=True)
class Folded:
    """The state after the steps, and one entry for each time a rule or a change had its say."""

    state: ScoreState
    entries: tuple[ScoreEntry, ...] = ()


def fold(
    state: ScoreState, steps: Iterable[Step], rules: Sequence[ScoringRule], earlier: Collection[ScoreEntry] = ()
) -> Folded:
    """Apply steps in the given order, and to each trigger the rules in the order of their creation.

    ``earlier`` are the entries that the subjects of corrections have so far.
    """
    entries: list[ScoreEntry] = []
    for step in steps:
        match step:
            case Trigger():
                following = _triggered(state, step, rules)
            case Correction():
                following = _corrected(state, step, [*earlier, *entries])
            case Change():
                following = _changed(state, step)
            case _:
                assert_never(step)
        entries += following.entries
        state = following.state
    return Folded(state, tuple(entries))


def meets(trigger: Trigger, rule: ScoringRule) -> bool:
    """True if the rule is on, names this activity, lets machines count if it was one, and all its conditions hold."""
    return (
        rule.enabled
        and rule.activity == trigger.name
        and (rule.counts_machines or not trigger.machine)
        and all(holds(condition, trigger.properties) for condition in rule.conditions)
    )


def holds(condition: Condition, properties: Mapping[str, Property]) -> bool:
    """True if the property is there and compares as demanded; one element of a list is enough. Case does not matter."""
    actual = properties.get(condition.property)
    if actual is None:
        return False
    if isinstance(actual, tuple):
        return any(_compares(condition, element) for element in actual)
    return _compares(condition, actual)


def number_of(value: PropertyValue) -> Decimal | None:
    """The value as a number, if it is one. Ids are not: of a text, 007 and 1E3 stay what they are."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return Decimal(value) if _NUMBER.fullmatch(value) else None
    number = Decimal(value)
    return number if number.is_finite() else None


def window_of(cap: FrequencyCap, at: datetime) -> str:
    """Names the window of a frequency cap that an instant falls into; names of one kind of window sort by time."""
    day = at.astimezone(UTC).date()
    match cap.window:
        case CapWindow.EVER:
            return CapWindow.EVER.value
        case CapWindow.DAY:
            return day.isoformat()
        case CapWindow.WEEK:
            return (day - timedelta(days=day.weekday())).isoformat()
        case CapWindow.MONTH:
            return day.isoformat()[:7]


def _triggered(state: ScoreState, trigger: Trigger, rules: Sequence[ScoringRule]) -> Folded:
    entries: list[ScoreEntry] = []
    for rule in rules:
        if not meets(trigger, rule) or _used_up(state.uses.get(rule.id, {}), rule.frequency_cap, trigger.at):
            continue
        per_unit = rule.effect.kind is EffectKind.ADD_PER_UNIT
        expires = rule.expires_after_days
        entry = ScoreEntry(
            subject=trigger.subject,
            cause=trigger.cause,
            rule_id=rule.id,
            subject_at=trigger.at,
            at=trigger.at,
            activity=trigger.name,
            kind=rule.effect.kind,
            asked=rule.effect.asked(state.points, trigger.amount),
            given=0,
            before=state.points,
            after=rule.effect.applied(state.points, trigger.amount),
            seq=state.seq + 1,
            epoch=state.epoch,
            unit_points=rule.effect.points if per_unit else None,
            expires_on=None if expires is None else trigger.at.astimezone(UTC).date() + timedelta(days=expires),
        )
        state, entry = _stepped(state, entry)
        state = replace(state, uses=_counted(state.uses, rule, trigger.at))
        entries.append(entry)
    return Folded(state, tuple(entries))


def _changed(state: ScoreState, change: Change) -> Folded:
    state, entry = _stepped(
        state,
        ScoreEntry(
            subject=change.subject,
            cause=change.cause,
            rule_id=PERSON,
            subject_at=change.at,
            at=change.at,
            activity=change.activity,
            kind=change.effect.kind,
            asked=change.effect.asked(state.points),
            given=0,
            before=state.points,
            after=change.effect.applied(state.points),
            seq=state.seq + 1,
            epoch=state.epoch,
            by=change.by,
            reason=change.reason,
        ),
    )
    return Folded(replace(state, uses={}) if change.frees_caps else state, (entry,))


def _corrected(state: ScoreState, correction: Correction, earlier: Collection[ScoreEntry]) -> Folded:
    entries: list[ScoreEntry] = []
    for rule_id, known in _by_rule(state, correction, earlier).items():
        asked = _asked(correction, known)
        if asked == 0:
            continue
        state, entry = _stepped(
            state,
            ScoreEntry(
                subject=correction.subject,
                cause=correction.cause,
                rule_id=rule_id,
                subject_at=correction.subject_at,
                at=correction.at,
                activity=correction.activity,
                kind=EffectKind.ADD if asked > 0 else EffectKind.SUBTRACT,
                asked=asked,
                given=0,
                before=state.points,
                after=None if state.points is None else held(state.points + asked),
                seq=state.seq + 1,
                epoch=state.epoch,
                corrects=True,
                reason=correction.reason,
            ),
        )
        entries.append(entry)
        if correction.amounts is None and correction.frees_cap:
            state = replace(state, uses=_freed(state.uses, rule_id, correction.subject_at))
    return Folded(state, tuple(entries))


def _by_rule(state: ScoreState, correction: Correction, earlier: Collection[ScoreEntry]) -> dict[str, list[ScoreEntry]]:
    """Entries whose points are still in the score, oldest first, by rule.

    What a later change of the same order wrote, and any expiry after that, was not there when the correction was first
    applied: a redelivery must come to the same.
    """
    about = [it for it in earlier if (it.subject, it.subject_at) == (correction.subject, correction.subject_at)]
    overtaken = min((it.seq for it in about if _is_later(it.cause, correction.cause)), default=None)
    known: dict[str, list[ScoreEntry]] = {}
    for entry in sorted(about, key=lambda entry: entry.seq):
        if overtaken and entry.seq >= overtaken and not _is_later(correction.cause, entry.cause):
            continue
        stands = entry.epoch == state.epoch and entry.seq > state.restarted
        meant = entry.rule_id == (correction.rule_id or entry.rule_id) and entry.rule_id not in correction.spared
        if stands and meant and (entry.corrects or entry.kind in _TAKEN_BACK):
            known.setdefault(entry.rule_id, []).append(entry)
    return known


def _is_later(cause: str, than: str) -> bool:
    """Changes of an order are numbered; what else corrects is not."""
    return cause.isdecimal() and than.isdecimal() and int(cause) > int(than)


def _asked(correction: Correction, known: Sequence[ScoreEntry]) -> int:
    """Points to give (or, below 0, to take) so that a rule's points fit the fact again.

    What was taken back counts in full, even if the score had less; what was given counts as far as the cap allowed.
    """
    outstanding = sum(min(entry.asked, entry.given) if entry.corrects else entry.given for entry in known)
    if correction.amounts is None:
        return -outstanding
    unit_points = [entry.unit_points for entry in known if not entry.corrects][-1]
    if unit_points is None:
        return 0
    before, after = (int(amount) for amount in correction.amounts)
    if after > before:
        return unit_points * (after - before)
    return min(unit_points * after - outstanding, 0)


def _stepped(state: ScoreState, entry: ScoreEntry) -> tuple[ScoreState, ScoreEntry]:
    given = (entry.after or 0) - (entry.before or 0)
    restarted = entry.seq if entry.kind.restarts else state.restarted
    return replace(state, points=entry.after, seq=entry.seq, restarted=restarted), replace(entry, given=given)


def _used_up(uses: Mapping[str, int], cap: FrequencyCap | None, at: datetime) -> bool:
    """True if the cap's window is used up; so is a window older than all that are kept."""
    if cap is None:
        return False
    window = window_of(cap, at)
    forgotten = len(uses) >= _KEPT_WINDOWS and window < min(uses)
    return forgotten or uses.get(window, 0) >= cap.times


def _counted(uses: Mapping[str, Mapping[str, int]], rule: ScoringRule, at: datetime) -> Mapping[str, Mapping[str, int]]:
    """Uses with one more of a capped rule. The newest windows are kept, whatever their number of days."""
    if rule.frequency_cap is None:
        return uses
    window = window_of(rule.frequency_cap, at)
    counted = dict(uses.get(rule.id, {}))
    counted[window] = counted.get(window, 0) + 1
    return {**uses, rule.id: dict(sorted(counted.items())[-_KEPT_WINDOWS:])}


def _freed(uses: Mapping[str, Mapping[str, int]], rule_id: str, at: datetime) -> Mapping[str, Mapping[str, int]]:
    """Uses with one less: what was taken back has not happened as far as the cap is concerned."""
    counted = dict(uses.get(rule_id, {}))
    for window in CapWindow:
        name = window_of(FrequencyCap(1, window), at)
        if name in counted:
            counted[name] = max(counted[name] - 1, 0)
            break
    return {**uses, rule_id: counted} if counted else uses


def _compares(condition: Condition, actual: PropertyValue) -> bool:
    expected = condition.values[0]
    match condition.operator:
        case Operator.EQUALS:
            return _same(actual, expected)
        case Operator.ONE_OF:
            return any(_same(actual, value) for value in condition.values)
        case Operator.CONTAINS:
            return str(expected).casefold() in str(actual).casefold()
        case Operator.GREATER | Operator.LESS:
            left, right = number_of(actual), number_of(expected)
            if left is None or right is None:
                return False
            return left > right if condition.operator is Operator.GREATER else left < right


def _same(actual: PropertyValue, expected: PropertyValue) -> bool:
    if isinstance(actual, bool) or isinstance(expected, bool):
        return actual is expected
    left, right = number_of(actual), number_of(expected)
    if left is not None and right is not None:
        return left == right
    return str(actual).casefold() == str(expected).casefold()
