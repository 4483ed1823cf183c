"""What automations, their dry runs and their runs look like in answers: codes and numbers, no sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from laurel.http.formats import profile, utc, utc_or_none
from laurel.model.account import Store
from laurel.model.automation import (
    Automation,
    Condition,
    ConsentIs,
    FirstPurchaseMade,
    HasTag,
    LocaleIs,
    MetricBetween,
    RankEnters,
    RankLeaves,
    Run,
    ScoreBetween,
    ScoreEnters,
    ScoreFallsUnder,
    ScoreReaches,
    Silent,
    Slipping,
    Step,
    StepOutcome,
    TagAdded,
    Trigger,
    kind_of_condition,
    kind_of_trigger,
)
from laurel.model.automation_state import GuardReport
from laurel.model.contact import Contact, ContactRef
from laurel.model.job import Job
from laurel.model.money import major_units
from laurel.model.ranking import Metric


@dataclass(frozen=True, slots=True)
class Activity:
    """What an automation did: its last run, and how many began of late."""

    last_run_at: datetime | None
    runs_begun: int


def automation(
    it: Automation,
    stores: Mapping[str, Store],
    report: GuardReport | None,
    activity: Activity,
    inclusion: str | None,
) -> dict[str, Any]:
    """An automation. ``inclusion`` is the id of the job that includes those who met its trigger when it was enabled."""
    return {
        "id": it.id,
        "name": it.name,
        "enabled": it.enabled,
        "trigger": trigger(it.trigger),
        "conditions": [condition(one, stores) for one in it.conditions],
        "steps": [step(one) for one in it.steps],
        "repeat": it.repeat.value,
        "hysteresis": it.hysteresis,
        "include_existing": it.include_existing,
        "counts_history": it.counts_history,
        "created_at": utc_or_none(it.created_at),
        "created_by": it.created_by,
        "updated_at": utc_or_none(it.updated_at),
        "enabled_at": utc_or_none(it.enabled_at),
        "version": it.version,
        "inclusion_job": inclusion,
        "guard": _guard(report) if report else None,
        "last_run_at": utc_or_none(activity.last_run_at),
        "runs_30_days": activity.runs_begun,
    }


def trigger(it: Trigger) -> dict[str, Any]:
    """A trigger as clients write it."""
    values: dict[str, Any] = {}
    match it:
        case ScoreReaches() | ScoreFallsUnder():
            values = {"points": it.points}
        case ScoreEnters():
            values = {"least": it.least, "most": it.most}
        case RankEnters() | RankLeaves():
            values = {**_board(it), "first": it.first}
        case TagAdded():
            values = {"tag": it.tag}
        case Silent():
            values = {"of": it.pulse.value, "days": it.days}
        case Slipping():
            values = {"alerts": sorted(it.alerts)}
        case FirstPurchaseMade():
            pass
    return {"kind": kind_of_trigger(it).value, **values}


def condition(it: Condition, stores: Mapping[str, Store]) -> dict[str, Any]:
    """A condition as clients write it."""
    kind = {"kind": kind_of_condition(it).value}
    match it:
        case ConsentIs():
            return {**kind, "statuses": sorted(it.statuses)}
        case HasTag():
            return {**kind, "tag": it.tag, "has": it.has}
        case LocaleIs():
            return {**kind, "locales": sorted(it.locales)}
        case ScoreBetween():
            return {**kind, "least": it.least, "most": it.most}
        case MetricBetween():
            store = stores.get(it.store_id)
            bounds = {"least": it.least, "most": it.most}
            return {
                **kind,
                **_board(it),
                **{name: _figure(value, it.metric, store) for name, value in bounds.items()},
            }


def step(it: Step) -> dict[str, Any]:
    """A step as clients write it."""
    optional = {"store": None} if it.kind == "send_template" else {"points": None} if it.kind == "change_score" else {}
    return {
        "kind": it.kind.value,
        **optional,
        **it.settings,
        "delay": {"amount": it.delay.amount, "unit": it.delay.unit.value} if it.delay else None,
    }


def runs(found: Iterable[Run], contacts: Mapping[str, Contact], cursor: str | None) -> dict[str, Any]:
    """A page of runs, newest first; ``contacts`` are those that are still known."""
    return {"runs": [run(it, contacts.get(it.ref.contact)) for it in found], "next_cursor": cursor}


def run(it: Run, who: Contact | None) -> dict[str, Any]:
    """A run, what set it off and how far it is."""
    return {
        **fact(it),
        "contact": person(it.ref, who),
        "due_at": utc_or_none(it.due),
        "location": f"{profile(it.ref.audience_id, it.ref.contact)}/automation-runs/{it.id}",
    }


def detail(it: Run, who: Contact | None) -> dict[str, Any]:
    """A run with its steps and what came of each."""
    return {
        **run(it, who),
        "chain": list(it.chain),
        "log": [_outcome(outcome, it.steps) for outcome in it.log],
        "steps": [step(one) for one in it.steps],
    }


def fact(it: Run) -> dict[str, Any]:
    """A run as the timeline of its contact shows it."""
    return {
        "id": it.id,
        "automation_id": it.automation_id,
        "automation_name": it.automation_name,
        "automation_version": it.automation_version,
        "state": it.state.value,
        "reason": it.reason,
        "cause": dict(it.cause),
        "started_at": utc(it.started_at),
        "steps_done": it.step,
        "steps_total": len(it.steps),
    }


def person(ref: ContactRef, who: Contact | None) -> dict[str, Any]:
    """Whom something is about; of who is known no more, the id alone."""
    return {
        "id": ref.contact,
        "email": who.email if who else None,
        "name": who.name if who else None,
        "profile": profile(ref.audience_id, ref.contact),
    }


def dry_run(job: Job, contacts: Mapping[str, Contact]) -> dict[str, Any]:
    """A dry run with the names of those whom it found."""
    from laurel.http.jobs_out import summary  # noqa: PLC0415, few answers are about jobs

    result = job.result
    return {
        **summary(job),
        "automation": job.input["automation"],
        "name": job.input["name"],
        "result": None if result is None else _tried(job, result, contacts),
    }


def _tried(job: Job, result: Mapping[str, Any], contacts: Mapping[str, Contact]) -> dict[str, Any]:
    def shown(contact: str) -> dict[str, Any]:
        return person(ContactRef(job.account_id, job.audience_id, contact), contacts.get(contact))

    return {
        **{name: result[name] for name in ("checked", "met", "touched", "refused", "done_before")},
        "refused_by": [
            {"condition": number, "kind": refused["kind"], "contacts": refused["contacts"]}
            for number, refused in enumerate(result["refused_by"])
        ],
        "touched_contacts": [shown(contact) for contact in result["touched_contacts"]],
        "refused_contacts": [
            {**shown(contact), "conditions": failing} for contact, failing in result["refused_contacts"]
        ],
    }


def _guard(report: GuardReport) -> dict[str, Any]:
    return {
        "at": utc(report.at),
        "reason": report.reason.value,
        "contact": report.contact,
        "run": report.run,
        "chain": list(report.chain),
        "times": report.times,
    }


def _outcome(it: StepOutcome, steps: Sequence[Step]) -> dict[str, Any]:
    return {
        "step": it.step,
        "kind": steps[it.step].kind.value if it.step < len(steps) else None,
        "at": utc(it.at),
        "outcome": it.outcome,
        "detail": dict(it.detail),
    }


def _board(it: RankEnters | RankLeaves | MetricBetween) -> dict[str, Any]:
    return {"store": it.store_id, "rank_by": it.metric.value, "time_frame": it.time_frame.value}


def _figure(value: int | None, metric: Metric, store: Store | None) -> str | None:
    """A number of purchases, or an amount in major units; None of a store that is gone, whose currency nobody knows."""
    if value is None or (store is None and metric is not Metric.ORDERS_COUNT):
        return None
    return str(value) if store is None or metric is Metric.ORDERS_COUNT else major_units(value, store.currency)
