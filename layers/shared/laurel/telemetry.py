"""One logger and one set of metrics a process; service name, level and namespace come from Powertools' environment variables."""

from __future__ import annotations

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

logger = Logger()
metrics = Metrics()


def count(name: str, value: int = 1) -> None:
    """Add to a counter; counters are flushed when the handler returns."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
