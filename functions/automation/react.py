"""Contacts stream: begin the runs that what happened to contacts sets off, each once, and have them taken up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from laurel.automation.announce import announce
from laurel.automation.conditions import Conditions
from laurel.automation.react import Reactor, Told
from laurel.model.account import Audience
from laurel.model.automation import Automation, Run, RunState
from laurel.model.automation_state import GuardReason
from laurel.model.contact import ContactRef
from laurel.settings import settings
from laurel.store.automations import Automations
from laurel.store.contact_stream import told
from laurel.store.contacts import Contacts
from laurel.store.process import dynamodb
from laurel.store.queue import AutomationQueue, sqs
from laurel.store.rankings import Rankings
from laurel.store.runs import Runs
from laurel.store.workspace import Workspace
from laurel.telemetry import count, entry_point, logger

_THREADS = 8

_workspace = Workspace(dynamodb(), settings().workspace_table)
_automations = Automations(dynamodb(), settings().workspace_table)
_queue = AutomationQueue(sqs(), settings().automations_queue_url)
_reactor = Reactor(
    Runs(dynamodb(), settings().contacts_table),
    Contacts(dynamodb(), settings().contacts_table),
    Conditions(_workspace, Rankings(dynamodb(), settings().rankings_table)),
)


@dataclass(slots=True)
class _Share:
    """One contact's part of the batch, in the order of the stream."""

    told: list[Told] = field(default_factory=list)
    sequences: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Done:
    """What came of one contact's records: runs that began, and how many records were done with."""

    runs: list[Run] = field(default_factory=list)
    records: int = 0


@entry_point
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Handle the batch, a contact at a time; of who failed, that record and those after it come again."""
    audiences: dict[tuple[str, str], dict[str, _Share]] = defaultdict(lambda: defaultdict(_Share))
    begun: dict[str, Run] = {}
    failed: list[str] = []
    for record in event["Records"]:
        sequence = record["dynamodb"]["SequenceNumber"]
        try:
            it = told(record)
        except (LookupError, ValueError):
            logger.exception("unreadable_record", sequence=sequence)
            failed.append(sequence)
            continue
        if isinstance(it, Run):
            begun[sequence] = it
        elif it.signals:
            share = audiences[it.ref.account_id, it.ref.audience_id][it.ref.contact]
            share.told.append(it)
            share.sequences.append(sequence)
    failed += _not_announced(begun)
    runs: list[Run] = []
    for (account_id, audience_id), shares in audiences.items():
        for share, done in _react(account_id, audience_id, list(shares.values())):
            runs += done.runs
            failed += share.sequences[done.records :]
    count("RunsBegun", sum(it.state is RunState.WAITING for it in runs))
    count("RunsSkipped", sum(it.state is RunState.SKIPPED for it in runs))
    count("AutomationLoops", sum(it.reason == GuardReason.LOOP for it in runs))
    count("AutomationsTooOften", sum(it.reason == GuardReason.TOO_OFTEN for it in runs))
    count("RecordsNotReacted", len(failed))
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in failed]}


def _not_announced(begun: Mapping[str, Run]) -> list[str]:
    """Announce runs; the records of those that could not be."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return [sequence for sequence, done in zip(begun, pool.map(_announce, begun.values()), strict=True) if not done]


def _announce(run: Run) -> bool:
    try:
        announce(run, _queue, _automations)
    except Exception:  # noqa: BLE001, whatever failed, only this run's record comes again
        _failed("run_not_announced", run.ref, run=run.id)
        return False
    return True


def _react(account_id: str, audience_id: str, shares: Sequence[_Share]) -> list[tuple[_Share, _Done]]:
    """What came of each contact of one audience. Without automations it costs one reading."""
    try:
        automations = _automations.automations(account_id, audience_id)
        audience = _workspace.audience(account_id, audience_id) if automations else None
    except Exception:  # noqa: BLE001, whatever failed, only this audience's records come again
        logger.exception("automations_unread", account_id=account_id, audience_id=audience_id)
        return [(share, _Done()) for share in shares]
    if audience is None:
        return [(share, _Done(records=len(share.told))) for share in shares]
    with ThreadPoolExecutor(min(_THREADS, len(shares))) as pool:
        done = pool.map(lambda share: _handle(audience, automations, share), shares)
        return list(zip(shares, done, strict=True))


def _handle(audience: Audience, automations: Sequence[Automation], share: _Share) -> _Done:
    """Handle one contact's records up to one that fails. Counts nothing: counters are for one thread."""
    done = _Done()
    for it in share.told:
        try:
            done.runs += _reactor.react(audience, automations, it)
        except Exception:  # noqa: BLE001, whatever failed, only this contact's records come again
            _failed("reacting_failed", it.ref)
            break
        done.records += 1
    for run in done.runs:
        _log(run)
    return done


def _log(run: Run) -> None:
    facts: Mapping[str, Any] = {
        "account_id": run.ref.account_id,
        "automation": run.automation_id,
        "run": run.id,
        "state": run.state.value,
        "reason": run.reason,
    }
    if run.state is RunState.STOPPED:
        logger.warning("run_stopped", **facts, chain=list(run.chain))
    else:
        logger.info("run_begun", **facts)


def _failed(message: str, ref: ContactRef, **facts: Any) -> None:
    """Log the exception being handled, with what ``tools.react_again`` asks for."""
    logger.exception(message, account_id=ref.account_id, audience_id=ref.audience_id, contact=ref.contact, **facts)
