"""One logger and one set of metrics a process.

Service name, level and namespace come from Powertools' environment variables.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

if TYPE_CHECKING:
    from laurel.model.errors import SnapshotTampered

logger = Logger()
metrics = Metrics()


def count(name: str, value: int = 1) -> None:
    """Add to a counter; counters are flushed when the handler returns."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def snapshot_tampered(error: SnapshotTampered) -> None:
    """Tell the operator of a snapshot that is not what was kept."""
    count("SnapshotsTampered")
    logger.error("snapshot_tampered", exc_info=error)


def entry_point[T](handler: Callable[[dict[str, Any], Any], T]) -> Callable[[dict[str, Any], Any], T]:
    """Make a function's handler: log entries carry Lambda's context, and what was counted is written out at the end.

    Whoever calls this has imported everything, so garbage is collected from here on (see ``laurel``); what is there by
    now stays for good and need not be looked at again.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()

    @wraps(handler)
    @logger.inject_lambda_context(clear_state=True)
    def observed(event: dict[str, Any], context: Any) -> T:
        try:
            return handler(event, context)
        finally:
            if metrics.metric_set:
                metrics.flush_metrics()

    return observed
