"""Once a day: start the jobs that keep scores up to date, have unfinished rebuilds go on, and reconcile all stores."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.alerts.begin import begin_alerts
from laurel.automation.silence import begin_silence
from laurel.reconciliation.begin import begin_daily
from laurel.rewards import closing
from laurel.scoring.jobs import start_daily
from laurel.settings import settings
from laurel.store.automations import Automations
from laurel.store.jobs import Jobs
from laurel.store.process import dynamodb
from laurel.store.programmes import Programmes
from laurel.store.queue import JobQueue, sqs
from laurel.store.reconciliations import Reconciliations
from laurel.store.workspace import Workspace
from laurel.telemetry import count, entry_point, logger
from laurel.workspace.counting import resume

_workspace = Workspace(dynamodb(), settings().workspace_table)
_jobs = Jobs(dynamodb(), settings().workspace_table)
_automations = Automations(dynamodb(), settings().workspace_table)
_programmes = Programmes(dynamodb(), settings().workspace_table)
_reconciliations = Reconciliations(dynamodb(), settings().workspace_table)
_queue = JobQueue(sqs(), settings().jobs_queue_url)


class DailyJobsFailed(Exception):
    """Some audiences' jobs could not be started."""


@entry_point
def handler(_event: dict[str, Any], _context: Any) -> None:
    """Start the day's jobs. Raises ``DailyJobsFailed``, so that Lambda tries again what is not started yet."""
    now = datetime.now(UTC)
    queued, failed, overdue = 0, 0, 0
    for account_id, audience_id in _workspace.all_audiences():
        try:
            audience = _workspace.audience(account_id, audience_id)
            if audience:
                queued += start_daily(_jobs, _queue, audience, now)
                automations = _automations.automations(account_id, audience_id)
                queued += begin_silence(_jobs, _queue, audience, automations, now)
                queued += resume(_workspace, _jobs, _queue, audience, now)
                begun, late = begin_daily(_workspace, _reconciliations, _jobs, _queue, audience, now)
                queued, overdue = queued + begun, overdue + late
                queued += begin_alerts(_jobs, _queue, audience, now)
                queued += closing.begin_daily(_programmes, _jobs, _queue, audience, now)
        except Exception:  # noqa: BLE001, whatever failed, other audiences' jobs are started
            logger.exception("daily_jobs_failed", account_id=account_id, audience_id=audience_id)
            failed += 1
    count("DailyJobsQueued", queued)
    count("DailyAudiencesFailed", failed)
    count("StoresNotReconciled", overdue)
    if failed:
        raise DailyJobsFailed(f"{failed} audiences")
