"""What a contact's timeline looks like in answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from laurel.http import automations_out, messages_out, rewards_out
from laurel.http.formats import utc
from laurel.model.activity import Activity
from laurel.model.automation import Run
from laurel.model.message import Message
from laurel.model.money import major_units
from laurel.model.order import LedgerOrder
from laurel.model.reward import Award, Programme
from laurel.model.scoring import PERSON
from laurel.workspace.timeline import TimelineEntry


def entry(it: TimelineEntry, programmes: Mapping[str, Programme]) -> dict[str, Any]:
    """One line of a timeline; the key named like its ``kind`` holds what happened. ``programmes`` are by id."""
    return {"at": utc(it.at), "kind": it.kind, "id": it.id, it.kind: _fact(it, programmes)}


def _fact(entry: TimelineEntry, programmes: Mapping[str, Programme]) -> Mapping[str, Any]:
    fact = entry.fact
    if isinstance(fact, LedgerOrder):
        return {
            "store_id": entry.store_id,
            "order_id": fact.id,
            "number": fact.number,
            "status": fact.state.value,
            "test": fact.test,
            "total": major_units(fact.total, fact.currency),
            "refunded": major_units(fact.refunded, fact.currency),
            "currency": fact.currency,
        }
    if isinstance(fact, Activity):
        return {
            "name": fact.name,
            "properties": dict(fact.properties),
            "machine": fact.machine,
            "machine_note": fact.machine_note,
        }
    if isinstance(fact, Message):
        return messages_out.fact(fact)
    if isinstance(fact, Run):
        return automations_out.fact(fact)
    if isinstance(fact, Award):
        return rewards_out.fact(fact, programmes.get(fact.programme_id))
    return {
        "activity": fact.activity,
        "rule_id": None if fact.rule_id == PERSON else fact.rule_id,
        "effect": fact.kind.value,
        "asked": fact.asked,
        "given": fact.given,
        "before": fact.before,
        "after": fact.after,
        "reason": fact.reason,
        "by": fact.by,
        "corrects": fact.corrects,
    }
