"""Imports and their chunks, in Workspace for ninety days."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from laurel.imports.columns import Kind
from laurel.imports.cut import Piece
from laurel.imports.run import KEPT, Chunk, Counts, Import, ImportState
from laurel.model.errors import Busy
from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.dynamodb import Item, Value, attributes, instant, is_cancelled, number, setting, string, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ATTEMPTS = 12
_NAMES = {"#state": "state"}
_GOES_ON = "#state = :waiting OR #state = :running OR (#state = :failed AND attribute_exists(gave_up))"
_STATES = {":waiting": ImportState.WAITING, ":running": ImportState.RUNNING, ":failed": ImportState.FAILED}


class Imports:
    """The imports in the Workspace table. Reads are strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def existing(self, account_id: str, store_id: str, import_id: str) -> Import | None:
        """An import, or None."""
        key = attributes({"pk": account_id, "sk": keys.import_(store_id, import_id)})
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return _decode(answer["Item"]) if "Item" in answer else None

    def of_store(
        self, account_id: str, store_id: str, limit: int, after: str | None = None
    ) -> tuple[list[Import], str | None]:
        """Imports of a store, newest first; and the id after which to go on, if any."""
        start: dict[str, Any] = {}
        if after:
            start["ExclusiveStartKey"] = attributes({"pk": account_id, "sk": keys.import_(store_id, after)})
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": keys.import_(store_id, "")}),
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit,
            **start,
        )
        last = answer.get("LastEvaluatedKey")
        return [_decode(item) for item in answer["Items"]], keys.split(last["sk"]["S"])[2] if last else None

    def create(self, it: Import) -> None:
        """Keep a new import."""
        self._client.put_item(
            TableName=self._table, Item=attributes(_encode(it)), ConditionExpression="attribute_not_exists(pk)"
        )

    def begin(self, it: Import, etag: str, now: datetime) -> Import | None:
        """Note that the file is there; None if the import is over."""
        started = epoch_ms(it.started_at or now)
        values: dict[str, Value] = {
            "state": ImportState.RUNNING.value,
            "etag": etag,
            "started_at": started,
            "error": None,
            "gave_up": None,
        }
        return self.existing(it.account_id, it.store_id, it.id) if self._change(it, values) else None

    def add_chunk(self, it: Import, chunk: Chunk) -> None:
        """Keep a chunk, unless it is there already: it may even be done."""
        piece = chunk.piece
        item = {
            "start": piece.start,
            "end": piece.end,
            "rows": piece.rows,
            "before": piece.before,
            "expires_at": _expires_at(it),
        }
        written(
            self._client.put_item,
            TableName=self._table,
            Item=_chunk_key(it, chunk.number) | attributes(item),
            ConditionExpression="attribute_not_exists(pk)",
        )

    def keep_place(self, it: Import, place: Mapping[str, Any]) -> None:
        """Note where cutting goes on."""
        self._change(it, {"place": json.dumps(place)})

    def keep_layout(self, it: Import, layout: Mapping[str, Any], chunks: int, rows: int) -> None:
        """Note that the file is cut."""
        self._change(it, {"layout": json.dumps(layout), "chunks": chunks, "rows": rows, "place": None})

    def mark_queued(self, it: Import) -> None:
        """Note that all chunks are queued."""
        self._change(it, {"queued": True})

    def chunk(self, it: Import, number: int) -> Chunk | None:
        """A chunk, or None."""
        answer = self._client.get_item(TableName=self._table, Key=_chunk_key(it, number), ConsistentRead=True)
        if (item := answer.get("Item")) is None:
            return None
        start, end, rows, before = (int(item[name]["N"]) for name in ("start", "end", "rows", "before"))
        return Chunk(number, Piece(start, end, rows, before), "done" in item)

    def close_chunk(self, it: Import, number: int, counts: Counts, now: datetime) -> bool:
        """Mark a chunk as done and count its rows, in one write; False if it was done. Raises ``Busy``."""
        done: Any = {
            "TableName": self._table,
            "Key": _chunk_key(it, number),
            "UpdateExpression": "SET done = :true",
            "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(done)",
            "ExpressionAttributeValues": attributes({":true": True}),
        }
        counted: Any = {
            "TableName": self._table,
            "Key": _key(it),
            "UpdateExpression": (
                "SET updated_at = :now ADD chunks_done :one, accepted :accepted, unchanged :unchanged, "
                "rejected :rejected, #empty :empty"
            ),
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeNames": {"#empty": "empty"},
            "ExpressionAttributeValues": attributes(
                {
                    ":now": epoch_ms(now),
                    ":one": 1,
                    ":accepted": counts.accepted,
                    ":unchanged": counts.unchanged,
                    ":rejected": counts.rejected,
                    ":empty": counts.empty,
                }
            ),
        }
        for _ in range(_ATTEMPTS):
            try:
                self._client.transact_write_items(TransactItems=[{"Update": done}, {"Update": counted}])
            except ClientError as error:
                if not is_cancelled(error):
                    raise
                response: Mapping[str, Any] = error.response
                reasons = [reason.get("Code") for reason in response.get("CancellationReasons", [])]
                if "ConditionalCheckFailed" in reasons:
                    return False
                continue
            return True
        raise Busy(f"Import {it.id!r}")

    def finish(self, it: Import, now: datetime) -> None:
        """Note that every row was worked on."""
        self._change(
            it,
            {"state": ImportState.DONE.value, "finished_at": epoch_ms(now), "error": None, "gave_up": None},
        )

    def fail(self, it: Import, error: str, now: datetime, *, gave_up: bool = False) -> None:
        """Note that an import failed, unless it is over."""
        self._change(
            it,
            {
                "state": ImportState.FAILED.value,
                "finished_at": epoch_ms(now),
                "error": error,
                "gave_up": gave_up or None,
            },
        )

    def cancel(self, it: Import, now: datetime) -> Import | None:
        """Note that nobody wants the import any more; None if it was over already."""
        cancelled: dict[str, Value] = {"state": ImportState.CANCELLED.value, "finished_at": epoch_ms(now)}
        return self.existing(it.account_id, it.store_id, it.id) if self._change(it, cancelled) else None

    def _change(self, it: Import, values: Mapping[str, Value]) -> bool:
        """Change an import unless it is over; False if it is."""
        update = setting(values)
        update["ExpressionAttributeNames"] |= _NAMES
        states = attributes({name: state.value for name, state in _STATES.items()})
        update["ExpressionAttributeValues"] = update.get("ExpressionAttributeValues", {}) | states
        return written(
            self._client.update_item, TableName=self._table, Key=_key(it), ConditionExpression=_GOES_ON, **update
        )


