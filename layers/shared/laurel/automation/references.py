"""Whether an automation makes sense where it is to be: what it names is there, and its parts go together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from laurel.model.account import Store
from laurel.model.automation import (
    Automation,
    Condition,
    MetricBetween,
    RankEnters,
    RankLeaves,
    ScoreBetween,
    ScoreEnters,
    ScoreFallsUnder,
    ScoreReaches,
    Step,
    StepKind,
    Trigger,
)
from laurel.model.errors import FieldError, InvalidInput
from laurel.model.scoring import EffectKind, fault_of_points

LONGEST_WAIT = timedelta(days=365)
"""All delays of an automation together: a run is kept for little longer."""

_ON_SCORES = (ScoreReaches, ScoreFallsUnder, ScoreEnters)
_ON_RANKS = (RankEnters, RankLeaves)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an automation may name: stores of its audience, templates and programmes, by id.

    ``local`` allows webhooks to this machine, without https.
    """

    stores: Mapping[str, Store]
    templates: Collection[str]
    programmes: Collection[str]
    local: bool = False


def require_sense(automation: Automation, known: Surroundings, within: str = "") -> None:
    """Raise ``InvalidInput`` with JSON pointers, below ``within``, to all that makes no sense."""
    faults = tuple(FieldError(within + pointer, detail) for pointer, detail in _faults(automation, known))
    if faults:
        raise InvalidInput("The automation makes no sense.", faults)


def _faults(it: Automation, known: Surroundings) -> Iterator[tuple[str, str]]:
    yield from _faults_of_trigger(it.trigger, known)
    if it.hysteresis and not isinstance(it.trigger, (*_ON_SCORES, *_ON_RANKS)):
        yield "/hysteresis", "Only scores and ranks go back by so much."
    if it.include_existing and not it.enabled:
        yield "/include_existing", "Say this when you enable it: those are included who meet the trigger then."
    for number, condition in enumerate(it.conditions):
        for place, detail in _faults_of_condition(condition, known):
            yield f"/conditions/{number}/{place}", detail
    for number, step in enumerate(it.steps):
        for place, detail in _faults_of_step(step, known):
            yield f"/steps/{number}/{place}", detail
    waits = [step.delay.length for step in it.steps if step.delay]
    if sum(waits, timedelta()) > LONGEST_WAIT:
        yield "/steps", f"All delays together may take {LONGEST_WAIT.days} days."


def _faults_of_trigger(trigger: Trigger, known: Surroundings) -> Iterator[tuple[str, str]]:
    match trigger:
        case RankEnters() | RankLeaves():
            yield from _store("/trigger/store", trigger.store_id, known)
        case ScoreEnters() if trigger.least > trigger.most:
            yield "/trigger/most", "This must not be less than least."
        case ScoreFallsUnder(points=0):
            yield "/trigger/points", "No score is under 0."
        case _:
            pass


def _faults_of_condition(condition: Condition, known: Surroundings) -> Iterator[tuple[str, str]]:
    if isinstance(condition, MetricBetween):
        yield from _store("store", condition.store_id, known)
    if isinstance(condition, MetricBetween | ScoreBetween):
        least, most = condition.least, condition.most
        if least is None and most is None:
            yield "least", "Give at least one of least and most."
        elif least is not None and most is not None and least > most:
            yield "most", "This must not be less than least."


def _faults_of_step(step: Step, known: Surroundings) -> Iterator[tuple[str, str]]:
    settings = step.settings
    match step.kind:
        case StepKind.SEND_TEMPLATE:
            if settings["template"] not in known.templates:
                yield "template", f"There is no template {settings['template']!r} in this account."
            if settings.get("store") is not None:
                yield from _store("store", settings["store"], known)
        case StepKind.GIVE_REWARD if settings["programme"] not in known.programmes:
            yield "programme", f"There is no reward programme {settings['programme']!r} in this audience."
        case StepKind.CALL_WEBHOOK if not known.local and not settings["url"].startswith("https:"):
            yield "url", "Webhooks go out by https only."
        case StepKind.CHANGE_SCORE:
            if fault := fault_of_points(EffectKind(settings["effect"]), settings.get("points")):
                yield "points", fault
        case _:
            pass


def _store(place: str, store_id: str, known: Surroundings) -> Iterator[tuple[str, str]]:
    if store_id not in known.stores:
        yield place, f"There is no store {store_id!r} in this audience."
