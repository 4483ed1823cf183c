"""Automations, their triggers, conditions and steps, as a table and JSON can hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from laurel.model.automation import (
    Automation,
    Condition,
    ConditionKind,
    ConsentIs,
    Delay,
    DelayUnit,
    FirstPurchaseMade,
    HasTag,
    LocaleIs,
    MetricBetween,
    RankEnters,
    RankLeaves,
    Repeat,
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
    TriggerKind,
    kind_of_condition,
    kind_of_trigger,
)
from laurel.model.contact import ConsentStatus
from laurel.model.order import epoch_ms
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.signal import Pulse
from laurel.store.dynamodb import Value

_TRIGGERS: Mapping[TriggerKind, Callable[[Mapping[str, Any]], Trigger]] = {
    TriggerKind.SCORE_REACHES: lambda item: ScoreReaches(item["points"]),
    TriggerKind.SCORE_FALLS_UNDER: lambda item: ScoreFallsUnder(item["points"]),
    TriggerKind.SCORE_ENTERS: lambda item: ScoreEnters(item["least"], item["most"]),
    TriggerKind.RANK_ENTERS: lambda item: RankEnters(*_board(item), item["first"]),
    TriggerKind.RANK_LEAVES: lambda item: RankLeaves(*_board(item), item["first"]),
    TriggerKind.TAG_ADDED: lambda item: TagAdded(item["tag"]),
    TriggerKind.SILENT: lambda item: Silent(Pulse(item["pulse"]), item["days"]),
    TriggerKind.FIRST_PURCHASE: lambda _: FirstPurchaseMade(),
    TriggerKind.SLIPPING: lambda item: Slipping(frozenset(item["alerts"])),
}


def encode_automation(it: Automation) -> dict[str, Value]:
    """An automation's values, its ids apart."""
    return {
        "name": it.name,
        "enabled": it.enabled,
        "trigger": encode_trigger(it.trigger),
        "conditions": [encode_condition(condition) for condition in it.conditions],
        "steps": encode_steps(it.steps),
        "repeat": it.repeat.value,
        "hysteresis": it.hysteresis,
        "include_existing": it.include_existing,
        "counts_history": it.counts_history,
        "created_at": _milliseconds(it.created_at),
        "created_by": it.created_by,
        "updated_at": _milliseconds(it.updated_at),
        "enabled_at": _milliseconds(it.enabled_at),
        "version": it.version,
    }


def decode_automation(account_id: str, audience_id: str, id_: str, item: Mapping[str, Any]) -> Automation:
    """The automation that ``encode_automation`` was given; values that are None may be missing."""
    return Automation(
        account_id=account_id,
        audience_id=audience_id,
        id=id_,
        name=item["name"],
        enabled=item["enabled"],
        trigger=decode_trigger(item["trigger"]),
        conditions=tuple(decode_condition(condition) for condition in item["conditions"]),
        steps=decode_steps(item["steps"]),
        repeat=Repeat(item["repeat"]),
        hysteresis=item["hysteresis"],
        include_existing=item["include_existing"],
        counts_history=item["counts_history"],
        created_at=_instant(item.get("created_at")),
        created_by=item.get("created_by"),
        updated_at=_instant(item.get("updated_at")),
        enabled_at=_instant(item.get("enabled_at")),
        version=item["version"],
    )


def encode_trigger(trigger: Trigger) -> dict[str, Value]:
    """A trigger's kind and numbers."""
    values: dict[str, Value] = {"kind": kind_of_trigger(trigger).value}
    match trigger:
        case ScoreReaches() | ScoreFallsUnder():
            values |= {"points": trigger.points}
        case ScoreEnters():
            values |= {"least": trigger.least, "most": trigger.most}
        case RankEnters() | RankLeaves():
            values |= {
                "store": trigger.store_id,
                "metric": trigger.metric.value,
                "time_frame": trigger.time_frame.value,
                "first": trigger.first,
            }
        case TagAdded():
            values |= {"tag": trigger.tag}
        case Silent():
            values |= {"pulse": trigger.pulse.value, "days": trigger.days}
        case Slipping():
            values |= {"alerts": [*sorted(trigger.alerts)]}
        case FirstPurchaseMade():
            pass
    return values


def decode_trigger(item: Mapping[str, Any]) -> Trigger:
    """The trigger that ``encode_trigger`` was given."""
    return _TRIGGERS[TriggerKind(item["kind"])](item)


def encode_condition(condition: Condition) -> dict[str, Value]:
    """A condition's kind and what it demands."""
    values: dict[str, Value] = {"kind": kind_of_condition(condition).value}
    match condition:
        case ConsentIs():
            values |= {"statuses": [status.value for status in sorted(condition.statuses)]}
        case HasTag():
            values |= {"tag": condition.tag, "has": condition.has}
        case LocaleIs():
            values |= {"locales": [*sorted(condition.locales)]}
        case ScoreBetween():
            values |= {"least": condition.least, "most": condition.most}
        case MetricBetween():
            values |= {
                "store": condition.store_id,
                "metric": condition.metric.value,
                "time_frame": condition.time_frame.value,
                "least": condition.least,
                "most": condition.most,
            }
    return values


def decode_condition(item: Mapping[str, Any]) -> Condition:
    """The condition that ``encode_condition`` was given; values that are None may be missing."""
    match ConditionKind(item["kind"]):
        case ConditionKind.CONSENT:
            return ConsentIs(frozenset(map(ConsentStatus, item["statuses"])))
        case ConditionKind.TAG:
            return HasTag(item["tag"], has=item["has"])
        case ConditionKind.LOCALE:
            return LocaleIs(frozenset(item["locales"]))
        case ConditionKind.SCORE:
            return ScoreBetween(item.get("least"), item.get("most"))
        case ConditionKind.METRIC:
            return MetricBetween(*_board(item), item.get("least"), item.get("most"))


def encode_steps(steps: Sequence[Step]) -> list[Value]:
    """Steps in their order."""
    return [
        {
            "kind": step.kind.value,
            "settings": {name: value for name, value in step.settings.items() if value is not None},
            **({"delay": {"amount": step.delay.amount, "unit": step.delay.unit.value}} if step.delay else {}),
        }
        for step in steps
    ]


def decode_steps(items: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps that ``encode_steps`` was given."""
    return tuple(
        Step(
            StepKind(item["kind"]),
            item["settings"],
            Delay(item["delay"]["amount"], DelayUnit(item["delay"]["unit"])) if item.get("delay") else None,
        )
        for item in items
    )


def _board(item: Mapping[str, Any]) -> tuple[str, Metric, TimeFrame]:
    return item["store"], Metric(item["metric"]), TimeFrame(item["time_frame"])


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else epoch_ms(at)


def _instant(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