def _key(it: Import) -> Item:
    return attributes({"pk": it.account_id, "sk": keys.import_(it.store_id, it.id)})


def _chunk_key(it: Import, number: int) -> Item:
    return attributes({"pk": it.account_id, "sk": keys.import_chunk(it.store_id, it.id, number)})


def _expires_at(it: Import) -> int:
    return epoch_ms(it.created_at + KEPT) // 1000


def _encode(it: Import) -> dict[str, Value]:
    return {
        "pk": it.account_id,
        "sk": keys.import_(it.store_id, it.id),
        "kind": it.kind.value,
        "file_name": it.file_name,
        "created_at": epoch_ms(it.created_at),
        "asked": json.dumps(it.asked),
        "dry_run": it.dry_run,
        "by": it.by,
        "state": it.state.value,
        "expires_at": _expires_at(it),
    }


def _decode(item: Item) -> Import:
    _, store_id, import_id = keys.split(item["sk"]["S"])
    return Import(
        account_id=item["pk"]["S"],
        store_id=store_id,
        id=import_id,
        kind=Kind(item["kind"]["S"]),
        file_name=item["file_name"]["S"],
        created_at=instant(item, "created_at"),
        asked=json.loads(item["asked"]["S"]),
        dry_run=item["dry_run"]["BOOL"],
        by=string(item, "by"),
        state=ImportState(item["state"]["S"]),
        started_at=instant(item, "started_at") if "started_at" in item else None,
        updated_at=instant(item, "updated_at") if "updated_at" in item else None,
        finished_at=instant(item, "finished_at") if "finished_at" in item else None,
        etag=string(item, "etag"),
        place=json.loads(string(item, "place") or "null"),
        layout=json.loads(string(item, "layout") or "null"),
        rows=number(item, "rows"),
        chunks=number(item, "chunks"),
        queued="queued" in item,
        chunks_done=number(item, "chunks_done") or 0,
        counts=Counts(*(number(item, name) or 0 for name in ("accepted", "unchanged", "rejected", "empty"))),
        error=string(item, "error"),
        gave_up="gave_up" in item,
    )
