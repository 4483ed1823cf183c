"""Jobs, in Workspace for ninety days."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from laurel.model.job import KEPT, Job, JobKind, JobState
from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.dynamodb import Item, Value, attributes, instant, number, string, unchanged_since, written

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_ID_BYTES = 16
_LISTED = "pk, sk, kind, #state, created_at, updated_at, #by, done, #total, #error, gave_up, version"
_NAMES = {"#state": "state", "#by": "by", "#total": "total", "#error": "error"}


class Jobs:
    """The jobs in the Workspace table. Reads are strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def job(self, account_id: str, audience_id: str, job_id: str) -> Job | None:
        """A job, or None."""
        key = attributes({"pk": account_id, "sk": keys.job(audience_id, job_id)})
        answer = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return _decode(answer["Item"]) if "Item" in answer else None

    def jobs(
        self, account_id: str, audience_id: str, limit: int, after: str | None = None
    ) -> tuple[list[Job], str | None]:
        """Jobs of an audience, newest first, without inputs and results; and the id after which to go on, if any."""
        start: dict[str, Any] = {}
        if after:
            start["ExclusiveStartKey"] = attributes({"pk": account_id, "sk": keys.job(audience_id, after)})
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeNames=_NAMES,
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": keys.job(audience_id, "")}),
            ProjectionExpression=_LISTED,
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit,
            **start,
        )
        last = answer.get("LastEvaluatedKey")
        return [_decode(item) for item in answer["Items"]], keys.split(last["sk"]["S"])[2] if last else None

    def save(self, job: Job) -> Job | None:
        """Write a job if nobody else wrote it since it was read, as its next version; None if somebody did."""
        saved = replace(job, version=job.version + 1)
        return saved if self._put(_encode(saved), job.version) else None

    def save_contacts(self, job: Job, contacts: Sequence[str]) -> bool:
        """Keep the ids of the contacts a job is about, once; False if they are kept already."""
        packed = base64.b64encode(bytes.fromhex("".join(contacts))).decode()
        key = {"pk": job.account_id, "sk": keys.job_contacts(job.audience_id, job.id)}
        return self._put({**key, "contacts": packed, "expires_at": _expires_at(job)}, 0)

    def contacts_of(self, job: Job) -> list[str] | None:
        """Ids of the contacts a job is about, in the order they were given, or None if they are not known yet."""
        key = attributes({"pk": job.account_id, "sk": keys.job_contacts(job.audience_id, job.id)})
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        if item is None:
            return None
        packed = base64.b64decode(item["contacts"]["S"])
        return [packed[start : start + _ID_BYTES].hex() for start in range(0, len(packed), _ID_BYTES)]

    def _put(self, values: Mapping[str, Value], seen: int) -> bool:
        return written(self._client.put_item, TableName=self._table, Item=attributes(values), **unchanged_since(seen))


def _encode(job: Job) -> dict[str, Value]:
    return {
        "pk": job.account_id,
        "sk": keys.job(job.audience_id, job.id),
        "kind": job.kind.value,
        "state": job.state.value,
        "created_at": epoch_ms(job.created_at),
        "updated_at": epoch_ms(job.updated_at),
        "by": job.by,
        "input": _json(job.input),
        "done": job.done,
        "total": job.total,
        "place": _json(job.place),
        "result": _json(job.result),
        "error": job.error,
        "gave_up": job.gave_up or None,
        "version": job.version,
        "expires_at": _expires_at(job),
    }


def _decode(item: Item) -> Job:
    _, audience_id, job_id = keys.split(item["sk"]["S"])
    return Job(
        account_id=item["pk"]["S"],
        audience_id=audience_id,
        id=job_id,
        kind=JobKind(item["kind"]["S"]),
        created_at=instant(item, "created_at"),
        updated_at=instant(item, "updated_at"),
        input=json.loads(string(item, "input") or "{}"),
        by=string(item, "by"),
        state=JobState(item["state"]["S"]),
        done=number(item, "done") or 0,
        total=number(item, "total"),
        place=json.loads(string(item, "place") or "null"),
        result=json.loads(string(item, "result") or "null"),
        error=string(item, "error"),
        gave_up="gave_up" in item,
        version=int(item["version"]["N"]),
    )


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _expires_at(job: Job) -> int:
    return epoch_ms(job.created_at + KEPT) // 1000
