"""Plain examples of automations, and the function that begins their runs, on tables of a test's own."""

from __future__ import annotations

import inspect
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from laurel.automation.conditions import Conditions
from laurel.automation.react import Reactor
from laurel.model.account import Audience
from laurel.model.automation import Automation, Repeat, Run, ScoreReaches, Step, StepKind, Trigger
from laurel.model.contact import ContactRef
from laurel.model.scoring import Points
from laurel.model.signal import ScoreMoved
from laurel.store import process, queue
from laurel.store.automations import Automations
from laurel.store.contacts import Contacts
from laurel.store.rankings import Rankings
from laurel.store.runs import Runs
from laurel.store.workspace import Workspace
from tests.support.functions import load_function, properties
from tests.support.samples import ACCOUNT, ADA_ID, AUDIENCE, NOW
from tests.support.tables import Database

if TYPE_CHECKING:
    import pytest

Records = list[dict[str, Any]]
ADA_REF = ContactRef(ACCOUNT, AUDIENCE, ADA_ID)
TAGGED = Step(StepKind.ADD_TAG, {"tag": "loyal"})


def an_automation(id_: str = "a1", trigger: Trigger | None = None, **changes: Any) -> Automation:
    """An automation that is on and tags whoever reaches a hundred points, every time."""
    it = Automation(
        account_id=ACCOUNT,
        audience_id=AUDIENCE,
        id=id_,
        name=f"Automation {id_}",
        enabled=True,
        trigger=trigger or ScoreReaches(100),
        steps=(TAGGED,),
        repeat=Repeat.EVERY_TIME,
    )
    return replace(it, **changes)


def moved(before: Points, after: Points, seq: int = 1, epoch: int = 1, at: datetime = NOW, **more: Any) -> ScoreMoved:
    """A score that changed."""
    return ScoreMoved(at, before, after, seq, epoch, **more)


def walk(*scores: Points, epoch: int = 1) -> list[ScoreMoved]:
    """A score that changes from each of these to the next."""
    return [moved(before, after, seq, epoch) for seq, (before, after) in enumerate(itertools.pairwise(scores), 1)]


class SentRuns:
    """A queue of runs. ``before`` is told of each message, and may kill whoever sends it."""

    def __init__(self) -> None:
        self.sent: list[tuple[ContactRef, str]] = []
        self.before: Callable[[], None] = lambda: None

    def send(self, ref: ContactRef, run_id: str) -> None:
        self.before()
        self.sent.append((ref, run_id))


class _Quiet:
    """Neither logs nor counts."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_, **__: None


class _OneThread:
    """Does on the caller's thread what a pool would do on others."""

    def map[T, R](self, work: Callable[[T], R], them: Iterable[T]) -> Iterator[R]:
        return map(work, them)


class Listener:
    """The function's own code on these tables, without threads: takes records, gives those to come again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
        client, tables = database.client, database.tables
        self.queue = SentRuns()
        self.runs = Runs(client, tables.contacts)
        self.automations = Automations(client, tables.workspace)
        workspace = Workspace(client, tables.workspace)
        self.reactor = Reactor(
            self.runs,
            Contacts(client, tables.contacts),
            Conditions(workspace, Rankings(client, tables.rankings)),
        )
        self.counted: dict[str, int] = {}
        monkeypatch.setattr(process, "create_client", lambda: client)
        monkeypatch.setattr(queue, "create_client", lambda: None)
        module: Any = load_function("ReactFunction", monkeypatch, tables)
        module._workspace, module._automations, module._reactor = workspace, self.automations, self.reactor
        module._queue = self.queue
        module.ThreadPoolExecutor = lambda _: nullcontext(_OneThread())
        module.logger = _Quiet()
        module.count = self._count
        self._handler = inspect.unwrap(module.handler)

    def hear(self, records: Sequence[dict[str, Any]]) -> list[str]:
        """Hand over what the filter lets through of a batch."""
        answer = self._handler({"Records": [it for it in records if is_let_through(it)]}, None)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def runs_of(self, ref: ContactRef, automation: str | None = None) -> list[Run]:
        """A contact's runs, in the order in which they began."""
        found = [it for it in self.runs.runs_of(ref) if automation in (None, it.automation_id)]
        return sorted(found, key=lambda it: (it.started_at, it.id))

    def _count(self, name: str, number: float = 1) -> None:
        self.counted[name] = self.counted.get(name, 0) + int(number)


def an_audience(account_id: str = ACCOUNT, epoch: int = 1) -> Audience:
    return Audience(account_id, AUDIENCE, "Newsletter", epoch, NOW)


def is_let_through(record: dict[str, Any]) -> bool:
    """True if the template's filter has Lambda hand over a record of the Contacts' stream."""
    return any(_matches(pattern, record) for pattern in _patterns())


def _patterns() -> list[Any]:

    criteria = properties("ReactFunction")["Events"]["ContactChanges"]["Properties"]["FilterCriteria"]["Filters"]
    return [json.loads(it["Pattern"]) for it in criteria]


def _matches(pattern: Any, value: Any) -> bool:
    if isinstance(pattern, list):
        return any(
            str(value).startswith(it["prefix"]) if isinstance(it, dict) else value == it
            for it in pattern
            if value is not None
        )
    return isinstance(value, dict) and all(_matches(wanted, value.get(name)) for name, wanted in pattern.items())
