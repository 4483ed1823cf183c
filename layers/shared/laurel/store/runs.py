"""Runs of automations, and what automations remember, in their contacts' partitions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from laurel.model.automation import RUNS_KEPT, Run, RunState, StepOutcome
from laurel.model.automation_state import AutomationState, Mark
from laurel.model.contact import ContactRef
from laurel.model.order import epoch_ms
from laurel.store import keys
from laurel.store.automation_items import decode_steps, encode_steps
from laurel.store.dynamodb import (
    Item,
    Value,
    attributes,
    count_items,
    get_all,
    instant,
    pages,
    plain,
    plain_item,
    string,
    unchanged_since,
    written,
    written_together,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_DIGITS = 14
_LAST = "~"
"""Sorts behind every place among the runs of an automation."""


class Runs:
    """The runs in the Contacts table. Reads are strongly consistent, but for lists of an automation's runs."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    # ---- Beginning ---------------------------------------------------------------------------------------------------

    def states_of(self, ref: ContactRef) -> dict[str, AutomationState]:
        """What automations remember of a contact, by automation id."""
        found = map(_decode_state, self._own(ref, keys.automation_state("")))
        return {state.automation_id: state for state in found}

    def remember(self, ref: ContactRef, state: AutomationState) -> bool:
        """Keep what an automation remembers, if it is as it was read; False if not."""
        return written(self._client.put_item, **self._put_state(ref, state))

    def begin(self, run: Run, state: AutomationState) -> bool:
        """Keep a new run and what its automation remembers of the contact, both or neither.

        False if there is a run of that id, or the state is not as it was read.
        """
        put: dict[str, Any] = {
            "TableName": self._table,
            "Item": attributes(_encode(run)),
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        return written_together(self._client, [{"Put": put}, {"Put": self._put_state(run.ref, state)}])

    # ---- Going on ----------------------------------------------------------------------------------------------------

    def run(self, ref: ContactRef, run_id: str) -> Run | None:
        """A run, or None."""
        item = self._client.get_item(TableName=self._table, Key=_key(ref, keys.run(run_id)), ConsistentRead=True)
        return decode_run(item["Item"]) if "Item" in item else None

    def save(self, run: Run) -> Run | None:
        """Write a run if nobody else wrote it since it was read, as its next version; None if somebody did."""
        saved = replace(run, version=run.version + 1)
        item = attributes(_encode(saved))
        is_saved = written(self._client.put_item, TableName=self._table, Item=item, **unchanged_since(run.version))
        return saved if is_saved else None

    # ---- Lists -------------------------------------------------------------------------------------------------------

    def runs_of(self, ref: ContactRef) -> Iterator[Run]:
        """All runs for a contact, in no order."""
        return map(decode_run, self._own(ref, keys.run("")))

    def runs_of_automation(
        self, account_id: str, audience_id: str, automation_id: str, limit: int, after: str | None = None
    ) -> tuple[list[Run], str | None]:
        """Runs of an automation, newest first, and the place after which to go on, if any."""
        answer = self._client.query(
            TableName=self._table,
            IndexName="by_list",
            KeyConditionExpression="list_pk = :pk AND list_sk < :before",
            ExpressionAttributeValues=attributes(
                {":pk": keys.run_list(account_id, audience_id, automation_id), ":before": after or _LAST}
            ),
            ScanIndexForward=False,
            Limit=limit,
        )
        listed: list[Any] = [{"pk": item["pk"], "sk": item["sk"]} for item in answer["Items"]]
        found = [decode_run(item) for item in get_all(self._client, self._table, listed)]
        last = answer["Items"][-1]["list_sk"]["S"] if "LastEvaluatedKey" in answer else None
        return sorted(found, key=_place, reverse=True), last

    def last_began(self, account_id: str, audience_id: str, automation_id: str) -> datetime | None:
        """When the last run of an automation began, if there is one."""
        answer = self._client.query(
            TableName=self._table,
            IndexName="by_list",
            KeyConditionExpression="list_pk = :pk",
            ExpressionAttributeValues=attributes({":pk": keys.run_list(account_id, audience_id, automation_id)}),
            ScanIndexForward=False,
            Limit=1,
        )
        for item in answer["Items"]:
            return datetime.fromtimestamp(int(keys.split(item["list_sk"]["S"])[0]) / 1000, UTC)
        return None

    def count_since(self, account_id: str, audience_id: str, automation_id: str, since: datetime) -> int:
        """How many runs of an automation began since then."""
        place = keys.run_place(epoch_ms(since))
        return count_items(
            self._client,
            TableName=self._table,
            IndexName="by_list",
            KeyConditionExpression="list_pk = :pk AND list_sk >= :since",
            ExpressionAttributeValues=attributes(
                {":pk": keys.run_list(account_id, audience_id, automation_id), ":since": place}
            ),
        )

    def _own(self, ref: ContactRef, prefix: str) -> Iterator[Item]:
        return pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": _pk(ref), ":prefix": prefix}),
            ConsistentRead=True,
        )

    def _put_state(self, ref: ContactRef, state: AutomationState) -> Any:
        return {
            "TableName": self._table,
            "Item": attributes(_encode_state(ref, replace(state, version=state.version + 1))),
            **unchanged_since(state.version),
        }


