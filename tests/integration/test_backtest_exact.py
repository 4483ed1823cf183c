"""A back-test gives exactly the scores that really applying the same activities gives."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Audience
from laurel.model.activity import Activity
from laurel.model.contact import Contact
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind
from laurel.model.scoring import CapWindow, Condition, Operator
from laurel.scoring.backtest import BackTest
from laurel.scoring.jobs import start
from laurel.scoring.work import Chunk, Worker
from laurel.store.contacts import Contacts
from laurel.store.jobs import Jobs
from laurel.store.ledger import Ledger
from laurel.store.score_lists import ScoreLists
from laurel.store.scores import Scores
from laurel.store.scoring_rules import ScoringRules, decode_rule, encode_rule
from laurel.store.workspace import Workspace
from tests.support.consumer import consumer
from tests.support.stage import MemoryStage
from tests.support.steps import ADD, CLICKED, OPENED, REMOVE, SET, SUBTRACT, a_rule
from tests.support.tables import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from laurel.scoring.backtest import Replay
    from laurel.scoring.lists import Listed

pytestmark = [pytest.mark.integration, pytest.mark.slow]

ACTIVITIES = 100_000
CONTACTS = 400
BATCH = 2_000
ACCOUNT, AUDIENCE = "backtest", "audience"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES = [
    a_rule(5, "1", cap=(3, CapWindow.DAY)),
    a_rule(40_000_000, "2", activity=CLICKED, conditions=(Condition("page", Operator.CONTAINS, ("lamp",)),)),
    a_rule(7, "3", activity=CLICKED, kind=SUBTRACT, counts_machines=True),
    a_rule(1, "4", activity="page.visited", kind=ADD, cap=(20, CapWindow.MONTH)),
    a_rule(100, "5", activity="form.submitted", kind=SET),
    a_rule(0, "6", activity="unsubscribed", kind=REMOVE),
]
NAMES = [OPENED] * 50 + [CLICKED] * 20 + ["page.visited"] * 25 + ["form.submitted"] * 2 + ["unsubscribed", "unheard.of"]


def deeds() -> Iterator[tuple[str, Activity]]:
    """Who did what over 90 days, in the order of time."""
    chance = random.Random(20261122)
    people = [contact_id(f"{number:04}@example.com") for number in range(CONTACTS)]
    seconds = sorted(chance.sample(range(90 * 86_400), ACTIVITIES))
    for number, second in enumerate(seconds):
        yield (
            chance.choice(people),
            Activity(
                id=f"a{number}",
                name=chance.choice(NAMES),
                occurred_at=NOW - timedelta(days=90) + timedelta(seconds=second),
                properties={"page": chance.choice(["/lamps/1", "/chairs/2", "/Lamp"])},
                machine="scanner" if chance.random() < 0.05 else None,
            ),
        )


def test_hundred_thousand_activities(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = MemoryStage()
    client, tables = stage.client, stage.tables
    workspace, ledger = Workspace(client, tables.workspace), Ledger(client, tables.ledger)
    audience = Audience(ACCOUNT, AUDIENCE, "Customers", 1, NOW - timedelta(days=100))
    workspace.save_audience(audience)
    rules = ScoringRules(client, tables.workspace)
    for number, rule in enumerate(RULES):
        assert rules.save(ACCOUNT, AUDIENCE, replace(rule, created_at=NOW - timedelta(days=99 - number)))
    people(Contacts(client, tables.contacts))
    for contact, activity in deeds():
        ledger.record_activity(ACCOUNT, AUDIENCE, contact, activity)

    applied = really(monkeypatch, Database(client, tables), stage.records)
    tried, told = tried_out(monkeypatch, Database(client, tables), audience)

    assert len(stage.records) == ACTIVITIES
    assert applied == tried
    assert told["replayed"] == ACTIVITIES
    reached = sum(points is not None and points >= 1000 for points in applied.values())
    assert told["today"] == told["draft"]
    assert 0 < told["draft"]["reached"] == reached < CONTACTS
    assert told["rising"]["count"] == told["falling"]["count"] == 0
    assert {None} < set(applied.values()), "some have been removed"
    assert max(points or 0 for points in applied.values()) == 99_999_999, "some have come to the cap"


def people(contacts: Contacts) -> None:
    for number in range(CONTACTS):
        email = f"{number:04}@example.com"
        seen = NOW - timedelta(days=100)
        contact = Contact(contact_id(email), email, None, None, None, None, (), None, seen, seen, 1)
        assert contacts.save(ACCOUNT, AUDIENCE, contact)


def really(monkeypatch: pytest.MonkeyPatch, database: Database, records: list[dict[str, Any]]) -> dict[str, Any]:
    """Scores by contact after the stream's consumer had all records."""
    consume = consumer(monkeypatch, database)
    for first in range(0, len(records), BATCH):
        assert consume(records[first : first + BATCH]) == []
    scores = Scores(database.client, database.tables.contacts)
    ids = [contact_id(f"{number:04}@example.com") for number in range(CONTACTS)]
    return {scored.contact: scored.state.points for scored in scores.read_many(ACCOUNT, AUDIENCE, 1, ids)}


def tried_out(
    monkeypatch: pytest.MonkeyPatch, database: Database, audience: Audience
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Scores by contact as the back-test sees them, and its result."""
    client, tables = database
    seen: dict[str, Any] = {}
    from laurel.scoring.backtest import Comparison

    add = Comparison.add

    def watched(self: Comparison, listed: Listed, today: Any, draft: Replay) -> None:
        seen[listed.contact] = draft.points
        add(self, listed, today, draft)

    monkeypatch.setattr(Comparison, "add", watched)
    jobs, workspace = Jobs(client, tables.workspace), Workspace(client, tables.workspace)
    task = BackTest(
        ScoreLists(client, tables.contacts),
        Scores(client, tables.contacts),
        Ledger(client, tables.ledger),
        workspace,
        decode_rule,
    )
    worker = Worker(jobs, workspace, {JobKind.BACK_TEST: task}, lambda: datetime.now(UTC))
    queued: list[tuple[str, ...]] = []

    class Queue:
        def send(self, *job: str) -> None:
            queued.append(job)

    asked = {"rules": [encode_rule(rule) for rule in RULES], "threshold": 1000, "days": 90}
    job: Job | None = start(jobs, Queue(), audience, JobKind.BACK_TEST, asked, NOW)
    assert job
    while worker.work(*queued[0]) is Chunk.GOES_ON:
        pass
    job = jobs.job(ACCOUNT, AUDIENCE, job.id)
    assert job
    assert job.result
    return seen, dict(job.result)
