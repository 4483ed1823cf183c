"""The function that scores the Ledger's stream: batches, failures of single contacts, and records nobody can read."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from laurel.model.account import Audience, Store
from laurel.model.activity import Activity
from laurel.model.contact import ContactRef
from laurel.model.identity import contact_id
from laurel.model.order import OrderState, Refund
from laurel.model.scoring import (
    ORDER_PLACED,
    ORDER_REFUNDED,
    CapWindow,
    Condition,
    Operator,
    ScoredContact,
    ScoreEntry,
    ScoringRule,
)
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
from tests.support.memory import client_error
from tests.support.samples import ADA, ADA_ID, BOB, NOW, a_contact, a_store, an_order, at
from tests.support.stage import MemoryStage
from tests.support.steps import OPENED, PER_UNIT, SUBTRACT, a_rule
from tests.support.tables import Tables

BOB_ID = contact_id(BOB)
Records = list[dict[str, Any]]
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


def numbers(records: Records) -> list[str]:
    return [record["dynamodb"]["SequenceNumber"] for record in records]


@pytest.fixture
def consumer(monkeypatch: pytest.MonkeyPatch) -> Consumer:
    monkeypatch.setattr(metrics.provider, "namespace", "Laurel")
    stage = MemoryStage()
    return Consumer(load_function("ApplyFunction", monkeypatch, Tables(*stage.tables)), stage)


# ---- Batches ---------------------------------------------------------------------------------------------------------


def test_a_batch_is_one_write_a_contact(consumer: Consumer) -> None:
    # Given ten activities of Ada, one of Bob, and an order of each
    consumer.rule(a_rule(5, "opened"), *RULES[1:])
    for number in range(10):
        consumer.did(f"a{number}")
    consumer.did("b", BOB_ID)
    consumer.ordered("1", ADA)
    consumer.ordered("2", BOB)
    consumer.calls()

    # When they come in one batch
    assert consumer.run() == []

    # Then rules, store, audience, scores and pulses are read once, and of new buyers their orders; each contact's score
    # is written once, and once each when they last bought and opened something
    calls = {"query": 3, "get_item": 2, "batch_get_item": 2, "transact_write_items": 2, "put_item": 4}
    assert consumer.calls() == calls
    assert consumer.score() == 50 + 10 + 2 * 59
    assert consumer.score(BOB_ID) == 5 + 10 + 2 * 59


def test_what_no_rule_names_costs_nothing(consumer: Consumer) -> None:
    consumer.rule(a_rule(5, "page", conditions=(Condition("page", Operator.CONTAINS, ("/lamps",)),)))
    consumer.did("a1", name="email.delivered")
    consumer.did("a2", name="page.visited", page="/shoes")
    consumer.calls()

    # No request but the one for the rules
    assert consumer.run() == []
    assert consumer.calls() == {"query": 1}


def test_a_rule_may_ask_for_a_product_of_an_order(consumer: Consumer) -> None:
    product = Condition("product", Operator.EQUALS, ("lamp-2",))
    consumer.rule(a_rule(7, "lamp", activity=ORDER_PLACED, conditions=(product,)))
    consumer.ordered("1", products=("Lamp-1", "LAMP-2"))
    consumer.ordered("2", products=("Lamp-1",))
    consumer.ordered("3")

    assert consumer.run() == []

    assert consumer.given() == [("lamp", 7)]


def test_an_empty_batch_is_no_failure(consumer: Consumer) -> None:
    assert consumer.run([]) == []


def test_a_batch_that_comes_again_changes_nothing(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.did("a1")
    consumer.ordered()
    consumer.ordered(updated="2026-11-21", refunds={"r": 1990})
    batch = consumer.records()
    consumer.run(batch)
    before = consumer.given()

    for start in range(len(batch)):
        assert consumer.run(batch[start:]) == []

    assert consumer.given() == before == [("opened", 5), ("placed", 10), ("unit", 118), ("unit", -38), ("refunded", -1)]


def test_contacts_are_worked_on_at_the_same_time(consumer: Consumer, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given eight contacts, whose writes all wait until eight have begun
    consumer.rule(*RULES)
    ids = [contact_id(f"{number}@example.com") for number in range(8)]
    for id_ in ids:
        assert consumer.contacts.save(consumer.account, consumer.audience, a_contact(id=id_, email=id_))
        consumer.did("a1", id_)
    together = threading.Barrier(8, timeout=30)
    write = Scores.write

    def waiting(self: Scores, *arguments: Any) -> None:
        together.wait()
        write(self, *arguments)

    monkeypatch.setattr(Scores, "write", waiting)

    # When they come in one batch, none of them fails
    assert consumer.run() == []
    assert {consumer.score(id_) for id_ in ids} == {5}


def test_what_was_done_is_counted(consumer: Consumer, capsys: pytest.CaptureFixture[str]) -> None:
    consumer.rule(*RULES)
    consumer.did("a1")
    consumer.did("a2", name="ignored")
    consumer.ordered()

    consumer.run()

    (told,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert (told["ScoreEntries"], told["RecordsScored"], told["RecordsNotScored"]) == ([3.0], [3.0], [0.0])


# ---- Who is left out -------------------------------------------------------------------------------------------------


def test_customers_without_an_address_are_left_out(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.ordered("1", None, customer_id="77")
    consumer.ordered("2", None)
    consumer.calls()

    assert consumer.run() == []

    assert consumer.calls() == {}


def test_who_is_no_contact_is_left_out_and_nobody_is_made_one(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    stranger = contact_id("stranger@example.com")
    consumer.did("a1", stranger)
    consumer.did("a2")

    assert consumer.run() == []

    assert consumer.scores.read(consumer.account, consumer.audience, 1, stranger) is None
    assert consumer.score() == 5


def test_an_audience_that_is_not_there_is_left_alone(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    activity = Activity("a1", OPENED, NOW, {})
    elsewhere = "audiencebbbb"
    assert consumer.rules.save(consumer.account, elsewhere, RULES[0])
    assert consumer.ledger.record_activity(consumer.account, elsewhere, ADA_ID, activity)
    consumer.did("a2")

    assert consumer.run() == []

    assert consumer.score() == 5


# ---- Failures --------------------------------------------------------------------------------------------------------


def failing_for(monkeypatch: pytest.MonkeyPatch, *contacts: str) -> None:
    write = Scores.write

    def fails_for_some(self: Scores, contact: ScoredContact, folded: Any) -> None:
        if contact.contact in contacts:
            raise client_error("ProvisionedThroughputExceededException")
        write(self, contact, folded)

    monkeypatch.setattr(Scores, "write", fails_for_some)


def test_only_the_records_of_contacts_that_failed_come_again(consumer: Consumer) -> None:
    # Given Ada, whose score cannot be written just now
    consumer.rule(*RULES)
    for id_, contact in (("1", ADA_ID), ("2", BOB_ID), ("3", ADA_ID), ("4", BOB_ID)):
        consumer.did(id_, contact)
    batch = consumer.records()
    with pytest.MonkeyPatch.context() as monkeypatch:
        failing_for(monkeypatch, ADA_ID)

        # When the batch is delivered, then Bob's part is done
        assert sorted(consumer.run(batch)) == sorted(numbers([batch[0], batch[2]]))
    assert (consumer.score(), consumer.score(BOB_ID)) == (None, 10)

    # And Lambda, which goes back to the first that failed, brings the rest once more
    assert consumer.run(batch) == []
    assert (consumer.score(), consumer.score(BOB_ID)) == (10, 10)


def test_an_order_of_a_store_that_is_not_there_holds_up_its_contact_alone(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.ordered("1", ADA, replace(consumer.store, id="storebbbbbbb"))
    consumer.did("2")
    consumer.did("3", BOB_ID)
    batch = consumer.records()

    assert sorted(consumer.run(batch)) == sorted(numbers(batch[:2]))

    assert consumer.score(BOB_ID) == 5


@pytest.mark.parametrize("operation", ["query", "get_item", "batch_get_item"])
def test_an_audience_that_cannot_be_read_holds_up_no_other(consumer: Consumer, operation: str) -> None:
    # Given two audiences, and a request that fails for the first one
    consumer.rule(*RULES)
    other = Audience(consumer.account, "audiencebbbb", "Other", 1, NOW)
    consumer.workspace.save_audience(other)
    assert consumer.rules.save(consumer.account, other.id, RULES[0])
    assert consumer.contacts.save(consumer.account, other.id, a_contact())
    consumer.did("1")
    assert consumer.ledger.record_activity(consumer.account, other.id, ADA_ID, Activity("1", OPENED, NOW, {}))
    batch = consumer.records()
    failures = iter([client_error("InternalServerError")])

    def fails_once(name: str) -> None:
        if name == operation and (error := next(failures, None)):
            raise error

    consumer.stage.before = fails_once

    # When both have a record in the batch, then only the first one's comes again
    assert consumer.run(batch) == numbers(batch[:1])
    found = consumer.scores.read(consumer.account, other.id, 1, ADA_ID)
    assert found
    assert found.state.points == 5
    assert consumer.run(batch) == []
    assert consumer.score() == 5


POISON: dict[str, Any] = {
    "without an image": {"Keys": {"pk": {"S": "a#b#c"}, "sk": {"S": "activity#1"}}, "ApproximateCreationDateTime": 1.0},
    "without keys": {"NewImage": {}, "ApproximateCreationDateTime": 1.0},
    "without a time": {"Keys": {"pk": {"S": "a#b#c"}, "sk": {"S": "activity#1"}}, "NewImage": {}},
    "of a shorter partition": {
        "Keys": {"pk": {"S": "a#b"}, "sk": {"S": "order#s#1"}},
        "NewImage": {},
        "ApproximateCreationDateTime": 1.0,
    },
    "in a state nobody knows": {
        "Keys": {"pk": {"S": "a#b#c"}, "sk": {"S": "order#s#1"}},
        "NewImage": {"pk": {"S": "a#b#c"}, "sk": {"S": "order#s#1"}, "state": {"S": "lost"}},
        "ApproximateCreationDateTime": 1.0,
    },
    "with a time that is none": {
        "Keys": {"pk": {"S": "a#b#c"}, "sk": {"S": "activity#1"}},
        "NewImage": {"sk": {"S": "activity#1"}, "name": {"S": "x"}, "occurred_at": {"N": "soon"}},
        "ApproximateCreationDateTime": 1.0,
    },
}


def test_records_that_cannot_be_read_hold_up_nobody(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.did("a1")
    poison = [
        {"dynamodb": {**record, "SequenceNumber": f"poison {number}"}} for number, record in enumerate(POISON.values())
    ]

    failed = consumer.run([*poison[:3], *consumer.records(), *poison[3:]])

    assert sorted(failed) == numbers(poison)
    assert consumer.score() == 5


# ---- Orders, from the Ledger to the score ----------------------------------------------------------------------------


def test_an_order_refunded_in_parts_and_then_cancelled(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.ordered(total=10_000)
    consumer.run()
    assert consumer.score() == 210

    # Thirty euros less are sixty points less, and one for the refund as such
    consumer.ledger.record_refund(consumer.store, Refund("1", "r1", 3_000))
    consumer.run()
    assert consumer.score() == 149

    # A notice that comes again is no change
    assert not consumer.ledger.record_refund(consumer.store, Refund("1", "r1", 3_000))
    assert consumer.records() == []

    consumer.ordered(total=10_000, updated="2026-11-21", state=OrderState.CANCELLED)
    consumer.run()
    assert consumer.score() == 0
    assert consumer.given()[-2:] == [("placed", -10), ("unit", -139)]


def test_an_order_that_is_paid_later_earns_then(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.ordered(state=OrderState.PENDING)
    consumer.run()
    assert consumer.given() == []

    consumer.ordered(updated="2026-11-21")
    consumer.run()
    assert consumer.given() == [("placed", 10), ("unit", 118)]


def test_an_order_that_moves_takes_its_points_along(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.ordered()
    consumer.run()

    # When it turns out to be Bob's, and then Ada's after all, in one batch
    consumer.ordered(email=BOB, updated="2026-11-21")
    consumer.run()
    assert (consumer.score(), consumer.score(BOB_ID)) == (0, 128)
    consumer.ordered(updated="2026-11-22")
    consumer.run()

    assert (consumer.score(), consumer.score(BOB_ID)) == (128, 0)


def test_an_order_that_changes_its_time_is_placed_again(consumer: Consumer) -> None:
    # Given a rule for the first order of a day
    consumer.rule(a_rule(10, "placed", activity=ORDER_PLACED, cap=(1, CapWindow.DAY)))
    consumer.ordered("1", placed="2026-11-20T10:00:00")
    consumer.ordered("2", placed="2026-11-19T10:00:00")
    consumer.run()
    assert consumer.score() == 20

    # When the second turns out to be of the same day as the first
    consumer.ordered("2", placed="2026-11-20T11:00:00", updated="2026-11-21")
    consumer.run()

    # Then it gives back what it got, and the day it was not of is free
    assert consumer.score() == 10
    consumer.ordered("3", placed="2026-11-19T12:00:00")
    consumer.run()
    assert consumer.score() == 20


def test_all_that_became_of_an_order_may_come_in_one_batch(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.ordered(total=10_000)
    consumer.ordered(total=10_000, updated="2026-11-21", state=OrderState.CANCELLED)
    consumer.ordered(total=4_000, updated="2026-11-22")

    assert consumer.run() == []

    assert consumer.score() == 90
    assert [points for _, points in consumer.given()] == [10, 200, -10, -200, 10, 80]


# ---- Machines and resets ---------------------------------------------------------------------------------------------


def test_an_open_later_judged_a_machines_gives_its_points_back(consumer: Consumer) -> None:
    consumer.rule(a_rule(5, "opened", cap=(1, CapWindow.DAY)), a_rule(1, "whoever", counts_machines=True))
    consumer.did("a1")
    consumer.run()
    assert consumer.score() == 6

    assert consumer.evidence.mark_machine(ContactRef(consumer.account, consumer.audience, ADA_ID), "a1", "too_fast")
    batch = consumer.records()
    assert consumer.run(batch) == consumer.run(batch) == []
    assert consumer.given() == [("opened", 5), ("whoever", 1), ("opened", -5)]

    # And a person's open of that day counts
    consumer.did("a2")
    consumer.run()
    assert consumer.score() == 7


def test_a_judgement_in_the_batch_of_its_activity(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.did("a1")
    consumer.evidence.mark_machine(ContactRef(consumer.account, consumer.audience, ADA_ID), "a1", "too_fast")
    batch = consumer.records()

    for _ in range(3):
        assert consumer.run(batch) == []

    assert consumer.given() == [("opened", 5), ("opened", -5)]


def test_a_reset_between_two_batches(consumer: Consumer) -> None:
    # Given a capped rule that Ada has used up
    consumer.rule(a_rule(5, "opened", cap=(1, CapWindow.DAY)), *RULES[1:])
    consumer.did("a1")
    consumer.ordered()
    first = consumer.records()
    consumer.run(first)
    assert consumer.score() == 133

    # When all scores of the audience are reset
    assert consumer.workspace.reset_scores(consumer.account, consumer.audience) == 2
    assert consumer.score(epoch=2) is None

    # Then what came before does not come back, by whatever way
    consumer.run(first)
    consumer.ordered(updated="2026-11-21", state=OrderState.CANCELLED)
    consumer.run()
    assert consumer.score(epoch=2) is None

    # And what comes after starts from nothing
    consumer.did("a2")
    consumer.run()
    assert consumer.score(epoch=2) == 5


def test_a_rule_counts_from_when_it_is_there(consumer: Consumer) -> None:
    consumer.did("a1")
    consumer.run()
    consumer.rule(*RULES)

    consumer.did("a2")
    consumer.run()

    assert consumer.given() == [("opened", 5)]


def test_every_entry_explains_itself(consumer: Consumer) -> None:
    consumer.rule(*RULES)
    consumer.ordered()
    consumer.run()
    consumer.ordered(updated="2026-11-21", state=OrderState.CANCELLED)
    consumer.run()

    history = [entry for _, entry in consumer.scores.entries_of(consumer.account, consumer.audience, ADA_ID)]
    taken: ScoreEntry = next(entry for entry in history if entry.seq == 3)
    assert (taken.subject, taken.cause, taken.rule_id) == ("order:storeaaaaaaa:1", "2", "placed")
    assert (taken.activity, taken.reason, taken.corrects) == (ORDER_PLACED, "no_longer_a_purchase", True)
    assert taken.subject_at == at("2026-11-20T10:00:00")
    assert (taken.before, taken.after, taken.given) == (128, 118, -10)