def decode_run(item: Item) -> Run:
    """A run of an automation."""
    values = plain_item(item)
    return Run(
        ref=ContactRef(*keys.split(values["pk"])),
        id=keys.split(values["sk"])[1],
        automation_id=values["automation"],
        automation_name=values["name"],
        automation_version=values["automation_version"],
        steps=decode_steps(values["steps"]),
        started_at=instant(item, "started_at"),
        cause=values["cause"],
        chain=tuple(values["chain"]),
        state=RunState(values["state"]),
        step=values["step"],
        due=instant(item, "due") if "due" in item else None,
        reason=string(item, "reason"),
        log=tuple(_decode_outcome(it) for it in json.loads(values["log"])),
        version=values["version"],
    )


def _encode(run: Run) -> dict[str, Value]:
    return {
        "pk": _pk(run.ref),
        "sk": keys.run(run.id),
        "automation": run.automation_id,
        "name": run.automation_name,
        "automation_version": run.automation_version,
        "steps": encode_steps(run.steps),
        "started_at": epoch_ms(run.started_at),
        "cause": run.cause,
        "chain": [*run.chain],
        "state": run.state.value,
        "step": run.step,
        "due": epoch_ms(run.due) if run.due else None,
        "reason": run.reason,
        "log": json.dumps([_encode_outcome(it) for it in run.log], ensure_ascii=False, separators=(",", ":")),
        "version": run.version,
        "list_pk": keys.run_list(run.ref.account_id, run.ref.audience_id, run.automation_id),
        "list_sk": keys.run_place(epoch_ms(run.started_at), run.id, run.ref.contact),
        "expires_at": epoch_ms(run.started_at + RUNS_KEPT) // 1000,
    }


def _encode_outcome(it: StepOutcome) -> dict[str, Any]:
    return {"step": it.step, "at": epoch_ms(it.at), "outcome": it.outcome, "detail": dict(it.detail)}


def _decode_outcome(it: Mapping[str, Any]) -> StepOutcome:
    return StepOutcome(it["step"], datetime.fromtimestamp(it["at"] / 1000, UTC), it["outcome"], it["detail"])


def _encode_state(ref: ContactRef, state: AutomationState) -> dict[str, Value]:
    return {
        "pk": _pk(ref),
        "sk": keys.automation_state(state.automation_id),
        "fired": state.fired,
        "day": state.day or None,
        "runs_that_day": state.runs_that_day or None,
        "marks": [_encode_mark(mark) for mark in state.marks] or None,
        "version": state.version,
    }


def _encode_mark(mark: Mark) -> str:
    """As short as it can be: a state is written with each crossing."""
    kind = "armed" if mark.armed else "spent" if mark.spent else "crossed"
    return f"{mark.order:0{_DIGITS}d} {kind} {mark.era}"


def _decode_mark(kept: str) -> Mark:
    order, kind, era = kept.split(" ", 2)
    return Mark(int(order), era, armed=kind == "armed", spent=kind == "spent")


def _decode_state(item: Item) -> AutomationState:
    values = plain_item(item)
    return AutomationState(
        automation_id=keys.split(values["sk"])[1],
        fired=values["fired"],
        day=values.get("day", ""),
        runs_that_day=values.get("runs_that_day", 0),
        marks=tuple(map(_decode_mark, plain(item["marks"]))) if "marks" in item else (),
        version=values["version"],
    )


def _place(run: Run) -> tuple[datetime, str, str]:
    return run.started_at, run.id, run.ref.contact


def _pk(ref: ContactRef) -> str:
    return keys.person(ref.account_id, ref.audience_id, ref.contact)


def _key(ref: ContactRef, sk: str) -> Item:
    return attributes({"pk": _pk(ref), "sk": sk})
