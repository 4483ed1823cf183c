"""An audience whose jobs are done in this process: a queue that is a list, a clock that is set."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Audience
from laurel.model.contact import Contact
from laurel.model.identity import contact_id
from laurel.model.job import Job, JobKind
from laurel.model.scoring import Change, Effect, EffectKind, ScoringRule, Trigger
from laurel.scoring.apply import apply
from laurel.scoring.backtest import BackTest
from laurel.scoring.bulk import Bulk, Decay, Expiry
from laurel.scoring.criteria import criteria_of
from laurel.scoring.jobs import start, start_daily
from laurel.scoring.snapshot import TakeSnapshot
from laurel.scoring.verify_all import VerifyAll
from laurel.scoring.work import Chunk, Worker
from laurel.store.contacts import Contacts
from laurel.store.jobs import Jobs
from laurel.store.ledger import Ledger
from laurel.store.score_lists import ScoreLists
from laurel.store.score_search import ScoreSearch
from laurel.store.scores import Scores
from laurel.store.scoring_rules import decode_rule
from laurel.store.snapshots import Snapshots
from laurel.store.workspace import Workspace
from tests.support.samples import NOW

if TYPE_CHECKING:
    from laurel.model.scoring import Points, ScoreEntry
    from tests.support.tables import Database
_accounts = itertools.count()
SINCE = datetime(2026, 10, 20, tzinfo=UTC)
MANY = 7
"""More contacts than two steps take here."""
A_CHUNK = timedelta(seconds=50)
"""Of which a clock goes on so that each step is a chunk."""


class World:
    """An audience of its own, with a worker whose clock goes on by ``tick`` each time it is looked at."""

    def __init__(self, database: Database) -> None:
        client, tables = database
        self.database = database
        self.now = NOW
        self.tick = timedelta(0)
        self.account = f"jobs-{next(_accounts)}"
        self.audience = Audience(self.account, "audience", "Customers", 1, SINCE)
        self.workspace = Workspace(client, tables.workspace)
        self.workspace.save_audience(self.audience)
        self.jobs = Jobs(client, tables.workspace)
        self.contacts = Contacts(client, tables.contacts)
        self.scores = Scores(client, tables.contacts)
        self.lists = ScoreLists(client, tables.contacts)
        self.snapshots = Snapshots(client, tables.workspace)
        self.ledger = Ledger(client, tables.ledger)
        self.queue: list[tuple[str, str, str]] = []
        search = ScoreSearch(client, tables.contacts, tables.rankings)
        tasks = {
            JobKind.BULK: Bulk(self.jobs, search, self.scores, partial(criteria_of, self.workspace)),
            JobKind.VERIFY: VerifyAll(self.lists, self.scores),
            JobKind.BACK_TEST: BackTest(self.lists, self.scores, self.ledger, self.workspace, decode_rule),
            JobKind.SNAPSHOT: TakeSnapshot(self.lists, self.snapshots, lambda: self.now),
            JobKind.EXPIRY: Expiry(self.lists, self.scores),
            JobKind.DECAY: Decay(self.lists, self.scores),
        }
        self.worker = Worker(self.jobs, self.workspace, tasks, self._ticking)

    def send(self, *job: str) -> None:
        """As the queue does."""
        self.queue.append((job[0], job[1], job[2]))

    def person(self, name: str) -> str:
        """Make a contact; returns its id."""
        email = f"{name}@example.com"
        contact = Contact(
            id=contact_id(email),
            email=email,
            first_name=None,
            last_name=None,
            locale=None,
            consent=None,
            tags=(),
            score=None,
            seen_at=SINCE,
            created_at=SINCE,
            version=1,
        )
        assert self.contacts.save(self.account, self.audience.id, contact)
        return contact.id

    def people(self, count: int = MANY) -> list[str]:
        """Make so many; returns their ids."""
        return [self.person(f"{number:04}") for number in range(count)]

    def give(self, contact: str, points: int, id_: str = "given") -> None:
        """Set a score by hand."""
        self._apply(contact, Change(f"person:{id_}", SINCE, Effect(EffectKind.SET, points)))

    def did(self, contact: str, id_: str, when: datetime, *rules: ScoringRule) -> None:
        """Have a contact open a message, which the rules give points for."""
        self._apply(contact, Trigger(f"activity:{id_}", "", "email.opened", when), *rules)

    def _apply(self, contact: str, step: Any, *rules: ScoringRule) -> None:
        scored = self.scores.read(self.account, self.audience.id, 1, contact)
        assert scored
        apply(self.scores, scored, [step], rules)

    def score(self, contact: str) -> Points:
        """A contact's score."""
        scored = self.scores.read(self.account, self.audience.id, 1, contact)
        assert scored
        return scored.state.points

    def entries(self, contact: str) -> list[ScoreEntry]:
        """How it came about, newest first."""
        return [entry for _, entry in self.scores.entries_of(self.account, self.audience.id, contact)]

    def start(self, kind: JobKind, asked: dict[str, Any], contacts: list[str] | None = None) -> Job:
        """Start a job of a person's."""
        return start(self.jobs, self, self.audience, kind, asked, self.now, "ada@example.com", contacts)

    def day(self, now: datetime = NOW) -> None:
        """Start a day's jobs and do them."""
        audience = self.workspace.audience(self.account, self.audience.id)
        assert audience
        start_daily(self.jobs, self, audience, now)
        self.work()

    def work(self) -> int:
        """Work the queue off; returns how many chunks there were."""
        chunks = 0
        while self.queue:
            job = self.queue.pop(0)
            chunks += 1
            if self.worker.work(*job) is Chunk.GOES_ON:
                self.queue.append(job)
        return chunks

    def read(self, job: Job) -> Job:
        """A job as it is now."""
        found = self.jobs.job(job.account_id, job.audience_id, job.id)
        assert found
        return found

    def _ticking(self) -> datetime:
        self.now += self.tick
        return self.now


def a_world(database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    """A world whose steps take three contacts, one by one: moto's transactions are not for several threads."""
    monkeypatch.setattr("laurel.scoring.work._THREADS", 1)
    for name in ("bulk.AT_ONCE", "verify_all._AT_ONCE", "backtest._AT_ONCE"):
        monkeypatch.setattr(f"laurel.scoring.{name}", 3)
    return World(database)
