"""The function that scores the Ledger's stream: batches, failures of single contacts, and records nobody can read."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from laurel.model.account import Audience
from laurel.model.activity import Activity
from laurel.model.identity import contact_id
from laurel.model.scoring import ORDER_PLACED, Condition, Operator, ScoredContact
from laurel.store.scores import Scores
from tests.support.deployed_consumer import BOB_ID, RULES, Consumer, a_consumer
from tests.support.faults import client_error
from tests.support.samples import ADA, ADA_ID, BOB, NOW, a_contact
from tests.support.steps import OPENED, a_rule

if TYPE_CHECKING:
    from tests.support.consumer import Records


def numbers(records: Records) -> list[str]:
    return [record["dynamodb"]["SequenceNumber"] for record in records]


@pytest.fixture
def consumer(monkeypatch: pytest.MonkeyPatch) -> Consumer:
    return a_consumer(monkeypatch)


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
