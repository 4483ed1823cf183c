"""The function that scores the Ledger's stream as it is deployed, on tables in memory, and what writes into them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from laurel.model.account import Audience, Store
from laurel.model.activity import Activity
from laurel.model.identity import contact_id
from laurel.model.scoring import ORDER_PLACED, ORDER_REFUNDED, CapWindow, ScoringRule
from laurel.scoring.pulses import Pulses
from laurel.store.contacts import Contacts
from laurel.store.evidence import Evidence
from laurel.store.ledger import Ledger
from laurel.store.pulses import KeptPulses, PulseFacts
from laurel.store.scores import Scores
from laurel.store.scoring_rules import ScoringRules
from laurel.store.workspace import RememberedStores, Workspace
from laurel.telemetry import metrics
from tests.support.api import Context
from tests.support.functions import load_function
from tests.support.samples import ADA, ADA_ID, BOB, NOW, a_contact, a_store, an_order, at
from tests.support.stage import MemoryStage
from tests.support.steps import OPENED, PER_UNIT, SUBTRACT, a_rule
from tests.support.tables import Tables

if TYPE_CHECKING:
    from types import ModuleType

    import pytest

    from tests.support.consumer import Records

BOB_ID = contact_id(BOB)
RULES = [
    a_rule(5, "opened", cap=(3, CapWindow.DAY)),
    a_rule(10, "placed", activity=ORDER_PLACED),
    a_rule(2, "unit", activity=ORDER_PLACED, kind=PER_UNIT),
    a_rule(1, "refunded", activity=ORDER_REFUNDED, kind=SUBTRACT),
]


class Consumer:
    """The deployed function on tables in memory, and what writes into them."""

    def __init__(self, module: ModuleType, stage: MemoryStage) -> None:
        self.module: Any = module
        self.stage = stage
        self.store = a_store()
        self.account, self.audience = self.store.account_id, self.store.audience_id
        client, tables = stage.client, stage.tables
        self.ledger = Ledger(client, tables.ledger)
        self.evidence = Evidence(client, tables.ledger)
        self.scores = Scores(client, tables.contacts)
        self.contacts = Contacts(client, tables.contacts)
        self.workspace = Workspace(client, tables.workspace)
        self.rules = ScoringRules(client, tables.workspace)
        self.workspace.save_audience(Audience(self.account, self.audience, "Newsletter", 1, NOW))
        self.workspace.save_store(self.store)
        for id_, email in ((ADA_ID, ADA), (BOB_ID, BOB)):
            assert self.contacts.save(self.account, self.audience, a_contact(id=id_, email=email))
        self.seen = 0
        self.module._scores, self.module._rules = self.scores, self.rules
        self.module._workspace, self.module._stores = self.workspace, RememberedStores(self.workspace)
        facts = PulseFacts(client, tables.ledger)
        self.module._pulses = Pulses(KeptPulses(client, tables.contacts), facts, self.module._currency_of)

    def rule(self, *rules: ScoringRule) -> None:
        for rule in rules:
            assert self.rules.save(self.account, self.audience, rule)

    def did(self, id_: str, contact: str = ADA_ID, name: str = OPENED, **properties: Any) -> None:
        activity = Activity(id_, name, at("2026-11-20T10:00:00"), properties)
        assert self.ledger.record_activity(self.account, self.audience, contact, activity)

    def ordered(self, id_: str = "1", email: str | None = ADA, store: Store | None = None, **changes: Any) -> None:
        order = an_order(id_, email=email, **changes)
        store = store or self.store
        assert self.ledger.record_order(store, order, self.ledger.owners_of(store, [id_]).get(id_))

    def records(self) -> Records:
        """What the stream tells that it has not told before."""
        new, self.seen = self.stage.records[self.seen :], len(self.stage.records)
        return [it for it in new if it["dynamodb"]["Keys"]["sk"]["S"].startswith(("order#", "activity#"))]

    def run(self, records: Records | None = None) -> list[str]:
        """Hand over a batch; gives the sequence numbers of records that shall come again."""
        answer = self.module.handler({"Records": self.records() if records is None else records}, Context())
        assert list(answer) == ["batchItemFailures"]
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def score(self, contact: str = ADA_ID, epoch: int = 1) -> int | None:
        found = self.scores.read(self.account, self.audience, epoch, contact)
        assert found
        return found.state.points

    def given(self, contact: str = ADA_ID) -> list[tuple[str, int]]:
        """Rules and points of a contact's entries, in the order in which they were written."""
        entries = [entry for _, entry in self.scores.entries_of(self.account, self.audience, contact)]
        return [(entry.rule_id, entry.given) for entry in sorted(entries, key=lambda it: it.seq)]

    def calls(self) -> Counter[str]:
        """Requests since the last time this was asked."""
        calls: list[str] = self.stage.client.calls  # type: ignore[attr-defined]
        counted = Counter(calls)
        calls.clear()
        return counted


def a_consumer(monkeypatch: pytest.MonkeyPatch) -> Consumer:
    """The function as it is deployed, on tables that hold two contacts without scores."""
    monkeypatch.setattr(metrics.provider, "namespace", "Laurel")
    stage = MemoryStage()
    return Consumer(load_function("ApplyFunction", monkeypatch, Tables(*stage.tables)), stage)
