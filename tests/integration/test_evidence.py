"""Traces of messages are kept beside activities, and what a machine did is marked once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from laurel.ingestion.machines import MessageTrace
from laurel.model.account import Store
from laurel.model.activity import Activity
from laurel.model.contact import ContactRef
from laurel.store.evidence import Evidence
from laurel.store.ledger import Ledger
from tests.support.faults import client_error
from tests.support.samples import ADA_ID, at, seconds
from tests.support.stage import MemoryStage
from tests.support.tables import Database

MONDAY = at("2026-11-16T10:00:00.123")
SECOND = timedelta(seconds=1)
OPENED = Activity("a#1", "email.opened", MONDAY, {"message": "m1"})


@pytest.fixture
def ada(store: Store) -> ContactRef:
    return ContactRef(store.account_id, store.audience_id, ADA_ID)


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database.client, database.tables.ledger)


@pytest.fixture
def evidence(database: Database) -> Evidence:
    return Evidence(database.client, database.tables.ledger)


def history(ledger: Ledger, ref: ContactRef) -> list[object]:
    return [fact for _, fact in ledger.history_of(ref.account_id, ref.audience_id, ref.contact)]


def test_nothing_is_known_of_a_new_message(evidence: Evidence, ada: ContactRef) -> None:
    assert evidence.trace(ada, "m1") == MessageTrace()


def test_whoever_adds_a_sign_sees_all_that_were_added_before(evidence: Evidence, ada: ContactRef) -> None:
    # When a hit, a honeypot click and a delivery of a message are told
    first = evidence.add_hit(ada, "m#1", "a#1", MONDAY)
    second = evidence.add_honeypot(ada, "m#1", MONDAY + SECOND)
    third = evidence.add_delivery(ada, "m#1", MONDAY - SECOND)

    # Then each finds the ones before
    assert first == MessageTrace(hits={"a#1": MONDAY})
    assert second == MessageTrace(hits={"a#1": MONDAY}, honeypots=(MONDAY + SECOND,))
    assert third == replace(second, delivered_at=MONDAY - SECOND)
    assert evidence.trace(ada, "m#1") == third
    assert evidence.trace(ada, "m") == MessageTrace()
    assert evidence.trace(replace(ada, contact="another"), "m#1") == MessageTrace()


def test_of_several_deliveries_the_earliest_counts(evidence: Evidence, ada: ContactRef) -> None:
    assert evidence.add_delivery(ada, "m1", MONDAY).delivered_at == MONDAY
    assert evidence.add_delivery(ada, "m1", MONDAY + SECOND).delivered_at == MONDAY
    assert evidence.add_delivery(ada, "m1", MONDAY - SECOND).delivered_at == MONDAY - SECOND


def test_a_trace_is_forgotten_with_its_activities(database: Database, evidence: Evidence, ada: ContactRef) -> None:
    evidence.add_delivery(ada, "m1", MONDAY)

    item = database.client.get_item(
        TableName=database.tables.ledger,
        Key={"pk": {"S": f"{ada.account_id}#{ada.audience_id}#{ADA_ID}"}, "sk": {"S": "delivery#m1"}},
    )["Item"]

    assert item["expires_at"] == {"N": str(seconds("2027-12-21T10:00:00"))}


def test_a_trace_is_no_part_of_a_persons_history(evidence: Evidence, ledger: Ledger, ada: ContactRef) -> None:
    evidence.add_hit(ada, "m1", "a1", MONDAY)

    assert history(ledger, ada) == []


def test_an_activity_is_marked_once(evidence: Evidence, ledger: Ledger, ada: ContactRef) -> None:
    ledger.record_activity(ada.account_id, ada.audience_id, ada.contact, OPENED)

    assert evidence.mark_machine(ada, "a#1", "judged", "The office firewall")
    assert evidence.mark_machine(ada, "a#1", "too_fast") is False

    assert history(ledger, ada) == [replace(OPENED, machine="judged", machine_note="The office firewall")]


def test_an_unknown_activity_is_not_marked(evidence: Evidence, ledger: Ledger, ada: ContactRef) -> None:
    assert evidence.mark_machine(ada, "a1", "judged") is None

    assert history(ledger, ada) == []


def test_what_is_marked_is_still_the_same_activity(evidence: Evidence, ledger: Ledger, ada: ContactRef) -> None:
    marked = replace(OPENED, machine="honeypot")

    assert ledger.record_activity(ada.account_id, ada.audience_id, ada.contact, marked)
    assert not ledger.record_activity(ada.account_id, ada.audience_id, ada.contact, OPENED)

    assert history(ledger, ada) == [marked]


def test_a_mark_reaches_the_stream_as_a_change() -> None:
    stage = MemoryStage()
    ledger = Ledger(stage.client, stage.tables.ledger)
    ledger.record_activity("account", "audience", ADA_ID, OPENED)

    Evidence(stage.client, stage.tables.ledger).mark_machine(
        ContactRef("account", "audience", ADA_ID), "a#1", "too_fast"
    )

    record = stage.records[-1]
    assert record["eventName"] == "MODIFY"
    assert "machine" not in record["dynamodb"]["OldImage"]
    assert record["dynamodb"]["NewImage"]["machine"] == {"S": "too_fast"}


def test_other_errors_are_the_callers_to_handle() -> None:
    stage = MemoryStage()
    evidence, ada = Evidence(stage.client, stage.tables.ledger), ContactRef("account", "audience", ADA_ID)

    def fails(operation: str) -> None:
        raise client_error("InternalServerError", operation)

    stage.before = fails
    with pytest.raises(ClientError, match="InternalServerError"):
        evidence.add_delivery(ada, "m1", MONDAY)
    with pytest.raises(ClientError, match="InternalServerError"):
        evidence.mark_machine(ada, "a1", "judged")
