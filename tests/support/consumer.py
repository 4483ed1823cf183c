"""The function that scores the Ledger's stream, on tables of a test's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from laurel.scoring.pulses import Pulses
from laurel.store.pulses import KeptPulses, PulseFacts
from laurel.store.scores import Scores
from laurel.store.scoring_rules import ScoringRules
from laurel.store.workspace import Workspace
from tests.support.functions import load_function
from tests.support.tables import Database

if TYPE_CHECKING:
    import pytest

Records = list[dict[str, Any]]


class _Quiet:
    """Neither logs nor counts."""

    def exception(self, *_: Any, **__: Any) -> None: ...

    def error(self, *_: Any, **__: Any) -> None: ...


class _OneThread:
    """Does on the caller's thread what a pool would do on others."""

    def __init__(self, _threads: int) -> None: ...

    def map[T, R](self, work: Callable[[T], R], them: Iterable[T]) -> Iterator[R]:
        return map(work, them)


def consumer(monkeypatch: pytest.MonkeyPatch, database: Database) -> Callable[[Records], list[str]]:
    """The function's own code on these tables: takes records, gives the sequence numbers of those to come again.

    It works on its caller's thread, looks up stores and rules every time, pauses for nobody, and what is raised past
    ``Exception`` ends it, as Lambda's clock would.
    """
    module: Any = load_function("ApplyFunction", monkeypatch, database.tables)
    workspace = Workspace(database.client, database.tables.workspace)
    module._scores = Scores(database.client, database.tables.contacts)
    module._rules = ScoringRules(database.client, database.tables.workspace)
    module._workspace = module._stores = workspace
    facts = PulseFacts(database.client, database.tables.ledger)
    kept = KeptPulses(database.client, database.tables.contacts)
    module._pulses = Pulses(kept, facts, module._currency_of, map)
    module.ThreadPoolExecutor = lambda threads: nullcontext(_OneThread(threads))
    module.apply = partial(module.apply, pause=lambda _: None)
    module.count = lambda *_: None
    module.logger = _Quiet()
    handler = inspect.unwrap(module.handler)

    def consume(records: Records) -> list[str]:
        answer = handler({"Records": records}, None)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    return consume
