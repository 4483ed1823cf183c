"""Many writers, many workers, a few contacts: scores stay what a single worker would have made of them."""

from __future__ import annotations

import queue
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from laurel.model.account import Audience, Store
from laurel.model.activity import Activity
from laurel.model.identity import contact_id
from laurel.model.scoring import CapWindow, ScoringRule
from laurel.store.contacts import Contacts
from laurel.store.ledger import Ledger
from laurel.store.scoring_rules import ScoringRules
from laurel.store.workspace import Workspace
from tests.support.consumer import Records, consumer
from tests.support.points import HIGHEST, heard, lines, recount, window
from tests.support.samples import NOW, a_contact, a_store
from tests.support.stage import MemoryStage
from tests.support.steps import CLICKED, OPENED, REMOVE, SET, SUBTRACT, a_rule
from tests.support.tables import Database

VISITED, FORM, LEFT = "page.visited", "form.submitted", "unsubscribed"
RULES = [
    a_rule(5, "opened"),
    a_rule(7, "clicked", activity=CLICKED),
    a_rule(30, "a week", activity=CLICKED, cap=(2, CapWindow.WEEK)),
    a_rule(60_000_000, "visited", activity=VISITED),
    a_rule(90_000_000, "form", activity=FORM, kind=SUBTRACT),
    a_rule(1_000, "set", activity="tag.added", kind=SET),
    a_rule(0, "left", activity=LEFT, kind=REMOVE),
]
NAMES = [*[OPENED] * 6, *[CLICKED] * 5, VISITED, VISITED, FORM, "tag.added", LEFT, "ignored", "ignored"]
BATCH = 100
DELIVERIES = 3
FIRST = datetime(2026, 11, 1, tzinfo=UTC)


class Killed(BaseException):
    """The worker's time is up."""


@dataclass
class Storm:
    """Writers put activities into the Ledger, workers score its stream, batch by batch, in whatever order."""

    stage: MemoryStage
    consume: Callable[[Records], list[str]]
    store: Store
    contacts: list[str]
    chance_to_die: float
    kills: int = 0
    _local: threading.local = field(default_factory=threading.local)

    def prepare(self) -> None:
        store, client, tables = self.store, self.stage.client, self.stage.tables
        workspace = Workspace(client, tables.workspace)
        workspace.save_audience(Audience(store.account_id, store.audience_id, "Newsletter", 1, NOW))
        rules = ScoringRules(client, tables.workspace)
        for rule in RULES:
            assert rules.save(store.account_id, store.audience_id, rule)
        people = Contacts(client, tables.contacts)
        for id_ in self.contacts:
            assert people.save(store.account_id, store.audience_id, a_contact(id=id_, email=f"{id_}@example.com"))
        self.stage.before = self.stage.after = self._die_now_and_then

    def write(self, writer: int, activities: int) -> None:
        """Record the activities of one writer."""
        chance = random.Random(writer)
        ledger = Ledger(self.stage.client, self.stage.tables.ledger)
        for number in range(activities):
            moment = FIRST + timedelta(minutes=chance.randrange(60 * 24 * 28))
            activity = Activity(f"w{writer}-{number}", chance.choice(NAMES), moment, {})
            who = chance.choice(self.contacts)
            assert ledger.record_activity(self.store.account_id, self.store.audience_id, who, activity)

    def work(self, waiting: queue.SimpleQueue[tuple[Records, int]], seed: int) -> None:
        """Score batches until none is left. A worker who dies leaves the batch to whoever takes it next."""
        self._local.chance = random.Random(seed)
        while True:
            try:
                batch, times = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                failed = set(self.consume(batch))
            except Killed:
                self.kills += 1
                waiting.put((batch, times))
                continue
            left = [record for record in batch if record["dynamodb"]["SequenceNumber"] in failed]
            if left:
                waiting.put((left, times))
            if times > 1:
                waiting.put((batch, times - 1))

    def _die_now_and_then(self, operation: str) -> None:
        chance = getattr(self._local, "chance", None)
        if chance and operation != "item" and chance.random() < self.chance_to_die:
            raise Killed


def batches(records: Records, seed: int) -> Iterator[tuple[Records, int]]:
    """The stream in batches, each with how often it is delivered, in an order of their own."""
    chance = random.Random(seed)
    starts = list(range(0, len(records), BATCH))
    chance.shuffle(starts)
    for start in starts:
        yield records[start : start + BATCH], chance.randint(1, DELIVERIES)


