"""Waiting: a while in the queue, longer by a one-time schedule (Amazon EventBridge Scheduler) that fills it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from math import ceil
from typing import Any, Protocol, cast

from botocore.config import Config
from botocore.exceptions import ClientError

from laurel.model.contact import ContactRef
from laurel.store.client import lean_client
from laurel.store.queue import LONGEST_DELAY, AutomationQueue, run_body

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 5})


class SchedulerClient(Protocol):
    """As much of botocore's client as is used."""

    def create_schedule(self, **request: Any) -> Any: ...


def create_client(**options: Any) -> SchedulerClient:
    """A low-level client; ``options`` as ``lean_client`` takes them."""
    return cast("SchedulerClient", lean_client("scheduler", _CONFIG, **options))


@cache
def scheduler() -> SchedulerClient:
    """The process's client, made on first use."""
    return create_client()


class Schedules:
    """One-time schedules of one group; each sends a message to one queue, as one role, and is gone."""

    def __init__(self, client: Callable[[], SchedulerClient], group: str, role_arn: str, queue_arn: str) -> None:
        self._client = client
        self._group = group
        self._role_arn = role_arn
        self._queue_arn = queue_arn

    def at(self, name: str, when: datetime, body: str) -> None:
        """Have a message sent, not before a time; a name that there is already is left as it is."""
        try:
            self._client().create_schedule(
                Name=name,
                GroupName=self._group,
                ScheduleExpression=f"at({_whole_second(when):%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={"Arn": self._queue_arn, "RoleArn": self._role_arn, "Input": body},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConflictException":
                raise


class RunWaits:
    """Has runs of automations go on at a time."""

    def __init__(self, queue: AutomationQueue, schedules: Schedules) -> None:
        self._queue = queue
        self._schedules = schedules

    def wait(self, ref: ContactRef, run_id: str, name: str, until: datetime, now: datetime) -> None:
        """Have a run taken up again at a time; ``name`` is that of this wait, the same if it is asked for again."""
        if until - now <= timedelta(seconds=LONGEST_DELAY):
            self._queue.send(ref, run_id, max(until - now, timedelta(0)))
        else:
            self._schedules.at(name, until, run_body(ref, run_id))


def _whole_second(at: datetime) -> datetime:
    return datetime.fromtimestamp(ceil(at.timestamp()), UTC)
