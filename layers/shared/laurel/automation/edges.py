"""What a signal is to a trigger: a crossing, a going back that arms it again, or nothing.

A value that trembles about its threshold crosses it again and again. With a hysteresis, a trigger that was crossed is
spent until the value has gone back so far. Crossings and goings back are remembered as marks in the order of the
values, not in the order in which they are heard: of each stretch between two goings back, one crossing counts, whatever
order they arrive in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from laurel.model.automation import (
    Automation,
    FirstPurchaseMade,
    RankEnters,
    RankLeaves,
    Repeat,
    ScoreEnters,
    ScoreFallsUnder,
    ScoreReaches,
    Silent,
    Slipping,
    TagAdded,
    Trigger,
)
from laurel.model.automation_state import AutomationState, Mark
from laurel.model.period import is_of_complete_periods
from laurel.model.scoring import Points
from laurel.model.signal import (
    AlertRaised,
    Existing,
    FellSilent,
    FirstPurchase,
    RankMoved,
    ScoreMoved,
    Signal,
    TagGiven,
)

MOST_MARKS = 32

_NO_ERA = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A crossing, or else a going back. ``trembles`` is False for what has no value that could go back a little."""

    crosses: bool
    order: int = 0
    era: str = _NO_ERA
    trembles: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """What is remembered after an edge, and the mark of the crossing that counts, if one does."""

    state: AutomationState
    fires: Mark | None = None


def edge_of(automation: Automation, signal: Signal) -> Edge | None:
    """What a signal is to an automation; None if it is nothing."""
    trigger = automation.trigger
    if isinstance(signal, ScoreMoved):
        return _score_edge(trigger, signal, automation.hysteresis)
    if isinstance(signal, RankMoved):
        return _rank_edge(trigger, signal, automation.hysteresis)
    return Edge(crosses=True) if _is_meant(trigger, signal) else None


def settle(automation: Automation, state: AutomationState, edge: Edge, *, counts: bool) -> Settled:
    """What an edge makes of what is remembered. One that does not count uses up what is armed, and starts nothing."""
    if automation.repeat is Repeat.ONCE:
        crossing = Mark(edge.order, edge.era, armed=False, spent=True)
        return Settled(state, crossing if edge.crosses and counts and not state.fired else None)
    if not edge.trembles:
        return Settled(state, Mark(edge.order, edge.era, armed=False, spent=True) if counts else None)
    if _is_known(state.marks, edge):
        return Settled(state)
    anew = not isinstance(automation.trigger, ScoreFallsUnder | RankLeaves)
    mark = Mark(edge.order, edge.era, armed=not edge.crosses)
    marks = sorted((*state.marks, mark), key=lambda it: it.order)
    place = marks.index(mark)
    fires = _spend(marks, place, anew=anew)
    if mark.armed and place and not fires:
        # A going back that was heard of late may cut off what no crossing counted for.
        fires = _spend(marks, place - 1, anew=anew)
    return Settled(replace(state, marks=_latest(marks, anew=anew)), fires if counts else None)


def is_under(score: Points, number: int) -> bool:
    """True for a lower score; no score is under every number."""
    return score is None or score < number


def is_among(rank: int | None, first: int) -> bool:
    """True for one of the first so many ranks."""
    return rank is not None and rank <= first


def lies_within(score: Points, trigger: ScoreEnters) -> bool:
    """True for a score between the trigger's numbers."""
    return score is not None and trigger.least <= score <= trigger.most


def rank_thresholds(automation: Automation) -> frozenset[int]:
    """Which first so many ranks an automation has to hear of when somebody enters or leaves them."""
    trigger, back = automation.trigger, automation.hysteresis
    if isinstance(trigger, RankEnters):
        return frozenset({trigger.first, trigger.first + max(back - 1, 0)})
    if isinstance(trigger, RankLeaves):
        return frozenset({trigger.first, max(trigger.first - back, 1)})
    return frozenset()


def _is_meant(trigger: Trigger, signal: TagGiven | FirstPurchase | FellSilent | AlertRaised | Existing) -> bool:
    match signal:
        case TagGiven():
            return isinstance(trigger, TagAdded) and trigger.tag == signal.tag
        case FirstPurchase():
            return isinstance(trigger, FirstPurchaseMade)
        case FellSilent():
            return isinstance(trigger, Silent) and (trigger.pulse, trigger.days) == (signal.pulse, signal.days)
        case AlertRaised():
            return isinstance(trigger, Slipping) and (not trigger.alerts or signal.alert in trigger.alerts)
        case Existing():
            return True


