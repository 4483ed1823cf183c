"""Streams that survive a restart, with records that were not delivered yet.

Why: stock MiniStack saves how far each event source mapping has read, but not the streams. After a restart a stream
starts again at 0 while its readers wait at, say, 5,000: it is dead until as many records have been written once more.
And an order written just before the stop is never projected.

Here the unread end of each stream is saved together with the positions, in one snapshot with the tables, so that tables
and streams are of the same moment also after a crash.
"""

# ruff: noqa: SLF001 - replaces what MiniStack keeps to itself

import logging
from typing import Any

from ministack import app
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb
from ministack.services import lambda_svc as functions

logger = logging.getLogger("laurel.restart")

KEY = "laurel_streams"

_read_back: dict[str, Any] = {}


def apply() -> None:
    """Add streams to what MiniStack saves of DynamoDB, and to what it reads back."""
    get_state, load_state, load_all = dynamodb.get_state, dynamodb.load_persisted_state, app._load_persisted_state

    def get_state_with_streams() -> dict[str, Any]:
        return {**get_state(), KEY: _unread()}

    def load_state_with_streams(data: dict[str, Any]) -> None:
        _read_back.update(data.pop(KEY, {}))
        load_state(data)

    def load_all_then_streams() -> None:
        load_all()
        _restore()

    dynamodb.get_state = get_state_with_streams
    dynamodb.load_persisted_state = load_state_with_streams
    app._load_persisted_state = load_all_then_streams


def _unread() -> dict[str, AccountRegionScopedDict]:
    """The position of every mapping, and of each stream what the slowest of them has not read."""
    positions, streams = AccountRegionScopedDict(), AccountRegionScopedDict()
    with functions._dynamodb_stream_positions_lock:
        positions._data.update(functions._dynamodb_stream_positions._data)
    for (account, region, table), records in dynamodb._stream_records.all_items():
        oldest = dynamodb._stream_trimmed.get_scoped(account, region, table, 0)
        arn = (dynamodb._tables.get_scoped(account, region, table) or {}).get("LatestStreamArn")
        read_to = [
            positions.get_scoped(account, region, mapping["UUID"], oldest)
            for mapping in functions._esms.values_scoped(account, region)
            if mapping.get("EventSourceArn") == arn
        ]
        start = max(oldest, min(read_to, default=oldest + len(records)))
        streams.set_scoped(account, region, table, {"start": start, "records": records[start - oldest :]})
    return {"positions": positions, "streams": streams}


def _restore() -> None:
    """Put streams and positions back once tables and mappings are loaded.

    Without saved streams, as after a first start of this release, the positions are forgotten: readers then begin where
    their mapping says.
    """
    positions = _read_back.get("positions", AccountRegionScopedDict())
    with functions._dynamodb_stream_positions_lock:
        functions._dynamodb_stream_positions.clear()
        functions._dynamodb_stream_positions.update(positions)
    streams = _read_back.get("streams", AccountRegionScopedDict())
    for (account, region, table), stream in streams.all_items():
        dynamodb._stream_trimmed.set_scoped(account, region, table, stream["start"])
        dynamodb._stream_records.set_scoped(account, region, table, list(stream["records"]))
    waiting = sum(len(stream["records"]) for stream in streams.all_values())
    logger.info("restored %d streams with %d records to deliver", len(streams.all_values()), waiting)
    _read_back.clear()
    functions._esm_wake.set()
