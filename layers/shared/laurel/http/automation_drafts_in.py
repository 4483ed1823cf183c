"""Automations as the model has them, made from what clients send."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from laurel.http.automations_in import (
    AutomationChange,
    AutomationConditionIn,
    AutomationIn,
    ConsentConditionIn,
    FirstPurchaseIn,
    LocaleConditionIn,
    MetricConditionIn,
    RankEntersIn,
    RankLeavesIn,
    ScoreConditionIn,
    ScoreEntersIn,
    ScoreFallsUnderIn,
    ScoreReachesIn,
    SilentIn,
    SlippingIn,
    StepIn,
    TagAddedIn,
    TagConditionIn,
    TriggerIn,
)
from laurel.http.schemas import Body
from laurel.model.account import Audience, Store
from laurel.model.automation import (
    Automation,
    Condition,
    ConsentIs,
    Delay,
    FirstPurchaseMade,
    HasTag,
    LocaleIs,
    MetricBetween,
    RankEnters,
    RankLeaves,
    ScoreBetween,
    ScoreEnters,
    ScoreFallsUnder,
    ScoreReaches,
    Silent,
    Slipping,
    Step,
    StepKind,
    TagAdded,
    Trigger,
)
from laurel.model.errors import FieldError, InvalidInput, located
from laurel.model.identity import new_id
from laurel.model.money import minor_units
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric

_OF_STEP = {"kind", "delay"}


def automation_of(
    body: AutomationIn, audience: Audience, stores: Mapping[str, Store], now: datetime, by: str | None, within: str = ""
) -> Automation:
    """The new automation that a body describes. ``stores`` are the audience's.

    Raises ``InvalidInput`` with JSON pointers below ``within``.
    """
    return Automation(
        account_id=audience.account_id,
        audience_id=audience.id,
        id=new_id(),
        name=body.name,
        enabled=body.enabled,
        trigger=_trigger(body.trigger),
        conditions=_conditions(body.conditions, stores, within),
        steps=_steps(body.steps),
        repeat=body.repeat,
        hysteresis=body.hysteresis,
        include_existing=body.include_existing,
        counts_history=body.counts_history,
        created_at=now,
        created_by=by,
        updated_at=now,
        enabled_at=now if body.enabled else None,
    )


def changed(known: Automation, body: AutomationChange, stores: Mapping[str, Store], now: datetime) -> Automation:
    """An automation after a change. Raises ``InvalidInput``.

    Enabling it, and asking to include those who meet its trigger, begins another activation: whom to include is asked
    each time.
    """
    plain = ("name", "enabled", "repeat", "hysteresis", "counts_history")
    values: dict[str, Any] = {name: value for name in plain if (value := getattr(body, name)) is not None}
    if body.trigger is not None:
        values["trigger"] = _trigger(body.trigger)
    if body.conditions is not None:
        values["conditions"] = _conditions(body.conditions, stores)
    if body.steps is not None:
        values["steps"] = _steps(body.steps)
    after = replace(known, **values, updated_at=now)
    if not after.enabled:
        return replace(after, include_existing=body.include_existing or False)
    if body.include_existing or not known.enabled:
        return replace(after, include_existing=body.include_existing or False, enabled_at=now)
    return after


def _trigger(body: TriggerIn) -> Trigger:
    return _TRIGGERS[type(body)](body)


def _board(body: RankEntersIn | RankLeavesIn | MetricConditionIn) -> tuple[str, Metric, TimeFrame]:
    return body.store, body.rank_by, body.time_frame


_TRIGGERS: dict[type[Body], Callable[[Any], Trigger]] = {
    ScoreReachesIn: lambda body: ScoreReaches(body.points),
    ScoreFallsUnderIn: lambda body: ScoreFallsUnder(body.points),
    ScoreEntersIn: lambda body: ScoreEnters(body.least, body.most),
    RankEntersIn: lambda body: RankEnters(*_board(body), body.first),
    RankLeavesIn: lambda body: RankLeaves(*_board(body), body.first),
    TagAddedIn: lambda body: TagAdded(body.tag),
    SilentIn: lambda body: Silent(body.of, body.days),
    FirstPurchaseIn: lambda _: FirstPurchaseMade(),
    SlippingIn: lambda body: Slipping(frozenset(alert.value for alert in body.alerts)),
}


def _conditions(
    bodies: Sequence[AutomationConditionIn], stores: Mapping[str, Store], within: str = ""
) -> tuple[Condition, ...]:
    made, faults = [], list[FieldError]()
    for number, body in enumerate(bodies):
        try:
            made.append(_condition(body, stores, f"{within}/conditions/{number}"))
        except InvalidInput as error:
            faults += error.errors
    if faults:
        raise InvalidInput("A condition makes no sense.", tuple(faults))
    return tuple(made)


def _condition(body: AutomationConditionIn, stores: Mapping[str, Store], pointer: str) -> Condition:
    match body:
        case ConsentConditionIn():
            return ConsentIs(frozenset(body.statuses))
        case TagConditionIn():
            return HasTag(body.tag, has=body.has)
        case LocaleConditionIn():
            return LocaleIs(frozenset(body.locales))
        case ScoreConditionIn():
            return ScoreBetween(body.least, body.most)
        case MetricConditionIn():
            store = stores.get(body.store)
            if store is None:
                raise InvalidInput.at(f"{pointer}/store", f"There is no store {body.store!r} in this audience.")
            least = _figure(body.least, body.rank_by, store, f"{pointer}/least")
            most = _figure(body.most, body.rank_by, store, f"{pointer}/most")
            return MetricBetween(*_board(body), least, most)


def _figure(text: str | None, metric: Metric, store: Store, pointer: str) -> int | None:
    """A number of purchases, or an amount in minor units."""
    if text is None:
        return None
    if metric is Metric.ORDERS_COUNT:
        if not text.isdecimal():
            raise InvalidInput.at(pointer, "This is a whole number of purchases.")
        return int(text)
    return located(pointer, lambda: minor_units(text, store.currency))


def _steps(bodies: Sequence[StepIn]) -> tuple[Step, ...]:
    return tuple(map(_step, bodies))


def _step(body: StepIn) -> Step:
    settings = body.model_dump(mode="json", exclude=_OF_STEP)
    delay = Delay(body.delay.amount, body.delay.unit) if body.delay else None
    return Step(StepKind(body.kind), settings, delay)
