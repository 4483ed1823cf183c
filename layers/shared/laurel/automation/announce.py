"""What follows the beginning of a run: its message, or the guard's report.

A run that was written is told of by the stream of Contacts until this is done, whatever became of its automation since.
"""

from __future__ import annotations

from typing import Protocol

from laurel.model.automation import Run, RunState
from laurel.model.automation_state import GuardReason, GuardReport
from laurel.model.contact import ContactRef


class RunQueue(Protocol):
    """Has a run taken up."""

    def send(self, ref: ContactRef, run_id: str) -> None: ...


class GuardBook(Protocol):
    """Keeps what the guard reports of automations."""

    def report(self, account_id: str, audience_id: str, automation_id: str, found: GuardReport) -> bool: ...


def announce(run: Run, queue: RunQueue, guards: GuardBook) -> None:
    """Have a run taken up that waits, or report that the guard stopped it. Done again, both do no harm."""
    ref = run.ref
    if run.state is RunState.WAITING:
        queue.send(ref, run.id)
    elif run.state is RunState.STOPPED and run.reason in set(GuardReason):
        report = GuardReport(run.started_at, GuardReason(run.reason), ref.contact, run.id, run.chain)
        guards.report(ref.account_id, ref.audience_id, run.automation_id, report)
