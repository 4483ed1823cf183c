"""Give the demo store a past: boards that were closed when their time was over, and customers who slip away since.

A store's boards are closed from the day on which it was connected. The demo store is connected now, with a year of
orders, so that day is put a year back, which no program of a merchant's can do; the rest is what the schedules do.
"""

import json
import time
from datetime import datetime, timedelta

from local import aws, demo
from local.api import Api, ApiError
from local.deploy import function_names
from local.errors import LocalError
from local.workspace import Stores

FRAMES = ("last_week", "last_month", "last_quarter")
"""Time frames whose boards are closed by then; what they are compared with was closed before them."""

PATIENCE = 300.0
STEP = 2.0
AGAIN = 15
"""Steps after which the schedule's turn comes again: a store is due no more than some dozens of snapshots at once."""

NOT_FOUND = 404


def give_past(endpoint: str, workspace_table: str, api: Api, stores: Stores, until: datetime) -> None:
    """Have all boards of the year before ``until`` closed, then look for customers who slip away.

    Raises:
        LocalError: The boards were not closed in time.
    """
    since = until - timedelta(days=demo.DAYS)
    aws.client("dynamodb", endpoint).update_item(
        TableName=workspace_table,
        Key={"pk": {"S": stores.account_id}, "sk": {"S": f"store#{stores.store_id}"}},
        UpdateExpression="SET created_at = :since",
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeValues={":since": {"N": str(int(since.timestamp()))}},
    )
    deadline = time.monotonic() + PATIENCE
    step = 0
    while not _all_closed(api, stores.store_id):
        if time.monotonic() > deadline:
            raise LocalError("The demo store's boards were not closed. See: python -m local logs SnapshotFunction")
        if step % AGAIN == 0:
            _take_turn(endpoint, "RefreshFunction")
        step += 1
        time.sleep(STEP)
    _take_turn(endpoint, "DailyFunction")


def _take_turn(endpoint: str, function: str) -> None:
    """Run what a schedule runs."""
    answer = aws.client("lambda", endpoint).invoke(FunctionName=function_names(endpoint)[function], Payload="{}")
    if "FunctionError" in answer:
        raise LocalError(f"{function} failed: {json.loads(answer['Payload'].read())}")


def _all_closed(api: Api, store_id: str) -> bool:
    return all(_is_closed(api, store_id, frame) for frame in FRAMES)


def _is_closed(api: Api, store_id: str, frame: str) -> bool:
    try:
        api.get(f"/stores/{store_id}/leaderboard", time_frame=frame, view="closed", limit=1)
    except ApiError as error:
        if error.status == NOT_FOUND:
            return False
        raise
    return True
