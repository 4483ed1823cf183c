"""Event source mappings of DynamoDB streams with Lambda's retry semantics.

Why: stock MiniStack ignores ``batchItemFailures``, so a record that a function reports as failed is lost without a
trace. It knows no retry limit and no bisecting, so that one poison record blocks its stream for ever and none reaches
the failure destination. It also invokes all mappings one after the other on one thread, where a slow function holds up
every other, and has no batching window.

Here each mapping that has work gets a thread of its own, which reads the stream in order and hands batches to
:func:`local.emulator.delivery.deliver`.
"""

# ruff: noqa: SLF001 - replaces what MiniStack keeps to itself

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.core.responses import request_scope
from ministack.services import dynamodb
from ministack.services import lambda_svc as functions

from local.emulator.delivery import Answer, Policy, Record, deliver

logger = logging.getLogger("laurel.streams")

READ_AT_ONCE = 500
WINDOW_STEP = 0.05
UNLIMITED = -1

_busy: set[str] = set()


def apply() -> None:
    """Replace MiniStack's poller of DynamoDB streams."""
    functions._poll_dynamodb_streams = _poll


def _poll() -> bool:
    """Start a thread for each mapping that has unread records and no thread yet."""
    for account, region, mapping in functions._iter_all_esms():
        with request_scope(account, region):
            stream = _Stream.of(mapping)
            if stream is not None and mapping["UUID"] not in _busy and stream.has_unread():
                _busy.add(mapping["UUID"])
                spawn_background(_drain, stream, thread_name="laurel-stream")
    return False  # the threads wake the poller themselves


def _drain(stream: "_Stream") -> None:
    """Deliver a stream's records until there are none left, or the mapping ends."""
    try:
        while stream.is_active() and (batch := stream.next_batch()):
            deliver(batch.records, _Consumer(stream, batch))
    finally:
        _busy.discard(stream.mapping["UUID"])
        functions._esm_wake.set()


@dataclass(frozen=True, slots=True)
class _Batch:
    """Records that pass the mapping's filter, with their places in the stream."""

    records: Sequence[Record]
    places: Sequence[int]
    end: int

    def place(self, index: int) -> int:
        """Where the record ``index`` stands; past the last one, where the stream goes on."""
        return self.places[index] if index < len(self.places) else self.end


