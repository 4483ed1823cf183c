"""Runs of automations, as items of their contacts' partitions."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from laurel.model.automation import RUNS_KEPT, Run, RunState, StepOutcome
from laurel.model.contact import ContactRef
from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.automation_items import decode_steps, encode_steps
from laurel.store.dynamodb import Item, Value, attributes, instant, string


def run_key(ref: ContactRef, run_id: str) -> Item:
    """Where a run is kept."""
    return attributes({"pk": keys.person(ref.account_id, ref.audience_id, ref.contact), "sk": keys.run(run_id)})


def encode_run(it: Run) -> Item:
    """The whole item of a run."""
    started_at = epoch_ms(it.started_at)
    values: dict[str, Value] = {
        "automation": it.automation_id,
        "automation_name": it.automation_name,
        "automation_version": it.automation_version,
        "steps": _json(encode_steps(it.steps)),
        "started_at": started_at,
        "cause": _json(it.cause),
        "chain": list(it.chain),
        "expires_at": epoch_ms(it.started_at + RUNS_KEPT) // 1000,
        "list_pk": keys.run_list(it.ref.account_id, it.ref.audience_id, it.automation_id),
        "list_sk": keys.run_place(started_at, it.id),
    }
    return run_key(it.ref, it.id) | attributes(values | progress(it))


def progress(it: Run) -> dict[str, Value]:
    """What changes while a run goes on."""
    return {
        "state": it.state.value,
        "step": it.step,
        "due": None if it.due is None else epoch_ms(it.due),
        "reason": it.reason,
        "log": _json([_outcome(outcome) for outcome in it.log]) if it.log else None,
        "version": it.version,
    }


def decode_run(item: Item) -> Run:
    """The run that ``encode_run`` was given."""
    account_id, audience_id, contact = keys.split(item["pk"]["S"])
    log = string(item, "log")
    return Run(
        ref=ContactRef(account_id, audience_id, contact),
        id=keys.split(item["sk"]["S"])[1],
        automation_id=item["automation"]["S"],
        automation_name=item["automation_name"]["S"],
        automation_version=int(item["automation_version"]["N"]),
        steps=decode_steps(json.loads(item["steps"]["S"])),
        started_at=instant(item, "started_at"),
        cause=json.loads(item["cause"]["S"]),
        chain=tuple(it["S"] for it in item["chain"]["L"]),
        state=RunState(item["state"]["S"]),
        step=int(item["step"]["N"]),
        due=instant(item, "due") if "due" in item else None,
        reason=string(item, "reason"),
        log=tuple(_decode_outcome(it) for it in json.loads(log)) if log else (),
        version=int(item["version"]["N"]),
    )


def _outcome(it: StepOutcome) -> dict[str, Any]:
    said: dict[str, Any] = {"step": it.step, "at": epoch_ms(it.at), "outcome": it.outcome}
    return said | ({"detail": dict(it.detail)} if it.detail else {})


def _decode_outcome(it: dict[str, Any]) -> StepOutcome:
    at = datetime.fromtimestamp(it["at"] / 1000, UTC)
    return StepOutcome(it["step"], at, it["outcome"], it.get("detail", {}))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