def _score_edge(trigger: Trigger, signal: ScoreMoved, back: int) -> Edge | None:
    match trigger:
        case ScoreReaches(points):
            crossed, returned = _turned(
                signal, lambda score: not is_under(score, points), lambda score: is_under(score, points - back + 1)
            )
        case ScoreFallsUnder(points):
            crossed, returned = _turned(
                signal, lambda score: is_under(score, points), lambda score: not is_under(score, points + back)
            )
        case ScoreEnters():
            wide = ScoreEnters(trigger.least - back + 1, trigger.most + back - 1)
            crossed, returned = _turned(
                signal, lambda score: lies_within(score, trigger), lambda score: not lies_within(score, wide)
            )
        case _:
            return None
    return _edge(signal.seq, str(signal.epoch), back, crossed=crossed, returned=returned)


def _rank_edge(trigger: Trigger, signal: RankMoved, back: int) -> Edge | None:
    if not isinstance(trigger, RankEnters | RankLeaves):
        return None
    if (trigger.store_id, trigger.metric, trigger.time_frame) != (signal.store_id, signal.metric, signal.time_frame):
        return None
    first = trigger.first
    if isinstance(trigger, RankEnters):
        crossed, returned = _turned(
            signal, lambda rank: is_among(rank, first), lambda rank: not is_among(rank, first + back - 1)
        )
    else:
        crossed, returned = _turned(
            signal, lambda rank: not is_among(rank, first), lambda rank: is_among(rank, first - back)
        )
    # A running board begins anew with each period; those of complete periods follow one another.
    era = _NO_ERA if is_of_complete_periods(signal.time_frame) else signal.period
    return _edge(round(signal.at.timestamp()), era, back, crossed=crossed, returned=returned)


def _turned(
    signal: ScoreMoved | RankMoved, beyond: Callable[[int | None], bool], back: Callable[[int | None], bool]
) -> tuple[bool, bool]:
    """Whether a value has come to lie beyond a trigger's threshold, and whether it has come to lie far enough back."""
    before, after = signal.before, signal.after
    return beyond(after) and not beyond(before), back(after) and not back(before)


def _edge(order: int, era: str, back: int, *, crossed: bool, returned: bool) -> Edge | None:
    """Without a hysteresis nothing has to be remembered: whoever crosses has been on the other side."""
    if crossed:
        return Edge(crosses=True, order=order, era=era, trembles=back > 0)
    return Edge(crosses=False, order=order, era=era, trembles=True) if returned and back else None


def _is_known(marks: Sequence[Mark], edge: Edge) -> bool:
    """True for an edge that was heard of, or that lies before all that is remembered."""
    if any(it.order == edge.order for it in marks):
        return True
    return len(marks) >= MOST_MARKS and edge.order < marks[0].order


def _spend(marks: list[Mark], place: int, *, anew: bool) -> Mark | None:
    """Let the first crossing of the stretch that a mark lies in count, if none of it has."""
    start, end = place, place + 1
    while start > 0 and not _begins(marks, start, anew=anew):
        start -= 1
    while end < len(marks) and not _begins(marks, end, anew=anew):
        end += 1
    crossings = [at for at in range(start, end) if not marks[at].armed]
    if not crossings or any(marks[at].spent for at in crossings):
        return None
    marks[crossings[0]] = replace(marks[crossings[0]], spent=True)
    return marks[crossings[0]]


def _begins(marks: Sequence[Mark], at: int, *, anew: bool) -> bool:
    """True where a stretch begins: at a going back and, with ``anew``, in a new era."""
    return at == 0 or marks[at].armed or (anew and marks[at].era != marks[at - 1].era)


def _latest(marks: list[Mark], *, anew: bool) -> tuple[Mark, ...]:
    """The last of them. What was spent in a stretch that is cut stays so."""
    while len(marks) > MOST_MARKS:
        if marks[0].spent and not _begins(marks, 1, anew=anew):
            marks[1] = replace(marks[1], spent=True)
        marks = marks[1:]
    return tuple(marks)