def run_storm(storm: Storm, *, writers: int, activities: int, workers: int) -> None:
    storm.prepare()
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(lambda writer: storm.write(writer, activities), range(writers)))
    records = [it for it in storm.stage.records if it["dynamodb"]["Keys"]["sk"]["S"].startswith("activity#")]
    assert len(records) == writers * activities
    waiting: queue.SimpleQueue[tuple[Records, int]] = queue.SimpleQueue()
    for batch in batches(records, seed=7):
        waiting.put(batch)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda seed: storm.work(waiting, seed), range(workers)))
    # A worker that found nothing to do went home before another one died.
    storm.work(waiting, workers)
    assert waiting.empty()
    check(storm, records)


def check(storm: Storm, records: Records) -> None:
    """Every score is what its entries make it, one after the other, and every activity has its entries, once."""
    items = storm.stage.items(storm.stage.tables.contacts, storm.store.account_id)
    entries = lines(items)
    profiles = {it["pk"]["S"].split("#")[2]: it for it in items if it["sk"]["S"] == "profile"}
    versions: dict[str, list[ScoringRule]] = {rule.id: [rule] for rule in RULES}
    assert sorted(profiles) == sorted(storm.contacts)
    for contact, profile in profiles.items():
        own = [it for it in records if it["dynamodb"]["Keys"]["pk"]["S"].split("#")[2] == contact]
        events = [event for record in own for event in heard(record)]
        told = recount(entries[contact], events, versions, {})
        assert (int(profile["score"]["N"]) if "score" in profile else None) == told.score
        assert told.score is None or 0 <= told.score <= HIGHEST
        assert int(profile["score_seq"]["N"]) == told.seq
        fired = Counter((line.subject, line.rule) for line in entries[contact])
        assert max(fired.values()) == 1
        for rule in RULES:
            named = [event for event in events if event.activity == rule.activity]
            if rule.frequency_cap:
                happened = Counter(window(rule, event.at) for event in named)
                counted = Counter(window(rule, it.subject_at) for it in entries[contact] if it.rule == rule.id)
                assert counted == {name: min(times, rule.frequency_cap.times) for name, times in happened.items()}
            else:
                assert all(fired[event.subject, rule.id] == 1 for event in named)


@pytest.mark.slow
def test_a_storm_loses_nothing_and_counts_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """16 writers, 2,000 activities each, 50 contacts; batches come up to three times, and workers die."""
    stage = MemoryStage()
    consume = consumer(monkeypatch, Database(stage.client, stage.tables))
    storm = Storm(stage, consume, a_store(), [contact_id(f"{n}@example.com") for n in range(50)], 0.002)

    run_storm(storm, writers=16, activities=2000, workers=16)

    assert storm.kills > 50


class Shared:
    """Tables on a real DynamoDB; the Ledger's stream is made up from what was written."""

    def __init__(self, database: Database) -> None:
        self.before: Callable[[str], None] = lambda operation: None
        self.after: Callable[[str], None] = lambda operation: None
        self.records: Records = []
        self.tables = database.tables
        self._real = database.client

    @property
    def client(self) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._real, name)

        def watched(**request: Any) -> Any:
            self.before(name)
            answer = operation(**request)
            if request.get("TableName") == self.tables.ledger:
                item = request["Item"]
                stream = {"ApproximateCreationDateTime": 1_795_312_579, "Keys": {"pk": item["pk"], "sk": item["sk"]}}
                number = f"{item['pk']['S']} {item['sk']['S']}"
                self.records.append({"dynamodb": {**stream, "SequenceNumber": number, "NewImage": item}})
            self.after(name)
            return answer

        return watched

    def items(self, table: str, account_id: str) -> list[dict[str, Any]]:
        """All items of an account."""
        del account_id
        pages = self._real.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [cast("dict[str, Any]", item) for page in pages for item in page["Items"]]


@pytest.mark.slow
@pytest.mark.dynamodb_local
def test_a_smaller_storm_on_dynamodb_local(dynamodb_local_tables: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    stage: Any = Shared(dynamodb_local_tables)
    consume = consumer(monkeypatch, Database(stage, stage.tables))
    storm = Storm(stage, consume, a_store(), [contact_id(f"{n}@example.com") for n in range(10)], 0.01)

    run_storm(storm, writers=8, activities=100, workers=8)

    assert storm.kills