@dataclass(frozen=True, slots=True)
class _Stream:
    """One mapping's view of a table's stream."""

    mapping: dict[str, Any]
    table: str

    @classmethod
    def of(cls, mapping: dict[str, Any]) -> "_Stream | None":
        """The stream that an enabled mapping reads in the current account and region."""
        arn = mapping.get("EventSourceArn", "")
        try:
            spec = functions.parse_arn(arn)
        except functions.ArnParseError:
            return None
        here = (functions.get_account_id(), functions.get_region())
        if spec.service != "dynamodb" or (spec.account_id, spec.region) != here:
            return None
        name_and_label = functions._dynamodb_stream_table_from_arn_spec(spec)
        if name_and_label is None:
            return None
        stream = cls(mapping, name_and_label[0])
        return stream if stream.is_active() else None

    def is_active(self) -> bool:
        """Whether mapping, function and stream all still exist and the mapping is enabled."""
        table = dynamodb._tables.get(self.table)
        return (
            functions._esms.get(self.mapping["UUID"]) is self.mapping
            and self.mapping.get("Enabled", True)
            and self.function() is not None
            and table is not None
            and table.get("LatestStreamArn") == self.mapping["EventSourceArn"]
        )

    def function(self) -> dict[str, Any] | None:
        """The function as it is now; it may have been updated since the last attempt."""
        record, _ = functions._get_func_record_for_qualifier(
            self.mapping["FunctionName"], self.mapping.get("Qualifier")
        )
        found: dict[str, Any] | None = record
        return found

    def has_unread(self) -> bool:
        """Whether records follow the mapping's position."""
        return self.position() < int(dynamodb.stream_end_position(self.table))

    def position(self) -> int:
        """The next record to read. A mapping that never read starts where its StartingPosition says."""
        oldest = int(dynamodb.stream_start_position(self.table))
        positions = functions._dynamodb_stream_positions
        with functions._dynamodb_stream_positions_lock:
            if self.mapping["UUID"] not in positions:
                from_start = self.mapping.get("StartingPosition") == "TRIM_HORIZON"
                positions[self.mapping["UUID"]] = oldest if from_start else dynamodb.stream_end_position(self.table)
            return max(int(positions[self.mapping["UUID"]]), oldest)

    def move_to(self, position: int) -> None:
        """Remember the next record to read, unless the mapping was deleted meanwhile."""
        if functions._esms.get(self.mapping["UUID"]) is self.mapping:
            with functions._dynamodb_stream_positions_lock:
                functions._dynamodb_stream_positions[self.mapping["UUID"]] = position

    def next_batch(self) -> _Batch | None:
        """Read the next records that pass the filter, waiting as long as the batching window says for more."""
        size = int(self.mapping.get("BatchSize") or 100)
        deadline = time.monotonic() + float(self.mapping.get("MaximumBatchingWindowInSeconds") or 0)
        records: list[Record] = []
        places: list[int] = []
        place = self.position()
        while True:
            read = dynamodb.stream_records_since(self.table, place, READ_AT_ONCE)
            for record in read:
                if functions._apply_filter_criteria([record], self.mapping):
                    records.append(record)
                    places.append(place)
                place += 1
                if len(records) == size:
                    return _Batch(records, places, end=place)
            if not read and not records:
                self.move_to(place)
                return None
            if not read and time.monotonic() >= deadline:
                return _Batch(records, places, end=place)
            if not read:
                time.sleep(WINDOW_STEP)


@dataclass(frozen=True, slots=True)
class _Consumer:
    """A mapping's function, for :func:`deliver`."""

    stream: _Stream
    batch: _Batch

    def policy(self) -> Policy | None:
        mapping = self.stream.mapping
        if not self.stream.is_active():
            return None
        retries = mapping.get("MaximumRetryAttempts")
        age = mapping.get("MaximumRecordAgeInSeconds")
        return Policy(
            retries=None if retries in (None, UNLIMITED) else int(retries),
            max_age=None if age in (None, UNLIMITED) else float(age),
            bisect=bool(mapping.get("BisectBatchOnFunctionError")),
            partial="ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or ()),
        )

    def invoke(self, records: Sequence[Record]) -> Answer:
        function = self.stream.function()
        if function is None:
            return Answer(failed=True)
        name = self.stream.mapping["FunctionName"]
        result = functions._execute_function(function, {"Records": list(records)})
        answer = Answer(
            failed=bool(result.get("error")), throttled=bool(result.get("throttle")), payload=result.get("body")
        )
        if answer.failed:
            self.stream.mapping["LastProcessingResult"] = "FAILED"
            logger.warning("%s failed on %d records: %s\n%s", name, len(records), answer.payload, result.get("log"))
        else:
            self.stream.mapping["LastProcessingResult"] = f"OK - {len(records)} records"
            logger.info("%s took %d records of %s", name, len(records), self.stream.table)
        return answer

    def checkpoint(self, done: int) -> None:
        self.stream.move_to(self.batch.place(done))

    def give_up(self, records: Sequence[Record], condition: str) -> None:
        mapping, function = self.stream.mapping, self.stream.function()
        logger.error("%s: gave up %d records: %s", mapping["FunctionName"], len(records), condition)
        if function is not None:
            functions._send_ddb_stream_failure_record(
                mapping, function, records, mapping["EventSourceArn"], {"function_error": "Unhandled"}, condition
            )

    def age(self, record: Record) -> float:
        return time.time() - float(record["dynamodb"]["ApproximateCreationDateTime"])

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)
