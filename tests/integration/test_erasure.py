"""Forgetting a person or a store: nothing of them is left, nothing of others is lost, and nobody comes back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from laurel.ingestion.record import Outcome
from laurel.model.contact import ConsentStatus
from laurel.model.job import Job, JobKind, JobState
from laurel.model.order import Deletion, Refund
from laurel.model.privacy import SETTLING, ErasureState
from laurel.model.scoring import ORDER_PLACED, Trigger, order_subject
from laurel.model.suppression import SuppressionReason
from laurel.scoring.apply import Outrun
from laurel.scoring.fold import fold
from laurel.store.jobs import Jobs
from laurel.store.suppressions import Suppressions
from tests.support.erasing import BOB_ID, NAME, WORDS, YESTERDAY, an_office, left_of_store, live, of_person, of_store
from tests.support.office import RULES, Office
from tests.support.samples import ADA, ADA_ID, BOB, NOW, a_contact, an_order, at

if TYPE_CHECKING:
    from tests.support.tables import Database


@pytest.fixture
def office(database: Database) -> Office:
    return an_office(database)


def test_nothing_is_left_of_a_person_and_everything_of_others(office: Office) -> None:
    # Given two people of whom much is known
    live(office)
    others = {json.dumps(item, sort_keys=True) for item in office.items() if BOB_ID in item["pk"]["S"]}
    board = office.board()

    # When one is forgotten
    done = office.erase(of_person(office))

    # Then no table says her address or name, the board is the same without her, and the other's items are untouched
    assert done.state is ErasureState.DONE
    assert office.traces_of(*WORDS) == []
    assert office.board() == {customer: row for customer, row in board.items() if customer != ADA_ID}
    assert office.board(office.other) == {}
    assert others <= {json.dumps(item, sort_keys=True) for item in office.items()}
    (job,) = [item for item in office.items() if item["sk"]["S"].startswith("job#")]
    assert [it["email"] for it in json.loads(job["result"]["S"])["rising"]["contacts"]] == [BOB]
    kept = Suppressions(office.client, office.tables.workspace).suppression(office.store.account_id, ADA)
    assert (kept and kept.email, kept and kept.reason) == (None, SuppressionReason.COMPLAINT)


def test_the_receipt_counts_what_was_removed_and_names_nobody(office: Office) -> None:
    live(office)

    done = office.erase(of_person(office))

    removed = dict(done.removed)
    assert removed.pop("ranking_rows") > 5
    assert removed == {
        "activities": 1,
        "alerts": 2,
        "automation_runs": 1,
        "automation_states": 1,
        "deliveries": 1,
        "job_results": 1,
        "kept_answers": 1,
        "message_contents": 1,
        "messages": 1,
        "order_corrections": 5,
        "orders": 7,
        "profiles": 1,
        "pulses": 1,
        "score_entries": 2,
        "signals": 1,
        "suppressed_addresses": 1,
        "unreadable_deliveries": 2,
    }
    assert done.finished_at
    assert done.finished_at - done.created_at >= SETTLING


def test_what_is_left_of_a_person_are_marks(office: Office) -> None:
    live(office)

    office.erase(of_person(office))

    left = [item for item in office.items() if item["pk"]["S"].endswith(ADA_ID)]
    assert {frozenset(item) for item in left} == {
        frozenset({"pk", "sk", "erased_at", "version"}),
        frozenset({"pk", "sk", "erased_at", "state", "placed_at", "changes"}),
        frozenset({"pk", "sk", "state", "placed_at", "changes", "moved_to", "revision"}),
    }


def test_facts_from_before_bring_nobody_back(office: Office) -> None:
    # Given somebody who is forgotten
    live(office)
    office.erase(of_person(office))
    items = office.items()

    # When everything about her is delivered again, newer versions and what had never come among it
    told = {"email": ADA, "name": NAME}
    late = "2026-11-23T00:00:00"
    outcomes = [
        office.order("1", **told, placed=YESTERDAY),
        office.order("1", **told, placed=YESTERDAY, updated=late),
        office.order("1", email=None, name=NAME, placed=YESTERDAY, updated=late),
        office.order("99", **told, placed=YESTERDAY, updated=late),
        office.order("98", **told, placed=YESTERDAY, test=True),
        office.visit("v-a", ADA, at(YESTERDAY)),
        office.visit("v-9", ADA, at(YESTERDAY)),
    ]
    changed = [
        office.ledger.record_refund(office.store, Refund("1", "r9", 1)),
        office.ledger.record_deletion(office.store, Deletion("2", at(late))),
        office.ledger.record_deletion(office.store, Deletion("2", None)),
    ]

    # Then nothing changes
    assert set(outcomes) <= {Outcome.IGNORED, Outcome.UNCHANGED}
    assert changed == [False, False, False]
    assert office.items() == items


def test_a_new_purchase_begins_anew(office: Office) -> None:
    live(office)
    office.erase(of_person(office))

    office.now += timedelta(days=1)
    placed = office.now.isoformat()
    assert office.order("100", email=ADA, name="Ada Neu", placed=placed, total=42) is Outcome.ACCEPTED
    assert office.visit("v-new", ADA, office.now) is Outcome.ACCEPTED

    assert office.board()[ADA_ID] == (1, 42)
    contact = office.contacts.contact(office.store.account_id, office.audience.id, ADA_ID)
    assert contact
    assert (contact.name, contact.score, contact.status) == ("Ada Neu", 5, ConsentStatus.NON_SUBSCRIBED)
    assert office.traces_of("zwölfnagel") == []
    # What happened before her return still gives nothing, and can't be brought back
    placed_before = Trigger(order_subject(office.store.id, "1"), "1", ORDER_PLACED, at(YESTERDAY), {})
    assert office.score(ADA_ID, placed_before) == 0
    assert office.order("99", email=ADA, name=NAME, placed=YESTERDAY) is Outcome.IGNORED
    assert office.traces_of("zwölfnagel") == []


def test_what_comes_between_the_first_and_the_second_time_stays(office: Office) -> None:
    live(office)
    erasure = of_person(office)
    office.first_time(erasure)
    office.now += timedelta(minutes=1)
    placed = office.now.isoformat()
    office.order("100", email=ADA, name="Ada Neu", placed=placed, total=42)
    office.visit("v-new", ADA, office.now)

    done = office.finish(erasure)

    assert done.state is ErasureState.DONE
    assert office.board()[ADA_ID] == (1, 42)
    contact = office.contacts.contact(office.store.account_id, office.audience.id, ADA_ID)
    assert contact
    assert contact.score == 5
    assert office.traces_of("zwölfnagel") == []


def test_whoever_had_begun_to_write_is_outlasted(office: Office) -> None:
    # Given writers that had looked before somebody was forgotten, and write after that
    live(office)
    erasure = of_person(office)
    office.first_time(erasure)
    order = an_order("97", email=ADA, buyer=an_order(email=ADA, name=NAME).buyer, placed=YESTERDAY)
    assert office.ledger.record_order(office.store, order, None)
    office.project(ADA_ID)
    office.evidence.add_hit(office.ref(ADA_ID), "m1", ADA, at(YESTERDAY))
    assert office.traces_of(*WORDS)

    # When the erasure looks a second time
    done = office.finish(erasure)

    # Then nothing is left, and the receipt counts it
    assert office.traces_of(*WORDS) == []
    assert ADA_ID not in office.board()
    assert done.removed["orders"] == 8


def test_a_score_read_before_is_not_written_after(office: Office) -> None:
    office.contacts.save(office.store.account_id, office.audience.id, a_contact())
    before = office.scores.read(office.store.account_id, office.audience.id, 1, ADA_ID)
    office.erase(of_person(office))
    office.now += timedelta(days=1)
    office.order("100", email=ADA, placed=office.now.isoformat())
    assert before

    visited = Trigger("activity:v", "", "page.visited", at(YESTERDAY), {})
    with pytest.raises(Outrun):
        office.scores.write(before, fold(before.state, [visited], RULES))


def test_a_customer_without_an_address_is_forgotten_in_one_store(office: Office) -> None:
    # Given customers whom two shops know by the same number
    buyer = {"email": None, "customer_id": "7", "placed": YESTERDAY}
    office.order("1", **buyer, name=NAME)
    office.order("2", store=office.other, **buyer, name="Cleo Clay")
    board = office.board(office.other)

    # When one shop asks to forget its own
    done = office.erase(of_person(office, "customer-7", store_id=office.store.id))

    # Then the other keeps who is another
    assert done.removed["orders"] == 1
    assert office.traces_of("zwölfnagel") == []
    assert office.board() == {}
    assert office.board(office.other) == board
    assert office.order("3", **buyer, name=NAME) is Outcome.IGNORED
    assert office.order("4", store=office.other, **buyer, name="Cleo Clay") is Outcome.ACCEPTED
    assert office.order("5", email=None, customer_id="7", placed="2026-12-01T00:00:00") is Outcome.ACCEPTED


def test_an_order_of_nobody_is_forgotten(office: Office) -> None:
    office.order("1", email=None, name=NAME, placed=YESTERDAY)

    done = office.erase(of_person(office, "unidentified-1"))

    assert done.removed == {"orders": 1}
    assert office.traces_of("zwölfnagel") == []
    assert (
        office.order("1", email=None, name=NAME, placed=YESTERDAY, updated="2026-12-01T00:00:00") is Outcome.UNCHANGED
    )


def test_a_house_account_is_forgotten_with_all_its_rows(office: Office) -> None:
    store = office.workspace.store(office.store.account_id, office.store.id)
    assert store
    assert office.workspace.save_store(replace(store, house_account_orders=2))
    for number in range(4):
        office.order(str(number), email=ADA, name=NAME, placed=YESTERDAY)

    office.erase(of_person(office))

    assert office.traces_of(*WORDS) == []


def test_a_job_under_way_that_holds_somebody_is_waited_for(office: Office) -> None:
    # Given a job whose place in the list of contacts is somebody's
    live(office)
    jobs = Jobs(office.client, office.tables.workspace)
    job = Job(office.store.account_id, office.audience.id, "job2", JobKind.VERIFY, NOW, NOW, state=JobState.RUNNING)
    running = jobs.save(replace(job, place={"after": {"list_sk": ADA}}))
    erasure = of_person(office)
    office.first_time(erasure)
    office.now += SETTLING

    # When the erasure looks a second time, the job is still there; it is waited for until it has gone on
    again = office.eraser.work(erasure.account_id, erasure.id)
    assert again
    assert again.after == SETTLING
    assert running
    assert jobs.save(replace(running, place={"after": {"list_sk": BOB}}))

    assert office.finish(erasure).state is ErasureState.DONE
    assert office.traces_of(*WORDS) == []


def test_a_store_is_forgotten_with_whoever_is_known_from_nowhere_else(office: Office) -> None:
    # Given a store of two people, one of whom is a customer of another as well
    live(office)
    other = [json.dumps(item, sort_keys=True) for item in office.items() if office.other.id in item["pk"]["S"]]
    board = office.board(office.other)

    # When the store is forgotten
    done = office.erase(of_store(office))

    # Then nothing of it is left but that it was, and nothing of Bob; Ada is known to the other store
    assert done.state is ErasureState.DONE
    assert done.removed["orders"] >= 8
    assert done.removed["profiles"] == 1
    assert office.traces_of(BOB, "bob berg") == []
    left = left_of_store(office)
    assert [item["sk"]["S"] for item in left] == [f"store#{office.store.id}"]
    assert office.store.secrets[0].value not in str(left)
    assert office.workspace.store(office.store.account_id, office.store.id) is None
    assert office.workspace.stores(office.store.account_id) == [replace(office.other, version=1)]
    assert office.board(office.other) == board
    assert set(other) <= {json.dumps(item, sort_keys=True) for item in office.items()}
    assert office.contacts.contact(office.store.account_id, office.audience.id, ADA_ID)


def test_projections_of_a_forgotten_store_write_nothing(office: Office) -> None:
    live(office)
    office.erase(of_store(office))
    items = office.items()

    office.project(ADA_ID)

    assert office.items() == items


def test_late_writes_to_a_forgotten_store_are_removed_the_second_time(office: Office) -> None:
    live(office)
    erasure = of_store(office)
    office.first_time(erasure)
    order = an_order("97", email=ADA, buyer=an_order(email=ADA, name=NAME).buyer, placed=YESTERDAY)
    assert office.ledger.record_order(office.store, order, None)

    done = office.finish(erasure)

    left = left_of_store(office)
    assert [item["sk"]["S"] for item in left] == [f"store#{office.store.id}"]
    assert done.state is ErasureState.DONE
