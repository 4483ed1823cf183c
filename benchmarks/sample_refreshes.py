"""A store whose board of all time is due an hour's snapshot: what DynamoDB has while a worker takes and tells it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from benchmarks import sample_snapshots, samples
from laurel.leaderboard.refresh import Mark, Target
from laurel.model.order import epoch_ms
from laurel.model.period import PeriodKind, TimeFrame, is_of_complete_periods, kind_of_frame
from laurel.store import keys
from laurel.store.dynamodb import Item, attribute

_DONE = f"told_{PeriodKind.ALL.value}"
_KEY = (samples.ACCOUNT, keys.refreshed(samples.STORE.id))
_SNAPSHOTS = sample_snapshots.partition()


class Refreshing:
    """Takes in what a worker writes. Once it has looked that nothing is left to tell, all begins anew for the next."""

    def __init__(self) -> None:
        self._progress: Item = {}
        self._snapshots: dict[str, Item] = {}

    def found(self, key: Item) -> Item | None:
        """What a GetItem finds: the store's progress, or a snapshot that was put before."""
        pk, sk = key["pk"]["S"], key["sk"]["S"]
        if (pk, sk) != _KEY:
            return self._snapshots.get(sk) if pk == _SNAPSHOTS else None
        self._progress = self._progress or _nearly_all_told(datetime.now(UTC))
        progress = self._progress
        if _DONE in progress:
            self._progress, self._snapshots = {}, {}
        return progress

    def put(self, item: Item) -> None:
        """Keep a snapshot."""
        if item["pk"]["S"] == _SNAPSHOTS:
            self._snapshots[item["sk"]["S"]] = item

    def update(self, request: Mapping[str, Any]) -> None:
        """Write down that a snapshot is being told, or that it was."""
        if (request["Key"]["pk"]["S"], request["Key"]["sk"]["S"]) != _KEY:
            return
        names, after = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"][":after"]
        telling = {names["#telling"]: after}
        rest = {name: value for name, value in self._progress.items() if name != names["#telling"]}
        self._progress = rest | ({names["#told"]: after} if "REMOVE" in request["UpdateExpression"] else telling)


def _nearly_all_told(now: datetime) -> Item:
    calendar, told = samples.STORE.calendar, {}
    for frame in set(TimeFrame) - {TimeFrame.ALL_TIME}:
        period = calendar.period_of_frame(frame, now)
        over = period.end if is_of_complete_periods(frame) else None
        target = Target(kind_of_frame(frame), over is not None, Mark(period.id, over or calendar.hour_of(now)))
        told[f"told_{target.board}"] = attribute(keys.join(period.id, str(epoch_ms(target.mark.hour))))
    return told
